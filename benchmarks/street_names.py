"""The names that fill the slots of the street templates, and the ways in which people write them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

from gazetteer.sources.osm import OsmSource

_SUFFIXES = {
    "Street": "St",
    "Avenue": "Ave",
    "Road": "Rd",
    "Boulevard": "Blvd",
    "Parkway": "Pkwy",
    "Drive": "Dr",
    "Court": "Ct",
    "Lane": "Ln",
    "Place": "Pl",
    "Terrace": "Ter",
    "Circle": "Cir",
    "Crescent": "Cres",
    "Highway": "Hwy",
}
_UNABBREVIATED = ("Pike", "Way", "Close")
_DIRECTIONS = {"North": "N", "South": "S", "East": "E", "West": "W"}
#: How the names of buildings are shortened in speech: what the map says, what people say.
_SPOKEN = (
    (r"\bRoman Catholic Church$", "Catholic Church"),
    (r"\bSeventh-[Dd]ay Adventist\b", "SDA"),
    (r"^Saint\b", "St"),
    (r"^Mount\b", "Mt"),
    (r"(?<=\w )High School$", "HS"),
    (r"\b(Elementary|Middle|Primary|Junior High|Senior High) School$", r"\1"),
    (r"\bRecreation Center$", "Rec Center"),
    (r"\bPolice Station$", "Police Stn"),
    (r"\bInternational Airport$", "Intl Airport"),
)
VARIANTS = ("abbreviated", "dotted", "bare", "typo", "house", "upper", "lower", "hashtag")


@dataclass(frozen=True, slots=True)
class Spot:
    """A name and where it is, in degrees; listed names, which no extract gave, are everywhere: None."""

    name: str
    where: tuple[float, float] | None = None


def read_spots(extract: Path, region: Mapping[str, Any], slots: Mapping[str, Any]) -> dict[str, list[Spot]]:
    """Return the names for each slot out of an extract and out of the region's own lists, sorted by name.

    Raises `gazetteer.SourceError` where the extract cannot be read.
    """
    patterns = {
        slot: (set(rule["kinds"]), re.compile(rule["pattern"]), re.compile(rule.get("never", "(?!)")))
        for slot, rule in slots.items()
        if "kinds" in rule
    }
    found: dict[str, dict[str, Spot]] = {slot: {} for slot in slots}
    for place, _ in OsmSource(extract).read():
        name = place.name.replace("’", "'")
        for slot, (kinds, pattern, never) in patterns.items():
            if place.kind in kinds and pattern.fullmatch(name) and not never.search(name):
                found[slot].setdefault(name, Spot(name, (place.latitude, place.longitude)))
    for slot, names in region["names"].items():
        found[slot] |= {name: Spot(name) for name in names}
    return {slot: sorted(spots.values(), key=lambda spot: spot.name) for slot, spots in found.items()}


def near(spots: Sequence[Spot], where: tuple[float, float], *, at_most: int = 40) -> list[Spot]:
    """Return the spots nearest to `where`, at most `at_most` of them, and all those that are everywhere."""
    placed = [(spot, spot.where) for spot in spots if spot.where is not None]
    placed.sort(key=lambda pair: _distance(pair[1], where))
    return [spot for spot, _ in placed[:at_most]] + [spot for spot in spots if spot.where is None]


def written(name: str, variants: Sequence[str], generator: random.Random, *, spoken: bool = False) -> str:
    """Return `name` in the variants asked for; `spoken` shortens names of buildings half of the time.

    Raises `ValueError` where a variant is none of `VARIANTS`.
    """
    if unknown := set(variants) - set(VARIANTS):
        raise ValueError(f"no such variants: {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    if spoken and generator.random() < 0.5:
        for pattern, said in _SPOKEN:
            name = re.sub(pattern, said, name)
    if "bare" in variants:
        name = _bare(name)
    elif "abbreviated" in variants or "dotted" in variants:
        name = _abbreviated(name, "." if "dotted" in variants else "")
    if "typo" in variants:
        name = _misspelt(name, generator)
    if "house" in variants:
        name = f"{_house_number(generator)} {name}"
    if "upper" in variants:
        name = name.upper()
    elif "lower" in variants:
        name = name.lower()
    return re.sub(r"[^A-Za-z0-9]", "", name) if "hashtag" in variants else name


def _abbreviated(name: str, dot: str) -> str:
    words = name.split(" ")
    if len(words) > 2 and words[0] in _DIRECTIONS:
        words[0] = _DIRECTIONS[words[0]] + dot
    if len(words) > 2 and words[-1] in _DIRECTIONS:
        words[-1] = _DIRECTIONS[words[-1]] + dot
    for index in (-1, -2):
        if len(words) > -index and words[index] in _SUFFIXES:
            words[index] = _SUFFIXES[words[index]] + dot
            break
    return " ".join(words)


def _bare(name: str) -> str:
    """Return what is left of a street's name in speech: "Broad" of "East Broad Street"."""
    words = name.split(" ")
    if len(words) > 2 and words[0] in _DIRECTIONS:
        del words[0]
    if len(words) > 1 and words[-1] in (*_SUFFIXES, *_UNABBREVIATED) and len(words[0]) > 1:
        del words[-1]
    return " ".join(words)


def _misspelt(name: str, generator: random.Random) -> str:
    """Return the name with two neighbouring letters swapped, or one dropped, inside its longest word."""
    words = name.split(" ")
    longest = max(range(len(words)), key=lambda index: len(words[index]))
    word = words[longest]
    if len(word) < 4:
        return name
    position = generator.randrange(1, len(word) - 2)
    swap = word[position + 1] + word[position] if generator.random() < 0.5 else word[position + 1]
    words[longest] = word[:position] + swap + word[position + 2 :]
    return " ".join(words)


def _house_number(generator: random.Random) -> int:
    return generator.choice((generator.randint(11, 999), generator.randint(1000, 3999)))


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance in degrees of latitude, good enough within a city."""
    return hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians(one[0])))
