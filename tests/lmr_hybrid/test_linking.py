"""From a name and its company to ranked places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer, NameKind, PlaceKind, build_gazetteer
from gazetteer.sources.table import TableSource
from lmr_hybrid.corpora import TYPES
from lmr_hybrid.linking import Context, Linker, Query, Weights, queries_of
from lmr_hybrid.linking.additions import are_opposed, wholes
from lmr_hybrid.linking.calibration import UNCALIBRATED, Calibration, fit_calibration
from lmr_hybrid.linking.fitting import JudgedMention, fit_weights
from lmr_hybrid.linking.signals import ALONE, NOWHERE, SIGNALS
from lmr_hybrid.linking.weights import default_weights


@pytest.fixture(scope="module")
def linker(toy_gazetteer: Gazetteer) -> Linker:
    return Linker(toy_gazetteer)


def best(linker: Linker, *mentions: tuple[str, str]) -> list[str]:
    return [candidates[0].id.removeprefix("toy:") if candidates else "" for candidates in linker.link(asked(mentions))]


def asked(mentions: Iterable[tuple[str, str]]) -> list[Query]:
    return [Query(text, type_) for text, type_ in mentions]


def test_the_better_known_namesake_stands_first(linker: Linker) -> None:
    (candidates,) = linker.link(asked([("Paris", "City/town")]))
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


@pytest.mark.parametrize(
    ("name", "area", "expected"),
    [
        ("Houston", "Texas", True),
        ("the Freeport", "The Bahamas", True),
        ("Houston", "the Bahamas", False),
        ("Texas", "Texas", False),
        ("Houston", "Freeport", False),
        ("Houson", "Texas", False),
        ("nowhere", "Texas", False),
        ("Houston", "nowhere", False),
    ],
)
def test_what_lies_in_a_state_or_a_country(linker: Linker, name: str, area: str, expected: bool) -> None:
    assert linker.lies_in(name, area) is expected


def test_a_little_known_namesake_outside_the_country_of_the_message_is_less_likely_meant(make_gazetteer) -> None:
    places = [
        ("mumbai", "Mumbai", PlaceKind.CITY, 19.07, 72.88, "IN", "16", 12_000_000),
        ("thane", "Thane", PlaceKind.CITY, 19.2, 72.97, "IN", "16", 1_800_000),
        ("zurich", "Zurich", PlaceKind.CITY, 47.37, 8.54, "CH", "ZH", 400_000),
        ("sion", "Sion", PlaceKind.CITY, 46.23, 7.36, "CH", "VS", 30_000),
        ("lone", "Lone", PlaceKind.NATURAL_POI, 10.0, 60.0),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))

    def outside(*names: str) -> float:
        *_, last = linker.signals([Query(name, "City/town") for name in names])
        return float(last.nowhere[NOWHERE.index("outside the message")])

    assert outside("Mumbai", "Thane", "Sion") > 0.3
    assert outside("Mumbai", "Thane", "Sion") > outside("Mumbai", "Thane", "Zurich") > 0
    assert outside("Mumbai", "Thane") == outside("Zurich", "Sion") == outside("Sion") == outside("Sion", "Sion") == 0
    assert outside("Mumbai", "Lone") == 0


def test_what_bears_a_name_as_its_own_comes_before_what_is_so_called_elsewhere(make_gazetteer) -> None:
    places = [
        ("petersburg", "Saint Petersburg", PlaceKind.CITY, 59.94, 30.31, "RU", "66", 5_000_000),
        ("petropolis", "Petropolis", PlaceKind.CITY, -22.5, -43.18, "BR", "21", 270_000),
    ]
    greek = (*places[0], (("Petropolis", NameKind.ALTERNATIVE), ("Petroupoli", NameKind.ALTERNATIVE)))
    rightful = ALONE.index("rightful name")
    linker = Linker(Gazetteer.open(make_gazetteer(greek, places[1])))
    (row,) = linker.signals([Query("Petropolis", "City/town")])
    assert {place.id: value for place, value in zip(row.lone.hits.places, row.rows[:, rightful], strict=True)} == {
        "toy:petersburg": 0,
        "toy:petropolis": 1,
    }
    (row,) = linker.signals([Query("Petroupoli", "City/town")])
    assert row.rows[:, rightful].tolist() == [1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Freeport, OH is dry", "OH"),
        ("Freeport OH", "OH"),
        ("Freeport, OHIO", ""),
        ("Freeport, oh no", ""),
        ("Freeport. OH", ""),
        ("Freeport and OH", ""),
        ("Freeport", ""),
        ("Freeport, OH's rivers", ""),
    ],
)
def test_two_capitals_behind_a_mention_may_be_its_state(text: str, code: str) -> None:
    assert queries_of(text, [(0, 8, "City/town")]) == [Query("Freeport", "City/town", code=code)]


def test_in_a_text_of_capitals_a_comma_stands_before_a_code() -> None:
    spans = [(0, 8, "City/town")]
    assert [queries_of(text, spans)[0].code for text in ("FREEPORT IN FLAMES", "FREEPORT, IN")] == ["", "IN"]


def test_a_code_is_no_code_where_the_next_mention_holds_it() -> None:
    text = "Freeport OH Valley"
    assert not any(query.code for query in queries_of(text, [(0, 8, "City/town"), (9, 18, "Other locations")]))


@pytest.mark.parametrize(
    ("text", "expected"), [("Athens, OH", "oh"), ("Athens, OK", "gr"), ("Athens", "gr"), ("Athens, WA", "wa")]
)
def test_a_postal_code_that_is_no_mention_says_where_a_place_lies(make_gazetteer, text: str, expected: str) -> None:
    places = [
        ("gr", "Athens", PlaceKind.CITY, 37.98, 23.73, "GR", "ESYE31", 664_046),
        ("oh", "Athens", PlaceKind.CITY, 39.33, -82.1, "US", "OH", 25_341),
        ("wa", "Athens", PlaceKind.CITY, -30.0, 120.0, "AU", "08", 0),
        ("western", "Western Australia", PlaceKind.STATE, -25.2, 122.2, "AU", "08", 2_859_000),
        ("ohio", "Ohio", PlaceKind.STATE, 40.4, -82.9, "US", "OH", 11_799_448),
        ("oklahoma", "Oklahoma", PlaceKind.STATE, 35.5, -97.5, "US", "OK", 3_959_353),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))
    queries = queries_of(text + " hit", [(0, 6, "City/town")])
    links = linker.link(queries)
    assert [candidates[0].id for candidates in links] == [f"toy:{expected}"]
    assert len(linker.signals(queries)) == len(linker.areas(queries)) == len(queries)


def test_places_that_nothing_tells_apart_have_one_score(make_gazetteer) -> None:
    roads = [
        ("one", "Oak Street", PlaceKind.ROAD, 40.0, -83.0, "US", "OH", 0),
        ("two", "Oak Street", PlaceKind.ROAD, 41.0, -84.0, "US", "OH", 0),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*roads)))
    ((one, two),) = linker.link(asked([("Oak Street", "Road/street")]))
    assert one.score == two.score > 0.4
    ((near, far),) = linker.link(asked([("Oak Street", "Road/street")]), context=Context.of(near=(41.0, -84.0)))
    assert (near.id, far.id) == (two.id, one.id)
    assert near.score > two.score > far.score


@pytest.mark.parametrize(("chained", "place"), [(True, "lebanon-tn"), (False, "lebanon")])
def test_what_is_named_next_says_where_a_place_lies(make_gazetteer, chained: bool, place: str) -> None:
    places = [
        ("lebanon", "Lebanon", PlaceKind.COUNTRY, 33.9, 35.9, "LB", "", 5_300_000),
        ("lebanon-tn", "Lebanon", PlaceKind.CITY, 36.2, -86.3, "US", "TN", 38_431),
        ("tennessee", "Tennessee", PlaceKind.STATE, 35.9, -86.4, "US", "TN", 6_910_840),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))
    links = linker.link([Query("Lebanon", "Country", chained), Query("Tennessee", "State")])
    assert [candidates[0].id for candidates in links] == [f"toy:{place}", "toy:tennessee"]


def test_a_mention_is_no_company_to_itself(linker: Linker) -> None:
    alone, accompanied = (
        linker.link(asked([("Kochi", "City/town")])),
        linker.link(asked([("Kochi", "City/town"), ("Kerala", "State")])),
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
    ((first, *_),) = linker.link(asked([(text, "")]))
    assert first.id == f"toy:{place}"
    assert "spelt much like it" not in first.reason


@pytest.mark.parametrize(("text", "place"), [("Freeprot", "freeport-bs"), ("Guayaqil", "guayaquil")])
def test_a_slip_of_the_pen_is_forgiven_at_a_price(linker: Linker, text: str, place: str) -> None:
    ((first, *_),) = linker.link(asked([(text, "City/town")]))
    ((right, *_),) = linker.link(asked([(first.name, "City/town")]))
    assert first.id == right.id == f"toy:{place}"
    assert "spelt much like it" in first.reason
    assert first.score < right.score


@pytest.mark.parametrize("text", ["O'Donnell Street", "O'Donnell St", "ODonnell St"])
def test_a_street_comes_before_one_of_which_that_is_another_name(tmp_path: Path, text: str) -> None:
    table = tmp_path / "roads.csv"
    rows = ("name,names,kind,lat,lon", "South Ellwood Avenue,O'Donnell Street,road,39.28,-76.57")
    table.write_text("\n".join([*rows, "O'Donnell Street,,road,39.29,-76.56", ""]), encoding="utf-8")
    build_gazetteer([TableSource(table)], tmp_path / "roads.gazetteer")
    linker = Linker(Gazetteer.open(tmp_path / "roads.gazetteer"))
    ((first, second),) = linker.link([Query(text, "Road/street")])
    assert (first.name, second.name) == ("O'Donnell Street", "South Ellwood Avenue")
    assert first.score > 1.5 * second.score


@pytest.mark.parametrize("text", ["Saint Louis", "St. Louis", "St Louis"])
def test_a_saint_may_be_abbreviated(make_gazetteer, text: str) -> None:
    places = [
        ("mo", "St. Louis", PlaceKind.CITY, 38.63, -90.2, "US", "MO", 301_578),
        ("sn", "Saint-Louis", PlaceKind.CITY, 16.02, -16.49, "SN", "12", 176_000),
    ]
    ((first, *_),) = Linker(Gazetteer.open(make_gazetteer(*places))).link([Query(text, "City/town")])
    assert first.id == "toy:mo"


@pytest.mark.parametrize("text", ["Zzyzx", "!!", "", "xx"])
def test_the_unknown_has_no_candidates(linker: Linker, text: str) -> None:
    assert linker.link(asked([(text, "City/town")])) == [()]


def test_no_mentions_no_links(linker: Linker) -> None:
    assert linker.link(asked([])) == []


def test_candidates_are_limited(make_gazetteer) -> None:
    places = [(f"p{number}", "Springfield", PlaceKind.CITY, 0.0, 0.0, "US", "", number) for number in range(40)]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))
    assert [len(candidates) for candidates in linker.link(asked([("Springfield", "City/town")]))] == [5]
    assert [len(candidates) for candidates in linker.link(asked([("Springfield", "City/town")]), limit=2)] == [2]
    ((first, *_),) = linker.link(asked([("Springfield", "City/town")]))
    assert first.id == "toy:p39"


def test_namesakes_on_a_par_stand_in_the_order_of_the_gazetteers(make_gazetteer) -> None:
    one = make_gazetteer(("one", "Twin", PlaceKind.CITY), name="one")
    two = make_gazetteer(("two", "Twin", PlaceKind.CITY), name="two")
    assert best(Linker(Gazetteer.open(one, two)), ("Twin", "City/town")) == ["one"]
    assert best(Linker(Gazetteer.open(two, one)), ("Twin", "City/town")) == ["two"]


names = st.sampled_from(["Paris", "Texas", "New York", "Freeprot", "the Bahamas", "Main St", "NYC", "USA", "nowhere"])


@given(st.lists(st.tuples(names | st.text(max_size=12), st.sampled_from([*TYPES, "no type at all"])), max_size=6))
def test_scores_are_sorted_shares_with_reasons(linker: Linker, mentions: list[tuple[str, str]]) -> None:
    links = linker.link(asked(mentions))
    assert len(links) == len(mentions)
    for candidates in links:
        assert all(0 <= candidate.score <= 1 for candidate in candidates)
        assert all(left.score >= right.score for left, right in pairwise(candidates))
        assert all(candidate.reason for candidate in candidates)
        assert len({candidate.id for candidate in candidates}) == len(candidates)


@pytest.mark.parametrize(
    ("text", "chained", "listed"),
    [
        ("Freeport, Texas", True, False),
        ("Freeport #Texas", True, False),
        ("Freeport,Texas", True, False),
        ("Freeport and Texas", False, True),
        ("Freeport, & Texas", False, True),
        ("Freeport/#Texas", False, True),
        ("Freeport. Texas", False, False),
        ("Freeport or andTexas", False, False),
        ("Between Freeport and Texas", False, False),
        ("from #Freeport and Texas", False, False),
    ],
)
def test_a_chain_is_a_comma_a_space_or_a_hash_and_a_list_an_and(text: str, chained: bool, listed: bool) -> None:
    freeport, texas = text.index("Freeport"), text.index("Texas")
    spans = [(freeport, freeport + 8, "City/town"), (texas, len(text), "State")]
    first = Query("Freeport", "City/town", chained, listed=listed)
    assert queries_of(text, spans) == [first, Query("Texas", "State")]
    assert queries_of(text, []) == []


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("Moscow, Idaho", 1.0),
        ("Moscow and Lewiston, Idaho", 0.5),
        ("Moscow, Kendrick & Lewiston Idaho", 0.5),
        ("Moscow/Lewiston, Idaho", 0.5),
        ("Moscow and Lewiston and Idaho", 0.0),
        ("Moscow. Lewiston, Idaho", 0.0),
        ("between Moscow and Lewiston, Idaho", 0.0),
        ("Moscow and Maine and Lewiston, Idaho", 0.0),
    ],
)
def test_a_state_behind_a_list_is_said_of_all_of_it(make_gazetteer, text: str, shared: float) -> None:
    places = [
        ("moscow", "Moscow", PlaceKind.CITY, 55.8, 37.6, "RU", "48", 10_381_222),
        ("moscow-id", "Moscow", PlaceKind.CITY, 46.7, -117.0, "US", "ID", 25_060),
        ("lewiston", "Lewiston", PlaceKind.CITY, 46.4, -117.0, "US", "ID", 32_872),
        ("idaho", "Idaho", PlaceKind.STATE, 44.5, -114.3, "US", "ID", 1_567_582),
        ("maine", "Maine", PlaceKind.STATE, 45.5, -69.2, "US", "ME", 1_325_518),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)))
    words = list(re.finditer(r"[A-Z]\w+", text))
    types = {"Idaho": "State", "Maine": "State"}
    spans = [(word.start(), word.end(), types.get(word[0], "City/town")) for word in words]
    moscow = linker.signals(queries_of(text, spans))[0]
    column = moscow.rows[:, SIGNALS.index("in the next")]
    in_idaho = [place.id == "toy:moscow-id" for place in moscow.lone.hits.places]
    assert column == pytest.approx([shared * each for each in in_idaho], abs=0.01)


@pytest.mark.parametrize(
    ("context", "place", "reason"),
    [
        (Context(), "freeport-bs", "city"),
        (Context(countries=("US",)), "freeport-tx", "in a country asked for"),
        (Context(near=(29.0, -95.0)), "freeport-tx", "near the point given"),
        (Context(region=(-96.0, 28.0, -95.0, 30.0)), "freeport-tx", "in the region asked for"),
        (Context(region=(-79.0, 26.0, -78.0, 27.0)), "freeport-bs", "in the region asked for"),
    ],
)
def test_the_caller_s_context_decides_between_namesakes(
    linker: Linker, context: Context, place: str, reason: str
) -> None:
    ((first, *_),) = linker.link([Query("Freeport", "City/town")], context=context)
    assert first.id == f"toy:{place}"
    assert reason in first.reason


@pytest.mark.parametrize(
    "context", [Context(countries=("NZ",)), Context(near=(-41.0, 175.0)), Context(region=(170.0, -45.0, 179.0, -35.0))]
)
def test_a_context_that_no_namesake_meets_speaks_against_all_of_them(linker: Linker, context: Context) -> None:
    ((alone, *_),) = linker.link([Query("Freeport", "City/town")])
    ((elsewhere, *_),) = linker.link([Query("Freeport", "City/town")], context=context)
    assert elsewhere.id == alone.id
    assert elsewhere.score < alone.score


def test_the_event_s_other_messages_decide_between_namesakes(linker: Linker) -> None:
    texas = [[Query("Houston", "City/town")], [Query("Texas", "State")], [Query("Harris County", "County")]] * 5
    event = linker.event_shares([*texas, [Query("Freeport", "City/town")]])
    assert event.countries["US"] > 0.8
    assert event.states["US", "TX"] > 0.8
    ((first, *_),) = linker.link([Query("Freeport", "City/town")], event=event)
    assert first.id == "toy:freeport-tx"
    assert "in the state of the other messages" in first.reason


def test_a_name_does_not_vote_for_where_it_lies_itself(linker: Linker) -> None:
    event = linker.event_shares([[Query("Freeport", "City/town")]] * 10 + [[Query("Houston", "City/town")]] * 2)
    assert event.countries["BS"] > event.countries["US"]
    ((first, *_),) = linker.link([Query("Freeport", "City/town")], event=event)
    assert first.id == "toy:freeport-tx"
    ((elsewhere, *_),) = linker.link([Query("Lucayan Harbour", "")], event=event)
    assert "in the country of the other messages" in elsewhere.reason, "what it is to other names"


def test_a_little_known_namesake_far_from_the_event_is_less_likely_meant(make_gazetteer) -> None:
    places = [
        ("mati", "Mati", PlaceKind.CITY, 6.95, 126.2, "PH", "11", 2_000),
        ("athens", "Athens", PlaceKind.CITY, 37.98, 23.73, "GR", "I", 660_000),
        ("tokyo", "Tokyo", PlaceKind.CITY, 35.69, 139.69, "JP", "13", 14_000_000),
        ("aegean", "Aegean Sea", PlaceKind.NATURAL_POI, 38.5, 25.0, "", "", 0),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*places)), weights=replace(default_weights(), least_score=0.0))
    event = linker.event_shares([[Query("Athens", "City/town")]] * 5)

    def lost(name: str, type_: str) -> float:
        query, without = Query(name, type_), linker.event_shares([[Query("Nowhere", "")]])
        scores = [
            next((each.score for each in candidates if not each.approximate), 0.0)
            for shares in (without, event)
            for candidates in linker.link([query], event=shares)
        ]
        return scores[0] - scores[1]

    assert lost("Mati", "City/town") > 2 * lost("Tokyo", "City/town") > 0
    assert lost("Aegean Sea", "Natural Point-of-Interest") == 0, "it lies in no country"


def test_an_event_without_a_known_place_tells_nothing(linker: Linker) -> None:
    event = linker.event_shares([[Query("Zzyzx", "City/town")], []])
    assert linker.link([Query("Paris", "City/town")], event=event) == linker.link([Query("Paris", "City/town")])


def test_parents_stand_from_the_smallest_to_the_largest(linker: Linker, toy_gazetteer: Gazetteer) -> None:
    ((houston, *_),) = linker.link([Query("Houston", "City/town")])
    (place, *_) = toy_gazetteer.places("Houston")
    assert houston.parents == tuple(parent.name for parent in toy_gazetteer.parents(place))


@given(st.lists(names, max_size=4))
def test_a_name_that_comes_twice_is_linked_alike_and_is_no_company_to_itself(linker: Linker, others: list[str]) -> None:
    queries = [Query(name, "City/town") for name in ("Paris", *others)]
    once, twice = linker.link(queries), linker.link([*queries, queries[0]])
    assert twice[-1] == twice[0]
    assert [candidate.id for candidate in once[0]] == [candidate.id for candidate in twice[0]]


@given(st.lists(st.lists(names, max_size=6), max_size=3))
def test_a_message_is_linked_alike_whatever_came_before(toy_gazetteer: Gazetteer, messages: list[list[str]]) -> None:
    linker = Linker(toy_gazetteer)
    for message in [*messages, *messages]:
        queries = [Query(name, "City/town") for name in message]
        linked = linker.link(queries)
        assert linked == Linker(toy_gazetteer).link(queries)
        # What the caller does with the answer is not remembered.
        linked.clear()


def test_a_message_without_context_is_not_taken_for_one_with_it(linker: Linker) -> None:
    paris = asked([("Paris", "City/town")])
    alone, near, few = (
        linker.link(paris),
        linker.link(paris, context=Context(countries=("US",))),
        linker.link(paris, limit=1),
    )
    assert [each.id for each in alone[0]] == ["toy:paris-fr", "toy:paris-tx"]
    assert [each.id for each in near[0]] == ["toy:paris-tx", "toy:paris-fr"]
    assert [each.id for each in few[0]] == ["toy:paris-fr"]
    assert linker.link(paris) == alone


def test_two_places_of_the_same_name_and_state_do_not_change_with_a_third_far_away(make_gazetteer) -> None:
    linker = Linker(
        Gazetteer.open(
            make_gazetteer(
                ("here", "Twin", PlaceKind.CITY, 10.0, 10.0, "AA", "1"),
                ("there", "Twin", PlaceKind.CITY, -40.0, 100.0, "BB", "1"),
                ("beside", "Sister", PlaceKind.CITY, -40.1, 100.1, "BB", "1"),
            )
        )
    )
    (alone,) = linker.link([Query("Twin", "City/town")])
    assert {candidate.id for candidate in alone} == {"toy:here", "toy:there"}
    accompanied, _ = linker.link([Query("Twin", "City/town"), Query("Sister", "City/town")])
    assert accompanied[0].id == "toy:there"
    assert "near another mention" in accompanied[0].reason


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"near": (91.0, 0.0)}, "the latitude of near"),
        ({"near": (1.0,)}, "not 2 numbers"),
        ({"near": "12"}, "not 2 numbers"),
        ({"near": ("29", "-95")}, "not 2 numbers"),
        ({"region": (1.0, 2.0, 3.0)}, "not 4 numbers"),
        ({"near": (0.0, float("nan"))}, "the longitude of near"),
        ({"countries": ["Bahamas"]}, "'Bahamas' is no ISO 3166-1 alpha-2 code"),
        ({"countries": ["BS", "QZ"]}, "'QZ' is no ISO 3166-1 alpha-2 code"),
        ({"region": (0.0, 10.0, 5.0, -10.0)}, "the south of region"),
        ({"region": (-200.0, 0.0, 5.0, 10.0)}, "the west of region"),
    ],
)
def test_a_context_off_the_globe_is_refused(wrong: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Context.of(**wrong)  # type: ignore[arg-type]


def test_what_people_write_for_a_country_is_its_code() -> None:
    assert Context.of(countries=["uk", "EL", "BHS", "us"]).countries == ("GB", "GR", "BS", "US")


def test_a_region_may_cross_the_antimeridian() -> None:
    fiji = Context(region=(176.0, -20.0, -178.0, -15.0))
    assert fiji.holds(-17.0, 178.0)
    assert fiji.holds(-17.0, -179.0)
    assert not fiji.holds(-17.0, 0.0)


def test_fitting_finds_the_signal_that_tells_right_from_wrong() -> None:
    generator = numpy.random.default_rng(0)
    mentions = []
    for _ in range(200):
        rows = generator.random((4, len(SIGNALS)))
        right = rows[:, SIGNALS.index("country named")] == rows[:, SIGNALS.index("country named")].max()
        mentions.append(JudgedMention(rows, numpy.zeros(len(NOWHERE)), right))
    weights = fit_weights(mentions)
    assert SIGNALS[int(weights.accompanied.argmax())] == "country named"
    assert (weights.accompanied >= 0).all()
    assert weights.accompanied[SIGNALS.index("in the next")] == 6.0, "set, where nothing speaks for it"
    assert len(weights.alone) == len(ALONE)
    again = Weights.from_dict(weights.to_dict())
    assert again.accompanied == pytest.approx(weights.accompanied, abs=1e-4)


def test_weights_of_other_signals_are_refused() -> None:
    with pytest.raises(ValueError, match="the weights must be of"):
        Weights.from_dict({"alone": {"importance": 1.0}, "accompanied": {}, "nowhere": {}})


def test_nothing_to_fit_is_said() -> None:
    rows = numpy.zeros((1, len(SIGNALS)))
    with pytest.raises(ValueError, match="nothing to fit"):
        fit_weights([JudgedMention(rows, numpy.zeros(len(NOWHERE)), numpy.array([False]))])


@pytest.mark.parametrize("text", ["Guayaquil Airport", "Port of Guayaquil", "14 Guayaquil Road"])
def test_a_name_within_the_text_is_offered_for_what_it_is(linker: Linker, text: str) -> None:
    generous = linker.reweighted(replace(default_weights(), least_score=0.0))
    ((first, *_),) = generous.link([Query(text, "Human-made Point-of-Interest")])
    assert first.id == "toy:guayaquil"
    assert "only a part of the name" in first.reason
    ((whole, *_),) = linker.link([Query("Guayaquil", "City/town")])
    assert first.score < whole.score
    assert "part of the name" not in whole.reason


def test_a_name_within_the_text_stands_beside_one_spelt_much_like_it(make_gazetteer) -> None:
    cities = [
        ("benin", "Benin Town", PlaceKind.CITY, 6.33, 5.63, "NG", "37", 1_495_800),
        ("beira", "Beira", PlaceKind.CITY, -19.84, 34.84, "MZ", "05", 530_604),
        ("sofala", "Sofala", PlaceKind.STATE, -19.08, 34.72, "MZ", "05", 2_221_803),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*cities)))
    candidates, _ = linker.link(asked([("Beira Town", "City/town"), ("Sofala", "State")]))
    reasons = {candidate.id: candidate.reason for candidate in candidates}
    assert "spelt much like it" in reasons["toy:benin"]
    assert "only a part of the name" in reasons["toy:beira"]
    assert candidates[0].id == "toy:beira", "where the message is about"


_KENT = (
    ("town", "Kent", PlaceKind.CITY, 47.38, -122.23, "US", "WA", 136_588),
    ("county", "Kent", PlaceKind.COUNTY, 51.24, 0.72, "GB", "ENG", 1_568_600),
    ("houston", "Houston", PlaceKind.CITY, 29.76, -95.36, "US", "TX", 2_304_580),
    ("city-of-kent", "City of Kent", PlaceKind.DISTRICT, 41.15, -81.36, "US", "OH", 28_215),
    ("housten", "Central Housten", PlaceKind.CITY, 44.0, -110.0, "US", "WY", 900),
    ("orleans-parish", "Orleans Parish", PlaceKind.COUNTY, 30.07, -89.93, "US", "LA", 383_997),
    ("orleans", "Orleans", PlaceKind.STATE, 47.9, 1.9, "FR", "CVL", 900_000),
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Town of Kent", "town"),
        ("the town of Kent", "town"),
        ("County of Kent", "county"),
        ("City of Houston", "houston"),
        ("City of the Houston", "houston"),
        ("City of Kent", "city-of-kent"),
        ("Parish of Orleans", "orleans-parish"),
        ("Kingdom of Kent", None),
    ],
)
def test_what_a_place_is_called_before_of_says_which_is_meant(make_gazetteer, text: str, place: str | None) -> None:
    hits = Linker(Gazetteer.open(make_gazetteer(*_KENT))).hits(text)
    assert [each.id for each in hits.places if hits.exact] == ([f"toy:{place}"] if place else [])


@pytest.mark.parametrize(
    "text", ["downtown Houston", "Greater Houston area", "Houston metropolitan area", "north west Houston"]
)
def test_a_part_of_a_place_and_what_is_around_it_are_placed_there(make_gazetteer, text: str) -> None:
    linker = Linker(Gazetteer.open(make_gazetteer(*_KENT)))
    ((first, *others),) = linker.link([Query(text, "City/town")])
    assert first.id == "toy:houston"
    assert not others
    assert "only a part of the name" in first.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("south bend city", ["south bend", "bend city", "bend"]),
        ("north west carolina", ["west carolina", "carolina"]),
        ("greater london metro area", ["greater london metro", "london metro area", "greater london", "london metro"]),
        ("coastal area", []),
        ("area", []),
        ("houston", []),
        ("", []),
    ],
)
def test_as_little_as_possible_is_taken_off_a_name(text: str, expected: list[str]) -> None:
    assert list(wholes(text))[: len(expected) or None] == expected


@pytest.mark.parametrize("text", ["Central Market", "coastal area", "North Side"])
def test_an_everyday_word_is_no_place_of_which_there_is_a_part(make_gazetteer, text: str) -> None:
    places = [
        ("market", "Market", PlaceKind.CITY, 46.5, -87.4, "US", "MI", 20_000),
        ("side", "Side", PlaceKind.CITY, 36.8, 31.4, "TR", "07", 14_500),
        ("area", "Area", PlaceKind.CITY, 42.2, -88.0, "US", "IL", 31_000),
    ]
    assert not Linker(Gazetteer.open(make_gazetteer(*places))).hits(text).places


@pytest.mark.parametrize(
    ("one", "other", "opposed"),
    [
        ("lower east side", "lower west side", True),
        ("county road 113", "county road 30", True),
        ("southern mindanao", "northern mindanao", True),
        ("suothern mindanao", "northern mindanao", False),
        ("e main street", "w main street", True),
        ("main street", "west main street", False),
        ("freeprot", "freeport", False),
        ("east side", "east side", False),
    ],
)
def test_directions_and_numbers_are_no_slips_of_the_pen(one: str, other: str, opposed: bool) -> None:
    assert are_opposed(one, other) == are_opposed(other, one) == opposed


def test_a_road_of_another_number_is_another_road(make_gazetteer) -> None:
    roads = [
        ("30", "County Road 30", PlaceKind.ROAD, 40.1, -83.0, "US", "OH", 0),
        ("mill", "Mill Creek Road", PlaceKind.ROAD, 40.2, -83.0, "US", "OH", 0),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*roads)))
    assert not linker.hits("County Road 130").places
    assert linker.hits("Mil Creek Road").fuzzy


def test_a_misspelt_name_with_a_direction_is_no_part_of_another(make_gazetteer) -> None:
    states = [
        ("north", "North Carolina", PlaceKind.STATE, 35.5, -79.4, "US", "NC", 10_439_388),
        ("carlina", "Carlina", PlaceKind.CITY, 18.2, -66.0, "PR", "031", 9_000),
    ]
    ((first, *_),) = Linker(Gazetteer.open(make_gazetteer(*states))).link([Query("North Carlina", "State")])
    assert first.id == "toy:north"


def test_mentions_that_hold_the_same_name_are_no_company_to_each_other(make_gazetteer) -> None:
    cities = [
        ("canyon", "Canyon", PlaceKind.CITY, 34.98, -101.92, "US", "TX", 16_000),
        ("malibu", "Malibu", PlaceKind.CITY, 34.03, -118.78, "US", "CA", 12_700),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*cities)), weights=replace(default_weights(), least_score=0.0))
    road = ("Temescal Canyon Rd", "Road/street")
    beside_malibu, beside_a_canyon, beside_the_town = (
        linker.link(asked([road, other]))[0]
        for other in [("Malibu", "City/town"), ("Topanga Canyon", "Natural Point-of-Interest"), ("Canyon", "City/town")]
    )
    assert [candidate.id for candidate in beside_a_canyon] == ["toy:canyon"]
    assert "another mention" not in beside_a_canyon[0].reason
    assert "near another mention" in beside_the_town[0].reason
    assert "near another mention" not in beside_malibu[-1].reason


@pytest.mark.parametrize(("code", "name"), [("PA", "Pennsylvania"), ("in", "Indiana"), ("OR", "Oregon")])
def test_a_postal_code_that_is_a_word_means_the_state_all_the_same(make_gazetteer, code: str, name: str) -> None:
    states = [
        ("state", name, PlaceKind.STATE, 40.0, -80.0, "US", "XX"),
        ("elsewhere", name, PlaceKind.STATE, 1, 1, "NL"),
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*states)))
    (candidates,) = linker.link([Query(code, "State")])
    assert [candidate.id for candidate in candidates] == ["toy:state"]


@pytest.mark.parametrize(("town", "state"), [("Perth", "western"), ("Seattle", "washington")])
def test_wa_is_the_state_in_which_the_town_before_it_lies(make_gazetteer, town: str, state: str) -> None:
    wa = [("WA", NameKind.ABBREVIATION)]
    folder = make_gazetteer(
        ("washington", "Washington", PlaceKind.STATE, 47.5, -120.5, "US", "WA", 7_705_281, wa),
        ("western", "Western Australia", PlaceKind.STATE, -25.2, 122.2, "AU", "08", 2_859_000),
        ("perth", "Perth", PlaceKind.CITY, -31.9, 115.9, "AU", "08", 2_192_229),
        ("seattle", "Seattle", PlaceKind.CITY, 47.6, -122.3, "US", "WA", 737_015),
    )
    place, code = Linker(Gazetteer.open(folder)).link([Query(town, "City/town", chained=True), Query("WA", "State")])
    assert [place[0].id, code[0].id] == [f"toy:{town.lower()}", f"toy:{state}"]


def test_one_of_many_namesakes_is_meant_but_none_of_many_names_within(make_gazetteer) -> None:
    towns = [
        (f"{number}", "Oakville", PlaceKind.CITY, number - 20.0, 3.0 * number, "US", f"{number}", 9_000)
        for number in range(24)
    ]
    linker = Linker(Gazetteer.open(make_gazetteer(*towns)), weights=replace(default_weights(), least_score=0.1))
    named, within = Query("Oakville", "City/town"), Query("Oakville Airport", "Human-made Point-of-Interest")
    assert linker.reweighted(replace(default_weights(), least_score=0.0)).link([within]) != [()]
    assert [bool(candidates) for candidates in linker.link([named, within])] == [True, False]


def test_below_the_least_score_there_is_no_candidate(linker: Linker) -> None:
    query = Query("Freeport", "City/town")
    strict = linker.reweighted(replace(default_weights(), least_score=1.0))
    assert strict.link([query]) == [()]
    assert linker.link([query]) != [()]


def test_calibration_learns_how_often_a_score_is_right() -> None:
    generator = numpy.random.default_rng(0)
    scores = generator.random(20_000)
    right = generator.random(20_000) < scores**2
    calibration = fit_calibration(scores.tolist(), right.tolist())
    for score in (0.3, 0.5, 0.8):
        assert calibration(score) == pytest.approx(score**2, abs=0.05)
    assert Calibration.from_dict(calibration.to_dict())(0.7) == pytest.approx(calibration(0.7), abs=1e-3)
    with pytest.raises(ValueError, match="nothing to calibrate by"):
        fit_calibration([0.5, 0.6], [True, True])


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.floats(0, 5), st.floats(0, 5), st.floats(-5, 5))
def test_calibration_keeps_the_order_within_0_and_1(values: list[float], one: float, two: float, offset: float) -> None:
    calibrated = [Calibration(one, two, offset)(value) for value in sorted(values)]
    assert all(0 <= left <= right <= 1 for left, right in pairwise(calibrated))
    assert [UNCALIBRATED(value) for value in values] == values


def test_a_calibration_that_turns_the_order_around_is_refused() -> None:
    with pytest.raises(ValueError, match="not below 0"):
        Calibration(-1.0, 1.0, 0.0)
