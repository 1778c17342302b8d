"""Tokens know where they stand, and a word has one normalised form."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gazetteer.text import normalize_name, tokenize, word_runs

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
def test_every_word_is_in_exactly_one_run(text: str) -> None:
    tokens = tokenize(text)
    runs = word_runs(text, tokens)
    assert [index for run in runs for index in run] == [index for index, token in enumerate(tokens) if token.word]


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
    assert [len(run) for run in word_runs(text, tokenize(text))] == [2]


@pytest.mark.parametrize(
    "between", [", ", "; ", ": ", "! ", "? ", " #", " @", " (", " -- ", "...", "🌊", " 🌊 ", "\u200b#"]
)
def test_what_ends_a_name(between: str) -> None:
    text = f"New{between}York"
    assert [len(run) for run in word_runs(text, tokenize(text))] == [1, 1]
