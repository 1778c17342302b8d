"""Where a GeoJSON geometry lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gazetteer.sources.antimeridian import centroids


def centre(geometry: object) -> tuple[float, float] | None:
    """Return latitude and longitude of a point, or of the centroid of anything else; None where there is none.

    A shape that is cut at the antimeridian, as RFC 7946 (3.1.9) asks, has its centre where it lies, not half a world
    away. Coordinates that are no WGS 84 degrees have no place on the map.
    """
    if not isinstance(geometry, Mapping):
        return None
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(coordinates, list | tuple):
        return _in_range(*coordinates[:2]) if len(coordinates) >= 2 else None
    return _centroid(geometry)


def _centroid(geometry: Mapping[str, Any]) -> tuple[float, float] | None:
    import shapely
    from shapely.geometry import shape

    try:
        outline = shapely.force_2d(shape(geometry))
        if outline.is_empty or not all(map(_is_finite, outline.bounds)):
            return None
        [longitude], [latitude] = centroids(np.array([outline]))
    # shapely meets garbled coordinates with whatever Python and GEOS raise.
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None
    return _in_range(float(longitude), float(latitude))


def _is_finite(number: float) -> bool:
    return abs(number) < float("inf")


def _in_range(longitude: object, latitude: object) -> tuple[float, float] | None:
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return None
    return (float(latitude), float(longitude)) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
