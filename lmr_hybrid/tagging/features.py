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
from itertools import product

import numpy
from numpy.typing import NDArray

from gazetteer import Match, NameFacts, NameKind, PlaceKind, Token, leftmost_longest
from gazetteer.text import Remembered, holds_word

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
    write_features(rows, tokens, matches)
    return rows


def write_features(rows: NDArray[numpy.float32], tokens: Sequence[Token], matches: Sequence[Match]) -> None:
    """Write the features of a text into rows of zeros that lie one behind another, shape (tokens, `WIDTH`)."""
    if matches:
        _write_matches(rows, matches)
    if tokens:
        _write_tokens(rows, tokens)


def _write_matches(rows: NDArray[numpy.float32], matches: Sequence[Match]) -> None:
    # Where the ones stand is collected first: numpy takes as long to write one of them as all together.
    ones: list[int] = []
    for match in matches:
        start, length = match.first_token * WIDTH, match.last_token - match.first_token + 1
        ones += [start + one for one in _ones_of_any(length, match.facts.kinds)]
    for match in leftmost_longest(matches):
        first, end = match.first_token, match.last_token + 1
        start = first * WIDTH
        ones += [start + one for one in _ones_of_chosen(end - first, match.facts.kinds)]
        rows[first:end, _MATCH:_TOKEN] = _match_columns(match.name, match.facts)
    rows.ravel()[ones] = 1


@lru_cache(maxsize=4_096)
def _ones_of_any(length: int, kinds: Sequence[PlaceKind]) -> list[int]:
    """Return where any match of so many tokens has ones, counted from the start of its first row."""
    last = (length - 1) * WIDTH
    columns = [_ANY + 1, *(_IN + _KIND_NUMBER[kind] for kind in kinds)]
    return [_ANY, last + _ANY + 2, *(row + column for row in range(0, last + 1, WIDTH) for column in columns)]


@lru_cache(maxsize=4_096)
def _ones_of_chosen(length: int, kinds: Sequence[PlaceKind]) -> list[int]:
    """Return where the leftmost-longest match of so many tokens has ones besides."""
    positions = [3] if length == 1 else [0, *([1] * (length - 2)), 2]
    return [
        row * WIDTH + position * len(_KINDS) + _KIND_NUMBER[kind]
        for row, position in enumerate(positions)
        for kind in kinds
    ]


@lru_cache(maxsize=16_384)
def _match_columns(name: str, facts: NameFacts) -> NDArray[numpy.float32]:
    """Return the columns "match:…" of a name, in the order of `_MATCH_COLUMNS`."""
    name_kinds = frozenset(facts.name_kinds)
    columns = (
        min(1.0, numpy.log2(facts.place_count) / 10),
        facts.importance,
        facts.english_frequency / 8,
        min(1.0, (name.count(" ") + 1) / 5),
        min(1.0, len(name) / 20),
        *(bool(name_kinds & group) for _, group in _NAME_KIND_GROUPS),
        name_kinds == {NameKind.VARIANT},
    )
    return numpy.array(columns, numpy.float32)


def _write_tokens(rows: NDArray[numpy.float32], tokens: Sequence[Token]) -> None:
    flags: list[bytes] = []
    letters = capitals = 0
    before, address = "", False
    previous_end = -1
    for token in tokens:
        text = token.text
        case, own_letters, own_capitals = _writing_of[text]
        flags.append(case)
        letters += own_letters
        capitals += own_capitals
        if token.start == previous_end:
            # A handle or an address ends at the first space; nothing within it is a mention of a place.
            address = address or before == "@" or before == "//"
            after = before[-1]
            flags.append(_CONTEXTS[after == "#", after == "@", False, address])
        else:
            address = False
            flags.append(_FIRST if previous_end < 0 else _PLAIN)
        before, previous_end = text, token.end
    rows[:, _TOKEN:_IN] = numpy.frombuffer(b"".join(flags), numpy.uint8).reshape(len(tokens), -1)
    rows[:, _TEXT] = capitals / max(1, letters)
    rows[:, _TEXT + 1] = capitals == 0


#: The columns "context:…" as bytes, those of a token after a space and of the first one.
_CONTEXTS = {flags: bytes(flags) for flags in product((False, True), repeat=4)}
_PLAIN, _FIRST = _CONTEXTS[False, False, False, False], _CONTEXTS[False, False, True, False]


def _writing(text: str) -> tuple[bytes, int, int]:
    """Return the columns "case:…" of a token as bytes, and how many letters and capitals it has."""
    title, upper, lower, is_word = text.istitle(), text.isupper(), text.islower(), holds_word(text)
    case = (
        title,
        upper and len(text) > 1,
        lower,
        is_word and not (title or upper or lower),
        any(map(str.isdigit, text)),
        not is_word,
    )
    letters = [letter for letter in text if letter.isalpha()]
    return bytes(case), len(letters), sum(map(str.isupper, letters))


_writing_of = Remembered(_writing)
