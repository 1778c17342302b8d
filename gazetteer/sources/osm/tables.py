"""OSM objects as they came from files, in DuckDB: what an update changes, and what places are derived from.

`osm_objects` holds everything that may be a place; `osm_ways` the nodes of ways, also of those that only say where a
relation lies; `osm_nodes` the coordinates of these nodes. Every object stands once, in its newest version.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gazetteer.errors import SourceUnreadable
from gazetteer.sources.osm.kinds import IGNORED_TYPES

if TYPE_CHECKING:
    import duckdb

    from gazetteer.sources.osm.geometry import Ints


class ObjectType(IntEnum):
    """The types of OSM objects, as they are numbered in tables."""

    NODE = 0
    WAY = 1
    RELATION = 2


#: How OSM's types are written in the ids of places, by `ObjectType`.
TYPE_NAMES = ("node", "way", "relation")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS osm_objects (
    type UTINYINT, id BIGINT, version UINTEGER, deleted BOOLEAN, tags VARCHAR, shape UTINYINT, members VARCHAR,
    x INTEGER, y INTEGER
);
CREATE TABLE IF NOT EXISTS osm_ways (id BIGINT, version UINTEGER, deleted BOOLEAN, nodes BIGINT[]);
CREATE TABLE IF NOT EXISTS osm_nodes (id BIGINT, version UINTEGER, deleted BOOLEAN, x INTEGER, y INTEGER);
"""
#: Rows handed from DuckDB to numpy at once.
_ROWS_AT_ONCE = 500_000
#: A line of OPL; `rest` and `more` are nodes or members, or longitude and latitude. No object is longer than 32 MB.
_READ = """
read_csv($path, delim = ' ', header = false, quote = '', escape = '', comment = '', auto_detect = false,
    strict_mode = false, null_padding = true, max_line_size = 33554432, buffer_size = 67108864,
    columns = {'object': 'VARCHAR', 'version': 'VARCHAR', 'state': 'VARCHAR', 'tags': 'VARCHAR', 'rest': 'VARCHAR',
        'more': 'VARCHAR'})
"""
_HEAD = "substr(object, 2)::BIGINT AS id, substr(version, 2)::UINTEGER AS version, state = 'dD' AS deleted"
_TAGS = "coalesce(substr(tags, 2), '') AS tags"
#: A ring has at least four nodes, the first again at the end. 1 line, 2 area, as in `described.SHAPES`.
_SHAPE = """
CASE WHEN len(rest) - len(replace(rest, ',', '')) >= 3
    AND split_part(substr(rest, 2), ',', 1) = regexp_extract(rest, '[^,N]*$') THEN 2 ELSE 1 END
"""
_NODES_OF_WAY = "string_split(nullif(replace(substr(rest, 2), 'n', ''), ''), ',')::BIGINT[]"
#: Text is parsed once and filled in twice.
_LOAD_NAMED_WAYS = f"""
CREATE OR REPLACE TEMP TABLE named_ways AS
SELECT {_HEAD}, {_TAGS}, {_SHAPE} AS shape, {_NODES_OF_WAY} AS nodes FROM {_READ} WHERE object[1] = 'w'
"""
_FILL_NAMED_WAYS = (
    "INSERT INTO osm_objects SELECT 1, id, version, deleted, tags, shape, NULL, NULL, NULL FROM named_ways",
    "INSERT INTO osm_ways SELECT id, version, deleted, nodes FROM named_ways",
    "DROP TABLE named_ways",
)
_LOAD_ALL_RELATIONS = f"""
CREATE OR REPLACE TEMP TABLE relations AS
SELECT 2 AS type, {_HEAD}, {_TAGS}, 3 AS shape, substr(rest, 2) AS members, NULL::INTEGER AS x, NULL::INTEGER AS y
FROM {_READ} WHERE object[1] = 'r'
"""
#: Relations that may be places, and those within them that say where they lie.
_LOAD_RELATIONS = f"""
INSERT INTO osm_objects
WITH named AS (
    SELECT * FROM relations
    WHERE contains(tags, 'name')
        AND NOT regexp_matches(',' || tags, ',type=({"|".join(sorted(IGNORED_TYPES))})([:,]|$)')
),
children AS (
    SELECT DISTINCT split_part(substr(member, 2), '@', 1)::BIGINT AS id
    FROM (SELECT unnest(string_split(members, ',')) AS member FROM named) WHERE member[1] = 'r'
)
SELECT * FROM named
UNION ALL SELECT relations.* FROM relations SEMI JOIN children USING (id) ANTI JOIN named USING (id)
"""
#: Of relations, those that were asked for.
_LOAD_WANTED_RELATIONS = "INSERT INTO osm_objects SELECT relations.* FROM relations SEMI JOIN wanted USING (id)"
#: Degrees as whole numbers of 1e-7, OpenStreetMap's own precision.
_FIXED = "round(nullif(substr({}, 2), '')::DOUBLE * 10_000_000)::INTEGER"
_LOAD_NODES = f"""
INSERT INTO osm_objects
SELECT 0, {_HEAD}, {_TAGS}, 0, NULL, {_FIXED.format("rest")}, {_FIXED.format("more")}
FROM {_READ} WHERE object[1] = 'n'
"""
_LOAD_WAYS = f"""
INSERT INTO osm_ways
SELECT ways.* FROM (SELECT {_HEAD}, {_NODES_OF_WAY} AS nodes FROM {_READ} WHERE object[1] = 'w') AS ways
    ANTI JOIN osm_ways USING (id, version)
"""
_CHANGE = _READ.replace("'state': 'VARCHAR',", "'state': 'VARCHAR', 'timestamp': 'VARCHAR',")
_CHANGED_OBJECTS = f"""
SELECT strpos('nwr', object[1]) - 1 AS type, {_HEAD}, substr(timestamp, 2) AS timestamp, {_TAGS},
    CASE object[1] WHEN 'n' THEN 0 WHEN 'w' THEN {_SHAPE} ELSE 3 END AS shape,
    CASE object[1] WHEN 'r' THEN substr(rest, 2) END AS members,
    CASE object[1] WHEN 'w' THEN {_NODES_OF_WAY} END AS nodes,
    CASE object[1] WHEN 'n' THEN {_FIXED.format("rest")} END AS x,
    CASE object[1] WHEN 'n' THEN {_FIXED.format("more")} END AS y
FROM {_CHANGE}
"""
#: Of one object in several versions the newest counts; a deletion may carry the number of the version deleted.
_NEWEST_CHANGES = """
CREATE OR REPLACE TEMP TABLE changes AS SELECT * FROM changes
QUALIFY row_number() OVER (PARTITION BY type, id ORDER BY version DESC, deleted DESC, rowid DESC) = 1
"""
_KEEP_NEWEST = """
CREATE OR REPLACE TEMP TABLE newest AS
SELECT * FROM {table} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY version DESC, rowid DESC) = 1;
DELETE FROM {table};
INSERT INTO {table} SELECT * FROM newest;
DROP TABLE newest
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables where they are not there yet."""
    connection.execute(_SCHEMA)


