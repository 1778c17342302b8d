"""Where a mention lies whose place no gazetteer holds."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer, Place, PlaceKind
from lmr_hybrid.corpora import TYPES
from lmr_hybrid.linking import Linker, Query, Weights, queries_of
from lmr_hybrid.linking.fitting import JudgedMention, fit_weights
from lmr_hybrid.linking.signals import NOWHERE, SIGNALS
from lmr_hybrid.linking.surroundings import SURROUNDINGS, Area, likeliest_area
from lmr_hybrid.linking.weights import default_weights

UNKNOWN = Query("Zzyzx Street", "Road/street")
HOUSTON, TEXAS = Query("Houston", "City/town"), Query("Texas", "State")


@pytest.fixture(scope="module")
def linker(toy_gazetteer: Gazetteer) -> Linker:
    return Linker(toy_gazetteer)


def area(kind: PlaceKind, **signals: float) -> Area:
    row = tuple(signals.get(name.replace(" ", "_"), 0.0) for name in SURROUNDINGS)
    return Area(Place(kind, kind, kind, 0.0, 0.0), row, True)


def test_an_unknown_place_lies_in_or_near_what_the_message_names(linker: Linker) -> None:
    unknown, houston = linker.link([UNKNOWN, HOUSTON])
    assert [candidate.name for candidate in unknown] == ["Houston"]
    assert unknown[0].approximate
    assert unknown[0].label == "in or near Houston"
    assert unknown[0].score < houston[0].score
    assert "named beside it" in unknown[0].reason
    assert (houston[0].approximate, houston[0].label) == (False, "Houston")


def test_what_a_chain_names_next_is_likelier_than_what_stands_elsewhere(linker: Linker) -> None:
    def score(text: str) -> float:
        spans = [(0, len(UNKNOWN.text), "Road/street"), (text.index("Houston"), len(text), "City/town")]
        return linker.link(queries_of(text, spans))[0][0].score

    assert score("Zzyzx Street, Houston") > score("Zzyzx Street is closed, in Houston")


def test_a_town_is_no_place_that_the_town_before_it_lies_in(linker: Linker) -> None:
    def named_next(type_: str, *others: Query) -> list[float]:
        message = [Query("Zzyzx", type_, chained=True), *others]
        return [area.row[SURROUNDINGS.index("named next")] for area in linker.areas(message)[0]]

    assert named_next("Road/street", HOUSTON) != [0]
    assert named_next("City/town", HOUSTON) == [0]
    assert named_next("City/town", TEXAS) != [0]


def test_what_may_as_well_lie_in_another_country_than_the_one_named_is_no_area(make_gazetteer) -> None:
    places = [
        ("koro-ml", "Koro", PlaceKind.CITY, 14.1, -3.1, "ML", "04", 60_000),
        ("koro-ci", "Koro", PlaceKind.CITY, 8.6, -7.5, "CI", "04", 55_000),
        ("suva", "Suva", PlaceKind.CITY, -18.1, 178.4, "FJ", "01", 90_000),
        ("fiji", "Fiji", PlaceKind.COUNTRY, -18.0, 178.0, "FJ", "", 900_000),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))

    def areas(*others: tuple[str, str]) -> list[str]:
        message = [UNKNOWN, *(Query(text, type_) for text, type_ in others)]
        return [area.place.id for area in linker.areas(message)[0]]

    fiji, koro, suva = ("Fiji", "Country"), ("Koro", "City/town"), ("Suva", "City/town")
    assert areas(koro) == ["toy:koro-ml"]
    assert areas(koro, suva, fiji) == ["toy:suva", "toy:fiji"]


@pytest.mark.parametrize(
    "queries",
    [[UNKNOWN], [UNKNOWN, UNKNOWN], [UNKNOWN, replace(UNKNOWN, text="zzyzx street")], [UNKNOWN, Query("Qqq", "")]],
)
def test_without_a_known_place_beside_it_there_is_no_candidate(linker: Linker, queries: list[Query]) -> None:
    assert linker.link(queries) == [()] * len(queries)


def test_a_country_lies_in_nothing_and_a_state_in_a_country(linker: Linker) -> None:
    def holder(type_: str) -> list[str]:
        message = [Query("Zzyzx", type_), HOUSTON, Query("Ecuador", "Country"), Query("Africa", "Continent")]
        return [candidate.name for candidate in linker.link(message)[0]]

    assert holder("Country") == holder("Continent") == []
    assert holder("State") == ["Ecuador"]
    assert holder("County") == ["Houston"]


def test_the_event_s_other_messages_tell_where_an_unknown_place_is(linker: Linker) -> None:
    event = linker.event_shares([[HOUSTON], [TEXAS], [HOUSTON, TEXAS]] * 4)
    ((first, *others),) = linker.link([UNKNOWN], event=event)
    assert first.approximate
    assert (first.country, first.admin1) == ("US", "TX")
    assert "named by the other messages" in first.reason
    assert not any(candidate.approximate for candidate in others)


def test_a_name_that_is_known_well_enough_is_that_place(linker: Linker) -> None:
    event = linker.event_shares([[HOUSTON], [TEXAS]] * 4)
    for candidates in linker.link([Query("Guayaquil", "City/town"), HOUSTON, TEXAS], event=event):
        assert not any(candidate.approximate for candidate in candidates)


def test_an_area_comes_before_a_poor_guess_and_the_guess_after_it(make_gazetteer) -> None:
    cities = [
        ("yalta", "Yalta", PlaceKind.CITY, 44.5, 34.17, "UA", "11", 80_000),
        ("mirpur", "Mirpur", PlaceKind.CITY, 33.15, 73.75, "PK", "06", 400_000),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*cities)), weights=replace(default_weights(), least_score=0.0))
    event = linker.event_shares([[Query("Mirpur", "City/town")]] * 5)
    guess, _ = linker.link([Query("Jalta", "City/town"), Query("Mirpur", "City/town")], event=event)
    assert [(candidate.name, candidate.approximate) for candidate in guess] == [("Mirpur", True), ("Yalta", False)]
    alone = linker.link([Query("Jalta", "City/town")])[0]
    assert [candidate.name for candidate in alone] == ["Yalta"]


def test_below_the_least_score_an_area_is_no_candidate_either(linker: Linker) -> None:
    strict = linker.reweighted(replace(default_weights(), least_score=0.99))
    assert strict.link([UNKNOWN, HOUSTON])[0] == ()


names = st.sampled_from(
    ["Houston", "Texas", "the Bahamas", "Freeport", "Zzyzx Street", "Kochi River", "nowhere", "Guayaqil"]
)


@given(st.lists(st.tuples(names, st.sampled_from(TYPES)), min_size=1, max_size=5), st.booleans(), st.integers(1, 5))
def test_only_the_first_candidate_is_approximate_and_no_more_come_than_asked_for(
    linker: Linker, mentions: list[tuple[str, str]], together: bool, limit: int
) -> None:
    queries = [Query(text, type_) for text, type_ in mentions]
    event = linker.event_shares([queries] if together else [])
    own = [{place.id for place in linker.hits(query.text).places} for query in queries]
    for ids, candidates in zip(own, linker.link(queries, event=event, limit=limit), strict=True):
        assert len(candidates) <= limit
        assert not any(candidate.approximate for candidate in candidates[1:])
        assert all(candidate.id in ids for candidate in candidates if not candidate.approximate)
        assert len({candidate.id for candidate in candidates}) == len(candidates)
        assert sum(candidate.score for candidate in candidates) <= 1.001


def test_the_smallest_area_that_is_likely_is_taken_else_the_country() -> None:
    weights = numpy.array([1.0 if name in ("named", "country named") else 0.0 for name in SURROUNDINGS])
    country = area(PlaceKind.COUNTRY, country_named=3.0)
    likely, unlikely = area(PlaceKind.CITY, named=0.5), area(PlaceKind.STATE, named=-0.5)
    for areas, chosen in (
        ([country, likely], likely),
        ([country, unlikely], country),
        ([unlikely], unlikely),
        ([unlikely, likely], likely),
    ):
        found = likeliest_area(areas, weights)
        assert found is not None
        assert found[0] is chosen
        assert 0 < found[1] < 1
    assert likeliest_area([], weights) is None


def test_fitting_learns_in_what_areas_unknown_places_lie() -> None:
    rows, nothing = numpy.zeros((1, len(SIGNALS))), numpy.zeros(len(NOWHERE))
    named = [(area(PlaceKind.CITY, smaller=1.0, named=1.0), True)] * 40
    others = [(area(PlaceKind.CITY, smaller=1.0), False)] * 40
    mentions = [
        JudgedMention(rows, nothing, numpy.array([True])),
        JudgedMention(rows, nothing, numpy.array([False]), [*named, *others]),
    ]
    weights = fit_weights(mentions)
    found = likeliest_area([named[0][0], others[0][0]], weights.surroundings)
    assert found is not None
    assert found[0] is named[0][0]
    assert found[1] > 0.8
    again = Weights.from_dict(weights.to_dict())
    assert again.surroundings == pytest.approx(weights.surroundings, abs=1e-4)
