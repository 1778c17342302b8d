"""Outlines of countries, first-level divisions and US counties: where each lies, and the box about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from gazetteer.sources.world.positions import (
    Polygon,
    land_box,
    land_centre,
    outlines,
    polygon_of,
    rounded,
)
from gazetteer.sources.world.raw import RawFiles, read_bytes, read_json, understanding
from gazetteer.sphere import Box, Position, in_box

#: What is worth keeping among Natural Earth's names: no codes, and none with letters lost on the way.
_NAME = regex.compile(r"(?=.*\p{Ll})\p{Lu}[\p{L}\p{M}' .-]{3,39}")


@dataclass(frozen=True, slots=True)
class Area:
    """The centroid of a division's land and the box about it, and what else its source calls it."""

    centre: Position
    box: Box
    names: tuple[str, ...] = ()

    def holds(self, position: Position) -> bool:
        """Tell whether a position lies in the box."""
        return in_box(position, self.box)


def country_polygons(raw: RawFiles) -> dict[str, list[Polygon]]:
    """Return Natural Earth's outlines of countries by ISO 3166-1 alpha-2, the largest polygon first."""
    topology = read_json(raw.world_outlines)
    with understanding(raw.world_outlines):
        polygons = outlines(topology, "countries")
    rows = read_json(raw.countries)
    with understanding(raw.countries):
        numbers = {code: f"{int(row['isonumeric']):03}" for code, row in rows.items()}
    return {code: polygons[number] for code, number in numbers.items() if number in polygons}


def state_areas(raw: RawFiles) -> dict[str, Area]:
    """Return first-level divisions by GeoNames code, such as "MZ.01": Natural Earth's, those of the US the Census's."""
    return {**_world_state_areas(raw), **_us_areas(raw, "states")}


def county_areas(raw: RawFiles) -> dict[str, Area]:
    """Return US counties by GeoNames code: `US`, the postal code of the state and the FIPS code."""
    return _us_areas(raw, "counties")


def _us_areas(raw: RawFiles, layer: str) -> dict[str, Area]:
    topology = read_json(raw.us_outlines)
    with understanding(raw.us_outlines):
        found = outlines(topology, layer)
    codes = _us_states(raw) if layer == "states" else _us_counties(raw)
    # The centroid of the largest polygon: the sea about Michigan and Hawaii is no part of them.
    return {
        code: Area(rounded(found[fips][0].centre), land_box(found[fips]))
        for code, fips in codes.items()
        if fips in found
    }


def _us_states(raw: RawFiles) -> dict[str, str]:
    rows = read_json(raw.us_states)
    with understanding(raw.us_states):
        return {f"US.{row['code']}": row["fips"] for row in rows.values()}


def _us_counties(raw: RawFiles) -> dict[str, str]:
    rows = read_json(raw.us_counties)
    with understanding(raw.us_counties):
        return {f"US.{row['state']}.{row['fips'][2:]}": row["fips"] for row in rows}


def _world_state_areas(raw: RawFiles) -> dict[str, Area]:
    """Return divisions of which Natural Earth knows GeoNames' id or code; several units of one code are one."""
    codes = _code_of_identifier(raw)
    known = set(codes.values())
    polygons: dict[str, list[Polygon]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    for properties, parts in _features(raw):
        code = codes.get(int(properties.get("gn_id") or 0)) or properties.get("gn_a1_code") or ""
        if code not in known:
            continue
        polygons[code] += parts
        spellings = (properties.get("name") or "", *(properties.get("name_alt") or "").split("|"))
        names[code] += [text.strip() for text in spellings if _NAME.fullmatch(text.strip())]
    found = {}
    for code, parts in polygons.items():
        parts.sort(key=lambda polygon: -polygon.area)
        found[code] = Area(land_centre(parts), land_box(parts), tuple(names[code]))
    return found


def _code_of_identifier(raw: RawFiles) -> Mapping[int, str]:
    lines = read_bytes(raw.admin1)
    with understanding(raw.admin1):
        rows = [line.split("\t") for line in lines.decode("utf-8").splitlines() if line]
        return {int(identifier): code for code, _, _, identifier in rows}


def _features(raw: RawFiles) -> Iterator[tuple[dict[str, Any], list[Polygon]]]:
    """Yield the properties and the outer rings of Natural Earth's first-level divisions."""
    for path in raw.division_outlines():
        collection = read_json(path)
        with understanding(path):
            # What has no division at all is a topology instead.
            features = [
                (feature["properties"], list(_outer_rings(feature["geometry"])))
                for feature in collection.get("features", ())
                if feature["geometry"]
            ]
        yield from features


def _outer_rings(geometry: dict[str, Any]) -> Iterable[Polygon]:
    rings = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return (polygon_of([(x, y) for x, y, *_ in polygon[0]]) for polygon in rings)
