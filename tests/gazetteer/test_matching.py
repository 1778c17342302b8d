"""Both matchers against the definition of a match, and offsets into the text as the caller gave it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gazetteer.automaton import AutomatonMatcher
from gazetteer.compiled import CompiledGazetteer, compile_gazetteer
from gazetteer.gazetteer import Gazetteer
from gazetteer.manifest import Manifest
from gazetteer.matching import MATCHERS, Matcher, leftmost_longest
from gazetteer.places import Match, NameFacts, Place, PlaceKind, PlaceName
from gazetteer.store import Store
from gazetteer.text import normalize_name, tokenize, word_runs
from gazetteer.trie import TrieMatcher

WORDS = ["new", "York", "YORK", "yor", "Kerala", "kérala", "keralan", "st", "s", "la", "東京", "केरल", "a", "ß", "𝒦"]
BETWEEN = [" ", "  ", "-", "'", "’", ". ", ", ", " #", "🌊", "\u200b", " \u200b", "\n", "/", "!"]
NAMES = ["Kerala", "New York", "York", "St. John's", "Côte d'Ivoire", "Tokyo", "東京", "New York City"]


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


def by_definition(runs: Sequence[Sequence[str]], names: Sequence[str]) -> list[tuple[int, int, int, str]]:
    return sorted(
        (number, first, last, name)
        for number, run in enumerate(runs)
        for first in range(len(run))
        for last in range(first, len(run))
        for name in names
        if " ".join(run[first : last + 1]) == name
    )


def by_matcher(
    matcher: type[Matcher], runs: Sequence[Sequence[str]], names: Sequence[str]
) -> list[tuple[int, int, int, str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "matcher"
        name_of = dict(zip(matcher.compile(names, path), names, strict=True))
        assert sorted(name_of) == list(range(len(names)))
        loaded = matcher.load(path, [name_of[number].count(" ") + 1 for number in sorted(name_of)])
        return sorted(
            (index, first, last, name_of[number])
            for index, run in enumerate(runs)
            for first, last, number in loaded.search(run)
        )


@given(texts_and_names())
@example(("new york york new york", ["new york", "york", "york york", "new york york new york"]))
@example(("Keralan kerala", ["kerala"]))
def test_both_matchers_find_exactly_the_runs_of_words_that_are_names(text_and_names: tuple[str, list[str]]) -> None:
    text, names = text_and_names
    tokens = tokenize(text)
    runs = [[tokens[index].word for index in run] for run in word_runs(text, tokens)]
    expected = by_definition(runs, names)
    assert by_matcher(AutomatonMatcher, runs, names) == expected
    assert by_matcher(TrieMatcher, runs, names) == expected


@pytest.mark.parametrize("matcher", MATCHERS.values(), ids=MATCHERS)
def test_a_matcher_finds_nothing_in_no_words(matcher: type[Matcher]) -> None:
    assert by_matcher(matcher, [[], [""]], ["kerala"]) == []


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


@pytest.fixture(scope="module", params=sorted(MATCHERS))
def gazetteer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = tmp_path_factory.mktemp(request.param)
    with Store(folder / "places.duckdb") as store:
        store.create()
        places = [Place(f"test:{name}", name, PlaceKind.CITY, 1.0, 2.0) for name in NAMES]
        store.add(((place, [PlaceName(place.id, place.name)]) for place in places), seen=lambda _: None)
        compile_gazetteer(store.places(), store.summary(), folder, matcher=request.param)
    manifest = Manifest(sources=(), counts={}, bounding_box=(2.0, 1.0, 2.0, 1.0), matcher=request.param, files={})
    return Gazetteer([(manifest, CompiledGazetteer(folder, matcher=request.param))])


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
