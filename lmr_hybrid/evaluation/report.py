"""Everything there is to say about a system's output on a corpus, as data and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.evaluation.idrisi_protocol import idrisi_scores
from lmr_hybrid.evaluation.spans import (
    Averages,
    PartialScores,
    Scores,
    exact_scores,
    macro_average,
    partial_scores,
    recall_by_type,
    scores_by_event,
    scores_by_type,
)
from lmr_hybrid.evaluation.word_error_rate import WordErrors, word_errors
from lmr_hybrid.mention import Recognition


@dataclass(frozen=True, slots=True)
class Report:
    """Scores of one system on one corpus; boundaries only, except `typed` and `by_type`, which ask for the type too.

    `macro` is the mean over events of `by_event`, `macro_types` that over types of `by_type`. `recall_by_type` is the
    share of each gold type whose boundaries were found, `idrisi` the score by IDRISI's own protocol, `words` that of
    the GeoAI challenges.
    """

    messages: int
    mentions: int
    exact: Scores
    typed: Scores
    partial: PartialScores
    macro: Averages
    macro_types: Averages
    idrisi: Averages
    words: WordErrors
    by_event: dict[str, Scores]
    by_type: dict[str, Scores]
    recall_by_type: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and numbers, ready for JSON; rates in 0..1 (the word error rate may be more)."""
        partial = self.partial
        return {
            "messages": self.messages,
            "mentions": self.mentions,
            "exact": _scores(self.exact),
            "typed": _scores(self.typed),
            "partial": {
                "exact": partial.exact,
                "partial": partial.partial,
                "spurious": partial.spurious,
                "missing": partial.missing,
                **_rates(partial),
            },
            "overlap": _scores(partial.overlap),
            "macro": _rates(self.macro),
            "macro_types": _rates(self.macro_types),
            "idrisi": _rates(self.idrisi),
            "word_error_rate": {"edits": self.words.edits, "words": self.words.words, "rate": self.words.rate},
            "by_event": {event: _scores(scores) for event, scores in self.by_event.items()},
            "by_type": {type_: _scores(scores) for type_, scores in self.by_type.items()},
            "recall_by_type": dict(self.recall_by_type),
        }

    def rows(self) -> list[dict[str, object]]:
        """Return the summary as rows for `format_table`: one for each way of scoring, then one for each event."""
        ways: dict[str, Scores | PartialScores | Averages] = {
            "exact": self.exact,
            "exact, typed": self.typed,
            "overlap": self.partial.overlap,
            "partial credit": self.partial,
            "macro over events": self.macro,
            "macro over types": self.macro_types,
            "IDRISI protocol": self.idrisi,
            **self.by_event,
        }
        return [{"score": name, **_rates(rates)} for name, rates in ways.items()]


def evaluate(messages: Sequence[Message], recognitions: Sequence[Recognition]) -> Report:
    """Score what a system recognised in each message, in the same order.

    Raises:
        ValueError: there is no message, not one recognition for each, or a recognition is of another text.
    """
    for message, recognition in zip(messages, recognitions, strict=False):
        if message.text != recognition.text:
            raise ValueError(f"message {message.id} reads {message.text!r}, but was recognised as {recognition.text!r}")
    predicted = [recognition.mentions for recognition in recognitions]
    by_event = scores_by_event(messages, predicted)
    by_type = scores_by_type(messages, predicted)
    return Report(
        messages=len(messages),
        mentions=sum(len(message.mentions) for message in messages),
        exact=exact_scores(messages, predicted),
        typed=exact_scores(messages, predicted, typed=True),
        partial=partial_scores(messages, predicted),
        macro=macro_average(by_event.values()),
        # Without any mention, gold or found, there is no type to average over and nothing that is wrong.
        macro_types=macro_average(by_type.values() or [Scores(0, 0, 0)]),
        idrisi=idrisi_scores(messages, predicted),
        words=word_errors(messages, predicted),
        by_event=by_event,
        by_type=by_type,
        recall_by_type=recall_by_type(messages, predicted),
    )


def format_table(rows: Sequence[Mapping[str, object]], *, digits: int = 4) -> str:
    """Return rows as aligned columns under their keys, numbers to the right, fractions with `digits` decimals.

    The columns are those of the first row and then any others in order of appearance; a missing value stays empty. No
    rows give an empty string; else there is no line end after the last row.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return ""
    cells = [[_cell(row.get(column, ""), digits=digits) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    right = [any(isinstance(row.get(column), int | float) for row in rows) for column in columns]
    lines = [columns, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: object, *, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _rates(scores: Scores | PartialScores | Averages) -> dict[str, float]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def _scores(scores: Scores) -> dict[str, float]:
    return {
        "true_positives": scores.true_positives,
        "false_positives": scores.false_positives,
        "false_negatives": scores.false_negatives,
        **_rates(scores),
    }
