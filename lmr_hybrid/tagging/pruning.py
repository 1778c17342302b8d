"""A trained model with fewer neurons in its feed-forward layers: nearly the same answers, in less time.

Neurons go one by one, each time the one whose part the others can best take over, and what each of the rest passes on
is fitted anew to what the whole layer passed on of given messages: the "optimal brain surgeon" of Hassibi and Stork
(NeurIPS 1992) for whole neurons, as in Kurtić, Frantar and Alistarh, ZipLM: Inference-Aware Structured Pruning of
Language Models (NeurIPS 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray
from tqdm import tqdm

from gazetteer import Gazetteer
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import ModelNotPrunable
from lmr_hybrid.tagging.architectures import ARCHITECTURES, ArchitectureNames
from lmr_hybrid.tagging.examples import Example, make_examples
from lmr_hybrid.tagging.model_card import pruned_model_card
from lmr_hybrid.tagging.model_folder import WEIGHTS_FILE, read_model
from lmr_hybrid.tagging.model_output import check_new_model, new_model
from lmr_hybrid.tagging.tagger import Tagger

if TYPE_CHECKING:
    import torch

_Matrix = NDArray[numpy.float64]
_BATCH = 64
#: About so many messages tell as much as all.
_MOST_MESSAGES = 6_000
#: Added to what neurons have in common with themselves, as a share of its mean, so that fewer messages than neurons do.
_DAMPING = 1e-4


def prune_model(
    folder: Path,
    output: Path,
    *,
    neurons: int,
    messages: Sequence[Message],
    gazetteer: Gazetteer,
    report: Callable[[str], object] = lambda _line: None,
) -> None:
    """Write a model with `neurons` in each feed-forward layer into the folder `output`, which must be new or empty.

    `messages` are like those to come; only their texts matter, and what `gazetteer` knows of them. Settings and
    thresholds stay; scores and calibration are those of another model and go. `report` is told a line a layer.
    Raises `ModelNotFound`, `ModelFormatMismatch`, `ModelCorrupt`, `RuntimeNotFound` for an exported model,
    `ModelNotPrunable` for an architecture that is not known, where there are no more neurons or no word to go by, and
    `OutputError`.
    """
    check_new_model(output)
    model = read_model(folder)
    tagger = Tagger.load(folder)
    configuration = tagger.encoder.model.config
    names = _names(configuration.model_type, folder)
    before = getattr(configuration, names.neurons)
    if not 0 < neurons < before:
        problem = f"has {before} neurons in each layer"
        raise ModelNotPrunable(folder, problem, f"Give from 1 to {before - 1} of them to keep, not {neurons}")
    examples = make_examples(messages[:: max(1, len(messages) // _MOST_MESSAGES)], gazetteer)
    if not examples:
        raise ModelNotPrunable(folder, "needs messages to go by, and none has a word", "Give some like those to come")
    layers = tagger.encoder.model.get_submodule(names.layer)
    for number, layer in enumerate(layers, start=1):
        inner, outer = layer.get_submodule(names.inner), layer.get_submodule(names.outer)
        # Of what the layers before, which are pruned already, make of the messages.
        moments = _second_moments(tagger, outer, examples, f"layer {number}/{len(layers)}")
        passed_on = numpy.vstack([_values(outer.weight).T, _values(outer.bias)]).astype(numpy.float64)
        kept = choose_neurons(moments, passed_on, neurons)
        fitted, lost = fit(moments, passed_on, kept)
        _keep(inner, outer, kept, fitted)
        report(f"layer {number}/{len(layers)}  {before} neurons -> {neurons}  {lost:.2%} of what varied is lost")
    setattr(configuration, names.neurons, neurons)
    with new_model(output) as built:
        tagger.save(built, thresholds=model.thresholds)
        source = (folder.name, model.files[WEIGHTS_FILE])
        card = pruned_model_card(source, before=before, neurons=neurons, tagger=tagger.config)
        (built / "README.md").write_text(card, encoding="utf-8")


def choose_neurons(moments: _Matrix, passed_on: _Matrix, count: int) -> NDArray[numpy.intp]:
    """Return the numbers of the neurons to keep, rising.

    `moments` are the means of the products of any two neurons' values, shape (n + 1, n + 1); the last is a constant 1,
    whose row of `passed_on`, shape (n + 1, size), is the bias. Of the inverse H of the moments, a neuron costs the
    square of what it passes on over its entry on the diagonal of H; once it is gone, the others pass on what it did as
    far as they can, and H is that of them.
    """
    inverse, rows = numpy.linalg.inv(moments), passed_on.copy()
    alive = numpy.ones(len(rows), bool)
    for _ in tqdm(range(len(rows) - 1 - count), desc="choosing", unit=" neurons", leave=False, disable=None):
        costs = numpy.full(len(rows), numpy.inf)
        costs[alive] = (rows[alive] ** 2).sum(axis=1) / inverse.diagonal()[alive]
        costs[-1] = numpy.inf
        gone = int(costs.argmin())
        column = inverse[:, gone] / inverse[gone, gone]
        rows -= numpy.outer(column, rows[gone])
        inverse -= numpy.outer(column, inverse[gone])
        alive[gone] = False
    return numpy.flatnonzero(alive[:-1])


def fit(moments: _Matrix, passed_on: _Matrix, kept: NDArray[numpy.intp]) -> tuple[_Matrix, float]:
    """Return what the kept neurons and the constant pass on instead, by least squares, and the share that is lost.

    The share is of the variance of what all of them pass on; the mean, which the constant can give, is never lost.
    """
    rows = [*kept, len(moments) - 1]
    fitted = numpy.linalg.solve(moments[numpy.ix_(rows, rows)], moments[rows] @ passed_on)
    difference = passed_on.copy()
    difference[rows] -= fitted
    varies = (passed_on * (moments @ passed_on)).sum() - ((moments[-1] @ passed_on) ** 2).sum()
    lost = (difference * (moments @ difference)).sum() / varies
    return fitted.astype(numpy.float64, copy=False), float(lost)


def _names(kind: str, folder: Path) -> ArchitectureNames:
    if kind not in ARCHITECTURES:
        problem = f"has an encoder of the architecture {kind}"
        raise ModelNotPrunable(folder, problem, f"Those that can be pruned are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[kind]


def _second_moments(tagger: Tagger, outer: torch.nn.Linear, examples: Sequence[Example], description: str) -> _Matrix:
    """Return the damped means of the products of any two neurons' values over the word pieces of all messages."""
    sums = numpy.zeros((outer.in_features + 1, outer.in_features + 1))
    ordered = sorted(examples, key=lambda example: len(example.tokens))
    with _watched(tagger.encoder.model, outer) as seen:
        for start in tqdm(range(0, len(ordered), _BATCH), desc=description, unit=" batches", disable=None):
            tagger.predict([(example.tokens, example.matches) for example in ordered[start : start + _BATCH]])
            values = numpy.concatenate(seen).astype(numpy.float64)
            seen.clear()
            values = numpy.hstack([values, numpy.ones((len(values), 1))])
            sums += values.T @ values
    moments: _Matrix = sums / sums[-1, -1]
    moments[numpy.diag_indices_from(moments)] += _DAMPING * moments.diagonal().mean()
    return moments


