"""Where ways and relations lie, computed for all of them at once in numpy arrays.

A closed way lies at the centroid of its area, an open one half-way along its line, a relation at the mean of its best
members. Coordinates are WGS 84 degrees, lengths metres on a sphere; NaN stands for a place that cannot be found.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_METRES_PER_DEGREE = 111_195.0
#: Node references worked on at once; bounds the temporary arrays to some 100 MB.
_REFS_PER_CHUNK = 1_000_000
#: Rings smaller than this, in square degrees (about a hundredth of a square metre), are treated as lines.
_SMALLEST_AREA = 1e-12
#: Segments of one name within a cell of this size, in degrees of latitude (about 5 km), are one road.
CELL = 0.045
#: So are those within a cell of this size (about 1.2 km) in one of four grids shifted by half a cell, which is the case
#: for all that lie less than 600 m apart, also where a border of the large cells runs between them.
SMALL_CELL = CELL / 4


@dataclass(frozen=True, slots=True)
class Points:
    """Coordinates by id; `ids` is sorted and has each id once."""

    ids: Ints
    latitude: Floats
    longitude: Floats

    def at(self, ids: Ints) -> tuple[Floats, Floats]:
        """Return latitudes and longitudes of the ids asked for, NaN for those that are missing."""
        rows, known = rows_of(self.ids, ids)
        latitude, longitude = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
        latitude[known], longitude[known] = self.latitude[rows[known]], self.longitude[rows[known]]
        return latitude, longitude


@dataclass(frozen=True, slots=True)
class PointLog:
    """Coordinates as they come out of a file."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    latitude: array[float] = field(default_factory=lambda: array("d"))
    longitude: array[float] = field(default_factory=lambda: array("d"))

    def sorted(self) -> Points:
        """Return the coordinates by id; of an id that came twice, the first."""
        ids, first = np.unique(np.asarray(self.ids, dtype=np.int64), return_index=True)
        return Points(ids, np.asarray(self.latitude)[first], np.asarray(self.longitude)[first])


@dataclass(frozen=True, slots=True)
class WayLog:
    """Ways as they come out of a file: `offsets[i]:offsets[i + 1]` are the node references of way `i`.

    Ways with the same `group`, unless it is -1, bear the same name and may be segments of one thing.
    """

    ids: array[int] = field(default_factory=lambda: array("q"))
    groups: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q", [0]))
    refs: array[int] = field(default_factory=lambda: array("q"))

    def add(self, way_id: int, refs: list[int], group: int) -> None:
        """Append one way."""
        self.ids.append(way_id)
        self.groups.append(group)
        self.refs.extend(refs)
        self.offsets.append(len(self.refs))


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways by id, with their place on the map, their length, and the row of the way that stands for them.

    `leader` is the row itself for a way that was not merged with others.
    """

    ids: Ints
    latitude: Floats
    longitude: Floats
    length: Floats
    leader: Ints


def rows_of(sorted_ids: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the row of each id in `sorted_ids`, and whether it is there at all."""
    if not len(sorted_ids):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    rows = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return rows.astype(np.int64), sorted_ids[rows] == ids


def locate_ways(log: WayLog, nodes: Points) -> Ways:
    """Return where the ways of a file lie, and merge the segments of one road.

    Ways of one group are merged where they share an end node, where their midpoints lie in the same cell of about 5 km,
    or where these are less than 600 m apart; the longest (of equals the one with the lowest id) leads. Large cells are
    not chained to their neighbours: that would make one road of the Main Streets of all towns of a region.
    """
    offsets, refs = np.asarray(log.offsets, dtype=np.int64), np.asarray(log.refs, dtype=np.int64)
    located = np.empty((3, len(log.ids)))
    first = 0
    while first < len(log.ids):
        last = max(first + 1, int(np.searchsorted(offsets, offsets[first] + _REFS_PER_CHUNK, side="right")) - 1)
        located[:, first:last] = _locate(offsets[first : last + 1] - offsets[first], refs, offsets[first], nodes)
        first = last
    ids, rows = np.unique(np.asarray(log.ids, dtype=np.int64), return_index=True)
    latitude, longitude, length = located[:, rows]
    groups = np.asarray(log.groups, dtype=np.int64)[rows]
    has_refs = np.diff(offsets)[rows] > 0
    groups = np.where(has_refs & ~np.isnan(latitude), groups, -1)
    leader = _merge(groups, latitude, longitude, length, offsets[:-1][rows], offsets[1:][rows] - 1, refs)
    return Ways(ids, latitude, longitude, length, leader)


