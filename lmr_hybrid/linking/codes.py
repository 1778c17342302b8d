"""Postal codes of states: those that are English words, and those that stand behind a mention."""

from __future__ import annotations

import re

from gazetteer import Gazetteer, Place, PlaceKind

#: Codes of the United States Postal Service, Canada Post and Australia Post. A text is full of "in", "me" and "or", so
#: that a gazetteer that finds names in texts leaves them out, and "WA" is Washington there; of a mention they are worth
#: asking.
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
    "wa": ("AU", "western australia"),
    "yt": ("CA", "yukon"),
}


def states_of_code(gazetteer: Gazetteer, code: str) -> list[Place]:
    """Return the state with a normalised postal code that is not its name, as far as the gazetteer knows it."""
    country, name = _STATES.get(code, ("", ""))
    found = gazetteer.places(name) if name else []
    return [place for place in found if place.kind is PlaceKind.STATE and place.country == country]


_BEHIND = re.compile(r"(?P<comma>,)?[ ]{1,2}(?P<code>[A-Z]{2})\b(?!['’])")


def code_behind(text: str, start: int, end: int, following: int) -> str:
    """Return the two capitals behind the mention from `start` to `end`, if they end before the mention `following`.

    In a text of capitals any word of two letters looks so: there a comma must stand between.
    """
    match = _BEHIND.match(text, end, following)
    if match is None or (match["comma"] is None and text[start:end].isupper()):
        return ""
    return match["code"]
