"""The areas that an extract holds as a whole, as polygons: administrative boundaries, and what else relations draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gazetteer.sources.antimeridian import centroids
from gazetteer.sources.osm.geometry import Floats, Ints, Lines, Points, rows_of, sorted_unique
from gazetteer.sources.osm.relations import Members, Rank
from gazetteer.sources.osm.tables import TYPE_NAMES, ObjectType

if TYPE_CHECKING:
    import duckdb

_BOUNDARIES = """
SELECT d.id FROM osm_described d JOIN osm_objects o USING (type, id)
WHERE d.type = {type:d} AND d.kind IS NOT NULL AND d.nameset IS NOT NULL AND d.shape >= 2
    AND contains(',' || o.tags || ',', ',boundary=administrative,') ORDER BY d.id
"""


@dataclass(frozen=True, slots=True)
class Areas:
    """Places that are areas: their ids, and their polygons (shapely geometries, longitude first)."""

    ids: list[str]
    polygons: Any


@dataclass(frozen=True, slots=True)
class Whole:
    """Relations by id (sorted) that are whole areas, and their polygons."""

    ids: Ints
    polygons: Any

    def centroids(self) -> Points:
        """Return the centroids of the areas."""
        longitudes, latitudes = centroids(self.polygons)
        return Points(self.ids, latitudes, longitudes)


def whole_relations(connection: duckdb.DuckDBPyConnection, members: Members, nodes: Points) -> Whole:
    """Return the relations of which every way and every node is there and that close.

    A boundary cut off at the border of an extract would hold the wrong places, and its centroid would lie anywhere.
    """
    wanted = np.isin(members.ranks, (Rank.OUTER_WAY, Rank.OTHER_WAY))
    owners, refs = members.ids[members.owners[wanted]], members.refs[wanted]
    return _polygons(owners, refs, _lines(connection, sorted_unique(refs), nodes))


def administrative_areas(connection: duckdb.DuckDBPyConnection, whole: Whole, nodes: Points) -> Areas:
    """Return the administrative boundaries among whole relations and closed ways."""
    relations = connection.execute(_BOUNDARIES.format(type=ObjectType.RELATION)).fetchnumpy()["id"]
    ways = connection.execute(_BOUNDARIES.format(type=ObjectType.WAY)).fetchnumpy()["id"]
    chosen = np.isin(whole.ids, relations)
    closed = _polygons(ways, ways, _lines(connection, ways, nodes))
    ids = [
        f"osm:{TYPE_NAMES[type_]}/{each}"
        for type_, found in ((ObjectType.RELATION, whole.ids[chosen]), (ObjectType.WAY, closed.ids))
        for each in found.tolist()
    ]
    return Areas(ids, np.concatenate([whole.polygons[chosen], closed.polygons]))


def _lines(connection: duckdb.DuckDBPyConnection, ids: Ints, nodes: Points) -> Lines:
    import pyarrow

    from gazetteer.sources.osm.derived import way_lines

    connection.register("boundary_ways", pyarrow.table({"id": ids}))
    parts = list(way_lines(connection, nodes, "id IN (SELECT id FROM boundary_ways)"))
    connection.unregister("boundary_ways")
    lengths = np.concatenate([np.zeros(1, dtype=np.int64), *(np.diff(part.offsets) for part in parts)])

    def joined(name: str, kind: Any) -> Any:
        return np.concatenate([np.zeros(0, dtype=kind), *(getattr(part, name) for part in parts)])

    return Lines(
        joined("ids", np.int64),
        np.cumsum(lengths),
        joined("refs", np.int64),
        joined("latitude", np.float64),
        joined("longitude", np.float64),
    )


def _polygons(owners: Ints, refs: Ints, lines: Lines) -> Whole:
    """Return the owners whose ways are all there and close."""
    import shapely

    rows, known = rows_of(lines.ids, refs)
    lengths = np.diff(lines.offsets)
    missing = np.concatenate([[0], np.cumsum(np.isnan(lines.latitude))])
    whole = (missing[lines.offsets[1:]] == missing[lines.offsets[:-1]]) & (lengths >= 2)
    sound = known.copy()
    sound[known] = whole[rows[known]]
    owner_ids = sorted_unique(owners)
    owner = np.searchsorted(owner_ids, owners)
    complete = np.bincount(owner, weights=~sound, minlength=len(owner_ids)) == 0
    complete &= _closes(owner, rows, sound, lines, len(owner_ids))
    taken = np.flatnonzero(complete[owner]) if len(owner) else np.zeros(0, dtype=np.int64)
    if not len(taken):
        return Whole(owner_ids[:0], np.zeros(0, dtype=object))
    order = taken[np.argsort(owner[taken], kind="stable")]
    points, way = _coordinates(lines, rows[order])
    strings = shapely.linestrings(points, indices=way)
    numbers, compact = np.unique(owner[order], return_inverse=True)
    areas = shapely.build_area(shapely.multilinestrings(strings, indices=compact))
    filled = ~shapely.is_empty(areas)
    return Whole(owner_ids[numbers[filled]], areas[filled])


def _closes(owner: Ints, rows: Ints, sound: Any, lines: Lines, count: int) -> Any:
    """Tell of each owner whether its ways leave no loose end: every end node is met an even number of times."""
    ends = np.concatenate([lines.refs[lines.offsets[rows[sound]]], lines.refs[lines.offsets[rows[sound] + 1] - 1]])
    owners = np.tile(owner[sound], 2)
    order = np.lexsort((ends, owners))
    ends, owners = ends[order], owners[order]
    starts = np.flatnonzero((np.diff(ends, prepend=-1) != 0) | (np.diff(owners, prepend=-1) != 0))
    loose = np.diff(np.append(starts, len(ends))) % 2 == 1
    return np.bincount(owners[starts], weights=loose, minlength=count) == 0


def _coordinates(lines: Lines, rows: Ints) -> tuple[Floats, Ints]:
    """Return the coordinates of some ways one after the other, and for each point the number of its way."""
    lengths = np.diff(lines.offsets)[rows]
    index = np.repeat(lines.offsets[:-1][rows] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    index = index + np.arange(lengths.sum())
    points = np.column_stack([lines.longitude[index], lines.latitude[index]])
    return points, np.repeat(np.arange(len(rows)), lengths)
