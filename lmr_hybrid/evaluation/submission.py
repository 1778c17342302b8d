"""The answer sheet of the Microsoft Learn location mention recognition challenge: CSV, a row for each tweet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.errors import OutputError
from lmr_hybrid.evaluation.spans import Span, paired
from lmr_hybrid.evaluation.word_error_rate import answer


def check_ids(messages: Sequence[Message]) -> None:
    """Raise the `OutputError` that `submission` would raise of these messages: to be known before long work."""
    seen: set[str] = set()
    for message in messages:
        if message.id in seen:
            raise OutputError(f"tweet {message.id}", "would have two rows", "Give each message an id of its own")
        seen.add(message.id)


def submission(messages: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> str:
    """Return `tweet_id,location` rows under their heading, in the order of the messages.

    A location is what the word error rate compares: the distinct mentions, sorted by code point, joined by spaces;
    empty where none was found.

    Raises:
        OutputError: two messages have the same id, so that one tweet would have two rows.
        ValueError: there is not one prediction for each message.
    """
    check_ids(messages)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["tweet_id", "location"])
    for message, spans in paired(messages, predicted):
        words = answer(message.text[span.start : span.end] for span in spans)
        writer.writerow([message.id, " ".join(words)])
    return stream.getvalue()
