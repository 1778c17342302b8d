"""IDRISI's own protocol for location mention recognition (Suwaileh, Elsayed and Imran 2023): names, not offsets.

For each tweet the mentions are compared as strings, regardless of where they stand; precision, recall and F1 are taken
for each tweet, averaged over an event's tweets, and then over events.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from lmr_hybrid.corpora.message import Message
from lmr_hybrid.evaluation.spans import Averages, Span, average, paired

_WORD = re.compile(r"\w+")


def comparable(mention: str) -> str:
    r"""Return a mention as the protocol compares it: its `\w+` runs without what stands between them, lower-cased."""
    return "".join(_WORD.findall(mention)).lower()


def tweet_averages(gold: Iterable[str], predicted: Iterable[str]) -> Averages:
    """Return precision, recall and F1 of one tweet's mention strings, compared as multisets.

    All three are 1 when neither side names a place, and 0 when only one side does.
    """
    there, found = Counter(map(comparable, gold)), Counter(map(comparable, predicted))
    if not there and not found:
        return Averages(1.0, 1.0, 1.0)
    right = (there & found).total()
    if not right:
        return Averages(0.0, 0.0, 0.0)
    return Averages(right / found.total(), right / there.total(), 2 * right / (there.total() + found.total()))


def idrisi_scores_by_event(gold: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> dict[str, Averages]:
    """Return each event's mean over its tweets, sorted by event; types play no part."""
    by_event: defaultdict[str, list[Averages]] = defaultdict(list)
    for message, spans in paired(gold, predicted):
        names = [message.text[span.start : span.end] for span in spans]
        by_event[message.event].append(tweet_averages([mention.text for mention in message.mentions], names))
    return {event: average(tweets) for event, tweets in sorted(by_event.items())}


def idrisi_scores(gold: Sequence[Message], predicted: Sequence[Sequence[Span]]) -> Averages:
    """Return the mean over events of `idrisi_scores_by_event`.

    Raises:
        ValueError: there is no message, or not one prediction for each.
    """
    return average(list(idrisi_scores_by_event(gold, predicted).values()))
