"""Reading OSM extracts: real ones, tiny ones written here, and files that are none."""

from __future__ import annotations

import bz2
import gzip
import itertools
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osm_map import Map as WrittenMap

from gazetteer import Gazetteer, build_gazetteer
from gazetteer.errors import NoNamedPlaces, SourceError, SourceNotFound, SourceUnreadable
from gazetteer.importance import importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.osm import OsmSource
from gazetteer.sources.osm.files import FORMATS
from gazetteer.sources.osm.kinds import Shape, kind_of
from gazetteer.sources.osm.names import population_of, spellings_of
from gazetteer.sources.osm.node_index import look_up
from gazetteer.sources.spellings import LONGEST_NAME, clean, language_of, split_names
from gazetteer.text import normalize_name

ROOT = Path(__file__).resolve().parents[2]
MONACO = ROOT / "gazetteer/data/monaco.osm.pbf"
DATA = Path(os.environ.get("LMR_DATA", ROOT / "../shared/data")) / "osm"
SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")

Entry = tuple[Place, tuple[PlaceName, ...]]


def extract(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there; set LMR_DATA to the folder with the extracts")
    return path


class Map(WrittenMap):
    """A tiny map that can be read back."""

    def read(self, tmp_path: Path, name: str = "tiny.osm") -> dict[str, Entry]:
        return read(self.write(tmp_path / name))


def read(path: Path) -> dict[str, Entry]:
    entries = list(OsmSource(path).read())
    by_id = {place.id: (place, names) for place, names in entries}
    assert len(by_id) == len(entries), "a place was yielded twice"
    assert all(name.place_id == place.id for place, names in entries for name in names)
    return by_id


def position(entries: dict[str, Entry], place_id: str) -> tuple[float, float]:
    place = entries[place_id][0]
    return place.latitude, place.longitude


@pytest.fixture(scope="module")
def monaco() -> dict[str, Entry]:
    return read(MONACO)


# The embedded extract


def test_monaco_is_found_where_it_lies(monaco: dict[str, Entry]) -> None:
    place, names = next(
        entry for entry in monaco.values() if entry[0].name == "Monaco" and entry[0].kind is PlaceKind.COUNTRY
    )
    assert place.latitude == pytest.approx(43.73, abs=0.02)
    assert place.longitude == pytest.approx(7.42, abs=0.02)
    assert place.country == "MC"
    assert place.importance > importance(PlaceKind.COUNTRY, 0)
    by_language = {name.language: name.text for name in names}
    assert by_language["de"] == "Monaco"
    assert by_language["pl"] == "Monako"


def test_monaco_has_a_sensible_number_of_places_of_each_kind(monaco: dict[str, Entry]) -> None:
    kinds = Counter(place.kind for place, _ in monaco.values())
    assert 1200 < sum(kinds.values()) < 1500
    assert 500 < kinds[PlaceKind.ROAD] < 650
    assert 500 < kinds[PlaceKind.HUMAN_POI] < 850
    assert 5 <= kinds[PlaceKind.CITY] < 30
    assert 10 < kinds[PlaceKind.NEIGHBOURHOOD] < 40
    assert 1 <= kinds[PlaceKind.COUNTRY] <= 3
    assert kinds[PlaceKind.OTHER] < 60


def test_the_segments_of_a_real_street_are_one_place(monaco: dict[str, Entry]) -> None:
    segments = [
        way.id
        for way in osmium.FileProcessor(MONACO, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
        if way.tags.get("name") == "Boulevard des Moulins"
    ]
    assert len(segments) > 1
    streets = [place for place, _ in monaco.values() if place.name == "Boulevard des Moulins"]
    assert [place.kind for place in streets].count(PlaceKind.ROAD) == 1
    street = next(place for place in streets if place.kind is PlaceKind.ROAD)
    assert street.id in {f"osm:way/{segment}" for segment in segments}
    assert (street.latitude, street.longitude) == pytest.approx((43.742, 7.429), abs=0.005)


def test_every_place_of_monaco_lies_in_the_extract_and_has_a_word(monaco: dict[str, Entry]) -> None:
    for place, names in monaco.values():
        assert 43.5 < place.latitude < 44.2, place
        assert 6.8 < place.longitude < 7.8, place
        assert place.name == names[0].text
        assert all(normalize_name(name.text) for name in names)
        assert 0 < place.importance <= 1


def test_the_embedded_extract_is_described() -> None:
    description = OsmSource(MONACO).describe()
    assert description.name == "monaco.osm.pbf"
    assert description.checksum == "sha256:36c0f0029ed838897322382611b67e8e5e7bcb07d5b17a25f3574dec54f1c23c"
    assert description.data_date == "2016-03-05T00:26:02Z"
    assert (description.licence, description.attribution) == ("ODbL-1.0", "© OpenStreetMap contributors")
    assert "osrm-bindings 26.10.0" in (MONACO.parent / "monaco.LICENSE.txt").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "places", "wanted"),
    [
        ("andorra.osm.gz", 950, "Andorra la Vella"),
        ("bahamas_BHS-6-18-27.osm.pbf", 4500, "Nassau"),
        ("belize_2015.osm.pbf", 2300, "Belmopan"),
        ("liechtenstein-2013.osm.bz2", 1500, "Vaduz"),
    ],
)
def test_real_extracts_hold_what_their_region_is_known_for(name: str, places: int, wanted: str) -> None:
    entries = read(extract(name))
    assert places < len(entries) < places * 1.2
    assert PlaceKind.CITY in {place.kind for place, _ in entries.values() if place.name == wanted}


