"""What training makes small: the cross-entropy of the tags, from annotated spans and from a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

from lmr_hybrid.corpora import spans_to_bioes
from lmr_hybrid.tagging.examples import Example
from lmr_hybrid.tagging.preprocessing import View

if TYPE_CHECKING:
    import torch

    from lmr_hybrid.tagging.tagger import Tagger


def tagging_loss(
    tagger: Tagger, examples: Sequence[Example], *, label_smoothing: float = 0.0, teachers_share: float = 0.7
) -> torch.Tensor:
    """Return the mean loss a token of a batch, a scalar in float32 that can be differentiated.

    `label_smoothing` is the share of each annotated tag's probability that is spread evenly over all tags (Szegedy et
    al., CVPR 2016); a teacher's probabilities stay as they are. Where an example has targets, `teachers_share` of its
    loss is theirs (Hinton et al., 2015; temperature 1).
    The loss is that of the tokens which the encoder is shown; a hashtag in parts is not learnt from a teacher.
    """
    import torch
    from torch.nn.functional import cross_entropy

    network = tagger.network
    prepared = [tagger.prepare(example.tokens, example.matches) for example in examples]
    tensor, lengths = network._prepare_tensors([sentence for sentence, _ in prepared])
    scores = network.forward(tensor, lengths).float()
    numbers = {tag: number for number, tag in enumerate(tagger.tags)}
    shown = [(example, view) for example, (_, view) in zip(examples, prepared, strict=True)]
    tags = [tag for example, view in shown for tag in spans_to_bioes(view.project(example.spans), len(view.shown))]
    answers = torch.tensor([numbers[tag] for tag in tags], device=scores.device)
    losses = cross_entropy(scores, answers, reduction="none", label_smoothing=label_smoothing)
    if any(example.targets is not None for example in examples):
        targets, taught = _targets(shown, len(tagger.tags))
        soft = cross_entropy(scores, torch.from_numpy(targets).to(scores.device), reduction="none")
        share = torch.from_numpy(taught * numpy.float32(teachers_share)).to(scores.device)
        losses = losses * (1 - share) + soft * share
    weights = torch.from_numpy(numpy.concatenate([_weights(example, view) for example, view in shown])).to(
        scores.device
    )
    mean: torch.Tensor = (losses * weights).sum() / weights.sum().clamp(min=1)
    return mean


def _weights(example: Example, view: View) -> NDArray[numpy.float32]:
    if example.weights is None:
        return numpy.ones(len(view.shown), numpy.float32)
    return example.weights[list(view.origins)]


def _targets(shown: Sequence[tuple[Example, View]], tags: int) -> tuple[NDArray[numpy.float32], NDArray[numpy.float32]]:
    """Return all targets, shape (tokens, tags), zeros where there are none, and for each token whether there are."""
    rows, taught = [], []
    for example, view in shown:
        if example.targets is None:
            rows.append(numpy.zeros((len(view.shown), tags), numpy.float32))
            taught.append(numpy.zeros(len(view.shown), numpy.float32))
        else:
            rows.append(example.targets[list(view.origins)])
            taught.append(view.is_whole().astype(numpy.float32))
    return numpy.concatenate(rows, dtype=numpy.float32), numpy.concatenate(taught)
