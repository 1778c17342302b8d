"""The compiled gazetteer: what is read at run time, made from the store and never from the source.

- `names.trie`: every normalised name; a name's number is its key in this trie.
- `names.npy`: one row a name, in the order of the numbers, and one more row to close the last.
- `name_places.npy`: the places of each name, best first, one name after the other, as rows of `places.npy`.
- `places.npy`: one row a place.
- `bounds.npy`: one row a place with a box about it, in the order of their rows in `places.npy`. A folder without it is
  read as well, but has no boxes.
- `strings.bin`: every string of the places once, in UTF-8, between bytes that UTF-8 never holds.
- with the trie as matcher, `names.filter.npy`: bits that tell most words of texts to be in no name, some two to four
  bytes a name. A folder without it is read as well, but matched one text at a time.
- with the automaton, `names.automaton` and `words.trie`.

All but the automaton are mapped into memory: opening is a look at their checksums, and processes share what they read.
`gazetteer.compiling` writes them.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy
import regex
from numpy.typing import NDArray

from gazetteer.automaton import AutomatonMatcher
from gazetteer.batches import BatchMatcher
from gazetteer.matching import Matcher
from gazetteer.places import KINDS, NAME_KINDS, PARENT_BASES, NameFacts, NameKind, Place, PlaceKind
from gazetteer.trie import TrieMatcher, map_trie

TRIE_FILE = "names.trie"
NAMES_FILE = "names.npy"
NAME_PLACES_FILE = "name_places.npy"
PLACES_FILE = "places.npy"
BOUNDS_FILE = "bounds.npy"
STRINGS_FILE = "strings.bin"
AUTOMATON_FILE = "names.automaton"
WORDS_FILE = "words.trie"
FILTER_FILE = "names.filter.npy"
#: The columns of `names.npy`, each of the narrowest unsigned type that holds it: where the name's places begin in
#: `name_places.npy`, kinds and name kinds as bits in the order of the enums, importance and frequency in English in
#: whole steps (below), 1 + the number of the name that this one derives from or 0, and the number of its words.
NAME_COLUMNS = ("places", "kinds", "name_kinds", "importance", "english_frequency", "derived_from", "word_count")
#: The columns of `places.npy`, likewise, but for the two axes, which are signed, in steps of `DEGREE_STEP`. Strings are
#: offsets into `strings.bin`. An identifier is a stem and, where it ends in a number, 1 + that number, else 0; `parent`
#: is 1 + a row or 0.
PLACE_COLUMNS = (
    *("id_stem", "id_number", "name", "kind", "latitude", "longitude", "country", "admin1"),
    *("population", "importance", "wikidata_stem", "wikidata_number", "parent", "parent_basis"),
)
#: The columns of `bounds.npy`: a row of `places.npy`, and edges in steps of `DEGREE_STEP`.
BOUNDS_COLUMNS = ("place", "west", "south", "east", "north")
AXES = ("latitude", "longitude")
#: Steps per unit. Coordinates have OpenStreetMap's own precision.
DEGREE_STEP, IMPORTANCE_STEP, FREQUENCY_STEP = 10_000_000, 10_000, 100
#: The byte after each string, and before the first: UTF-8 holds none such (RFC 3629, section 1).
STRING_END = b"\xff"
#: An identifier's stem and number. A number with a leading zero or of more digits belongs to the stem.
IDENTIFIER = r"^(?s:(?P<stem>.*[^0-9]|))(?P<number>0|[1-9][0-9]{0,17})$"
_IDENTIFIER = regex.compile(IDENTIFIER)
#: How many names' facts are remembered; some 20 MB at the most.
_MOST_FACTS = 32_768
#: How many places that others belong to are remembered.
_MOST_ANCESTORS = 4_096
#: How many strings that places share, such as countries, are remembered.
_MOST_STRINGS = 8_192
#: Rows taken from a table together: one by one takes longer, all together much memory.
_ROWS_AT_ONCE = 4_096


def compiled_files(matcher: str) -> tuple[str, ...]:
    """Return the names of the files of a compiled gazetteer with a matcher of this kind. Raises `ValueError`."""
    files = (TRIE_FILE, NAMES_FILE, NAME_PLACES_FILE, PLACES_FILE, BOUNDS_FILE, STRINGS_FILE)
    if matcher == TrieMatcher.kind:
        return (*files, FILTER_FILE)
    if matcher == AutomatonMatcher.kind:
        return (*files, AUTOMATON_FILE, WORDS_FILE)
    raise ValueError(f"there is no matcher {matcher!r}, only {AutomatonMatcher.kind!r} and {TrieMatcher.kind!r}")


def split_identifier(identifier: str) -> tuple[str, int]:
    """Return the stem of an identifier and 1 + the number that it ends in, or 0 where it ends in none."""
    found = _IDENTIFIER.fullmatch(identifier)
    return (found["stem"], 1 + int(found["number"])) if found else (identifier, 0)


class CompiledGazetteer:
    """One gazetteer's matcher, facts and places, mapped from its folder.

    Raises `OSError`, `ValueError`, `KeyError` or `TypeError` where the files are not what they should be.
    """

    def __init__(self, folder: Path, *, matcher: str) -> None:
        compiled_files(matcher)
        self._trie = map_trie(folder / TRIE_FILE)
        self._names = _map_table(folder / NAMES_FILE, NAME_COLUMNS)
        self._ends = self._names["places"][1:]
        self._name_places = _map_array(folder / NAME_PLACES_FILE)
        self._places = _map_table(folder / PLACES_FILE, PLACE_COLUMNS)
        self._id_stems, self._id_numbers = self._places["id_stem"], self._places["id_number"]
        self._parent_rows = self._places["parent"]
        self._bounds = _bounds_of(folder / BOUNDS_FILE)
        self._strings = _Strings(folder / STRINGS_FILE)
        if len(self._names) != len(self._trie) + 1 or self._names["places"][-1] != len(self._name_places):
            raise ValueError(f"{NAMES_FILE} does not fit {TRIE_FILE} and {NAME_PLACES_FILE}")
        if self._name_places.dtype.kind != "u" or self._name_places.max(initial=0) >= len(self._places):
            raise ValueError(f"{NAME_PLACES_FILE} does not fit {PLACES_FILE}")
        self._matcher: Matcher
        self.entry = lru_cache(_MOST_FACTS)(self._entry)
        self._ancestor = lru_cache(_MOST_ANCESTORS)(self.place)
        self._parent = lru_cache(_MOST_ANCESTORS)(self._id_of_parent)
        self._rows_of_parents: dict[str, int] = {}
        self.batches: BatchMatcher | None = None
        if matcher == AutomatonMatcher.kind:
            word_counts = self._names["word_count"].tolist()
            self._matcher = AutomatonMatcher.load(folder / AUTOMATON_FILE, folder / WORDS_FILE, word_counts)
        else:
            self._matcher = matching = TrieMatcher(self._trie)
            if (folder / FILTER_FILE).exists():
                self.batches = BatchMatcher(_map_array(folder / FILTER_FILE), matching, self.entry)
        self.search = self._matcher.search

    def key(self, name: str) -> int | None:
        """Return the number of a normalised name, None where nobody bears it."""
        number: int = self._trie.get(name, -1)
        return number if number >= 0 else None

    def _entry(self, number: int) -> tuple[str, NameFacts]:
        """Return the name with this number, and what is known of it."""
        name: str = self._trie.restore_key(number)
        places, kinds, name_kinds, importance, english_frequency, derived_from, _ = self._names[number].item()
        return name, NameFacts(
            kinds=_kinds(kinds),
            name_kinds=_name_kinds(name_kinds),
            place_count=self._ends.item(number) - places,
            importance=importance / IMPORTANCE_STEP,
            english_frequency=english_frequency / FREQUENCY_STEP,
            derived_from=self._trie.restore_key(derived_from - 1) if derived_from else "",
        )

    def names(self) -> Iterator[str]:
        """Yield every normalised name that a source gives, without the variants made of them, in no set order."""
        only_variant = 1 << NAME_KINDS.index(NameKind.VARIANT)
        given = (self._names["name_kinds"] != only_variant).tolist()
        return (name for name, number in self._trie.iteritems() if given[number])

    def spellings(self) -> Iterator[str]:
        """Yield every normalised name, variants included, in no set order."""
        return iter(self._trie.iterkeys())

    def rows(self, number: int) -> NDArray[numpy.unsignedinteger]:
        """Return the rows of the places that bear the name with this number, best first."""
        first, end = self._names["places"][number : number + 2].tolist()
        return self._name_places[first:end]

    def places(self, number: int, *, limit: int) -> list[Place]:
        """Return the places that bear the name with this number, best first, at most `limit`."""
        rows = self.rows(number)[:limit]
        return list(map(self._place, rows.tolist(), self._places[rows].tolist()))

    def place(self, row: int) -> Place:
        """Return the place in this row."""
        return self._place(row, self._places[row].item())

    def _place(self, row: int, values: tuple[Any, ...]) -> Place:
        """Return the place in this row, whose `PLACE_COLUMNS` hold these values."""
        id_stem, id_number, name, kind, latitude, longitude, country, admin1, *others = values
        population, importance, wikidata_stem, wikidata_number, parent, parent_basis = others
        string = self._strings
        return Place(
            id=self._identifier(id_stem, id_number),
            name=string[name],
            kind=KINDS[kind],
            latitude=latitude / DEGREE_STEP,
            longitude=longitude / DEGREE_STEP,
            country=string.often(country),
            admin1=string.often(admin1),
            population=population,
            importance=importance / IMPORTANCE_STEP,
            wikidata=self._identifier(wikidata_stem, wikidata_number),
            parent=self._parent(parent - 1) if parent else "",
            parent_basis=PARENT_BASES[parent_basis - 1] if parent_basis else None,
            bounds=self._bounds.get(row),
        )

    def _id_of_parent(self, row: int) -> str:
        """Return the id of the place in this row, and remember that it is there: places ask for their parents."""
        identifier = self._identifier(self._id_stems.item(row), self._id_numbers.item(row))
        if len(self._rows_of_parents) >= _MOST_ANCESTORS:
            self._rows_of_parents.clear()
        self._rows_of_parents[identifier] = row
        return identifier

    def _identifier(self, stem: int, number: int) -> str:
        return f"{self._strings.often(stem)}{number - 1}" if number else self._strings[stem]

    def row(self, identifier: str) -> int | None:
        """Return the row of the place with this id, None where there is none."""
        if (known := self._rows_of_parents.get(identifier)) is not None:
            return known
        stem, number = split_identifier(identifier)
        offset = self._strings.offset(stem)
        if offset is None:
            return None
        order, numbers, stems = self._rows_by_identifier
        first = bisect_left(numbers, number)
        end = bisect_right(numbers, number, first)
        nearest = bisect_left(stems, offset, first, end)
        return order[nearest] if nearest < end and stems[nearest] == offset else None

    @cached_property
    def _rows_by_identifier(self) -> tuple[memoryview, memoryview, memoryview]:
        """The rows in order of the number of their id and, where that is the same, of its stem; and these two."""
        order = numpy.lexsort((self._id_stems, self._id_numbers)).astype(numpy.uint32)
        return order.data, self._id_numbers[order].data, self._id_stems[order].data

    def lineage(self, identifier: str) -> tuple[Place, ...] | None:
        """Return the place with this id and those that it belongs to, smallest first; None where no place has it.

        Each comes once, should they belong to each other in a circle.
        """
        row = self.row(identifier)
        if row is None:
            return None
        seen = {row: None}
        while (parent := self._parent_rows.item(row)) and parent - 1 not in seen:
            row = parent - 1
            seen[row] = None
        return tuple(map(self._ancestor, seen))

    def located(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[numpy.float64], NDArray[numpy.float64]]:
        """Return the numbers of the kinds, the latitudes and the longitudes in degrees of the places in these rows."""
        places = self._places[rows]
        return places["kind"], places["latitude"] / DEGREE_STEP, places["longitude"] / DEGREE_STEP

    def best_rows(self) -> Iterator[int]:
        """Yield the rows of all places in order of importance."""
        importance = self._places["importance"].astype(numpy.int32)
        return map(int, numpy.argsort(-importance, kind="stable"))

    def all_places(self) -> Iterator[Place]:
        """Yield every place, the most important first."""
        rows = numpy.fromiter(self.best_rows(), numpy.int64)
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[first : first + _ROWS_AT_ONCE]
            yield from map(self._place, some.tolist(), self._places[some].tolist())

    def coordinates(self, *, limit: int) -> list[tuple[float, float]]:
        """Return longitude and latitude, in degrees, of the `limit` places of greatest importance."""
        rows = numpy.fromiter(islice(self.best_rows(), limit), numpy.int64)
        _, latitudes, longitudes = self.located(rows)
        return list(zip(longitudes.tolist(), latitudes.tolist(), strict=True))


class _Bounds:
    """The boxes of `bounds.npy`, each by the row of its place."""

    def __init__(self, table: NDArray[Any]) -> None:
        rows, self._table = table["place"], table
        if (rows[1:] <= rows[:-1]).any():
            raise ValueError(f"{BOUNDS_FILE} is not in the order of its places")
        # Bisecting it costs a tenth of `searchsorted`, which converts what it looks for.
        self._rows = rows.data

    def get(self, row: int) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north in degrees, None where no box is known."""
        found = bisect_left(self._rows, row)
        if found == len(self._rows) or self._rows[found] != row:
            return None
        _, west, south, east, north = self._table[found].item()
        return west / DEGREE_STEP, south / DEGREE_STEP, east / DEGREE_STEP, north / DEGREE_STEP


