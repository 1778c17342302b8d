"""A mention's text -> the places that bear that name, else one spelt much like it or a name within it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gazetteer import Gazetteer, Match, NameFacts, NameKind, Place, normalize_name, unite_labels
from lmr_hybrid.linking.additions import are_opposed, designated, wholes
from lmr_hybrid.linking.codes import states_of_code

#: How many places of a name are looked at, the most important ones of each gazetteer.
MOST_PLACES = 25
_MOST_LIKE = 5
#: How like the text a name must be, 0 to 100, and where the text adds something to a name that is known.
_LIKE, _LIKE_WITH_ADDITION = 85.0, 92.0
#: A name within a mention's text tells nothing where its rarest word is as frequent as this in English (Zipf).
_FREQUENT = 4.5
#: But for the names of places at least as important as this, as London and Virginia are.
_IMPORTANT = 0.6


@dataclass(frozen=True, slots=True)
class Hits:
    """The places behind a mention's text.

    `names` holds, for each place, the normalised name under which it was found (of a variant, "o donnell st", the name
    that it derives from), `likeness` how like the mention's text that is, 1 for the same and down to 0, which is a name
    within the text: Beira in "Beira Airport". `fuzzy` tells that the text itself is nobody's name, but like one;
    `partial` that it is not even that, but only holds one.
    """

    places: tuple[Place, ...]
    names: tuple[str, ...]
    likeness: tuple[float, ...]

    @property
    def exact(self) -> bool:
        """Whether the text itself is the name of the places."""
        return not self.fuzzy and not self.partial

    @property
    def fuzzy(self) -> bool:
        """Whether places were found by a misspelling, none by the text itself."""
        return bool(self.likeness) and 0 < self.likeness[0] < 1

    @property
    def partial(self) -> bool:
        """Whether places were found only by a name within the text."""
        return bool(self.likeness) and self.likeness[0] == 0


def find_hits(gazetteer: Gazetteer, text: str) -> Hits:
    """Look a mention's text up: as it is, without an article or a possessive, else as a misspelling and in parts.

    "Beira City" is spelt much like Benin City, and it holds Beira: which of them is meant is for the linker to judge.
    """
    normalized = normalize_name(text)
    for spelling in _spellings(normalized):
        if found := _by_name(gazetteer, spelling):
            return _hits_of((place, name, 1.0) for place, name in found)
    whole = next((whole for whole in wholes(normalized) if _is_known(gazetteer.facts(whole))), "")
    like = gazetteer.fuzzy(normalized, limit=_MOST_LIKE, least_score=_LIKE_WITH_ADDITION if whole else _LIKE)
    meant = [(each.name, min(each.score / 100, 0.99)) for each in like if not are_opposed(normalized, each.name)]
    within = [whole] if whole else _names_within(gazetteer, normalized)
    named = (*meant, *((name, 0.0) for name in within))
    return _hits_of(
        (place, name, likeness)
        for name, likeness in named
        for place in unite_labels(gazetteer.places(name, limit=MOST_PLACES))
    )


def _by_name(gazetteer: Gazetteer, spelling: str) -> list[tuple[Place, str]]:
    """Return the places of which a spelling is the very name, each with the name that it is found by."""
    places = unite_labels([*gazetteer.places(spelling, limit=MOST_PLACES), *states_of_code(gazetteer, spelling)])
    facts = gazetteer.facts(spelling) if places else None
    name = facts.derived_from if facts and facts.derived_from else spelling
    further = designated(gazetteer, spelling, limit=MOST_PLACES)
    # The City of London is called just that, and is not London.
    if further and any(normalize_name(place.name) == spelling for place in places):
        further = []
    return [*((place, name) for place in places), *further]


def _hits_of(found: Iterable[tuple[Place, str, float]]) -> Hits:
    """Return the hits of places, each with the name that it was found by first, and how like that is."""
    first: dict[str, tuple[Place, str, float]] = {}
    for row in found:
        first.setdefault(row[0].id, row)
    rows = list(first.values())
    return Hits(tuple(row[0] for row in rows), tuple(row[1] for row in rows), tuple(row[2] for row in rows))


def _names_within(gazetteer: Gazetteer, normalized: str) -> list[str]:
    """Return the longest of the names in a text that are no everyday words, of equal length the first."""
    matches = [match for match in gazetteer.match(normalized) if match.facts.english_frequency < _FREQUENT]
    return [match.name for match in sorted(matches, key=_width)[:_MOST_LIKE]]


def _is_known(facts: NameFacts | None) -> bool:
    """Tell whether a name is that of a place, whatever stands beside it: "London" is, "market" is not."""
    if facts is None:
        return False
    important = facts.importance >= _IMPORTANT and NameKind.NAME in facts.name_kinds
    return important or facts.english_frequency < _FREQUENT


def _width(match: Match) -> tuple[int, int]:
    return match.start - match.end, match.start


def _spellings(normalized: str) -> list[str]:
    spellings = [normalized]
    if normalized.startswith("the "):
        spellings.append(normalized[4:])
    return [*spellings, *(spelling[:-1].rstrip() for spelling in spellings if spelling.endswith("s"))]
