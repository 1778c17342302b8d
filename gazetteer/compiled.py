"""The compiled gazetteer: what is read at run time, made from the store and never from the source.

`places.parquet` holds one row a place, `names.parquet` one row a normalised name in the order of the matcher's
numbers, `names.<matcher>` the matcher. Nothing here needs DuckDB, so that opening is quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from gazetteer.matching import MATCHERS, Matcher
from gazetteer.places import KINDS, NAME_KINDS, NameFacts, NameKind, Place

if TYPE_CHECKING:
    import pyarrow

PLACES_FILE = "places.parquet"
NAMES_FILE = "names.parquet"
#: Coordinates are stored as whole numbers of OpenStreetMap's own precision, 1e-7 degrees.
_DEGREE = 10_000_000


def matcher_file(kind: str) -> str:
    """Return the name of the file that holds a matcher of this kind."""
    return f"names.{kind}"


def compile_gazetteer(places: pyarrow.Table, names: pyarrow.Table, folder: Path, *, matcher: str) -> None:
    """Write the compiled files of a store's `places()` and `summary()` into `folder`.

    `matcher` is "automaton" (fastest, loads in proportion to its size) or "trie" (opens at once, for large gazetteers).
    """
    import pyarrow
    from pyarrow import compute

    numbers = MATCHERS[matcher].compile(names["name"].to_pylist(), folder / matcher_file(matcher))
    frequencies = pyarrow.array(_english_frequencies(names["name"].to_pylist()), pyarrow.float32())
    names = names.append_column("english_frequency", frequencies).take(compute.sort_indices(pyarrow.array(numbers)))
    # The matcher holds the names themselves; a second copy would double the folder.
    _write(names.drop_columns("name"), folder / NAMES_FILE)
    for axis in ("latitude", "longitude"):
        fixed = compute.cast(compute.round(compute.multiply(places[axis], _DEGREE)), pyarrow.int32())
        places = places.set_column(places.column_names.index(axis), axis, fixed)
    _write(places, folder / PLACES_FILE, split=("latitude", "longitude", "importance"))


def _write(table: pyarrow.Table, path: Path, *, split: Sequence[str] = ()) -> None:
    """Write a table compactly; the columns `split` are numbers of which hardly two are equal."""
    from pyarrow import parquet

    parquet.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.column_names if name not in split],
        column_encoding=dict.fromkeys(split, "BYTE_STREAM_SPLIT"),
    )


def _english_frequencies(names: Sequence[str]) -> list[float]:
    """Return for each name the Zipf frequency of its rarest word in English (wordfreq; Speer 2022)."""
    from wordfreq import zipf_frequency

    words = {word for name in names for word in name.split(" ")}
    frequency = {word: zipf_frequency(word, "en") for word in words}
    return [min(frequency[word] for word in name.split(" ")) for name in names]


class CompiledGazetteer:
    """One gazetteer's matcher, facts and places, read from its folder."""

    def __init__(self, folder: Path, *, matcher: str) -> None:
        from pyarrow import parquet

        names = parquet.read_table(folder / NAMES_FILE)
        self._places_path = folder / PLACES_FILE
        self._places_of_names = names["places"].combine_chunks()
        self._kinds = names["kinds"].combine_chunks()
        self._name_kinds = names["name_kinds"].combine_chunks()
        self._importance = names["importance"].to_numpy()
        self._english_frequency = names["english_frequency"].to_numpy()
        self._facts: dict[int, NameFacts] = {}
        self._matcher: Matcher = MATCHERS[matcher].load(folder / matcher_file(matcher), names["word_count"].to_pylist())

    def search(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Yield `(first word, last word, number of the name)` for every name that lies in a run of words."""
        return self._matcher.search(words)

    def facts(self, number: int) -> NameFacts:
        """Return what is known of the name with this number."""
        facts = self._facts.get(number)
        if facts is None:
            facts = self._facts[number] = NameFacts(
                kinds=tuple(KINDS[kind] for kind in self._kinds[number].as_py()),
                name_kinds=tuple(NAME_KINDS[kind] for kind in self._name_kinds[number].as_py()),
                place_count=len(self._places_of_names[number]),
                importance=float(self._importance[number]),
                english_frequency=float(self._english_frequency[number]),
            )
        return facts

    def names(self) -> Iterator[str]:
        """Yield every normalised name that a source gives, without the variants made of them, in no set order."""
        variant = [NAME_KINDS.index(NameKind.VARIANT)]
        only_variant = [kinds == variant for kinds in self._name_kinds.to_pylist()]
        return (name for name, number in self._matcher.names() if not only_variant[number])

    def places(self, number: int, *, limit: int) -> list[Place]:
        """Return the places that bear the name with this number, best first, at most `limit`."""
        return [self._place(row) for row in self._places_of_names[number].as_py()[:limit]]

    @cached_property
    def _place_columns(self) -> dict[str, Any]:
        from pyarrow import parquet

        table = parquet.read_table(self._places_path)
        strings = ("id", "name", "country", "admin1")
        return {
            column: table[column].combine_chunks() if column in strings else table[column].to_numpy()
            for column in table.column_names
        }

    def _place(self, row: int) -> Place:
        columns = self._place_columns
        return Place(
            id=columns["id"][row].as_py(),
            name=columns["name"][row].as_py(),
            kind=KINDS[columns["kind"][row]],
            latitude=int(columns["latitude"][row]) / _DEGREE,
            longitude=int(columns["longitude"][row]) / _DEGREE,
            country=columns["country"][row].as_py(),
            admin1=columns["admin1"][row].as_py(),
            population=int(columns["population"][row]),
            importance=round(float(columns["importance"][row]), 4),
        )

    def coordinates(self, *, limit: int) -> list[tuple[float, float]]:
        """Return longitude and latitude, in degrees, of the `limit` places of greatest importance."""
        columns = self._place_columns
        best = numpy.argsort(-columns["importance"], kind="stable")[:limit]
        axes = (columns["longitude"][best] / _DEGREE, columns["latitude"][best] / _DEGREE)
        return list(zip(*(axis.tolist() for axis in axes), strict=True))
