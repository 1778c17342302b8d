"""Batches of places and names out of the DuckDB tables of a GeoNames dump."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gazetteer.importance import NOTED, importance
from gazetteer.places import KINDS, NAME_KINDS, PARENT_BASES, NameKind, ParentBasis
from gazetteer.sources import Batch
from gazetteer.sources.entries import name_schema, place_schema
from gazetteer.sources.geonames.codes import kind_of
from gazetteer.sources.geonames.tables import USABLE
from gazetteer.sources.spellings import LONGEST_NAME

if TYPE_CHECKING:
    import duckdb
    import pyarrow

_ROWS = 100_000

_SELECT = """
CREATE OR REPLACE TEMP TABLE selected AS
SELECT *, rowid AS place_row, (row_number() OVER (ORDER BY rowid) - 1)::UINTEGER AS place
FROM places WHERE rowid >= ? AND rowid < ? AND {usable}
"""
#: A unit lies only in a larger one, so no chain of parents closes on itself.
_PLACES = """
WITH levels AS (
    SELECT *, CASE
        WHEN feature_class = 'A' AND starts_with(feature_code, 'PCL') THEN 0
        WHEN feature_class = 'A' AND feature_code IN ('ADM1', 'ADM1H') THEN 1
        WHEN feature_class = 'A' AND feature_code IN ('ADM2', 'ADM2H') THEN 2
        ELSE 3
    END AS level FROM selected
)
SELECT
    'geonames:' || levels.id AS id, name, feature_class || '.' || feature_code || '.' || country AS feature,
    latitude, longitude, country, CASE WHEN admin1 = '00' THEN '' ELSE admin1 END AS admin1, population,
    {item} AS wikidata,
    coalesce('geonames:' || coalesce(
        CASE WHEN level > 2 THEN nullif(admin2s.id, levels.id) END,
        CASE WHEN level > 1 THEN nullif(admin1s.id, levels.id) END,
        CASE WHEN level > 0 THEN nullif(countries.id, levels.id) END
    ), '') AS parent
FROM levels
LEFT JOIN admin2s USING (country, admin1, admin2)
LEFT JOIN admin1s USING (country, admin1)
LEFT JOIN countries USING (country)
{items}
ORDER BY place
"""
_ITEMS = """LEFT JOIN (
    SELECT place_row, arg_min(text, sequence) AS item FROM alternates
    WHERE is_item AND place_row >= {first} AND place_row < {stop} GROUP BY place_row
) USING (place_row)"""
_NAMES = """
WITH given AS (
    SELECT place, name AS text, {name}::UTINYINT AS kind, '' AS language, -2 AS sequence FROM selected
    UNION ALL
    SELECT place, asciiname, {alternative}::UTINYINT, '', -1 FROM selected WHERE asciiname <> ''
    UNION ALL
    {others}
)
SELECT place, text, min(kind) AS kind, language FROM given GROUP BY place, text, language
ORDER BY place, min(sequence), text
"""
#: Without the table of alternate names there is the list that the dump has of them, without languages.
_LISTED = """
SELECT place, text, {alternative}::UTINYINT, '', 0 FROM (
    SELECT place, clean(unnest(string_split(alternatenames, ','))) AS text FROM selected
) WHERE text <> '' AND length(text) <= {longest_name} AND NOT contains(text, '://')
"""
_ALTERNATES = """
SELECT place, text, kind, language, sequence FROM alternates JOIN selected USING (place_row)
WHERE NOT is_item AND place_row >= {first} AND place_row < {stop}
"""


def batches(connection: duckdb.DuckDBPyConnection, *, with_alternates: bool) -> Iterator[Batch]:
    """Yield the usable places, in the order of the dump, with their names."""
    [[last]] = connection.execute("SELECT coalesce(max(rowid), -1) FROM places").fetchall()
    labels = {"name": NAME_KINDS.index(NameKind.NAME), "alternative": NAME_KINDS.index(NameKind.ALTERNATIVE)}
    for first in range(0, last + 1, _ROWS):
        bounds = {"first": first, "stop": first + _ROWS}
        connection.execute(_SELECT.format(usable=USABLE), [first, first + _ROWS])
        items = {"item": "coalesce(item, '')", "items": _ITEMS.format(**bounds)}
        query = _PLACES.format(**(items if with_alternates else {"item": "''", "items": ""}))
        found = connection.sql(query).to_arrow_table()
        if not found.num_rows:
            continue
        others = (_ALTERNATES if with_alternates else _LISTED).format(**labels, **bounds, longest_name=LONGEST_NAME)
        names = connection.sql(_NAMES.format(others=others, **labels)).to_arrow_table()
        places, historic = _places(found)
        yield Batch(places, _names(names, historic))


def _places(found: pyarrow.Table) -> tuple[pyarrow.Table, npt.NDArray[np.bool_]]:
    """Return the places with kinds and importance, and which of them are of the past."""
    features = found["feature"].combine_chunks().dictionary_encode()
    known = [kind_of(*feature.split(".", 2)) for feature in features.dictionary.to_pylist()]
    rows = features.indices.to_numpy()
    kinds = np.array([KINDS.index(kind) for kind, _ in known], dtype=np.uint8)[rows]
    historic = np.array([past for _, past in known], dtype=np.bool_)[rows]
    wikidata = found["wikidata"].to_numpy()
    parents = found["parent"].to_numpy()
    weights = _importance(kinds, found["population"].to_numpy())
    # Nobody lives there any more, whatever its rank was.
    weights = np.where(historic, weights / 2, weights) + np.where(wikidata != "", NOTED, 0.0)
    columns: dict[str, Any] = {name: found[name] for name in found.column_names if name != "feature"}
    columns |= {
        "kind": kinds,
        "importance": np.minimum(1.0, weights).round(4),
        "parent_basis": np.where(parents != "", 1 + PARENT_BASES.index(ParentBasis.STATED), 0),
    }
    return _table(columns, place_schema()), historic


def _names(found: pyarrow.Table, historic: npt.NDArray[np.bool_]) -> pyarrow.Table:
    """Return the names; those of a place of the past are old."""
    old = NAME_KINDS.index(NameKind.OLD)
    kinds = found["kind"].to_numpy()
    kinds = np.where(historic[found["place"].to_numpy()], np.maximum(kinds, old), kinds)
    columns = {name: found[name] for name in found.column_names} | {"kind": kinds}
    return _table(columns, name_schema())


def _importance(kinds: npt.NDArray[np.uint8], populations: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Return `gazetteer.importance.importance` of each; most places share their kind and population with others."""
    pairs, rows = np.unique(
        np.stack([kinds.astype(np.int64), populations.astype(np.int64)]), axis=1, return_inverse=True
    )
    weights = [importance(KINDS[kind], population) for kind, population in pairs.T.tolist()]
    return np.array(weights, dtype=np.float64)[rows.reshape(-1)]


def _table(columns: dict[str, Any], schema: pyarrow.Schema) -> pyarrow.Table:
    import pyarrow

    arrays = {
        field.name: columns[field.name].cast(field.type)
        if hasattr(columns[field.name], "cast")
        else pyarrow.array(columns[field.name]).cast(field.type)
        for field in schema
    }
    return pyarrow.table(arrays, schema)
