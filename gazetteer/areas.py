"""Parts of the earth: bounding boxes, and outlines out of GeoJSON and osmosis `.poly` files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from gazetteer.errors import SelectionError
from gazetteer.sphere import in_boxes

if TYPE_CHECKING:
    import shapely

_Degrees: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """What lies between two meridians and two parallels, in WGS 84 degrees; `west` > `east` crosses longitude 180."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        sound = all(abs(edge) <= 180 for edge in (self.west, self.east)) and -90 <= self.south <= self.north <= 90
        if not sound:
            problem = "a bounding box has longitudes in -180..180 and latitudes in -90..90, the south first"
            raise SelectionError(",".join(map(str, self.edges())), problem, _BOX_REMEDY)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the box that `west,south,east,north` describes; raises SelectionError."""
        try:
            west, south, east, north = map(float, text.split(","))
        except ValueError as failure:
            problem = "a bounding box is four numbers separated by commas"
            raise SelectionError(text or "bounding box", problem, _BOX_REMEDY) from failure
        return cls(west, south, east, north)

    def edges(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north."""
        return self.west, self.south, self.east, self.north

    def contains(self, longitudes: _Degrees, latitudes: _Degrees) -> npt.NDArray[np.bool_]:
        """Return for each point whether it lies in the box or on its edge."""
        return in_boxes(np.column_stack([latitudes, longitudes]), np.array([self.edges()]))[:, 0]


_BOX_REMEDY = "Give west,south,east,north in degrees, such as -79,26,-77,27.5"


@dataclass(frozen=True, slots=True)
class Outline:
    """Polygons, with holes or without, as well-known text in WGS 84 degrees."""

    wkt: str

    def __post_init__(self) -> None:
        _prepared(self.wkt)

    def contains(self, longitudes: _Degrees, latitudes: _Degrees) -> npt.NDArray[np.bool_]:
        """Return for each point whether it lies within the outline or on it."""
        import shapely

        return np.asarray(shapely.intersects_xy(_prepared(self.wkt), longitudes, latitudes), dtype=np.bool_)


Area: TypeAlias = BoundingBox | Outline


@lru_cache(maxsize=8)
def _prepared(wkt: str) -> shapely.Geometry:
    import shapely

    try:
        outline = shapely.from_wkt(wkt)
    except shapely.errors.ShapelyError as failure:
        raise ValueError(str(failure)) from failure
    if outline is None or not outline.area:
        raise ValueError("an outline encloses something")
    shapely.prepare(outline)
    return outline


def read_outline(path: Path) -> Outline:
    """Return the outline in a GeoJSON or osmosis `.poly` file; raises SelectionError."""
    import shapely

    try:
        text = path.read_text(encoding="utf-8-sig")
        rings = _geojson_polygons(text) if text.lstrip().startswith("{") else _poly_polygons(text)
        outline = shapely.make_valid(rings)
        west, south, east, north = outline.bounds
        if outline.area == 0 or not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError("it encloses nothing in -180..180 degrees east and -90..90 degrees north")
    except OSError as failure:
        problem = f"it cannot be read ({failure.strerror or failure})"
        raise SelectionError(path, problem, "Give the path of a GeoJSON or .poly file") from failure
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, shapely.errors.ShapelyError) as failure:
        problem = f"it is no outline ({str(failure).strip() or type(failure).__name__})"
        remedy = "Give polygons in WGS 84 degrees as GeoJSON or as an osmosis .poly file"
        raise SelectionError(path, problem, remedy) from failure
    return Outline(outline.wkt)


def _geojson_polygons(text: str) -> shapely.Geometry:
    import shapely
    from shapely.geometry import shape

    shapes = [shapely.force_2d(shape(geometry)) for geometry in _geometries(json.loads(text))]
    # One by one, for what makes a whole valid takes the overlap of its parts away.
    polygons = [shapely.make_valid(part) for each in shapes for part in shapely.get_parts(each)]
    polygons = [each for each in polygons if each.area > 0]
    if not polygons:
        raise ValueError("there is no polygon in it")
    return shapely.union_all(polygons)


def _geometries(thing: Any) -> Iterator[Any]:
    kind = thing.get("type") if isinstance(thing, dict) else None
    if kind == "FeatureCollection":
        for feature in thing["features"]:
            yield from _geometries(feature)
    elif kind == "Feature":
        yield from _geometries(thing["geometry"])
    elif kind == "GeometryCollection":
        for geometry in thing["geometries"]:
            yield from _geometries(geometry)
    elif kind in ("Polygon", "MultiPolygon"):
        yield thing


def _poly_polygons(text: str) -> shapely.Geometry:
    """Return what the rings of an osmosis polygon file enclose.

    https://wiki.openstreetmap.org/wiki/Osmosis/Polygon_Filter_File_Format

    The first line is a name. Each section is a ring: a name ("!" before that of a hole), points, END.
    """
    import shapely

    lines = iter([line.strip() for line in text.splitlines() if line.strip()][1:])
    outer: list[shapely.Geometry] = []
    holes: list[shapely.Geometry] = []
    for title in lines:
        if title == "END":
            break
        points = []
        for line in lines:
            if line == "END":
                break
            longitude, latitude = line.split()[:2]
            points.append((float(longitude), float(latitude)))
        else:
            raise ValueError("a ring does not end with END")
        ring = shapely.make_valid(shapely.Polygon(points))
        (holes if title.startswith("!") else outer).append(ring)
    else:
        raise ValueError("it does not end with END")
    return shapely.difference(shapely.union_all(outer), shapely.union_all(holes))