def test_housing_estates_drawn_as_states_are_none() -> None:
    entries = read(extract("bahamas_BHS-6-18-27.osm.pbf"))
    assert entries["osm:way/297371608"][0].kind is PlaceKind.NEIGHBOURHOOD
    assert sum(place.kind is PlaceKind.STATE for place, _ in entries.values()) < 10


# Coordinates


def test_a_closed_way_lies_at_the_centroid_of_its_area(tmp_path: Path) -> None:
    # An L, the square 0..2 without a quarter: three unit squares with centres (.5, .5), (.5, 1.5), (1.5, .5).
    corners = [(0, 0), (0, 2), (1, 2), (1, 1), (2, 1), (2, 0)]
    area = Map()
    for number, (y, x) in enumerate(corners, 1):
        area.node(number, y, x)
    area.way(9, [1, 2, 3, 4, 5, 6, 1], {"name": "Pond", "natural": "water"})
    assert position(area.read(tmp_path), "osm:way/9") == pytest.approx((5 / 6, 5 / 6))


def test_an_open_way_lies_half_way_along_its_line(tmp_path: Path) -> None:
    # Along the equator for 1 degree, then north for 3: half-way is 1 degree north of the corner, whatever the nodes.
    line = Map().node(1, 0, 0).node(2, 0, 0.2).node(3, 0, 0.4).node(4, 0, 1).node(5, 3, 1)
    line.way(9, [1, 2, 3, 4, 5], {"name": "Long Street", "highway": "primary"})
    assert position(line.read(tmp_path), "osm:way/9") == pytest.approx((1.0, 1.0), abs=1e-9)


def test_a_way_across_the_180th_meridian_stays_there(tmp_path: Path) -> None:
    ring = Map().node(1, 10, 179).node(2, 10, -179).node(3, 12, -179).node(4, 12, 179)
    ring.way(8, [1, 2, 3, 4, 1], {"name": "Taveuni", "place": "island"})
    ring.node(5, 0, 179.5).node(6, 0, -179.1).way(9, [5, 6], {"name": "Reef", "natural": "reef"})
    entries = ring.read(tmp_path)
    latitude, longitude = position(entries, "osm:way/8")
    assert (latitude, abs(longitude)) == pytest.approx((11, 180))
    assert position(entries, "osm:way/9") == pytest.approx((0, -179.8))


@pytest.mark.parametrize("split", [True, False], ids=["cut at 180", "not cut"])
def test_a_relation_across_the_180th_meridian_stays_there(tmp_path: Path, split: bool) -> None:
    both = Map()
    if split:
        both.node(1, -17, 179).node(2, -17, 180).node(3, -16, 180).node(4, -16, 179)
        both.node(5, -17, -180).node(6, -17, -178).node(7, -16, -178).node(8, -16, -180)
        both.way(1, [1, 2, 3, 4, 1], {}).way(2, [5, 6, 7, 8, 5], {})
        ways = [("way", 1, "outer"), ("way", 2, "outer")]
    else:
        both.node(1, -17, 179).node(2, -17, -178).node(3, -16, -178).node(4, -16, 179).way(1, [1, 2, 3, 4, 1], {})
        ways = [("way", 1, "outer")]
    both.relation(1, ways, {"type": "multipolygon", "name": "Taveuni", "place": "island"})
    boundary = {"type": "boundary", "boundary": "administrative", "admin_level": "4", "name": "Cakaudrove"}
    both.relation(2, ways, boundary)
    entries = both.read(tmp_path)
    assert position(entries, "osm:relation/1") == pytest.approx((-16.5, -179.5))
    build_gazetteer([OsmSource(both.write(tmp_path / "both.osm"))], tmp_path / "both.gazetteer")
    (place,) = Gazetteer.open(tmp_path / "both.gazetteer").places("Cakaudrove")
    assert (place.latitude, place.longitude) == pytest.approx((-16.5, -179.5), abs=1e-4)
    assert place.bounds == pytest.approx((179, -17, -178, -16), abs=1e-4)


