"""What OSM objects are: kind, names and facts out of their tags.

DuckDB cuts the tags of millions of objects down to those that matter; Python sees each combination of these once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gazetteer.places import KINDS, NAME_KINDS, PlaceKind
from gazetteer.sources.osm.kinds import Shape, kind_of, relevant_keys
from gazetteer.sources.osm.names import (
    FACT_KEYS,
    NAME_KEYS,
    REFERENCE_KEYS,
    country_and_admin1_of,
    population_of,
    spellings_of,
    wikidata_of,
)
from gazetteer.sources.osm.opl import decode_tags
from gazetteer.sources.spellings import Spelling
from gazetteer.text import normalize_name

if TYPE_CHECKING:
    import duckdb
    import pyarrow

#: The shapes as they are numbered in `osm_objects`.
SHAPES = (Shape.POINT, Shape.LINE, Shape.AREA, Shape.RELATION)
_ROAD = KINDS.index(PlaceKind.ROAD)
_BATCH = 20_000

_SCHEMA = """
CREATE OR REPLACE TEMP TABLE osm_described (
    type UTINYINT, id BIGINT, shape UTINYINT, kind UTINYINT, nameset UINTEGER, fact UINTEGER
);
CREATE OR REPLACE TEMP TABLE osm_namesets (nameset UINTEGER, name VARCHAR, normalized VARCHAR);
CREATE OR REPLACE TEMP TABLE osm_spellings (
    nameset UINTEGER, position UINTEGER, text VARCHAR, normalized VARCHAR, kind UTINYINT, language VARCHAR
);
CREATE OR REPLACE TEMP TABLE osm_facts (
    fact UINTEGER, population UBIGINT, country VARCHAR, admin1 VARCHAR, wikidata VARCHAR, noted BOOLEAN
);
"""


def _part(keys: Iterable[str]) -> str:
    """Return the SQL that leaves the tags whose keys match one of some regular expressions, in alphabetical order."""
    return f"array_to_string(list_sort(regexp_extract_all(',' || tags, ',((?:{'|'.join(keys)})=[^,]*)', 1)), ',')"


_NAMES = _part((rf"(?:{'|'.join(NAME_KEYS)})(?:_[1-9])?(?::[^=,]*)?", *REFERENCE_KEYS, "ref"))
_CUT = f"""
CREATE OR REPLACE TEMP TABLE osm_cut AS
SELECT type, id, shape, {_part(relevant_keys())} AS kinds, {_NAMES} AS names, {_part(FACT_KEYS)} AS facts
FROM osm_objects WHERE NOT deleted AND type BETWEEN $first AND $last AND names <> ''
"""
_JOIN = f"""
INSERT INTO osm_described
SELECT type, id, shape, k.kind, nameset, fact
FROM osm_cut JOIN osm_kinds k USING (kinds, shape) JOIN osm_facts_of f USING (facts)
    LEFT JOIN osm_names_of n ON n.names = osm_cut.names AND n.is_road = coalesce(k.kind = {_ROAD}, false)
"""


def create_descriptions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty temporary tables that `describe` fills."""
    connection.execute(_SCHEMA)


