"""From the tables of OSM objects to places with their names: where each lies, and which segments are one road."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gazetteer.importance import NOTED, importance
from gazetteer.places import KINDS, PlaceKind
from gazetteer.sources import Batch
from gazetteer.sources.osm.areas import Areas, administrative_areas, whole_relations
from gazetteer.sources.osm.described import SHAPES
from gazetteer.sources.osm.geometry import (
    Floats,
    Ints,
    Lines,
    Points,
    Ways,
    locate_ways,
    merge_roads,
    rows_of,
)
from gazetteer.sources.osm.kinds import Shape
from gazetteer.sources.osm.relations import locate_relations, read_members
from gazetteer.sources.osm.tables import TYPE_NAMES, ObjectType

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)

#: Ways worked on at once; bounds temporary memory to some 100 MB.
_WAYS_PER_BATCH = 50_000
#: Places, and rows of other tables, handed on at once.
_PLACES_PER_BATCH = 200_000
_ROWS_AT_ONCE = 500_000
#: Coordinates are stored as whole numbers of OpenStreetMap's own precision.
_DEGREE = 1e-7
_ROAD, _LINE = KINDS.index(PlaceKind.ROAD), SHAPES.index(Shape.LINE)

_CANDIDATES = f"""
WITH same AS (SELECT nameset, dense_rank() OVER (ORDER BY normalized) AS same_name FROM osm_namesets)
SELECT d.type, d.id, d.shape, d.kind, d.nameset, d.fact, {len(KINDS)} * same_name + d.kind AS same_name
FROM osm_described d JOIN same USING (nameset) WHERE d.kind IS NOT NULL ORDER BY d.type, d.id
"""
_NAMED_NODES = """
FROM osm_objects WHERE type = 0 AND NOT deleted AND abs(x) <= 1_800_000_000 AND abs(y) <= 900_000_000
"""
#: The order of a road's names: those of the way that leads it first, then the most trustworthy kind.
_NAMES = """
CREATE OR REPLACE TEMP TABLE osm_names AS
WITH spelt AS (
    SELECT place, text, normalized, kind, language, NOT leads AS other, position
    FROM osm_place_namesets JOIN osm_spellings USING (nameset)
),
single AS (SELECT place FROM osm_place_namesets GROUP BY place HAVING count(*) = 1)
SELECT place, text, normalized, kind, language, 0 AS rank, position FROM spelt SEMI JOIN single USING (place)
UNION ALL
SELECT place, text, normalized, min(kind), language, min(CASE WHEN kind = 0 AND NOT other THEN 0 ELSE 1 + kind END),
    min(position)