def test_a_cut_way_lies_where_its_remaining_nodes_are(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cut = Map().node(1, 1, 1).node(2, 1, 2)
    cut.way(7, [1, 2, 88, 99, 1], {"name": "Half a Lake", "natural": "water"})
    cut.way(8, [2, 77], {"name": "Stub Road", "highway": "service"})
    cut.way(9, [77, 78], {"name": "Gone Road", "highway": "service"})
    with caplog.at_level(logging.INFO, logger="gazetteer"):
        entries = cut.read(tmp_path)
    # Nodes 1, 2, 1 remain: the line turns in 2, which is half-way.
    assert position(entries, "osm:way/7") == pytest.approx((1, 2))
    assert position(entries, "osm:way/8") == pytest.approx((1, 2))
    assert "osm:way/9" not in entries
    assert "ways without coordinates: 1" in caplog.text


def test_a_way_without_area_or_length_has_a_place(tmp_path: Path) -> None:
    flat = Map().node(1, 1, 1).node(2, 1, 1).node(3, 1, 1).way(9, [1, 2, 3, 1], {"name": "Dot", "building": "yes"})
    assert position(flat.read(tmp_path), "osm:way/9") == pytest.approx((1, 1))


BOUNDARY = {"name": "Town", "type": "boundary", "boundary": "administrative", "admin_level": "8"}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([("node", 5, "admin_centre"), ("node", 6, "label"), ("way", 7, "outer")], (6, 6)),
        ([("node", 99, "label"), ("node", 5, "admin_centre"), ("way", 7, "outer")], (5, 5)),
        # Way 7 is 1 degree long with its middle at 0.5 E, way 8 is 3 degrees long with its middle at 2.5 E.
        ([("node", 99, "label"), ("way", 7, "outer"), ("way", 8, "outer"), ("node", 5, "")], (0, 2.0)),
        ([("way", 7, "outer"), ("way", 8, "inner")], (0, 0.5)),
        ([("way", 8, "inner"), ("way", 99, "outer")], (0, 2.5)),
        ([("way", 99, "outer"), ("node", 5, "stop"), ("node", 6, "stop")], (5.5, 5.5)),
    ],
)
def test_a_relation_lies_at_its_best_members(
    tmp_path: Path, members: list[tuple[str, int, str]], expected: tuple[float, float]
) -> None:
    places = Map().node(1, 0, 0).node(2, 0, 1).node(3, 0, 4).node(5, 5, 5).node(6, 6, 6)
    places.way(7, [1, 2], {}).way(8, [2, 3], {}).relation(4, members, BOUNDARY)
    # On the sphere the mean of (5, 5) and (6, 6) is not exactly (5.5, 5.5).
    assert position(places.read(tmp_path), "osm:relation/4") == pytest.approx(expected, abs=1e-3)


def test_relations_within_relations_count_one_level_down_and_cycles_do_no_harm(tmp_path: Path) -> None:
    tags = {"type": "site", "historic": "castle"}
    nested = Map().node(1, 1, 1).node(2, 1, 3)
    nested.relation(10, [("relation", 11, ""), ("relation", 10, "")], {"name": "Outer", **tags})
    nested.relation(11, [("node", 1, "label"), ("node", 2, ""), ("relation", 10, "")], {"type": "site"})
    nested.relation(12, [("relation", 12, "")], {"name": "Only Itself", **tags})
    nested.relation(13, [("relation", 14, "")], {"name": "Ring A", **tags})
    nested.relation(14, [("relation", 13, "")], {"name": "Ring B", **tags})
    entries = nested.read(tmp_path)
    assert set(entries) == {"osm:relation/10"}
    assert position(entries, "osm:relation/10") == pytest.approx((1, 2), abs=1e-3)


def test_segments_near_each_other_are_one_road_wherever_the_cells_end(tmp_path: Path) -> None:
    # Pairs of segments some 440 m apart, in towns 11 km from each other: some pairs lie across the border of a cell.
    pairs = Map()
    for number in range(0, 400, 4):
        lat, lon = 40 + 0.1 * (number // 40), 0.137 * (number % 40)
        pairs.node(number + 1, lat, lon).node(number + 2, lat, lon + 0.0001)
        pairs.node(number + 3, lat + 0.003, lon + 0.0035).node(number + 4, lat + 0.003, lon + 0.0036)
        pairs.way(number + 1, [number + 1, number + 2], road(1)).way(number + 2, [number + 3, number + 4], road(1))
    assert len(pairs.read(tmp_path)) == 100


def test_the_order_of_objects_in_the_file_does_not_matter(tmp_path: Path) -> None:
    tags = {"name": "Back to Front", "highway": "residential"}
    backwards = Map().relation(4, [("way", 3, "outer"), ("node", 9, "label")], BOUNDARY).way(3, [2, 1], tags)
    backwards.node(9, 7, 7, name="Nine", place="town").node(2, 0, 2).node(1, 0, 0)
    backwards.node(9, 7, 7, name="Nine", place="town").way(3, [2, 1], tags)
    backwards.relation(4, [("node", 9, "label")], BOUNDARY)
    entries = backwards.read(tmp_path)
    assert set(entries) == {"osm:node/9", "osm:way/3", "osm:relation/4"}
    assert position(entries, "osm:way/3") == pytest.approx((0, 1))
    assert position(entries, "osm:relation/4") == pytest.approx((7, 7))


@pytest.mark.parametrize("big", [1 << 33, 1 << 45, (1 << 63) - 2, (1 << 63) - 1, -1, -(1 << 62)])
def test_ids_of_any_size_work(tmp_path: Path, big: int) -> None:
    # Written without XML, which osmium reads only up to 2^63 - 2.
    path = tmp_path / "big.osm.pbf"
    with osmium.SimpleWriter(path) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=big, location=(2, 1), tags={"name": "Far", "place": "town"}))
        writer.add_node(osmium.osm.mutable.Node(id=7, location=(4, 1)))
        writer.add_way(osmium.osm.mutable.Way(id=big, nodes=[big, 7], tags={"name": "Way", "highway": "path"}))
        writer.add_way(osmium.osm.mutable.Way(id=8, nodes=[big], tags={}))
        members = [("w", 8, "outer"), ("r", big, "")]
        writer.add_relation(osmium.osm.mutable.Relation(id=big, members=members, tags=BOUNDARY))
    entries = read(path)
    assert position(entries, f"osm:node/{big}") == pytest.approx((1, 2))
    assert position(entries, f"osm:way/{big}") == pytest.approx((1, 3))
    assert position(entries, f"osm:relation/{big}") == pytest.approx((1, 2))


