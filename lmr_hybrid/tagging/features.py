"""Matches -> one row of numbers a token, in plain numpy.

Columns, in order (`COLUMNS` names each):

- `B|I|E|S:<kind>`, 4 x 12: the token's position in the leftmost-longest match that covers it, for every kind of place
  that bears the name;
- `any:begin|inside|end`: the token begins, lies in or ends any match, overlapping ones too;
- `match:…`: of the leftmost-longest match, and 0 outside one: how many places bear the name (log2 / 10), the greatest
  importance of these, the Zipf frequency of its rarest word in English / 8, its length in words / 5 and letters / 20,
  and whether the name is a proper name, an alternative, an abbreviation, a demonym, or only a variant;
- `case:…` and `context:…`: how the token itself is written, and what stands before it;
- `in:<kind>`, 12: the token lies in any match of that kind, overlapping ones and those that lost too;
- `text:…`: the share of capitals among the letters of the whole text, and whether it has none at all.

A model names the columns that it was trained on, so that new ones may be appended here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy
from numpy.typing import NDArray

from gazetteer import Match, NameKind, PlaceKind, Token, leftmost_longest
from gazetteer.text import LONGEST_REMEMBERED

_KINDS = tuple(PlaceKind)
_POSITIONS = ("B", "I", "E", "S")
_NAME_KIND_GROUPS: tuple[tuple[str, frozenset[NameKind]], ...] = (
    ("name", frozenset({NameKind.NAME, NameKind.OFFICIAL, NameKind.SHORT})),
    ("alternative", frozenset({NameKind.ALTERNATIVE, NameKind.OLD, NameKind.REFERENCE})),
    ("abbreviation", frozenset({NameKind.ABBREVIATION})),
    ("demonym", frozenset({NameKind.DEMONYM})),
)
_MATCH_COLUMNS = (
    "places",
    "importance",
    "english",
    "words",
    "letters",
    *(name for name, _ in _NAME_KIND_GROUPS),
    "variant only",
)
_TOKEN_COLUMNS = (
    "case:title",
    "case:upper",
    "case:lower",
    "case:mixed",
    "case:digit",
    "case:symbol",
    "context:after #",
    "context:after @",
    "context:first",
    "context:in handle or address",
)
_TEXT_COLUMNS = ("text:upper", "text:no capital")
COLUMNS: tuple[str, ...] = (
    *(f"{position}:{kind}" for position in _POSITIONS for kind in _KINDS),
    "any:begin",
    "any:inside",
    "any:end",
    *(f"match:{name}" for name in _MATCH_COLUMNS),
    *_TOKEN_COLUMNS,
    *(f"in:{kind}" for kind in _KINDS),
    *_TEXT_COLUMNS,
)
_ANY = len(_POSITIONS) * len(_KINDS)
_MATCH = _ANY + 3
_TOKEN = _MATCH + len(_MATCH_COLUMNS)
_IN = _TOKEN + len(_TOKEN_COLUMNS)
_TEXT = _IN + len(_KINDS)
_KIND_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}
WIDTH = len(COLUMNS)


def feature_rows(tokens: Sequence[Token], matches: Sequence[Match]) -> NDArray[numpy.float32]:
    """Return the features of a text, shape (tokens, `WIDTH`), from all its matches, overlapping ones too."""
    rows = numpy.zeros((len(tokens), WIDTH), numpy.float32)
    for match in matches:
        rows[match.first_token, _ANY] = 1
        rows[match.first_token : match.last_token + 1, _ANY + 1] = 1
        rows[match.last_token, _ANY + 2] = 1
        for kind in match.facts.kinds:
            rows[match.first_token : match.last_token + 1, _IN + _KIND_NUMBER[kind]] = 1
    for match in leftmost_longest(matches):
        _write_match(rows, match)
    _write_tokens(rows, tokens)
    return rows


def _write_match(rows: NDArray[numpy.float32], match: Match) -> None:
    first, last, facts = match.first_token, match.last_token, match.facts
    for index in range(first, last + 1):
        position = 3 if first == last else 0 if index == first else 2 if index == last else 1
        for kind in facts.kinds:
            rows[index, position * len(_KINDS) + _KIND_NUMBER[kind]] = 1
    name_kinds = frozenset(facts.name_kinds)
    rows[first : last + 1, _MATCH:_TOKEN] = (
        min(1.0, numpy.log2(facts.place_count) / 10),
        facts.importance,
        facts.english_frequency / 8,
        min(1.0, (match.name.count(" ") + 1) / 5),
        min(1.0, len(match.name) / 20),
        *(bool(name_kinds & group) for _, group in _NAME_KIND_GROUPS),
        name_kinds == {NameKind.VARIANT},
    )


def _write_tokens(rows: NDArray[numpy.float32], tokens: Sequence[Token]) -> None:
    values = []
    letters = capitals = 0
    before, address = "", False
    previous_end = -1
    for token in tokens:
        text = token.text
        # A handle or an address ends at the first space; nothing within it is a mention of a place.
        touches = token.start == previous_end
        address = touches and (address or before == "@" or before == "//")
        case, own_letters, own_capitals = _writing(text, bool(token.word))
        after = before[-1:] if touches else ""
        values.append((*case, after == "#", after == "@", previous_end < 0, address))
        letters += own_letters
        capitals += own_capitals
        before, previous_end = text, token.end
    if values:
        rows[:, _TOKEN:_IN] = values
    rows[:, _TEXT] = capitals / max(1, letters)
    rows[:, _TEXT + 1] = capitals == 0


def _writing(text: str, is_word: bool) -> tuple[tuple[bool, ...], int, int]:
    """Return the columns of case of a token, and how many letters and capitals it has."""
    return _remembered_writing(text, is_word) if len(text) <= LONGEST_REMEMBERED else _new_writing(text, is_word)


def _new_writing(text: str, is_word: bool) -> tuple[tuple[bool, ...], int, int]:
    title, upper, lower = text.istitle(), text.isupper(), text.islower()
    case = (
        title,
        upper and len(text) > 1,
        lower,
        is_word and not (title or upper or lower),
        any(map(str.isdigit, text)),
        not is_word,
    )
    letters = [letter for letter in text if letter.isalpha()]
    return case, len(letters), sum(map(str.isupper, letters))


_remembered_writing = lru_cache(maxsize=65_536)(_new_writing)
