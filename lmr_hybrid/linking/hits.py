"""A mention's text -> the places that bear that name, or one that is spelt much like it."""

from __future__ import annotations

from dataclasses import dataclass

from gazetteer import Gazetteer, Place, normalize_name

#: How many places of a name are looked at, the most important ones of each gazetteer.
MOST_PLACES = 25
_MOST_LIKE = 5


@dataclass(frozen=True, slots=True)
class Hits:
    """The places behind a mention's text.

    `names` holds, for each place, the normalised name under which it was found, `likeness` how like the mention's text
    that is, 1 for the same and down to 0. `fuzzy` tells that the text itself is nobody's name.
    """

    places: tuple[Place, ...]
    names: tuple[str, ...]
    likeness: tuple[float, ...]

    @property
    def fuzzy(self) -> bool:
        """Whether places were found by a misspelling alone."""
        return bool(self.likeness) and self.likeness[0] < 1


def find_hits(gazetteer: Gazetteer, text: str) -> Hits:
    """Look a mention's text up: as it is, without an article or a possessive, else as a misspelling."""
    normalized = normalize_name(text)
    for spelling in _spellings(normalized):
        places = gazetteer.places(spelling, limit=MOST_PLACES)
        if places:
            return Hits(tuple(places), (spelling,) * len(places), (1.0,) * len(places))
    found: dict[str, tuple[Place, str, float]] = {}
    for match in gazetteer.fuzzy(normalized, limit=_MOST_LIKE):
        for place in gazetteer.places(match.name, limit=MOST_PLACES):
            found.setdefault(place.id, (place, match.name, min(match.score / 100, 0.99)))
    rows = list(found.values())
    return Hits(tuple(row[0] for row in rows), tuple(row[1] for row in rows), tuple(row[2] for row in rows))


def _spellings(normalized: str) -> list[str]:
    spellings = [normalized]
    if normalized.startswith("the "):
        spellings.append(normalized[4:])
    return [*spellings, *(spelling[:-1].rstrip() for spelling in spellings if spelling.endswith("s"))]
