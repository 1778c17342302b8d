"""Long texts in segments: nothing lost, nothing cut that need not be."""

from __future__ import annotations

from itertools import pairwise

import numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import Match, NameFacts, NameKind, PlaceKind, Token, tokenize
from lmr_hybrid.segments import CONTEXT, LONGEST, SHORTEST, WHOLE, Segment, join_segments, split_into_segments
from lmr_hybrid.tagging.decoding import TagProbabilities

FACTS = NameFacts((PlaceKind.CITY,), (NameKind.NAME,), 1, 0.5, 0.0)


def match_at(tokens: list[Token], first: int, last: int) -> Match:
    name = " ".join(token.word for token in tokens[first : last + 1])
    return Match(tokens[first].start, tokens[last].end, first, last, name, FACTS)


def segments_of(text: str, *spans: tuple[int, int]) -> tuple[list[Token], list[Match], list[Segment]]:
    tokens = tokenize(text)
    matches = [match_at(tokens, first, last) for first, last in sorted(spans)]
    return tokens, matches, list(split_into_segments(tokens, matches))


@st.composite
def long_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    size = draw(st.integers(0, 700))
    ends = draw(st.sets(st.integers(0, max(0, size - 1)), max_size=12))
    text = " ".join("." if number in ends else f"w{number}" for number in range(size))
    starts = draw(st.lists(st.tuples(st.integers(0, max(0, size - 1)), st.integers(0, 8)), max_size=30))
    return text, [(first, min(size - 1, first + more)) for first, more in starts] if size else []


def own(segment: Segment) -> list[Token]:
    return list(segment.tokens[segment.own_first : segment.own_end])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(long_texts())
def test_every_token_is_of_one_segments_own_and_seen_in_context(case: tuple[str, list[tuple[int, int]]]) -> None:
    tokens, _, segments = segments_of(case[0], *case[1])
    assert [token for segment in segments for token in own(segment)] == tokens
    assert len(tokens) <= WHOLE or all(len(own(segment)) <= LONGEST for segment in segments)
    assert all(len(segment.tokens) <= WHOLE for segment in segments)
    for segment in segments:
        end = segment.first + len(segment.tokens)
        assert segment.tokens == tokens[segment.first : end]
        assert segment.own_first == min(CONTEXT, segment.first + segment.own_first)
        assert len(segment.tokens) - segment.own_end == min(CONTEXT, len(tokens) - segment.first - segment.own_end)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(long_texts())
def test_a_segment_is_shown_every_match_that_lies_in_it(case: tuple[str, list[tuple[int, int]]]) -> None:
    _, matches, segments = segments_of(case[0], *case[1])
    for segment in segments:
        end = segment.first + len(segment.tokens)
        inside = [match for match in matches if segment.first <= match.first_token and match.last_token < end]
        assert [(match.start, match.end) for match in segment.matches] == [(each.start, each.end) for each in inside]
        for match in segment.matches:
            assert segment.tokens[match.first_token].start == match.start
            assert segment.tokens[match.last_token].end == match.end


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(long_texts())
def test_a_seam_goes_through_a_match_only_where_no_boundary_was_free(case: tuple[str, list[tuple[int, int]]]) -> None:
    _, matches, segments = segments_of(case[0], *case[1])
    inside = {index for match in matches for index in range(match.first_token + 1, match.last_token + 1)}
    for left, right in pairwise(segments):
        start, seam = left.first + left.own_first, right.first + right.own_first
        if seam in inside:
            assert all(end in inside for end in range(start + SHORTEST + 1, start + LONGEST + 1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(long_texts())
def test_the_probabilities_of_segments_join_to_those_of_the_text(case: tuple[str, list[tuple[int, int]]]) -> None:
    tokens, _, segments = segments_of(case[0], *case[1])
    parts = []
    for segment in segments:
        # Each token's number stands for what is thought of it; what is thought of context must not be taken.
        numbers = numpy.full((len(segment.tokens), 5), -1, numpy.float32)
        numbers[segment.own_first : segment.own_end] = (
            numpy.arange(segment.own_first, segment.own_end)[:, None] + segment.first
        )
        parts.append(TagProbabilities(numbers, numbers[:, :2]))
    joined = join_segments(segments, parts)
    assert joined.positions.shape == (len(tokens), 5)
    assert joined.types.shape == (len(tokens), 2)
    assert (joined.positions == numpy.arange(len(tokens))[:, None]).all()
    assert (joined.types == numpy.arange(len(tokens))[:, None]).all()


def test_a_short_text_is_one_segment() -> None:
    tokens, matches, segments = segments_of(" ".join(["word"] * WHOLE), (3, 4))
    assert segments == [Segment(0, tokens, matches, 0, WHOLE)]
    assert [segment.tokens for segment in split_into_segments([], [])] == [[]]


def test_a_segment_ends_at_the_last_sentence_end_that_fits() -> None:
    words = ["word"] * 400
    words[SHORTEST + 1] = words[SHORTEST + 9] = "word."
    _, _, segments = segments_of(" ".join(words))
    # Two full stops are two tokens more.
    assert len(own(segments[0])) == SHORTEST + 12
    assert own(segments[0])[-1].text == "."


def test_a_full_stop_inside_a_word_ends_no_sentence() -> None:
    words = ["word"] * 400
    words[SHORTEST + 9] = "3.5"
    _, _, segments = segments_of(" ".join(words))
    assert len(own(segments[0])) == LONGEST


def test_a_segment_is_not_ended_early_at_a_sentence_end() -> None:
    words = ["word"] * 400
    words[SHORTEST - 5] = "word."
    _, _, segments = segments_of(" ".join(words))
    assert len(own(segments[0])) == LONGEST


def test_without_sentences_a_segment_ends_between_names() -> None:
    _, _, segments = segments_of(" ".join(["word"] * 400), (LONGEST - 2, LONGEST + 1))
    assert [segment.first + segment.own_first for segment in segments][:3] == [0, LONGEST - 2, 2 * LONGEST - 2]
    assert [(m.first_token, m.last_token) for m in segments[1].matches] == [(CONTEXT, CONTEXT + 3)]


def test_the_full_stop_of_an_abbreviation_does_not_cut_its_name() -> None:
    place = SHORTEST + 9
    words = ["word"] * 400
    words[place : place + 2] = ["St.", "Louis"]
    _, _, segments = segments_of(" ".join(words), (place, place + 2))
    assert all(segment.first + segment.own_first != place + 2 for segment in segments)
    assert [(m.first_token, m.last_token) for m in segments[0].matches] == [(place, place + 2)]
