"""Misspelt names find the name that was meant."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.fuzzy import FuzzyIndex, FuzzyMatch

LONG = ["kathmandu", "thiruvananthapuram", "christchurch", "new orleans", "puerto rico", "kaikoura", "alappuzha"]
SHORT = ["goa", "york", "rome", "bali"]
INDEX = FuzzyIndex([*LONG, *SHORT])


@st.composite
def misspellings(draw: st.DrawFn) -> tuple[str, str]:
    name = draw(st.sampled_from(LONG))
    at = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    slip = draw(st.sampled_from(["insert", "delete", "replace", "swap"]))
    if slip == "insert":
        return name, name[:at] + letter + name[at:]
    if slip == "delete":
        return name, name[:at] + name[at + 1 :]
    if slip == "replace":
        return name, name[:at] + letter + name[at + 1 :]
    return name, name[:at] + name[at : at + 2][::-1] + name[at + 2 :]


@given(misspellings())
def test_a_long_name_with_one_slip_is_found(name_and_misspelling: tuple[str, str]) -> None:
    name, misspelling = name_and_misspelling
    found = INDEX.lookup(misspelling, limit=3, least_score=85.0)
    assert [match.name for match in found][:1] == [name]


@given(st.text(string.ascii_lowercase + " ", max_size=20))
def test_answers_are_few_good_and_best_first(name: str) -> None:
    found = INDEX.lookup(name, limit=2, least_score=50.0)
    assert len(found) <= 2
    assert all(50 <= match.score <= 100 for match in found)
    assert found == sorted(found, key=lambda match: (-match.score, match.name))


def test_the_name_itself_scores_a_hundred() -> None:
    assert INDEX.lookup("kathmandu", limit=1, least_score=100.0) == [FuzzyMatch("kathmandu", 100.0)]


@pytest.mark.parametrize("name", ["", "g", "goa", "goaa", "yorkk", "romme", "balii", "bal", "rom"])
def test_short_names_are_not_guessed(name: str) -> None:
    assert INDEX.lookup(name, limit=3, least_score=0.0) == []


def test_nothing_is_like_a_strange_word() -> None:
    assert INDEX.lookup("qwertzuiop", limit=3, least_score=50.0) == []


def test_the_best_comes_first() -> None:
    index = FuzzyIndex(["springfield", "springfeild", "springfields", "springville"])
    found = index.lookup("springfield", limit=10, least_score=60.0)
    assert [match.name for match in found] == ["springfield", "springfields", "springfeild", "springville"]
    assert [match.score for match in found] == sorted((match.score for match in found), reverse=True)


def test_among_equals_the_first_in_the_alphabet_is_kept() -> None:
    names = [f"spring{letter}ield" for letter in string.ascii_lowercase if letter != "f"]
    index = FuzzyIndex(reversed(names))
    found = index.lookup("springfield", limit=3, least_score=85.0)
    assert [match.name for match in found] == ["springaield", "springbield", "springcield"]


def test_the_least_score_is_kept() -> None:
    assert INDEX.lookup("kathmandx", limit=3, least_score=89.0) == []
    assert [match.name for match in INDEX.lookup("kathmandx", limit=3, least_score=88.0)] == ["kathmandu"]
