"""Files that are read row by row: plain text, JSON Lines, CSV. Splitting into rows is apart from reading a row, so
that rows which have been done are passed over cheaply."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs.kinds import Kind

#: A line longer than this, in bytes, is a reject: without it a file that has no lines would be read whole.
LONGEST_LINE = 16 << 20
#: What is kept of a row that cannot be split, in bytes.
_SHOWN = 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Levels of lists and objects in a row; deeper ones can be read but neither written nor handed to a worker.
_DEEPEST = 400
#: JSON names types otherwise than Python does.
_JSON_TYPES = {"NoneType": "null", "dict": "an object", "list": "a list", "bool": "true or false"}


class BadRow(Exception):
    """A row cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row not yet looked into: its position from 0, its line from 1, its bytes or fields, and bytes it took.

    `content` is None where there is nothing in it, `fault` what is wrong where it could not even be split off.
    """

    number: int
    line: int
    content: bytes | list[str] | None
    size: int
    fault: str = ""


class RowFormat(Protocol):
    """How a kind of file is split into rows, and how a row is read."""

    def split(self, stream: BinaryIO) -> Iterator[RawRow]:
        """Yield all rows of a decompressed file, numbered from 0 without a gap."""

    def read(self, row: RawRow) -> tuple[str, Mapping[str, Any]]:
        """Return the text and all columns of a row. Raises `BadRow`."""


@dataclass(frozen=True, slots=True)
class TextFormat:
    """One message a line; its only column is named as the text column."""

    text_column: str

    def split(self, stream: BinaryIO) -> Iterator[RawRow]:
        """Yield the lines; an empty one is a message without words."""
        return _lines(stream)

    def read(self, row: RawRow) -> tuple[str, Mapping[str, Any]]:
        """Return the line."""
        text = _decoded(row)
        return text, {self.text_column: text}


@dataclass(frozen=True, slots=True)
class JsonLinesFormat:
    """One JSON object a line, the text under a key of its own; `reserved` are keys that the results need."""

    text_column: str
    reserved: frozenset[str] = frozenset()

    def split(self, stream: BinaryIO) -> Iterator[RawRow]:
        """Yield the lines; a blank one has no content."""
        for row in _lines(stream):
            blank = isinstance(row.content, bytes) and not row.content.strip()
            yield RawRow(row.number, row.line, None, row.size) if blank else row

    def read(self, row: RawRow) -> tuple[str, Mapping[str, Any]]:
        """Return the text and the whole object."""
        try:
            found = json.loads(_decoded(row))
        except (ValueError, RecursionError) as error:
            raise BadRow(f"not JSON ({error})") from None
        if not isinstance(found, dict):
            raise BadRow(f"{json_type(found)} where a JSON object is expected")
        if self.text_column not in found:
            raise BadRow(f"no key {self.text_column!r}")
        text = found[self.text_column]
        if not isinstance(text, str):
            raise BadRow(f"{self.text_column!r} is {json_type(text)}, not a string")
        if taken := sorted(self.reserved & found.keys()):
            raise BadRow(f"the key {taken[0]!r} is one that the results need")
        if isinstance(row.content, bytes) and _brackets(row.content) > _DEEPEST and _is_deeper(found, _DEEPEST):
            raise BadRow(f"nested more than {_DEEPEST} levels deep")
        return text, found


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Fields between delimiters, quoted as in RFC 4180, after a header; every value is a string, as it stands there."""

    text_column: str
    header: Sequence[str]
    delimiter: str = ","

    def split(self, stream: BinaryIO) -> Iterator[RawRow]:
        """Yield the rows after the header; lines without any field are none."""
        rows = split_csv(stream, self.delimiter)
        next(rows, None)
        return rows

    def read(self, row: RawRow) -> tuple[str, Mapping[str, Any]]:
        """Return the text and all fields by the names in the header."""
        if row.fault:
            raise BadRow(row.fault)
        fields = row.content if isinstance(row.content, list) else []
        if len(fields) != len(self.header):
            raise BadRow(f"{len(fields)} fields where the header has {len(self.header)}")
        if any(not field.isascii() and _undecodable(field) for field in fields):
            raise BadRow("not UTF-8")
        columns = dict(zip(self.header, fields, strict=True))
        return columns[self.text_column], columns


