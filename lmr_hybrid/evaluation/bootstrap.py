"""Is one system better than another, or lucky in the tweets? A paired bootstrap over tweets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.evaluation.spans import Scores, Span, exact_scores, message_scores

_TWEETS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Difference:
    """Micro F1 of the first system minus that of the second, -1..1, and the interval it lies in.

    The difference is significant at the interval's level where the interval excludes 0.
    """

    f1: float
    low: float
    high: float
    samples: int


def f1_difference(
    gold: Sequence[Message],
    first: Sequence[Sequence[Span]],
    second: Sequence[Sequence[Span]],
    *,
    typed: bool = False,
    samples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Difference:
    """Return the difference in exact micro F1 with its percentile bootstrap interval at `level`.

    Tweets are drawn with replacement, the same ones for both systems (Efron and Tibshirani 1993, chapter 13;
    Berg-Kirkpatrick, Burkett and Klein 2012). Equal seeds give equal intervals.

    Raises:
        ValueError: there is no message, not one prediction for each, or `samples` or `level` is out of range.
    """
    if not gold:
        raise ValueError("nothing to resample: give at least one message")
    if samples < 1 or not 0 < level < 1:
        raise ValueError(f"samples must be positive and level between 0 and 1, not {samples} and {level}")
    counts = np.hstack([_counts(message_scores(gold, system, typed=typed)) for system in (first, second)])
    generator = np.random.default_rng(seed)
    differences = np.empty(samples)
    step = max(1, _TWEETS_AT_ONCE // len(gold))
    for begin in range(0, samples, step):
        drawn = generator.integers(len(gold), size=(min(step, samples - begin), len(gold)))
        sums = counts[drawn].sum(axis=1)
        differences[begin : begin + step] = _f1(sums[:, :2]) - _f1(sums[:, 2:])
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    observed = exact_scores(gold, first, typed=typed).f1 - exact_scores(gold, second, typed=typed).f1
    return Difference(observed, float(low), float(high), samples)


def _counts(scores: Sequence[Scores]) -> npt.NDArray[np.int64]:
    """Return for each message (true positives, wrong either way): all that F1 depends on; shape (messages, 2)."""
    rows = [(each.true_positives, each.false_positives + each.false_negatives) for each in scores]
    return np.array(rows, dtype=np.int64)


def _f1(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return F1 for rows of (true positives, wrong); 1 where both are 0, as `Scores.f1`."""
    doubled = 2.0 * sums[:, 0]
    whole = doubled + sums[:, 1]
    return np.where(whole == 0, 1.0, doubled / np.maximum(whole, 1))
