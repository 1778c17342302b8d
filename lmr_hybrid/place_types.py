"""How the types of mentions (IDRISI's twelve) and the kinds of places in a gazetteer correspond."""

from __future__ import annotations

from gazetteer import PlaceKind

#: The kinds of place that a mention of each type may refer to, the likeliest first.
KINDS_OF_TYPE: dict[str, tuple[PlaceKind, ...]] = {
    "Country": (PlaceKind.COUNTRY,),
    "State": (PlaceKind.STATE,),
    "County": (PlaceKind.COUNTY,),
    "City/town": (PlaceKind.CITY,),
    "District": (PlaceKind.DISTRICT, PlaceKind.COUNTY),
    "Neighborhood": (PlaceKind.NEIGHBOURHOOD, PlaceKind.DISTRICT),
    "Road/street": (PlaceKind.ROAD,),
    "Human-made Point-of-Interest": (PlaceKind.HUMAN_POI,),
    "Natural Point-of-Interest": (PlaceKind.NATURAL_POI,),
    "Island": (PlaceKind.ISLAND,),
    "Continent": (PlaceKind.CONTINENT,),
    "Other locations": (PlaceKind.OTHER,),
}
#: The type of a mention of a place of each kind.
TYPE_OF_KIND: dict[PlaceKind, str] = {kinds[0]: type_ for type_, kinds in KINDS_OF_TYPE.items()}
#: What lies within a town, of which no gazetteer of the world knows all.
SITE_KINDS = frozenset({PlaceKind.ROAD, PlaceKind.HUMAN_POI, PlaceKind.NATURAL_POI, PlaceKind.NEIGHBOURHOOD})
SITE_TYPES = frozenset(TYPE_OF_KIND[kind] for kind in SITE_KINDS)
#: What a place's codes tell that it lies in.
AREA_KINDS = frozenset({PlaceKind.COUNTRY, PlaceKind.STATE})