FROM spelt ANTI JOIN single USING (place) GROUP BY place, text, normalized, language
"""


def node_points(connection: duckdb.DuckDBPyConnection) -> Points:
    """Return where the nodes lie that ways and relations refer to."""
    return _points(connection, "FROM osm_nodes WHERE NOT deleted")


def _points(connection: duckdb.DuckDBPyConnection, rows: str) -> Points:
    [(count,)] = connection.execute(f"SELECT count(*) {rows}").fetchall()
    ids, y, x = np.empty(count, dtype=np.int64), np.empty(count), np.empty(count)
    filled = 0
    for batch in connection.sql(f"SELECT id, y, x {rows} ORDER BY id").to_arrow_reader(_ROWS_AT_ONCE):
        part = slice(filled, filled + len(batch))
        for number, column in enumerate((ids, y, x)):
            column[part] = batch.column(number).to_numpy(zero_copy_only=False)
        filled += len(batch)
    return Points(ids, np.multiply(y, _DEGREE, out=y), np.multiply(x, _DEGREE, out=x))


def way_lines(connection: duckdb.DuckDBPyConnection, nodes: Points, which: str = "true") -> Iterator[Lines]:
    """Yield the ways that a condition selects, with their nodes, in the order of their ids."""
    query = f"SELECT id, nodes FROM osm_ways WHERE NOT deleted AND {which} ORDER BY id"
    for batch in connection.sql(query).to_arrow_reader(_WAYS_PER_BATCH):
        lists = batch.column(1)
        offsets = np.concatenate([[0], np.cumsum(lists.value_lengths().fill_null(0).to_numpy())]).astype(np.int64)
        refs = lists.flatten().to_numpy()
        yield Lines(batch.column(0).to_numpy(), offsets, refs, *nodes.at(refs))


@dataclass(frozen=True, slots=True)
class Derived:
    """What `derive` tells besides its tables: places that are areas, and how many objects cannot be put on the map."""

    areas: Areas
    without_coordinates: int


def derive(connection: duckdb.DuckDBPyConnection) -> Derived:
    """Fill the temporary tables `osm_places` and `osm_names`, places numbered from 0.

    They are in the order of type and id. The segments of one road are one place under the id of the longest.
    """
    members = read_members(connection)
    nodes = node_points(connection)
    ways = locate_ways(way_lines(connection, nodes))
    whole = whole_relations(connection, members, nodes)
    relations = locate_relations(members, nodes, ways, whole.centroids())
    areas = administrative_areas(connection, whole, nodes)
    # Millions of coordinates are not needed any more, and the rest needs memory too.
    del nodes, whole, members
    rows = connection.execute(_CANDIDATES).fetchnumpy()
    latitude, longitude = _positions(rows, (_points(connection, _NAMED_NODES), ways, relations))
    leader = _leaders(rows, ways)
    found = ~np.isnan(latitude[leader])
    leads = found & (leader == np.arange(len(leader)))
    number = np.cumsum(leads) - 1
    _write_places(connection, rows, leads, latitude, longitude)
    _write_namesets(connection, rows["nameset"][found], number[leader][found], leads[found])
    connection.execute(_NAMES)
    _report(connection, rows, found, leads)
    return Derived(areas, int(np.count_nonzero(~found)))


def batches(connection: duckdb.DuckDBPyConnection) -> Iterator[Batch]:
    """Yield the places that `derive` found, with their names, in their order."""
    [(count,)] = connection.execute("SELECT count(*) FROM osm_places").fetchall()
    for first in range(0, count, _PLACES_PER_BATCH):
        part = f"place >= {first} AND place < {first + _PLACES_PER_BATCH}"
        places = connection.sql(
            f"""SELECT id, name, kind, latitude, longitude, country, admin1, population, importance, wikidata,
                '' AS parent, 0::UTINYINT AS parent_basis FROM osm_places WHERE {part} ORDER BY place"""
        ).to_arrow_table()
        names = connection.sql(
            f"""SELECT (place - {first})::UINTEGER AS place, text, normalized, kind, language FROM osm_names
            WHERE {part} ORDER BY osm_names.place, rank, position, text, language"""
        ).to_arrow_table()
        yield Batch(places, names)


def _positions(rows: dict[str, Any], located: tuple[Points, Ways, Points]) -> tuple[Floats, Floats]:
    latitude, longitude = np.full(len(rows["id"]), np.nan), np.full(len(rows["id"]), np.nan)
    for type_ in ObjectType:
        places = located[type_]
        chosen = np.flatnonzero(rows["type"] == type_)
        places_rows, known = rows_of(places.ids, rows["id"][chosen])
        latitude[chosen[known]] = places.latitude[places_rows[known]]
        longitude[chosen[known]] = places.longitude[places_rows[known]]
    return latitude, longitude


def _leaders(rows: dict[str, Any], ways: Ways) -> Ints:
    """Return for each object the one that it is one place with, mostly itself."""
    leader = np.arange(len(rows["id"]))
    chosen = np.flatnonzero(rows["type"] == ObjectType.WAY)
    way_rows, known = rows_of(ways.ids, rows["id"][chosen])
    chosen, way_rows = chosen[known], way_rows[known]
    # Streets and rivers come in segments; a building or a lake of the same name is another place.
    mergeable = (rows["kind"][chosen] == _ROAD) | (rows["shape"][chosen] == _LINE)
    groups = np.where(mergeable, rows["same_name"][chosen], -1)
    leader[chosen] = chosen[merge_roads(groups, ways, way_rows)]
    return leader


def _write_places(
    connection: duckdb.DuckDBPyConnection, rows: dict[str, Any], leads: Any, latitude: Floats, longitude: Floats
) -> None:
    import pyarrow

    count = int(leads.sum())
    made = pyarrow.table(
        {
            "place": pyarrow.array(np.arange(count), pyarrow.uint32()),
            **{label: rows[label][leads] for label in ("type", "id", "shape", "kind", "nameset", "fact")},
            # OSM stores coordinates with seven decimals, about a centimetre.
            "latitude": latitude[leads].round(7),
            "longitude": longitude[leads].round(7),
        }
    )
    connection.register("located", made)
    letters = ", ".join(f"'{name}'" for name in TYPE_NAMES)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE osm_places AS
        SELECT place, type, id AS osm_id, 'osm:' || [{letters}][type + 1] || '/' || id AS id, name, l.kind, latitude,
            longitude, country, admin1, population, 0::FLOAT AS importance, wikidata, noted
        FROM located l JOIN osm_namesets USING (nameset) JOIN osm_facts USING (fact) ORDER BY place"""
    )
    connection.unregister("located")
    ranks = connection.execute("SELECT DISTINCT kind, population, noted FROM osm_places").fetchall()
    connection.register(
        "ranks",
        pyarrow.table(
            {
                "kind": pyarrow.array([kind for kind, _, _ in ranks], pyarrow.uint8()),
                "population": pyarrow.array([population for _, population, _ in ranks], pyarrow.uint64()),
                "noted": pyarrow.array([noted for _, _, noted in ranks], pyarrow.bool_()),
                "importance": pyarrow.array([_importance(*rank) for rank in ranks], pyarrow.float32()),
            }
        ),
    )
    connection.execute(
        """UPDATE osm_places SET importance = ranks.importance FROM ranks
        WHERE ranks.kind = osm_places.kind AND ranks.population = osm_places.population
            AND ranks.noted = osm_places.noted"""
    )
    connection.unregister("ranks")


