"""What a mention may add to the name of its place: "City of Austin" is Austin, "downtown Austin" a part of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from gazetteer import Gazetteer, Place, PlaceKind

#: What a place may be called before "of", and the kinds of those that are. What countries are called, sources list.
_DESIGNATIONS = {
    **dict.fromkeys(("city", "village", "township"), (PlaceKind.CITY,)),
    **dict.fromkeys(("town", "borough"), (PlaceKind.CITY, PlaceKind.NEIGHBOURHOOD)),
    "municipality": (PlaceKind.CITY, PlaceKind.COUNTY, PlaceKind.DISTRICT),
    "district": (PlaceKind.DISTRICT, PlaceKind.COUNTY),
    **dict.fromkeys(("county", "parish", "department", "province", "prefecture"), (PlaceKind.COUNTY, PlaceKind.STATE)),
    **dict.fromkeys(("state", "governorate", "commonwealth"), (PlaceKind.STATE,)),
    "island": (PlaceKind.ISLAND,),
}
_SIDE = "inner|outer|upper|lower|(?:north|south|(?:north|south)?(?:east|west))(?:ern)?"
#: Of "downtown Houston" and "the greater Houston area" all that the gazetteer of the world holds is Houston.
_BEFORE = re.compile(f"(?:down|up|mid)town|central|greater|metro(?:politan)?|coastal|rural|{_SIDE}")
_BEHIND = re.compile("area|city|metro(?:politan)?|region|suburbs")
#: What tells places of otherwise the same name apart: "County Road 12", "Lower East Side".
_DISTINCTION = re.compile(rf"\w*\d\w*|[nsew]|{_SIDE}")


def designated(gazetteer: Gazetteer, name: str, *, limit: int) -> list[tuple[Place, str]]:
    """Return the places that a normalised "county of kent" may mean, each with the name that it is found by.

    They are of a kind that is called so; a source may list such a name of some places and leave it out of others.
    """
    designation, of, rest = name.partition(" of ")
    kinds = _DESIGNATIONS.get(designation, ())
    if not of or not kinds:
        return []
    rest = rest.removeprefix("the ")
    for spelling in (f"{rest} {designation}", rest):
        if found := [place for place in gazetteer.places(spelling, limit=limit) if place.kind in kinds]:
            return [(place, spelling) for place in found]
    return []


def wholes(name: str) -> Iterator[str]:
    """Yield what a normalised name may be a part of, or the surroundings of: the longest first, then the first."""
    words = name.split()
    before = sum(1 for _ in takewhile(_BEFORE.fullmatch, words))
    behind = sum(1 for _ in takewhile(_BEHIND.fullmatch, reversed(words)))
    for cut in range(1, before + behind + 1):
        for first in range(max(0, cut - behind), min(before, cut) + 1):
            rest = words[first : len(words) + first - cut]
            if not all(_BEFORE.fullmatch(word) or _BEHIND.fullmatch(word) for word in rest):
                yield " ".join(rest)


def are_opposed(one: str, other: str) -> bool:
    """Tell whether normalised names differ in directions or numbers alone: they are alike, but of two places."""
    first, second = Counter(one.split()), Counter(other.split())
    differing = [*(first - second), *(second - first)]
    return bool(first - second and second - first) and all(map(_DISTINCTION.fullmatch, differing))