def describe_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Describe every object, from nothing."""
    create_descriptions(connection)
    describe(connection, range(3))


def describe(connection: duckdb.DuckDBPyConnection, types: Sequence[int]) -> None:
    """Describe the objects of some types: each with a name gets a row in `osm_described`.

    `kind` is NULL where the object is no place, `nameset` where no name of it holds a word.
    """
    connection.execute(_CUT, {"first": min(types), "last": max(types)})
    _translate(connection, "SELECT DISTINCT kinds, shape FROM osm_cut", "osm_kinds", _kinds)
    _translate(connection, "SELECT DISTINCT facts FROM osm_cut", "osm_facts_of", lambda rows: _facts(rows, connection))
    query = f"""
        SELECT DISTINCT names, kind = {_ROAD} AS is_road FROM osm_cut JOIN osm_kinds USING (kinds, shape)
        WHERE kind IS NOT NULL
    """
    _translate(connection, query, "osm_names_of", lambda rows: _names(rows, connection))
    connection.execute(_JOIN)
    for table in ("osm_cut", "osm_kinds", "osm_facts_of", "osm_names_of"):
        connection.execute(f"DROP TABLE {table}")


def _translate(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    table: str,
    translate: Callable[[list[Any]], pyarrow.Table],
) -> None:
    """Fill a temporary table with what Python makes of the rows of a query, a batch at a time."""
    rows = connection.execute(query).fetchall()
    for first in range(0, max(1, len(rows)), _BATCH):
        made = translate(rows[first : first + _BATCH])
        connection.register("translated", made)
        verb = f"INSERT INTO {table}" if first else f"CREATE OR REPLACE TEMP TABLE {table} AS"
        connection.execute(f"{verb} SELECT * FROM translated")
        connection.unregister("translated")


def _kinds(rows: Sequence[tuple[str, int]]) -> pyarrow.Table:
    import pyarrow

    kinds = [kind_of(decode_tags(tags), SHAPES[shape]) for tags, shape in rows]
    return pyarrow.table(
        {
            "kinds": pyarrow.array([tags for tags, _ in rows], pyarrow.string()),
            "shape": pyarrow.array([shape for _, shape in rows], pyarrow.uint8()),
            "kind": pyarrow.array([None if kind is None else KINDS.index(kind) for kind in kinds], pyarrow.uint8()),
        }
    )


def _facts(rows: Sequence[tuple[str]], connection: duckdb.DuckDBPyConnection) -> pyarrow.Table:
    import pyarrow

    first = _count(connection, "osm_facts")
    numbers = range(first, first + len(rows))
    tags = [decode_tags(row) for (row,) in rows]
    countries = [country_and_admin1_of(each) for each in tags]
    made = pyarrow.table(
        {
            "fact": pyarrow.array(numbers, pyarrow.uint32()),
            "population": pyarrow.array([population_of(each) for each in tags], pyarrow.uint64()),
            "country": pyarrow.array([country for country, _ in countries], pyarrow.string()),
            "admin1": pyarrow.array([admin1 for _, admin1 in countries], pyarrow.string()),
            "wikidata": pyarrow.array([wikidata_of(each) for each in tags], pyarrow.string()),
            "noted": pyarrow.array(["wikidata" in each or "wikipedia" in each for each in tags], pyarrow.bool_()),
        }
    )
    _insert(connection, "osm_facts", made)
    texts = pyarrow.array([row for (row,) in rows], pyarrow.string())
    return pyarrow.table({"facts": texts, "fact": pyarrow.array(numbers, pyarrow.uint32())})


def _names(rows: Sequence[tuple[str, bool]], connection: duckdb.DuckDBPyConnection) -> pyarrow.Table:
    import pyarrow

    first = _count(connection, "osm_namesets")
    spelt: list[list[Spelling]] = [
        spellings_of(decode_tags(names), PlaceKind.ROAD if is_road else PlaceKind.OTHER) for names, is_road in rows
    ]
    number = iter(range(first, first + len(rows)))
    numbers = [next(number) if spellings else None for spellings in spelt]
    flat = [
        (nameset, position, each.text, normalize_name(each.text), NAME_KINDS.index(each.kind), each.language)
        for nameset, spellings in zip(numbers, spelt, strict=True)
        for position, each in enumerate(spellings)
    ]
    types = (pyarrow.uint32(), pyarrow.uint32(), *(pyarrow.string(),) * 2, pyarrow.uint8(), pyarrow.string())
    labels = ("nameset", "position", "text", "normalized", "kind", "language")
    columns = list(zip(*flat, strict=True)) or [()] * len(labels)
    made = pyarrow.table(
        {label: pyarrow.array(column, type_) for label, column, type_ in zip(labels, columns, types, strict=True)}
    )
    _insert(connection, "osm_spellings", made)
    connection.execute(
        f"""INSERT INTO osm_namesets SELECT nameset, text, normalized FROM osm_spellings
        WHERE position = 0 AND nameset >= {first}"""
    )
    return pyarrow.table(
        {
            "names": pyarrow.array([names for names, _ in rows], pyarrow.string()),
            "is_road": pyarrow.array([is_road for _, is_road in rows], pyarrow.bool_()),
            "nameset": pyarrow.array(numbers, pyarrow.uint32()),
        }
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pyarrow.Table) -> None:
    connection.register("rows_to_insert", rows)
    connection.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
    connection.unregister("rows_to_insert")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)
