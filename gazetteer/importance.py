"""How well known a place is, on one scale for every source."""

from __future__ import annotations

from math import log10

from gazetteer.places import PlaceKind

#: What an article in Wikipedia or an item in Wikidata adds to the importance of a place.
NOTED = 0.05
#: What being the capital of a country adds: Islamabad is better known than Chattogram, which has more people and was
#: called Islamabad, too.
CAPITAL = 0.08
#: The importance of a place of unknown population, and of one with ten thousand million people, by kind.
_RANGES: dict[PlaceKind, tuple[float, float]] = {
    PlaceKind.CONTINENT: (1.0, 1.0),
    PlaceKind.COUNTRY: (0.75, 1.0),
    PlaceKind.STATE: (0.55, 0.85),
    PlaceKind.COUNTY: (0.35, 0.65),
    PlaceKind.DISTRICT: (0.2, 0.6),
    PlaceKind.CITY: (0.1, 1.0),
    PlaceKind.NEIGHBOURHOOD: (0.1, 0.6),
    PlaceKind.ISLAND: (0.3, 0.7),
    PlaceKind.ROAD: (0.05, 0.05),
    PlaceKind.HUMAN_POI: (0.05, 0.05),
    PlaceKind.NATURAL_POI: (0.15, 0.15),
    PlaceKind.OTHER: (0.05, 0.05),
}


def importance(kind: PlaceKind, population: int = 0) -> float:
    """Return a number in 0..1 that grows with the rank of the kind and the logarithm of the population."""
    lowest, highest = _RANGES[kind]
    share = min(1.0, log10(max(population, 1)) / 10)
    return round(lowest + (highest - lowest) * share, 4)
