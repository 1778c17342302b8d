"""`Gazetteer`: open one folder or several, match texts against their names, look up the places behind a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from gazetteer.compiled import CompiledGazetteer
from gazetteer.errors import GazetteerCorrupt
from gazetteer.fuzzy import FuzzyIndex, FuzzyMatch
from gazetteer.manifest import Manifest, read_manifest
from gazetteer.matching import leftmost_longest
from gazetteer.places import KINDS, NAME_KINDS, Match, NameFacts, Place
from gazetteer.text import Token, normalize_name, tokenize, word_runs

#: The embedded gazetteer of the world.
WORLD = Path(__file__).parent / "data" / "world.gazetteer"


class Gazetteer:
    """Place names that find themselves in texts; several gazetteers behave as one, the first given preferred on ties.

    Example: `Gazetteer.open(WORLD).match("Flooding in #Kerala")[0].name == "kerala"`.
    """

    def __init__(self, layers: Sequence[tuple[Manifest, CompiledGazetteer]]) -> None:
        self.manifests = tuple(manifest for manifest, _ in layers)
        self._layers = tuple(compiled for _, compiled in layers)
        self._fuzzy: FuzzyIndex | None = None

    @classmethod
    def open(cls, *folders: str | Path) -> Self:
        """Open gazetteer folders as one gazetteer. Raises `GazetteerUnreadable`."""
        layers = []
        for folder in map(Path, folders):
            manifest = read_manifest(folder)
            try:
                layers.append((manifest, CompiledGazetteer(folder, matcher=manifest.matcher)))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise GazetteerCorrupt(folder, f"cannot be read ({error})", "Build it again") from error
        return cls(layers)

    @property
    def attribution(self) -> str:
        """What anyone who shows these places must show with them."""
        return "; ".join(dict.fromkeys(manifest.attribution for manifest in self.manifests))

    def matches(self, text: str, tokens: Sequence[Token] | None = None) -> list[Match]:
        """Return every name on word boundaries in `text`, overlapping ones too, in order of start, longest first.

        `tokens` are those of `tokenize(text)` where the caller already has them.
        """
        tokens = tokenize(text) if tokens is None else tokens
        found: dict[tuple[int, int], list[NameFacts]] = {}
        for run in word_runs(text, tokens):
            words = [tokens[index].word for index in run]
            for layer in self._layers:
                for first, last, number in layer.search(words):
                    found.setdefault((run[first], run[last]), []).append(layer.facts(number))
        return [
            Match(
                start=tokens[first].start,
                end=tokens[last].end,
                first_token=first,
                last_token=last,
                name=" ".join(token.word for token in tokens[first : last + 1] if token.word),
                facts=_merge(facts),
            )
            for (first, last), facts in sorted(found.items(), key=lambda item: (item[0][0], -item[0][1]))
        ]

    def match(self, text: str) -> list[Match]:
        """Return the leftmost-longest names in `text`: none overlap, offsets are into `text` as given."""
        return leftmost_longest(self.matches(text))

    def match_many(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Return `match` of each text, lazily and in order."""
        return map(self.match, texts)

    def facts(self, name: str) -> NameFacts | None:
        """Return what is known of a name, in any spelling of case and accents; None where nobody bears it."""
        facts = [layer.facts(number) for layer, number in self._numbers(normalize_name(name))]
        return _merge(facts) if facts else None

    def places(self, name: str, *, limit: int = 10) -> list[Place]:
        """Return the places that bear a name, those of the first gazetteer first, and within each the best first.

        There are at most `limit` from each gazetteer, so that none crowds out the others.
        """
        normalized = normalize_name(name)
        return [place for layer, number in self._numbers(normalized) for place in layer.places(number, limit=limit)]

    def fuzzy(self, name: str, *, limit: int = 3, least_score: float = 85.0) -> list[FuzzyMatch]:
        """Return the names most like a misspelt one, best first; scores are rapidfuzz's, 0 to 100."""
        if self._fuzzy is None:
            self._fuzzy = FuzzyIndex(name for layer in self._layers for name in layer.names())
        return self._fuzzy.lookup(normalize_name(name), limit=limit, least_score=least_score)

    def coordinates(self, *, limit: int = 5_000) -> list[tuple[float, float]]:
        """Return longitude and latitude of the best places, an even share from each gazetteer, at most `limit`."""
        share = limit // max(1, len(self._layers))
        return [point for layer in self._layers for point in layer.coordinates(limit=share)]

    def _numbers(self, normalized: str) -> Iterator[tuple[CompiledGazetteer, int]]:
        words = normalized.split(" ")
        for layer in self._layers:
            for first, last, number in layer.search(words):
                if first == 0 and last == len(words) - 1:
                    yield layer, number


def _merge(facts: Sequence[NameFacts]) -> NameFacts:
    if len(facts) == 1:
        return facts[0]
    return NameFacts(
        kinds=tuple(sorted({kind for each in facts for kind in each.kinds}, key=KINDS.index)),
        name_kinds=tuple(sorted({kind for each in facts for kind in each.name_kinds}, key=NAME_KINDS.index)),
        place_count=sum(each.place_count for each in facts),
        importance=max(each.importance for each in facts),
        english_frequency=facts[0].english_frequency,
    )
