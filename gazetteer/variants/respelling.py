"""Words of a name written shorter or in full, where they stand in a place that says what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product

from gazetteer.places import PlaceKind
from gazetteer.variants import words as tables
from gazetteer.variants.rule import Variant, VariantRule

#: With more words to respell than this, they are respelt one at a time or all at once.
_MOST_COMBINED = 3


class _Position(Enum):
    FIRST = auto()
    LAST = auto()
    INNER_OR_FIRST = auto()
    ANYWHERE = auto()
    #: Where a road says what it is: last, or with nothing but a direction behind it; and never first.
    TYPE = auto()
    #: Beside a type and a name: "north" is short for nothing in "north street", which is not "n street".
    DIRECTION = auto()


@dataclass(frozen=True, slots=True)
class _Respelling:
    rule: VariantRule
    forms: tuple[str, ...]
    position: _Position
    kinds: frozenset[PlaceKind]


@dataclass(frozen=True, slots=True)
class _Site:
    """A word that can be respelt: its index, and the rule and forms by which."""

    index: int
    rule: VariantRule
    forms: tuple[str, ...]


_ALL = frozenset(PlaceKind)
_ROADS = frozenset({PlaceKind.ROAD})
_FACILITIES = frozenset({PlaceKind.HUMAN_POI})
_OTHERS = _ALL - _ROADS
_LAND = _OTHERS - _FACILITIES
_NUMBERED = _ROADS | _FACILITIES


def _respellings() -> dict[str, tuple[_Respelling, ...]]:
    rows: tuple[tuple[Mapping[str, tuple[str, ...]], VariantRule, _Position, frozenset[PlaceKind]], ...] = (
        (tables.SAINTS, VariantRule.SAINT, _Position.INNER_OR_FIRST, _ALL),
        (tables.backwards(tables.SAINTS), VariantRule.SAINT, _Position.INNER_OR_FIRST, _OTHERS),
        (tables.backwards(tables.SAINTS), VariantRule.SAINT, _Position.FIRST, _ROADS),
        (tables.LEADING_FEATURES, VariantRule.FEATURE, _Position.FIRST, _ALL),
        (tables.backwards(tables.LEADING_FEATURES), VariantRule.FEATURE, _Position.FIRST, _ALL),
        (tables.TRAILING_FEATURES, VariantRule.FEATURE, _Position.LAST, _LAND),
        (tables.backwards(tables.TRAILING_FEATURES), VariantRule.FEATURE, _Position.LAST, _LAND),
        (tables.STREET_TYPES, VariantRule.STREET_TYPE, _Position.TYPE, _ROADS),
        (tables.backwards(tables.STREET_TYPES), VariantRule.STREET_TYPE, _Position.TYPE, _ROADS),
        (tables.LEADING_STREET_TYPES, VariantRule.STREET_TYPE, _Position.FIRST, _ROADS),
        (tables.DIRECTIONS, VariantRule.DIRECTION, _Position.DIRECTION, _ROADS),
        (tables.backwards(tables.DIRECTIONS), VariantRule.DIRECTION, _Position.DIRECTION, _ROADS),
        (tables.LEADING_DIRECTIONS, VariantRule.DIRECTION, _Position.FIRST, _LAND),
        (tables.FACILITIES, VariantRule.FACILITY, _Position.ANYWHERE, _FACILITIES),
        ({"intl": ("international",), "univ": ("university",)}, VariantRule.FACILITY, _Position.ANYWHERE, _FACILITIES),
        (tables.SPELLINGS, VariantRule.SPELLING, _Position.ANYWHERE, _ALL),
        (tables.backwards(tables.SPELLINGS), VariantRule.SPELLING, _Position.ANYWHERE, _ALL),
        (tables.ORDINALS, VariantRule.ORDINAL, _Position.ANYWHERE, _NUMBERED),
        (tables.backwards(tables.ORDINALS), VariantRule.ORDINAL, _Position.ANYWHERE, _NUMBERED),
    )
    respellings: dict[str, tuple[_Respelling, ...]] = {}
    for table, rule, position, kinds in rows:
        for word, forms in table.items():
            respellings[word] = (*respellings.get(word, ()), _Respelling(rule, forms, position, kinds))
    return respellings


_RESPELLINGS = _respellings()
#: "south east" is not "s east", nor is "the center" "the centre".
_NEEDS_A_NAME = frozenset({VariantRule.DIRECTION, VariantRule.SPELLING})
_DIRECTIONS = frozenset(tables.DIRECTIONS) | frozenset(tables.backwards(tables.DIRECTIONS))
_TYPES = frozenset(tables.STREET_TYPES) | frozenset(tables.backwards(tables.STREET_TYPES))


def respelt(words: Sequence[str], kind: PlaceKind) -> Iterator[Variant]:
    """Yield a name of two words or more with its words abbreviated or written in full.

    Every choice of up to three words, the first form of each; then the further forms, one at a time.
    """
    sites = [site for index, word in enumerate(words) if word in _RESPELLINGS for site in _sites(words, index, kind)]
    if kind is not PlaceKind.ROAD and sites and all(word in tables.NOT_A_NAME for word in words):
        sites = [site for site in sites if site.rule not in _NEEDS_A_NAME]
    if not sites:
        return
    for chosen in _choices(sites):
        if chosen:
            yield Variant(_replaced(words, [(site.index, site.forms[0]) for site in chosen]), chosen[0].rule)
    for site in sites:
        for form in site.forms[1:]:
            yield Variant(_replaced(words, [(site.index, form)]), site.rule)


def without_direction(words: Sequence[str], kind: PlaceKind) -> Iterator[Variant]:
    """Yield the name of a road without the direction before or behind it; a type and a name must be left."""
    if kind is not PlaceKind.ROAD or len(words) < 3:
        return
    for gone, left in ((words[0], words[1:]), (words[-1], words[:-1])):
        if gone in _DIRECTIONS and left[-1] in _TYPES and not set(left) <= _TYPES | _DIRECTIONS:
            yield Variant(" ".join(left), VariantRule.UNDIRECTED)


def _choices(sites: Sequence[_Site]) -> Iterable[list[_Site]]:
    if len(sites) > _MOST_COMBINED:
        return [*([site] for site in sites), list(sites)]
    choices = product((True, False), repeat=len(sites))
    return [[site for site, taken in zip(sites, choice, strict=True) if taken] for choice in choices]


def _replaced(words: Sequence[str], replacements: Iterable[tuple[int, str]]) -> str:
    written = list(words)
    for index, form in replacements:
        written[index] = form
    return " ".join(written)


def _sites(words: Sequence[str], index: int, kind: PlaceKind) -> Iterator[_Site]:
    for respelling in _RESPELLINGS[words[index]]:
        if kind in respelling.kinds and _stands(words, index, respelling.position):
            yield _Site(index, respelling.rule, respelling.forms)
            return


def _stands(words: Sequence[str], index: int, position: _Position) -> bool:
    last = len(words) - 1
    match position:
        case _Position.FIRST:
            return index == 0
        case _Position.LAST:
            return index == last
        case _Position.INNER_OR_FIRST:
            return index < last
        case _Position.ANYWHERE:
            return True
        case _Position.TYPE:
            # There are an "a street" and an "a place", but "a st" and "a pl" are slips of the finger.
            behind_a_name = index > 1 or (index == 1 and words[0] != "a")
            return behind_a_name and (index == last or (index == last - 1 and words[last] in _DIRECTIONS))
        case _Position.DIRECTION:
            named = len(words) - 1 - sum(word in _TYPES for word in words[1:])
            return named > 0 and index in (0, last)
