from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.text import tokenize
from lmr_hybrid.corpora import GoldMention, Message, align, bilou_to_bioes, bioes_to_spans, spans_to_bioes, split_tag

TYPES = st.sampled_from(["City/town", "Human-made Point-of-Interest", "LOC", "Road/street"])


@st.composite
def spans_and_length(draw: st.DrawFn) -> tuple[list[tuple[int, int, str]], int]:
    spans, position = [], 0
    for _ in range(draw(st.integers(0, 6))):
        first = position + draw(st.integers(0, 3))
        last = first + draw(st.integers(0, 3))
        spans.append((first, last, draw(TYPES)))
        position = last + 1
    return spans, position + draw(st.integers(0, 3))


@st.composite
def any_tags(draw: st.DrawFn) -> list[str]:
    tag = st.one_of(st.just("O"), st.tuples(st.sampled_from("BIESLU"), TYPES).map("-".join))
    return draw(st.lists(tag, max_size=12))


@given(spans_and_length())
def test_decoding_undoes_encoding(drawn: tuple[list[tuple[int, int, str]], int]) -> None:
    spans, length = drawn
    tags = spans_to_bioes(spans, length)
    assert len(tags) == length
    assert bioes_to_spans(tags) == spans


@given(spans_and_length())
def test_order_of_spans_does_not_matter(drawn: tuple[list[tuple[int, int, str]], int]) -> None:
    spans, length = drawn
    assert spans_to_bioes(spans[::-1], length) == spans_to_bioes(spans, length)


@given(any_tags())
def test_any_sequence_keeps_every_tagged_token_in_one_span(tags: list[str]) -> None:
    spans = bioes_to_spans(tags)
    covered = [index for first, last, _ in spans for index in range(first, last + 1)]
    assert covered == [index for index, tag in enumerate(tags) if tag != "O"]
    assert all(split_tag(tags[i])[1] == type_ for first, last, type_ in spans for i in range(first, last + 1))


@given(any_tags())
def test_decoding_then_encoding_settles(tags: list[str]) -> None:
    spans = bioes_to_spans(tags)
    assert bioes_to_spans(spans_to_bioes(spans, len(tags))) == spans


@given(any_tags())
def test_bilou_and_bioes_decode_alike(tags: list[str]) -> None:
    converted = bilou_to_bioes(tags)
    assert not {split_tag(tag)[0] for tag in converted} & {"L", "U"}
    assert bioes_to_spans(converted) == bioes_to_spans(tags)


def test_encoding_by_hand() -> None:
    spans = [(0, 0, "Country"), (2, 3, "State"), (4, 6, "Road/street")]
    assert spans_to_bioes(spans, 8) == [
        "S-Country",
        "O",
        "B-State",
        "E-State",
        "B-Road/street",
        "I-Road/street",
        "E-Road/street",
        "O",
    ]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["B-A", "I-A", "O"], [(0, 1, "A")]),  # IOB2: no E
        (["I-A", "I-A", "B-A"], [(0, 1, "A"), (2, 2, "A")]),  # IOB1: B only between neighbours
        (["I-A", "E-A"], [(0, 1, "A")]),
        (["E-A", "E-A"], [(0, 0, "A"), (1, 1, "A")]),
        (["B-A", "E-B"], [(0, 0, "A"), (1, 1, "B")]),
        (["S-A", "I-A"], [(0, 0, "A"), (1, 1, "A")]),
        (["B-A", "O", "E-A"], [(0, 0, "A"), (2, 2, "A")]),
        (["B-A", "L-A", "U-A"], [(0, 1, "A"), (2, 2, "A")]),
        (["B-A-B", "E-A-B"], [(0, 1, "A-B")]),
        ([], []),
    ],
)
def test_malformed_and_other_schemes(tags: list[str], spans: list[tuple[int, int, str]]) -> None:
    assert bioes_to_spans(tags) == spans


@pytest.mark.parametrize("tag", ["", "B", "B-", "X-LOC", "LOC", "-LOC", "o", "<unk>"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is no tag"):
        bioes_to_spans(["O", tag])
    with pytest.raises(ValueError, match="is no tag"):
        bilou_to_bioes([tag])


@pytest.mark.parametrize(
    "spans", [[(1, 0, "A")], [(-1, 0, "A")], [(0, 3, "A")], [(0, 0, "")], [(0, 1, "A"), (1, 2, "B")]]
)
def test_impossible_spans_are_refused(spans: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match=r"overlaps|no typed span"):
        spans_to_bioes(spans, 3)


def _message(text: str, *mentions: tuple[int, int]) -> Message:
    return Message("1", "event", text, tuple(GoldMention(text[a:b], a, b, "LOC") for a, b in mentions))


def test_mentions_that_fit_their_tokens() -> None:
    alignment = align(_message("Flooding in #Freeport, Grand Bahama!", (13, 21), (23, 35)))
    assert [token.text for token in alignment.tokens] == [
        "Flooding",
        "in",
        "#",
        "Freeport",
        ",",
        "Grand",
        "Bahama",
        "!",
    ]
    assert alignment.spans == ((3, 3, "LOC"), (5, 6, "LOC"))
    assert (alignment.inexact, alignment.lost) == ((), ())


def test_a_mention_inside_a_token_takes_the_token_and_is_reported() -> None:
    message = _message("#KeralaFloods now", (1, 7))
    alignment = align(message)
    assert alignment.spans == ((1, 1, "LOC"),)
    assert alignment.inexact == message.mentions


def test_two_mentions_in_one_token_lose_the_second() -> None:
    message = _message("NorthSouth", (0, 5), (5, 10))
    alignment = align(message)
    assert alignment.spans == ((0, 0, "LOC"),)
    assert alignment.lost == message.mentions[1:]


def test_a_mention_over_no_token_is_lost() -> None:
    message = _message("a  b", (1, 3))
    assert align(message).lost == message.mentions
    assert align(message).spans == ()


def test_given_tokens_are_used() -> None:
    message = _message("New York", (0, 8))
    assert align(message, tokens=tokenize("New York")[:1]).spans == ((0, 0, "LOC"),)


@given(st.text(max_size=40), st.data())
def test_alignment_covers_what_the_mention_covers(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    alignment = align(_message(text, (start, end)))
    touched = [
        i for i, token in enumerate(alignment.tokens) if set(range(token.start, token.end)) & set(range(start, end))
    ]
    assert [i for first, last, _ in alignment.spans for i in range(first, last + 1)] == touched
    assert bool(alignment.lost) == (not touched)
