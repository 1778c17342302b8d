"""What a selection keeps, how it is described, and the ways in which a description can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer, NoNamedPlaces, Selection, SelectionError, build_gazetteer
from gazetteer.areas import BoundingBox, Outline, read_outline
from gazetteer.places import NameKind, ParentBasis, Place, PlaceKind, PlaceName
from gazetteer.sources import Batch, Entry
from gazetteer.sources.entries import batch_of, gathered, name_schema, place_schema
from gazetteer.sources.table import TableSource


def entry(identifier: str, kind: PlaceKind, longitude: float, latitude: float, *names: tuple[str, str]) -> Entry:
    place = Place(identifier, names[0][0] if names else "", kind, latitude, longitude)
    return place, tuple(PlaceName(identifier, text, NameKind.NAME, language) for text, language in names)


WORLD = (
    entry("a:1", PlaceKind.CITY, 2.35, 48.85, ("Paris", ""), ("Parigi", "it"), ("Paris", "en-GB")),
    entry("a:2", PlaceKind.ROAD, 7.42, 43.73, ("Rue Grimaldi", "fr")),
    entry("a:3", PlaceKind.ISLAND, 178.0, -17.8, ("Viti Levu", "fj"), ("维提岛", "zh-Hans")),
    entry("a:4", PlaceKind.ISLAND, -179.9, -16.8, ("Taveuni", "EN")),
    entry("a:5", PlaceKind.OTHER, 0.0, 0.0, ("Null Island", "eng")),
)


def kept(selection: Selection, entries: tuple[Entry, ...] = WORLD) -> dict[str, set[str]]:
    batch = selection.apply(batch_of(entries))
    assert (batch.places.schema, batch.names.schema) == (place_schema(), name_schema())
    ids = batch.places["id"].to_pylist()
    found: dict[str, set[str]] = {identifier: set() for identifier in ids}
    for row, text in zip(batch.names["place"].to_pylist(), batch.names["text"].to_pylist(), strict=True):
        found[ids[row]].add(text)
    assert all(found.values()), "no place without a name"
    return found


def test_everything_is_kept_by_default() -> None:
    batch = batch_of(WORLD)
    assert Selection().apply(batch) is batch
    assert Selection.parse() == Selection()
    assert len(kept(Selection(kinds=frozenset(PlaceKind)))) == len(WORLD)


@pytest.mark.parametrize(
    ("languages", "names"),
    [
        ("en", {"a:1": {"Paris"}, "a:4": {"Taveuni"}}),
        ("en-GB", {"a:1": {"Paris"}}),
        ("en-US", {"a:1": {"Paris"}}),
        ("FR, it", {"a:1": {"Paris", "Parigi"}, "a:2": {"Rue Grimaldi"}}),
        ("zh", {"a:1": {"Paris"}, "a:3": {"维提岛"}}),
        ("zh-hans", {"a:1": {"Paris"}, "a:3": {"维提岛"}}),
        ("zh-Hant", {"a:1": {"Paris"}}),
        ("eng", {"a:1": {"Paris"}, "a:5": {"Null Island"}}),
    ],
)
def test_languages(languages: str, names: dict[str, set[str]]) -> None:
    assert kept(Selection.parse(languages=languages)) == names


@pytest.mark.parametrize(
    ("kinds", "ids"),
    [
        ("city", {"a:1"}),
        ("towns,Road/street", {"a:1", "a:2"}),
        ("island, other", {"a:3", "a:4", "a:5"}),
        ("human_poi", set()),
    ],
)
def test_kinds(kinds: str, ids: set[str]) -> None:
    assert kept(Selection.parse(kinds=kinds)).keys() == ids


@pytest.mark.parametrize(
    ("box", "ids"),
    [
        ("2,48,3,49", {"a:1"}),
        ("2.35,48.85,2.35,48.85", {"a:1"}),
        ("-180,-90,180,90", {"a:1", "a:2", "a:3", "a:4", "a:5"}),
        ("177,-20,-179,-15", {"a:3", "a:4"}),
        ("-179, -20, 177, -15", set()),
        ("0,0,8,50", {"a:1", "a:2", "a:5"}),
    ],
)
def test_boxes(box: str, ids: set[str]) -> None:
    assert kept(Selection.parse(box=box)).keys() == ids


def test_all_conditions_hold_together() -> None:
    selection = Selection.parse(languages="fr", kinds="city,road", box="0,0,8,50")
    assert kept(selection) == {"a:1": {"Paris"}, "a:2": {"Rue Grimaldi"}}


def test_nothing_is_left_of_nothing() -> None:
    empty = batch_of(())
    for selection in (Selection.parse(languages="en"), Selection.parse(kinds="city"), Selection.parse(box="0,0,1,1")):
        assert selection.apply(empty).places.num_rows == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(PlaceKind)),
            st.floats(-180, 180),
            st.lists(st.sampled_from(["", "en", "fr"]), max_size=3),
        ),
        max_size=20,
    )
)
def test_a_selection_keeps_what_it_says(rows: list[tuple[PlaceKind, float, list[str]]]) -> None:
    entries = tuple(
        entry(f"a:{number}", kind, longitude, 0.0, *((f"{number} {rank}", code) for rank, code in enumerate(codes)))
        for number, (kind, longitude, codes) in enumerate(rows)
    )
    selection = Selection.parse(languages="en", kinds="city,road,island,state", box="-10,-1,170,1")
    wanted = {
        place.id: {name.text for name in names if name.language != "fr"}
        for place, names in entries
        if place.kind in (selection.kinds or ()) and -10 <= place.longitude <= 170
    }
    assert kept(selection, entries) == {identifier: names for identifier, names in wanted.items() if names}


SQUARE = [[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]]
HOLE = [[2, 48], [3, 48], [3, 49], [2, 49], [2, 48]]
POLY = """europe
1
   0.0E+00  40
   10 40
   10 50
   0 50
   0 40