def row_format(kind: Kind, *, text_column: str, header: Sequence[str], reserved: frozenset[str]) -> RowFormat:
    """Return the format of a kind that is read row by row."""
    if kind == "text":
        return TextFormat(text_column)
    if kind == "jsonl":
        return JsonLinesFormat(text_column, reserved)
    return CsvFormat(text_column, header, DELIMITERS[kind])


#: What stands between the fields of a kind.
DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_header(stream: BinaryIO, delimiter: str, *, source: object) -> list[str]:
    """Return the names in the header of a CSV file. Raises `InputError` where there is none that can be used."""
    first = next(split_csv(stream, delimiter), None)
    if first is None or first.fault or not first.content:
        raise InputError(source, first.fault if first and first.fault else "has no header", "Begin it with a header")
    names = [str(name) for name in first.content]
    if any(map(_undecodable, names)):
        raise InputError(source, "has a header that is not UTF-8", "Convert the file to UTF-8")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(source, f"has two columns named {twice!r}", "Rename one")
    return names


def split_csv(stream: BinaryIO, delimiter: str) -> Iterator[RawRow]:
    """Yield all rows of a CSV file, the header as number -1; of one that cannot be split, its beginning as bytes."""
    taken, begun = 0, b""

    def decoded() -> Iterator[str]:
        nonlocal taken, begun
        for raw, size, _ in _raw_lines(stream):
            taken += size
            if len(begun) < _SHOWN:
                begun += raw[:_SHOWN]
            # With its end, which within quotes is of the field. Bytes that are no UTF-8 become lone surrogates, so that
            # they spoil their own row only.
            yield raw.decode("utf-8", "surrogateescape")

    reader = csv.reader(decoded(), delimiter=delimiter, strict=True)
    number, line, before = -1, 0, 0
    while True:
        content: list[str] | bytes = []
        begun, fault = b"", ""
        try:
            content = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            content, fault = begun, f"not CSV ({error})"
            if reader.line_num > line + 1:
                fault += f"; an open quote takes in the lines {line + 1} to {reader.line_num}"
        if content or fault:
            yield RawRow(number, line + 1, content, taken - before, fault)
            number += 1
            before = taken
        line = reader.line_num


def json_type(value: object) -> str:
    """Return what JSON calls a value's type, with its article."""
    name = type(value).__name__
    return _JSON_TYPES.get(name, "a string" if isinstance(value, str) else "a number")


def _brackets(content: bytes) -> int:
    """Return how many lists and objects are opened at most, which is known much sooner than how deep they are."""
    return content.count(b"[") + content.count(b"{")


def _is_deeper(value: object, levels: int) -> bool:
    """Tell whether lists and objects are nested in more levels than these."""
    layer = [value]
    for _ in range(levels + 1):
        nested = [each for each in layer if isinstance(each, dict | list)]
        if not nested:
            return False
        layer = [inner for each in nested for inner in (each.values() if isinstance(each, dict) else each)]
    return True


def _lines(stream: BinaryIO) -> Iterator[RawRow]:
    """Yield the lines without their ends; only a line feed, or carriage return and line feed, ends one."""
    for number, (raw, size, fault) in enumerate(_raw_lines(stream)):
        yield RawRow(number, number + 1, raw.removesuffix(b"\n").removesuffix(b"\r"), size, fault)


def _raw_lines(stream: BinaryIO) -> Iterator[tuple[bytes, int, str]]:
    """Yield each line with its end, how many bytes it took, and what is wrong with it; not the byte order mark."""
    mark = _BYTE_ORDER_MARK
    while raw := stream.readline(LONGEST_LINE):
        size, fault = len(raw), ""
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            fault = f"longer than {LONGEST_LINE >> 20} MiB"
            while rest := stream.readline(LONGEST_LINE):
                size += len(rest)
                if rest.endswith(b"\n"):
                    raw += b"\n"
                    break
        yield raw.removeprefix(mark), size, fault
        mark = b""


def _decoded(row: RawRow) -> str:
    if row.fault:
        raise BadRow(row.fault)
    try:
        return row.content.decode("utf-8") if isinstance(row.content, bytes) else ""
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 ({error.reason} at byte {error.start})") from None


def _undecodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
