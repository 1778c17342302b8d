"""The members of relations, and where they put their relation on the map."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from gazetteer.sources.osm.geometry import Ints, Points, Ways, mean_position, rows_of


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
_POINT_ROLES = {"label": Rank.LABEL, "admin_centre": Rank.ADMIN_CENTRE, "admin_center": Rank.ADMIN_CENTRE}
_OUTER_ROLES = frozenset({"outer", "", "main_stream", "perimeter", "outline"})


@dataclass(frozen=True, slots=True)
class RelationLog:
    """Relations as they come out of a file, with one row for each member."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    owners: array[int] = field(default_factory=lambda: array("q"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    ranks: array[int] = field(default_factory=lambda: array("b"))

    def add(self, relation: Any) -> None:
        """Append one relation of osmium's."""
        owner = len(self.ids)
        self.ids.append(relation.id)
        for member in relation.members:
            if member.type == "n":
                rank = _POINT_ROLES.get(member.role, Rank.NODE)
            elif member.type == "w":
                rank = Rank.OUTER_WAY if member.role in _OUTER_ROLES else Rank.OTHER_WAY
            else:
                rank = Rank.CHILD
            self.owners.append(owner)
            self.refs.append(member.ref)
            self.ranks.append(rank)

    def members(self) -> Members:
        """Return the members in numpy arrays."""
        return Members(
            np.asarray(self.ids, dtype=np.int64),
            np.asarray(self.owners, dtype=np.int64),
            np.asarray(self.refs, dtype=np.int64),
            np.asarray(self.ranks, dtype=np.int8),
        )


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


def locate_relations(members: Members, nodes: Points, ways: Ways) -> Points:
    """Return where relations lie: at the mean of their best members, ways weighing as much as they are long."""
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
    ids, first = np.unique(members.ids, return_index=True)
    return Points(ids, mean[0][first], mean[1][first])
