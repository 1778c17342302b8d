"""From probabilities to spans: the best well-formed path, its score and its type."""

from __future__ import annotations

from itertools import pairwise, product
from math import exp, log

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmr_hybrid.tagging.decoding import POSITIONS, TaggedSpan, TagProbabilities, decode, score_span, summarize

TYPES = ("City/town", "Country", "State")
TINY = 1e-9
FOLLOWERS = {"O": "OBS", "B": "IE", "I": "IE", "E": "OBS", "S": "OBS"}

weights = st.integers(0, 1000)


def table(rows: list[list[int]]) -> numpy.ndarray:
    """Turn rows of weights into rows of probabilities."""
    values = numpy.array(rows, numpy.float32) + 1e-3
    return values / values.sum(axis=1, keepdims=True)


@st.composite
def probabilities(draw: st.DrawFn, *, longest: int = 6) -> TagProbabilities:
    length = draw(st.integers(1, longest))
    positions = draw(st.lists(st.lists(weights, min_size=5, max_size=5), min_size=length, max_size=length))
    types = draw(st.lists(st.lists(weights, min_size=3, max_size=3), min_size=length, max_size=length))
    return TagProbabilities(table(positions), table(types))


def well_formed(path: tuple[str, ...]) -> bool:
    return path[0] in "OBS" and path[-1] in "OES" and all(right in FOLLOWERS[left] for left, right in pairwise(path))


def log_probability(given_: TagProbabilities, path: tuple[str, ...]) -> float:
    return sum(log(row[POSITIONS.index(tag)] + TINY) for row, tag in zip(given_.positions, path, strict=True))


def path_of(spans: list[TaggedSpan], length: int) -> tuple[str, ...]:
    path = ["O"] * length
    for span in spans:
        for index in range(span.first_token, span.last_token + 1):
            assert path[index] == "O", "spans overlap"
            path[index] = "I"
        path[span.first_token], path[span.last_token] = "B", "E"
        if span.first_token == span.last_token:
            path[span.first_token] = "S"
    return tuple(path)


@given(probabilities())
def test_no_well_formed_path_beats_the_decoded_one(given_: TagProbabilities) -> None:
    length = len(given_.positions)
    found = path_of(decode(given_, TYPES), length)
    best = max(filter(well_formed, product(POSITIONS, repeat=length)), key=lambda path: log_probability(given_, path))
    assert well_formed(found)
    assert log_probability(given_, found) == pytest.approx(log_probability(given_, best), abs=1e-3)


@given(probabilities(longest=40))
def test_spans_are_in_order_with_scores_and_types(given_: TagProbabilities) -> None:
    spans = decode(given_, TYPES)
    assert all(left.last_token < right.first_token for left, right in pairwise(spans))
    for span in spans:
        assert 0 <= span.first_token <= span.last_token < len(given_.positions)
        assert 0 <= span.score <= 1 + 1e-6
        own = slice(span.first_token, span.last_token + 1)
        per_type = numpy.log(given_.types[own].astype(float) + TINY).sum(axis=0)
        assert per_type[TYPES.index(span.type)] == pytest.approx(per_type.max(), abs=1e-3)
        assert span == score_span(given_, TYPES, span.first_token, span.last_token)


@given(probabilities(), st.floats(-8, 0), st.floats(-8, 0))
def test_holding_no_place_back_never_leaves_fewer_tokens_in_spans(
    given_: TagProbabilities, one: float, two: float
) -> None:
    def size(bias: float) -> int:
        return sum(span.last_token - span.first_token + 1 for span in decode(given_, TYPES, outside_bias=bias))

    more, less = sorted((one, two))
    # Paths of equal probability may be told apart by rounding.
    assert size(more - 1e-4) >= size(less)


@given(probabilities())
def test_a_bias_changes_which_spans_there_are_but_not_their_scores(given_: TagProbabilities) -> None:
    for span in decode(given_, TYPES, outside_bias=-3.0):
        assert span == score_span(given_, TYPES, span.first_token, span.last_token)


def test_a_bias_by_hand() -> None:
    given_ = TagProbabilities(numpy.array([[0.7, 0.0, 0.0, 0.0, 0.3]], "f4"), numpy.ones((1, 3), "f4"))
    # The odds of O are 7 : 3; a bias of more than -log(7 / 3) = -0.847 leaves it ahead.
    assert decode(given_, TYPES, outside_bias=-0.8) == []
    assert [span.score for span in decode(given_, TYPES, outside_bias=-0.9)] == [pytest.approx(0.3)]


def test_a_span_by_hand() -> None:
    positions = numpy.array([[0.9, 0.1, 0, 0, 0], [0.1, 0.8, 0, 0, 0.1], [0, 0, 0.5, 0.5, 0], [0, 0, 0.2, 0.6, 0.2]])
    types = numpy.array([[0, 0, 0], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.3, 0.6, 0.1]])
    (span,) = decode(TagProbabilities(positions.astype("f4"), types.astype("f4")), TYPES)
    assert (span.first_token, span.last_token, span.type) == (1, 3, "Country")
    assert span.score == pytest.approx(exp((log(0.8) + log(0.5) + log(0.6)) / 3), rel=1e-5)


def test_a_single_token_is_scored_as_single() -> None:
    given_ = TagProbabilities(numpy.array([[0.1, 0.2, 0.0, 0.0, 0.7]], "f4"), numpy.array([[0.2, 0.1, 0.5]], "f4"))
    (span,) = decode(given_, TYPES)
    assert (span.first_token, span.last_token, span.type) == (0, 0, "State")
    assert span.score == pytest.approx(0.7)


def test_a_begin_without_an_end_is_no_span() -> None:
    positions = numpy.array([[0.1, 0.9, 0, 0, 0], [1.0, 0, 0, 0, 0]], "f4")
    assert decode(TagProbabilities(positions, numpy.ones((2, 3), "f4")), TYPES) == []


def test_no_tokens_no_spans() -> None:
    assert decode(TagProbabilities(numpy.zeros((0, 5), "f4"), numpy.zeros((0, 3), "f4")), TYPES) == []


def test_summing_out_types_and_positions() -> None:
    tags = ["O", "S-City/town", "B-City/town", "E-City/town", "I-City/town", "S-State", "B-State"]
    rows = numpy.array([[0.1, 0.2, 0.05, 0.15, 0.1, 0.3, 0.1], [1, 0, 0, 0, 0, 0, 0]], "f4")
    summed = summarize(rows, tags, TYPES)
    assert summed.positions == pytest.approx(numpy.array([[0.1, 0.15, 0.1, 0.15, 0.5], [1, 0, 0, 0, 0]]))
    assert summed.types == pytest.approx(numpy.array([[0.5, 0, 0.4], [0, 0, 0]]))


@given(st.lists(st.lists(weights, min_size=13, max_size=13), max_size=5))
def test_summing_loses_no_probability(rows: list[list[int]]) -> None:
    tags = ["O", *(f"{position}-{type_}" for position in "SBEI" for type_ in TYPES)]
    given_ = table(rows) if rows else numpy.zeros((0, 13), "f4")
    summed = summarize(given_, tags, TYPES)
    assert summed.positions.sum(axis=1) == pytest.approx(numpy.ones(len(rows)), abs=1e-5)
    assert summed.types.sum(axis=1) == pytest.approx(1 - summed.positions[:, 0], abs=1e-5)
