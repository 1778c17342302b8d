"""Tokens know where they stand, and a word has one normalised form."""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gazetteer.text import BREAK, WordSequence, joinable, normalize_name, pieces_of, split_pieces, tokenize

#: Characters that stand close to the rules: letters of several scripts, marks, joiners, apostrophes, emoji.
TROUBLE = (
    "aAéÉßıİſøŁŉﬁﷺﹰﾞ0９½ẞ"
    "\u0301\u0345\u0307\u20e3\u093e\u0e33\u3099\ufe0f\U000e0100"
    "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u2060\ufeff\u3164"
    "'’ʼʻ-–./&`#@_  \t\n\u2028\u3000\u1680"
    "भारتमصר東京가🌊👩🇮🇳"
)
texts = st.one_of(st.text(), st.text(st.one_of(st.sampled_from(TROUBLE), st.characters()), max_size=40))


def words(text: str) -> list[str]:
    return [token.word for token in tokenize(text) if token.word]


@given(texts)
@example("\ud83d Kerala \udf0a")
def test_each_token_is_the_text_at_its_offsets(text: str) -> None:
    for token in tokenize(text):
        assert token.text
        assert text[token.start : token.end] == token.text


@given(texts)
def test_tokens_stand_in_order_and_do_not_overlap(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert token.start >= end
        assert token.end > token.start
        end = token.end


@given(texts)
def test_every_visible_character_is_in_a_token(text: str) -> None:
    covered = {index for token in tokenize(text) for index in range(token.start, token.end)}
    for index, character in enumerate(text):
        if unicodedata.category(character)[0] in "LNPS":
            assert index in covered, repr(character)


@given(texts)
def test_no_token_holds_white_space(text: str) -> None:
    assert all(token.text.split() == [token.text] for token in tokenize(text) if token.word)


@given(texts)
def test_letters_and_digits_are_words_and_punctuation_is_not(text: str) -> None:
    for token in tokenize(text):
        category = unicodedata.category(token.text[0])
        if category != "Cn":  # the regex package may know a newer Unicode than Python does
            assert bool(token.word) == (category[0] in "LN" and token.text[0] != "ʼ")


@given(texts)
@example("ﹰ")
@example("ﾞ")
@example("ŉ")
@example("ﷺ")
@example("Kerala\ufe0f\u20e3")
def test_normalising_twice_is_normalising_once(text: str) -> None:
    name = normalize_name(text)
    assert normalize_name(name) == name


def test_normalising_twice_is_normalising_once_for_every_character_that_decomposes() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.decomposition(chr(code))]
    names = [normalize_name(text) for character in characters for text in (character, f"a{character}b")]
    assert [name for name in names if normalize_name(name) != name] == []


@given(texts)
def test_a_normalised_word_holds_no_space_and_no_joiner(text: str) -> None:
    for word in words(text):
        assert not any(character.isspace() for character in word)
        assert not set(word) & set("'’-.&/`#@")


@given(texts)
def test_pieces_are_a_gap_and_a_word_by_turns_and_join_to_the_text(text: str) -> None:
    pieces = split_pieces(text)
    assert "".join(pieces) == text
    assert pieces[1::2] == [token.text for token in tokenize(text) if token.word]
    assert all(not words(gap) for gap in pieces[::2])


