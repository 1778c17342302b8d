"""The DuckDB store: places and their names as the sources give them, and what SQL can count of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gazetteer.places import KINDS, NAME_KINDS, NameKind, Place, PlaceName
from gazetteer.text import normalize_name
from gazetteer.variants import variants

if TYPE_CHECKING:
    import duckdb
    import pyarrow

_BATCH = 20_000
#: The text of a name as its source gives it, a normalised spelling of it, the number of its kind, its language.
_Spelling = tuple[str, str, int, str]
_SCHEMA = """
CREATE TABLE places (
    place UINTEGER PRIMARY KEY, id VARCHAR, name VARCHAR, kind UTINYINT, latitude DOUBLE, longitude DOUBLE,
    country VARCHAR, admin1 VARCHAR, population UBIGINT, importance FLOAT
);
CREATE TABLE names (place UINTEGER, text VARCHAR, normalized VARCHAR, kind UTINYINT, language VARCHAR);
"""
#: One row a normalised name. Its places stand best first: borne as a proper name before a variant, then by importance.
_SUMMARY = """
WITH spellings AS (
    SELECT normalized, place, min(kind) AS kind FROM names GROUP BY ALL
)
SELECT
    normalized AS name,
    len(string_split(normalized, ' '))::USMALLINT AS word_count,
    list(place ORDER BY least(spellings.kind, {variant}) = {variant}, importance DESC, place) AS places,
    list_sort(list_distinct(list(places.kind))) AS kinds,
    list_sort(list_distinct(list(spellings.kind))) AS name_kinds,
    max(importance)::FLOAT AS importance
FROM spellings JOIN places USING (place)
GROUP BY normalized ORDER BY normalized
"""


def write_failures() -> tuple[type[Exception], ...]:
    """Return what writing a gazetteer's files raises where the disk is full or closed to us."""
    import duckdb

    return OSError, duckdb.OperationalError, duckdb.FatalException


class Store:
    """An open DuckDB file of places and names; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(str(path))
        self._place_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def create(self) -> None:
        """Create the empty tables."""
        self._connection.execute(_SCHEMA)

    def add(self, places: Iterable[tuple[Place, Sequence[PlaceName]]], *, seen: Callable[[int], object]) -> int:
        """Write places with their names and the variants of these, in Arrow batches; return how many places.

        A place without a word in any of its names could never be found and is left out.
        `seen` is told the number of places after each batch.
        """
        first = self._place_count
        batch: list[tuple[Place, Sequence[PlaceName]]] = []
        for entry in places:
            batch.append(entry)
            if len(batch) == _BATCH:
                self._write(batch)
                seen(len(batch))
                batch = []
        self._write(batch)
        seen(len(batch))
        return self._place_count - first

    def _write(self, batch: Sequence[tuple[Place, Sequence[PlaceName]]]) -> None:
        spelt = [(place, [spelling for name in names for spelling in _spellings(name)]) for place, names in batch]
        spelt = [(place, spellings) for place, spellings in spelt if spellings]
        if not spelt:
            return
        places = _place_table([place for place, _ in spelt], first=self._place_count)
        names = _name_table([spellings for _, spellings in spelt], first=self._place_count)
        self._connection.register("place_batch", places)
        self._connection.register("name_batch", names)
        self._connection.execute("INSERT INTO places SELECT * FROM place_batch")
        self._connection.execute("INSERT INTO names SELECT * FROM name_batch")
        self._connection.unregister("place_batch")
        self._connection.unregister("name_batch")
        self._place_count += len(spelt)

    def places(self) -> pyarrow.Table:
        """Return every place, in the order of its number."""
        return self._connection.sql("SELECT * EXCLUDE (place) FROM places ORDER BY place").to_arrow_table()

    def summary(self) -> pyarrow.Table:
        """Return one row a normalised name: its word count, places (best first), kinds, name kinds, importance."""
        return self._connection.sql(_SUMMARY.format(variant=NAME_KINDS.index(NameKind.VARIANT))).to_arrow_table()

    def counts(self) -> dict[str, int]:
        """Return the number of places, spellings and distinct normalised names."""
        [row] = self._connection.execute(
            "SELECT (SELECT count(*) FROM places), count(*), count(DISTINCT normalized) FROM names"
        ).fetchall()
        return dict(zip(("places", "spellings", "names"), row, strict=True))

    def bounding_box(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north in degrees; a box that crosses the antimeridian is not recognised."""
        [row] = self._connection.execute(
            "SELECT min(longitude), min(latitude), max(longitude), max(latitude) FROM places"
        ).fetchall()
        west, south, east, north = row
        return west, south, east, north


def _place_table(places: Sequence[Place], *, first: int) -> pyarrow.Table:
    import pyarrow

    return pyarrow.table(
        {
            "place": pyarrow.array(range(first, first + len(places)), pyarrow.uint32()),
            "id": [place.id for place in places],
            "name": [place.name for place in places],
            "kind": pyarrow.array([KINDS.index(place.kind) for place in places], pyarrow.uint8()),
            "latitude": [place.latitude for place in places],
            "longitude": [place.longitude for place in places],
            "country": [place.country for place in places],
            "admin1": [place.admin1 for place in places],
            "population": pyarrow.array([place.population for place in places], pyarrow.uint64()),
            "importance": pyarrow.array([place.importance for place in places], pyarrow.float32()),
        }
    )


def _name_table(spellings_by_place: Sequence[Sequence[_Spelling]], *, first: int) -> pyarrow.Table:
    import pyarrow

    rows = [(place, *spelling) for place, spellings in enumerate(spellings_by_place, first) for spelling in spellings]
    columns = zip(*rows, strict=True)
    types = (pyarrow.uint32(), pyarrow.string(), pyarrow.string(), pyarrow.uint8(), pyarrow.string())
    labels = ("place", "text", "normalized", "kind", "language")
    return pyarrow.table(
        {label: pyarrow.array(column, type_) for label, column, type_ in zip(labels, columns, types, strict=True)}
    )


def _spellings(name: PlaceName) -> list[_Spelling]:
    normalized = normalize_name(name.text)
    if not normalized:
        return []
    kinds = dict.fromkeys(variants(normalized), NameKind.VARIANT) | {normalized: name.kind}
    return [(name.text, spelling, NAME_KINDS.index(kind), name.language) for spelling, kind in kinds.items()]
