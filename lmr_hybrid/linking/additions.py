"""What a mention may add to the name of its place: "City of Austin" is Austin, "downtown Austin" a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gazetteer import Gazetteer, Place, PlaceKind

#: What a place may be called before "of", and the kinds of those that are.
_DESIGNATIONS = {
    **dict.fromkeys(("city", "village", "township"), (PlaceKind.CITY,)),
    **dict.fromkeys(("town", "borough"), (PlaceKind.CITY, PlaceKind.NEIGHBOURHOOD)),
    "municipality": (PlaceKind.CITY, PlaceKind.COUNTY, PlaceKind.DISTRICT),
    **dict.fromkeys(("county", "parish"), (PlaceKind.COUNTY, PlaceKind.STATE)),
    "district": (PlaceKind.DISTRICT, PlaceKind.COUNTY),
    **dict.fromkeys(("state", "province", "governorate", "department", "prefecture"), (PlaceKind.STATE,)),
    "commonwealth": (PlaceKind.STATE, PlaceKind.COUNTRY),
    "island": (PlaceKind.ISLAND,),
    **dict.fromkeys(("republic", "kingdom"), (PlaceKind.COUNTRY,)),
}
#: Of "downtown Houston" and "the greater Houston area" all that the gazetteer of the world holds is Houston.
_BEFORE = re.compile(
    "(?:down|up|mid)town|central|greater|metro(?:politan)?|inner|outer|upper|lower|coastal|rural"
    "|(?:north|south|(?:north|south)?(?:east|west))(?:ern)?"
)
_BEHIND = re.compile("area|city|metro(?:politan)?|region|suburbs")


def designated(gazetteer: Gazetteer, name: str, *, limit: int) -> list[tuple[Place, str]]:
    """Return the places that a normalised "county of kent" may mean, each with the name that it is found by.

    They are of a kind that is called so; a source may list such a name of some places and leave it out of others.
    """
    designation, of, rest = name.partition(" of ")
    kinds = _DESIGNATIONS.get(designation, ())
    if not of or not kinds:
        return []
    rest = rest.removeprefix("the ")
    return [
        (place, spelling)
        for spelling in (rest, f"{rest} {designation}")
        for place in gazetteer.places(spelling, limit=limit)
        if place.kind in kinds
    ]


def wholes(name: str) -> Iterator[str]:
    """Yield what a normalised name may be a part of, or the surroundings of, the longest first."""
    words = name.split()
    first, end = 0, len(words)
    while end - first > 1:
        if _BEFORE.fullmatch(words[first]):
            first += 1
        elif _BEHIND.fullmatch(words[end - 1]):
            end -= 1
        else:
            return
        yield " ".join(words[first:end])
