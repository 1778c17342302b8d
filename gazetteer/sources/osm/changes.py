"""OSM change files into the tables of OSM objects: each object is left in its newest version, whatever comes first.

Every version of an object has a number, so files may come late, twice or in any order. An extract may not tell the
version of a node that has no name; what it does not tell counts as older than every change made after the extract.

OsmChange: https://wiki.openstreetmap.org/wiki/OsmChange
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gazetteer.sources.osm.files import OsmFile
from gazetteer.sources.osm.passes import write_changes
from gazetteer.sources.osm.tables import load_changes

if TYPE_CHECKING:
    import duckdb

#: Degrees by which a change may lie outside the box of the extract.
_MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """What became of the objects in change files; `outside` are nodes beyond the extract, `known` changes not newer."""

    created: int
    modified: int
    deleted: int
    known: int
    outside: int


#: What is known of each changed object before: its version, 0 where the extract does not tell, NULL where unknown.
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known AS
WITH stored AS (
    SELECT type, id, version, NOT deleted AS there FROM osm_objects
    UNION ALL SELECT 1, id, version, NOT deleted FROM osm_ways
    UNION ALL SELECT 0, id, version, NOT deleted FROM osm_nodes
)
SELECT type, id, max(stored.version) AS version, bool_or(there) AS there FROM stored SEMI JOIN changes USING (type, id)
GROUP BY ALL
"""
_NEWER = """
CREATE OR REPLACE TEMP TABLE newer AS
SELECT changes.*, coalesce(known.there, false) AS was_there,
    type = 0 AND NOT coalesce(known.there, false) AND NOT deleted AND {outside} AS outside
FROM changes LEFT JOIN known USING (type, id)
WHERE CASE WHEN coalesce(known.version, 0) = 0 THEN coalesce(changes.timestamp, '') = '' OR changes.timestamp > $date
    ELSE changes.version > known.version
        OR changes.deleted AND changes.version = known.version AND coalesce(known.there, false) END
"""
_APPLY = (
    "DELETE FROM osm_objects WHERE (type, id) IN (SELECT (type, id) FROM newer)",
    "DELETE FROM osm_ways WHERE id IN (SELECT id FROM newer WHERE type = 1)",
    "DELETE FROM osm_nodes WHERE id IN (SELECT id FROM newer WHERE type = 0)",
    # Of nodes and ways without a name the version is kept beside their coordinates and nodes.
    """INSERT INTO osm_objects SELECT type, id, version, deleted, tags, shape, members, x, y FROM newer
    WHERE type = 2 OR contains(tags, 'name') OR contains(tags, 'ref') OR contains(tags, 'iata')
        OR contains(tags, 'icao')""",
    "INSERT INTO osm_ways SELECT id, version, deleted, nodes FROM newer WHERE type = 1",
    "INSERT INTO osm_nodes SELECT id, version, deleted, x, y FROM newer WHERE type = 0",
)


def apply_changes(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[OsmFile],
    scratch: Path,
    *,
    data_date: str,
    boxes: Sequence[tuple[float, float, float, float]],
) -> ChangeCounts:
    """Bring the tables of OSM objects up to date with change files.

    `data_date` is when the extract was taken (ISO 8601, "" where unknown); `boxes` (west, south, east, north in
    degrees) are the regions that the extracts cover: nodes beyond all of them are left out. Raises SourceUnreadable.
    """
    for number, file in enumerate(files):
        lines = scratch / f"changes-{number}.opl"
        write_changes(file, lines)
        load_changes(connection, lines, file.path, first=number == 0)
        lines.unlink()
    connection.execute(_KNOWN)
    connection.execute(_NEWER.format(outside=_outside(boxes)), {"date": data_date})
    counts = connection.execute(
        """SELECT count(*) FILTER (NOT deleted AND NOT was_there AND NOT outside),
            count(*) FILTER (NOT deleted AND was_there), count(*) FILTER (deleted AND was_there),
            (SELECT count(*) FROM changes) - count(*), count(*) FILTER (outside) FROM newer"""
    ).fetchall()[0]
    connection.execute("DELETE FROM newer WHERE outside")
    for statement in _APPLY:
        connection.execute(statement)
    return ChangeCounts(*counts)


def newest_change(connection: duckdb.DuckDBPyConnection) -> str:
    """Return when the newest of the changes was made that `apply_changes` took in, "" where nothing tells."""
    [(newest,)] = connection.execute("SELECT max(timestamp) FROM newer").fetchall()
    return newest or ""


def _outside(boxes: Sequence[tuple[float, float, float, float]]) -> str:
    if not boxes:
        return "false"
    scaled = [
        [round(degrees * 10_000_000) for degrees in (west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)]
        for west, south, east, north in boxes
    ]
    inside = (f"(x BETWEEN {west} AND {east} AND y BETWEEN {south} AND {north})" for west, south, east, north in scaled)
    return f"NOT ({' OR '.join(inside)})"