END
!2
   2 48
   3 48
   3 49
   2 49
END
far
   177 -20
   179 -20
   179 -15
END
END
"""


def outline(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ({"type": "Polygon", "coordinates": [SQUARE]}, {"a:1", "a:2"}),
        ({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, {"a:2"}),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [HOLE]]}, {"a:1", "a:2"}),
        ({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [HOLE]}}, {"a:1"}),
        (
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [HOLE]}},
                    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}},
                    {
                        "type": "Feature",
                        "geometry": {
                            "type": "GeometryCollection",
                            "geometries": [{"type": "Polygon", "coordinates": [[[-1, -1], [1, -1], [0, 1], [-1, -1]]]}],
                        },
                    },
                ],
            },
            {"a:1", "a:5"},
        ),
        # A bow tie is made two triangles.
        ({"type": "Polygon", "coordinates": [[[0, 40], [10, 50], [10, 40], [0, 50], [0, 40]]]}, {"a:2"}),
        (POLY, {"a:2", "a:3"}),
        ("\ufeff" + POLY.replace("\n", "\r\n"), {"a:2", "a:3"}),
    ],
)
def test_outlines(content: object, ids: set[str], tmp_path: Path) -> None:
    selection = Selection.parse(outline=outline(tmp_path / "area", content))
    assert kept(selection).keys() == ids
    assert Selection.from_dict(json.loads(json.dumps(selection.to_dict()))) == selection


def test_the_border_belongs_to_an_outline() -> None:
    area = Outline("POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))")
    assert area.contains(np.array([0.0, 2.0, 1.0, 2.1]), np.array([0.0, 1.0, 2.0, 1.0])).tolist() == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "name\nEND\n",
        "name\n1\n 0 0\n 1 0\n 1 1\nEND\n",
        "name\n1\n 0 0\n 1 0\n 1 1\n",
        "name\n1\n 0 0\n 1 0\nEND\nEND\n",
        "name\n1\n 0 0\n 1\n 1 1\nEND\nEND\n",
        "name\n1\n a b\nEND\nEND\n",
        "name\n!1\n 0 0\n 1 0\n 1 1\nEND\nEND\n",
        "name\n1\n 500000 0\n 500001 0\n 500001 1\nEND\nEND\n",
        "name\n1\n nan 0\n 1 0\n 1 1\nEND\nEND\n",
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": [[[0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, "x"], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": 7},
        {"type": "Polygon"},
        {"type": "Feature"},
        {"type": "FeatureCollection", "features": [None, 3]},
        {"type": "FeatureCollection", "features": 3},
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_what_is_no_outline_is_one_error(content: object, tmp_path: Path) -> None:
    path = outline(tmp_path / "area.poly", content)
    with pytest.raises(SelectionError) as caught:
        read_outline(path)
    assert caught.value.path == path


def test_bytes_and_missing_files_are_no_outlines(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\0")
    for path in (tmp_path / "bytes", tmp_path / "none", tmp_path):
        with pytest.raises(SelectionError):
            read_outline(path)


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"languages": "english please"}, "english please: it is no language"),
        ({"languages": "en,,fr!"}, "fr!: it is no language"),
        ({"languages": ""}, "it names no languages"),
        ({"kinds": " , "}, "it names no kinds"),
        ({"kinds": "city,dragon"}, "dragon: it is no kind of place. Kinds are continent"),
        ({"box": "1,2,3"}, "1,2,3: a bounding box is four numbers"),
        ({"box": "a,b,c,d"}, "four numbers"),
        ({"box": ""}, "four numbers"),
        ({"box": "0,10,1,5"}, "the south first"),
        ({"box": "0,0,1,91"}, "latitudes in -90..90"),
        ({"box": "0,0,181,1"}, "longitudes in -180..180"),
        ({"box": "0,0,nan,1"}, "longitudes in -180..180"),
        ({"box": "0,0,1,1", "outline": Path("x.poly")}, "only one of them"),
    ],
)
def test_a_selection_that_cannot_be_understood(described: dict[str, Any], words: str) -> None:
    with pytest.raises(SelectionError) as caught:
        Selection.parse(**described)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("selection", "described"),
    [
        (Selection(), {}),
        (Selection.parse(languages="fr,en"), {"languages": ["en", "fr"]}),
        (Selection.parse(kinds="road,city"), {"kinds": ["city", "road"]}),
        (Selection(area=BoundingBox(177, -20, -179, -15)), {"box": [177, -20, -179, -15]}),
        (Selection(frozenset({"en"}), frozenset(), Outline("POLYGON ((0 0, 1 0, 1 1, 0 0))")), None),
    ],
)
def test_a_selection_can_be_stored(selection: Selection, described: dict[str, Any] | None) -> None:
    stored = json.loads(json.dumps(selection.to_dict()))
    assert Selection.from_dict(stored) == selection
    assert described is None or stored == described


@pytest.mark.parametrize(
    "stored",
    [
        {"kinds": ["dragon"]},
        {"kinds": 3},
        {"languages": [3]},
        {"languages": ["?"]},
        {"box": [1, 2, 3]},
        {"box": ["a", "b", "c", "d"]},
        {"box": None},
        {"outline": "POLYGON (("},
        {"outline": None},
    ],
)
def test_a_stored_selection_that_is_garbled(stored: dict[str, Any]) -> None:
    with pytest.raises(SelectionError):
        Selection.from_dict(stored)


def test_entries_and_batches_are_gathered_in_their_order() -> None:
    whole = batch_of(WORLD[3:])
    batches = list(gathered([*WORLD[:3], whole, WORLD[0]], size=2))
    assert [batch.places["id"].to_pylist() for batch in batches] == [["a:1", "a:2"], ["a:3"], ["a:4", "a:5"], ["a:1"]]
    assert batches[2] is whole
    assert list(gathered([])) == []


def test_an_entry_becomes_a_row() -> None:
    place = Place("a:1", "X", PlaceKind.ROAD, 1.0, 2.0, "FR", "75", 9, 0.5, "Q1", "a:2", ParentBasis.NEAREST)
    batch: Batch = batch_of([(place, (PlaceName("a:1", "Y", NameKind.OLD, "fr"),))])
    assert list(batch.places.to_pylist()[0].values()) == ["a:1", "X", 8, 1.0, 2.0, "FR", "75", 9, 0.5, "Q1", "a:2", 3]
    assert list(batch.names.to_pylist()[0].values()) == [0, "Y", 4, "fr"]


def test_a_gazetteer_of_a_part(tmp_path: Path) -> None:
    path = outline(
        tmp_path / "t.csv", "name,name:it,lat,lon,type\nParis,Parigi,48.85,2.35,city\nRue Grimaldi,,43.73,7.42,street\n"
    )
    build_gazetteer([TableSource(path)], tmp_path / "g", selection=Selection.parse(kinds="city", languages="fr"))
    gazetteer = Gazetteer.open(tmp_path / "g")
    assert [place.name for place in gazetteer.places("Paris")] == ["Paris"]
    assert gazetteer.places("Parigi") == gazetteer.places("Rue Grimaldi") == []
    with pytest.raises(NoNamedPlaces, match="that are to be kept"):
        build_gazetteer([TableSource(path)], tmp_path / "h", selection=Selection.parse(kinds="island"))
    assert not (tmp_path / "h").exists()
