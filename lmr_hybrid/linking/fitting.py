"""Mentions whose place is known -> the weights of the signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy
from numpy.typing import NDArray

from lmr_hybrid.linking.signals import ALONE, SIGNALS
from lmr_hybrid.linking.surroundings import SURROUNDINGS, Area
from lmr_hybrid.linking.weights import Weights

#: Of "Lebanon, Tennessee" the second name says where the first lies, and so it does somewhere else in the message; and
#: Petropolis is a city's own name, and Saint Petersburg's in Greek. Of such namesakes IDRISI-D has too few to learn it
#: from, and is the same with these weights.
_LEAST_WEIGHTS = {"rightful name": 1.0, "state named": 2.0, "in the next": 6.0}


@dataclass(frozen=True)
class JudgedMention:
    """The places of a mention: their signals, shape (places, `SIGNALS`), what speaks for none, and which are right.

    `areas` are what its place may lie in where none of them is right, each with whether it does.
    """

    rows: NDArray[numpy.float64]
    nowhere: NDArray[numpy.float64]
    right: NDArray[numpy.bool_]
    areas: Sequence[tuple[Area, bool]] = ()


def fit_weights(mentions: Sequence[JudgedMention], *, penalty: float = 1.0) -> Weights:
    """Return the most likely weights; no signal may speak against a place, and those of `_LEAST_WEIGHTS` must speak.

    A mention's likelihood is the sum of the probabilities of its right places, or of none of them where none is right.
    `penalty` is that of ridge regression. Raises `ValueError` where no mention has places.
    """
    known = [mention for mention in mentions if mention.right.any()]
    if not known:
        raise ValueError("nothing to fit: give mentions with places, some of them right")
    rows = [(each.rows[:, : len(ALONE)], each.right) for each in known]
    alone = _fit(rows, [0.0] * len(ALONE), penalty=penalty)
    padded = [_with_nowhere(each) for each in mentions if len(each.rows)]
    least = [_LEAST_WEIGHTS.get(name, 0.0) for name in SIGNALS]
    both = _fit(padded, [*least, *[-inf] * len(mentions[0].nowhere)], penalty=penalty)
    areas = [each for mention in mentions for each in mention.areas]
    surroundings = _fit_surroundings(areas, penalty=penalty)
    return Weights(alone, both[: len(SIGNALS)], both[len(SIGNALS) :], surroundings)


def _fit_surroundings(areas: Sequence[tuple[Area, bool]], *, penalty: float) -> NDArray[numpy.float64]:
    """Return the weights of a logistic regression: a choice between each area and one whose logit is 0."""
    signals = len(SURROUNDINGS)
    tables = [(numpy.array([area.row, (0.0,) * signals]), numpy.array([right, not right])) for area, right in areas]
    return _fit(tables, [-inf] * signals, penalty=penalty) if tables else numpy.zeros(signals)


def _with_nowhere(mention: JudgedMention) -> tuple[NDArray[numpy.float64], NDArray[numpy.bool_]]:
    """Return the table of a mention with a last row for none of its places, and further columns for that row alone."""
    places, signals = mention.rows.shape
    table = numpy.zeros((places + 1, signals + len(mention.nowhere)))
    table[:places, :signals] = mention.rows
    table[places, signals:] = mention.nowhere
    return table, numpy.append(mention.right, not mention.right.any())


def _fit(
    tables: Sequence[tuple[NDArray[numpy.float64], NDArray[numpy.bool_]]],
    least: Sequence[float],
    *,
    penalty: float,
) -> NDArray[numpy.float64]:
    """Return the weights of a conditional logit, none below its number in `least`."""
    from scipy.optimize import Bounds, minimize

    table = numpy.concatenate([rows for rows, _ in tables])
    right = numpy.concatenate([each for _, each in tables])
    starts = numpy.cumsum([0, *(len(rows) for rows, _ in tables)])[:-1]
    group = numpy.repeat(numpy.arange(len(tables)), [len(rows) for rows, _ in tables])

    def loss(weights: NDArray[numpy.float64]) -> tuple[float, NDArray[numpy.float64]]:
        logits = table @ weights
        logits -= numpy.maximum.reduceat(logits, starts)[group]
        exponentials = numpy.exp(logits)
        all_places = numpy.add.reduceat(exponentials, starts)
        right_places = numpy.add.reduceat(exponentials * right, starts)
        value = -numpy.log(right_places / all_places).sum() + penalty * weights @ weights / 2
        pull = exponentials / all_places[group] - exponentials * right / right_places[group]
        return float(value), table.T @ pull + penalty * weights

    begin = numpy.maximum(least, 0.0)
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=Bounds(numpy.array(least)))
    weights: NDArray[numpy.float64] = found.x
    return weights
