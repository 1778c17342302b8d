"""From raw hits to matches: what both matchers promise, and the choice among hits that overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, Self

from gazetteer.automaton import AutomatonMatcher
from gazetteer.places import Match
from gazetteer.trie import TrieMatcher


class Matcher(Protocol):
    """A compiled set of normalised names that finds itself in runs of words."""

    kind: ClassVar[str]

    @staticmethod
    def compile(names: Sequence[str], path: Path) -> list[int]:
        """Write the matcher of `names` to `path`; return the number that each name got."""
        ...

    @classmethod
    def load(cls, path: Path, word_counts: Sequence[int]) -> Self:
        """Read what `compile` wrote; `word_counts` holds the number of words of each name, by its number."""
        ...

    def search(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Yield `(first word, last word, number of the name)` for every name that lies in a run of words."""
        ...

    def names(self) -> Iterator[tuple[str, int]]:
        """Yield every name with its number, in no particular order."""
        ...


MATCHERS: dict[str, type[Matcher]] = {matcher.kind: matcher for matcher in (AutomatonMatcher, TrieMatcher)}


def leftmost_longest(matches: Iterable[Match]) -> list[Match]:
    """Choose matches that do not overlap: the one that starts first, and of those the longest, again and again."""
    chosen: list[Match] = []
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        if not chosen or match.start >= chosen[-1].end:
            chosen.append(match)
    return chosen
