"""The rules, one by one: where each fires, where it does not, and what all of them leave standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Match, NameFacts, NameKind, PlaceKind, normalize_name, tokenize
from lmr_hybrid.reconcile import RULES, Draft, Evidence, Thresholds, reconcile
from lmr_hybrid.tagging.decoding import TagProbabilities, decode

TYPES = ("City/town", "Country", "State")
LINES = Thresholds(unknown=0.65)
INSIDE = {"O": 0, "B": 1, "I": 2, "E": 3, "S": 4}


def match_of(text: str, name: str, *kinds: NameKind, english: float = 2.0, importance: float = 0.5) -> Match:
    tokens = tokenize(text)
    start = text.index(name)
    inside = [number for number, token in enumerate(tokens) if start <= token.start < start + len(name)]
    facts = NameFacts((PlaceKind.CITY,), kinds or (NameKind.NAME,), 1, importance, english)
    return Match(start, start + len(name), inside[0], inside[-1], normalize_name(name), facts)


def evidence(text: str, tags: str, location: Sequence[float] = (), *, matches: Sequence[Match] = ()) -> Evidence:
    """Return evidence in which token i has the tag `tags[i]`; its probability of being no place is 1 - `location[i]`.

    Without `location` the tagger is all but sure of its tags.
    """
    tokens = tokenize(text)
    assert len(tags) == len(tokens)
    positions = numpy.full((len(tokens), 5), 0.0, numpy.float32)
    for index, tag in enumerate(tags):
        inside = location[index] if location else (0.02 if tag == "O" else 0.98)
        positions[index, 1:] = inside * 0.04
        positions[index, 0] = 1 - inside
        positions[index, INSIDE[tag] or 4] = inside * 0.88
    types = numpy.tile(numpy.array([0.8, 0.1, 0.1], numpy.float32), (len(tokens), 1))
    return Evidence(text, tokens, matches, TagProbabilities(positions, types), TYPES)


def run(rule: str, given_: Evidence, thresholds: Thresholds = LINES) -> list[Draft]:
    return reconcile(given_, thresholds=thresholds, rules=[rule])


def words(given_: Evidence, drafts: Sequence[Draft]) -> list[str]:
    return [given_.text[given_.tokens[d.first].start : given_.tokens[d.last].end] for d in drafts]


def test_no_rules_is_what_the_tagger_says() -> None:
    given_ = evidence("In New York, Paris", "OBEOS", matches=[match_of("In New York, Paris", "Paris")])
    drafts = reconcile(given_, rules=())
    assert [draft.span for draft in drafts] == decode(given_.probabilities, TYPES)
    assert words(given_, drafts) == ["New York", "Paris"]
    assert [draft.rules for draft in drafts] == [(), ()]
    assert [draft.sources for draft in drafts] == [{"neural"}, {"neural", "gazetteer"}]


def test_every_rule_is_named_after_its_function() -> None:
    assert all(name == rule.__name__ for name, rule in RULES.items())


def test_drop_symbols_leaves_whatever_has_a_letter_or_a_digit() -> None:
    given_ = evidence("Help \U0001f1f5\U0001f1f7 ‼ St. 4 now", "OBESBIEO")
    assert words(given_, run("drop_symbols", given_)) == ["St. 4"]


@pytest.mark.parametrize(
    ("text", "tags", "names", "found"),
    [
        ("In the P.R. now", "OOBIEOO", (), "P.R."),
        ("near Sanger, Calif. - now", "OOOSOOO", ("Calif",), "Calif."),
        ("In Paris. Now", "OSOO", (), "Paris"),
        ("Miami, FL. Now", "OOSOO", ("FL",), "FL"),
        ("In Calif now", "OSO", ("Calif",), "Calif"),
        ("In Calif . now", "OSOO", ("Calif",), "Calif"),
        ("In Calif... now", "OSOO", ("Calif",), "Calif"),
        ("In Calif", "OS", ("Calif",), "Calif"),
    ],
    ids=["letters", "abbreviation", "sentence end", "capitals", "no stop", "space between", "ellipsis", "end of text"],
)
def test_close_abbreviation(text: str, tags: str, names: tuple[str, ...], found: str) -> None:
    matches = [match_of(text, name, NameKind.ABBREVIATION) for name in names]
    given_ = evidence(text, tags, matches=matches)
    (draft,) = run("close_abbreviation", given_)
    assert words(given_, [draft]) == [found]
    assert bool(draft.rules) == found.endswith(".")


def test_close_abbreviation_takes_no_stop_of_the_next_mention() -> None:
    text = "In Calif.Paris"
    given_ = evidence(text, "OSBE", matches=[match_of(text, "Calif", NameKind.ABBREVIATION)])
    assert words(given_, run("close_abbreviation", given_)) == ["Calif", ".Paris"]


@pytest.mark.parametrize(
    ("text", "span", "found"),
    [
        ("In Calif. now", "Calif.", "Calif"),
        ("In Texas's. north", "Texas's.", "Texas"),
        ("In Texas\u2019s north", "Texas\u2019s", "Texas"),
        ("So #Texas now", "#Texas", "Texas"),
        ("In The Bronx now", "The Bronx", "Bronx"),
        ("So #The Bronx\u2019s. now", "#The Bronx\u2019s.", "Bronx"),
        ("In Texas now", "Texas", "Texas"),
        ("In Paris, Texas now", "Paris, Texas", None),
        ("In Texas b now", "Texas b", None),
        ("In Texas's's now", "Texas's's", None),
    ],
)
def test_a_span_is_known_without_what_clings_to_a_name(text: str, span: str, found: str | None) -> None:
    names = [name for name in ("Calif", "Texas", "Bronx") if name in text]
    given_ = evidence(text, "O" * len(tokenize(text)), matches=[match_of(text, name) for name in names])
    start = text.index(span)
    inside = [n for n, token in enumerate(given_.tokens) if start <= token.start < start + len(span)]
    match = given_.name_of(inside[0], inside[-1])
    assert (text[match.start : match.end] if match else None) == found


def test_a_longer_name_is_preferred_to_what_is_left_without_its_article() -> None:
    text = "In The Hague"
    given_ = evidence(text, "OBE", matches=[match_of(text, "The Hague"), match_of(text, "Hague")])
    match = given_.name_of(1, 2)
    assert match is not None
    assert match.name == "the hague"


#: The rules that add names, and the facts with which each adds one.
_ADDED_BY = {"add_important_name": (0.7, 4.0), "add_rare_name": (0.1, 2.0)}
adding = pytest.mark.parametrize("rule", _ADDED_BY)


def add_names(rule: str, text: str, *matches: Match, likely: float = 0.4) -> list[str]:
    """Return what is added to a text whose words are all as likely locations, none marked."""
    size = len(tokenize(text))
    given_ = evidence(text, "O" * size, [likely] * size, matches=matches)
    drafts = run(rule, given_)
    assert all((draft.sources, draft.rules) == ({"gazetteer"}, (rule,)) for draft in drafts)
    return words(given_, drafts)


def addable(rule: str, text: str, name: str, kind: NameKind = NameKind.NAME) -> Match:
    importance, english = _ADDED_BY[rule]
    return match_of(text, name, kind, importance=importance, english=english)


@adding
@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("Rain in Texas now", True),
        ("rain in #texas now", True),
        ("Rain in Texas, Rangers said", True),
        ("Rain in TEXAS Rangers", False),
        ("Rain at Texas Rangers", False),
        ("Rain at Central Texas now", False),
        ("It is over. Central Texas", True),
        ("Central Texas", True),
        ("NEW Texas law", True),
        ("rain in texas now", False),
        ("@Texas now", False),
    ],
)
def test_a_name_is_added_that_is_written_as_one_and_stands_alone(rule: str, text: str, added: bool) -> None:
    name = next(name for name in ("Texas", "texas", "TEXAS") if name in text)
    assert add_names(rule, text, addable(rule, text, name)) == ([name] if added else [])


@adding
def test_neighbouring_names_are_taken_for_names(rule: str) -> None:
    text = "Rain at Austin Texas Mexico"
    others = [match_of(text, name, importance=0.1, english=4.0) for name in ("Austin", "Mexico")]
    assert add_names(rule, text, others[0], addable(rule, text, "Texas"), others[1]) == ["Texas"]


@pytest.mark.parametrize(
    ("rule", "importance", "english", "kind", "likely"),
    [
        ("add_important_name", 0.59, 2.0, NameKind.NAME, 0.4),
        ("add_important_name", 0.7, 4.6, NameKind.NAME, 0.4),
        ("add_important_name", 0.7, 2.0, NameKind.DEMONYM, 0.4),
        ("add_important_name", 0.7, 2.0, NameKind.NAME, 0.3),
        ("add_rare_name", 0.7, 2.6, NameKind.NAME, 0.4),
        ("add_rare_name", 0.1, 2.0, NameKind.DEMONYM, 0.4),
        ("add_rare_name", 0.1, 2.0, NameKind.VARIANT, 0.4),
        ("add_rare_name", 0.1, 2.0, NameKind.NAME, 0.3),
    ],
)
def test_no_name_is_added(rule: str, importance: float, english: float, kind: NameKind, likely: float) -> None:
    text = "Rain in Texas now"
    name = match_of(text, "Texas", kind, english=english, importance=importance)
    assert add_names(rule, text, name, likely=likely) == []


@adding
def test_no_name_is_added_inside_a_mention(rule: str) -> None:
    text = "In Texas City now"
    given_ = evidence(text, "OBEO", matches=[addable(rule, text, "Texas")])
    assert words(given_, run(rule, given_)) == ["Texas City"]


@pytest.mark.parametrize(
    ("text", "tags", "importance", "found"),
    [
        ("In Srinagar's Rajbagh now", "OBIIEO", 0.7, ["Srinagar", "Rajbagh"]),
        ("In Srinagar\u2019s Lal Chowk", "OBIIIE", 0.7, ["Srinagar", "Lal Chowk"]),
        ("In Srinagar's Rajbagh now", "OBIIEO", 0.64, ["Srinagar's Rajbagh"]),
        ("In Srinagar's airport now", "OBIIEO", 0.7, ["Srinagar's airport"]),
        ("In old Srinagar's Rajbagh", "OBIIIE", 0.7, ["old Srinagar's Rajbagh"]),
        ("In Srinagar's now", "OBIEO", 0.7, ["Srinagar's"]),
    ],
)
def test_split_possessive(text: str, tags: str, importance: float, found: list[str]) -> None:
    given_ = evidence(text, tags, matches=[match_of(text, "Srinagar", importance=importance)])
    thresholds = replace(LINES, important=0.65)
    (whole,) = reconcile(given_, rules=())
    parts = run("split_possessive", given_, thresholds)
    assert words(given_, parts) == found
    assert {part.span.score for part in parts} == {whole.span.score}
    assert all(part.rules == (("split_possessive",) if len(found) > 1 else ()) for part in parts)


def test_split_possessive_leaves_a_name_whole() -> None:
    text = "In Victoria's Harbour now"
    for longer in ("Victoria's Harbour", "Victoria's Harbour now"):
        names = [match_of(text, "Victoria", importance=0.9), match_of(text, longer)]
        given_ = evidence(text, "OBIIIE", matches=names)
        assert words(given_, run("split_possessive", given_)) == ["Victoria's Harbour now"]


VIC = (PlaceKind.STATE,)


@pytest.mark.parametrize(
    ("text", "tags", "english", "kinds", "found"),
    [
        ("In Bendigo VIC now", "OBEO", 2.0, VIC, ["Bendigo", "VIC"]),
        ("In Bendigo, VIC now", "OBIEO", 2.0, VIC, ["Bendigo", "VIC"]),
        ("In Bendigo VIC now", "OBEO", 4.6, VIC, ["Bendigo VIC"]),
        ("In Bendigo VIC now", "OBEO", 2.0, (PlaceKind.CITY,), ["Bendigo VIC"]),
        ("In Geelong VIC now", "OBEO", 2.0, VIC, ["Geelong VIC"]),
        ("In Bendigo, VIC now", "OSOSO", 2.0, VIC, ["Bendigo", "VIC"]),
    ],
)
def test_split_off_state(text: str, tags: str, english: float, kinds: tuple[PlaceKind, ...], found: list[str]) -> None:
    town = match_of(text, text.split()[1].strip(","), english=english)
    state = match_of(text, "VIC")
    state = replace(state, facts=replace(state.facts, kinds=kinds))
    given_ = evidence(text, tags, matches=[town, state])
    given_ = replace(given_, lies_in=lambda name, area: (name, area) == ("Bendigo", "VIC"))
    parts = run("split_off_state", given_)
    assert words(given_, parts) == found
    if len(found) > 1 and "split_off_state" in parts[0].rules:
        assert parts[1].span.type == "State"


def test_split_off_state_leaves_a_name_whole() -> None:
    text = "In Kansas City now"
    city = match_of(text, "City")
    parts = [match_of(text, "Kansas"), replace(city, facts=replace(city.facts, kinds=VIC))]
    given_ = evidence(text, "OBEO", matches=[*parts, match_of(text, "Kansas City")])
    given_ = replace(given_, lies_in=lambda _name, _area: True)
    assert words(given_, run("split_off_state", given_)) == ["Kansas City"]
    given_ = replace(given_, matches=parts)
    assert words(given_, run("split_off_state", given_)) == ["Kansas", "City"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4410 Yale St apt 12", "4410 Yale St"),
        ("4410 Yale St, Apt. B", "4410 Yale St"),
        ("88 Grand Ave suite 200", "88 Grand Ave"),
        ("88 Grand Ave, Suite C", "88 Grand Ave"),
        ("215 Oak Lane unit", "215 Oak Lane"),
        ("1702 W 34th St #4", "1702 W 34th St"),
        ("1702 W 34th St #love", "1702 W 34th St #love"),
        ("12 North Flat Rd", "12 North Flat Rd"),
        ("12 Suite St", "12 Suite St"),
        ("Oak Lane unit 5", "Oak Lane unit 5"),
        ("12", "12"),
    ],
)
def test_cut_unit(text: str, found: str) -> None:
    size = len(tokenize(text))
    given_ = evidence(text, "S" if size == 1 else "B" + "I" * (size - 2) + "E")
    assert words(given_, run("cut_unit", given_)) == [found]


@pytest.mark.parametrize(
    ("text", "tags", "found"),
    [
        ("In Bangor, ME now", "OSOOO", ["Bangor", "ME"]),
        ("In Bangor ME now", "OSOO", ["Bangor"]),
        ("In Bangor MA now", "OSOO", ["Bangor", "MA"]),
        ("IN BANGOR MA NOW", "OSOO", ["BANGOR"]),
        ("IN BANGOR, MA NOW", "OSOOO", ["BANGOR", "MA"]),
        ("In Bangor, Me now", "OSOOO", ["Bangor"]),
        ("In Bangor, MA's best", "OSOOOOO", ["Bangor"]),
        ("In Bangor, MA", "OSOS", ["Bangor", "MA"]),
        ("In Bangor, MA Town", "OSOBE", ["Bangor", "MA Town"]),
        ("In Boston, MA now", "OSOOO", ["Boston"]),
        ("In Bangor,", "OSO", ["Bangor"]),
        ("In Bangor", "OS", ["Bangor"]),
    ],
)
def test_add_state_code(text: str, tags: str, found: list[str]) -> None:
    given_ = replace(evidence(text, tags), lies_in=lambda name, area: name.lower() == "bangor" and len(area) == 2)
    drafts = run("add_state_code", given_)
    assert words(given_, drafts) == found
    for place, code in pairwise(drafts):
        if code.rules:
            assert (code.span.type, code.span.score, code.sources) == ("State", place.span.score, {"gazetteer"})


@pytest.mark.parametrize(
    ("text", "tags", "type_"),
    [("In York, PA now", "OSOSO", "State"), ("In York and PA now", "OSOSO", "City/town")],
)
def test_type_by_kind_leaves_a_state_code_behind_a_place_alone(text: str, tags: str, type_: str) -> None:
    given_ = evidence(text, tags, matches=[match_of(text, "PA")])
    given_.probabilities.types[3] = [0.1, 0.1, 0.8]
    _, code = run("type_by_kind", given_)
    assert code.span.type == type_


def test_no_name_is_added_that_says_where_a_road_leads() -> None:
    text = "Skyway WB closed, WB floods"
    given_ = evidence(text, "SOOOOO", [0.98, 0.5, 0.1, 0.1, 0.5, 0.1])
    first = match_of(text, "WB", importance=0.9)
    second = replace(first, start=18, end=20, first_token=4, last_token=4)
    given_ = replace(given_, matches=[first, second], types=("Road/street", "Country", "State"))
    assert [draft.first for draft in run("add_important_name", given_)] == [0, 4]
    given_ = replace(given_, types=("City/town", "Country", "State"))
    assert [draft.first for draft in run("add_important_name", given_)] == [0, 1, 4]


@pytest.mark.parametrize(
    ("kinds", "type_"),
    [
        ((PlaceKind.STATE,), "State"),
        ((PlaceKind.COUNTRY, PlaceKind.STATE), "State"),
        ((PlaceKind.CITY,), "City/town"),
        ((PlaceKind.ISLAND,), "City/town"),
    ],
)
def test_an_added_name_has_a_type_that_its_places_have(kinds: tuple[PlaceKind, ...], type_: str) -> None:
    text = "Rain in Kashmir now"
    name = match_of(text, "Kashmir", importance=0.9)
    given_ = evidence(text, "OOOO", [0.5] * 4, matches=[replace(name, facts=replace(name.facts, kinds=kinds))])
    given_.probabilities.types[2] = [0.7, 0.1, 0.2]
    (draft,) = run("add_important_name", given_)
    assert draft.span.type == type_


@pytest.mark.parametrize(
    ("score", "kinds", "left"),
    [
        (0.9, (NameKind.DEMONYM,), []),
        (0.97, (NameKind.DEMONYM,), ["Italian"]),
        (0.9, (NameKind.NAME, NameKind.DEMONYM), ["Italian"]),
        (0.9, (), ["Italian"]),
    ],
    ids=["a people", "a people, and all but sure", "a place too", "unknown"],
)
def test_drop_demonym(score: float, kinds: tuple[NameKind, ...], left: list[str]) -> None:
    text = "The Italian PM"
    matches = [match_of(text, "Italian", *kinds)] if kinds else []
    given_ = evidence(text, "OSO", matches=matches)
    given_.probabilities.positions[1] = (1 - score, 0, 0, 0, score)
    assert words(given_, run("drop_demonym", given_)) == left


@pytest.mark.parametrize(
    ("text", "score", "likeness", "left"),
    [
        ("In Islambad", 0.6, 94.0, True),
        ("In Islambad", 0.6, 92.0, False),
        ("In Islambad", 0.4, 94.0, False),
        ("In Islbd", 0.6, 94.0, False),
        ("In Islambad", 0.9, 0.0, True),
    ],
    ids=["like a name", "not enough like one", "too doubtful", "too short to tell", "sure anyway"],
)
def test_a_misspelt_name_is_held_to_the_line_of_known_ones(
    text: str, score: float, likeness: float, left: bool
) -> None:
    asked: list[str] = []

    def ask(name: str) -> float:
        asked.append(name)
        return likeness

    given_ = replace(evidence(text, "OS"), likeness=ask)
    given_.probabilities.positions[1] = (1 - score, 0, 0, 0, score)
    drafts = reconcile(given_, rules=["note_misspelling", "drop_doubtful"])
    assert words(given_, drafts) == (["".join(text.split()[1:])] if left else [])
    assert all(("fuzzy" in draft.sources) == (draft.rules == ("note_misspelling",)) for draft in drafts)
    assert set(asked) <= {"islambad"}
    if score == 0.9:
        assert asked == []


def test_nobody_asks_how_like_a_name_is_to_itself() -> None:
    text = "In Calif. now"
    given_ = evidence(text, "OBEO", matches=[match_of(text, "Calif")])
    given_.probabilities.positions[1:3] *= 0.6

    def ask(name: str) -> float:
        raise AssertionError(name)

    assert words(given_, run("note_misspelling", replace(given_, likeness=ask))) == ["Calif."]


@pytest.mark.parametrize(
    ("location", "english", "left"),
    [
        (0.7, None, []),
        (0.8, None, ["Kaikoura"]),
        (0.5, 5.0, []),
        (0.6, 5.0, ["Kaikoura"]),
        (0.2, 2.0, []),
        (0.3, 2.0, ["Kaikoura"]),
    ],
    ids=["unknown", "unknown but sure", "known", "known and sure", "known and rare", "known, rare and likelier"],
)
def test_drop_doubtful_asks_most_of_the_unknown_and_least_of_the_rare(
    location: float, english: float | None, left: list[str]
) -> None:
    # The score of a single token is its share of "S": `location` * 0.88.
    text = "In Kaikoura now"
    matches = [] if english is None else [match_of(text, "Kaikoura", english=english)]
    given_ = evidence(text, "OSO", [0.02, location, 0.02], matches=matches)
    given_.probabilities.positions[1, 0] = 0.0
    assert words(given_, run("drop_doubtful", given_)) == left


@pytest.mark.parametrize(
    ("text", "location", "known", "left"),
    [
        ("In # SOSKerala now", 0.85, False, []),
        ("In # SOSKerala now", 0.95, False, ["SOSKerala"]),
        ("In # SOSKerala now", 0.7, True, ["SOSKerala"]),
        ("In @ SOSKerala now", 0.85, False, ["SOSKerala"]),
    ],
    ids=["unknown", "unknown but sure", "known", "no hashtag"],
)
def test_drop_doubtful_asks_more_of_an_unknown_hashtag(
    text: str, location: float, known: bool, left: list[str]
) -> None:
    # The score of a single token is its share of "S": `location` * 0.88.
    matches = [match_of(text, "SOSKerala", english=5.0)] if known else []
    given_ = evidence(text, "OOSO", [0.02, 0.02, location, 0.02], matches=matches)
    lines = Thresholds(unknown=0.65, unknown_hashtag=0.8)
    assert words(given_, run("drop_doubtful", given_, lines)) == left


@pytest.mark.parametrize(("importance", "left"), [(0.5, []), (0.7, ["Reading"])])
def test_drop_doubtful_asks_little_of_an_important_place_under_a_common_name(
    importance: float, left: list[str]
) -> None:
    text = "In Reading now"
    name = match_of(text, "Reading", english=5.0, importance=importance)
    given_ = evidence(text, "OSO", [0.02, 0.3, 0.02], matches=[name])
    given_.probabilities.positions[1, 0] = 0.0
    assert words(given_, run("drop_doubtful", given_)) == left


WIDE = replace(LINES, outside_bias=-3.0)


def test_add_doubtful_adds_what_the_tagger_passed_over() -> None:
    text = "In Marsh Town or Paris"
    given_ = evidence(text, "OBEOS", [0.02, 0.2, 0.2, 0.02, 0.98])
    assert words(given_, run("add_doubtful", given_)) == ["Paris"]
    added, paris = run("add_doubtful", given_, WIDE)
    assert words(given_, [added, paris]) == ["Marsh Town", "Paris"]
    assert (added.rules, added.sources, paris.rules) == (("add_doubtful",), {"neural"}, ())
    assert added.span.score == pytest.approx(0.2 * 0.88)


def test_add_doubtful_brings_back_what_was_dropped_and_closes_abbreviations() -> None:
    text = "near Calif. now"
    calif = match_of(text, "Calif", NameKind.ABBREVIATION, english=5.0)
    given_ = evidence(text, "OSOO", [0.02, 0.3, 0.02, 0.02], matches=[calif])
    given_.probabilities.positions[1, 0] = 0.2
    assert reconcile(given_, thresholds=LINES) == []
    (draft,) = reconcile(given_, thresholds=WIDE)
    assert words(given_, [draft]) == ["Calif."]
    assert draft.rules == ("add_doubtful", "close_abbreviation")


@pytest.mark.parametrize(
    ("kinds", "type_"),
    [
        ((PlaceKind.COUNTRY,), "Country"),
        ((PlaceKind.COUNTRY, PlaceKind.CITY), "City/town"),
        ((PlaceKind.STATE,), "City/town"),
        ((PlaceKind.ROAD,), "City/town"),
    ],
    ids=["one kind", "several kinds", "a state", "a type the tagger does not know"],
)
def test_type_by_kind(kinds: tuple[PlaceKind, ...], type_: str) -> None:
    text = "In Kaikoura now"
    match = match_of(text, "Kaikoura")
    given_ = evidence(text, "OSO", matches=[replace(match, facts=replace(match.facts, kinds=kinds))])
    (draft,) = run("type_by_kind", given_)
    assert draft.span.type == type_
    assert draft.rules == (("type_by_kind",) if type_ == "Country" else ())


@pytest.mark.parametrize(
    ("tagged", "kind", "type_"),
    [
        ("Road/street", PlaceKind.CITY, "Road/street"),
        ("Human-made Point-of-Interest", PlaceKind.STATE, "Human-made Point-of-Interest"),
        ("Neighborhood", PlaceKind.COUNTRY, "Neighborhood"),
        ("Road/street", PlaceKind.HUMAN_POI, "Human-made Point-of-Interest"),
        ("City/town", PlaceKind.ROAD, "Road/street"),
    ],
)
def test_a_town_of_that_name_makes_no_town_of_a_street(tagged: str, kind: PlaceKind, type_: str) -> None:
    text = "Crash on Broadway now"
    match = match_of(text, "Broadway")
    given_ = evidence(text, "OOSO", matches=[replace(match, facts=replace(match.facts, kinds=(kind,)))])
    given_ = replace(given_, types=(tagged, type_ if type_ != tagged else "City/town", "Country"))
    (draft,) = run("type_by_kind", given_)
    assert (draft.span.type, draft.rules) == (type_, ("type_by_kind",) if type_ != tagged else ())


TEXT = "#Paris St. Louis @x New York City, Hurricane Paris's York! U.S. New York, ME 12 Elm St #4"
TOKENS = tokenize(TEXT)
shares = st.integers(0, 1000)


@st.composite
def any_evidence(draw: st.DrawFn) -> Evidence:
    size = len(TOKENS)
    weights = numpy.array(draw(st.lists(st.lists(shares, min_size=8, max_size=8), min_size=size, max_size=size)), "f4")
    positions, types = weights[:, :5] + 1e-3, weights[:, 5:] + 1e-3
    spans = draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, 4)), max_size=8))
    matches = []
    for first, more in sorted(spans, key=lambda span: (span[0], -span[1])):
        last = min(size - 1, first + more)
        kinds = tuple(draw(st.sets(st.sampled_from([NameKind.NAME, NameKind.DEMONYM, NameKind.VARIANT]), min_size=1)))
        place = draw(st.sampled_from([PlaceKind.CITY, PlaceKind.STATE]))
        facts = NameFacts((place,), kinds, 1, draw(st.sampled_from([0.5, 0.9])), draw(st.sampled_from([0.0, 6.0])))
        name = " ".join(token.word for token in TOKENS[first : last + 1])
        matches.append(Match(TOKENS[first].start, TOKENS[last].end, first, last, name, facts))
    table = TagProbabilities(positions / positions.sum(1, keepdims=True), types / types.sum(1, keepdims=True))
    likeness = draw(st.sampled_from([0.0, 100.0]))
    lies_in = draw(st.booleans())
    return Evidence(TEXT, TOKENS, matches, table, TYPES, lambda _name: likeness, lambda _name, _area: lies_in)


def check_in_order(drafts: Sequence[Draft]) -> None:
    assert all(0 <= draft.first <= draft.last < len(TOKENS) for draft in drafts)
    assert all(left.last < right.first for left, right in pairwise(drafts))
    assert all(0 <= draft.span.score <= 1 + 1e-6 for draft in drafts)
    assert all(draft.sources and draft.span.type in TYPES for draft in drafts)


@pytest.mark.parametrize("name", RULES)
@given(given_=any_evidence())
def test_each_rule_keeps_mentions_in_order_and_apart(name: str, given_: Evidence) -> None:
    check_in_order(run(name, given_))


@given(any_evidence(), st.sets(st.sampled_from(sorted(RULES))))
def test_rules_together_keep_mentions_in_order_and_apart(given_: Evidence, rules: set[str]) -> None:
    drafts = reconcile(given_, thresholds=LINES, rules=rules)
    check_in_order(drafts)
    assert {name for draft in drafts for name in draft.rules} <= rules


@given(any_evidence(), st.floats(-10, 0))
def test_looking_further_keeps_every_mention(given_: Evidence, bias: float) -> None:
    narrow = reconcile(given_, thresholds=LINES)
    wide = reconcile(given_, thresholds=replace(LINES, outside_bias=bias))
    check_in_order(wide)
    assert all(draft in wide for draft in narrow)
    assert all(draft in narrow or draft.rules[0] == "add_doubtful" for draft in wide)


@given(any_evidence())
def test_rules_are_idle_where_none_is_asked_for(given_: Evidence) -> None:
    drafts = reconcile(given_, rules=())
    assert [draft.span for draft in drafts] == decode(given_.probabilities, TYPES)
