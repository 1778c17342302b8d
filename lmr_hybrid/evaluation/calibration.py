"""Does a score mean what it says? Of the mentions with score s, a share of s should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.evaluation.spans import Span, paired

Numbers = npt.NDArray[np.float64]
_MESSAGES_AT_ONCE = 1 << 20


class ScoredSpan(Span, Protocol):
    """A span with a score."""

    @property
    def score(self) -> float:
        """Return how sure its system is of it, 0..1."""


@dataclass(frozen=True, slots=True)
class Judgements:
    """Arrays of one entry a predicted mention: its score, whether it is right, and the number of its message."""

    scores: Numbers
    right: npt.NDArray[np.bool_]
    messages: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The `number` mentions whose scores lie within `low` to `high`: their mean score and the share that is right."""

    low: float
    high: float
    number: int
    mean_score: float
    share_right: float


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """The expected calibration error, 0..1, and the bootstrap interval it lies in."""

    error: float
    low: float
    high: float
    samples: int


def judge(gold: Sequence[Message], predicted: Sequence[Sequence[ScoredSpan]]) -> Judgements:
    """Say of each predicted mention whether a gold mention has its start and end, with whatever type.

    Raises:
        ValueError: there are not as many predictions as messages.
    """
    scores: list[float] = []
    right: list[bool] = []
    numbers: list[int] = []
    for number, (message, spans) in enumerate(paired(gold, predicted)):
        there = {(mention.start, mention.end) for mention in message.mentions}
        scores += [span.score for span in spans]
        right += [(span.start, span.end) in there for span in spans]
        numbers += [number] * len(spans)
    return Judgements(np.array(scores, float), np.array(right, bool), np.array(numbers, np.int64))


def reliability_table(
    scores: npt.ArrayLike, right: npt.ArrayLike, *, bins: int = 15, equal_mass: bool = False
) -> list[ReliabilityBin]:
    """Return mean score and share right of the mentions in each bin, from low to high scores; empty bins are left out.

    Bins are of equal width, each without its lower and with its upper end, as in Guo et al. (2017), or hold as equal
    numbers of mentions as equal scores allow (`equal_mass`): mentions of one score share a bin.

    Raises:
        ValueError: a score is outside 0..1, there are not as many scores as judgements, or `bins` is not positive.
    """
    values, truth = _checked(scores, right, bins)
    numbers = _bin_numbers(values, bins, equal_mass=equal_mass)
    table = []
    for number in np.unique(numbers):
        inside = numbers == number
        own = values[inside]
        low, high = (own.min(), own.max()) if equal_mass else (number / bins, (number + 1) / bins)
        table.append(ReliabilityBin(float(low), float(high), len(own), float(own.mean()), float(truth[inside].mean())))
    return table


def expected_calibration_error(
    scores: npt.ArrayLike, right: npt.ArrayLike, *, bins: int = 15, equal_mass: bool = False
) -> float:
    """Return the mean over mentions of the gap between mean score and share right of their bin, 0..1; 0 without any.

    After Naeini, Cooper and Hauskrecht (2015) and Guo et al. (2017), whose 15 bins are the default. Estimated from few
    mentions it is too high: chance alone makes a gap in every bin. Bins and errors are as in `reliability_table`.
    """
    table = reliability_table(scores, right, bins=bins, equal_mass=equal_mass)
    total = sum(each.number for each in table)
    return sum(each.number * abs(each.mean_score - each.share_right) for each in table) / max(total, 1)


def brier_score(scores: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Return the mean square of score less outcome (Brier 1950), 0 (best)..1; 0 without any mention.

    Errors are as in `reliability_table`.
    """
    values, truth = _checked(scores, right, 1)
    return float(np.mean((values - truth) ** 2)) if len(values) else 0.0


def calibration_error(
    judgements: Judgements,
    *,
    bins: int = 15,
    equal_mass: bool = False,
    samples: int = 2_000,
    level: float = 0.95,
    seed: int = 0,
) -> CalibrationError:
    """Return the expected calibration error with its percentile bootstrap interval at `level`.

    Messages are drawn with replacement, each with all of its mentions, which are not independent; the bins stay those
    of the whole sample. As every resample adds chance of its own, the interval leans upwards. Equal seeds give equal
    intervals.

    Raises:
        ValueError: there is no mention, `samples` or `level` is out of range, or as in `reliability_table`.
    """
    values, truth = _checked(judgements.scores, judgements.right, bins)
    if not len(values):
        raise ValueError("nothing to resample: give at least one mention")
    if samples < 1 or not 0 < level < 1:
        raise ValueError(f"samples must be positive and level between 0 and 1, not {samples} and {level}")
    own = np.unique(judgements.messages, return_inverse=True)[1]
    # The error is the sum over bins of |sum of score - outcome| by the number of mentions: both add up over messages.
    sums = np.zeros((own.max() + 1, bins + 1))
    np.add.at(sums, (own, _bin_numbers(values, bins, equal_mass=equal_mass)), values - truth)
    sums[:, bins] = np.bincount(own)
    generator = np.random.default_rng(seed)
    errors = np.empty(samples)
    step = max(1, _MESSAGES_AT_ONCE // (len(sums) * (bins + 1)))
    for begin in range(0, samples, step):
        drawn = generator.integers(len(sums), size=(min(step, samples - begin), len(sums)))
        totals = sums[drawn].sum(axis=1)
        errors[begin : begin + step] = np.abs(totals[:, :bins]).sum(axis=1) / totals[:, bins]
    low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2])
    observed = expected_calibration_error(values, truth, bins=bins, equal_mass=equal_mass)
    return CalibrationError(observed, float(low), float(high), samples)


def _checked(scores: npt.ArrayLike, right: npt.ArrayLike, bins: int) -> tuple[Numbers, Numbers]:
    values, truth = np.asarray(scores, float), np.asarray(right, float)
    if values.ndim != 1 or values.shape != truth.shape:
        raise ValueError(f"scores and right must be equally long rows, not of shapes {values.shape} and {truth.shape}")
    # Written so that a score that is no number is out of range as well.
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("scores must be in 0..1")
    if bins < 1:
        raise ValueError(f"bins must be positive, not {bins}")
    return values, truth


def _bin_numbers(values: Numbers, bins: int, *, equal_mass: bool) -> npt.NDArray[np.int64]:
    if equal_mass:
        # The rank of the first mention of that score.
        ranks = np.searchsorted(np.sort(values), values, side="left")
        numbers = ranks * bins // max(len(values), 1)
    else:
        numbers = np.clip(np.ceil(values * bins) - 1, 0, bins - 1)
    return np.asarray(numbers, np.int64)
