"""Scores of predicted spans against gold mentions: exact, by event, by type, and with partial credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lmr_hybrid.corpora.message import Message


class Span(Protocol):
    """Anything that stands at `start` to `end` (exclusive) of a message's text and has a type."""

    @property
    def start(self) -> int:
        """Return where the span starts."""

    @property
    def end(self) -> int:
        """Return where the span ends, exclusive."""

    @property
    def type(self) -> str:
        """Return the span's type, one of those of the gold mentions."""


AnySpan = TypeVar("AnySpan", bound=Span)


@dataclass(frozen=True, slots=True)
class Averages:
    """Means of precision, recall and F1, each in 0..1; `f1` is the mean of F1 scores, not made of the other means."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts and what follows from them.

    Where there is nothing to find and nothing was found, precision, recall and F1 are 1, as in IDRISI's own protocol;
    any other division by zero gives 0.
    """

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """The share of what was found that is right, 0..1."""
        return _ratio(self.true_positives, self.false_positives, self.false_negatives)

    @property
    def recall(self) -> float:
        """The share of what there is that was found, 0..1."""
        return _ratio(self.true_positives, self.false_negatives, self.false_positives)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0..1."""
        return _ratio(2 * self.true_positives, self.false_positives + self.false_negatives, 0)

    def __add__(self, other: Scores) -> Scores:
        """Return the scores of both samples taken as one."""
        return Scores(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )


@dataclass(frozen=True, slots=True)
class PartialScores:
    """Counts that tell a wrong boundary from a mention missed or made up (SemEval-2013 task 9, MUC-5).

    `exact` spans have the right boundaries, `partial` ones overlap a gold mention; each gold mention counts for one
    span and each span for one mention. `spurious` spans and `missing` mentions have no counterpart.
    """

    exact: int
    partial: int
    spurious: int
    missing: int

    @property
    def precision(self) -> float:
        """Right spans and half of the partial ones, as a share of what was found, 0..1."""
        return _ratio(self.exact + self.partial / 2, self.partial / 2 + self.spurious, self.missing)

    @property
    def recall(self) -> float:
        """Right spans and half of the partial ones, as a share of what there is, 0..1."""
        return _ratio(self.exact + self.partial / 2, self.partial / 2 + self.missing, self.spurious)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0..1."""
        return _ratio(2 * self.exact + self.partial, self.partial + self.spurious + self.missing, 0)

    @property
    def overlap(self) -> Scores:
        """The scores when any overlap is as good as the right boundaries."""
        return Scores(self.exact + self.partial, self.spurious, self.missing)


def paired(gold: Sequence[Message], predicted: Sequence[Sequence[AnySpan]]) -> list[tuple[Message, Sequence[AnySpan]]]:
    """Return each message with what was predicted for it.

    Raises:
        ValueError: there are not as many predictions as messages.
    """
    if len(gold) != len(predicted):
        raise ValueError(
            f"{len(gold)} messages but predictions for {len(predicted)}: give one sequence for each message"
        )
    return list(zip(gold, predicted, strict=True))


def message_scores(
    gold: Sequence[Message], predicted: Sequence[Sequence[Span]], *, typed: bool = False
) -> list[Scores]:
    """Return exact scores for each message; a span is right if a gold mention has its start and end (and type).

    A span predicted twice is right once.
    """
    scores = []
    for message, spans in paired(gold, predicted):
        there, found = _keys(message.mentions, typed=typed), _keys(spans, typed=typed)
        scores.append(_compare(there, found))
    return scores


def exact_scores(gold: Sequence[Message], predicted: Sequence[Sequence[Span]], *, typed: bool = False) -> Scores:
    """Return exact scores over all messages as one sample (micro-average)."""
    return sum(message_scores(gold, predicted, typed=typed), Scores(0, 0, 0))


