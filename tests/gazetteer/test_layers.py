"""Several gazetteers as one: their names together, and each place once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.compiled import CompiledGazetteer
from gazetteer.gazetteer import Gazetteer
from gazetteer.layers import SAME_PLACE_KILOMETRES
from gazetteer.manifest import Manifest
from gazetteer.matching import leftmost_longest
from gazetteer.places import NameKind, ParentBasis, Place, PlaceKind

Compile = Callable[..., CompiledGazetteer]
MANIFEST = Manifest(sources=(), counts={}, bounding_box=(0.0, 0.0, 0.0, 0.0), matcher="trie", compiled="", files={})
#: Kilometres in a degree of latitude.
DEGREE = 111.195


@pytest.fixture
def together(compile_places: Compile, tmp_path: Path) -> Callable[..., Gazetteer]:
    def open_(*layers: Sequence[object]) -> Gazetteer:
        return Gazetteer([(MANIFEST, compile_places(tmp_path / str(i), each)) for i, each in enumerate(layers)])

    return open_


def place(identifier: str, name: str, kind: PlaceKind = PlaceKind.CITY, *, latitude: float = 10.0) -> Place:
    return Place(identifier, name, kind, latitude, 76.0, importance=0.5)


def ids(gazetteer: Gazetteer, name: str) -> list[str]:
    return [found.id for found in gazetteer.places(name)]


def count(gazetteer: Gazetteer, name: str) -> int:
    facts = gazetteer.facts(name)
    assert facts is not None
    return facts.place_count


def test_a_place_that_two_gazetteers_hold_is_one_with_its_blanks_filled(together: Callable[..., Gazetteer]) -> None:
    first = replace(place("a:1", "Kōchi"), importance=0.3, wikidata="Q1")
    second = replace(place("b:1", "Kochi", latitude=10.1), country="IN", admin1="KL", population=5, wikidata="Q2")
    both = together([first], [second])
    filled = replace(first, country="IN", admin1="KL", population=5, importance=0.5)
    assert both.places("kochi") == [filled]
    assert count(both, "kochi") == 1
    other_way = together([second], [first])
    assert other_way.places("kochi") == [second]


def test_a_first_level_unit_is_not_taken_from_another_country(together: Callable[..., Gazetteer]) -> None:
    both = together(
        [replace(place("a:1", "Kochi"), country="JP")], [replace(place("b:1", "Kochi"), country="IN", admin1="KL")]
    )
    [found] = both.places("kochi")
    assert (found.country, found.admin1) == ("JP", "")


@pytest.mark.parametrize("kind", PlaceKind)
def test_how_far_apart_two_places_may_be_one(together: Callable[..., Gazetteer], kind: PlaceKind) -> None:
    limit = SAME_PLACE_KILOMETRES[kind]
    here = place("a:1", "Here", kind, latitude=0.0)
    near = place("b:1", "Here", kind, latitude=min(80.0, 0.99 * limit / DEGREE))
    assert ids(together([here], [near]), "here") == ["a:1"]
    if limit < 10_000:
        far = place("b:2", "Here", kind, latitude=1.01 * limit / DEGREE)
        assert ids(together([here], [far]), "here") == ["a:1", "b:2"]


def test_places_of_other_kinds_or_other_names_are_others(together: Callable[..., Gazetteer]) -> None:
    both = together([place("a:1", "Goa")], [place("b:1", "Goa", PlaceKind.STATE), place("b:2", "Goa Velha")])
    assert ids(both, "goa") == ["a:1", "b:1"]
    assert count(both, "goa") == 2
    assert count(both, "goa velha") == 1


def test_across_the_antimeridian(together: Callable[..., Gazetteer]) -> None:
    east = replace(place("a:1", "Taveuni", PlaceKind.ISLAND), longitude=179.95)
    assert ids(together([east], [replace(east, id="b:1", longitude=-179.95)]), "taveuni") == ["a:1"]


def test_places_of_one_gazetteer_are_never_joined(together: Callable[..., Gazetteer]) -> None:
    twins = [place("a:1", "Goa"), place("a:2", "Goa", latitude=10.01)]
    more = [place(f"b:{number}", "Goa", latitude=10.01 + number / 100) for number in range(3)]
    assert ids(together(twins, more), "goa") == ["a:1", "a:2", "b:2"]
    assert ids(together(more, twins), "goa") == ["b:0", "b:1", "b:2"]
    assert ids(together([place("c:1", "Pune")], twins), "goa") == ["a:1", "a:2"]


def test_the_nearest_of_several_is_the_same_place(together: Callable[..., Gazetteer]) -> None:
    both = together(
        [place("a:1", "Goa"), place("a:2", "Goa", latitude=10.1)],
        [replace(place("b:1", "Goa", latitude=10.09), population=7)],
    )
    assert [(found.id, found.population) for found in both.places("goa")] == [("a:1", 0), ("a:2", 7)]


def test_three_gazetteers(together: Callable[..., Gazetteer]) -> None:
    layers = [
        [place("a:1", "Goa")],
        [place("b:1", "Goa", latitude=40.0), place("b:2", "Pune")],
        [replace(place("c:1", "Goa", latitude=40.1), population=3), place("c:2", "Goa", latitude=10.1)],
    ]
    every = together(*layers)
    assert [(found.id, found.population) for found in every.places("goa")] == [("a:1", 0), ("b:1", 3)]
    assert ids(every, "pune") == ["b:2"]
    assert count(every, "goa") == 2


def test_none_crowds_out_the_others(together: Callable[..., Gazetteer]) -> None:
    first = [place(f"a:{number}", "Goa", latitude=number) for number in range(20)]
    both = together(first, [place("b:1", "Goa", latitude=-40.0), place("b:2", "Goa", latitude=19.0)])
    assert len(both.places("goa", limit=5)) == 6
    assert both.places("goa", limit=5)[-1].id == "b:1"
    assert count(both, "goa") == 21


def test_facts_of_a_name_are_those_of_all(together: Callable[..., Gazetteer]) -> None:
    low = replace(place("a:1", "Goa", PlaceKind.ROAD), importance=0.1)
    high = place("b:1", "Goa", PlaceKind.STATE)
    variant = (low, [("goa", NameKind.VARIANT, "go a"), ("go a", NameKind.NAME, ""), ("xy", NameKind.VARIANT, "go a")])
    both = together([variant], [(high, [("goa", NameKind.SHORT, "")])])
    [match] = both.match("in #Goa")
    assert match.facts == both.facts("goa")
    assert match.facts.kinds == (PlaceKind.STATE, PlaceKind.ROAD)
    assert match.facts.name_kinds == (NameKind.SHORT, NameKind.VARIANT)
    assert match.facts.importance == 0.5
    assert match.facts.derived_from == ""
    alone = both.facts("xy")
    assert alone is not None
    assert alone.derived_from == "go a"
    assert both.facts("atlantis") is None


def test_parents_are_those_of_the_gazetteer_that_holds_the_place(together: Callable[..., Gazetteer]) -> None:
    def within(identifier: str, name: str, kind: PlaceKind, parent: str) -> Place:
        return replace(place(identifier, name, kind), parent=parent, parent_basis=ParentBasis.STATED)

    country, state = place("a:1", "India", PlaceKind.COUNTRY), within("a:2", "Kerala", PlaceKind.STATE, "a:1")
    other = place("b:1", "Kerala", PlaceKind.STATE)
    both = together([country, state], [other, within("b:2", "Aluva", PlaceKind.CITY, "b:1")])
    [aluva] = both.places("aluva")
    assert both.parents(aluva) == (other,)
    [kerala] = both.places("kerala")
    assert both.parents(kerala) == (country,)
    assert both.parents(country) == both.parents(place("c:1", "Elsewhere")) == ()


def test_coordinates_are_shared_out_and_hold_no_place_twice(together: Callable[..., Gazetteer]) -> None:
    first = [
        replace(place(f"a:{number}", f"Goa {number}", latitude=number), importance=1 - number / 10)
        for number in range(5)
    ]
    second = [replace(each, id=f"b:{each.id}", latitude=each.latitude + 0.01) for each in first]
    other = [
        replace(place(f"c:{number}", f"Pune {number}", latitude=-number), importance=0.1) for number in range(1, 6)
    ]
    both = together(first, second + other)
    assert both.coordinates(limit=6) == [
        (76.0, 0.0),
        (76.0, 1.0),
        (76.0, 2.0),
        (76.0, -1.0),
        (76.0, -2.0),
        (76.0, -3.0),
    ]
    assert len(both.coordinates()) == 10


def test_no_gazetteer_at_all() -> None:
    none = Gazetteer([])
    assert (none.match("Kerala"), none.places("Kerala"), none.facts("Kerala")) == ([], [], None)
    assert (none.coordinates(), none.parents(place("a:1", "Goa")), none.fuzzy("Keralla")) == ([], (), [])


words = st.sampled_from("abcd")
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
located = st.builds(
    place, st.just(""), names, st.sampled_from([PlaceKind.CITY, PlaceKind.ROAD]), latitude=st.floats(0, 1)
)


@given(st.lists(st.lists(located, min_size=1, max_size=6), min_size=2, max_size=3), st.lists(words, max_size=10))
def test_matches_are_those_of_all_and_count_each_place_once(
    compile_places: Compile, drawn: list[list[Place]], words: list[str]
) -> None:
    text = " ".join(words)
    with TemporaryDirectory() as folder:
        layers = [
            compile_places(
                Path(folder) / str(index), [replace(each, id=f"{index}:{row}") for row, each in enumerate(layer)]
            )
            for index, layer in enumerate(drawn)
        ]
        every = Gazetteer([(MANIFEST, layer) for layer in layers])
        singles = [Gazetteer([(MANIFEST, layer)]) for layer in layers]
        matches = every.matches(text)
        spans = [(match.start, match.end, match.name) for match in matches]
        alone = {(match.start, match.end, match.name) for single in singles for match in single.matches(text)}
        assert spans == sorted(alone, key=lambda span: (span[0], -span[1]))
        assert every.match(text) == leftmost_longest(matches)
        for match in matches:
            found = every.places(match.name, limit=100)
            assert match.facts.place_count == len(found)
            assert sum(single.facts(match.name) is not None for single in singles) > 0
            totals = [facts.place_count for single in singles if (facts := single.facts(match.name))]
            assert max(totals) <= len(found) <= sum(totals)


def test_all_places_come_layer_by_layer_the_best_first(together: Callable[..., Gazetteer]) -> None:
    first = [replace(place(f"a:{number}", f"Town {number}"), importance=number / 10_000) for number in range(5_000)]
    twin = replace(place("b:1", "Town 7"), country="IN", admin1="KL", wikidata="Q7", population=9, parent="b:2")
    second = [replace(twin, parent_basis=ParentBasis.STATED), replace(place("b:2", "Land"), importance=0.9)]
    both = together(first, second)
    assert list(both.all_places()) == [*reversed(first), *reversed(second)]
    assert next(both.all_places()) == first[-1]
    assert list(Gazetteer([]).all_places()) == []
