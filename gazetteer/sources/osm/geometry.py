"""Where ways and relations lie, computed for all of them at once in numpy arrays.

A closed way lies at the centroid of its area, an open one half-way along its line, a relation at the mean of its best
members. Coordinates are WGS 84 degrees, lengths metres on a sphere; NaN stands for a place that cannot be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_METRES_PER_DEGREE = 111_195.0
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
class Lines:
    """Ways with their nodes: `offsets[i]:offsets[i + 1]` are those of way `i`; NaN for nodes that are missing."""

    ids: Ints
    offsets: Ints
    refs: Ints
    latitude: Floats
    longitude: Floats


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways by id (sorted), with their place on the map, their length in metres, and their end nodes (0 without any)."""

    ids: Ints
    latitude: Floats
    longitude: Floats
    length: Floats
    first: Ints
    last: Ints


def rows_of(sorted_ids: Ints, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the row of each id in `sorted_ids`, and whether it is there at all."""
    if not len(sorted_ids):
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
    rows = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return rows.astype(np.int64), sorted_ids[rows] == ids


def first_of_equals(ordered: Ints) -> npt.NDArray[np.bool_]:
    """Tell of each of some sorted numbers whether it is the first of its value."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def sorted_unique(numbers: Ints) -> Ints:
    """Return the numbers sorted, each once; many times faster than numpy's own `unique` on millions of them."""
    ordered = np.sort(numbers)
    once: Ints = ordered[first_of_equals(ordered)]
    return once


def locate_ways(parts: Iterable[Lines]) -> Ways:
    """Return where ways lie; their ids come sorted, each once."""
    located: list[tuple[Floats | Ints, ...]] = []
    for lines in parts:
        position = _locate(lines.offsets, lines.refs, lines.latitude, lines.longitude)
        filled = np.diff(lines.offsets) > 0
        ends = np.zeros((2, len(lines.ids)), dtype=np.int64)
        ends[0, filled] = lines.refs[lines.offsets[:-1][filled]]
        ends[1, filled] = lines.refs[lines.offsets[1:][filled] - 1]
        located.append((lines.ids, *position, *ends))
    if not located:
        none = np.zeros(0)
        return Ways(none.astype(np.int64), none, none, none, none.astype(np.int64), none.astype(np.int64))
    return Ways(*(np.concatenate(column) for column in zip(*located, strict=True)))


def merge_roads(groups: Ints, ways: Ways, rows: Ints) -> Ints:
    """Return for each of the ways in `rows` the index, in `rows`, of the way that leads the road it belongs to.

    Ways of one group (-1: of none) are merged where they share an end node, where their midpoints lie in the same cell
    of about 5 km, or where these are less than 600 m apart; the longest (of equals the one with the lowest id) leads.
    Large cells are not chained to their neighbours: that would make one road of all Main Streets of a region.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    leader = np.arange(len(rows))
    chosen = np.flatnonzero((groups >= 0) & ~np.isnan(ways.latitude[rows]))
    chosen = chosen[np.bincount(groups[chosen])[groups[chosen]] > 1] if len(chosen) else chosen
    if not len(chosen):
        return leader
    group, row = groups[chosen], rows[chosen]
    position = np.arange(len(chosen))
    pairs = [_neighbours(group, _cells(ways.latitude[row], ways.longitude[row], CELL), position)]
    for shift_y, shift_x in product((0.0, 0.5), repeat=2):
        cells = _cells(ways.latitude[row], ways.longitude[row], SMALL_CELL, shift_y, shift_x)
        pairs.append(_neighbours(group, cells, position))
    ends = np.concatenate([ways.first[row], ways.last[row]])
    pairs.append(_neighbours(np.tile(group, 2), ends, np.tile(position, 2)))
    left, right = np.concatenate(pairs).T
    graph = coo_array((np.ones(len(left), dtype=np.bool_), (left, right)), shape=(len(chosen), len(chosen)))
    _, road = connected_components(graph, directed=False)
    # Rows are in the order of ids, and the sort is stable: of equally long ways the lowest id comes first.
    by_length = np.argsort(-ways.length[row], kind="stable")
    by_road = by_length[np.argsort(road[by_length], kind="stable")]
    is_first = np.diff(road[by_road], prepend=-1) != 0
    longest = np.zeros(len(chosen), dtype=np.int64)
    longest[road[by_road[is_first]]] = by_road[is_first]
    leader[chosen] = chosen[longest[road]]
    return leader


def _locate(offsets: Ints, refs: Ints, latitude: Floats, longitude: Floats) -> Floats:
    """Return latitude, longitude and length of ways, as three rows."""
    count = len(offsets) - 1
    way = np.repeat(np.arange(count), np.diff(offsets))
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
