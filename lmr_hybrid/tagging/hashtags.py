"""A hashtag of several words -> its words: by capitals, by digits, and by how common English words are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, lru_cache

import regex

#: By turns: capitals (`NYC` of `NYCFloods`), a word with or without its capital, digits, and everything else as it is.
_UPPER, _LOWER = r"(?:\p{Lu}[\p{M}\p{Cf}]*+)", r"(?:\p{Ll}[\p{M}\p{Cf}]*+)"
_CAPITALS = rf"{_UPPER}++(?!{_LOWER})|{_UPPER}+(?={_UPPER}{_LOWER})"
_PARTS = regex.compile(rf"{_CAPITALS}|{_UPPER}?{_LOWER}+|\p{{N}}+|[^\p{{Lu}}\p{{Ll}}\p{{N}}]+")
#: Words of fewer letters are not looked for words in: "ndma" is an abbreviation, no "nd" and "ma".
_SHORTEST = 7
#: No hashtag is longer; splitting takes time with the square of the length.
_LONGEST = 60
#: log10 of the probability of a word that is in no list, and what each letter of it adds (Norvig 2009, whose values
#: suit a longer list). So that unknown names stay whole ("Chengannur") but words beside them are seen ("cycloneidai").
_UNKNOWN, _UNKNOWN_LETTER = -5.0, -0.8


@lru_cache(maxsize=65_536)
def split_hashtag(word: str) -> tuple[str, ...]:
    """Return the words of a hashtag's word, which joined are the word again; one where it is a single word."""
    return tuple(part for piece in _PARTS.findall(word) for part in _split_letters(piece))


def _split_letters(letters: str) -> list[str]:
    """Split at the most probable places, words taken as independent of each other (Norvig 2009; Viterbi 1967)."""
    if not (letters.isascii() and letters.isalpha() and _SHORTEST <= len(letters) <= _LONGEST):
        return [letters]
    lower = letters.lower()
    best = [(0.0, 0)]
    for end in range(1, len(lower) + 1):
        best.append(max((best[start][0] + _log_probability(lower[start:end]), start) for start in range(end)))
    words, end = [], len(lower)
    while end:
        start = best[end][1]
        words.append(letters[start:end])
        end = start
    return words[::-1]


def _log_probability(word: str) -> float:
    share = _shares().get(word, 0.0) if len(word) > 1 else 0.0
    return math.log10(share) if share else _UNKNOWN + _UNKNOWN_LETTER * len(word)


@cache
def _shares() -> Mapping[str, float]:
    from wordfreq import get_frequency_dict

    shares: Mapping[str, float] = get_frequency_dict("en")
    return shares