def test_ids_beyond_the_bitmap_and_negative_ones_in_a_ring(tmp_path: Path) -> None:
    ring = Map().node(-1, 0, 0).node(-2, 0, 2).node(-3, 2, 2).node(1 << 50, 2, 0)
    ring.way(-4, [-1, -2, -3, 1 << 50, -1], {"name": "Green", "leisure": "park"})
    assert position(ring.read(tmp_path), "osm:way/-4") == pytest.approx((1, 1))


@given(st.lists(st.tuples(st.integers(0, 1 << 62), st.integers(-900_000_000, 900_000_000)), max_size=50))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_coordinates_in_the_file_of_osmium_are_those_it_gives_itself(
    tmp_path: Path, nodes: list[tuple[int, int]]
) -> None:
    index = tmp_path / "index"
    index.unlink(missing_ok=True)
    table = osmium.index.create_map(f"sparse_file_array,{index}")
    for node_id, latitude in sorted(dict(nodes).items()):
        table.set(node_id, osmium.osm.Location(latitude / 2e7, latitude / 1e7))
    wanted = np.array(sorted({number for number, _ in nodes} | {5, 1 << 61}), dtype=np.int64)
    parts = list(look_up(index, wanted)) or [(wanted[:0],) * 3]
    rows, x, y = (np.concatenate(column) for column in zip(*parts, strict=True))
    ids = wanted[rows.astype(np.int64)]
    assert set(ids.tolist()) == set(dict(nodes))
    for node_id, longitude, latitude in zip(ids.tolist(), x.tolist(), y.tolist(), strict=True):
        assert (table.get(node_id).x, table.get(node_id).y) == (longitude, latitude)


# Roads


def road(number: int, name: str = "Main Street", **tags: str) -> dict[str, str]:
    return {"name": name, "highway": "residential", "lanes": str(number), **tags}


def test_segments_of_a_road_are_one_place_under_the_longest(tmp_path: Path) -> None:
    street = Map().node(1, 0, 0).node(2, 0, 0.01).node(3, 0, 0.03).node(4, 0.001, 0.031).node(5, 0.001, 0.033)
    street.way(20, [1, 2], road(1, ref="B 7", alt_name="Long Row"))
    street.way(21, [2, 3], road(1, "MAIN STREET", alt_name="High Street"))
    street.way(22, [4, 5], road(1, ref="B 7;B 8"))
    entries = street.read(tmp_path)
    assert set(entries) == {"osm:way/21"}
    assert position(entries, "osm:way/21") == pytest.approx((0, 0.02))
    place, names = entries["osm:way/21"]
    assert place.name == "MAIN STREET"
    assert Counter(name.text for name in names) == Counter(
        ["Main Street", "MAIN STREET", "High Street", "Long Row", "B 7", "B 8"]
    )
    assert names[0].text == place.name
    assert [name.kind for name in names[-2:]] == [NameKind.REFERENCE] * 2


def test_a_long_road_is_one_place_because_its_segments_touch(tmp_path: Path) -> None:
    highway = Map().node(0, 50, 0)
    for number in range(1, 81):
        highway.node(number, 50, number * 0.1).way(number, [number - 1, number], road(number, "Queen's Highway"))
    assert len(highway.read(tmp_path)) == 1


def test_roads_of_one_name_in_different_towns_stay_apart(tmp_path: Path) -> None:
    towns = Map().node(1, 10, 10).node(2, 10, 10.001).node(3, 10.5, 10).node(4, 10.5, 10.001)
    towns.way(20, [1, 2], road(1)).way(21, [3, 4], road(2)).way(22, [1, 2], road(3, "Mill Lane"))
    assert set(towns.read(tmp_path)) == {"osm:way/20", "osm:way/21", "osm:way/22"}


def test_a_river_in_segments_is_one_place_and_two_chapels_are_two(tmp_path: Path) -> None:
    both = Map().node(1, 0, 0).node(2, 0, 0.01).node(3, 0, 0.02).node(4, 0.001, 0)
    for number in (20, 21):
        both.way(number, [number - 19, number - 18], {"name": "Indus", "waterway": "river"})
    for number in (30, 31):
        both.way(number, [1, 2, 4, 1], {"name": "Bethel", "building": "chapel"})
    assert set(both.read(tmp_path)) == {"osm:way/20", "osm:way/30", "osm:way/31"}


# Tags


