"""Both matchers against the definition of a match, and offsets into the text as the caller gave it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gazetteer.automaton import AutomatonMatcher
from gazetteer.compiled import CompiledGazetteer
from gazetteer.compiling import compile_gazetteer
from gazetteer.gazetteer import Gazetteer
from gazetteer.manifest import Manifest
from gazetteer.matching import Matcher, leftmost_longest, leftmost_longest_hits, overlapping_hits
from gazetteer.places import Match, NameFacts, PlaceKind
from gazetteer.text import BREAK, joinable, normalize_name, tokenize
from gazetteer.trie import TrieMatcher, map_trie, write_trie
from gazetteer.variants import variants

MATCHERS = (AutomatonMatcher.kind, TrieMatcher.kind)
WORDS = [
    *("new", "York", "YORK", "yor", "Kerala", "kérala", "Ke\u0301rala", "keralan", "st", "s", "la", "a", "𝒦", "2nd"),
    *("İzmir", "IZMIR", "ızmir", "Straße", "STRASSE", "ß", "東京", "केरल", "केर", "القاهرة", "قاهرة", "Ker\u200dala"),
]
BETWEEN = [
    *(" ", "  ", "-", " - ", "'", "’", ". ", ".", ", ", " #", "🌊", "👩\u200d🚒", "\u200b", " \u200b", "\n", "/", "!"),
    *("&", " & ", "--", "…", "\u0301", " \ufe0f", "ʼ", "#", "_"),
]
NAMES = [
    "Kerala",
    "New York",
    "York",
    "St. John's",
    "Côte d'Ivoire",
    "Tokyo",
    "東京",
    "New York City",
    "İzmir",
    "Weißstraße",
    "केरल",
    "القاهرة",
]


@st.composite
def texts_and_names(draw: st.DrawFn) -> tuple[str, list[str]]:
    pieces = draw(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=12))
    text = "".join(piece + draw(st.sampled_from(BETWEEN)) for piece in pieces)
    words = [token.word for token in tokenize(text) if token.word] + WORDS
    parts = st.lists(st.sampled_from(words), min_size=1, max_size=4)
    names = draw(st.lists(parts.map(" ".join), min_size=1, max_size=12))
    starts = draw(st.lists(st.integers(0, len(words) - 1), max_size=8))
    names += [" ".join(words[start : start + draw(st.integers(1, 4))]) for start in starts]
    return text, sorted({name for name in map(normalize_name, names) if name})


Found = tuple[int, int, int, int, str]


def by_definition(text: str, names: Sequence[str]) -> list[Found]:
    """Every run of neighbouring words that is a name, in order of start, longest first."""
    tokens = tokenize(text)
    words = [(index, token) for index, token in enumerate(tokens) if token.word]
    found = []
    for first in range(len(words)):
        for last in range(first, len(words)):
            run = words[first : last + 1]
            gaps = [text[left.end : right.start] for (_, left), (_, right) in pairwise(run)]
            name = " ".join(token.word for _, token in run)
            if name in names and all(map(joinable, gaps)):
                found.append((run[0][1].start, run[-1][1].end, run[0][0], run[-1][0], name))
    return sorted(found, key=lambda each: (each[0], -each[1]))


def names_table(names: Sequence[str]) -> pyarrow.Table:
    return pyarrow.table(
        {
            "name": pyarrow.array(names, pyarrow.string()),
            "places": pyarrow.array([[0]] * len(names), pyarrow.list_(pyarrow.uint32())),
            "kinds": pyarrow.array([[5]] * len(names), pyarrow.list_(pyarrow.uint8())),
            "name_kinds": pyarrow.array([[0]] * len(names), pyarrow.list_(pyarrow.uint8())),
            "importance": pyarrow.array([0.5] * len(names), pyarrow.float32()),
            "derived_from": pyarrow.array([""] * len(names), pyarrow.string()),
        }
    )


PLACE = pyarrow.table(
    {
        **{column: [value] for column, value in (("id", "test:1"), ("name", "Somewhere"), ("country", ""))},
        **{column: [""] for column in ("admin1", "wikidata")},
        **{column: [1.5] for column in ("latitude", "longitude")},
        **{column: pyarrow.array([None], pyarrow.float64()) for column in ("west", "south", "east", "north")},
        "kind": pyarrow.array([5], pyarrow.uint8()),
        "population": pyarrow.array([0], pyarrow.uint64()),
        "importance": pyarrow.array([0.5], pyarrow.float32()),
        "parent": pyarrow.array([None], pyarrow.uint32()),
        "parent_basis": pyarrow.array([0], pyarrow.uint8()),
    }
)


def gazetteer_of(names: Sequence[str], folder: Path, matcher: str) -> Gazetteer:
    compile_gazetteer(PLACE, names_table(sorted(names)), folder, matcher=matcher)
    manifest = Manifest(
        sources=(), counts={}, bounding_box=(2.0, 1.0, 2.0, 1.0), matcher=matcher, compiled="", files={}
    )
    return Gazetteer([(manifest, CompiledGazetteer(folder, matcher=matcher))])


def plain(matches: Sequence[Match]) -> list[Found]:
    return [(match.start, match.end, match.first_token, match.last_token, match.name) for match in matches]


@given(texts_and_names())
@example(("new york york new york", ["new york", "york", "york york", "new york york new york"]))
@example(("Keralan kerala", ["kerala"]))
@example(("#a …🌊!! ß-b", ["a", "b", "ss", "ss b"]))
def test_both_matchers_find_exactly_the_runs_of_words_that_are_names(text_and_names: tuple[str, list[str]]) -> None:
    text, names = text_and_names
    expected = by_definition(text, names)
    for kind in MATCHERS:
        with TemporaryDirectory() as folder:
            gazetteer = gazetteer_of(names, Path(folder), kind)
            matches = gazetteer.matches(text)
            assert plain(matches) == expected
            assert matches == gazetteer.matches(text, tokenize(text)) == next(gazetteer.matches_many([text]))
            assert gazetteer.match(text) == leftmost_longest(matches) == next(gazetteer.match_many([text]))


def matcher_of(kind: str, names: Sequence[str], folder: Path) -> Matcher:
    write_trie(names, folder / "names")
    trie = map_trie(folder / "names")
    if kind == "trie":
        return TrieMatcher(trie)
    AutomatonMatcher.compile(names, [trie[name] for name in names], folder / "automaton", folder / "words")
    word_counts = [trie.restore_key(number).count(" ") + 1 for number in range(len(trie))]
    return AutomatonMatcher.load(folder / "automaton", folder / "words", word_counts)


@pytest.mark.parametrize("kind", MATCHERS)
def test_a_matcher_finds_nothing_in_no_words(kind: str, tmp_path: Path) -> None:
    matcher = matcher_of(kind, ["kerala"], tmp_path)
    assert matcher.search([]) == matcher.search([""]) == matcher.search([BREAK]) == matcher.search(["", BREAK]) == []


@pytest.mark.parametrize("kind", MATCHERS)
def test_hits_come_in_order_of_start_shortest_first(kind: str, tmp_path: Path) -> None:
    matcher = matcher_of(kind, ["a", "a b", "a b c", "b", "b c d", "d", "c d"], tmp_path)
    found = [(first, last) for first, last, _ in matcher.search(["a", "b", "c", "d", BREAK, "a"])]
    assert found == [(0, 0), (0, 1), (0, 2), (1, 1), (1, 3), (2, 3), (3, 3), (5, 5)]


@pytest.mark.parametrize("kind", MATCHERS)
def test_more_different_words_than_a_matcher_remembers(kind: str, tmp_path: Path) -> None:
    matcher = matcher_of(kind, ["kerala", "w1 w2"], tmp_path)
    words = ["kerala", *(f"w{number}" for number in range(120_000)), "w1", "w2", "kerala"]
    for _ in range(2):
        assert [hit[:2] for hit in matcher.search(words)] == [(0, 0), (2, 3), (120_001, 120_002), (120_003, 120_003)]


@pytest.mark.parametrize("kind", MATCHERS)
def test_many_words_need_many_symbols(kind: str, tmp_path: Path) -> None:
    names = [f"w{number}" for number in range(5_000)] + [f"w{number} w{number + 1}" for number in range(0, 5_000, 2)]
    matcher = matcher_of(kind, names, tmp_path)
    words = [f"w{number}" for number in range(5_001)]
    spans = [(first, first) for first in range(5_000)] + [(first, first + 1) for first in range(0, 5_000, 2)]
    assert [hit[:2] for hit in matcher.search(words)] == sorted(spans)


FACTS = NameFacts(kinds=(PlaceKind.CITY,), name_kinds=(), place_count=1, importance=0.5, english_frequency=0.0)


def match(start: int, end: int) -> Match:
    return Match(start=start, end=end, first_token=start, last_token=end - 1, name="", facts=FACTS)


spans = st.tuples(st.integers(0, 15), st.integers(1, 6)).map(lambda span: match(span[0], span[0] + span[1]))


@given(st.lists(spans, max_size=14))
def test_leftmost_longest_takes_again_and_again_the_longest_of_the_first(matches: list[Match]) -> None:
    expected, rest = [], list(matches)
    while rest:
        first = min(each.start for each in rest)
        longest = max((each for each in rest if each.start == first), key=lambda each: each.end)
        expected.append(longest)
        rest = [each for each in rest if each.start >= longest.end]
    assert leftmost_longest(matches) == expected
    hits = sorted({(each.first_token, each.last_token, 0) for each in matches})
    chosen = [(each.first_token, each.last_token, 0) for each in expected]
    assert leftmost_longest_hits(hits) == leftmost_longest_hits(sorted(overlapping_hits(hits))) == chosen


@pytest.fixture(scope="module", params=sorted(MATCHERS))
def gazetteer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    names = {normalize_name(name) for name in NAMES}
    names |= {variant.text for name in names for variant in variants(name, PlaceKind.CITY)}
    return gazetteer_of(sorted(names), tmp_path_factory.mktemp(request.param), request.param)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Flood in #Kerala now", ["Kerala"]),
        ("Kerala's rivers", ["Kerala"]),
        ("Kerala’s rivers", ["Kerala"]),
        ("KERALA, kerala", ["KERALA", "kerala"]),
        ("Kérala and Ke\u0301rala", ["Kérala", "Ke\u0301rala"]),
        ("to New  York by bus", ["New  York"]),
        ("to New-York by bus", ["New-York"]),
        ("to New\nYork", ["New\nYork"]),
        ("#NewYork", ["NewYork"]),
        ("New, York", ["York"]),
        ("“Kerala” ‘York’", ["Kerala", "York"]),
        ("St John’s and St. John's", ["St John’s", "St. John's"]),
        ("cote d’ivoire", ["cote d’ivoire"]),
        ("🌊Kerala🌊 🇮🇳York", ["Kerala", "York"]),
        ("👩\u200d🚒York", ["York"]),
        ("Ker\u200bala \ufeffYork\u200b", ["Ker\u200bala", "York"]),
        ("New\u200b York", ["New\u200b York"]),
        ("𝒦 Kerala", ["Kerala"]),
        ("İZMİR izmir ızmir", ["İZMİR", "izmir", "ızmir"]),
        ("WEISSSTRASSE, weißstraße", ["WEISSSTRASSE", "weißstraße"]),
        ("केरल में", ["केरल"]),
        ("केरला", []),
        ("في القاهرة، مصر", ["القاهرة"]),
        ("Kerala\ufe0f\u20e3 Ke\u200dra\u200dla", ["Kerala\ufe0f\u20e3", "Ke\u200dra\u200dla"]),
        ("\ud83d Kerala \udf0a", ["Kerala"]),
        ("東京で", []),
        ("東京 で", ["東京"]),
        ("New York City", ["New York City"]),
        ("New York Cit", ["New York"]),
        ("Keralan aKerala Kerala2 2Kerala #KeralaFloods", []),
        ("", []),
        (" . ", []),
    ],
)
def test_matches_in_the_text_as_given(gazetteer: Gazetteer, text: str, expected: list[str]) -> None:
    matches = gazetteer.match(text)
    assert [text[match.start : match.end] for match in matches] == expected
    tokens = tokenize(text)
    for found in matches:
        assert (tokens[found.first_token].start, tokens[found.last_token].end) == (found.start, found.end)
        assert found.name == normalize_name(text[found.start : found.end])


def test_overlapping_matches_come_in_order_of_start_longest_first(gazetteer: Gazetteer) -> None:
    text = "York New York City York"
    found = [text[match.start : match.end] for match in gazetteer.matches(text)]
    assert found == ["York", "New York City", "New York", "York", "York"]


def test_tokens_that_the_caller_has_give_the_same_matches(gazetteer: Gazetteer) -> None:
    text = "Flood in New York"
    assert gazetteer.matches(text, tokenize(text)) == gazetteer.matches(text) != []


def test_many_texts_are_matched_lazily_and_in_order(gazetteer: Gazetteer) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "Kerala"
            yield "nothing"

    found = gazetteer.match_many(endless())
    assert [len(next(found)) for _ in range(3)] == [1, 0, 1]
