"""Places and their names out of a table that people keep themselves."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from gazetteer.countries import country_code
from gazetteer.errors import NoNamedPlaces, SourceUnreadable
from gazetteer.importance import NOTED, importance
from gazetteer.places import NameKind, ParentBasis, Place, PlaceKind
from gazetteer.sources import Entry, SourceDescription
from gazetteer.sources.delimited import check_file, counted
from gazetteer.sources.kind_words import kind_named
from gazetteer.sources.spellings import Spelling, clean, people_in, place_names, split_names, unique_spellings
from gazetteer.sources.table.columns import FIELDS, Columns, find_columns, language_columns
from gazetteer.sources.table.rows import Row, open_rows, table_suffix

_LOG = logging.getLogger(__name__)

_ITEM = regex.compile(r"(?:.*/)?(Q[1-9]\d*)", regex.DOTALL)
#: Half a character of UTF-16, which JSON can hold and UTF-8 cannot.
_HALF = regex.compile(r"\p{Cs}")
_WHAT = "a table of places: CSV, TSV, Parquet or GeoJSON"


@dataclass(frozen=True, slots=True)
class TableSource:
    """The places of a table: `.csv` and `.tsv` (also `.gz`), `.parquet`, `.geojson`, or one GeoJSON feature a line.

    `columns` says which column holds what where their names do not. Columns such as `name:fr` hold names in a
    language. `kind` is that of rows that state none, `licence` and `attribution` go into the manifest.
    """

    path: Path
    columns: Columns = field(default=Columns(), kw_only=True)
    kind: PlaceKind = field(default=PlaceKind.OTHER, kw_only=True)
    licence: str = field(default="", kw_only=True)
    attribution: str = field(default="", kw_only=True)

    @property
    def table(self) -> str:
        """What the ids of its places begin with: the name of the file without its suffix."""
        name = Path(self.path).name
        return name[: len(name) - len(table_suffix(Path(self.path)))] or name

    def describe(self) -> SourceDescription:
        """Return name, checksum and licence; raises SourceNotFound and SourceUnreadable."""
        path = Path(self.path)
        check_file(path, _WHAT)
        try:
            with path.open("rb") as content:
                checksum = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as failure:
            problem = f"it cannot be read ({failure.strerror or failure})"
            raise SourceUnreadable(path, problem, "Make it readable") from failure
        return SourceDescription(path.name, f"sha256:{checksum}", "", self.licence, self.attribution)

    def read(self) -> Iterator[Entry]:
        """Yield the places in the order of the table.

        A place's id is `table:id`, the id being that of the row, or else its number from 1. Rows without a name or
        coordinates are counted, logged and left out; so are countries that are no ISO 3166-1 code. Raises
        SourceNotFound, SourceUnreadable, and NoNamedPlaces where no row is left.
        """
        path = Path(self.path)
        check_file(path, _WHAT)
        skipped: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        nowhere: Counter[str] = Counter()
        count = 0
        with open_rows(path, skipped) as table:
            columns = find_columns(path, self.columns, table.columns, located=table.located)
            languages = language_columns(table.columns)
            reader = _RowReader(self.table, columns, languages, self.kind, skipped, unknown, nowhere)
            for row in table.rows:
                entry = reader.entry(row)
                if entry is not None:
                    count += 1
                    yield entry
        reasons = counted(sorted(skipped.items()))
        _LOG.log(logging.WARNING if skipped else logging.INFO, "%s: %d places; left out: %s", path, count, reasons)
        for words, what in ((unknown, "of an unknown kind"), (nowhere, "whose country is no ISO 3166-1 code")):
            if words:
                some = ", ".join(f"{word!r} ({number})" for word, number in words.most_common(10))
                _LOG.warning("%s: %d rows %s, among them %s", path, words.total(), what, some)
        if not count:
            problem = f"no row of it is a named place with coordinates ({reasons})"
            raise NoNamedPlaces(path, problem, "Coordinates must be WGS 84 degrees; say which columns hold what")


@dataclass(frozen=True, slots=True)
class _RowReader:
    """What turns the rows of one table into places, and counts those that are none.

    `unknown` counts the words for a kind that are none, `nowhere` what stands for a country and is none.
    """

    table: str
    columns: Columns
    languages: Mapping[str, str]
    kind: PlaceKind
    skipped: Counter[str]
    unknown: Counter[str]
    nowhere: Counter[str]
    seen: set[str] = field(default_factory=set)

    def entry(self, row: Row) -> Entry | None:
        """Return the place of a row with its names, None (and a count) where it is none."""
        texts = {field_: _text(self._value(row, field_)) for field_ in FIELDS}
        name = clean(texts["name"])
        position = row.position or _position(texts["latitude"], texts["longitude"])
        identifier = texts["id"] or _text(row.id) or str(row.number)
        reason = (
            "rows without a name"
            if not name
            else "rows without coordinates in range"
            if position is None
            else "rows with an id that an earlier row has"
            if identifier in self.seen
            else ""
        )
        if reason or position is None:
            self.skipped[reason] += 1
            return None
        self.seen.add(identifier)
        place = self._place(identifier, name, position, texts)
        spellings = [Spelling(name, NameKind.NAME)]
        for column, language in self.languages.items():
            texts_in = split_names(_text(row.values.get(column)))
            spellings += [Spelling(text, NameKind.ALTERNATIVE, language) for text in texts_in]
        spellings += [Spelling(text, NameKind.ALTERNATIVE) for text in split_names(texts["names"])]
        return place, place_names(place.id, unique_spellings(spellings))

    def _place(self, identifier: str, name: str, position: tuple[float, float], texts: Mapping[str, str]) -> Place:
        kind = kind_named(texts["kind"]) if texts["kind"] else self.kind
        if kind is None:
            self.unknown[texts["kind"][:40]] += 1
            kind = PlaceKind.OTHER
        population = people_in(texts["population"])
        item = _ITEM.fullmatch(texts["wikidata"])
        country = country_code(texts["country"])
        if texts["country"] and not country:
            self.nowhere[texts["country"][:40]] += 1
        parent = texts["parent"] if texts["parent"] != identifier else ""
        return Place(
            id=f"{self.table}:{identifier}",
            name=name,
            kind=kind,
            latitude=position[0],
            longitude=position[1],
            country=country,
            admin1=texts["admin1"],
            population=population,
            importance=round(min(1.0, importance(kind, population) + (NOTED if item else 0.0)), 4),
            wikidata=item[1] if item else "",
            parent=f"{self.table}:{parent}" if parent else "",
            parent_basis=ParentBasis.STATED if parent else None,
        )

    def _value(self, row: Row, field_: str) -> Any:
        column = getattr(self.columns, field_)
        return None if column is None else row.values.get(column)


def _text(value: object) -> str:
    """Return a value of any type that tables have as text; lists with semicolons, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ";".join(filter(None, map(_text, value)))
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, bytes | dict):
        return ""
    whole: str = _HALF.sub("\ufffd", str(value))
    return whole.replace("\0", " ").strip()


def _position(latitude: str, longitude: str) -> tuple[float, float] | None:
    """Return two texts as WGS 84 degrees, None where they are none; a decimal comma will do."""
    try:
        north, east = (float(_plain(text)) for text in (latitude, longitude))
    except ValueError:
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def _plain(number: str) -> str:
    return unicodedata.normalize("NFKC", number).replace(",", ".").replace("\u2212", "-")