@pytest.mark.parametrize(
    ("tags", "shape", "kind"),
    [
        ("boundary=administrative admin_level=2", Shape.RELATION, PlaceKind.COUNTRY),
        ("boundary=administrative admin_level=4", Shape.RELATION, PlaceKind.STATE),
        ("boundary=administrative admin_level=6", Shape.AREA, PlaceKind.COUNTY),
        ("boundary=administrative admin_level=8", Shape.RELATION, PlaceKind.CITY),
        ("boundary=administrative admin_level=9", Shape.RELATION, PlaceKind.DISTRICT),
        ("boundary=administrative admin_level=10", Shape.RELATION, PlaceKind.NEIGHBOURHOOD),
        ("boundary=administrative admin_level=2", Shape.LINE, None),
        ("boundary=administrative admin_level=x", Shape.RELATION, PlaceKind.OTHER),
        ("boundary=administrative admin_level=3 place=suburb", Shape.AREA, PlaceKind.NEIGHBOURHOOD),
        ("boundary=administrative admin_level=2 highway=track", Shape.LINE, PlaceKind.ROAD),
        ("boundary=national_park", Shape.RELATION, PlaceKind.NATURAL_POI),
        ("place=continent", Shape.POINT, PlaceKind.CONTINENT),
        ("place=province", Shape.POINT, PlaceKind.STATE),
        ("place=village", Shape.POINT, PlaceKind.CITY),
        ("place=islet natural=coastline", Shape.AREA, PlaceKind.ISLAND),
        ("place=locality", Shape.POINT, PlaceKind.OTHER),
        ("place=locality natural=peak", Shape.POINT, PlaceKind.NATURAL_POI),
        ("highway=motorway bridge=yes", Shape.LINE, PlaceKind.ROAD),
        ("highway=bus_stop public_transport=platform", Shape.POINT, PlaceKind.HUMAN_POI),
        ("highway=street_lamp", Shape.POINT, None),
        ("waterway=river", Shape.LINE, PlaceKind.NATURAL_POI),
        ("waterway=dam", Shape.LINE, PlaceKind.HUMAN_POI),
        ("leisure=park", Shape.AREA, PlaceKind.HUMAN_POI),
        ("leisure=nature_reserve", Shape.AREA, PlaceKind.NATURAL_POI),
        ("landuse=residential", Shape.AREA, PlaceKind.NEIGHBOURHOOD),
        ("landuse=forest", Shape.AREA, PlaceKind.NATURAL_POI),
        ("landuse=industrial", Shape.AREA, PlaceKind.HUMAN_POI),
        ("building=yes amenity=hospital", Shape.AREA, PlaceKind.HUMAN_POI),
        ("building=no", Shape.AREA, PlaceKind.OTHER),
        ("railway=tram_stop public_transport=stop_position", Shape.POINT, PlaceKind.HUMAN_POI),
        ("public_transport=stop_position", Shape.POINT, None),
        ("tourism=information information=guidepost", Shape.POINT, None),
        ("tourism=information information=office", Shape.POINT, PlaceKind.HUMAN_POI),
        ("power=line", Shape.LINE, None),
        ("power=plant", Shape.AREA, PlaceKind.HUMAN_POI),
        ("entrance=main", Shape.POINT, None),
        ("entrance=main shop=bakery", Shape.POINT, PlaceKind.HUMAN_POI),
        ("type=route route=bus", Shape.RELATION, None),
        ("type=restriction:bus", Shape.RELATION, None),
        ("type=multilinestring boundary=administrative admin_level=2", Shape.RELATION, None),
        ("route=ferry", Shape.LINE, None),
        ("colour=red", Shape.POINT, PlaceKind.OTHER),
    ],
)
def test_tags_say_the_kind(tags: str, shape: Shape, kind: PlaceKind | None) -> None:
    pairs = dict(pair.split("=") for pair in tags.split())
    assert kind_of(pairs, shape) is kind
    assert kind_of(dict(reversed(pairs.items())), shape) is kind


def test_names_come_with_their_kind_and_language(tmp_path: Path) -> None:
    tags = {
        "place": "city",
        "old_name": "Danzig",
        "name": "Gdańsk",
        "name:en": "Gdansk",
        "name:sr-Latn": "Gdanjsk",
        "name:zh_pinyin": "Gédànsīkè",
        "name:be-tarask": "Гданьск",
        "name:etymology:wikidata": "Q1",
        "name:left": "L",
        "name:prefix": "Miasto",
        "name:pronunciation": "ɡdaɲsk",
        "name:old": "Ancient",
        "source:name": "survey",
        "alt_name": "Gedania; Gdańsk ;;Gedania",
        "alt_name:la": "Dantiscum",
        "name_1": "Dantzig",
        "short_name": "Gd",
        "official_name": "Miasto Gdańsk",
        "int_name": "Gdansk",
        "loc_name": "Gduńsk",
        "ref": "5",
        "iata": "GDN",
    }
    names = Map().node(1, 54.35, 18.65, **tags).read(tmp_path)["osm:node/1"][1]
    assert [(name.text, name.kind, name.language) for name in names] == [
        ("Gdańsk", NameKind.NAME, ""),
        ("Гданьск", NameKind.ALTERNATIVE, "be-tarask"),
        ("Gdansk", NameKind.ALTERNATIVE, "en"),
        ("Gdanjsk", NameKind.ALTERNATIVE, "sr-Latn"),
        ("Gédànsīkè", NameKind.ALTERNATIVE, "zh-Latn-pinyin"),
        ("Dantzig", NameKind.ALTERNATIVE, ""),
        ("Miasto Gdańsk", NameKind.OFFICIAL, ""),
        ("Gd", NameKind.SHORT, ""),
        ("Gedania", NameKind.ALTERNATIVE, ""),
        ("Dantiscum", NameKind.ALTERNATIVE, "la"),
        ("Gdansk", NameKind.ALTERNATIVE, ""),
        ("Gduńsk", NameKind.ALTERNATIVE, ""),
        ("Danzig", NameKind.OLD, ""),
        ("GDN", NameKind.REFERENCE, ""),
    ]