@contextmanager
def _watched(encoder: torch.nn.Module, outer: torch.nn.Linear) -> Iterator[list[NDArray[numpy.float32]]]:
    """Yield a list of what `outer` is given of each batch of texts, without padding, shape (pieces, neurons)."""
    seen: list[NDArray[numpy.float32]] = []
    masks: list[torch.Tensor] = []

    def keep_mask(_: Any, __: Any, keywords: dict[str, Any]) -> None:
        masks[:] = [keywords["attention_mask"].bool()]

    def keep_values(_: Any, given: tuple[torch.Tensor, ...]) -> None:
        seen.append(given[0][masks[0]].float().cpu().numpy())

    hooks = [
        encoder.register_forward_pre_hook(keep_mask, with_kwargs=True),
        outer.register_forward_pre_hook(keep_values),
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _keep(inner: torch.nn.Linear, outer: torch.nn.Linear, kept: NDArray[numpy.intp], fitted: _Matrix) -> None:
    import torch

    device = inner.weight.device

    def parameter(value: Any) -> torch.nn.Parameter:
        return torch.nn.Parameter(torch.from_numpy(numpy.ascontiguousarray(value, numpy.float32)).to(device))

    inner.weight = parameter(_values(inner.weight)[kept])
    inner.bias = parameter(_values(inner.bias)[kept])
    outer.weight, outer.bias = parameter(fitted[:-1].T), parameter(fitted[-1])
    inner.out_features = outer.in_features = len(kept)


def _values(parameter: torch.Tensor) -> NDArray[numpy.float32]:
    values: NDArray[numpy.float32] = parameter.detach().cpu().numpy()
    return values
