"""Delimited text, plain or zipped, into tables of a DuckDB file on disk, in bounded memory."""

from __future__ import annotations

import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gazetteer.errors import SourceNotFound, SourceUnreadable

if TYPE_CHECKING:
    import duckdb

#: A zipped text shrinks to a fifth, seldom to a twentieth. What shrinks more, and is large, is made to fill a disk.
_GREATEST_SHRINKAGE = 100
_ALWAYS_ACCEPTED = 64 << 20
_LARGEST_UNPACKED = 64 << 30
#: Files that accompany the data in GeoNames' archives.
_COMPANIONS = ("readme.txt", "iso-languagecodes.txt")
#: What zipfile raises for an archive that is garbled, encrypted or packed in a way that it does not know.
_ZIP_FAILURES = (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, zlib.error, lzma.LZMAError, struct.error)

#: What DuckDB may use of memory; beyond it, it writes to disk.
_MEMORY_LIMIT = "1GB"
#: Each thread holds buffers of its own within that limit.
_THREADS = 4
#: Rows that cannot be read are remembered up to this many, to be counted.
_REJECTS_LIMIT = 100_000
#: What DuckDB reads as a pattern of several files.
_PATTERN_CHARACTERS = frozenset("*?[]{}")
#: A first line longer than this is no table's. In bytes.
_LONGEST_FIRST_LINE = 1 << 20


def check_file(path: Path, what: str) -> None:
    """Raise SourceNotFound where there is no file at `path`; `what` says what it should have been."""
    if not path.exists():
        raise SourceNotFound(path, "there is no such file", f"Give the path of {what}")
    if not path.is_file():
        raise SourceNotFound(path, "this is not a file", f"Give the path of {what}, not of a folder")


def plain_file(path: Path, folder: Path, *, label: str) -> Path:
    """Return a text file that DuckDB can open: `path`, or what is in it if it is a zip, unpacked into `folder`.

    `label` names the unpacked file, whatever the archive calls it. Raises SourceUnreadable.
    """
    plain = folder / f"{label}.txt"
    if path.suffix.lower() == ".zip":
        with _zip_member(path) as (archive, member), archive.open(member) as packed, plain.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
        return plain
    if not _PATTERN_CHARACTERS & set(str(path)):
        return path
    try:
        plain.symlink_to(path.resolve())
    except OSError:
        shutil.copyfile(path, plain)
    return plain


def first_line(path: Path) -> bytes:
    """Return the first line of a text file or of the one in a zip, without its end; b"" where it is empty."""
    if path.suffix.lower() == ".zip":
        with _zip_member(path) as (archive, member), archive.open(member) as packed:
            line = packed.readline(_LONGEST_FIRST_LINE)
    else:
        with path.open("rb") as plain:
            line = plain.readline(_LONGEST_FIRST_LINE)
    return line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")


def packing_date(path: Path) -> str:
    """Return the day, in ISO 8601, on which the text in a zip was last changed; "" where the archive does not say."""
    with _zip_member(path) as (_, member):
        year, month, day = member.date_time[:3]
    # What has no date is dated to the first day that the format can express.
    return "" if (year, month, day) == (1980, 1, 1) else f"{year:04}-{month:02}-{day:02}"


@contextmanager
def _zip_member(path: Path) -> Iterator[tuple[zipfile.ZipFile, zipfile.ZipInfo]]:
    """Yield a zip and the member that holds the data: the text named like the archive, or else the only one."""
    try:
        with zipfile.ZipFile(path) as archive:
            texts = [
                member
                for member in archive.infolist()
                if not member.is_dir()
                and member.filename.lower().endswith(".txt")
                and member.filename.lower() not in _COMPANIONS
            ]
            alike = [member for member in texts if member.filename.lower() == f"{path.stem.lower()}.txt"]
            if len(alike or texts) != 1:
                held = ", ".join(archive.namelist()[:8]) or "nothing"
                problem = f"it should hold one text file, {path.stem}.txt, and holds {held}"
                raise SourceUnreadable(path, problem, "Unpack it and give the text file itself")
            member = (alike or texts)[0]
            _check_size(path, member)
            yield archive, member
    except _ZIP_FAILURES as failure:
        problem = f"it cannot be unpacked ({failure})"
        raise SourceUnreadable(path, problem, "Download it again, or unpack it and give the text file") from failure


def _check_size(path: Path, member: zipfile.ZipInfo) -> None:
    size = member.file_size
    absurd = size > _ALWAYS_ACCEPTED and size > _GREATEST_SHRINKAGE * max(1, member.compress_size)
    if absurd or size > _LARGEST_UNPACKED:
        problem = f"{member.filename} in it would unpack from {member.compress_size:,} to {size:,} bytes"
        raise SourceUnreadable(path, problem, "Unpack it yourself if it is sound, and give the text file")


@contextmanager
def workshop() -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Yield an empty DuckDB file and the temporary folder that it is in; both are gone afterwards.

    The folder is where the system keeps temporary files (TMPDIR): it needs about as much room as the unpacked input.
    """
    import duckdb

    with TemporaryDirectory(prefix="gazetteer.", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(folder / "spill"),
        }
        connection = duckdb.connect(str(folder / "reading.duckdb"), config=settings)
        try:
            [[threads]] = connection.execute("SELECT current_setting('threads')").fetchall()
            connection.execute(f"SET threads = {min(threads, _THREADS)}")
            yield connection, folder
        finally:
            connection.close()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what DuckDB and the disk raise while `path` is read into SourceUnreadable."""
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException, OSError) as failure:
        problem = f"it cannot be read ({_first_line_of(failure)})"
        remedy = "Make room on the disk for temporary files, or set TMPDIR to a folder with room"
        raise SourceUnreadable(path, problem, remedy) from failure
    except duckdb.Error as failure:
        problem = f"it cannot be read as tab-separated text ({_first_line_of(failure)})"
        raise SourceUnreadable(path, problem, "Download it again and check its size") from failure


def _first_line_of(failure: Exception) -> str:
    return (str(failure).splitlines() or [type(failure).__name__])[0]


def tab_separated(path: Path, columns: Sequence[str]) -> str:
    """Return the DuckDB table function that reads a file without header or quoting into text columns.

    Rows that are no UTF-8 or have too few columns are left out and listed in `reject_errors`; an empty field is NULL.
    Strict mode would stop at a carriage return within a line; without it what is beyond the last column is dropped.
    """
    described = ", ".join(f"{_quoted(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({_quoted(str(path))}, delim='\t', quote='', escape='', header=false, auto_detect=false, "
        f"columns={{{described}}}, strict_mode=false, ignore_errors=true, store_rejects=true, "
        f"rejects_limit={_REJECTS_LIMIT})"
    )


def rejected(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many rows could not be read so far, by reason, and forget them."""
    # One row may be wrong in several columns.
    rows = connection.execute(
        "SELECT lower(error_type::VARCHAR), count(DISTINCT line_byte_position) FROM reject_errors "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    return {f"rows with {reason}": count for reason, count in rows}


def counted(reasons: Collection[tuple[str, int]]) -> str:
    """Return reasons and how often each held as words; "nothing" where there is none."""
    return ", ".join(f"{reason}: {count:,}" for reason, count in reasons if count) or "nothing"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