def test_a_place_needs_a_word_in_one_of_its_names(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    signs = Map().node(1, 0, 0, name="?!", place="town").node(2, 0, 0, name="***", place="town", **{"name:en": "Star"})
    signs.node(3, 0, 0, name="x" * (LONGEST_NAME + 1), place="town").node(
        4, 0, 0, name="y" * LONGEST_NAME, place="town"
    )
    signs.node(5, 0, 0, name="Two\nLines\tof  it", place="town")
    with caplog.at_level(logging.INFO, logger="gazetteer"):
        entries = signs.read(tmp_path)
    assert set(entries) == {"osm:node/2", "osm:node/4", "osm:node/5"}
    assert entries["osm:node/2"][0].name == "Star"
    assert entries["osm:node/5"][0].name == "Two Lines of it"
    assert "nodes without a word in their names: 2" in caplog.text


@given(st.lists(st.text(max_size=40), max_size=6))
def test_split_names_are_clean_single_and_complete(parts: list[str]) -> None:
    names = split_names(";".join(parts))
    assert len(names) == len(set(names))
    assert names == [clean(name) for name in names]
    expected = {clean(piece) for part in parts for piece in part.split(";")} - {""}
    assert set(names) == expected
    for name in names:
        assert name.isprintable() or not any(ord(character) < 32 or ord(character) == 127 for character in name)
        assert normalize_name(name)
        assert name == name.strip()
        assert ";" not in name


@given(st.text(max_size=2 * LONGEST_NAME))
def test_cleaning_changes_no_word(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= LONGEST_NAME
    assert "\x00" not in cleaned
    letters = "".join(character for character in text if character.isascii() and character.isalnum())
    kept = "".join(character for character in cleaned if character.isascii() and character.isalnum())
    assert kept in ("", letters)
    if letters and len(text) <= LONGEST_NAME:
        assert kept == letters


@given(st.dictionaries(st.sampled_from(["name", "alt_name", "name:en", "name:left", "ref"]), st.text(max_size=20)))
def test_spellings_never_repeat_and_refs_are_names_of_roads_only(tags: dict[str, str]) -> None:
    spellings = spellings_of(tags, PlaceKind.CITY)
    assert len({(each.text, each.language) for each in spellings}) == len(spellings)
    assert not any(each.kind is NameKind.REFERENCE for each in spellings)
    if clean(tags.get("ref", "").replace(";", " ")):
        assert any(each.text in split_names(tags["ref"]) for each in spellings_of({"ref": tags["ref"]}, PlaceKind.ROAD))


@pytest.mark.parametrize(
    ("suffix", "language"),
    [("en", "en"), ("nan-Hant-TW", "nan-Hant-TW"), ("pt_BR", "pt-BR"), ("ja_rm", "ja-Latn"), ("es-419", "es-419")]
    + [
        (suffix, None)
        for suffix in ("left", "right", "etymology", "prefix", "EN", "e", "en:1", "en-", "", "ref", "x-y")
    ],
)
def test_only_languages_are_languages(suffix: str, language: str | None) -> None:
    assert language_of(suffix) == language


POPULATIONS = {
    12345: ("12 345", "12,345", "12.345", "12\u00a0345", "12345"),
    500: ("~500", "500-600", "500 (2011)", "about 500", "５００", "500.5", "500,12"),
    1234567: ("1 234 567", "1'234'567", "1,234,567"),
    0: ("", "many", "-5", "9" * 80),
}


@pytest.mark.parametrize(("number", "text"), [(number, text) for number in POPULATIONS for text in POPULATIONS[number]])
def test_population_is_read_with_tolerance(number: int, text: str) -> None:
    assert population_of({"population": text}) == number


@given(st.text())
def test_population_is_never_negative_nor_a_failure(text: str) -> None:
    assert 0 <= population_of({"population": text}) <= 10**10


def test_importance_and_country_come_from_the_tags(tmp_path: Path) -> None:
    tagged = Map().node(1, 0, 0, name="A", place="city", population="1 000 000", wikidata="Q1")
    tagged.node(2, 0, 0, name="B", place="state", **{"ISO3166-2": "US-CA"})
    tagged.node(3, 0, 0, name="C", place="country", **{"ISO3166-1:alpha2": "bs"})
    tagged.node(4, 0, 0, name="D", shop="yes", **{"addr:country": "Germany", "is_in:country_code": "DE"})
    tagged.node(5, 0, 0, name="E", place="continent", wikipedia="en:E")
    found = [place for place, _ in tagged.read(tmp_path).values()]
    assert [(place.country, place.admin1) for place in found] == [
        ("", ""),
        ("US", "CA"),
        ("BS", ""),
        ("DE", ""),
        ("", ""),
    ]
    assert found[0].population == 1_000_000
    assert found[0].importance == pytest.approx(importance(PlaceKind.CITY, 1_000_000) + 0.05)
    assert found[1].importance == importance(PlaceKind.STATE)
    assert found[4].importance == 1.0


# Formats


def test_every_format_gives_the_same_places(tmp_path: Path) -> None:
    town = Map().node(1, 0, 0).node(2, 0, 1.2345678).node(3, 1, 1, name="Nassau", place="city", **{"name:zh": "拿騷"})
    town.way(4, [1, 2], road(1)).relation(5, [("way", 4, "outer")], BOUNDARY)
    everything = [town.read(tmp_path, f"tiny{suffix}") for suffix in (*SUFFIXES, ".pbf")]
    (tmp_path / "tiny.osm.gz").rename(tmp_path / "TINY.OSM.GZ")
    everything.append(read(tmp_path / "TINY.OSM.GZ"))
    assert len(everything[0]) == 3
    assert all(each == everything[0] for each in everything)


def o5m_number(value: int, *, signed: bool = True) -> bytes:
    """Encode a number as https://wiki.openstreetmap.org/wiki/O5m#Numbers says."""
    value = (value << 1 if value >= 0 else ~value << 1 | 1) if signed else value
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def o5m_object(kind: int, *parts: bytes, tags: dict[str, str]) -> bytes:
    content = b"".join(parts) + b"".join(b"\0%s\0%s\0" % (k.encode(), v.encode()) for k, v in tags.items())
    return bytes([kind]) + o5m_number(len(content), signed=False) + content


def test_o5m_is_read(tmp_path: Path) -> None:
    no_version = b"\0"
    refs = o5m_number(1) + o5m_number(1)
    content = [
        b"\xff\xe0\x04o5m2\xff",
        o5m_object(0x10, o5m_number(1), no_version, o5m_number(0), o5m_number(0), tags={}),
        o5m_object(0x10, o5m_number(1), no_version, o5m_number(20_000_000), o5m_number(0), tags={"name": "Ende"}),
        b"\xff",
        o5m_object(0x11, o5m_number(7), no_version, o5m_number(len(refs), signed=False), refs, tags=road(1)),
        b"\xfe",
    ]
    (tmp_path / "tiny.o5m").write_bytes(b"".join(content))
    entries = read(tmp_path / "tiny.o5m")
    assert position(entries, "osm:node/2") == (0, 2)
    assert position(entries, "osm:way/7") == pytest.approx((0, 1))
    (tmp_path / "cut.o5m").write_bytes(b"".join(content)[:-12])
    assert type(fails(tmp_path / "cut.o5m")) is SourceUnreadable


@pytest.mark.slow
def test_a_real_extract_gives_the_same_places_in_another_format(tmp_path: Path, monaco: dict[str, Entry]) -> None:
    path = tmp_path / "Monaco – copie 1.osm.gz"
    with osmium.SimpleWriter(path) as writer:
        for each in osmium.FileProcessor(MONACO):
            writer.add(each)
    assert read(path) == monaco


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
@pytest.mark.parametrize(
    ("attributes", "date"),
    [(' timestamp="2013-05-23T18:59:04Z"', "2013-05-23T18:59:04Z"), ("", "")],
)
def test_the_date_stands_in_the_header_only(tmp_path: Path, suffix: str, attributes: str, date: str) -> None:
    xml = Map().node(1, 0, 0, name="A").xml(attributes).replace(b"<node ", b'<node timestamp="2001-01-01T00:00:00Z" ')
    path = tmp_path / f"dated{suffix}"
    path.write_bytes({".osm": bytes, ".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}[suffix](xml))
    assert OsmSource(path).describe().data_date == date


def test_overpass_gives_its_date_too(tmp_path: Path) -> None:
    path = tmp_path / "overpass.osm"
    meta = b'<meta osm_base="2017-09-23T06:13:02Z"/><node'
    path.write_bytes(Map().node(1, 0, 0, name="A").xml().replace(b"<node", meta, 1))
    assert OsmSource(path).describe().data_date == "2017-09-23T06:13:02Z"
    assert len(read(path)) == 1


def test_deleted_objects_and_nodes_without_coordinates_are_no_places(tmp_path: Path) -> None:
    path = tmp_path / "edited.osm"
    gone = b'<node id="7" version="1" lat="1" lon="2" visible="false"><tag k="name" v="Gone"/></node>'
    nowhere = b'<node id="8" version="1"><tag k="name" v="Nowhere"/></node>'
    off = b'<node id="9" version="1" lat="95" lon="2"><tag k="name" v="Off the Map"/></node>'
    path.write_bytes(Map().node(1, 0, 0, name="A").xml().replace(b"<node", gone + nowhere + off + b"<node", 1))
    assert set(read(path)) == {"osm:node/1"}


def test_names_that_are_not_utf8_cost_only_their_object(tmp_path: Path) -> None:
    path = tmp_path / "garbled.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(path, "pbf,pbf_compression=none")) as writer:
        for number, name in ((1, "QQQQ"), (2, "Fine")):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(1, 2), tags={"name": name}))
        writer.add_way(osmium.osm.mutable.Way(id=3, nodes=[1, 2], tags={"name": "QQQQ", "highway": "path"}))
    path.write_bytes(path.read_bytes().replace(b"QQQQ", b"\xff\xfeQQ"))
    assert set(read(path)) == {"osm:node/2"}


def test_reading_twice_and_stopping_early_work() -> None:
    source = OsmSource(MONACO, progress=False)
    first = list(itertools.islice(source.read(), 5))
    assert first == list(itertools.islice(source.read(), 5))


def test_progress_is_shown_when_asked_for_and_not_where_nobody_looks(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = Map().node(1, 0, 0, name="A").write(tmp_path / "a.osm")
    list(OsmSource(path).read())
    assert capfd.readouterr() == ("", "")
    list(OsmSource(path, progress=True).read())
    out, err = capfd.readouterr()
    assert out == ""
    assert "a.osm: names of nodes" in err


# Files that are none


def fails(path: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(OsmSource(path).read())
    assert str(path) in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_a_missing_file_and_a_folder_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.osm.pbf", tmp_path):
        assert type(fails(path)) is SourceNotFound
        with pytest.raises(SourceNotFound):
            OsmSource(path).describe()


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(MONACO.read_bytes())
    failure = fails(path)
    assert type(failure) is SourceUnreadable
    assert all(suffix in failure.remedy for suffix in FORMATS)


BAD_CONTENT = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "json": b'{"elements": []}',
    "zeros": bytes(10_000),
    "noise": bytes((number * 7919 >> 3) & 255 for number in range(10_000)),
    "old": b'<osm version="0.5"></osm>',
    "bad id": b'<osm version="0.6"><node id="x1" lat="1" lon="2"/></osm>',
    "bad coordinate": b'<osm version="0.6"><node id="1" lat="north" lon="2"/></osm>',
    "bad text": b'<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="name" v="\xff\xfe"/></node></osm>',
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", BAD_CONTENT.values(), ids=BAD_CONTENT)
def test_what_is_no_osm_file_is_unreadable(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    assert type(fails(path)) is SourceUnreadable


@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2"])
def test_an_extract_under_a_wrong_ending_is_unreadable(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"renamed{suffix}"
    path.write_bytes(MONACO.read_bytes())
    assert type(fails(path)) is SourceUnreadable


@pytest.mark.parametrize("source", ["monaco", "andorra.osm.gz", "liechtenstein-2013.osm.bz2", "plain"])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.999, 1.0])
def test_a_truncated_extract_is_unreadable_before_any_place_comes(tmp_path: Path, source: str, share: float) -> None:
    if source == "plain":
        suffix, content = ".osm", bz2.decompress(extract("liechtenstein-2013.osm.bz2").read_bytes()).rstrip()
    else:
        original = MONACO if source == "monaco" else extract(source)
        suffix, content = "".join(original.suffixes[-2:]), original.read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(content[: min(int(len(content) * share), len(content) - 1)])
    with pytest.raises(SourceUnreadable, match="truncated"):
        next(OsmSource(path).read())


def test_an_unreadable_file_is_said_to_be_so(tmp_path: Path) -> None:
    path = Map().node(1, 0, 0, name="A").write(tmp_path / "secret.osm")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert type(fails(path)) is SourceUnreadable
    with pytest.raises(SourceUnreadable):
        OsmSource(path).describe()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("full", [False, True])
def test_a_file_without_named_places_is_told_apart_from_a_bad_one(tmp_path: Path, suffix: str, full: bool) -> None:
    tiny = Map()
    if full:
        tiny.node(1, 0, 0).node(2, 0, 1, name="...").way(3, [1, 2], {"highway": "path"})
        tiny.relation(4, [("way", 3, "")], {"name": "Bus 7", "type": "route"})
    assert type(fails(tiny.write(tmp_path / f"nameless{suffix}"))) is NoNamedPlaces


READ_ALL = """
import sys
from pathlib import Path
from gazetteer.errors import SourceUnreadable
from gazetteer.sources.osm import OsmSource
for path in sys.argv[1:]:
    try:
        print(sum(1 for _ in OsmSource(Path(path)).read()))
    except SourceUnreadable:
        print("unreadable")
"""


def garbled(content: bytes, seed: int) -> Iterator[bytes]:
    """Yield copies with one byte changed, with a block of noise, with a hole, and with a piece of itself repeated."""
    chance = np.random.default_rng(seed)
    where = int(chance.integers(len(content) - 5000))
    yield content[:where] + bytes([content[where] ^ 0x55]) + content[where + 1 :]
    yield content[:where] + chance.bytes(4096) + content[where + 4096 :]
    yield content[:where] + content[where + 1000 :]
    yield content[:where] + content[where - min(where, 3000) :]


@pytest.mark.slow
@pytest.mark.parametrize("source", ["monaco", "andorra.osm.gz", "liechtenstein-2013.osm.bz2"])
def test_garbled_compressed_extracts_neither_hang_nor_crash_nor_lose_places(tmp_path: Path, source: str) -> None:
    original = MONACO if source == "monaco" else extract(source)
    paths = []
    for seed in range(4):
        for number, content in enumerate(garbled(original.read_bytes(), seed)):
            paths.append(tmp_path / f"{seed}-{number}{''.join(original.suffixes[-2:])}")
            paths[-1].write_bytes(content)
    # In a process of its own, with a limit: a deadlock or a crash in osmium fails this test and spares the others.
    command = [sys.executable, "-c", READ_ALL, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["unreadable"] * len(paths)


@pytest.mark.slow
def test_garbled_uncompressed_extracts_neither_hang_nor_crash(tmp_path: Path) -> None:
    plain = tmp_path / "plain.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(plain, "pbf,pbf_compression=none")) as writer:
        for each in osmium.FileProcessor(MONACO):
            writer.add(each)
    paths = []
    for seed in range(5):
        for number, content in enumerate(garbled(plain.read_bytes(), seed)):
            paths.append(tmp_path / f"{seed}-{number}.osm.pbf")
            paths[-1].write_bytes(content)
    command = [sys.executable, "-c", READ_ALL, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    # Nothing in this format tells a changed letter from the right one; a hole it does tell.
    results = done.stdout.split()
    assert len(results) == len(paths)
    assert "unreadable" in results
