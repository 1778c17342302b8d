"""The plain data of a gazetteer: places, their names, and matches of those names in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class PlaceKind(StrEnum):
    """What a place is; fine enough to cover the twelve types of IDRISI-R (Suwaileh et al., 2023)."""

    CONTINENT = "continent"
    COUNTRY = "country"
    STATE = "state"
    COUNTY = "county"
    DISTRICT = "district"
    CITY = "city"
    NEIGHBOURHOOD = "neighbourhood"
    ISLAND = "island"
    ROAD = "road"
    HUMAN_POI = "human-made point of interest"
    NATURAL_POI = "natural point of interest"
    OTHER = "other"


#: The order in which kinds are numbered on disk and in feature columns. Append only: it is part of the format.
KINDS: tuple[PlaceKind, ...] = tuple(PlaceKind)


class NameKind(StrEnum):
    """How a name stands to its place, from the most to the least trustworthy."""

    NAME = "name"
    OFFICIAL = "official_name"
    SHORT = "short_name"
    ALTERNATIVE = "alt_name"
    OLD = "old_name"
    ABBREVIATION = "abbreviation"
    DEMONYM = "demonym"
    REFERENCE = "ref"
    VARIANT = "variant"


#: The order in which name kinds are numbered on disk. Append only: it is part of the format.
NAME_KINDS: tuple[NameKind, ...] = tuple(NameKind)


class ParentBasis(StrEnum):
    """How a place's parent was found, from the most to the least trustworthy."""

    STATED = "stated"
    CONTAINED = "contained"
    NEAREST = "nearest"


#: The order in which the bases are numbered on disk, from 1; 0 is a place without a parent. Append only.
PARENT_BASES: tuple[ParentBasis, ...] = tuple(ParentBasis)


@dataclass(frozen=True, slots=True)
class Place:
    """A real thing with an id and coordinates.

    `id` is `source:identifier`, such as `osm:node/123`, `osm:way/9`, `osm:relation/4` or `geonames:5128581`.
    Coordinates are WGS 84 degrees. `country` is an ISO 3166-1 alpha-2 code, `admin1` the code or name of the
    first-level unit within it; both are "" where unknown. `population` is 0 where unknown. `importance` is between
    0 (a bench) and 1 (a continent) and is comparable between gazetteers. `wikidata` is an item such as "Q60", "" where
    unknown. `parent` is the id of the smallest administrative place of the same gazetteer that this one belongs to, ""
    where none is known, and `parent_basis` says how it was found: stated by the source, by containment in a boundary,
    or merely the nearest larger place. `bounds` is the box about its outline where that is known: west, south, east and
    north in degrees, as in RFC 7946, section 5, of what lies near its point; west > east crosses the antimeridian.
    """

    id: str
    name: str
    kind: PlaceKind
    latitude: float
    longitude: float
    country: str = ""
    admin1: str = ""
    population: int = 0
    importance: float = 0.0
    wikidata: str = ""
    parent: str = ""
    parent_basis: ParentBasis | None = None
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One spelling of one place, as its source gives it. `language` is a BCP 47 code, or "" where unknown."""

    place_id: str
    text: str
    kind: NameKind = NameKind.NAME
    language: str = ""


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What is known of a normalised name across every place that bears it.

    `kinds` and `name_kinds` list what occurs, in the order of the enums; `place_count` is at least 1;
    `importance` is the greatest of its places'; `english_frequency` is the Zipf frequency (0 to about 8, van Heuven
    et al. 2014) of the rarest word of the name in English. `derived_from` is the normalised name that this one was made
    from where it is only a variant, "" where a source gives it itself: a variant deserves less trust.
    """

    # What is remembered by facts is looked up often, and the numbers tell nearly all apart.
    kinds: tuple[PlaceKind, ...] = field(hash=False)
    name_kinds: tuple[NameKind, ...] = field(hash=False)
    place_count: int
    importance: float
    english_frequency: float
    derived_from: str = field(default="", hash=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A span of text equal to a normalised name.

    `start` and `end` are character offsets into the text as the caller gave it; `first_token` and `last_token`
    (inclusive) index the tokens of `gazetteer.text.tokenize` on that text.
    """

    start: int
    end: int
    first_token: int
    last_token: int
    name: str
    facts: NameFacts


class _Draft:
    """A match that is being made. Its slots are those of `Match`."""

    __slots__ = ("end", "facts", "first_token", "last_token", "name", "start")

    def __init__(self, start: int, end: int, first_token: int, last_token: int, name: str, facts: NameFacts) -> None:
        self.start = start
        self.end = end
        self.first_token = first_token
        self.last_token = last_token
        self.name = name
        self.facts = facts


def make_match(start: int, end: int, first_token: int, last_token: int, name: str, facts: NameFacts) -> Match:
    """Return `Match(start, …)`, in a third of the time: a frozen class sets each field by way of a function."""
    draft: Any = _Draft(start, end, first_token, last_token, name, facts)
    draft.__class__ = Match
    match: Match = draft
    return match
