"""Where a thing without coordinates of its own lies: the centre of its outline or the mean of its cities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin
from typing import Any

#: Latitude and longitude, WGS 84 degrees.
Position = tuple[float, float]


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


def outline_centres(topology: dict[str, Any], layer: str) -> dict[str, Position]:
    """Return the centroid of the largest polygon of every feature of a TopoJSON layer, by feature id.

    The largest polygon alone, since the centre of all of them would put France into Spain for French Guiana's sake.
    The centroid is planar, in degrees: good to a few kilometres for anything that does not hold a pole.
    """
    arcs = _decoded_arcs(topology)
    centres = {}
    for geometry in topology["objects"][layer]["geometries"]:
        shape, identifier = geometry.get("type"), geometry.get("id")
        if identifier is None or shape not in {"Polygon", "MultiPolygon"}:
            continue
        polygons = [geometry["arcs"]] if shape == "Polygon" else geometry["arcs"]
        _, centre = max(_centroid(_ring(polygon[0], arcs)) for polygon in polygons)
        centres[str(identifier)] = rounded(centre)
    return centres


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


def _centroid(ring: Sequence[tuple[float, float]]) -> tuple[float, Position]:
    """Return the area of a closed ring, in square degrees, and its centroid."""
    doubled = sum_x = sum_y = 0.0
    for (x1, y1), (x2, y2) in pairwise(ring):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        sum_x += (x1 + x2) * cross
        sum_y += (y1 + y2) * cross
    if not doubled:
        return 0.0, (ring[0][1], ring[0][0])
    return abs(doubled) / 2, (sum_y / (3 * doubled), sum_x / (3 * doubled))
