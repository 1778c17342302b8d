"""Names cut into blocks such that two names at most two slips apart share one: the pigeonhole principle.

A sound (see `sound`) is cut into three segments; two slips leave at least one of the three whole, and shift
it by a few letters at most. Which substrings of a query may be such a segment is the multi-match-aware selection of Li,
Deng, Wang and Feng 2011, "Pass-Join: A Partition-based Method for Similarity Joins" (PVLDB 5(3)): at most nineteen. A
block's key is a stable hash of the segment, its place in the name, and the length of the name's sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy
from numpy.typing import NDArray

from gazetteer.fuzzy.sound import END, Codes

#: How many slips leave a segment whole.
SLIPS = 2
SEGMENTS = SLIPS + 1
#: Longer names, in letters, are neither indexed nor looked for.
LONGEST = 128
#: Multipliers of the rolling hash and of its last mixing (that of SplitMix64; Steele, Lea, Flood 2014), all odd; with
#: the latter how far the hash is shifted first.
BASE = 0x9E3779B97F4A7C15
MIXERS = ((0xBF58476D1CE4E5B9, 30), (0x94D049BB133111EB, 27))
#: Groups of letters, each with two bits in `letter_masks`.
SLOTS = 32

Hashes = NDArray[numpy.uint64]
Numbers = NDArray[numpy.int64]


@dataclass(frozen=True, slots=True)
class Sounds:
    """The sounds of names, one after another in `codes`: name i's are `codes[starts[i]:starts[i] + lengths[i]]`."""

    codes: Codes
    starts: Numbers
    lengths: Numbers


def split_sounds(codes: Codes) -> Sounds:
    """Find the names in an array of sounds each of which `END` closes."""
    ends = numpy.flatnonzero(codes == END)
    starts = numpy.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return Sounds(codes, starts, ends - starts)


def letter_masks(codes: Codes) -> Hashes:
    """Return 64 bits for each of the names that `END` closes: whether letters of a group are there, and whether twice.

    One letter more, fewer, or another changes at most two bits; letters swapped change none.
    """
    ends = codes == END
    count = int(numpy.count_nonzero(ends))
    slots = _SLOT_OF_LETTER.take(codes, mode="clip")
    foreign = numpy.flatnonzero(codes >= len(_SLOT_OF_LETTER))
    slots[foreign] = slots_of(codes[foreign])
    names = numpy.cumsum(ends)
    # Of the sum the ends are part too, but they begin the name that follows: a slot of their own after the others.
    counts = numpy.bincount(names * (SLOTS + 1) + slots, minlength=(count + 1) * (SLOTS + 1))
    counts = counts.reshape(count + 1, SLOTS + 1)[:count, :SLOTS]
    bits = numpy.concatenate([numpy.packbits(counts > least, axis=1) for least in (0, 1)], axis=1)
    masks: Hashes = numpy.ascontiguousarray(bits).view("<u8").astype(numpy.uint64).reshape(count)
    return masks


def segment_hashes(sounds: Sounds) -> Hashes:
    """Return the hashes of every name's three segments: an array of shape (3, number of names)."""
    starts = numpy.empty((SEGMENTS, len(sounds.starts)), numpy.int64)
    sizes = numpy.empty_like(starts)
    for segment in range(SEGMENTS):
        at, sizes[segment] = _segment(sounds.lengths, segment)
        starts[segment] = sounds.starts + at
    segments = numpy.arange(SEGMENTS, dtype=numpy.uint64)[:, None]
    return _hashes(sounds.codes, starts, sizes, sounds.lengths.astype(numpy.uint64) * SEGMENTS + segments)


def probe_hashes(sounds: Sounds) -> tuple[Numbers, Hashes, Numbers]:
    """Return, of each block in which names like the queries may lie, the query's row, the hash, and the bits allowed.

    Names of that block whose `letter_masks` differ from the query's in more bits are none of those looked for.
    """
    probes = [probe_substrings(length) for length in sounds.lengths.tolist()]
    rows = numpy.repeat(numpy.arange(len(probes)), [probe.shape[1] for probe in probes])
    starts, sizes, salts, bits = numpy.concatenate(probes, axis=1) if probes else numpy.zeros((4, 0), numpy.int64)
    return rows, _hashes(sounds.codes, starts + sounds.starts[rows], sizes, salts.astype(numpy.uint64)), bits


def _segment(lengths: Numbers, segment: int) -> tuple[Numbers, Numbers]:
    """Return where a segment starts in sounds of these lengths, and its length; none is longer than the middle one."""
    first, middle = (lengths + 1) // SEGMENTS, (lengths + 2) // SEGMENTS
    if segment == 0:
        return numpy.zeros_like(lengths), first
    return (first, middle) if segment == 1 else (first + middle, lengths - first - middle)


@lru_cache(maxsize=2 * LONGEST)
def probe_substrings(length: int) -> Numbers:
    """Return start, length and salt of each substring to look up for a query of this length, and the bits allowed."""
    rows = []
    for other in range(max(0, length - SLIPS), min(LONGEST, length + SLIPS) + 1):
        change = length - other
        for segment in range(SEGMENTS):
            at, size = (int(each[0]) for each in _segment(numpy.array([other]), segment))
            rest = SLIPS - segment
            low = max(at - segment, at + change - rest, 0)
            high = min(at + segment, at + change + rest, length - size)
            # A letter for another changes two bits, one more or fewer only one.
            bits = 2 * SLIPS - abs(change)
            rows += [(start, size, other * SEGMENTS + segment, bits) for start in range(low, high + 1)]
    return numpy.array(rows, numpy.int64).reshape(-1, 4).T.copy()


def _hashes(codes: Codes, starts: Numbers, sizes: Numbers, salts: Hashes) -> Hashes:
    """Return the hashes of substrings: of polynomials of their code points modulo 2^64, from running sums."""
    powers, inverses = powers_of_base(max(1 << (len(codes) - 1).bit_length(), 4 * LONGEST))
    sums = numpy.zeros(len(codes) + 1, numpy.uint64)
    numpy.cumsum(codes * powers[: len(codes)], out=sums[1:])
    # The same letters have the same hash wherever they stand.
    hashes: Hashes = (sums[starts + sizes] - sums[starts]) * inverses[starts]
    hashes ^= (salts + numpy.uint64(1)) * numpy.uint64(BASE)
    for mixer, shift in MIXERS:
        hashes ^= hashes >> numpy.uint64(shift)
        hashes *= numpy.uint64(mixer)
    return hashes


def slots_of(codes: Codes) -> Codes:
    """Return the group of letters that each is in: one each for a to z, the others shared out among the rest."""
    slots: Codes = numpy.where((codes >= ord("a")) & (codes <= ord("z")), codes - ord("a"), 26 + codes % (SLOTS - 26))
    return slots


#: The groups of ASCII; the last is that of `END`.
_SLOT_OF_LETTER = slots_of(numpy.arange(128, dtype=numpy.uint32))
_SLOT_OF_LETTER[END] = SLOTS


@lru_cache(maxsize=2)
def powers_of_base(count: int) -> tuple[Hashes, Hashes]:
    """Return the first `count` powers of the base and of its inverse, modulo 2^64."""
    factors = numpy.full((2, count), [[BASE], [pow(BASE, -1, 1 << 64)]], numpy.uint64)
    factors[:, :1] = 1
    powers = numpy.cumprod(factors, axis=1)
    return powers[0], powers[1]
