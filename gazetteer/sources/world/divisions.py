"""First- and second-level divisions: GeoNames' code tables, which give no coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gazetteer.importance import importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.world.curated import added_names
from gazetteer.sources.world.naming import TextAndKind, named, without_title
from gazetteer.sources.world.outlines import Area, county_areas, state_areas
from gazetteer.sources.world.raw import RawFiles, read_bytes, read_json, understanding
from gazetteer.sphere import Box, Position
from gazetteer.text import normalize_name

#: Where GeoNames has numbered the first-level divisions anew since its table of them was packaged. Cities and
#: second-level divisions have the new numbers, by which Hanoi would lie in An Giang, a thousand kilometres away.
_NUMBERED_ANEW = frozenset({"VN"})
#: Countries whose second-level divisions are called districts, though GeoNames often leaves the word out.
_OF_DISTRICTS = frozenset(("BD", "BT", "IN", "LK", "MW", "MZ", "NP", "NZ", "PK", "TZ", "UG", "ZM", "ZW"))


def state_places(
    raw: RawFiles,
    labels: Mapping[tuple[str, str], Position],
    city_middles: Mapping[str, Position],
    country_centres: Mapping[str, Position],
    populations: Mapping[str, int],
) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield the first-level divisions of every country.

    Each lies where OpenStreetMap has its label, one without a label within its outline at the centre of that, one
    without an outline in the middle of its cities, one without a city at the centre of its country. Its population is
    that of its cities, which tells Florida from its namesakes.
    """
    areas = state_areas(raw)
    lines = read_bytes(raw.admin1)
    with understanding(raw.admin1):
        rows = [line.split("\t") for line in lines.decode("utf-8").splitlines() if line]
        rows = [[code, name, ascii_name, str(int(identifier))] for code, name, ascii_name, identifier in rows]
    for code, name, ascii_name, identifier in rows:
        country, _, admin1 = code.partition(".")
        area = areas.get(code)
        city_middle, population = city_middles.get(code), populations.get(code, 0)
        if country in _NUMBERED_ANEW:
            admin1, city_middle, population = "", None, 0
        if country != "US":
            area = _sound(area, city_middle)
        position = _label(labels, country, (name, ascii_name), area)
        if position is None:
            position = area.centre if area else city_middle or country_centres.get(country)
        if position is None:
            continue
        box = area.box if area else None
        place = _division(f"geonames:{identifier}", name, PlaceKind.STATE, position, country, admin1, population, box)
        spellings: list[TextAndKind] = [(name, NameKind.NAME), *added_names(f"state/{code}")]
        spellings += [(text, NameKind.SHORT) for text in without_title(name)]
        spellings += [(ascii_name, NameKind.ALTERNATIVE)]
        spellings += [(text, NameKind.ALTERNATIVE) for text in (area.names if area else ())]
        yield place, named(place.id, spellings)


def _label(
    labels: Mapping[tuple[str, str], Position], country: str, names: tuple[str, ...], area: Area | None
) -> Position | None:
    """Return the label of the division with one of the names, unless it stands beside the division's area."""
    spelt = (*names, *(short for name in names for short in without_title(name)))
    label = next((labels[key] for text in spelt if (key := (country, normalize_name(text))) in labels), None)
    return label if label is None or area is None or area.holds(label) else None


def county_places(
    raw: RawFiles,
    city_centres: Mapping[str, Position],
    state_centres: Mapping[str, Position],
    populations: Mapping[str, int],
) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield the second-level divisions of every country, under ids such as `admin2:US.TX.201`.

    A US county lies at the centre of its outline, any other at the population-weighted mean of its cities, one without
    a city where its first-level division lies. What its name or its country calls a district is one. Its population is
    that of its cities, which tells Harris County in Texas from that in Georgia.
    """
    areas = county_areas(raw)
    rows = read_json(raw.admin2)
    with understanding(raw.admin2):
        divisions = [(str(row["code"]), str(row["name"])) for row in rows]
    for code, name in divisions:
        country, admin1, _ = code.split(".", 2)
        area = areas.get(code)
        position = area.centre if area else city_centres.get(code) or state_centres.get(f"{country}.{admin1}")
        if position is None:
            continue
        kind = PlaceKind.DISTRICT if "District" in name or country in _OF_DISTRICTS else PlaceKind.COUNTY
        box = area.box if area else None
        place = _division(f"admin2:{code}", name, kind, position, country, admin1, populations.get(code, 0), box)
        spellings: list[TextAndKind] = [(name, NameKind.NAME), *added_names(f"county/{code}")]
        spellings += [(text, NameKind.SHORT) for text in without_title(name)]
        if country == "US" and name.endswith(" County"):
            spellings.append((name.removesuffix("unty") + ".", NameKind.ABBREVIATION))
        if country in _OF_DISTRICTS and not without_title(name):
            spellings.append((f"{name} District", NameKind.VARIANT))
        yield place, named(place.id, spellings)


def _division(
    identifier: str,
    name: str,
    kind: PlaceKind,
    position: Position,
    country: str,
    admin1: str,
    population: int,
    box: Box | None,
) -> Place:
    latitude, longitude = position
    return Place(
        id=identifier,
        name=name,
        kind=kind,
        latitude=latitude,
        longitude=longitude,
        country=country,
        admin1=admin1,
        population=population,
        importance=importance(kind, population),
        bounds=box,
    )


def _sound(area: Area | None, city_middle: Position | None) -> Area | None:
    """Return an area unless its division's cities lie beside it: Natural Earth's are older than some divisions."""
    return area if area is None or city_middle is None or area.holds(city_middle) else None
