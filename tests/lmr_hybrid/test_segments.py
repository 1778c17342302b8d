"""Long texts in segments: nothing lost, nothing cut that need not be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer import Match, NameFacts, NameKind, PlaceKind, Token, tokenize
from lmr_hybrid.segments import LONGEST, Segment, split_into_segments

FACTS = NameFacts((PlaceKind.CITY,), (NameKind.NAME,), 1, 0.5, 0.0)


def match_at(tokens: list[Token], first: int, last: int) -> Match:
    name = " ".join(token.word for token in tokens[first : last + 1])
    return Match(tokens[first].start, tokens[last].end, first, last, name, FACTS)


def segments_of(text: str, *spans: tuple[int, int]) -> tuple[list[Token], list[Match], list[Segment]]:
    tokens = tokenize(text)
    matches = [match_at(tokens, first, last) for first, last in spans]
    return tokens, matches, list(split_into_segments(tokens, matches))


@st.composite
def long_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    size = draw(st.integers(0, 700))
    ends = draw(st.sets(st.integers(0, max(0, size - 1)), max_size=12))
    text = " ".join("." if number in ends else f"w{number}" for number in range(size))
    starts = draw(st.lists(st.tuples(st.integers(0, max(0, size - 1)), st.integers(0, 8)), max_size=30))
    return text, [(first, min(size - 1, first + more)) for first, more in starts] if size else []


@settings(max_examples=60)
@given(long_texts())
def test_segments_hold_every_token_once_and_every_uncut_match(case: tuple[str, list[tuple[int, int]]]) -> None:
    tokens, matches, segments = segments_of(case[0], *case[1])
    assert [token for segment in segments for token in segment.tokens] == tokens
    assert all(len(segment.tokens) <= LONGEST for segment in segments)
    expected_first = 0
    for segment in segments:
        assert segment.first == expected_first
        expected_first += len(segment.tokens)
        inside = [
            (match.first_token, match.last_token)
            for match in matches
            if segment.first <= match.first_token and match.last_token < expected_first
        ]
        assert sorted((m.first_token + segment.first, m.last_token + segment.first) for m in segment.matches) == (
            sorted(inside)
        )
        for match in segment.matches:
            assert segment.tokens[match.first_token].start == match.start
            assert segment.tokens[match.last_token].end == match.end


@settings(max_examples=60)
@given(long_texts())
def test_a_match_is_cut_only_where_no_boundary_was_free(case: tuple[str, list[tuple[int, int]]]) -> None:
    _, matches, segments = segments_of(case[0], *case[1])
    inside = {index for match in matches for index in range(match.first_token + 1, match.last_token + 1)}
    for left, right in pairwise(segments):
        if right.first in inside:
            assert all(end in inside for end in range(left.first + 61, left.first + LONGEST + 1))


def test_a_short_text_is_one_segment() -> None:
    tokens, matches, segments = segments_of(" ".join(["word"] * LONGEST), (3, 4))
    assert segments == [Segment(0, tokens, matches)]
    assert [segment.tokens for segment in split_into_segments([], [])] == [[]]


def test_a_segment_ends_at_the_last_sentence_end_that_fits() -> None:
    words = ["word"] * 400
    words[79] = words[119] = "word."
    _, _, segments = segments_of(" ".join(words))
    # Two full stops are two tokens more.
    assert len(segments[0].tokens) == 122
    assert segments[0].tokens[-1].text == "."


def test_a_full_stop_inside_a_word_ends_no_sentence() -> None:
    words = ["word"] * 400
    words[119] = "3.5"
    _, _, segments = segments_of(" ".join(words))
    assert len(segments[0].tokens) == LONGEST


def test_a_segment_is_not_ended_early_at_a_sentence_end() -> None:
    words = ["word"] * 400
    words[20] = "word."
    _, _, segments = segments_of(" ".join(words))
    assert len(segments[0].tokens) == LONGEST


def test_without_sentences_a_segment_ends_between_names() -> None:
    _, _, segments = segments_of(" ".join(["word"] * 400), (158, 161))
    assert [segment.first for segment in segments] == [0, 158, 318]
    assert [(match.first_token, match.last_token) for match in segments[1].matches] == [(0, 3)]


def test_the_full_stop_of_an_abbreviation_does_not_cut_its_name() -> None:
    words = ["word"] * 400
    words[119:121] = ["St.", "Louis"]
    _, _, segments = segments_of(" ".join(words), (119, 121))
    assert all(segment.first != 121 for segment in segments)
    assert [(m.first_token, m.last_token) for m in segments[0].matches] == [(119, 121)]
