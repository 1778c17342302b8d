"""The members of relations, and where they put their relation on the map."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gazetteer.sources.osm.geometry import Ints, Points, Ways, mean_position, rows_of

if TYPE_CHECKING:
    import duckdb


class Rank(IntEnum):
    """What a member is to its relation; the lowest rank that has coordinates says where the relation lies.

    `label` and `admin_centre` are the points that mappers chose themselves
    (https://wiki.openstreetmap.org/wiki/Relation:boundary).
    """

    LABEL = 0
    ADMIN_CENTRE = 1
    OUTER_WAY = 2
    OTHER_WAY = 3
    NODE = 4
    CHILD_WAY = 5
    CHILD_NODE = 6
    CHILD = 7


_NODE_RANKS = (Rank.LABEL, Rank.ADMIN_CENTRE, Rank.NODE, Rank.CHILD_NODE)
_WAY_RANKS = (Rank.OUTER_WAY, Rank.OTHER_WAY, Rank.CHILD_WAY)
#: One row a member of the relations that a query selects.
_MEMBERS = f"""
WITH owners AS (SELECT id, string_split(members, ',') AS members FROM osm_objects
    WHERE type = 2 AND NOT deleted AND {{which}}
),
members AS (SELECT id, unnest(members) AS member, generate_subscripts(members, 1) AS position FROM owners),
parts AS (
    SELECT id, position, member[1] AS type, split_part(substr(member, 2), '@', 1)::BIGINT AS ref,
        split_part(member, '@', 2) AS role
    FROM members WHERE member <> ''
)
SELECT id, ref, CASE
    WHEN type = 'r' THEN {Rank.CHILD:d}
    WHEN type = 'w' AND role IN ('outer', '', 'main_stream', 'perimeter', 'outline') THEN {Rank.OUTER_WAY:d}
    WHEN type = 'w' THEN {Rank.OTHER_WAY:d}
    WHEN role = 'label' THEN {Rank.LABEL:d}
    WHEN role IN ('admin_centre', 'admin_center') THEN {Rank.ADMIN_CENTRE:d}
    ELSE {Rank.NODE:d} END::TINYINT AS rank
FROM parts ORDER BY id, position
"""


def read_members(connection: duckdb.DuckDBPyConnection) -> Members:
    """Return the members of all relations that are places, and those of relations among them, one level down."""
    import pyarrow

    places = "id IN (SELECT id FROM osm_described WHERE type = 2 AND kind IS NOT NULL AND nameset IS NOT NULL)"
    ids = connection.execute(f"SELECT id FROM osm_objects WHERE type = 2 AND {places} ORDER BY id").fetchnumpy()["id"]
    members = _read(connection, ids, places)
    child_ids = members.child_ids()
    connection.register("child_ids", pyarrow.table({"id": child_ids}))
    children = _read(connection, child_ids, "id IN (SELECT id FROM child_ids)")
    connection.unregister("child_ids")
    return members.with_children(children)


def _read(connection: duckdb.DuckDBPyConnection, ids: Ints, which: str) -> Members:
    rows = connection.execute(_MEMBERS.format(which=which)).fetchnumpy()
    return Members(ids, np.searchsorted(ids, rows["id"]), rows["ref"], rows["rank"])


@dataclass(frozen=True, slots=True)
class Members:
    """The members of relations; `owners` are rows of `ids`."""

    ids: Ints
    owners: Ints
    refs: Ints
    ranks: npt.NDArray[np.int8]

    def node_ids(self) -> Ints:
        """Return the ids of the nodes that may be needed, sorted."""
        return np.unique(self.refs[np.isin(self.ranks, _NODE_RANKS)])

    def way_ids(self) -> Ints:
        """Return the ids of the ways that may be needed, sorted."""
        return np.unique(self.refs[np.isin(self.ranks, _WAY_RANKS)])

    def child_ids(self) -> Ints:
        """Return the ids of the relations within relations that have no way of their own, sorted."""
        return np.unique(self.refs[self._child_rows()])

    def with_children(self, children: Members) -> Members:
        """Return the members together with those of their child relations, one level down.

        Relations within the children are left out, so that a relation which contains itself, directly or through
        others, does no harm.
        """
        rows = self._child_rows()
        # A child's label marks the child; for its parent it is a node like any other.
        keep = children.ranks != Rank.CHILD
        child_ids, child_refs = children.ids[children.owners[keep]], children.refs[keep]
        child_ranks = np.where(np.isin(children.ranks[keep], _WAY_RANKS), Rank.CHILD_WAY, Rank.CHILD_NODE)
        order = np.argsort(child_ids, kind="stable")
        child_ids, child_refs, child_ranks = child_ids[order], child_refs[order], child_ranks[order]
        starts = np.searchsorted(child_ids, self.refs[rows], side="left")
        counts = np.searchsorted(child_ids, self.refs[rows], side="right") - starts
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        picked = np.repeat(starts, counts) + within
        return Members(
            self.ids,
            np.concatenate([self.owners, np.repeat(self.owners[rows], counts)]),
            np.concatenate([self.refs, child_refs[picked]]),
            np.concatenate([self.ranks, child_ranks[picked].astype(np.int8)]),
        )

    def _child_rows(self) -> Ints:
        has_way = np.zeros(len(self.ids), dtype=np.bool_)
        has_way[self.owners[np.isin(self.ranks, _WAY_RANKS)]] = True
        own_child = (self.ranks == Rank.CHILD) & ~has_way[self.owners] & (self.refs != self.ids[self.owners])
        return np.flatnonzero(own_child)


def locate_relations(members: Members, nodes: Points, ways: Ways, centroids: Points) -> Points:
    """Return where relations lie: at the point that a mapper chose, else at the centroid where one is known.

    All others lie at the mean of their best members, ways weighing as much as they are long.
    """
    latitude, longitude = np.full(len(members.refs), np.nan), np.full(len(members.refs), np.nan)
    weight = np.ones(len(members.refs))
    is_node = np.isin(members.ranks, _NODE_RANKS)
    latitude[is_node], longitude[is_node] = nodes.at(members.refs[is_node])
    is_way = np.flatnonzero(np.isin(members.ranks, _WAY_RANKS))
    rows, known = rows_of(ways.ids, members.refs[is_way])
    is_way, rows = is_way[known], rows[known]
    latitude[is_way], longitude[is_way] = ways.latitude[rows], ways.longitude[rows]
    # A way of which one node is left has no length but is still somewhere.
    weight[is_way] = np.maximum(ways.length[rows], 1.0)

    found = ~np.isnan(latitude)
    best = np.full(len(members.ids), Rank.CHILD, dtype=np.int8)
    np.minimum.at(best, members.owners[found], members.ranks[found])
    found &= members.ranks == best[members.owners]
    owners = members.owners[found]
    mean = mean_position(owners, len(members.ids), latitude[found], longitude[found], weight[found])
    latitude, longitude = mean
    rows, known = rows_of(centroids.ids, members.ids)
    known &= best >= Rank.OUTER_WAY
    latitude[known], longitude[known] = centroids.latitude[rows[known]], centroids.longitude[rows[known]]
    return Points(members.ids, latitude, longitude)