def _locate(offsets: Ints, all_refs: Ints, start: int, nodes: Points) -> Floats:
    """Return latitude, longitude and length of the ways whose references follow `start`, as three rows."""
    count = len(offsets) - 1
    refs = all_refs[start : start + offsets[-1]]
    way = np.repeat(np.arange(count), np.diff(offsets))
    latitude, longitude = nodes.at(refs)
    present = ~np.isnan(latitude)
    # A ring with a node cut away is no ring any more: the straight line over the gap would be invented.
    complete = np.bincount(way, weights=~present, minlength=count) == 0
    closed = np.zeros(count, dtype=np.bool_)
    long_enough = np.diff(offsets) >= 4
    closed[long_enough] = refs[offsets[:-1][long_enough]] == refs[offsets[1:][long_enough] - 1]
    way, latitude, longitude = way[present], latitude[present], longitude[present]
    located = np.full((3, count), np.nan)
    located[2] = 0.0
    if not len(way):
        return located

    starts = np.flatnonzero(np.diff(way, prepend=-1))
    seen = way[starts]
    base_latitude, base_longitude = np.full(count, np.nan), np.full(count, np.nan)
    base_latitude[seen], base_longitude[seen] = latitude[starts], longitude[starts]
    # Relative to the first node, the short way round: exact for small rings, and right across the 180th meridian.
    y = latitude - base_latitude[way]
    x = wrap(longitude - base_longitude[way])
    inside = way[1:] == way[:-1]
    step_x = np.where(inside, np.diff(x), 0.0) * np.cos(np.radians((latitude[1:] + latitude[:-1]) / 2))
    step_y = np.where(inside, np.diff(y), 0.0)
    steps = np.hypot(step_x, step_y)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    length = np.bincount(way[1:], weights=steps, minlength=count)

    ends = np.append(starts[1:], len(way)) - 1
    half = (travelled[starts] + travelled[ends]) / 2
    before = np.clip(np.searchsorted(travelled, half, side="right") - 1, starts, np.maximum(starts, ends - 1))
    after = np.minimum(before + 1, ends)
    stretch = travelled[after] - travelled[before]
    share = np.divide(half - travelled[before], stretch, out=np.zeros_like(half), where=stretch > 0)
    middle_x, middle_y = np.zeros(count), np.zeros(count)
    middle_x[seen] = x[before] + share * (x[after] - x[before])
    middle_y[seen] = y[before] + share * (y[after] - y[before])

    cross = np.where(inside, x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    area = np.bincount(way[1:], weights=cross, minlength=count) / 2
    moment_x = np.bincount(way[1:], weights=cross * (x[:-1] + x[1:]), minlength=count)
    moment_y = np.bincount(way[1:], weights=cross * (y[:-1] + y[1:]), minlength=count)
    is_area = closed & complete & (np.abs(area) > _SMALLEST_AREA)
    divisor = np.where(is_area, 6 * area, 1.0)
    located[0] = base_latitude + np.where(is_area, moment_y / divisor, middle_y)
    located[1] = wrap(base_longitude + np.where(is_area, moment_x / divisor, middle_x))
    located[2] = length * _METRES_PER_DEGREE
    return located


def wrap(longitude: Floats) -> Floats:
    """Return longitudes or their differences within -180..180, those already within unchanged to the last bit."""
    return np.where(np.abs(longitude) <= 180, longitude, (longitude + 180) % 360 - 180)


def mean_position(
    owner: Ints, count: int, latitude: Floats, longitude: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Return the weighted mean of the points of each owner 0..count-1 on the sphere; NaN for owners without any."""
    phi, theta = np.radians(latitude), np.radians(longitude)
    x, y, z = (
        np.bincount(owner, weights=weight * part, minlength=count)
        for part in (np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi))
    )
    found = np.bincount(owner, weights=weight, minlength=count) > 0
    mean_latitude = np.where(found, np.degrees(np.arctan2(z, np.hypot(x, y))), np.nan)
    return mean_latitude, np.where(found, np.degrees(np.arctan2(y, x)), np.nan)


def _merge(
    groups: Ints, latitude: Floats, longitude: Floats, length: Floats, first_ref: Ints, last_ref: Ints, refs: Ints
) -> Ints:
    """Return for each way the row of the longest of those that it is one road with."""
    leader = np.arange(len(groups))
    rows = np.flatnonzero(groups >= 0)
    rows = rows[np.bincount(groups[rows])[groups[rows]] > 1] if len(rows) else rows
    if not len(rows):
        return leader
    group = groups[rows]
    position = np.arange(len(rows))
    pairs = [_neighbours(group, _cells(latitude[rows], longitude[rows], CELL), position)]
    for shift_y, shift_x in product((0.0, 0.5), repeat=2):
        cells = _cells(latitude[rows], longitude[rows], SMALL_CELL, shift_y, shift_x)
        pairs.append(_neighbours(group, cells, position))
    ends = np.concatenate([refs[first_ref[rows]], refs[last_ref[rows]]])
    pairs.append(_neighbours(np.tile(group, 2), ends, np.tile(position, 2)))

    parent = list(range(len(rows)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for left, right in np.concatenate(pairs).tolist():
        parent[root(left)] = root(right)
    roots = np.array([root(row) for row in range(len(rows))])
    # Rows are in the order of ids, and the sort is stable: of equally long ways the lowest id comes first.
    by_length = np.argsort(-length[rows], kind="stable")
    by_root = by_length[np.argsort(roots[by_length], kind="stable")]
    is_first = np.diff(roots[by_root], prepend=-1) != 0
    longest = np.zeros(len(rows), dtype=np.int64)
    longest[roots[by_root[is_first]]] = by_root[is_first]
    leader[rows] = rows[longest[roots]]
    return leader


def _cells(latitude: Floats, longitude: Floats, size: float, shift_y: float = 0.0, shift_x: float = 0.0) -> Ints:
    """Return the number of the cell of each point in a grid of about square cells, moved by parts of a cell."""
    row = np.floor(latitude / size + shift_y)
    # As wide as high: the number of cells round the globe shrinks towards the poles.
    around = np.maximum(1, np.floor(360 / size * np.cos(np.radians(np.clip(row * size, -90, 90)))))
    column = np.floor((longitude + 180) / 360 * around + shift_x) % around
    number: Ints = (row * 1_000_000 + column).astype(np.int64)
    return number


def _neighbours(group: Ints, key: Ints, position: Ints) -> Ints:
    """Return the pairs of positions that follow each other among those equal in group and key."""
    order = np.lexsort((key, group))
    same = (group[order][1:] == group[order][:-1]) & (key[order][1:] == key[order][:-1])
    return np.stack([position[order][:-1][same], position[order][1:][same]], axis=1)