def _importance(kind: int, population: int, noted: bool) -> float:
    return round(min(1.0, importance(KINDS[kind], population) + (NOTED if noted else 0.0)), 4)


def _write_namesets(connection: duckdb.DuckDBPyConnection, namesets: Ints, place: Ints, leads: Any) -> None:
    import pyarrow

    made = pyarrow.table({"place": pyarrow.array(place, pyarrow.uint32()), "nameset": namesets, "leads": leads})
    connection.register("made", made)
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE osm_place_namesets AS
        SELECT place, nameset, bool_or(leads) AS leads FROM made GROUP BY ALL"""
    )
    connection.unregister("made")


def _report(connection: duckdb.DuckDBPyConnection, rows: dict[str, Any], found: Any, leads: Any) -> None:
    """Log what was left out, and why."""
    query = """
        SELECT type, kind IS NULL, count(*) FROM osm_described WHERE kind IS NULL OR nameset IS NULL
        GROUP BY ALL ORDER BY ALL
    """
    reasons = [
        f"{TYPE_NAMES[type_]}s {'that are no place' if no_place else 'without a word in their names'}: {count}"
        for type_, no_place, count in connection.execute(query).fetchall()
    ]
    for type_, name in enumerate(TYPE_NAMES):
        if count := int(np.count_nonzero(~found & (rows["type"] == type_))):
            reasons.append(f"{name}s without coordinates: {count}")
    if merged := int(np.count_nonzero(found & ~leads)):
        reasons.append(f"segments merged into their road: {merged}")
    _LOG.info("%d places; left out: %s", int(leads.sum()), ", ".join(reasons) or "nothing")