def load_relations(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path) -> None:
    """Load relations that may be places; raises SourceUnreadable for an object beyond all measure."""
    _load(connection, lines, source, _LOAD_ALL_RELATIONS)
    connection.execute(_LOAD_RELATIONS)
    connection.execute("DROP TABLE relations")


def load_named_ways(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path) -> None:
    """Load ways that may be places; raises SourceUnreadable for an object beyond all measure."""
    _load(connection, lines, source, _LOAD_NAMED_WAYS)
    for statement in _FILL_NAMED_WAYS:
        connection.execute(statement)


def load_ways(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path) -> None:
    """Load the nodes of ways; raises SourceUnreadable for an object beyond all measure."""
    _load(connection, lines, source, _LOAD_WAYS)


def load_wanted_relations(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path, ids: Ints) -> None:
    """Load the relations with these ids; raises SourceUnreadable for an object beyond all measure."""
    import pyarrow

    _load(connection, lines, source, _LOAD_ALL_RELATIONS)
    connection.register("wanted", pyarrow.table({"id": ids}))
    connection.execute(_LOAD_WANTED_RELATIONS)
    connection.unregister("wanted")
    connection.execute("DROP TABLE relations")


def load_nodes(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path) -> None:
    """Load named nodes; raises SourceUnreadable for an object beyond all measure."""
    _load(connection, lines, source, _LOAD_NODES)


