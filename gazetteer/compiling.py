"""Writes the compiled gazetteer that `gazetteer.compiled` reads, column by column: a million names take seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray

from gazetteer.automaton import AutomatonMatcher
from gazetteer.batches import filter_of
from gazetteer.compiled import (
    AUTOMATON_FILE,
    AXES,
    BOUNDS_COLUMNS,
    BOUNDS_FILE,
    DEGREE_STEP,
    FILTER_FILE,
    FREQUENCY_STEP,
    IDENTIFIER,
    IMPORTANCE_STEP,
    NAME_COLUMNS,
    NAME_PLACES_FILE,
    NAMES_FILE,
    PLACE_COLUMNS,
    PLACES_FILE,
    STRING_END,
    STRINGS_FILE,
    TRIE_FILE,
    WORDS_FILE,
    compiled_files,
)
from gazetteer.trie import write_trie

if TYPE_CHECKING:
    import marisa_trie
    import pyarrow

_Numbers = NDArray[Any]


def compile_gazetteer(places: pyarrow.Table, names: pyarrow.Table, folder: Path, *, matcher: str) -> None:
    """Write the compiled files of a store's places and normalised names into `folder`.

    `matcher` is "automaton" (as fast on texts of new words as on others, loads in proportion to its size) or "trie"
    (mapped, not loaded; for large gazetteers).
    """
    compiled_files(matcher)
    spelt = names["name"].to_pylist()
    trie = write_trie(spelt, folder / TRIE_FILE)
    numbers = numpy.fromiter(map(trie.get, spelt), numpy.int64, count=len(spelt))
    if matcher == AutomatonMatcher.kind:
        AutomatonMatcher.compile(spelt, numbers.tolist(), folder / AUTOMATON_FILE, folder / WORDS_FILE)
    else:
        numpy.save(folder / FILTER_FILE, filter_of(spelt))
    order = numpy.empty_like(numbers)
    order[numbers] = numpy.arange(len(numbers))
    _write_names(names.take(order), trie, folder)
    _write_places(places, folder)
    _write_bounds(places, folder)


def _write_names(names: pyarrow.Table, trie: marisa_trie.Trie, folder: Path) -> None:
    """Write the names, which stand in the order of their numbers."""
    from pyarrow import compute

    place_counts = compute.list_value_length(names["places"]).to_numpy()
    numpy.save(folder / NAME_PLACES_FILE, _narrow(compute.list_flatten(names["places"]).to_numpy()))
    derived_from = numpy.zeros(len(names), numpy.int64)
    [derived] = numpy.nonzero(compute.not_equal(names["derived_from"], "").to_numpy())
    originals = names["derived_from"].take(derived).to_pylist()
    derived_from[derived] = [1 + trie[original] for original in originals]
    word_counts, frequencies = _english(names["name"])
    columns = {
        "places": numpy.concatenate([[0], numpy.cumsum(place_counts)]),
        "kinds": _bits(names["kinds"]),
        "name_kinds": _bits(names["name_kinds"]),
        "importance": numpy.rint(names["importance"].to_numpy() * IMPORTANCE_STEP).astype(numpy.int64),
        "english_frequency": frequencies,
        "derived_from": derived_from,
        "word_count": word_counts,
    }
    # One row more closes the places of the last name.
    table = {name: column if name == "places" else numpy.append(column, 0) for name, column in columns.items()}
    numpy.save(folder / NAMES_FILE, _table(table, NAME_COLUMNS))


def _bits(lists: pyarrow.ChunkedArray) -> _Numbers:
    """Return each list of small numbers as a number in which these bits are set."""
    from pyarrow import compute

    values = compute.list_flatten(lists).to_numpy()
    owners = numpy.repeat(numpy.arange(len(lists)), compute.list_value_length(lists).to_numpy())
    bits = numpy.zeros(len(lists), numpy.int64)
    for value in numpy.unique(values).tolist():
        bits[owners[values == value]] |= 1 << value
    return bits


def _english(names: pyarrow.ChunkedArray) -> tuple[_Numbers, _Numbers]:
    """Return the number of words of each name, and the Zipf frequency of its rarest word in English in steps."""
    from pyarrow import compute

    words = compute.split_pattern(names, " ").combine_chunks()
    counts = compute.list_value_length(words).to_numpy()
    coded = words.flatten().dictionary_encode()
    frequency = numpy.array(english_frequencies(coded.dictionary.to_pylist()), numpy.float64)
    steps = numpy.rint(frequency * FREQUENCY_STEP).astype(numpy.int64)[coded.indices.to_numpy()]
    starts = numpy.concatenate([[0], numpy.cumsum(counts)[:-1]])
    return counts, numpy.minimum.reduceat(steps, starts) if len(names) else steps


def english_frequencies(words: Sequence[str]) -> list[float]:
    """Return the Zipf frequency of each normalised word in English, to the hundredth (wordfreq; Speer 2022).

    Equal to wordfreq's own `zipf_frequency`, but asks it only about words that it would cut up.
    """
    from wordfreq import get_frequency_dict, zipf_frequency

    known = get_frequency_dict("en")
    alike: dict[float, float] = {}
    found = []
    for word in words:
        if not (word.isascii() and word.isalpha()):
            found.append(zipf_frequency(word, "en"))
        elif (frequency := known.get(word)) is None:
            found.append(0.0)
        else:
            # There are some eight hundred frequencies; words of one frequency have one Zipf frequency.
            if frequency not in alike:
                alike[frequency] = zipf_frequency(word, "en")
            found.append(alike[frequency])
    return found


def _write_places(places: pyarrow.Table, folder: Path) -> None:
    import pyarrow
    from pyarrow import compute

    id_stems, id_numbers = _identifiers(places["id"])
    wikidata_stems, wikidata_numbers = _identifiers(places["wikidata"])
    # What is most repeated stands first, for the narrowest offsets; so do ids, which are looked for.
    strings = {
        "country": places["country"],
        "admin1": places["admin1"],
        "wikidata_stem": wikidata_stems,
        "id_stem": id_stems,
        "name": places["name"],
    }
    columns = _write_strings(strings, folder / STRINGS_FILE)
    columns["id_number"] = id_numbers
    columns["wikidata_number"] = wikidata_numbers
    for axis in AXES:
        columns[axis] = numpy.rint(places[axis].to_numpy() * DEGREE_STEP).astype("<i4")
    columns["importance"] = numpy.rint(places["importance"].to_numpy() * IMPORTANCE_STEP).astype(numpy.int64)
    parents = places["parent"].cast(pyarrow.int64())
    columns["parent"] = compute.fill_null(compute.add(parents, 1), 0).to_numpy()
    for name in ("kind", "population", "parent_basis"):
        columns[name] = places[name].to_numpy()
    numpy.save(folder / PLACES_FILE, _table(columns, PLACE_COLUMNS))


def _write_bounds(places: pyarrow.Table, folder: Path) -> None:
    """Write the boxes of those places that have one, in the order of their rows."""
    [rows] = numpy.nonzero(places["west"].is_valid().to_numpy())
    columns = {"place": rows.astype("<u4")}
    for edge in BOUNDS_COLUMNS[1:]:
        columns[edge] = numpy.rint(places[edge].take(rows).to_numpy() * DEGREE_STEP).astype("<i4")
    table = numpy.empty(len(rows), [(name, columns[name].dtype) for name in BOUNDS_COLUMNS])
    for name, column in columns.items():
        table[name] = column
    numpy.save(folder / BOUNDS_FILE, table)


def _identifiers(identifiers: pyarrow.ChunkedArray) -> tuple[pyarrow.ChunkedArray, _Numbers]:
    """Return the stem of each identifier and 1 + its number, or 0; as `gazetteer.compiled.split_identifier` does."""
    import pyarrow
    from pyarrow import compute

    parts = compute.extract_regex(identifiers, IDENTIFIER)
    stems = compute.coalesce(compute.struct_field(parts, "stem"), identifiers)
    numbers = compute.add(compute.cast(compute.struct_field(parts, "number"), pyarrow.int64()), 1)
    return stems, compute.fill_null(numbers, 0).to_numpy()


def _write_strings(columns: Mapping[str, pyarrow.ChunkedArray], path: Path) -> dict[str, _Numbers]:
    """Write every string once, in the order of the columns, and return the columns as offsets into the file."""
    import pyarrow
    from pyarrow import compute

    large = {name: column.cast(pyarrow.large_string()) for name, column in columns.items()}
    chunks = [
        pyarrow.array([""], pyarrow.large_string()),
        *(each for column in large.values() for each in column.chunks),
    ]
    unique = compute.unique(pyarrow.chunked_array(chunks))
    lengths = compute.binary_length(unique).to_numpy()
    starts = numpy.concatenate([[0], numpy.cumsum(lengths + 1)])
    content = numpy.full(int(starts[-1]), STRING_END[0], numpy.uint8)
    letters = numpy.ones(len(content), bool)
    letters[starts[1:] - 1] = False
    content[letters] = numpy.frombuffer(unique.buffers()[2] or b"", numpy.uint8, count=int(lengths.sum()))
    path.write_bytes(content.tobytes())
    return {name: starts[compute.index_in(column, value_set=unique).to_numpy()] for name, column in large.items()}


def _table(columns: Mapping[str, _Numbers], order: Sequence[str]) -> _Numbers:
    """Return the columns as one structured array; all but the two axes are unsigned and made narrow."""
    fitted = {name: columns[name] if name in AXES else _narrow(columns[name]) for name in order}
    table = numpy.empty(len(fitted[order[0]]), [(name, column.dtype) for name, column in fitted.items()])
    for name, column in fitted.items():
        table[name] = column
    return table


def _narrow(column: _Numbers) -> _Numbers:
    """Return unsigned numbers in the narrowest type that holds them all."""
    return column.astype(numpy.min_scalar_type(int(column.max(initial=0))).newbyteorder("<"))
