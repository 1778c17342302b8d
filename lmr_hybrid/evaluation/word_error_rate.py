"""The metric of the Microsoft Learn and ITU GeoAI location mention recognition challenges: a word error rate.

A tweet's answer is the text of its mentions, each once, sorted and joined by spaces. The word error rate is the number
of words to insert, delete or replace to turn the answer into the reference, divided by the reference's words. The rate
of a corpus is the sum of all edits by the sum of all reference words, as `jiwer.wer` takes it over lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.evaluation.spans import Span, paired


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Edits over all tweets and the words of all references."""

    edits: int
    words: int

    @property
    def rate(self) -> float:
        """The word error rate: 0 is perfect, and it may exceed 1.

        A tweet that names no place has an empty reference: every word found in it is an edit, and it adds no reference
        words. If all references are empty, the rate is the number of edits, as in jiwer 4.
        """
        return self.edits / max(self.words, 1)


def answer(mentions: Iterable[str]) -> list[str]:
    """Return the words of a tweet's answer: its distinct mentions, sorted by code point, split at white space."""
    return " ".join(sorted(set(mentions))).split()


def word_errors(gold: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> WordErrors:
    """Return the edits between predicted and gold answers over all messages.

    Raises:
        ValueError: there is not one prediction for each message.
    """
    from rapidfuzz.distance import Levenshtein

    edits = words = 0
    for message, spans in paired(gold, predicted):
        reference = answer(mention.text for mention in message.mentions)
        found = answer(message.text[span.start : span.end] for span in spans)
        edits += Levenshtein.distance(reference, found)
        words += len(reference)
    return WordErrors(edits, words)