def scores_by_event(
    gold: Sequence[Message], predicted: Sequence[Sequence[Span]], *, typed: bool = False
) -> dict[str, Scores]:
    """Return exact scores of each event, sorted by event."""
    by_event = {event: Scores(0, 0, 0) for event in sorted({message.event for message in gold})}
    for message, scores in zip(gold, message_scores(gold, predicted, typed=typed), strict=True):
        by_event[message.event] += scores
    return by_event


def scores_by_type(gold: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> dict[str, Scores]:
    """Return exact scores of each type, gold or predicted, sorted by type: a span of the wrong type is wrong."""
    pairs = paired(gold, predicted)
    types = {mention.type for message in gold for mention in message.mentions}
    types |= {span.type for spans in predicted for span in spans}
    by_type = {type_: Scores(0, 0, 0) for type_ in sorted(types)}
    for message, spans in pairs:
        there, found = _keys(message.mentions, typed=True), _keys(spans, typed=True)
        for type_ in {key[2] for key in (*there, *found)}:
            by_type[type_] += _compare(_only(there, type_), _only(found, type_))
    return by_type


def recall_by_type(gold: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Return, for each gold type, the share of its mentions whose boundaries were found, with whatever type."""
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for message, spans in paired(gold, predicted):
        left = _keys(spans, typed=False)
        for mention in message.mentions:
            key = (mention.start, mention.end, "")
            there[mention.type] += 1
            if left[key]:
                left[key] -= 1
                found[mention.type] += 1
    return {type_: found[type_] / there[type_] for type_ in sorted(there)}


def macro_average(scores: Iterable[Scores]) -> Averages:
    """Return the unweighted means over samples such as events, so that a small event counts as much as a large one.

    Raises:
        ValueError: there is no sample.
    """
    return average([Averages(each.precision, each.recall, each.f1) for each in scores])


def average(averages: Sequence[Averages]) -> Averages:
    """Return the unweighted mean of each number.

    Raises:
        ValueError: there is nothing to average.
    """
    if not averages:
        raise ValueError("nothing to average: give at least one message or event")
    number = len(averages)
    return Averages(
        sum(each.precision for each in averages) / number,
        sum(each.recall for each in averages) / number,
        sum(each.f1 for each in averages) / number,
    )


def partial_scores(
    gold: Sequence[Message], predicted: Sequence[Sequence[Span]], *, typed: bool = False
) -> PartialScores:
    """Return how many spans are exact, overlap, are spurious, and how many mentions are missing, over all messages.

    Exact pairs are made first; then, from left to right, each mention takes the first remaining span that overlaps it.
    For spans that do not overlap each other no pairing leaves fewer mentions without a span.
    """
    exact = partial = spurious = missing = 0
    for message, spans in paired(gold, predicted):
        there, found = _keys(message.mentions, typed=typed), _keys(spans, typed=typed)
        same = there & found
        remaining = sorted((found - same).elements())
        unmatched = 0
        for start, end, type_ in sorted((there - same).elements()):
            for index, span in enumerate(remaining):
                if span[0] < end and span[1] > start and span[2] == type_:
                    del remaining[index]
                    partial += 1
                    break
            else:
                unmatched += 1
        exact += same.total()
        spurious += len(remaining)
        missing += unmatched
    return PartialScores(exact, partial, spurious, missing)


_Key = tuple[int, int, str]


def _keys(spans: Iterable[Span], *, typed: bool) -> Counter[_Key]:
    return Counter((span.start, span.end, span.type if typed else "") for span in spans)


def _only(keys: Counter[_Key], type_: str) -> Counter[_Key]:
    return Counter({key: number for key, number in keys.items() if key[2] == type_})


def _compare(there: Counter[_Key], found: Counter[_Key]) -> Scores:
    right = (there & found).total()
    return Scores(right, found.total() - right, there.total() - right)


def _ratio(right: float, wrong: float, elsewhere: float) -> float:
    """Return right / (right + wrong); without either, 1 if there is nothing wrong elsewhere, else 0."""
    if right + wrong:
        return right / (right + wrong)
    return 0.0 if elsewhere else 1.0
