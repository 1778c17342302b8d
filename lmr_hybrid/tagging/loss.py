"""What training makes small: the cross-entropy of the tags, from annotated spans and from a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

from lmr_hybrid.corpora import spans_to_bioes
from lmr_hybrid.tagging.examples import Example

if TYPE_CHECKING:
    import torch

    from lmr_hybrid.tagging.tagger import Tagger

#: How much of the loss is the teacher's where an example has targets (Hinton et al., 2015; temperature 1).
_TEACHERS_SHARE = 0.7


def tagging_loss(tagger: Tagger, examples: Sequence[Example]) -> torch.Tensor:
    """Return the mean loss a token of a batch, a scalar in float32 that can be differentiated."""
    import torch
    from torch.nn.functional import cross_entropy

    network = tagger.network
    tensor, lengths = network._prepare_tensors(
        [tagger.prepare(example.tokens, example.matches) for example in examples]
    )
    scores = network.forward(tensor, lengths).float()
    numbers = {tag: number for number, tag in enumerate(tagger.tags)}
    gold = [numbers[tag] for example in examples for tag in spans_to_bioes(example.spans, len(example.tokens))]
    losses = cross_entropy(scores, torch.tensor(gold, device=scores.device), reduction="none")
    if any(example.targets is not None for example in examples):
        targets, taught = _targets(examples, len(tagger.tags))
        soft = cross_entropy(scores, torch.from_numpy(targets).to(scores.device), reduction="none")
        share = torch.from_numpy(taught * _TEACHERS_SHARE).to(scores.device)
        losses = losses * (1 - share) + soft * share
    weights = torch.from_numpy(numpy.concatenate([_weights(example) for example in examples])).to(scores.device)
    mean: torch.Tensor = (losses * weights).sum() / weights.sum().clamp(min=1)
    return mean


def _weights(example: Example) -> NDArray[numpy.float32]:
    return numpy.ones(len(example.tokens), numpy.float32) if example.weights is None else example.weights


def _targets(examples: Sequence[Example], tags: int) -> tuple[NDArray[numpy.float32], NDArray[numpy.float32]]:
    """Return all targets, shape (tokens, tags), zeros where there are none, and for each token whether there are."""
    rows = [
        numpy.zeros((len(example.tokens), tags), numpy.float32) if example.targets is None else example.targets
        for example in examples
    ]
    taught = [numpy.full(len(example.tokens), example.targets is not None, numpy.float32) for example in examples]
    return numpy.concatenate(rows, dtype=numpy.float32), numpy.concatenate(taught)
