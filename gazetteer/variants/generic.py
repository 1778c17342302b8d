"""The word that says what a place is ("county", "city of", "river"), left out, added, or moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gazetteer.places import PlaceKind
from gazetteer.variants.english import is_rarer
from gazetteer.variants.rule import Variant, VariantRule
from gazetteer.variants.words import NOT_A_NAME, word_set

#: A word commoner than this in English (Zipf scale, van Heuven et al. 2014) is no name by itself: "orange", "heres".
_COMMON = 3.0
#: Of several words, one must be rarer than this: "than to" and "power plant" are no names.
_COMMON_TOGETHER = 4.5
_SHORTEST_BARE = 4

#: What may be left out, with the "of" behind it, by kind.
_BEFORE_OF: Mapping[PlaceKind, frozenset[str]] = {
    PlaceKind.COUNTRY: word_set(
        "republic kingdom commonwealth state union sultanate principality emirate federation territory"
    ),
    PlaceKind.STATE: word_set(
        "state province commonwealth territory region department governorate canton prefecture emirate republic"
    ),
    PlaceKind.COUNTY: word_set("county parish municipality district province department town"),
    PlaceKind.DISTRICT: word_set("district municipality county region province"),
    PlaceKind.CITY: word_set("city town village municipality township borough"),
    PlaceKind.NEIGHBOURHOOD: word_set("village town borough"),
    PlaceKind.ISLAND: word_set("island islands isle isles"),
}
#: What may be left out at the end, by kind.
_AT_END: Mapping[PlaceKind, frozenset[str]] = {
    PlaceKind.STATE: word_set(
        "state province region oblast krai kray governorate prefecture department canton voivodeship republic"
    ),
    PlaceKind.COUNTY: word_set(
        "county co parish district municipality province department prefecture rayon raion ilcesi kommun kommune okrug"
    ),
    PlaceKind.DISTRICT: word_set("district municipality province region"),
    PlaceKind.ISLAND: word_set("island islands"),
}
#: What other languages put in front, by kind; "de", "del" and their like may follow.
_IN_FRONT: Mapping[PlaceKind, frozenset[str]] = {
    PlaceKind.STATE: word_set("provincia departamento estado region departement province"),
    PlaceKind.COUNTY: word_set(
        "provincia departamento municipio distrito comuna powiat okres kabupaten gemeente obshtina opcina shahrestan "
        "partido judet oras"
    ),
    PlaceKind.DISTRICT: word_set("distrito municipio concelho"),
}
_LINKS = word_set("de del della di do da d du des la las los el the e")
#: What water and land is called before or behind its name: the word, and the words written for it in front and behind.
_TURNED: Mapping[PlaceKind, Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    PlaceKind.NATURAL_POI: {
        "river": (("river",), ("river",)),
        "rio": (("river",), ("river",)),
        "lake": (("lake",), ("lake",)),
        "lago": (("lake",), ("lake",)),
        "laguna": ((), ("lagoon",)),
        "volcan": ((), ("volcano",)),
        "playa": ((), ("beach",)),
    },
    PlaceKind.ISLAND: {
        "isla": ((), ("island",)),
        "ilha": ((), ("island",)),
        "ile": ((), ("island",)),
        "cayo": ((), ("cay",)),
        "isle": ((), ("island",)),
    },
}
_ARTICLES = frozenset(("the", "al"))


def may_stand_alone(words: Sequence[str]) -> bool:
    """Tell whether what is left of a name still names something: not a letter, direction, generic or common word."""
    if _is_generic(words):
        return False
    if len(words) > 1:
        return any(is_rarer(word, _COMMON_TOGETHER) for word in words if word not in NOT_A_NAME and len(word) > 1)
    return len(words[0]) >= _SHORTEST_BARE and is_rarer(words[0], _COMMON)


def _is_generic(words: Sequence[str]) -> bool:
    return all(word in NOT_A_NAME or len(word) < 2 or word.isdigit() for word in words)


def without_generic(words: Sequence[str], kind: PlaceKind) -> Iterator[Variant]:
    """Yield the name without the word for what it is: "city of houston", "gorkha district", "provincia de manabi"."""
    for rest, rule in _rests(words, kind):
        # The name of a country is common, and is a name all the same.
        if may_stand_alone(rest) or (kind is PlaceKind.COUNTRY and not _is_generic(rest)):
            yield Variant(" ".join(rest), rule)


def _rests(words: Sequence[str], kind: PlaceKind) -> Iterator[tuple[Sequence[str], VariantRule]]:
    if "of" in words:
        of = words.index("of")
        if 0 < of < len(words) - 1 and words[of - 1] in _BEFORE_OF.get(kind, ()):
            yield _without_link(words[of + 1 :]), VariantRule.BARE_OF
            return
    if words[-1] in _AT_END.get(kind, ()):
        yield words[:-1], VariantRule.BARE
    elif words[0] in _IN_FRONT.get(kind, ()):
        yield _without_link(words[1:]), VariantRule.BARE
    elif words[0] in _ARTICLES:
        yield words[1:], VariantRule.ARTICLE


def _without_link(words: Sequence[str]) -> Sequence[str]:
    first = 0
    while first < len(words) - 1 and words[first] in _LINKS:
        first += 1
    return words[first:]


def with_generic(words: Sequence[str], kind: PlaceKind) -> Iterator[Variant]:
    """Yield the name with the word for what it is in another place, in another form, or added."""
    if kind is PlaceKind.COUNTY:
        yield from _counties(words)
    elif kind in (PlaceKind.COUNTRY, PlaceKind.ISLAND):
        yield from _plurals(words)
    if kind in _TURNED and len(words) > 1:
        yield from _turned(words, _TURNED[kind])


def _plurals(words: Sequence[str]) -> Iterator[Variant]:
    if len(words) != 2 or words[1] != "islands" or words[0] in NOT_A_NAME or words[0].endswith("y"):
        return
    plural = words[0] if words[0].endswith("s") else f"{words[0]}s"
    if may_stand_alone([plural]):
        yield Variant(plural, VariantRule.PLURAL)


def _counties(words: Sequence[str]) -> Iterator[Variant]:
    if len(words) < 2:
        return
    if words[0] == "county":
        rest = words[2:] if words[1] == "of" else words[1:]
        if words[1] == "of" and rest:
            yield Variant(f"{' '.join(rest)} county", VariantRule.COUNTY)
        elif rest:
            yield Variant(f"co {' '.join(rest)}", VariantRule.COUNTY)
    elif words[-1] in ("county", "co"):
        other = "co" if words[-1] == "county" else "county"
        yield Variant(f"{' '.join(words[:-1])} {other}", VariantRule.COUNTY)


def _turned(words: Sequence[str], turned: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> Iterator[Variant]:
    for word, rest in (
        (words[-1], words[:-1]),
        (words[0], _without_link(words[2:] if words[1] == "of" else words[1:])),
    ):
        if word in turned and rest and not all(each in NOT_A_NAME or len(each) < 2 for each in rest):
            before, behind = turned[word]
            named = " ".join(rest)
            for each in behind:
                yield Variant(f"{named} {each}", VariantRule.WATER_AND_LAND)
            for each in before:
                yield Variant(f"{each} {named}", VariantRule.WATER_AND_LAND)
            return
