"""The everyday words for kinds of places, as tables and people write them."""

from __future__ import annotations

from gazetteer.places import PlaceKind

#: Singular, in lower case, words separated by single spaces. The types of IDRISI-R stand among them.
_WORDS: dict[PlaceKind, str] = {
    PlaceKind.CONTINENT: "continent",
    PlaceKind.COUNTRY: "country, nation, sovereign state, dependency",
    PlaceKind.STATE: "state, province, region, territory, governorate, first level, admin1, adm1",
    PlaceKind.COUNTY: "county, prefecture, department, second level, admin2, adm2",
    PlaceKind.DISTRICT: "district, borough, subdistrict, ward, parish, commune, admin3, adm3",
    PlaceKind.CITY: (
        "city, town, village, hamlet, settlement, municipality, locality, populated place, ppl, city/town, capital"
    ),
    PlaceKind.NEIGHBOURHOOD: (
        "neighbourhood, neighborhood, suburb, quarter, barangay, subdivision, estate, camp, refugee camp, adm4, admin4"
    ),
    PlaceKind.ISLAND: "island, islet, isle, archipelago, atoll, cay",
    PlaceKind.ROAD: (
        "road, street, highway, avenue, lane, motorway, expressway, boulevard, path, road/street, residential, "
        "primary, secondary, tertiary, trunk, route"
    ),
    PlaceKind.HUMAN_POI: (
        "human poi, human made poi, human made point of interest, poi, "
        "point of interest, amenity, building, "
        "school, university, college, kindergarten, hospital, clinic, pharmacy, health centre, health center, "
        "health facility, shelter, church, mosque, temple, place of worship, airport, station, bus station, "
        "train station, railway station, bus stop, port, harbour, harbor, bridge, dam, stadium, hotel, restaurant, "
        "shop, market, mall, museum, monument, library, police, police station, fire station, post office, bank, "
        "fuel, gas station, factory, power plant, warehouse, cemetery, square, prison, military base, office, "
        "attraction, theatre, theater, park"
    ),
    PlaceKind.NATURAL_POI: (
        "natural poi, natural point of interest, river, stream, lake, reservoir, mountain, "
        "peak, hill, volcano, valley, beach, bay, sea, ocean, forest, wood, desert, cape, peninsula, glacier, "
        "waterfall, spring, wetland, national park, nature reserve, reef, cave, canal, water"
    ),
    PlaceKind.OTHER: "other, other locations, other locality, unknown",
}
_KINDS: dict[str, PlaceKind] = {
    **{word: kind for kind, words in _WORDS.items() for word in words.split(", ")},
    **{" ".join(kind.value.replace("-", " ").split()): kind for kind in PlaceKind},
}


def kind_named(word: str) -> PlaceKind | None:
    """Return the kind that a word stands for, None where it is not known; "Human-made_POI" and "towns" will do."""
    plain = " ".join(word.casefold().replace("_", " ").replace("-", " ").split())
    for form in (plain, plain.removesuffix("s"), plain.removesuffix("es"), f"{plain.removesuffix('ies')}y"):
        if form in _KINDS:
            return _KINDS[form]
    return None
