"""Judged mentions -> a calibrator, the honest scores of those same mentions, and where to cut them."""

from __future__ import annotations

import numpy
from numpy.typing import ArrayLike, NDArray

from lmr_hybrid.calibration.calibrator import FEATURES, RISING, Calibrator

_STEPS = 100


def fit_calibrator(rows: ArrayLike, right: ArrayLike, *, penalty: float = 1.0) -> Calibrator:
    """Return the most likely coefficients for rows of features, shape (mentions, features), and what came true.

    `penalty` is that of ridge regression: half of it times the squares of all coefficients but the intercept is added
    to the negative log-likelihood.

    Raises:
        ValueError: there is no mention, or there are not as many judgements as rows.
    """
    from scipy.optimize import minimize

    table, truth = _checked(rows, right)
    penalties = numpy.array([0.0 if name == "intercept" else penalty for name in FEATURES])

    def loss(weights: NDArray[numpy.float64]) -> tuple[float, NDArray[numpy.float64]]:
        logits = table @ weights
        value = numpy.logaddexp(0, logits).sum() - truth @ logits + penalties @ weights**2 / 2
        return float(value), table.T @ ((1 + numpy.tanh(logits / 2)) / 2 - truth) + penalties * weights

    bounds = [(0, None) if name in RISING else (None, None) for name in FEATURES]
    found = minimize(loss, numpy.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibrator({name: round(float(weight), 4) for name, weight in zip(FEATURES, found.x, strict=True)})


def cross_validated_scores(
    rows: ArrayLike, right: ArrayLike, groups: ArrayLike, *, folds: int = 10, penalty: float = 1.0, seed: int = 0
) -> NDArray[numpy.float64]:
    """Return the probability of each mention from a calibrator that saw none of the mentions of its fold.

    Mentions of one group (a message, an event) are in one fold; where there are fewer groups than folds, each is one.

    Raises:
        ValueError: there are fewer than two folds or groups, or as in `fit_calibrator`.
    """
    table, truth = _checked(rows, right)
    fold_of = fold_numbers(groups, folds=folds, seed=seed)
    scores = numpy.empty(len(table))
    for fold in range(fold_of.max() + 1):
        own = fold_of == fold
        scores[own] = fit_calibrator(table[~own], truth[~own], penalty=penalty).probabilities(table[own])
    return scores


def fold_numbers(groups: ArrayLike, *, folds: int = 10, seed: int = 0) -> NDArray[numpy.int64]:
    """Return the fold of each mention, from 0; groups are dealt out at random. Equal seeds give equal folds."""
    distinct, own = numpy.unique(numpy.asarray(groups), return_inverse=True)
    folds = min(folds, len(distinct))
    if folds < 2:
        raise ValueError("there must be at least two folds, and as many messages or events to share out")
    dealt: NDArray[numpy.int64] = numpy.random.default_rng(seed).permutation(len(distinct)) % folds
    return dealt[own]


def least_score_for(scores: ArrayLike, right: ArrayLike, *, precision: float) -> float:
    """Return the lowest score, in hundredths, such that of the mentions with it or more that share is right.

    It keeps as many mentions as that precision allows; 1 where no score will do.
    """
    values, truth = numpy.asarray(scores, float), numpy.asarray(right, float)
    for step in range(_STEPS):
        kept = values >= step / _STEPS
        if kept.any() and truth[kept].mean() >= precision:
            return step / _STEPS
    return 1.0


def _checked(rows: ArrayLike, right: ArrayLike) -> tuple[NDArray[numpy.float64], NDArray[numpy.float64]]:
    table, truth = numpy.asarray(rows, float), numpy.asarray(right, float)
    if not len(truth):
        raise ValueError("nothing to fit: give at least one mention")
    if table.shape != (len(truth), len(FEATURES)):
        raise ValueError(f"rows must have shape {(len(truth), len(FEATURES))}, not {table.shape}")
    return table, truth
