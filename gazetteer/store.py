"""The DuckDB store: places and their names as the sources give them, and what SQL can count of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gazetteer.parents import CONTAINED, NEAREST, STATED, Located, contained, nearest
from gazetteer.places import KINDS, NAME_KINDS, NameKind
from gazetteer.sources import Batch, Entry
from gazetteer.sources.antimeridian import boxes
from gazetteer.sources.entries import EDGES, gathered
from gazetteer.text import normalize_name
from gazetteer.variants import source_variants, variants

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from gazetteer.sources.osm.areas import Areas

#: What DuckDB may keep in memory before it turns to the disk.
_MEMORY = "512MB"
_VARIANT = NAME_KINDS.index(NameKind.VARIANT)
_BATCH = 50_000
#: No administrative chain is longer.
_LONGEST_CHAIN = 10
_SCHEMA = """
CREATE TABLE settings (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE places (
    place UINTEGER, id VARCHAR, name VARCHAR, kind UTINYINT, latitude DOUBLE, longitude DOUBLE, country VARCHAR,
    admin1 VARCHAR, population UBIGINT, importance FLOAT, wikidata VARCHAR, stated_parent VARCHAR,
    parent UINTEGER, parent_basis UTINYINT, west DOUBLE, south DOUBLE, east DOUBLE, north DOUBLE
);
CREATE TABLE names (place UINTEGER, text VARCHAR, normalized VARCHAR, kind UTINYINT, language VARCHAR);
CREATE TABLE variants (normalized VARCHAR, kind UTINYINT, variant VARCHAR);
"""
_ADD_PLACES = """
INSERT INTO places
SELECT place, id, name, kind, latitude, longitude, country, admin1, population, importance, wikidata, parent, NULL,
    parent_basis, west, south, east, north
FROM place_batch
"""
#: One row a normalised name. Its places stand best first: borne as a proper name before a variant, then by importance.
_SUMMARY = f"""
WITH spelt AS (SELECT normalized, place, min(kind) AS kind FROM names GROUP BY ALL),
every AS (
    SELECT normalized AS name, place, kind, '' AS origin FROM spelt
    UNION ALL
    SELECT variant, place, {_VARIANT}, spelt.normalized
    FROM spelt JOIN places USING (place)
        JOIN variants ON variants.normalized = spelt.normalized AND variants.kind = places.kind
),
once AS (SELECT name, place, min(kind) AS kind, min(origin) AS origin FROM every GROUP BY name, place)
SELECT
    name,
    list(place ORDER BY once.kind = {_VARIANT}, importance DESC, place) AS places,
    list_sort(list_distinct(list(places.kind))) AS kinds,
    list_sort(list_distinct(list(once.kind))) AS name_kinds,
    max(importance)::FLOAT AS importance,
    CASE WHEN bool_or(origin = '') THEN '' ELSE arg_min(origin, (-importance, place, origin)) END AS derived_from
FROM once JOIN (SELECT place, kind, importance FROM places) AS places USING (place)
GROUP BY name ORDER BY name
"""

#: Codes as numbers, -1 for none.
_LOCATED = """
SELECT kind, dense_rank() OVER (ORDER BY lower(name)) AS same_name, latitude, longitude,
    CASE WHEN country = '' THEN -1 ELSE dense_rank() OVER (ORDER BY country) END AS country,
    CASE WHEN country = '' OR admin1 = '' THEN -1 ELSE dense_rank() OVER (ORDER BY country, admin1) END AS admin1,
    coalesce(parent::BIGINT, -1) AS parent, parent_basis
FROM places ORDER BY place
"""


def write_failures() -> tuple[type[Exception], ...]:
    """Return what writing a gazetteer's files raises where the disk is full or closed to us."""
    import duckdb

    return OSError, duckdb.OperationalError, duckdb.FatalException


class Store:
    """An open DuckDB file of places and names; use it as a context manager.

    `spill` is a folder for what does not fit into memory meanwhile.
    """

    def __init__(self, path: Path, *, spill: Path) -> None:
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(spill),
        }
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(str(path), config=config)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def create(self) -> None:
        """Create the empty tables."""
        self.connection.execute(_SCHEMA)

    def complete(self) -> None:
        """Write into the file what DuckDB still keeps beside it; without this a full disk shows nowhere."""
        self.connection.execute("CHECKPOINT")

    def modernize(self) -> None:
        """Give a store that an earlier version wrote the columns that it lacks."""
        for edge in EDGES:
            self.connection.execute(f"ALTER TABLE places ADD COLUMN IF NOT EXISTS {edge} DOUBLE")

    def set(self, key: str, value: Any) -> None:
        """Keep a setting that JSON can hold."""
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [key, json.dumps(value)])

    def get(self, key: str) -> Any:
        """Return a setting, None where there is none."""
        rows = self.connection.execute("SELECT value FROM settings WHERE key = ?", [key]).fetchall()
        return json.loads(rows[0][0]) if rows else None

    def add(self, batches: Iterable[Batch | Entry]) -> int:
        """Write places with their names; return how many places.

        A place without a word in any of its names could never be found and is left out.
        """
        first = count = self._count("places")
        for batch in gathered(batches):
            count += self._write(batch, first=count)
        return count - first

    def add_tables(self, places: str, names: str) -> int:
        """Write the places and names of two tables of the store's own connection; return how many places.

        Places are numbered from 0 by `place`, and each has a name that holds a word; the columns are those of a batch
        and, of names, `normalized`.
        """
        first = self._count("places")
        self.connection.execute(
            f"""INSERT INTO places SELECT place + {first}, id, name, kind, latitude, longitude, country, admin1,
                population, importance, wikidata, '', NULL, 0, NULL, NULL, NULL, NULL FROM {places} ORDER BY place"""
        )
        self.connection.execute(
            f"INSERT INTO names SELECT place + {first}, text, normalized, kind, language FROM {names}"
        )
        return self._count("places") - first

    def _write(self, batch: Batch, *, first: int) -> int:
        import pyarrow
        from pyarrow import compute

        names = batch.names
        if "normalized" not in names.column_names:
            names = names.append_column("normalized", _normalized(names["text"]))
        worded = np.asarray(compute.not_equal(names["normalized"], "").to_numpy(zero_copy_only=False))
        named = np.zeros(batch.places.num_rows, dtype=np.bool_)
        named[names["place"].to_numpy()[worded]] = True
        numbers = (first + np.cumsum(named) - 1).astype(np.uint32)
        places = batch.places.filter(pyarrow.array(named)).append_column("place", pyarrow.array(numbers[named]))
        for edge in EDGES:
            if edge not in places.column_names:
                places = places.append_column(edge, pyarrow.nulls(len(places), pyarrow.float64()))
        names = names.filter(pyarrow.array(worded))
        rows = pyarrow.array(numbers[names["place"].to_numpy()])
        names = names.set_column(names.column_names.index("place"), "place", rows)
        self.connection.register("place_batch", places)
        self.connection.register("name_batch", names)
        self.connection.execute(_ADD_PLACES)
        self.connection.execute("INSERT INTO names SELECT place, text, normalized, kind, language FROM name_batch")
        self.connection.unregister("place_batch")
        self.connection.unregister("name_batch")
        return int(named.sum())

    def remove(self, prefix: str) -> None:
        """Remove the places whose ids begin with a prefix, number the others anew and forget their parents."""
        self.connection.execute("DELETE FROM places WHERE starts_with(id, ?)", [prefix])
        # Parents are numbers, too, and may be among what is removed.
        self.connection.execute("UPDATE places SET parent = NULL")
        self._number_anew()

    def remove_repeated(self) -> None:
        """Remove the places whose ids earlier ones have, as those of sources that overlap do, and number anew."""
        [(count,)] = self.connection.execute(
            """DELETE FROM places USING (SELECT id, min(place) AS first FROM places GROUP BY id HAVING count(*) > 1)
            AS repeated WHERE places.id = repeated.id AND places.place > repeated.first"""
        ).fetchall()
        if count:
            self._number_anew()

    def _number_anew(self) -> None:
        """Close the gaps among the numbers of places, and remove the names of those that are gone."""
        self.connection.execute("DELETE FROM names WHERE place NOT IN (SELECT place FROM places)")
        self.connection.execute(
            """CREATE OR REPLACE TEMP TABLE renumbered AS
            SELECT place, (row_number() OVER (ORDER BY place) - 1)::UINTEGER AS number FROM places"""
        )
        for table in ("names", "places"):
            self.connection.execute(
                f"UPDATE {table} SET place = number FROM renumbered WHERE {table}.place = renumbered.place"
            )
        self.connection.execute("DROP TABLE renumbered")

    def add_variants(self) -> None:
        """Derive anew the further spellings of all names."""
        self.connection.execute("DELETE FROM variants")
        bearers = "FROM names JOIN places USING (place)"
        pairs = self.connection.execute(f"SELECT DISTINCT normalized, places.kind {bearers}").fetchall()
        self._add_spellings(pairs, lambda name, kind: (each.text for each in variants(name, KINDS[kind])))
        # Letters beyond ASCII are folded in the normalised name, but not everybody folds them the same way.
        texts = self.connection.execute(
            f"SELECT DISTINCT normalized, places.kind, text {bearers} WHERE strlen(text) > len(text)"
        ).fetchall()
        self._add_spellings(texts, lambda name, _, text: (each for each in source_variants(text) if each != name))

    def _add_spellings(self, rows: list[Any], spell: Callable[..., Iterable[str]]) -> None:
        import pyarrow

        types = {"normalized": pyarrow.string(), "kind": pyarrow.uint8(), "variant": pyarrow.string()}
        for start in range(0, len(rows), _BATCH):
            made = [(row[0], row[1], text) for row in rows[start : start + _BATCH] for text in spell(*row)]
            columns = zip(*made, strict=True) if made else ((), (), ())
            arrays = [pyarrow.array(column, type_) for column, type_ in zip(columns, types.values(), strict=True)]
            self.connection.register("made", pyarrow.table(arrays, list(types)))
            self.connection.execute("INSERT INTO variants SELECT * FROM made")
            self.connection.unregister("made")

    def assign_parents(self, areas: Areas | None) -> None:
        """Find the parent of each place; `areas` are the boundaries of places that are known.

        What a source states comes first, then the smallest boundary around the place, then the nearest larger place.
        Country and first-level unit, where they are not known, are those of the parents, but not of one merely near.
        Where all places of an extract that state a country state the same, the others are of that one, too.
        """
        import pyarrow

        self.connection.execute(
            """UPDATE places SET parent = above.place FROM places AS above
            WHERE places.stated_parent <> '' AND above.id = places.stated_parent AND above.place <> places.place"""
        )
        self.connection.execute("UPDATE places SET parent_basis = 0 WHERE parent IS NULL")
        rows = self.connection.execute(_LOCATED).fetchnumpy()
        kind, same_name, country, admin1, parent = (
            rows[label].astype(np.int64) for label in ("kind", "same_name", "country", "admin1", "parent")
        )
        places = Located(kind, same_name, rows["latitude"], rows["longitude"], country, admin1)
        basis = rows["parent_basis"].astype(np.uint8)
        bounded, polygons = self._bounded(areas)
        self._box(bounded, polygons)
        orphans = np.flatnonzero(parent < 0)
        parent[orphans] = contained(places, bounded, polygons)[orphans]
        basis[orphans[parent[orphans] >= 0]] = CONTAINED
        orphans = np.flatnonzero(parent < 0)
        parent[orphans], agreed = nearest(places, orphans, bounded)
        basis[orphans[parent[orphans] >= 0]] = NEAREST
        basis[orphans[agreed]] = STATED
        self._adopt(pyarrow.array(parent.astype(np.uint32), mask=parent < 0), pyarrow.array(basis))
        self._inherit()
        if areas is not None:
            self._share_country()

    def _adopt(self, parent: pyarrow.Array, basis: pyarrow.Array) -> None:
        """Write the parent of every place, in the order of their numbers."""
        import pyarrow

        number = pyarrow.array(np.arange(len(parent), dtype=np.uint32))
        self.connection.register("parents", pyarrow.table({"place": number, "parent": parent, "basis": basis}))
        self.connection.execute(
            """UPDATE places SET parent = parents.parent, parent_basis = parents.basis
            FROM parents WHERE places.place = parents.place AND parents.parent IS NOT NULL"""
        )
        self.connection.unregister("parents")

    def _box(self, numbers: Any, polygons: Any) -> None:
        """Write the boxes about polygons to the places of these numbers."""
        import pyarrow

        if not len(numbers):
            return
        edges = dict(zip(EDGES, boxes(polygons), strict=True))
        self.connection.register("boxes", pyarrow.table({"place": numbers, **edges}))
        changes = ", ".join(f"{edge} = boxes.{edge}" for edge in EDGES)
        self.connection.execute(f"UPDATE places SET {changes} FROM boxes WHERE places.place = boxes.place")
        self.connection.unregister("boxes")

    def _bounded(self, areas: Areas | None) -> tuple[Any, Any]:
        """Return the numbers of the places that have boundaries, and these."""
        if areas is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object)
        query = "SELECT id, place FROM places WHERE id IN (SELECT unnest(?))"
        numbers = dict(self.connection.execute(query, [areas.ids]).fetchall())
        present = [row for row, id_ in enumerate(areas.ids) if id_ in numbers]
        return np.array([numbers[areas.ids[row]] for row in present], dtype=np.int64), areas.polygons[present]

    def _inherit(self) -> None:
        for _ in range(_LONGEST_CHAIN):
            [(changed,)] = self.connection.execute(
                f"""UPDATE places SET country = above.country,
                    admin1 = CASE WHEN places.admin1 = '' THEN above.admin1 ELSE places.admin1 END
                FROM places AS above
                WHERE places.parent = above.place AND places.parent_basis <> {NEAREST} AND above.country <> ''
                    AND (places.country = '' OR places.country = above.country AND places.admin1 = ''
                        AND above.admin1 <> '')"""
            ).fetchall()
            if not changed:
                return

    def _share_country(self) -> None:
        self.connection.execute(
            """UPDATE places SET country = shared.country
            FROM (SELECT any_value(country) AS country FROM places WHERE country <> ''
                HAVING count(DISTINCT country) = 1) AS shared
            WHERE places.country = '' AND places.id LIKE 'osm:%'"""
        )

    def places(self) -> pyarrow.Table:
        """Return every place, in the order of its number."""
        return self.connection.sql(
            "SELECT * EXCLUDE (place, stated_parent) FROM places ORDER BY place"
        ).to_arrow_table()

    def summary(self) -> pyarrow.Table:
        """Return one row a normalised name, sorted: places (best first), kinds, name kinds, importance, origin.

        `derived_from` is the name that a variant was made from, "" where a source gives the name itself.
        """
        return self.connection.sql(_SUMMARY).to_arrow_table()

    def counts(self) -> dict[str, int]:
        """Return the number of places and of the spellings that sources give."""
        return {"places": self._count("places"), "spellings": self._count("names")}

    def bounding_box(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north in degrees; a box that crosses the antimeridian is not recognised."""
        [row] = self.connection.execute(
            "SELECT min(longitude), min(latitude), max(longitude), max(latitude) FROM places"
        ).fetchall()
        west, south, east, north = row
        return west, south, east, north

    def _count(self, table: str) -> int:
        [(count,)] = self.connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)


def _normalized(texts: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Return the normalised forms of texts, each distinct one worked out once."""
    import pyarrow

    codes = texts.combine_chunks().dictionary_encode()
    forms = pyarrow.array([normalize_name(text) for text in codes.dictionary.to_pylist()], pyarrow.string())
    return forms.take(codes.indices)
