"""The administrative place that each place belongs to: the smallest boundary around it, or else a near larger place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gazetteer.places import KINDS, PARENT_BASES, ParentBasis, PlaceKind
from gazetteer.sphere import EARTH_RADIUS_KM, unit_vectors

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Bools = npt.NDArray[np.bool_]

STATED, CONTAINED, NEAREST = (
    1 + PARENT_BASES.index(basis) for basis in (ParentBasis.STATED, ParentBasis.CONTAINED, ParentBasis.NEAREST)
)
#: How large the kinds are; those that are not here are smaller than all of these, and belong to no kind's area.
_RANKS = {
    PlaceKind.NEIGHBOURHOOD: 1,
    PlaceKind.DISTRICT: 2,
    # In some countries districts are parts of cities, in others cities of districts.
    PlaceKind.CITY: 2,
    PlaceKind.ISLAND: 2,
    PlaceKind.COUNTY: 3,
    PlaceKind.STATE: 4,
    PlaceKind.COUNTRY: 5,
    PlaceKind.CONTINENT: 6,
}
#: Places without a boundary around them belong to the nearest of these kinds that is larger, a small place first of all
#: to a city; and how far, in kilometres, the point that stands for the larger place may be away.
_REACH_KM = {PlaceKind.CITY: 50.0, PlaceKind.COUNTY: 100.0, PlaceKind.STATE: 500.0, PlaceKind.COUNTRY: 2000.0}


@dataclass(frozen=True, slots=True)
class Located:
    """Places by number: kind (index in KINDS), a number shared by those of the same name, coordinates in degrees.

    `country` and `admin1` are numbers of codes, -1 where there is none; a unit's number is its own among all countries.
    """

    kind: _Ints
    same_name: _Ints
    latitude: _Floats
    longitude: _Floats
    country: _Ints
    admin1: _Ints


def contained(places: Located, area_places: _Ints, polygons: Any) -> _Ints:
    """Return for each place the smallest of some areas around it, -1 without any.

    `area_places` are the places that the polygons are of. An area belongs only to larger ones, nothing to an area of a
    lesser kind (the point of a county that the extract cuts off may lie anywhere), and nothing to one of its own kind
    and name, for that is the same place mapped twice.
    """
    import shapely

    parent = np.full(len(places.kind), -1, dtype=np.int64)
    rank = np.full(len(places.kind), -1, dtype=np.int64)
    if not len(area_places):
        return parent
    ranks = _ranks(places)
    points = shapely.points(places.longitude, places.latitude)
    # The point that stands for an area may lie outside it.
    points[area_places] = shapely.point_on_surface(polygons)
    tree = shapely.STRtree(points)
    order = np.argsort(-shapely.area(polygons), kind="stable")
    rank[area_places[order]] = np.arange(len(order))
    for position, area in enumerate(order.tolist()):
        own = int(area_places[area])
        inside = tree.query(polygons[area], predicate="intersects")
        smaller = (rank[inside] == -1) | (rank[inside] > position)
        fits = ranks[inside] <= ranks[own]
        same = (places.kind[inside] == places.kind[own]) & (places.same_name[inside] == places.same_name[own])
        parent[inside[smaller & fits & ~same]] = own
    return parent


def nearest(places: Located, orphans: _Ints, bounded: _Ints) -> tuple[_Ints, _Bools]:
    """Return for each of the places `orphans` the nearest larger place, -1 without any, and whether codes agree.

    The places `bounded` have boundaries, and what is not within these does not belong to them, however near it is.

    None is of another country or first-level unit, where those are known. A state of the same code in the same country,
    and a country of the same code, are no guess; what is known of neither code is looked for within reach only.
    """
    points = unit_vectors(np.radians(np.column_stack([places.latitude, places.longitude])))
    ranks = _ranks(places)
    parent = np.full(len(orphans), -1, dtype=np.int64)
    best = np.full(len(orphans), np.inf)
    city = KINDS.index(PlaceKind.CITY)
    for larger in _REACH_KM:
        candidates = np.setdiff1d(np.flatnonzero(places.kind == KINDS.index(larger)), bounded)
        # Nor does a country whose point is nearer take the places of its states away from them.
        settled = (places.kind[np.maximum(parent, 0)] == city) | _agree(places, parent, orphans)[1]
        settled &= parent >= 0
        rows = np.flatnonzero((ranks[orphans] < _RANKS[larger]) & ~settled)
        for group in _grouped(places.country[orphans[rows]], places.admin1[orphans[rows]]):
            smaller = orphans[rows[group]]
            distance, found = _nearest_of(places, points, smaller, candidates, larger)
            nearer = distance < best[rows[group]]
            parent[rows[group][nearer]] = found[nearer]
            best[rows[group][nearer]] = distance[nearer]
    in_country, in_state = _agree(places, parent, orphans)
    return parent, (parent >= 0) & (in_country | in_state)


def _agree(places: Located, parent: _Ints, orphans: _Ints) -> tuple[_Bools, _Bools]:
    """Return which parents are the country, and which the state, whose code their place states."""
    above = np.maximum(parent, 0)
    same_country = (places.country[above] == places.country[orphans]) & (places.country[orphans] >= 0)
    same_unit = (places.admin1[above] == places.admin1[orphans]) & (places.admin1[orphans] >= 0)
    is_state = places.kind[above] == KINDS.index(PlaceKind.STATE)
    is_country = places.kind[above] == KINDS.index(PlaceKind.COUNTRY)
    return same_country & is_country, same_country & is_state & same_unit


def _nearest_of(
    places: Located, points: _Floats, smaller: _Ints, candidates: _Ints, larger: PlaceKind
) -> tuple[_Floats, _Ints]:
    """Return distance (in earth radii) and number of the nearest candidate, for places of one country and unit."""
    from scipy.spatial import KDTree

    country, admin1 = places.country[smaller[0]], places.admin1[smaller[0]]
    fits = np.ones(len(candidates), dtype=np.bool_)
    for code, codes in ((country, places.country), (admin1, places.admin1)):
        if code >= 0:
            agrees = codes[candidates] == code
            fits &= agrees if (fits & agrees).any() else codes[candidates] < 0
    fitting = candidates[fits]
    if not len(fitting):
        return np.full(len(smaller), np.inf), np.full(len(smaller), -1)
    # A chord is shorter than its arc, by nothing that matters at these distances.
    reach = np.inf if country >= 0 and larger is not PlaceKind.CITY else _REACH_KM[larger] / EARTH_RADIUS_KM
    distance, found = KDTree(points[fitting]).query(points[smaller], distance_upper_bound=reach)
    return distance, np.append(fitting, -1)[found]


def _grouped(*keys: _Ints) -> Iterator[_Ints]:
    """Yield the positions at which all keys are equal, group by group."""
    if not len(keys[0]):
        return
    order = np.lexsort(keys)
    changes = np.zeros(len(order) - 1, dtype=np.bool_)
    for key in keys:
        changes |= np.diff(key[order]) != 0
    yield from np.split(order, np.flatnonzero(changes) + 1)


def _ranks(places: Located) -> _Ints:
    return np.array([_RANKS.get(kind, 0) for kind in KINDS])[places.kind]
