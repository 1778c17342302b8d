"""What `sound` and `blocks` make of many names, made of one: a call of numpy takes longer than a name's few letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy

from gazetteer.fuzzy.blocks import BASE, LONGEST, MIXERS, SLOTS, powers_of_base, probe_substrings, slots_of
from gazetteer.fuzzy.sound import HEARD_AS

_WORD = (1 << 64) - 1
#: A letter before the same one, which is not heard; digits are.
_REPEATED = re.compile(r"([^\x00-9])(?=\1)")
_POWERS, _INVERSES = (powers.tolist() for powers in powers_of_base(LONGEST + 1))


@dataclass(frozen=True, slots=True)
class Query:
    """A misspelt name: how it sounds, the bits of its letters (see `blocks.letter_masks`), and where to look.

    `probes` are hashes of blocks, each with the number of bits in which the letters of a name in it may differ.
    """

    sound: str
    mask: int
    probes: list[tuple[int, int]]


def query_of(letters: str) -> Query:
    """Return what is looked for, given a name's letters without the spaces, at most `LONGEST` of them."""
    sound = sound_of(letters)
    return Query(sound, _letter_mask(sound), _probes(sound))


def sound_of(letters: str) -> str:
    """Return how a name sounds; as `sound.sounds_of`, which gives the rules."""
    once = _REPEATED.sub("", letters)
    return _REPEATED.sub("", once.replace("ph", "f").replace("h", "").translate(HEARD_AS))


def _letter_mask(sound: str) -> int:
    once = twice = 0
    for letter in sound:
        # In each byte, numpy packs the first bit as the highest.
        bit = 1 << (_slot(letter) ^ 7)
        twice |= once & bit
        once |= bit
    return once | twice << SLOTS


@lru_cache(maxsize=1024)
def _slot(letter: str) -> int:
    return int(slots_of(numpy.array([ord(letter)], numpy.uint32))[0])


def _probes(sound: str) -> list[tuple[int, int]]:
    sums = [0]
    for letter, power in zip(sound, _POWERS, strict=False):
        sums.append(sums[-1] + ord(letter) * power)
    probes = []
    for start, end, salt, bits in _substrings(len(sound)):
        code = (sums[end] - sums[start]) * _INVERSES[start] & _WORD ^ salt
        for mixer, shift in MIXERS:
            code = (code ^ code >> shift) * mixer & _WORD
        probes.append((code, bits))
    return probes


@lru_cache(maxsize=2 * LONGEST)
def _substrings(length: int) -> list[tuple[int, int, int, int]]:
    """Return start, end, salt and bits of `blocks.probe_substrings`, the salt as it enters the hash."""
    rows = probe_substrings(length).T.tolist()
    return [(start, start + size, (salt + 1) * BASE & _WORD, bits) for start, size, salt, bits in rows]
