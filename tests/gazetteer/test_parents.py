"""The administrative place that each place belongs to, out of boundaries, codes and distances."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from osm_map import TOWN_BOUNDARY, Thing, node, relation, way, write_extract

from gazetteer import Gazetteer, ParentBasis, Place, PlaceKind, build_gazetteer
from gazetteer.parents import Located, contained, nearest
from gazetteer.places import KINDS
from gazetteer.sources.osm import OsmSource

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("LMR_DATA", ROOT / "../shared/data")) / "osm"

NONE = np.zeros(0, dtype=np.int64)


def located(*rows: tuple[PlaceKind, float, float] | tuple[PlaceKind, float, float, int, int]) -> Located:
    """Return places of kind, longitude, latitude and numbers of country and unit, all of different names."""
    full = [(*row, -1, -1)[:5] for row in rows]
    kinds, longitudes, latitudes, countries, units = zip(*full, strict=True)
    return Located(
        np.array([KINDS.index(kind) for kind in kinds]),
        np.arange(len(rows)),
        np.array(latitudes, dtype=np.float64),
        np.array(longitudes, dtype=np.float64),
        np.array(countries),
        np.array(units),
    )


def areas(*polygons: shapely.Geometry) -> np.ndarray:
    return np.array(polygons, dtype=object)


CITY, COUNTY, STATE, COUNTRY, POI = (
    PlaceKind.CITY,
    PlaceKind.COUNTY,
    PlaceKind.STATE,
    PlaceKind.COUNTRY,
    PlaceKind.HUMAN_POI,
)


def test_the_smallest_area_around_a_place_is_its_parent() -> None:
    places = located((COUNTRY, 5, 5), (STATE, 2, 2), (CITY, 1, 1), (POI, 1, 1), (POI, 9, 9), (POI, 20, 20))
    polygons = areas(shapely.box(0, 0, 10, 10), shapely.box(0, 0, 4, 4), shapely.box(0.5, 0.5, 2, 2))
    assert contained(places, np.array([0, 1, 2]), polygons).tolist() == [-1, 0, 1, 2, 0, -1]


def test_a_hole_is_outside_and_an_exclave_is_inside() -> None:
    ring = shapely.difference(shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6))
    state = shapely.union_all([ring, shapely.box(20, 20, 21, 21)])
    places = located((STATE, 5, 5), (CITY, 5, 5), (CITY, 1, 1), (CITY, 20.5, 20.5), (CITY, 15, 15))
    assert contained(places, np.array([0]), areas(state)).tolist() == [-1, -1, 0, 0, -1]


def test_what_is_larger_than_an_area_does_not_belong_to_it() -> None:
    places = located((CITY, 5, 5), (STATE, 5, 5), (POI, 5, 5))
    assert contained(places, np.array([0]), areas(shapely.box(0, 0, 10, 10))).tolist() == [-1, -1, 0]


def test_the_point_of_an_area_that_lies_outside_it_does_not_matter() -> None:
    # The state's label lies in the sea.
    places = located((COUNTRY, 50, 50), (STATE, -30, -30))
    polygons = areas(shapely.box(0, 0, 10, 10), shapely.box(0, 0, 4, 4))
    assert contained(places, np.array([0, 1]), polygons).tolist() == [-1, 0]


def test_equal_areas_do_not_contain_each_other() -> None:
    places = located((CITY, 5, 5), (CITY, 5, 5))
    parents = contained(places, np.array([0, 1]), areas(*[shapely.box(0, 0, 10, 10)] * 2)).tolist()
    assert sorted(parents) in ([-1, 0], [-1, 1])


def near(places: Located, bounded: Sequence[int] = ()) -> tuple[list[int], list[bool]]:
    orphans = np.arange(len(places.kind))
    parent, agreed = nearest(places, orphans, np.array(bounded, dtype=np.int64))
    return parent.tolist(), agreed.tolist()


def test_without_codes_the_nearest_larger_place_within_reach() -> None:
    places = located((CITY, 0, 0), (CITY, 0.4, 0), (POI, 0.1, 0), (POI, 0.3, 0), (POI, 5, 0))
    assert near(places) == ([-1, -1, 0, 1, -1], [False] * 5)


def test_what_has_a_boundary_takes_in_nothing_beyond_it() -> None:
    places = located((CITY, 0, 0), (CITY, 0.4, 0), (POI, 0.1, 0))
    assert near(places, [0])[0] == [-1, -1, 1]


def test_codes_come_before_distance() -> None:
    places = located((CITY, 0, 0, 1, 11), (CITY, 0.3, 0, 2, 21), (POI, 0.01, 0, 2, 21))
    assert near(places)[0][2] == 1


def test_a_state_of_the_same_code_is_no_guess_however_far() -> None:
    places = located((STATE, 0, 0, 1, 11), (STATE, 30, 0, 1, 12), (CITY, 29, 0, 1, 11), (COUNTRY, 10, 0, 1, -1))
    parents, agreed = near(places)
    assert (parents, agreed) == ([3, 3, 0, -1], [True, True, True, False])


def test_nobody_is_nobodys_orphan() -> None:
    assert near(located((CITY, 0, 0)))[0] == [-1]
    assert contained(located((CITY, 0, 0)), NONE, areas()).tolist() == [-1]


# Out of maps


def corners(first: int, west: float, south: float, east: float, north: float) -> list[Thing]:
    """Return the four corners of a box, numbered from `first`."""
    positions = [(south, west), (south, east), (north, east), (north, west)]
    return [node(first + number, position) for number, position in enumerate(positions)]


def box(number: int, edges: tuple[float, float, float, float]) -> list[Thing]:
    """Return the way `number` round a box, with its corners."""
    return [*corners(number * 10, *edges), way(number, [number * 10 + corner for corner in (0, 1, 2, 3, 0)])]


def boundary(number: int, level: int, name: str, *members: tuple[str, int, str], **tags: str) -> Thing:
    return relation(number, members, **{**TOWN_BOUNDARY, "admin_level": str(level), "name": name, **tags})


def opened(tmp_path: Path, *things: Thing) -> Gazetteer:
    order = ("node", "way", "relation")
    extract = write_extract(tmp_path / "map.osm", sorted(things, key=lambda thing: order.index(thing.type)))
    build_gazetteer([OsmSource(extract)], tmp_path / "g")
    return Gazetteer.open(tmp_path / "g")


def only(gazetteer: Gazetteer, name: str) -> Place:
    [place] = gazetteer.places(name)
    return place


def chain(gazetteer: Gazetteer, name: str) -> list[str]:
    return [place.name for place in gazetteer.parents(only(gazetteer, name))]


LAND = [
    *box(1, (0, 0, 10, 10)),
    *box(2, (1, 1, 5, 5)),
    *box(3, (2, 2, 3, 3)),
    boundary(1, 2, "Landia", ("way", 1, "outer"), ISO3166_1="no", **{"ISO3166-1": "LA"}),
    boundary(2, 4, "Statia", ("way", 2, "outer"), **{"ISO3166-2": "LA-ST"}),
    boundary(3, 8, "Townia", ("way", 3, "outer")),
    node(900, (2.5, 2.5), name="Post Office", amenity="post_office"),
]


def test_chains_go_up_to_the_country(tmp_path: Path) -> None:
    gazetteer = opened(tmp_path, *LAND)
    assert chain(gazetteer, "Post Office") == ["Townia", "Statia", "Landia"]
    assert chain(gazetteer, "Landia") == []
    post = only(gazetteer, "Post Office")
    assert (post.parent, post.parent_basis) == ("osm:relation/3", ParentBasis.CONTAINED)
    assert post.bounds is None
    assert only(gazetteer, "Statia").bounds == pytest.approx((1.0, 1.0, 5.0, 5.0))
    assert (post.country, post.admin1) == ("LA", "ST")
    town = only(gazetteer, "Townia")
    assert (town.country, town.admin1) == ("LA", "ST")


def test_a_country_is_not_inherited_from_what_is_merely_near(tmp_path: Path) -> None:
    city = node(901, (20, 20), name="Far City", place="city", **{"ISO3166-2": "XX-A"})
    shop = node(902, (20.01, 20), name="Far Shop", shop="yes")
    gazetteer = opened(tmp_path, *LAND, city, shop)
    found = only(gazetteer, "Far Shop")
    assert (found.parent, found.parent_basis, found.country) == ("osm:node/901", ParentBasis.NEAREST, "")


def test_an_extract_that_states_one_country_lies_in_it(tmp_path: Path) -> None:
    gazetteer = opened(tmp_path, *LAND, node(902, (20.01, 20), name="Far Shop", shop="yes"))
    found = only(gazetteer, "Far Shop")
    assert (found.parent, found.country, found.admin1) == ("", "LA", "")


def test_holes_and_exclaves_of_a_relation(tmp_path: Path) -> None:
    things = [*box(1, (0, 0, 10, 10)), *box(2, (4, 4, 6, 6)), *box(3, (40, 40, 41, 41))]
    things.append(boundary(1, 4, "Ring State", ("way", 1, "outer"), ("way", 2, "inner"), ("way", 3, "outer")))
    for number, (name, at) in enumerate({"In Hole": (5, 5), "Inside": (2, 2), "Exclave": (40.5, 40.5)}.items()):
        things.append(node(900 + number, at, name=name, place="village"))
    gazetteer = opened(tmp_path, *things)
    assert [chain(gazetteer, name) for name in ("In Hole", "Inside", "Exclave")] == [[], ["Ring State"], ["Ring State"]]


@pytest.mark.parametrize("cut", ["node", "way"])
def test_a_boundary_that_is_cut_off_holds_nothing(tmp_path: Path, cut: str) -> None:
    members = [("way", 1, "outer"), *([("way", 77, "outer")] if cut == "way" else [])]
    things = [*box(1, (0, 0, 10, 10)), boundary(1, 8, "Cut Town", *members)]
    shop = node(900, (9, 9), name="Shop", shop="yes")
    if cut == "node":
        things = [thing for thing in things if (thing.type, thing.id) != ("node", 12)]
    assert chain(opened(tmp_path, *things, shop), "Shop") == []


def test_a_label_says_where_a_boundary_lies_but_not_what_it_holds(tmp_path: Path) -> None:
    label, centre = node(901, (4.5, 1.5)), node(902, (3, 3))
    town = boundary(2, 8, "Label Town", ("way", 2, "outer"), ("node", 902, "admin_centre"), ("node", 901, "label"))
    gazetteer = opened(
        tmp_path, *box(2, (1, 1, 5, 5)), town, label, centre, node(903, (1.5, 4.5), name="X", shop="yes")
    )
    assert (only(gazetteer, "Label Town").latitude, only(gazetteer, "Label Town").longitude) == (4.5, 1.5)
    assert chain(gazetteer, "X") == ["Label Town"]


def test_a_town_mapped_twice_is_not_its_own_parent(tmp_path: Path) -> None:
    twice = node(901, (2.5, 2.5), name="townia", place="town")
    gazetteer = opened(tmp_path, *LAND, twice)
    assert [
        [place.name for place in gazetteer.parents(each)]
        for each in sorted(gazetteer.places("Townia"), key=lambda place: place.id)
    ] == [["Statia", "Landia"]] * 2


MUNICIPALITIES = "Balzers Eschen Gamprin Mauren Planken Ruggell Schaan Schellenberg Triesen Triesenberg Vaduz"


def test_every_municipality_of_liechtenstein_is_in_liechtenstein(tmp_path: Path) -> None:
    extract = DATA / "liechtenstein_pyosmium.osm.pbf"
    if not extract.exists():
        pytest.skip(f"{extract} is not there; set LMR_DATA to the folder with the extracts")
    build_gazetteer([OsmSource(extract)], tmp_path / "g")
    gazetteer = Gazetteer.open(tmp_path / "g")
    for name in MUNICIPALITIES.split():
        for place in gazetteer.places(name, limit=1000):
            if place.kind is PlaceKind.CITY and place.name == name:
                parents = gazetteer.parents(place)
                assert parents, place
                assert (parents[-1].name, parents[-1].kind) == ("Liechtenstein", PlaceKind.COUNTRY), place
                assert place.country == "LI"
        assert any(place.kind is PlaceKind.CITY for place in gazetteer.places(name))
