"""The tagger's score of a span and what else is known of it -> the probability that the span is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log, log1p, tanh

import numpy
from numpy.typing import ArrayLike, NDArray

from lmr_hybrid.reconcile import Draft, Evidence, Thresholds, is_rare

#: What a calibrator looks at, in the order of `feature_row`. The names are part of the format of `calibration.json`.
FEATURES = ("intercept", "log score", "log doubt", "known", "rare", "further tokens")
#: Those that rise with the tagger's score.
RISING = ("log score", "log doubt")
_NEAREST = 1e-4
_MOST_FURTHER_TOKENS = 3
_LINES = Thresholds()


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A logistic regression: one coefficient for each of `FEATURES`.

    With coefficients a, b of "log score" and "log doubt" and without evidence it is beta calibration (Kull, Silva Filho
    and Flach 2017); a = b makes it Platt's scaling of the logit. As neither may be below 0, a probability never falls
    where the tagger's score rises and all else stays.

    Raises:
        ValueError: the coefficients are not those of `FEATURES`, not finite, or one of `RISING` is below 0.
    """

    coefficients: Mapping[str, float]

    def __post_init__(self) -> None:
        if set(self.coefficients) != set(FEATURES):
            wrong = ", ".join(sorted(set(self.coefficients) ^ set(FEATURES)))
            raise ValueError(f"unknown or missing coefficients: {wrong}; there must be {', '.join(FEATURES)}")
        if not all(isfinite(value) for value in self.coefficients.values()):
            raise ValueError("coefficients must be finite numbers")
        if any(self.coefficients[name] < 0 for name in RISING):
            raise ValueError(f"the coefficients of {' and '.join(RISING)} must not be below 0")

    def probabilities(self, rows: ArrayLike) -> NDArray[numpy.float64]:
        """Return the probability for each row of features, shape (mentions, features)."""
        weights = numpy.array([self.coefficients[name] for name in FEATURES])
        logits = numpy.asarray(rows, float).reshape(-1, len(FEATURES)) @ weights
        # 1 / (1 + exp(-x)), which overflows for no x in this form.
        probabilities: NDArray[numpy.float64] = (1 + numpy.tanh(logits / 2)) / 2
        return probabilities

    def probability(self, evidence: Evidence, draft: Draft) -> float:
        """Return the probability that a draft of that evidence is a mention with the right start and end."""
        row = zip(FEATURES, feature_row(evidence, draft), strict=True)
        # For one row numpy would take ten times as long.
        return (1 + tanh(sum(self.coefficients[name] * value for name, value in row) / 2)) / 2


def feature_row(evidence: Evidence, draft: Draft) -> tuple[float, ...]:
    """Return the features of a draft, in the order of `FEATURES`.

    The score is kept 0.0001 away from 0 and 1; further tokens count up to 3.
    """
    score = min(max(draft.span.score, _NEAREST), 1 - _NEAREST)
    match = evidence.name_of(draft.first, draft.last)
    return (
        1.0,
        log(score),
        -log1p(-score),
        float(match is not None),
        float(match is not None and is_rare(evidence, match, _LINES)),
        float(min(draft.last - draft.first, _MOST_FURTHER_TOKENS)),
    )
