"""Shapes on both sides of the antimeridian, which maps cut in two: where they lie, and what box is about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Degrees; what is wider lies rather on both sides of the antimeridian than around half the globe.
_WIDE = 180.0


def centroids(shapes: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes, -180 to 180 and -90 to 90 degrees, of the centroids of shapely geometries."""
    import shapely

    points = shapely.centroid(_joined(shapes))
    return _wrapped(shapely.get_x(points)), shapely.get_y(points)


def boxes(shapes: NDArray[Any]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return west, south, east and north of the boxes about shapely geometries.

    West is greater than east where a box crosses the antimeridian (RFC 7946, section 5.2).
    """
    import shapely

    west, south, east, north = shapely.bounds(_joined(shapes)).T
    return _wrapped(west), south, _wrapped(east), north


def _joined(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return the shapes, those on both sides of the antimeridian with longitudes of 0 to 360, and so in one piece."""
    import shapely

    joined = np.array(shapes, dtype=object)
    wide = np.flatnonzero(_widths(joined) > _WIDE)
    turned = shapely.transform(joined[wide], _eastward)
    narrower = _widths(turned) < _widths(joined[wide])
    joined[wide[narrower]] = turned[narrower]
    return joined


def _widths(shapes: NDArray[Any]) -> Floats:
    import shapely

    bounds = shapely.bounds(shapes).reshape(-1, 4)
    widths: Floats = bounds[:, 2] - bounds[:, 0]
    return widths


def _eastward(coordinates: Floats) -> Floats:
    coordinates[:, 0] = coordinates[:, 0] % 360
    return coordinates


def _wrapped(longitudes: Floats) -> Floats:
    return np.where(longitudes > 180, longitudes - 360, longitudes)
