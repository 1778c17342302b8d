"""Finds names in many texts at once: most words are told to be in no name before they are made strings.

The words of a hundred texts are found and hashed together by numpy, and a bit for each hash says whether a name may
consist of this word, or begin with this word and the next. Only where it is set is a name looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from gazetteer.places import Match, NameFacts, make_match
from gazetteer.text import joinable, tokenize
from gazetteer.trie import TrieMatcher

_Numbers = NDArray[Any]
#: Texts at a time: enough that numpy is quick, few enough for the processor's cache.
_TEXTS = 128
#: Texts of more characters are matched alone.
_LONGEST = 1_000
#: Stands between texts, before the first and after the last. A text that holds it is matched alone.
_SEPARATOR = "\0"
#: The symbols outside ASCII that English texts are full of, as control characters, which are symbols, too.
_SYMBOLS = dict(zip("‘’“”–—…•€£₹°©®™", map(chr, [*range(1, 9), *range(14, 21)]), strict=True)) | {"\u00a0": " "}
_IN_ASCII = str.maketrans(_SYMBOLS)
_CONTROL = re.compile("[\0-\x08\x0e-\x14]")
_ASCII = list(map(chr, range(128)))
#: By ASCII character: what it adds to the hash of a word, 0 where it is in none, and whether it is a symbol.
_LETTERS = numpy.array([ord(character) if character.isalnum() else 0 for character in _ASCII], numpy.uint64)
_IS_SYMBOL = numpy.array([bool(tokenize(character)) and not character.isalnum() for character in _ASCII])
#: A word's hash is a polynomial of this base modulo 2**64 (Karp and Rabin, 1987); its inverse moves words to one place.
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 2**64)
#: What spreads the hashes of single words, and of the first and the second of two, over the filter (Knuth, 1973).
_SINGLE, _FIRST, _SECOND = (numpy.uint64(each) for each in (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB))
#: Bits of the filter for each of its hashes, at the least: of 16 words that are no name, at most one is looked up.
_BITS_PER_HASH = 16
_LEAST_BITS = 1_024
#: Names at a time when the filter is made.
_NAMES = 4_096


def filter_of(names: Sequence[str]) -> NDArray[numpy.uint8]:
    """Return the filter of normalised names: bits for the hashes of those of one word, and of the first two of others.

    Names with letters beyond ASCII set bits as well, to no purpose. Some two to four bytes a name.
    """
    hashes: list[_Numbers] = [numpy.empty(0, numpy.uint64)]
    for start in range(0, len(names), _NAMES):
        encoded = [name.encode("ascii", "replace").decode() for name in names[start : start + _NAMES]]
        words = _Words.of(encoded)
        counts = numpy.diff(words.firsts, append=len(words.starts))
        hashes.append(_single_hashes(words.hashes)[words.firsts[counts == 1]])
        hashes.append(_double_hashes(words.hashes)[words.firsts[counts > 1]])
    unique = numpy.unique(numpy.concatenate(hashes))
    bits = max(_LEAST_BITS, 1 << (_BITS_PER_HASH * len(unique) - 1).bit_length())
    flags = numpy.zeros(bits, bool)
    flags[_slots(unique, bits)] = True
    return numpy.packbits(flags, bitorder="little")


class BatchMatcher:
    """Finds names in many texts at once, as `matcher` does in one; `bits` is the filter of its names.

    Raises `ValueError` where `bits` is no filter.
    """

    def __init__(
        self, bits: NDArray[numpy.uint8], matcher: TrieMatcher, entry: Callable[[int], tuple[str, NameFacts]]
    ) -> None:
        if bits.dtype != numpy.uint8 or len(bits) * 8 < _LEAST_BITS or len(bits).bit_count() != 1:
            raise ValueError("the filter of names is none")
        self._bits = bits
        self._root = matcher.root
        self._entry = entry

    def match(
        self, texts: Sequence[str], alone: Callable[[str], list[Match]], *, overlapping: bool
    ) -> Iterator[list[Match]]:
        """Yield the matches in each text, all of them or the leftmost-longest.

        `alone` finds the same in one text. It is given the long texts, and those with letters or rare symbols beyond
        ASCII.
        """
        for start in range(0, len(texts), _TEXTS):
            given = list(texts[start : start + _TEXTS])
            plain = list(map(_plain, given))
            together = [text for text, same in zip(given, plain, strict=True) if same is not None]
            found = self._match(together, [same for same in plain if same is not None], overlapping)
            for text, same in zip(given, plain, strict=True):
                yield alone(text) if same is None else next(found)

    def _match(self, given: list[str], texts: list[str], overlapping: bool) -> Iterator[list[Match]]:
        """Return the matches in the texts given, which `texts` are the plain form of."""
        found: list[list[Match]] = [[] for _ in texts]
        words = _Words.of(texts)
        candidates, may_go_on = self._candidates(words.hashes)
        positions = words.positions()
        starts, ends, tokens, owners = positions
        root, entry, taken = self._root, self._entry, -1
        for first, goes_on in zip(candidates, may_go_on, strict=True):
            if first <= taken:
                continue
            owner = owners[first]
            start = starts[first]
            node = root[texts[owner][start : ends[first]]]
            if node is None:
                continue
            if goes_on and node[1] is not None:
                hits = self._names_from(first, given[owner], texts[owner], positions)
            elif node[0] >= 0:
                hits = [(first, node[0])]
            else:
                continue
            for last, number in hits if overlapping else hits[:1]:
                name, facts = entry(number)
                found[owner].append(make_match(start, ends[last], tokens[first], tokens[last], name, facts))
                if not overlapping:
                    taken = last
        return iter(found)

    def _names_from(self, first: int, given: str, text: str, positions: _Positions) -> list[tuple[int, int]]:
        """Return the last word and the number of each name that begins with a word, longest first."""
        starts, ends, _, owners = positions
        hits = []
        last, node = first, self._root[text[starts[first] : ends[first]]]
        while node is not None:
            number, steps = node
            if number >= 0:
                hits.append((last, number))
            last += 1
            if steps is None or last == len(owners) or owners[last] != owners[first]:
                break
            node = steps[text[starts[last] : ends[last]]] if _joins(given[ends[last - 1] : starts[last]]) else None
        return hits[::-1]

    def _candidates(self, hashes: _Numbers) -> tuple[list[int], list[bool]]:
        """Return the words with which a name may begin, and whether one of more words than this may."""
        single, double = self._holds(_single_hashes(hashes)), self._holds(_double_hashes(hashes))
        [candidates] = numpy.nonzero(single | double)
        return candidates.tolist(), double[candidates].tolist()

    def _holds(self, hashes: _Numbers) -> _Numbers:
        slots = _slots(hashes, len(self._bits) * 8)
        held: _Numbers = (self._bits[slots >> 3] >> (slots & 7).astype(numpy.uint8) & 1).astype(bool)
        return held


class _Words(NamedTuple):
    """The words of several texts: where they start and end in `codes`, their hashes, and the text of each.

    `codes` are the characters of all texts with `_SEPARATOR` around each; `begins` is where the texts begin there, and
    `firsts` the first word of each, or of the next that has one.
    """

    codes: NDArray[numpy.uint8]
    starts: _Numbers
    ends: _Numbers
    hashes: _Numbers
    begins: _Numbers
    firsts: _Numbers

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Words:
        """Find the words of texts in ASCII and in small letters."""
        joined = _SEPARATOR.join(["", *texts, ""])
        codes = numpy.frombuffer(joined.encode("ascii"), numpy.uint8)
        letters = _LETTERS[codes]
        in_word = letters != 0
        [edges] = numpy.nonzero(in_word[1:] != in_word[:-1])
        starts, ends = edges[::2] + 1, edges[1::2] + 1
        powers, inverses = _powers(1 << len(codes).bit_length())
        sums = numpy.cumsum(letters * powers[: len(codes)])
        hashes = (sums[ends - 1] - sums[starts - 1]) * inverses[starts]
        lengths = numpy.fromiter(map(len, texts), numpy.int64, count=len(texts))
        begins = numpy.cumsum(lengths + 1) - lengths
        return cls(codes, starts, ends, hashes, begins, numpy.searchsorted(starts, begins))

    def positions(self) -> _Positions:
        """Return where the words stand in their own texts."""
        owners = numpy.repeat(numpy.arange(len(self.begins)), numpy.diff(self.firsts, append=len(self.starts)))
        begins = self.begins[owners]
        # A symbol token starts where a symbol is not the same as the character before it.
        is_start = _IS_SYMBOL[self.codes]
        is_start[1:] &= self.codes[1:] != self.codes[:-1]
        symbols = numpy.cumsum(is_start, dtype=numpy.int32)
        tokens = symbols[self.starts] - symbols[begins - 1] + numpy.arange(len(owners)) - self.firsts[owners]
        each = (self.starts - begins, self.ends - begins, tokens, owners)
        return _Positions(*(numbers.tolist() for numbers in each))


class _Positions(NamedTuple):
    """Of each word: where it starts and ends in its text, which token it is there, and the number of the text."""

    starts: list[int]
    ends: list[int]
    tokens: list[int]
    owners: list[int]


def _plain(text: str) -> str | None:
    """Return a text in ASCII and in small letters, with the same words at the same offsets; None where it has none."""
    if len(text) > _LONGEST:
        return None
    if text.isascii():
        return None if _SEPARATOR in text else text.lower()
    if _CONTROL.search(text):
        return None
    translated = text.translate(_IN_ASCII)
    return translated.lower() if translated.isascii() else None


@lru_cache(maxsize=1024)
def _joins(gap: str) -> bool:
    return joinable(gap)


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[_Numbers, _Numbers]:
    """Return the first `count` powers of the base of hashes and of its inverse."""
    factors = numpy.full((2, count), [[_BASE], [_INVERSE]], numpy.uint64)
    factors[:, 0] = 1
    powers, inverses = numpy.cumprod(factors, axis=1)
    return powers, inverses


def _single_hashes(hashes: _Numbers) -> _Numbers:
    return hashes * _SINGLE


def _double_hashes(hashes: _Numbers) -> _Numbers:
    """Return the hash of each word and the next; that of the last is of no use."""
    doubles = hashes * _FIRST
    doubles[:-1] += hashes[1:] * _SECOND
    return doubles


def _slots(hashes: _Numbers, bits: int) -> _Numbers:
    """Return which of the bits, a power of two, stands for each hash: its upper ones, on which all the others act."""
    mixed = (hashes ^ (hashes >> numpy.uint64(32))) * _SINGLE
    slots: _Numbers = (mixed >> numpy.uint64(65 - bits.bit_length())).astype(numpy.int64)
    return slots
