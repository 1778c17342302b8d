"""From a name and its company to ranked places."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.corpora import TYPES
from lmr_hybrid.linking import Linker


@pytest.fixture(scope="module")
def linker(toy_gazetteer: Gazetteer) -> Linker:
    return Linker(toy_gazetteer)


def best(linker: Linker, *mentions: tuple[str, str]) -> list[str]:
    return [candidates[0].id.removeprefix("toy:") if candidates else "" for candidates in linker.link(mentions)]


def test_the_better_known_namesake_stands_first(linker: Linker) -> None:
    (candidates,) = linker.link([("Paris", "City/town")])
    assert [candidate.id for candidate in candidates] == ["toy:paris-fr", "toy:paris-tx"]
    assert (candidates[0].name, candidates[0].kind, candidates[0].country, candidates[0].admin1) == (
        "Paris",
        "city",
        "FR",
        "IDF",
    )
    assert (candidates[0].latitude, candidates[0].longitude) == (48.857, 2.352)


@pytest.mark.parametrize(("type_", "place"), [("City/town", "new-york-city"), ("State", "new-york-state")])
def test_the_type_decides_between_namesakes_of_two_kinds(linker: Linker, type_: str, place: str) -> None:
    assert best(linker, ("New York", type_)) == [place]


def test_company_decides_between_namesakes(linker: Linker) -> None:
    assert best(linker, ("Freeport", "City/town")) == ["freeport-bs"]
    assert best(linker, ("Freeport", "City/town"), ("Texas", "State")) == ["freeport-tx", "texas"]
    assert best(linker, ("Paris", "City/town"), ("Texas", "State")) == ["paris-tx", "texas"]
    assert best(linker, ("Paris", "City/town"), ("France", "Country")) == ["paris-fr", "france"]


def test_a_mention_is_no_company_to_itself(linker: Linker) -> None:
    alone, accompanied = (
        linker.link([("Kochi", "City/town")]),
        linker.link([("Kochi", "City/town"), ("Kerala", "State")]),
    )
    assert "another mention" not in alone[0][0].reason
    assert "in the state of another mention" in accompanied[0][0].reason
    assert accompanied[0][0].score > alone[0][0].score


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("kochi", "kochi"),
        ("the Bahamas", "bahamas"),
        ("Paris's", "paris-fr"),
        ("Texas's", "texas"),
        ("Texas'", "texas"),
        ("Ecuadors", "ecuador"),
        ("the Gulf Coast's", "gulf"),
        ("the Texans", "texas"),
    ],
)
def test_articles_and_endings_come_off(linker: Linker, text: str, place: str) -> None:
    ((first, *_),) = linker.link([(text, "")])
    assert first.id == f"toy:{place}"
    assert "spelt much like it" not in first.reason


@pytest.mark.parametrize(("text", "place"), [("Freeprot", "freeport-bs"), ("Guayaqil", "guayaquil")])
def test_a_slip_of_the_pen_is_forgiven_at_a_price(linker: Linker, text: str, place: str) -> None:
    ((first, *_),) = linker.link([(text, "City/town")])
    ((right, *_),) = linker.link([(first.name, "City/town")])
    assert first.id == right.id == f"toy:{place}"
    assert "spelt much like it" in first.reason
    assert first.score < right.score


@pytest.mark.parametrize("text", ["Zzyzx", "!!", "", "xx"])
def test_the_unknown_has_no_candidates(linker: Linker, text: str) -> None:
    assert linker.link([(text, "City/town")]) == [()]


def test_no_mentions_no_links(linker: Linker) -> None:
    assert linker.link([]) == []


def test_candidates_are_limited(make_gazetteer) -> None:
    places = [(f"p{number}", "Springfield", PlaceKind.CITY, 0.0, 0.0, "US", "", number) for number in range(40)]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))
    assert [len(candidates) for candidates in linker.link([("Springfield", "City/town")])] == [5]
    assert [len(candidates) for candidates in linker.link([("Springfield", "City/town")], limit=2)] == [2]
    ((first, *_),) = linker.link([("Springfield", "City/town")])
    assert first.id == "toy:p39"


def test_namesakes_on_a_par_stand_in_the_order_of_the_gazetteers(make_gazetteer) -> None:
    one = make_gazetteer(("one", "Twin", PlaceKind.CITY), name="one")
    two = make_gazetteer(("two", "Twin", PlaceKind.CITY), name="two")
    assert best(Linker(Gazetteer.open(one, two)), ("Twin", "City/town")) == ["one"]
    assert best(Linker(Gazetteer.open(two, one)), ("Twin", "City/town")) == ["two"]


names = st.sampled_from(["Paris", "Texas", "New York", "Freeprot", "the Bahamas", "Main St", "NYC", "USA", "nowhere"])


@given(st.lists(st.tuples(names | st.text(max_size=12), st.sampled_from([*TYPES, "no type at all"])), max_size=6))
def test_scores_are_sorted_shares_with_reasons(linker: Linker, mentions: list[tuple[str, str]]) -> None:
    links = linker.link(mentions)
    assert len(links) == len(mentions)
    for candidates in links:
        assert all(0 <= candidate.score <= 1 for candidate in candidates)
        assert all(left.score >= right.score for left, right in pairwise(candidates))
        assert all(candidate.reason for candidate in candidates)
        assert len({candidate.id for candidate in candidates}) == len(candidates)
