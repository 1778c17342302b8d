"""Points on the earth, taken for a sphere: how far apart they lie, and whether a box holds them."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

import numpy
from numpy.typing import NDArray

#: Latitude and longitude, WGS 84 degrees.
Position = tuple[float, float]
#: West, south, east and north, WGS 84 degrees; west > east crosses the antimeridian (RFC 7946, section 5).
Box = tuple[float, float, float, float]
#: A point on the unit sphere.
UnitVector = tuple[float, float, float]

#: The mean radius R1 of the earth (Moritz 2000, Geodetic Reference System 1980).
EARTH_RADIUS_KM = 6_371.0088


def distance_km(one: Position, other: Position) -> float:
    """Return the great-circle distance of two points (haversine formula; Sinnott 1984)."""
    (latitude, longitude), (to_latitude, to_longitude) = (
        (radians(north), radians(east)) for north, east in (one, other)
    )
    half = sin((to_latitude - latitude) / 2) ** 2
    half += cos(latitude) * cos(to_latitude) * sin((to_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def unit_vectors(points: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """Return the points, shape (n, 2), latitude and longitude in radians, on the unit sphere: shape (n, 3)."""
    latitudes, longitudes = points[:, 0], points[:, 1]
    flat = numpy.cos(latitudes)
    vectors: NDArray[numpy.float64] = numpy.stack(
        (flat * numpy.cos(longitudes), flat * numpy.sin(longitudes), numpy.sin(latitudes)), axis=1
    )
    return vectors


def unit_vector(position: Position) -> UnitVector:
    """Return a position on the unit sphere; of a few, sooner than `unit_vectors`."""
    latitude, longitude = map(radians, position)
    flat = cos(latitude)
    return flat * cos(longitude), flat * sin(longitude), sin(latitude)


def distances_km(vectors: NDArray[numpy.float64], others: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    """Return the great-circle distances, to a metre, between points, shape (n, 3), and others, (m, 3): shape (n, m).

    Points are what `unit_vectors` returns.
    """
    cosines = vectors @ others.T
    # Rounding may lead beyond 1; numpy.clip takes longer for few points.
    numpy.maximum(numpy.minimum(cosines, 1.0, out=cosines), -1.0, out=cosines)
    distances: NDArray[numpy.float64] = EARTH_RADIUS_KM * numpy.arccos(cosines)
    return distances


def in_box(position: Position, box: Box) -> bool:
    """Tell whether a position lies in a box or on its edge."""
    latitude, longitude = position
    west, south, east, north = box
    between = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return between and south <= latitude <= north


def widened(box: Box, position: Position) -> Box:
    """Return the least box that holds both a box and a position; one that holds it already stays as it is.

    It grows to that side on which the position is nearer, be it across the antimeridian.
    """
    if in_box(position, box):
        return box
    latitude, longitude = position
    west, south, east, north = box
    if not in_box((south, longitude), box):
        to_the_west, to_the_east = (west - longitude) % 360, (longitude - east) % 360
        west, east = (longitude, east) if to_the_west < to_the_east else (west, longitude)
    return west, min(south, latitude), east, max(north, latitude)


def in_boxes(points: NDArray[numpy.float64], boxes: NDArray[numpy.float64]) -> NDArray[numpy.bool_]:
    """Tell which points, shape (n, 2), lie in which boxes or on their edges, (m, 4): shape (n, m).

    Points are latitude and longitude, in the unit of the boxes, degrees or radians.
    """
    latitudes, longitudes = points[:, :1], points[:, 1:]
    west, south, east, north = boxes.T
    after, before = longitudes >= west, longitudes <= east
    between = numpy.where(west <= east, after & before, after | before)
    held: NDArray[numpy.bool_] = between & (latitudes >= south) & (latitudes <= north)
    return held
