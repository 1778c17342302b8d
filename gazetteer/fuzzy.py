"""A misspelt name -> the names it may stand for: candidates by shared blocks, then scored by rapidfuzz."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: Shorter names are a letter away from too many others.
_SHORTEST = 5
#: By how many letters, spaces included, the lengths of a name and its misspelling may differ.
_SLIPS = 2


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """A normalised name like the one looked for; `score` is rapidfuzz's ratio, 0 to 100."""

    name: str
    score: float


class FuzzyIndex:
    """Names by their first and last letters, so that a look-up scores a few hundred names and not all of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._blocks: dict[str, list[str]] = defaultdict(list)
        for name in set(names):
            if len(name) >= _SHORTEST:
                for block in _blocks(name):
                    self._blocks[block].append(name)

    def lookup(self, name: str, *, limit: int, least_score: float) -> list[FuzzyMatch]:
        """Return at most `limit` names with a score of at least `least_score`, best first."""
        from rapidfuzz import fuzz, process

        if len(name) < _SHORTEST:
            return []
        lengths = range(len(name) - _SLIPS, len(name) + _SLIPS + 1)
        candidates = {
            candidate
            for block in _blocks(name)
            for candidate in self._blocks.get(block, ())
            if len(candidate) in lengths
        }
        # The Damerau-like slips of typing (a letter more, fewer, or swapped) keep most of the letters in order, which
        # is what the ratio of the longest common subsequence measures.
        # Among equals the first in the alphabet comes first: a set has another order in every process.
        found = process.extract(name, sorted(candidates), scorer=fuzz.ratio, limit=limit, score_cutoff=least_score)
        return [FuzzyMatch(candidate, score) for candidate, score, _ in found]


def _blocks(name: str) -> tuple[str, str]:
    """Return the blocks of a name: its first three and its last three letters, without spaces.

    From seven letters on a single slip changes at most one of the two ends; in a shorter name the score that
    `Gazetteer.fuzzy` asks for by default forgives hardly any slip.
    """
    letters = name.replace(" ", "")
    return f"^{letters[:3]}", f"{letters[-3:]}$"
