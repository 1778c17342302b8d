"""Which kind of place OpenStreetMap's tags describe, and which named things are no places.

The rules are a table read from top to bottom; the first that holds decides. Keys and values are those of
https://wiki.openstreetmap.org/wiki/Map_features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from gazetteer.places import PlaceKind


class Shape(Enum):
    """What an OSM object is on the map: the same tags say different things of a line and of an area."""

    POINT = "point"
    LINE = "line"
    AREA = "area"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Rule:
    """Says that what is tagged `key` with one of `values` (any, where that is empty) is a `kind`; None: no place."""

    key: str
    values: frozenset[str]
    kind: PlaceKind | None


#: The kind of an administrative boundary by its `admin_level`. Countries use the levels differently
#: (https://wiki.openstreetmap.org/wiki/Tag:boundary=administrative); this is the reading that fits most of them.
#: Level 9 is the city district (arrondissement, Stadtbezirk, ward), level 10 and below the quarter.
ADMIN_LEVELS: dict[str, PlaceKind] = {
    "2": PlaceKind.COUNTRY,
    "3": PlaceKind.STATE,
    "4": PlaceKind.STATE,
    "5": PlaceKind.COUNTY,
    "6": PlaceKind.COUNTY,
    "7": PlaceKind.CITY,
    "8": PlaceKind.CITY,
    "9": PlaceKind.DISTRICT,
    "10": PlaceKind.NEIGHBOURHOOD,
    "11": PlaceKind.NEIGHBOURHOOD,
    "12": PlaceKind.NEIGHBOURHOOD,
}

#: Values of `place` that say less than a town.
_PARTS_OF_TOWN = "suburb quarter neighbourhood neighborhood city_block allotments subdivision"

#: Values of `type` of relations that describe a service, a regulation, a border line or a collection, not a place. The
#: members of a street relation are ways that bear the name themselves, those of a stop area are stops that do.
_NO_PLACE_RELATIONS = """
    route route_master superroute network public_transport restriction enforcement destination_sign connectivity
    manoeuvre turnlanes tmc person relatedObject associatedStreet street level circuit junction multilinestring
"""

#: Keys whose values all mean something built or run by people, whatever they say.
_HUMAN_KEYS = """
    amenity shop tourism historic leisure office healthcare public_transport railway aerialway man_made military craft
    club sport attraction playground education cemetery ruins memorial bridge tunnel building building:part telecom
    junction addr:housename
"""

#: What is left of these when no rule above them holds is furniture of a place, a service, or a line drawn for one.
_NO_PLACE_KEYS = """
    route entrance power indoor emergency barrier traffic_sign advertising noexit traffic_calming seamark:type cycleway
    surveillance room door fire_hydrant:type