def load_changes(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path, *, first: bool) -> None:
    """Load changed objects into the temporary table `changes`, which the first file makes anew.

    Raises SourceUnreadable for an object beyond all measure.
    """
    verb = "CREATE OR REPLACE TEMP TABLE changes AS" if first else "INSERT INTO changes"
    _load(connection, lines, source, f"{verb} {_CHANGED_OBJECTS}")
    connection.execute(_NEWEST_CHANGES)


def column(connection: duckdb.DuckDBPyConnection, query: str, count: str) -> Ints:
    """Return the one column of whole numbers that a query yields; the query `count` says how many rows there are.

    The result takes 8 bytes a row and hardly more meanwhile, where a result fetched at once takes several times that.
    """
    [(rows,)] = connection.execute(count).fetchall()
    numbers = np.empty(int(rows or 0), dtype=np.int64)
    filled = 0
    for batch in connection.sql(query).to_arrow_reader(_ROWS_AT_ONCE):
        part = batch.column(0).to_numpy(zero_copy_only=False)
        numbers[filled : filled + len(part)] = part
        filled += len(part)
    return numbers


def add_coordinates(connection: duckdb.DuckDBPyConnection, ids: Ints, x: Ints, y: Ints) -> None:
    """Add the coordinates of nodes that are not there yet, in 1e-7 degrees."""
    import pyarrow

    connection.register("made", pyarrow.table({"id": ids, "x": x, "y": y}))
    connection.execute("INSERT INTO osm_nodes SELECT id, 0, false, x, y FROM made")
    connection.unregister("made")


def add_missing(connection: duckdb.DuckDBPyConnection, table: str, ids: Ints) -> None:
    """Note which nodes or ways, not there yet, no extract holds, so that nobody looks for them again."""
    import pyarrow

    rest = "0, true, NULL" + (", NULL" if table == "osm_nodes" else "")
    connection.register("made", pyarrow.table({"id": ids}))
    connection.execute(f"INSERT INTO {table} SELECT id, {rest} FROM made")
    connection.unregister("made")


def add_missing_relations(connection: duckdb.DuckDBPyConnection, ids: Ints) -> None:
    """Note which relations no extract holds, so that nobody looks for them again."""
    import pyarrow

    connection.register("made", pyarrow.table({"id": ids}))
    connection.execute(
        """INSERT INTO osm_objects SELECT 2, id, 0, true, '', 3, NULL, NULL, NULL
        FROM made WHERE id NOT IN (SELECT id FROM osm_objects WHERE type = 2)"""
    )
    connection.unregister("made")


def _load(connection: duckdb.DuckDBPyConnection, lines: Path, source: Path, *statements: str) -> None:
    import duckdb

    try:
        for statement in statements:
            connection.execute(statement, {"path": str(lines)})
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        problem = f"an object in it cannot be read ({str(error).splitlines()[0]})"
        raise SourceUnreadable(source, problem, "Download the extract again, or mend the object") from error


def keep_newest(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave each object once, in its newest version; of equal versions, the last that was loaded."""
    for table, key in (("osm_objects", "type, id"), ("osm_ways", "id"), ("osm_nodes", "id")):
        [(total, different)] = connection.execute(
            f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {table})) FROM {table}"
        ).fetchall()
        if total != different:
            for statement in _KEEP_NEWEST.format(table=table, key=key).split(";"):
                connection.execute(statement)
