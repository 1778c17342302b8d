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
LINES = Thresholds(likely_rare=0.2, known=0.5, unknown=0.65, known_rare=0.2, rare=2.5)
INSIDE = {"O": 0, "B": 1, "I": 2, "E": 3, "S": 4}


def match_of(text: str, name: str, *kinds: NameKind, english: float = 2.0) -> Match:
    tokens = tokenize(text)
    start = text.index(name)
    inside = [number for number, token in enumerate(tokens) if start <= token.start < start + len(name)]
    facts = NameFacts((PlaceKind.CITY,), kinds or (NameKind.NAME,), 1, 0.5, english)
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


def test_add_rare_name_adds_what_the_tagger_nearly_found() -> None:
    text = "In Kaikoura now"
    given_ = evidence(text, "OOO", [0.02, 0.25, 0.02], matches=[match_of(text, "Kaikoura")])
    (draft,) = run("add_rare_name", given_)
    assert words(given_, [draft]) == ["Kaikoura"]
    assert (draft.sources, draft.rules) == ({"gazetteer"}, ("add_rare_name",))
    assert draft.span.type == "City/town"


def test_add_rare_name_takes_a_hash_sign_for_a_capital() -> None:
    text = "now #kaikoura"
    given_ = evidence(text, "OOO", [0.02, 0.02, 0.25], matches=[match_of(text, "kaikoura")])
    assert words(given_, run("add_rare_name", given_)) == ["kaikoura"]


@pytest.mark.parametrize(
    ("text", "name", "tags", "likely", "kind", "english"),
    [
        ("In Kaikoura now", "Kaikoura", "OOO", 0.15, NameKind.NAME, 2.0),
        ("In Reading now", "Reading", "OOO", 0.4, NameKind.NAME, 5.1),
        ("In kaikoura now", "kaikoura", "OOO", 0.4, NameKind.NAME, 2.0),
        ("In Kai now", "Kai", "OOO", 0.4, NameKind.NAME, 2.0),
        ("In Kaikoura now", "Kaikoura", "OOO", 0.4, NameKind.VARIANT, 2.0),
        ("In Kaikoura now", "Kaikoura", "OBE", 0.98, NameKind.NAME, 2.0),
    ],
    ids=["unlikely", "an English word", "lower case", "short", "only a variant", "already inside a mention"],
)
def test_add_rare_name_adds_nothing(
    text: str, name: str, tags: str, likely: float, kind: NameKind, english: float
) -> None:
    matches = [match_of(text, name, kind, english=english)]
    given_ = evidence(text, tags, [0.02, likely, likely if tags == "OBE" else 0.02], matches=matches)
    assert not [draft for draft in run("add_rare_name", given_) if draft.rules]


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
    given_ = evidence(text, "OSOO", [0.02, 0.3, 0.02, 0.02], matches=[match_of(text, "Calif", NameKind.ABBREVIATION)])
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


TEXT = "#Paris St. Louis @x New York City, Hurricane Paris! U.S. New York"
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
        facts = NameFacts((PlaceKind.CITY,), kinds, 1, 0.5, draw(st.sampled_from([0.0, 6.0])))
        name = " ".join(token.word for token in TOKENS[first : last + 1])
        matches.append(Match(TOKENS[first].start, TOKENS[last].end, first, last, name, facts))
    table = TagProbabilities(positions / positions.sum(1, keepdims=True), types / types.sum(1, keepdims=True))
    return Evidence(TEXT, TOKENS, matches, table, TYPES)


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
