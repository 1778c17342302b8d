"""The rows of a table, whatever its format, one by one."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

from gazetteer.errors import SourceUnreadable
from gazetteer.sources.table.geometry import centre

#: How many features of a long GeoJSON file are looked at for the columns that it has.
_SAMPLE = 1000
_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: A field longer than this is a file whose quotes are not closed. In characters.
_LONGEST_FIELD = 1 << 20
#: A line longer than this is no line of a table; nothing longer is read into memory. In characters.
_LONGEST_LINE = 1 << 24


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number from 1, its values by column, and for GeoJSON its id and (latitude, longitude)."""

    number: int
    values: Mapping[str, Any]
    id: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, to be read once; `located` says that they have their positions without columns."""

    columns: Sequence[str]
    rows: Iterable[Row]
    located: bool = False


Skipped: TypeAlias = Counter[str]


@contextmanager
def open_rows(path: Path, skipped: Skipped) -> Iterator[Rows]:
    """Yield the rows of a table; those that cannot be read are counted in `skipped` by reason.

    Raises SourceUnreadable, also while the rows are read, which must happen within the context.
    """
    suffix = table_suffix(path)
    if not suffix:
        known = ", ".join(FORMATS)
        raise SourceUnreadable(path, "the name does not end like that of a table", f"Known endings are {known}")
    try:
        with FORMATS[suffix](path, skipped) as rows:
            yield rows
    except UnicodeError as failure:
        raise _unreadable(path, "it is not UTF-8", "Save it as UTF-8") from failure
    except (csv.Error, zlib.error, EOFError, gzip.BadGzipFile) as failure:
        raise _unreadable(path, str(failure), "Check its quotes, and that it is complete") from failure
    except OSError as failure:
        raise _unreadable(path, failure.strerror or str(failure), "Give a readable file") from failure


def table_suffix(path: Path) -> str:
    """Return the known suffix of a table's name, "" where there is none."""
    return next((suffix for suffix in FORMATS if path.name.lower().endswith(suffix)), "")


@contextmanager
def _delimited(path: Path, skipped: Skipped) -> Iterator[Rows]:
    opener: Callable[..., Any] = gzip.open if path.suffix.lower() == ".gz" else Path.open
    with opener(path, "rb") as raw:
        start = raw.read(2)
        raw.seek(0)
        encoding = next((name for mark, name in _BYTE_ORDER_MARKS if start == mark), "utf-8-sig")
        # What is no text becomes a sign that no text has, so that one bad row does not cost the others.
        with io.TextIOWrapper(raw, encoding, "surrogateescape" if encoding == "utf-8-sig" else "strict", "") as text:
            first = text.readline(_LONGEST_LINE)
            if not first.strip():
                problem = "it is empty" if not first else "its first line is empty"
                raise _unreadable(path, problem, "Its first line must name its columns")
            _no_nul(first)
            delimiter = "\t" if ".tsv" in path.name.lower() else max(_DELIMITERS, key=first.count)
            with _field_limit():
                reader = csv.reader(chain([first], _lines(text)), delimiter=delimiter, strict=False)
                header = [column.strip() for column in next(reader)]
                if len(set(header)) < len(header):
                    twice = [column for column, count in Counter(header).items() if count > 1]
                    raise _unreadable(path, f"it has several columns {twice[0]!r}", "Rename all but one of them")
                yield Rows(header, _records(reader, header, skipped))


def _records(reader: Iterator[list[str]], header: Sequence[str], skipped: Skipped) -> Iterator[Row]:
    for number, fields in enumerate(reader, 1):
        if not any(fields):
            continue
        if len(fields) != len(header):
            skipped["rows with a wrong number of columns"] += 1
        elif any(not _is_text(field) for field in fields):
            skipped["rows with bytes that are no UTF-8"] += 1
        else:
            yield Row(number, dict(zip(header, fields, strict=True)))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error(f"a line is longer than {_LONGEST_LINE:,} characters")
        yield line


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _no_nul(line: str) -> None:
    if "\0" in line:
        raise UnicodeError("a text holds no zero bytes")


@contextmanager
def _field_limit() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@contextmanager
def _parquet(path: Path, skipped: Skipped) -> Iterator[Rows]:
    import pyarrow
    from pyarrow import parquet

    del skipped
    try:
        with parquet.ParquetFile(path) as file:
            yield Rows(file.schema_arrow.names, _parquet_rows(file))
    except pyarrow.ArrowException as failure:
        raise _unreadable(path, f"it is no Parquet ({failure})", "Write or download it again") from failure


def _parquet_rows(file: Any) -> Iterator[Row]:
    records = (record for batch in file.iter_batches(batch_size=10_000) for record in batch.to_pylist())
    return (Row(number, record) for number, record in enumerate(records, 1))


@contextmanager
def _geojson(path: Path, skipped: Skipped) -> Iterator[Rows]:
    with path.open("rb") as content:
        try:
            features = _features(content)
            sample = list(islice(features, _SAMPLE))
            columns = dict.fromkeys(column for feature in sample for column in _properties(feature))
            yield Rows(list(columns), _feature_rows(chain(sample, features), skipped), located=True)
        # An integer of thousands of digits is a ValueError as broken JSON is, a deep nesting a RecursionError.
        except UnicodeError:
            raise
        except (ValueError, RecursionError) as failure:
            raise _unreadable(path, f"it is no GeoJSON ({failure})", "Write or download it again") from failure


def _features(content: io.BufferedReader) -> Iterator[Any]:
    """Yield the features of one collection, or of a file with one feature a line (RFC 7946, RFC 8142)."""
    first = content.readline(_LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
    try:
        is_line = isinstance(begun := json.loads(_line(first)), dict) and begun.get("type") == "Feature"
    except ValueError:
        is_line = False
    if is_line:
        return chain([begun], (json.loads(_line(line)) for line in content if line.strip()))
    whole = json.loads(first + content.read())
    if not isinstance(whole, dict):
        raise ValueError("it is no object")
    if whole.get("type") == "Feature":
        return iter([whole])
    if not isinstance(whole.get("features"), list):
        raise ValueError("it is neither a feature nor a collection of features")
    return iter(whole["features"])


def _line(line: bytes) -> bytes:
    return line.strip().removeprefix(b"\x1e")


def _properties(feature: Any) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _feature_rows(features: Iterable[Any], skipped: Skipped) -> Iterator[Row]:
    for number, feature in enumerate(features, 1):
        position = centre(feature.get("geometry")) if isinstance(feature, dict) else None
        if position is None:
            skipped["features without a geometry in range"] += 1
            continue
        identifier = feature.get("id")
        yield Row(
            number,
            _properties(feature),
            str(identifier) if isinstance(identifier, str | int) else "",
            position,
        )


def _unreadable(path: Path, problem: str, remedy: str) -> SourceUnreadable:
    return SourceUnreadable(path, problem if problem.startswith("it") else f"it cannot be read ({problem})", remedy)


#: Suffixes of tables, the longest first, each with what opens its rows.
FORMATS: dict[str, Any] = {
    ".csv.gz": _delimited,
    ".tsv.gz": _delimited,
    ".csv": _delimited,
    ".tsv": _delimited,
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".geojsonseq": _geojson,
    ".geojsonl": _geojson,
    ".geojson": _geojson,
    ".ndjson": _geojson,
    ".jsonl": _geojson,
    ".json": _geojson,
    ".txt": _delimited,
}