@given(texts)
def test_pieces_made_of_the_tokens_are_those_of_the_text(text: str) -> None:
    assert pieces_of(text, tokenize(text)) == split_pieces(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_of_ascii_is_split_as_any_other(text: str) -> None:
    # The letter at the end makes it another kind of text to the program, and to nobody else.
    assert tokenize(f"{text} é")[:-1] == tokenize(text)


@given(texts)
def test_the_words_of_a_sequence_know_where_they_stand(text: str) -> None:
    sequence, tokens = WordSequence(split_pieces(text)), tokenize(text)
    pieces, starts, indices = sequence.positions()
    assert len(pieces) == len(sequence.words)
    found = [
        (word, starts[piece], starts[piece + 1], indices[(piece + 1) // 2])
        for word, piece in zip(sequence.words, pieces, strict=True)
        if word != BREAK
    ]
    assert found == [(token.word, token.start, token.end, i) for i, token in enumerate(tokens) if token.word]


@given(texts)
def test_a_break_stands_wherever_a_gap_ends_a_name(text: str) -> None:
    sequence = WordSequence(split_pieces(text)).words
    tokens = [token for token in tokenize(text) if token.word]
    expected = [token.word for token in tokens[:1]]
    for left, right in pairwise(tokens):
        expected += [right.word] if joinable(text[left.end : right.start]) else [BREAK, right.word]
    while sequence and sequence[0] == BREAK:
        sequence = sequence[1:]
    while sequence and sequence[-1] == BREAK:
        sequence = sequence[:-1]
    assert sequence == expected


def test_more_different_words_than_are_remembered() -> None:
    text = " ".join(f"Wörd{number}" for number in range(70_000))
    assert WordSequence(split_pieces(text)).words == [f"word{number}" for number in range(70_000)]


def test_an_endless_word_and_an_endless_gap() -> None:
    text = "Ä" * 100_000 + "!" * 100_000 + "b"
    assert WordSequence(split_pieces(text)).words == ["a" * 100_000, BREAK, "b"]


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("KERALA", "kerala"),
        ("Kérala", "kerala"),
        ("Ke\u0301rala", "kerala"),
        ("São Tomé and Príncipe", "sao tome and principe"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Diyarbakır", "diyarbakir"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Þingvellir", "thingvellir"),
        ("Αθήνα", "αθηνα"),
        ("ΠΑΤΡΑΣ", "πατρασ"),
        ("Πάτρας", "πατρασ"),
        ("Йошкар-Ола", "иошкар ола"),
        ("القاهرة", "القاهرة"),
        ("केरल", "केरल"),
        ("กำแพงเพชร", "กําแพงเพชร"),
        ("東京", "東京"),
        ("葛\U000e0100城", "葛城"),
        ("Ｋｅｒａｌａ", "kerala"),
        ("Ker\u200bala", "kerala"),
        ("Ker\u00adala", "kerala"),
        ("Ker\u200dala", "kerala"),
        ("\u200eKerala\u200f", "kerala"),
        ("Highway 1\ufe0f\u20e3", "highway 1"),
        ("St. John's", "st john s"),
        ("St. John’s", "st john s"),
        ("St. Johnʼs", "st john s"),
        ("Hawai'i", "hawai i"),
        ("Hawaiʻi", "hawaii"),
        ("New  York", "new york"),
        ("Baden-Württemberg", "baden wurttemberg"),
        ("!!! ★", ""),
        ("", ""),
    ],
)
def test_spellings_and_their_normalised_form(spelling: str, name: str) -> None:
    assert normalize_name(spelling) == name


def test_vowel_signs_that_carry_the_word_stay() -> None:
    assert normalize_name("बिहार") != normalize_name("बहर")
    assert unicodedata.is_normalized("NFC", normalize_name("बिहार"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Kerala!!!", ["#", "Kerala", "!!!"]),
        ("#KeralaFloods", ["#", "KeralaFloods"]),
        ("Kerala's", ["Kerala", "'", "s"]),
        ("“Kerala”", ["“", "Kerala", "”"]),
        ("Kerala🌊🌊", ["Kerala", "🌊🌊"]),
        ("👩\u200d🚒Paris", ["👩", "🚒", "Paris"]),
        ("a?!", ["a", "?", "!"]),
        ("@kerala_news", ["@", "kerala", "_", "news"]),
        ("Ker\u200bala", ["Ker\u200bala"]),
        ("Kerala\u200b ", ["Kerala"]),
        (" \n\t", []),
    ],
)
def test_texts_and_their_tokens(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokenize(text)] == expected


@pytest.mark.parametrize(
    "between", [" ", "  ", "\n", "-", " - ", "–", "'", "’", "ʼ", ". ", "/", " & ", "\u200b ", "\x1f"]
)
def test_what_may_stand_inside_a_name(between: str) -> None:
    text = f"New{between}York"
    assert WordSequence(split_pieces(text)).words == ["new", "york"]


@pytest.mark.parametrize(
    "between", [", ", "; ", ": ", "! ", "? ", " #", " @", " (", " -- ", "...", "🌊", " 🌊 ", "\u200b#"]
)
def test_what_ends_a_name(between: str) -> None:
    text = f"New{between}York"
    assert WordSequence(split_pieces(text)).words == ["new", BREAK, "york"]
