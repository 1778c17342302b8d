from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lmr_hybrid.corpora import Message, drop_near_duplicates, near_duplicates, text_key
from lmr_hybrid.corpora.tweet_syntax import ZoneKind, zones

WORDS = st.text(string.ascii_letters + string.digits + "àéßıøçÑΣж#'-.,!", min_size=1, max_size=9)
TEXTS = st.lists(WORDS, min_size=3, max_size=12)
ADDED = st.sampled_from(
    [
        "https://t.co/Ab1",
        "HTTP://EXAMPLE.ORG",
        "www.example.org/a?b=c",
        "t.co/x1",
        "example.com",
        "bit.ly/2xY",
        "@user",
        "@User_1:",
        "RT @user:",
        "🌊",
        "...",
        "\u2026",
        "\n",
    ]
)


def _long_enough(words: list[str]) -> bool:
    return not text_key(" ".join(words)).startswith("=")


@given(TEXTS, ADDED, st.data())
def test_addresses_handles_and_symbols_do_not_change_the_key(words: list[str], added: str, data: st.DataObject) -> None:
    assume(_long_enough(words))
    place = data.draw(st.integers(0, len(words)))
    assert text_key(" ".join([*words[:place], added, *words[place:]])) == text_key(" ".join(words))


@given(TEXTS)
def test_case_does_not_change_the_key(words: list[str]) -> None:
    assume(_long_enough(words))
    text = " ".join(words)
    assert text_key(text.upper()) == text_key(text.lower()) == text_key(text)


@given(TEXTS, st.sampled_from(["\n", "  ", "\t", "\u00a0", " - "]))
def test_white_space_does_not_change_the_key(words: list[str], gap: str) -> None:
    assume(_long_enough(words))
    assert text_key(gap.join(words)) == text_key(" ".join(words))


@given(TEXTS, st.text(string.ascii_lowercase, min_size=1, max_size=5))
def test_another_word_does_change_the_key(words: list[str], word: str) -> None:
    assume(_long_enough(words) and word != "rt")
    assert text_key(" ".join([word, *words])) != text_key(" ".join(words))


@given(st.text(), st.text())
def test_short_texts_are_near_duplicates_only_of_themselves(one: str, other: str) -> None:
    if text_key(one).startswith("="):
        assert (text_key(one) == text_key(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RT @a_b: Flooding in Houston now http://t.co/x", "flooding in HOUSTON, now!"),
        ("Flooding in Houston now htt", "Flooding in Houston now"),
        ("Flooding in Houston now http:/\u2026", "Flooding in Houston now"),
        ("RT @ user : Flooding in Houston now", "Flooding in Houston now"),
        ("Food &amp; water for #PuertoRico", "food & water for Puerto Rico"),
        ("Help São Paulo today", "help Sao Paulo today"),
        ("see cnn.com/storm for more news", "See for more news"),
    ],
)
def test_the_same_said_again(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("84 dead in Nepal", "85 dead in Nepal"),
        ("Homes lost.Please help us", "Homes help us"),
        ("Stay safe", "stay safe"),
        ("Stay safe", "Stay safe @you"),
        ("", "@you"),
        ("Stay home now", "stayhomenow"),
        ("St.Louis/MO is under water", "is under water"),
        ("mail a@b now please", "mail a now please"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


def _message(identifier: str, text: str) -> Message:
    return Message(identifier, "event", text)


def test_near_duplicates_of_dev_are_dropped_and_counted() -> None:
    dev = [
        _message("d1", "Flooding in Houston now"),
        _message("d2", "Flooding in Houston NOW @x"),
        _message("d3", "Hi"),
    ]
    train = [
        _message("t1", "RT @x: Flooding in Houston now"),
        _message("t2", "Flooding in Dallas now"),
        _message("t3", "Flooding in Houston now"),
        _message("t4", "Hi!"),
        _message("t5", "Hi"),
    ]
    sifted = drop_near_duplicates(train, of=dev)
    assert [message.id for message in sifted.kept] == ["t2", "t4"]
    assert [(each.item.id, [other.id for other in each.of]) for each in sifted.dropped] == [
        ("t1", ["d1", "d2"]),
        ("t3", ["d1", "d2"]),
        ("t5", ["d3"]),
    ]
    assert sifted.counts() == {"kept": 2, "dropped": 3, "dropped_same_text": 2}
    assert [each.item.id for each in near_duplicates(train, of=dev)] == ["t1", "t3", "t5"]
    assert drop_near_duplicates(train, of=[]).kept == tuple(train)


def test_plain_texts_are_sifted_too() -> None:
    sifted = drop_near_duplicates(iter(["So much water here", "Other words stand here"]), of=["so much water here!"])
    assert sifted.kept == ("Other words stand here",)


@given(st.lists(st.one_of(WORDS, ADDED), max_size=10).map(" ".join))
def test_zones_are_in_order_and_apart(text: str) -> None:
    found = list(zones(text))
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    signs = {ZoneKind.HASHTAG: "#＃", ZoneKind.HANDLE: "@＠"}
    assert all(text[zone.start] in signs[zone.kind] for zone in found if zone.kind in signs)


def test_what_a_zone_is() -> None:
    text = "#Kerala_Floods by @x_1, a@b at t.co/#no and http://a.b/@no.U.S./Mexico"
    assert [(zone.kind.value, text[zone.start : zone.end]) for zone in zones(text)] == [
        ("hashtag", "#Kerala_Floods"),
        ("handle", "@x_1"),
        ("URL", "t.co/#no"),
        ("URL", "http://a.b/@no.U.S./Mexico"),
    ]
