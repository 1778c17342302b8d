"""What is compiled comes back whole, and files that are not what they should be are refused."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wordfreq import zipf_frequency

from gazetteer.compiled import CompiledGazetteer, compiled_files
from gazetteer.compiling import english_frequencies
from gazetteer.places import NameFacts, NameKind, ParentBasis, Place, PlaceKind
from gazetteer.text import normalize_name

Compile = Callable[..., CompiledGazetteer]

strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
identifiers = st.one_of(
    strings,
    st.builds(
        "{}{}".format, st.sampled_from(["osm:way/", "osm:node/", "geonames:", "admin2:US.CA.", "", "é7-"]), strings
    ),
    st.builds("{}{}".format, st.sampled_from(["osm:way/", "geonames:", ""]), st.integers(0, 2**64)),
    st.sampled_from(["osm:way/007", "osm:way/0", "osm:way/-1", "a\n1", "a1\n", "1.5", f"x:{2**63 - 1}", "x:٣"]),
)
places = st.builds(
    Place,
    id=identifiers,
    name=strings,
    kind=st.sampled_from(PlaceKind),
    latitude=st.integers(-900_000_000, 900_000_000).map(lambda steps: steps / 1e7),
    longitude=st.integers(-1_800_000_000, 1_800_000_000).map(lambda steps: steps / 1e7),
    country=st.sampled_from(["", "US", "IN"]),
    admin1=strings,
    population=st.one_of(st.integers(0, 10**7), st.integers(0, 2**63 - 1)),
    importance=st.integers(0, 10_000).map(lambda steps: steps / 10_000),
    wikidata=st.one_of(st.just(""), st.integers(1, 10**9).map("Q{}".format), strings),
    bounds=st.sampled_from([None, (-10.5, 0.0, 10.25, 1.0), (179.0, -1.0, -179.0, 1.0)]),
)


@st.composite
def related_places(draw: st.DrawFn) -> list[Place]:
    drawn = draw(st.lists(places, min_size=1, max_size=8, unique_by=lambda place: place.id))
    parents = [draw(st.one_of(st.none(), st.sampled_from(drawn))) for _ in drawn]
    return [
        replace(place, parent=parent.id, parent_basis=draw(st.sampled_from(ParentBasis))) if parent else place
        for place, parent in zip(drawn, parents, strict=True)
    ]


@given(related_places())
def test_places_come_back_whole_by_row_and_by_id(compile_places: Compile, given_places: list[Place]) -> None:
    with TemporaryDirectory() as folder:
        entries = [(place, [(f"name{row}", NameKind.NAME, "")]) for row, place in enumerate(given_places)]
        compiled = compile_places(Path(folder), entries)
        assert [compiled.row(place.id) for place in given_places] == list(range(len(given_places)))
        for row, place in enumerate(given_places):
            assert compiled.place(row) == place
            # It is remembered now where the parent is.
            assert compiled.row(place.id) == row
            assert not place.parent or given_places[compiled.row(place.parent) or 0].id == place.parent
            assert compiled.places(compiled.key(f"name{row}") or 0, limit=2) == [place]


@given(related_places(), identifiers)
def test_an_id_that_no_place_has_is_not_found(compile_places: Compile, given_places: list[Place], other: str) -> None:
    with TemporaryDirectory() as folder:
        entries = [(place, [("name", NameKind.NAME, "")]) for place in given_places]
        compiled = compile_places(Path(folder), entries)
        known = {place.id: row for row, place in enumerate(given_places)}
        assert compiled.row(other) == known.get(other)
        assert compiled.row("\ud800") is None
        # Strings of other columns are no ids.
        for place in given_places:
            assert compiled.row(place.name) == known.get(place.name)


def city(identifier: str, parent: str = "", importance: float = 0.5) -> Place:
    basis = ParentBasis.STATED if parent else None
    return Place(
        identifier, identifier, PlaceKind.CITY, 1.0, 2.0, importance=importance, parent=parent, parent_basis=basis
    )


def test_a_lineage_comes_smallest_first(compile_places: Compile, tmp_path: Path) -> None:
    compiled = compile_places(tmp_path, [city("a", "c"), city("b", "a"), city("c"), city("d", "b")])
    found = {name: "".join(place.id for place in compiled.lineage(name) or ()) for name in "abcd"}
    assert found == {"a": "ac", "b": "bac", "c": "c", "d": "dbac"}
    assert compiled.lineage("e") is None


def test_a_lineage_that_goes_round_in_a_circle_ends(compile_places: Compile, tmp_path: Path) -> None:
    compiled = compile_places(tmp_path, [city("a", "b"), city("b", "c"), city("c", "b"), city("d", "d")])
    found = {name: "".join(place.id for place in compiled.lineage(name) or ()) for name in "abcd"}
    assert found == {"a": "abc", "b": "bc", "c": "cb", "d": "d"}


@pytest.mark.parametrize("matcher", ["automaton", "trie"])
def test_facts_are_those_of_the_tables(compile_places: Compile, tmp_path: Path, matcher: str) -> None:
    saint = Place("x:1", "Saint Louis", PlaceKind.CITY, 1.0, 2.0, importance=0.4321)
    road = Place("x:2", "St Louis", PlaceKind.ROAD, 1.0, 2.0, importance=0.05)
    names = [("saint louis", NameKind.NAME, ""), ("stl", NameKind.ABBREVIATION, "")]
    variants = [("saintlouis", NameKind.VARIANT, "saint louis")]
    entries = [
        (saint, [*names, *variants]),
        (road, [("saint louis", NameKind.VARIANT, "st louis"), ("st louis", NameKind.NAME, "")]),
    ]
    compiled = compile_places(tmp_path, entries, matcher=matcher)
    key = compiled.key("saint louis")
    assert key is not None
    assert compiled.entry(key) == (
        "saint louis",
        NameFacts(
            kinds=(PlaceKind.CITY, PlaceKind.ROAD),
            name_kinds=(NameKind.NAME, NameKind.VARIANT),
            place_count=2,
            importance=0.4321,
            english_frequency=min(zipf_frequency("saint", "en"), zipf_frequency("louis", "en")),
        ),
    )
    derived = compiled.key("saintlouis")
    assert derived is not None
    assert compiled.entry(derived)[1].derived_from == "saint louis"
    assert compiled.key("saint") is None
    assert sorted(compiled.names()) == ["saint louis", "st louis", "stl"]
    assert sorted(compiled.spellings()) == ["saint louis", "saintlouis", "st louis", "stl"]


@given(
    st.lists(
        st.one_of(st.sampled_from(["houston", "of", "2nd", "19", "東京", "dont", "strasse", "केरल", "xq"]), st.text())
    )
)
@example(["ﷺ", "naïve", "s", "a1b2", "ｈｉ"])
def test_frequencies_are_those_of_wordfreq(texts: list[str]) -> None:
    words = [word for text in texts for word in normalize_name(text).split(" ") if word]
    assert english_frequencies(words) == [zipf_frequency(word, "en") for word in words]


def test_places_stand_in_the_order_of_the_table_and_coordinates_in_that_of_importance(
    compile_places: Compile, tmp_path: Path
) -> None:
    entries = [
        (replace(city(f"x:{number}", importance=number / 10), latitude=float(number)), [("name", NameKind.NAME, "")])
        for number in range(6)
    ]
    compiled = compile_places(tmp_path, entries)
    key = compiled.key("name")
    assert key is not None
    assert [place.id for place in compiled.places(key, limit=3)] == ["x:5", "x:4", "x:3"]
    assert compiled.coordinates(limit=2) == [(2.0, 5.0), (2.0, 4.0)]
    assert len(compiled.coordinates(limit=100)) == 6


def test_closing_leaves_no_warning(compile_places: Compile, tmp_path: Path) -> None:
    compile_places(tmp_path, [city("a")], matcher="automaton")
    gc.collect()


def test_a_matcher_that_nobody_knows(compile_places: Compile, tmp_path: Path) -> None:
    compile_places(tmp_path, [city("a")])
    for use in (compiled_files, lambda kind: CompiledGazetteer(tmp_path, matcher=kind)):
        with pytest.raises(ValueError, match="no matcher 'oracle', only 'automaton' and 'trie'"):
            use("oracle")


def test_boxes_come_back_with_their_places_alone(compile_places: Compile, tmp_path: Path) -> None:
    box, turned = (-79.0, 26.5, -77.8, 27.0), (177.0, -19.0, -178.0, -12.5)
    places = [city("a"), replace(city("b"), bounds=box), city("c"), replace(city("d"), bounds=turned)]
    compiled = compile_places(tmp_path, places)
    assert [compiled.place(row).bounds for row in range(4)] == [None, box, None, turned]
    assert {place.id: place.bounds for place in compiled.all_places()} == {place.id: place.bounds for place in places}


def test_boxes_in_disorder_are_refused(compile_places: Compile, tmp_path: Path) -> None:
    compile_places(tmp_path, [replace(city(name), bounds=(0.0, 0.0, 1.0, 1.0)) for name in "ab"])
    table = numpy.load(tmp_path / "bounds.npy")
    numpy.save(tmp_path / "bounds.npy", table[::-1])
    with pytest.raises(ValueError, match=r"bounds\.npy is not in the order"):
        CompiledGazetteer(tmp_path, matcher="trie")


REFUSED = (OSError, ValueError, KeyError, TypeError)


@pytest.mark.parametrize("name", compiled_files("automaton"))
@pytest.mark.parametrize(
    "content", [None, b"", b"garbage", b"\x93NUMPY\x01\x00"], ids=["none", "empty", "text", "head"]
)
def test_a_file_that_is_not_what_it_should_be(compile_places: Compile, tmp_path: Path, name: str, content: Any) -> None:
    compile_places(tmp_path, [city("a"), city("b")], matcher="automaton")
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    if name == "bounds.npy" and content is None:
        assert CompiledGazetteer(tmp_path, matcher="automaton").place(1).bounds is None
    elif name == "strings.bin" and content:
        with pytest.raises(REFUSED):
            CompiledGazetteer(tmp_path, matcher="automaton").place(1)
    else:
        with pytest.raises(REFUSED):
            CompiledGazetteer(tmp_path, matcher="automaton")


@pytest.mark.parametrize("name", ["names.npy", "name_places.npy", "places.npy"])
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[:-1],
        lambda array: array.astype(object),
        lambda array: array.reshape(1, -1),
        lambda array: numpy.arange(len(array) + 1),
        lambda array: array[list(array.dtype.names[:-1])] if array.dtype.names else array[:0],
        lambda array: array.astype([(name, "f8") for name in array.dtype.names]) if array.dtype.names else array[:0],
    ],
    ids=["short", "objects", "matrix", "numbers", "columns", "floats"],
)
def test_an_array_that_does_not_fit(compile_places: Compile, tmp_path: Path, name: str, change: Any) -> None:
    compile_places(tmp_path, [city("a"), city("b")])
    changed = change(numpy.load(tmp_path / name))
    numpy.save(tmp_path / name, changed)
    with pytest.raises(REFUSED):
        CompiledGazetteer(tmp_path, matcher="trie")


def test_a_name_that_derives_from_none_is_an_error(compile_places: Compile, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        compile_places(tmp_path, [(city("a"), [("ab", NameKind.VARIANT, "a b")])])
