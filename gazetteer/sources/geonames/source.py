"""Places and their names out of a GeoNames dump, through DuckDB and in bounded memory."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from gazetteer.errors import NoNamedPlaces, SourceUnreadable
from gazetteer.sources import Batch, SourceDescription
from gazetteer.sources.delimited import (
    check_file,
    counted,
    first_line,
    packing_date,
    plain_file,
    reading,
    rejected,
    tab_separated,
    workshop,
)
from gazetteer.sources.geonames.batches import batches
from gazetteer.sources.geonames.tables import (
    ADMIN_COLUMNS,
    ALTERNATE_COLUMNS,
    PLACE_COLUMNS,
    add_admin_codes,
    create_alternates,
    create_places,
    create_units,
)

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)

_WHERE = "from https://download.geonames.org/export/dump/"


@dataclass(frozen=True, slots=True)
class GeonamesSource:
    """The places of a GeoNames dump: `allCountries`, a country's or `cities500`, as `.txt` or `.zip`.

    `alternate_names` is an `alternateNamesV2` or a country's table of alternate names, `.txt` or `.zip`; with it names
    have languages and kinds and places their Wikidata items. Without it the names are those that the dump lists.
    `admin_codes` are `admin1CodesASCII.txt` and `admin2Codes.txt`, which correct what the dump says of its own units.
    `progress` shows a bar on the standard error; None shows it only on a terminal.
    """

    path: Path
    alternate_names: Path | None = field(default=None, kw_only=True)
    admin_codes: tuple[Path, ...] = field(default=(), kw_only=True)
    progress: bool | None = field(default=None, kw_only=True)

    def describe(self) -> SourceDescription:
        """Return name, checksum over all files, date and licence; raises SourceNotFound and SourceUnreadable."""
        self._check()
        digests = []
        for path in self._paths():
            with reading(path), path.open("rb") as content:
                digests.append(hashlib.file_digest(content, "sha256"))
        whole = digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(each.digest() for each in digests))
        return SourceDescription(
            name=Path(self.path).name,
            checksum=f"sha256:{whole.hexdigest()}",
            data_date=_data_date(Path(self.path)),
            licence="CC-BY-4.0",
            attribution="GeoNames (https://www.geonames.org), CC BY 4.0",
        )

    def read(self) -> Iterator[Batch]:
        """Return the places in the order of the dump, with their names.

        The parent of a place is stated: the row that bears its second-level code, or else its first-level code, or
        else its country's. The names of former and destroyed places are old names. Raises SourceNotFound and, for a
        file that has not the columns of its kind, SourceUnreadable at once; the latter and NoNamedPlaces while reading.
        """
        self._check()
        return self._read()

    def _paths(self) -> list[Path]:
        alternates = () if self.alternate_names is None else (self.alternate_names,)
        return [Path(path) for path in (self.path, *alternates, *self.admin_codes)]

    def _check(self) -> None:
        _check_columns(Path(self.path), len(PLACE_COLUMNS), f"a GeoNames dump, such as allCountries.zip {_WHERE}")
        if self.alternate_names is not None:
            what = f"a table of alternate names, alternateNamesV2.zip {_WHERE}"
            _check_columns(Path(self.alternate_names), len(ALTERNATE_COLUMNS), what)
        for path in self.admin_codes:
            _check_columns(Path(path), len(ADMIN_COLUMNS), f"admin1CodesASCII.txt or admin2Codes.txt {_WHERE}")

    def _read(self) -> Iterator[Batch]:
        path = Path(self.path)
        disable = None if self.progress is None else not self.progress
        with workshop() as (connection, folder), reading(path):
            with tqdm(desc=f"{path.name}: reading", unit=" files", leave=False, disable=disable) as bar:
                skipped = self._load(connection, folder, bar.update)
            count = 0
            for batch in batches(connection, with_alternates=self.alternate_names is not None):
                count += batch.places.num_rows
                yield batch
        reasons = counted(sorted(skipped.items()))
        _LOG.log(logging.WARNING if skipped else logging.INFO, "%s: %d places; left out: %s", path, count, reasons)
        if not count:
            raise NoNamedPlaces(path, f"no row of it is a named place with coordinates ({reasons})", _DOWNLOAD)

    def _load(self, connection: duckdb.DuckDBPyConnection, folder: Path, done: Callable[[], object]) -> dict[str, int]:
        path = Path(self.path)
        skipped = create_places(connection, plain_file(path, folder, label="places"))
        skipped |= (garbled := rejected(connection))
        [[rows]] = connection.execute("SELECT count(*) FROM places").fetchall()
        if sum(garbled.values()) > rows:
            problem = f"most of its rows cannot be read ({counted(list(garbled.items()))})"
            raise SourceUnreadable(path, problem, _DOWNLOAD)
        done()
        create_units(connection)
        for number, codes in enumerate(map(Path, self.admin_codes)):
            with reading(codes):
                add_admin_codes(connection, plain_file(codes, folder, label=f"codes{number}"))
                _warn(codes, rejected(connection))
            done()
        if self.alternate_names is not None:
            alternates = Path(self.alternate_names)
            with reading(alternates):
                create_alternates(connection, plain_file(alternates, folder, label="alternates"))
                _warn(alternates, rejected(connection))
            done()
        return skipped


_DOWNLOAD = "Download it again: it must be the UTF-8 text of a GeoNames dump"


def is_geonames(path: Path) -> bool:
    """Tell whether a text or zip has the columns of a GeoNames dump; raises SourceUnreadable for a bad zip."""
    return first_line(path).count(b"\t") == len(PLACE_COLUMNS) - 1


def _check_columns(path: Path, count: int, what: str) -> None:
    check_file(path, what)
    with reading(path):
        line = first_line(path)
    if not line:
        raise SourceUnreadable(path, "it is empty or begins with an empty line", f"Give {what}")
    found = line.count(b"\t") + 1
    # The tables have grown by columns at their end before.
    if found < count or (count == len(PLACE_COLUMNS) and found != count):
        problem = f"its first line has {found} tab-separated columns, not {count}"
        raise SourceUnreadable(path, problem, f"Give {what}")


def _data_date(path: Path) -> str:
    """Return the day of a zipped dump, or the day of the latest change in a plain one; "" where there is none."""
    with reading(path):
        if path.suffix.lower() == ".zip":
            return packing_date(path)
        with workshop() as (connection, folder):
            table = tab_separated(plain_file(path, folder, label="places"), PLACE_COLUMNS)
            query = f"SELECT max(try_cast(modification_date AS DATE))::VARCHAR FROM {table}"
            [[day]] = connection.execute(query).fetchall()
    return day or ""


def _warn(path: Path, skipped: dict[str, int]) -> None:
    if skipped:
        _LOG.warning("%s: left out: %s", path, counted(list(skipped.items())))
