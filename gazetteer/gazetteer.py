"""`Gazetteer`: open one folder or several, match texts against their names, look up the places behind a name."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gazetteer.compiled import CompiledGazetteer
from gazetteer.errors import GazetteerCorrupt
from gazetteer.fuzzy import FuzzyIndex, FuzzyMatch
from gazetteer.layers import Layer, Layers
from gazetteer.manifest import Manifest, check_files, read_manifest
from gazetteer.matching import Hit, leftmost_longest_hits, overlapping_hits
from gazetteer.places import Match, NameFacts, Place, make_match
from gazetteer.text import Token, WordSequence, normalize_name, pieces_of, split_pieces

if TYPE_CHECKING:
    import duckdb
    import pyarrow

_LOG = logging.getLogger(__name__)

#: How many countries, states and other parents of places are remembered, with their own.
_MOST_LINEAGES = 4_096
#: The embedded gazetteer of the world.
WORLD = Path(__file__).parent / "data" / "world.gazetteer"


class Gazetteer:
    """Place names that find themselves in texts; several gazetteers behave as one, the first given preferred on ties.

    A place that two of them hold is one: it has the first one's id and what the first says of it, and what that leaves
    blank is filled from the other.

    Example: `Gazetteer.open(WORLD).match("Flooding in #Kerala")[0].name == "kerala"`.
    """

    def __init__(self, layers: Sequence[tuple[Manifest, CompiledGazetteer]], fuzzy: Sequence[FuzzyIndex] = ()) -> None:
        self.manifests = tuple(manifest for manifest, _ in layers)
        compiled = [each for _, each in layers]
        self._compiled = tuple(compiled)
        self._layer: Layer[Any] = compiled[0] if len(compiled) == 1 else Layers(compiled)
        self._fuzzy = tuple(fuzzy)
        self._lineage = lru_cache(_MOST_LINEAGES)(self._layer.lineage)

    @classmethod
    def open(cls, *folders: str | Path) -> Self:
        """Open gazetteer folders as one gazetteer. Raises `GazetteerUnreadable`."""
        opened = [_open(Path(folder)) for folder in folders]
        return cls([(manifest, compiled) for manifest, compiled, _ in opened], [fuzzy for _, _, fuzzy in opened])

    @property
    def attribution(self) -> str:
        """What anyone who shows these places must show with them."""
        return "; ".join(filter(None, dict.fromkeys(manifest.attribution for manifest in self.manifests)))

    def matches(self, text: str, tokens: Sequence[Token] | None = None) -> list[Match]:
        """Return every name on word boundaries in `text`, overlapping ones too, in order of start, longest first.

        `tokens` are those of `tokenize(text)` where the caller already has them.
        """
        pieces = split_pieces(text) if tokens is None else pieces_of(text, tokens)
        return self._matches(pieces, overlapping_hits)

    def match(self, text: str) -> list[Match]:
        """Return the leftmost-longest names in `text`: none overlap, offsets are into `text` as given."""
        return self._matches(split_pieces(text), leftmost_longest_hits)

    def matches_many(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Return `matches` of each text, lazily and in order; of a list or another sequence, sooner."""
        return self._many(texts, self.matches, overlapping=True)

    def match_many(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Return `match` of each text, lazily and in order; of a list or another sequence, sooner."""
        return self._many(texts, self.match, overlapping=False)

    def _many(
        self, texts: Iterable[str], alone: Callable[[str], list[Match]], *, overlapping: bool
    ) -> Iterator[list[Match]]:
        batches = self._layer.batches
        # Of what is no sequence, such as texts that are still arriving, no text may wait for the next.
        if batches is None or not isinstance(texts, Sequence):
            return map(alone, texts)
        return batches.match(texts, alone, overlapping=overlapping)

    def _matches(self, pieces: Sequence[str], choose: Callable[[list[Hit[Any]]], list[Hit[Any]]]) -> list[Match]:
        sequence = WordSequence(pieces)
        hits = self._layer.search(sequence.words)
        if not hits:
            return []
        piece_of, starts, tokens = sequence.positions()
        entry = self._layer.entry
        matches = []
        for first, last, key in choose(hits):
            name, facts = entry(key)
            begin, end = piece_of[first], piece_of[last] + 1
            first_token, last_token = tokens[begin + 1 >> 1], tokens[end >> 1]
            matches.append(make_match(starts[begin], starts[end], first_token, last_token, name, facts))
        return matches

    def facts(self, name: str) -> NameFacts | None:
        """Return what is known of a name, in any spelling of case and accents; None where nobody bears it."""
        key = self._layer.key(normalize_name(name))
        return None if key is None else self._layer.entry(key)[1]

    def places(self, name: str, *, limit: int = 10) -> list[Place]:
        """Return the places that bear a name, those of the first gazetteer first, and within each the best first.

        There are at most `limit` from each gazetteer, so that none crowds out the others.
        """
        key = self._layer.key(normalize_name(name))
        return [] if key is None else self._layer.places(key, limit=limit)

    def parents(self, place: Place) -> tuple[Place, ...]:
        """Return the places that a place of this gazetteer belongs to, from the smallest to the largest.

        Each is of the same gazetteer as the place itself. There are none where no parent is known.
        """
        above = (self._lineage(place.parent) if place.parent else None) or ()
        return tuple(each for each in above if each.id != place.id)

    def fuzzy(self, name: str, *, limit: int = 3, least_score: float = 85.0) -> list[FuzzyMatch]:
        """Return the names most like a misspelt one, best first; `FuzzyMatch` says what scores mean."""
        normalized = normalize_name(name)
        layers = [index.lookup(normalized, limit=limit, least_score=least_score) for index in self._fuzzy]
        return _best_of(layers, limit)

    def fuzzy_many(
        self,
        names: Sequence[str] | pyarrow.Array | pyarrow.ChunkedArray | duckdb.DuckDBPyRelation,
        *,
        limit: int = 3,
        least_score: float = 85.0,
    ) -> list[list[FuzzyMatch]]:
        """Return `fuzzy` of each name, in their order; many at once are joined with the index by DuckDB.

        `names` may be a list, a column of Arrow's, or a relation of DuckDB's, whose first column is taken.
        """
        from gazetteer.fuzzy.batch import as_strings

        normalized = [normalize_name(name) for name in as_strings(names)]
        layers = [index.lookup_many(normalized, limit=limit, least_score=least_score) for index in self._fuzzy]
        return [_best_of(each, limit) for each in zip(*layers, strict=True)] if layers else [[] for _ in normalized]

    def all_places(self) -> Iterator[Place]:
        """Yield every place of the first gazetteer, then of the next; within each the most important first.

        A place that two gazetteers hold comes twice.
        """
        return chain.from_iterable(each.all_places() for each in self._compiled)

    def coordinates(self, *, limit: int = 5_000) -> list[tuple[float, float]]:
        """Return longitude and latitude of the best places, an even share from each gazetteer, at most `limit`."""
        return self._layer.coordinates(limit=limit)


def _best_of(layers: Iterable[list[FuzzyMatch]], limit: int) -> list[FuzzyMatch]:
    found = {match.name: match for matches in layers for match in matches}
    return sorted(found.values(), key=lambda match: (-match.score, match.name))[:limit]


def _open(folder: Path) -> tuple[Manifest, CompiledGazetteer, FuzzyIndex]:
    started = time.monotonic()
    opened = _open_newest(folder)
    names, places = (opened[0].counts.get(each) for each in ("names", "places"))
    _LOG.info("%s: %s names of %s places, opened in %.2f s", folder, names, places, time.monotonic() - started)
    return opened


def _open_newest(folder: Path) -> tuple[Manifest, CompiledGazetteer, FuzzyIndex]:
    """Open one gazetteer; one that is replaced meanwhile is opened as it is afterwards."""
    manifest = read_manifest(folder)
    while True:
        try:
            check_files(manifest, folder)
            files = folder / manifest.compiled
            return manifest, CompiledGazetteer(files, matcher=manifest.matcher), FuzzyIndex.open(files)
        except (GazetteerCorrupt, OSError, ValueError, KeyError, TypeError) as error:
            newer = read_manifest(folder)
            if newer == manifest:
                if isinstance(error, GazetteerCorrupt):
                    raise
                raise GazetteerCorrupt(folder, f"cannot be read ({error})", "Build it again") from error
            manifest = newer
