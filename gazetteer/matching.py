"""From raw hits to matches: what both matchers promise, and the choice among hits that overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol, TypeVar

from gazetteer.places import Match

_Key = TypeVar("_Key")
#: First word, last word, and the name's number or whatever else stands for the name.
Hit = tuple[int, int, _Key]


class Matcher(Protocol):
    """A compiled set of normalised names that finds itself in sequences of words."""

    kind: ClassVar[str]

    def search(self, words: Sequence[str]) -> list[Hit[int]]:
        """Return `(first word, last word, number of the name)` for every name that lies in a sequence of words.

        The words are those of `gazetteer.text.WordSequence`. Hits come in order of start, shortest first.
        """
        ...


def leftmost_longest(matches: Iterable[Match]) -> list[Match]:
    """Choose matches that do not overlap: the one that starts first, and of those the longest, again and again."""
    matches = list(matches)
    chosen: list[Match] = []
    start = end = taken = -1
    for match in matches:
        # A gazetteer's matches are in order; to sort them anyway would take longer than all the rest.
        if match.start < start or (match.start == start and match.end > end):
            return leftmost_longest(sorted(matches, key=lambda match: (match.start, -match.end)))
        start, end = match.start, match.end
        if start >= taken:
            chosen.append(match)
            taken = end
    return chosen


def overlapping_hits(hits: Sequence[Hit[_Key]]) -> list[Hit[_Key]]:
    """Return all hits in order of start, longest first."""
    return sorted(hits, key=lambda hit: (hit[0], -hit[1]))


def leftmost_longest_hits(hits: Sequence[Hit[_Key]]) -> list[Hit[_Key]]:
    """Choose among hits as `leftmost_longest` does among matches, before matches are made of them.

    The hits must be in order of start, shortest first, as a matcher's are.
    """
    chosen: list[Hit[_Key]] = []
    start = end = -1
    for hit in hits:
        if hit[0] > end:
            chosen.append(hit)
            start, end, _ = hit
        elif hit[0] == start:
            chosen[-1] = hit
            end = hit[1]
    return chosen
