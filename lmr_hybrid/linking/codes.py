"""Postal codes of states that are English words, or other places' names, and so no names in the gazetteer."""

from __future__ import annotations

from gazetteer import Gazetteer, Place, PlaceKind

#: Codes of the United States Postal Service and of Canada Post. A text is full of "in", "me" and "or", so that a
#: gazetteer that finds names in texts leaves them out; of a mention they are worth asking.
_STATES = {
    "de": ("US", "delaware"),
    "hi": ("US", "hawaii"),
    "id": ("US", "idaho"),
    "in": ("US", "indiana"),
    "la": ("US", "louisiana"),
    "ma": ("US", "massachusetts"),
    "me": ("US", "maine"),
    "nt": ("CA", "northwest territories"),
    "oh": ("US", "ohio"),
    "ok": ("US", "oklahoma"),
    "or": ("US", "oregon"),
    "pa": ("US", "pennsylvania"),
    "pe": ("CA", "prince edward island"),
    "yt": ("CA", "yukon"),
}


def states_of_code(gazetteer: Gazetteer, code: str) -> list[Place]:
    """Return the state with a normalised postal code that is no name, as far as the gazetteer knows it."""
    country, name = _STATES.get(code, ("", ""))
    found = gazetteer.places(name) if name else []
    return [place for place in found if place.kind is PlaceKind.STATE and place.country == country]
