"""Where a thing without coordinates of its own lies: the centre of its outline, or the mean or middle of its cities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin
from typing import Any

from gazetteer.sphere import Box, Position

#: In degrees of latitude.
_NEAR_LARGEST = 20.0


def rounded(position: Position) -> Position:
    """Return a position to four decimals, about eleven metres, with its longitude between -180 and 180."""
    latitude, longitude = position
    return round(latitude, 4), round((longitude + 180) % 360 - 180, 4)


def mean_position(weighted: Iterable[tuple[float, float, float]]) -> Position:
    """Return the mean of (latitude, longitude, weight) on the sphere, so that it holds across the antimeridian."""
    x = y = z = 0.0
    for latitude, longitude, weight in weighted:
        phi, theta = radians(latitude), radians(longitude)
        x += weight * cos(phi) * cos(theta)
        y += weight * cos(phi) * sin(theta)
        z += weight * sin(phi)
    length = hypot(x, y, z)
    if not length:
        raise ValueError("no position has any weight")
    return rounded((degrees(asin(z / length)), degrees(atan2(y, x))))


def middle_position(positions: Iterable[Position]) -> Position:
    """Return the middle of a box about positions, which may lie across the antimeridian.

    It is the smallest box where that is less than 180 degrees wide. Raises `ValueError` where there is no position.
    """
    points = list(positions)
    if not points:
        raise ValueError("no position to take the middle of")
    first = points[0][1]
    longitudes = [(longitude - first + 180) % 360 - 180 for _, longitude in points]
    latitudes = [latitude for latitude, _ in points]
    return rounded(((min(latitudes) + max(latitudes)) / 2, first + (min(longitudes) + max(longitudes)) / 2))


@dataclass(frozen=True, slots=True)
class Polygon:
    """A part of a thing's outline: its area, only to be compared, its centroid, and the corners of the box about it.

    The centroid is planar, in degrees: good to a few kilometres for anything that does not hold a pole.
    """

    area: float
    centre: Position
    south_west: Position
    north_east: Position


def outlines(topology: dict[str, Any], layer: str) -> dict[str, list[Polygon]]:
    """Return the polygons of every feature of a TopoJSON layer, by feature id, the largest first.

    Several features may have one id, as Australia and its islands have.
    """
    arcs = _decoded_arcs(topology)
    found: dict[str, list[Polygon]] = {}
    for geometry in topology["objects"][layer]["geometries"]:
        shape, identifier = geometry.get("type"), geometry.get("id")
        if identifier is None or shape not in {"Polygon", "MultiPolygon"}:
            continue
        polygons = [geometry["arcs"]] if shape == "Polygon" else geometry["arcs"]
        found.setdefault(str(identifier), []).extend(polygon_of(_ring(polygon[0], arcs)) for polygon in polygons)
    return {identifier: sorted(polygons, key=lambda polygon: -polygon.area) for identifier, polygons in found.items()}


def land_centre(polygons: Sequence[Polygon]) -> Position:
    """Return the centroid of a country's land within 20 degrees of its largest polygon's.

    Not of all of it, since for French Guiana's sake that would put France into Spain.
    """
    return mean_position((*polygon.centre, polygon.area) for polygon in _near_largest(polygons))


def land_middle(polygons: Sequence[Polygon]) -> Position:
    """Return the middle of the box about a country's large polygons: of a tenth of the largest, and near it."""
    large = [polygon for polygon in _near_largest(polygons) if polygon.area >= polygons[0].area / 10]
    return middle_position(corner for polygon in large for corner in (polygon.south_west, polygon.north_east))


def land_box(polygons: Sequence[Polygon]) -> Box:
    """Return the box about a division's land within 20 degrees of its largest polygon."""
    near = _near_largest(polygons)
    first = near[0].south_west[1]
    wests, easts = [], []
    for polygon in near:
        west = first + (polygon.south_west[1] - first + 180) % 360 - 180
        wests.append(west)
        easts.append(west + polygon.north_east[1] - polygon.south_west[1])
    south, north = min(each.south_west[0] for each in near), max(each.north_east[0] for each in near)
    if max(easts) - min(wests) >= 360:
        return -180.0, round(south, 4), 180.0, round(north, 4)
    (_, west), (_, east) = rounded((0.0, min(wests))), rounded((0.0, max(easts)))
    return west, round(south, 4), east, round(north, 4)


def _near_largest(polygons: Sequence[Polygon]) -> list[Polygon]:
    latitude, longitude = polygons[0].centre
    return [
        polygon
        for polygon in polygons
        if hypot(
            polygon.centre[0] - latitude,
            ((polygon.centre[1] - longitude + 180) % 360 - 180) * cos(radians(latitude)),
        )
        <= _NEAR_LARGEST
    ]


def _decoded_arcs(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Undo the quantisation and delta coding of a topology (TopoJSON specification, 2.1.2 and 2.1.3)."""
    scale_x, scale_y = topology["transform"]["scale"]
    offset_x, offset_y = topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + offset_x, y * scale_y + offset_y))
        decoded.append(points)
    return decoded


def _ring(indices: Sequence[int], arcs: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Join the arcs of a ring; a negative index is the complement of an arc walked backwards.

    Longitudes go on beyond 180 where the ring crosses the antimeridian, as Russia's does, instead of leaping back.
    """
    points: list[tuple[float, float]] = []
    turns = 0
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        for x, y in arc[1:] if points else arc:
            if points:
                leap = x + turns * 360 - points[-1][0]
                turns -= (leap > 180) - (leap < -180)
            points.append((x + turns * 360, y))
    return points


def polygon_of(ring: Sequence[tuple[float, float]]) -> Polygon:
    """Return the polygon of a closed ring of (longitude, latitude)."""
    doubled = sum_x = sum_y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        sum_x += (x1 + x2) * cross
        sum_y += (y1 + y2) * cross
    centre = (sum_y / (3 * doubled), sum_x / (3 * doubled)) if doubled else (ring[0][1], ring[0][0])
    longitudes, latitudes = [x for x, _ in ring], [y for _, y in ring]
    return Polygon(
        # A degree of longitude is the shorter the nearer to a pole.
        area=abs(doubled) / 2 * cos(radians(centre[0])),
        centre=centre,
        south_west=(min(latitudes), min(longitudes)),
        north_east=(max(latitudes), max(longitudes)),
    )
