"""A misspelt name -> the names it may stand for: candidates by shared blocks, then scored by rapidfuzz.

Blocks are made of how names sound (`sound`), without spaces. A name whose sound is at most two slips from the query's
shares a block with it (`blocks`) and is a candidate, unless its letters differ too much; the score looks at the
spelling first. Everything is in arrays that are mapped into memory, so that opening costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray

from gazetteer.fuzzy.blocks import (
    LONGEST,
    SEGMENTS,
    Hashes,
    Numbers,
    Sounds,
    letter_masks,
    probe_hashes,
    segment_hashes,
    split_sounds,
)
from gazetteer.fuzzy.query import Query, query_of
from gazetteer.fuzzy.sound import END, Codes, code_points, letters_of, sounds_of, strings_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow

#: What `FuzzyIndex.compile` writes: the names in UTF-8, a line each, and where each begins; the letters of each (see
#: `letter_masks`); the names' numbers, block after block, and where each block begins.
FUZZY_FILES = ("fuzzy.names.npy", "fuzzy.lines.npy", "fuzzy.masks.npy", "fuzzy.numbers.npy", "fuzzy.blocks.npy")
#: Shorter names, in letters, are a letter away from too many others.
SHORTEST = 5
#: Names at a time when compiling: enough that numpy is quick, few enough for the processor's cache.
_CHUNK = 32_768
#: At most so many candidates are looked at, those of the smallest blocks, and so many of them, those with the most
#: letters in common, are scored: the work is bounded even where half of the names begin alike.
_CONSIDERED, _SCORED = 100_000, 1_000
#: Queries at a time in `lookup_many`.
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class FuzzyMatch:
    """A normalised name like the one looked for, and how like: `score` is 0 to 100.

    The spelling's score is 100 * (1 - distance / (length + length)), where distance is rapidfuzz's optimal string
    alignment: a letter more, fewer, another, or swapped with its neighbour is one slip. For letters more and fewer that
    is what rapidfuzz's `fuzz.ratio` gives, which counts the other slips twice. The sound's score is the same of the
    sounds. `score` is the mean of both where that is higher than the spelling's: a slip that nobody hears counts half.
    """

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Probes:
    """Where the candidates of queries are: in each row the query's number, its letters, in how many bits those of a
    candidate may differ, and a range of the index.
    """

    queries: Numbers
    masks: Hashes
    bits: Numbers
    starts: Numbers
    sizes: Numbers


class FuzzyIndex:
    """Names of `SHORTEST` to `LONGEST` letters, of which a look-up scores a few hundred; spaces are no letters."""

    def __init__(self, arrays: Sequence[NDArray[Any]]) -> None:
        # Plain arrays: slicing a numpy.memmap costs more than the reading.
        self._text, self._lines, self._masks, self._numbers, self._blocks = map(numpy.asarray, arrays)
        self._starts = memoryview(self._blocks.data)
        self._shift = 64 - (len(self._blocks) - 2).bit_length()

    @staticmethod
    def compile(names: Sequence[str], folder: Path) -> None:
        """Write the index of unique normalised names, in any order, to the `FUZZY_FILES` of `folder`.

        Raises ValueError where a name holds a line's end.
        """
        text = numpy.frombuffer("".join(name + "\n" for name in names).encode("utf-8", "surrogatepass"), numpy.uint8)
        ends = numpy.flatnonzero(text == END)
        if len(ends) != len(names):
            raise ValueError("A name with a line's end in it is not normalised")
        lines = numpy.zeros(len(names) + 1, numpy.uint32 if len(text) < 1 << 32 else numpy.uint64)
        lines[1:] = ends + 1
        masks = numpy.zeros(len(names), numpy.uint64)
        # One or two entries a block, were they spread evenly, so that few names share one by chance.
        bits = max(8, (SEGMENTS * len(names) // 2).bit_length())
        entries = []
        for first in range(0, len(names), _CHUNK):
            chunk = slice(first, first + _CHUNK)
            rows, sounds, masks[chunk] = _indexable(names[chunk])
            blocks = segment_hashes(sounds) >> numpy.uint64(64 - bits)
            entries.append((blocks << numpy.uint64(32) | (rows + first).astype(numpy.uint64)).ravel())
        packed = numpy.concatenate(entries) if entries else numpy.zeros(0, numpy.uint64)
        packed.sort()
        sizes = numpy.bincount((packed >> numpy.uint64(32)).astype(numpy.int64), minlength=1 << bits)
        starts = numpy.zeros(len(sizes) + 1, numpy.uint32)
        numpy.cumsum(sizes, out=starts[1:])
        for file, array in zip(FUZZY_FILES, (text, lines, masks, packed.astype(numpy.uint32), starts), strict=True):
            numpy.save(folder / file, array)

    @classmethod
    def open(cls, folder: Path) -> FuzzyIndex:
        """Map what `compile` wrote."""
        return cls([numpy.load(folder / file, mmap_mode="r") for file in FUZZY_FILES])

    def lookup(self, name: str, *, limit: int, least_score: float) -> list[FuzzyMatch]:
        """Return at most `limit` names that score `least_score` or more: best first, equals in alphabetical order.

        One slip in a name of six letters scores at least 90, two in one of eight at least 85. Every name at one slip is
        found, and every name whose sound is at most two from the query's (a swap counts as two), spaces apart; others
        that score high enough may be. Where very many names are so near, the least like in their letters are left out.
        """
        letters = name.replace(" ", "")
        if not SHORTEST <= len(letters) <= LONGEST:
            return []
        query = query_of(letters)
        names = self._names(self._candidates(query))
        if not names:
            return []
        kept, scores = _scores(name, query.sound, names, least_score)
        return _best([FuzzyMatch(names[row], score) for row, score in zip(kept, scores, strict=True)], limit)

    def _candidates(self, query: Query) -> NDArray[numpy.uint32]:
        """Return the numbers of the names whose letters are near enough, at most `_SCORED`, the nearest."""
        blocks = self._starts
        ranges = []
        for code, bits in query.probes:
            block = code >> self._shift
            start, size = blocks[block], blocks[block + 1] - blocks[block]
            if size:
                ranges.append((start, size, bits))
        if not ranges:
            return self._numbers[:0]
        starts, sizes, allowed = numpy.array(ranges).T
        _keep_within_bounds(numpy.zeros_like(sizes), sizes)
        ends = (starts + sizes).tolist()
        numbers = [self._numbers[start:end] for start, end in zip(starts.tolist(), ends, strict=True)]
        candidates = numpy.concatenate(numbers)
        differences = numpy.bitwise_count(self._masks.take(candidates) ^ numpy.uint64(query.mask))
        near = differences <= allowed.repeat(sizes)
        candidates, first = numpy.unique(candidates[near], return_index=True)
        if len(candidates) > _SCORED:
            candidates = candidates[numpy.argsort(differences[near][first], kind="stable")[:_SCORED]]
        return candidates

    def lookup_many(
        self,
        names: Sequence[str] | pyarrow.Array | pyarrow.ChunkedArray | duckdb.DuckDBPyRelation,
        *,
        limit: int,
        least_score: float,
    ) -> list[list[FuzzyMatch]]:
        """Return `lookup` of each name in their order, faster than one by one: queries and blocks are joined by DuckDB.

        Of a relation of DuckDB the first column is looked up.
        """
        from gazetteer.fuzzy.batch import as_strings, nearest

        asked = as_strings(names)
        unique = list(dict.fromkeys(asked))
        found: dict[str, list[FuzzyMatch]] = {name: [] for name in unique}
        for first in range(0, len(unique), _BATCH):
            batch = unique[first : first + _BATCH]
            probes, heard = self._probe(batch)
            rows, numbers = nearest(probes, self._numbers, self._masks, most=_SCORED)
            numbers, places = numpy.unique(numbers, return_inverse=True)
            named = self._names(numbers)
            queries, sounds = ([each[row] for row in rows.tolist()] for each in (batch, heard))
            candidates = [named[place] for place in places.tolist()]
            for row, score in zip(*_scores(queries, sounds, candidates, least_score), strict=True):
                found[queries[row]].append(FuzzyMatch(candidates[row], score))
        best = {name: _best(matches, limit) for name, matches in found.items()}
        return [list(best[name]) for name in asked]

    def _probe(self, names: Sequence[str]) -> tuple[Probes, list[str]]:
        """Return where in `_numbers` the names like each of `names` are, one range a block, and how these sound."""
        rows, sounds, masks = _indexable(names)
        queries, hashes, bits = probe_hashes(sounds)
        blocks = (hashes >> numpy.uint64(self._shift)).astype(numpy.int64)
        starts = self._blocks[blocks].astype(numpy.int64)
        sizes = self._blocks[blocks + 1] - starts
        _keep_within_bounds(queries, sizes)
        queries = rows[queries]
        return Probes(queries, masks[queries], bits, starts, sizes), strings_of(sounds.codes)

    def _names(self, numbers: NDArray[Any]) -> list[str]:
        if not len(numbers):
            return []
        starts = self._lines[numbers].astype(numpy.int64)
        sizes = self._lines[numbers + 1] - starts
        # Gathered byte by byte, for slicing each from the text takes four times as long.
        places = numpy.repeat(starts - (numpy.cumsum(sizes) - sizes), sizes) + numpy.arange(sizes.sum())
        text: str = self._text[places].tobytes().decode("utf-8", "surrogatepass")
        return text.split("\n")[:-1]


def _indexable(names: Sequence[str]) -> tuple[Numbers, Sounds, Hashes]:
    """Return the rows of names neither too short nor too long, their sounds, and the letter masks of all names."""
    letters = letters_of(code_points(names))
    sounds = split_sounds(sounds_of(letters))
    lengths = split_sounds(letters).lengths
    rows = numpy.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST))
    return rows, Sounds(sounds.codes, sounds.starts[rows], sounds.lengths[rows]), letter_masks(sounds.codes)


def _keep_within_bounds(queries: Numbers, sizes: Numbers) -> None:
    """Shorten the ranges of queries that would have more than `_CONSIDERED` candidates, the longest first, in place."""
    for query in numpy.flatnonzero(numpy.bincount(queries, weights=sizes) > _CONSIDERED):
        own = numpy.flatnonzero(queries == query)
        own = own[numpy.argsort(sizes[own], kind="stable")]
        beyond = numpy.cumsum(sizes[own]) - _CONSIDERED
        sizes[own] = numpy.clip(sizes[own] - numpy.maximum(beyond, 0), 0, None)


def _scores(
    queries: str | Sequence[str], sounds: str | Sequence[str], names: Sequence[str], least_score: float
) -> tuple[list[int], list[float]]:
    """Score each name against the query in the same place; return the places of those good enough, and their scores.

    `sounds` are those of the queries. One query may stand for all.
    """
    spelling = _similarity(queries, names, code_points(names))
    # Where the sounds are equal the score is halfway from the spelling's to a hundred, and it is never higher.
    hopeful = numpy.flatnonzero(spelling >= 2 * least_score - 100)
    spelling, rows = spelling[hopeful], hopeful.tolist()
    heard = sounds_of(letters_of(code_points([names[row] for row in rows])))
    asked = sounds if isinstance(sounds, str) else [sounds[row] for row in rows]
    scores = numpy.maximum(spelling, (spelling + _similarity(asked, strings_of(heard), heard)) / 2)
    good = scores >= least_score
    return hopeful[good].tolist(), scores[good].tolist()


def _similarity(left: str | Sequence[str], right: Sequence[str], codes: Codes) -> NDArray[numpy.float64]:
    """Return how like what stands at the same place is, 0 to 100; `codes` are the code points of `right`."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cdist, cpdist

    if not right:
        return numpy.zeros(0)
    letters = split_sounds(codes).lengths
    if isinstance(left, str):
        [slips] = cdist([left], right, scorer=OSA.distance, dtype=numpy.int32)
        letters += len(left)
    else:
        slips = cpdist(left, right, scorer=OSA.distance, dtype=numpy.int32)
        letters += numpy.fromiter(map(len, left), numpy.int64, len(left))
    similarity: NDArray[numpy.float64] = 100 * (1 - slips / numpy.maximum(letters, 1))
    return similarity


def _best(matches: list[FuzzyMatch], limit: int) -> list[FuzzyMatch]:
    return sorted(matches, key=lambda match: (-match.score, match.name))[: max(0, limit)]