def _bounds_of(path: Path) -> _Bounds:
    if path.exists():
        return _Bounds(_map_table(path, BOUNDS_COLUMNS))
    return _Bounds(numpy.empty(0, [(name, "<i4") for name in BOUNDS_COLUMNS]))


class _Strings:
    """The strings of `strings.bin`, each by its offset."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            self._bytes = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self.often = lru_cache(_MOST_STRINGS)(self.__getitem__)

    def __getitem__(self, offset: int) -> str:
        end = self._bytes.find(STRING_END, offset)
        if end < 0:
            raise ValueError(f"{STRINGS_FILE} holds no string at {offset}")
        return self._bytes[offset:end].decode()

    def offset(self, string: str) -> int | None:
        """Return the offset of a string, None where it is not there. Takes as long as what stands before the string."""
        if not string:
            return 0
        try:
            found = self._bytes.find(STRING_END + string.encode() + STRING_END)
        except UnicodeEncodeError:
            return None
        return found + 1 if found >= 0 else None


def _map_array(path: Path) -> NDArray[Any]:
    # A view, for every look-up in a `numpy.memmap` itself makes another one, ten times as slowly.
    array: NDArray[Any] = numpy.lib.format.open_memmap(path, mode="r").view(numpy.ndarray)
    if array.ndim != 1:
        raise ValueError(f"{path.name} has {array.ndim} dimensions")
    return array


def _map_table(path: Path, columns: Sequence[str]) -> NDArray[Any]:
    table = _map_array(path)
    if table.dtype.names != columns or any(table.dtype[column].kind not in "iu" for column in columns):
        raise TypeError(f"{path.name} has other columns than {', '.join(columns)}")
    return table


@lru_cache(maxsize=1024)
def _kinds(bits: int) -> tuple[PlaceKind, ...]:
    return tuple(kind for number, kind in enumerate(KINDS) if bits >> number & 1)


@lru_cache(maxsize=1024)
def _name_kinds(bits: int) -> tuple[NameKind, ...]:
    return tuple(kind for number, kind in enumerate(NAME_KINDS) if bits >> number & 1)
