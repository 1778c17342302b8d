"""Words joined and split: apostrophes left out, Mc and Mac, conjunctions, hashtags, initials of well-known people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gazetteer.places import PlaceKind
from gazetteer.variants.english import is_rarer
from gazetteer.variants.rule import Variant, VariantRule
from gazetteer.variants.words import FACILITY_ENDINGS, OWNING_SAINTS, PEOPLE, TITLES

#: What an apostrophe leaves before a word: "o brien", "cote d ivoire", "l aquila".
_ELIDED = frozenset(("o", "d", "l"))
_APOSTROPHISED = _ELIDED | {"s"}
_SAINTS = frozenset(("saint", "st"))
_SHORTEST_STEM = 3
#: A hashtag shorter than this is too likely to be another word, and a longer one than this is not typed.
_SHORTEST_HASHTAG = 6
_LONGEST_HASHTAG = 24
#: What is joined and commoner than this in English (Zipf scale) is another word: "southeast", "courthouse".
_COMMON = 2.6
#: Kinds of places of which few are named so often that their genitives would be other names.
_OWNERS = frozenset({PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.CONTINENT, PlaceKind.ISLAND})
_SHORTEST_OWNER = 5
#: What people build, and whose names they shorten by more than words.
BUILT = frozenset({PlaceKind.HUMAN_POI, PlaceKind.ROAD})


def apostrophes(words: Sequence[str]) -> Iterator[Variant]:
    """Yield the name as it is written without its apostrophes, or with one after a saint's name."""
    if not _APOSTROPHISED.isdisjoint(words):
        yield from _unapostrophised(words)
    if words[0] in _SAINTS and words[1] in OWNING_SAINTS:
        yield Variant(" ".join([words[0], words[1][:-1], "s", *words[2:]]), VariantRule.APOSTROPHE)


def _unapostrophised(words: Sequence[str]) -> Iterator[Variant]:
    joined: list[str] = []
    elided, before = False, ""
    for word in words:
        if word == "s" and joined and len(joined[-1]) >= _SHORTEST_STEM:
            joined[-1] += "s"
        elif elided and len(word) >= _SHORTEST_STEM:
            joined[-1] += word
        else:
            joined.append(word)
        elided = word in _ELIDED and len(before) != 1
        before = word
    if len(joined) < len(words) and (len(joined) > 1 or is_rarer(joined[0], _COMMON)):
        yield Variant(" ".join(joined), VariantRule.APOSTROPHE)


def scottish(words: Sequence[str]) -> Iterator[Variant]:
    """Yield the name with its Mc or Mac joined, split or exchanged."""
    for index, word in enumerate(words):
        before, behind = words[:index], words[index + 1 :]
        if word in ("mc", "mac") and behind and len(behind[0]) >= _SHORTEST_STEM:
            yield Variant(" ".join([*before, word + behind[0], *behind[1:]]), VariantRule.MC)
        elif word.startswith("mc") and len(word) >= _SHORTEST_STEM + 2:
            yield Variant(" ".join([*before, "mc", word[2:], *behind]), VariantRule.MC)
            if len(words) > 1:
                yield Variant(" ".join([*before, f"mac{word[2:]}", *behind]), VariantRule.MC)


def genitive(name: str, kind: PlaceKind) -> Iterator[Variant]:
    """Yield the genitive as it is written without its apostrophe: "californias wildfires".

    Not of "republic of turkey", nor of "saint john", for "saint johns" is another place.
    """
    if kind not in _OWNERS or " of " in name or name.startswith(("saint ", "st ")):
        return
    if len(name) >= _SHORTEST_OWNER and name.isascii() and name[-1].isalpha() and name[-1] != "s":
        owner = f"{name}s"
        if is_rarer(owner, _COMMON):
            yield Variant(owner, VariantRule.GENITIVE)


def without_conjunction(words: Sequence[str]) -> Iterator[Variant]:
    """Yield the name without the "and" between its parts."""
    if "and" in words[1:-1]:
        yield Variant(" ".join(word for word in words if word != "and"), VariantRule.CONJUNCTION)


def facility(words: Sequence[str], kind: PlaceKind) -> Iterator[Variant]:
    """Yield the name of a road or institution with a well-known person's initials or a shorter ending."""
    yield from _people(words)
    if kind is PlaceKind.HUMAN_POI and len(words) > 2:
        for ending in FACILITY_ENDINGS.get((words[-2], words[-1]), ()):
            yield Variant(" ".join([*words[:-2], ending]), VariantRule.SHORTENED)


def _people(words: Sequence[str]) -> Iterator[Variant]:
    for person, initials in PEOPLE:
        if person[0] not in words:
            continue
        first = words.index(person[0])
        before, behind = words[:first], words[first + len(person) :]
        if before and before[-1] in TITLES:
            before = before[:-1]
        if tuple(words[first : first + len(person)]) == person and (before or behind):
            yield Variant(" ".join([*before, initials, *behind]), VariantRule.PERSON)
            return


def hashtag(name: str) -> Iterator[Variant]:
    """Yield the words of a name as one."""
    joined = name.replace(" ", "")
    if (
        _SHORTEST_HASHTAG <= len(joined) <= _LONGEST_HASHTAG
        and joined != name
        and not joined.isdigit()
        and is_rarer(joined, _COMMON)
    ):
        yield Variant(joined, VariantRule.HASHTAG)