"""


def _rule(key: str, kind: PlaceKind | None, values: str = "") -> Rule:
    return Rule(key, frozenset(values.split()), kind)


RULES: tuple[Rule, ...] = (
    _rule("place", PlaceKind.CONTINENT, "continent"),
    _rule("place", PlaceKind.COUNTRY, "country"),
    _rule("place", PlaceKind.STATE, "state province region territory"),
    _rule("place", PlaceKind.COUNTY, "county"),
    _rule("place", PlaceKind.DISTRICT, "district subdistrict borough civil_parish"),
    _rule("place", PlaceKind.CITY, "city town village hamlet isolated_dwelling municipality"),
    _rule("place", PlaceKind.NEIGHBOURHOOD, _PARTS_OF_TOWN),
    _rule("place", PlaceKind.ISLAND, "island islet archipelago"),
    _rule("place", PlaceKind.NATURAL_POI, "ocean sea"),
    _rule("place", PlaceKind.HUMAN_POI, "square farm"),
    # Census places of the United States stand for towns without a government of their own.
    _rule("boundary", PlaceKind.CITY, "census"),
    _rule("boundary", PlaceKind.NATURAL_POI, "national_park protected_area forest water_protection_area"),
    _rule("boundary", PlaceKind.HUMAN_POI, "military hazard"),
    # The land part of an administrative area that has a boundary of its own.
    _rule("boundary", None, "land_area timezone marker"),
    _rule("site", None, "geodesic"),
    _rule("aeroway", PlaceKind.HUMAN_POI),
    _rule(
        "highway",
        PlaceKind.HUMAN_POI,
        "bus_stop platform rest_area services motorway_junction traffic_signals toll_gantry elevator trailhead",
    ),
    _rule(
        "highway",
        None,
        "street_lamp crossing stop give_way milestone turning_circle turning_loop mini_roundabout passing_place "
        "speed_camera emergency_access_point traffic_mirror proposed razed abandoned no",
    ),
    _rule("highway", PlaceKind.ROAD),
    _rule("natural", PlaceKind.NATURAL_POI),
    _rule("waterway", PlaceKind.HUMAN_POI, "dam weir lock_gate dock boatyard fuel sluice_gate"),
    _rule("waterway", PlaceKind.NATURAL_POI),
    _rule("water", PlaceKind.NATURAL_POI),
    _rule("geological", PlaceKind.NATURAL_POI),
    _rule("mountain_pass", PlaceKind.NATURAL_POI),
    _rule("leisure", PlaceKind.NATURAL_POI, "nature_reserve"),
    _rule("tourism", None, "information"),
    _rule("railway", PlaceKind.HUMAN_POI, "station halt tram_stop"),
    _rule("public_transport", None, "stop_position"),
    _rule(
        "railway", None, "subway_entrance switch signal milestone level_crossing crossing buffer_stop razed proposed"
    ),
    _rule("amenity", None, "vending_machine waste_basket post_box telephone parking_space parking_entrance"),
    _rule("golf", None, "hole tee green fairway bunker"),
    *(_rule(key, PlaceKind.HUMAN_POI) for key in _HUMAN_KEYS.split()),
    _rule("power", PlaceKind.HUMAN_POI, "plant substation generator"),
    _rule("barrier", PlaceKind.HUMAN_POI, "toll_booth border_control city_wall"),
    _rule(
        "emergency", PlaceKind.HUMAN_POI, "ambulance_station assembly_point disaster_response lifeguard landing_site"
    ),
    _rule("landuse", PlaceKind.NEIGHBOURHOOD, "residential"),
    _rule("landuse", PlaceKind.NATURAL_POI, "forest meadow grass basin reservoir orchard vineyard farmland"),
    _rule("landuse", PlaceKind.HUMAN_POI),
    _rule("landcover", PlaceKind.NATURAL_POI),
    _rule("seamark:type", PlaceKind.HUMAN_POI, "harbour anchorage berth light_major light_minor landmark"),
    *(_rule(key, None) for key in _NO_PLACE_KEYS.split()),
    # What has a name and an address is a shop or an office whose mapper said no more.
    _rule("addr:housenumber", PlaceKind.HUMAN_POI),
)

#: `tourism=information` is a place only where somebody sits in it.
_STAFFED_INFORMATION = frozenset({"office", "visitor_centre"})

_PART_OF_TOWN_VALUES = frozenset(_PARTS_OF_TOWN.split())
#: Values of `type` of relations that are no places.
IGNORED_TYPES = frozenset(_NO_PLACE_RELATIONS.split())

#: The rules by key, so that an object is asked only about the keys that it has.
_RULES_BY_KEY: dict[str, list[tuple[int, Rule]]] = {}
for _rank, _each in enumerate(RULES):
    _RULES_BY_KEY.setdefault(_each.key, []).append((_rank, _each))


def relevant_keys() -> tuple[str, ...]:
    """Return the keys that `kind_of` looks at, in alphabetical order."""
    return tuple(sorted({*_RULES_BY_KEY, "type", "admin_level", "information"}))


def kind_of(tags: Mapping[str, str], shape: Shape) -> PlaceKind | None:
    """Return the kind of the place that `tags` describe, OTHER where no rule knows it, None where it is no place."""
    if shape is Shape.RELATION and tags.get("type", "").partition(":")[0] in IGNORED_TYPES:
        return None
    # Some mappers draw housing estates as boundaries of level 3 (393 of them in an extract of Grand Bahama).
    is_part_of_town = tags.get("place") in _PART_OF_TOWN_VALUES
    if tags.get("boundary") == "administrative" and shape is not Shape.LINE and not is_part_of_town:
        kind = ADMIN_LEVELS.get(tags.get("admin_level", "").strip())
        if kind is not None:
            return kind
    if tags.get("tourism") == "information" and tags.get("information") in _STAFFED_INFORMATION:
        return PlaceKind.HUMAN_POI
    best: tuple[int, Rule] | None = None
    for key, value in tags.items():
        for rank, rule in _RULES_BY_KEY.get(key, ()):
            if best is not None and rank > best[0]:
                break
            if value != "no" and (not rule.values or value in rule.values):
                best = rank, rule
                break
    if best is not None:
        # A named line with a boundary tag is the border between two places ("Monaco - France"), not one of them.
        return None if shape is Shape.LINE and best[1].key == "boundary" else best[1].kind
    return None if shape is Shape.LINE and "boundary" in tags else PlaceKind.OTHER
