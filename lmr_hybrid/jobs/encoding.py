"""A chunk and its recognitions as the bytes of a part: Parquet or JSON Lines."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from lmr_hybrid.jobs.chunks import Chunk
from lmr_hybrid.jobs.schema import MENTIONS, OTHER_VALUES, RESERVED, SOURCE_FILE, SOURCE_ROW, holds_json
from lmr_hybrid.mention import Recognition
from lmr_hybrid.output.json_lines import escaped
from lmr_hybrid.output.plain_text import plain, without_surrogates

if TYPE_CHECKING:
    import pyarrow

#: Arrow's integers have at most 64 bits, JSON's any number.
_INT64 = range(-(2**63), 2**63)
#: Integers that a double holds exactly.
_EXACT = range(-(2**53), 2**53 + 1)
#: Rows of a table that are Python objects at a time.
_SLICE = 1024


def to_json_lines(chunk: Chunk, recognitions: Sequence[Recognition], *, name: str) -> bytes:
    """Return one line a row: its file's `name`, its position, its columns, its mentions."""
    lines = [
        json.dumps(
            plain({SOURCE_FILE: name, SOURCE_ROW: row, **columns, MENTIONS: recognition.to_dict()["mentions"]}),
            ensure_ascii=False,
            allow_nan=False,
            default=_as_json,
        )
        for row, columns, recognition in zip(chunk.rows, _dicts(chunk), recognitions, strict=True)
    ]
    return "".join(f"{escaped(line)}\n" for line in lines).encode("utf-8")


def to_parquet(
    chunk: Chunk,
    recognitions: Sequence[Recognition],
    *,
    name: str,
    schema: pyarrow.Schema,
    metadata: Mapping[str, str],
) -> bytes:
    """Return a Parquet file of the columns in `schema`, with `metadata` beside it."""
    import pyarrow
    import pyarrow.parquet

    made = {
        SOURCE_FILE: [name] * len(chunk.rows),
        SOURCE_ROW: chunk.rows,
        MENTIONS: [plain(recognition.to_dict()["mentions"]) for recognition in recognitions],
    }
    if isinstance(chunk.columns, list):
        carried, others = _as_columns(chunk.columns, [field for field in schema if field.name not in RESERVED])
        made |= {**carried, OTHER_VALUES: others}
        arrays = [pyarrow.array(made[field.name], field.type) for field in schema]
    else:
        arrays = [
            pyarrow.array(made[field.name], field.type) if field.name in made else _array(chunk.columns, field)
            for field in schema
        ]
    table = pyarrow.Table.from_arrays(arrays, schema=schema.with_metadata(dict(metadata)))
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _dicts(chunk: Chunk) -> Iterator[Mapping[str, Any]]:
    if isinstance(chunk.columns, list):
        yield from chunk.columns
        return
    table = _with_all_digits(chunk.columns)
    for start in range(0, table.num_rows, _SLICE):
        yield from table.slice(start, _SLICE).to_pylist()


def _with_all_digits(table: pyarrow.Table) -> pyarrow.Table:
    """Return a table with times of day in nanoseconds as ISO 8601; Python's own end at microseconds."""
    import pyarrow

    for index, field in enumerate(table.schema):
        if field.type == pyarrow.time64("ns"):
            table = table.set_column(index, field.name, table.column(index).cast(pyarrow.string()))
    return table


def _array(table: pyarrow.Table, field: pyarrow.Field) -> Any:
    """Return a column of a table in the type that it has in all parts, nulls where this file does not have it."""
    import pyarrow

    if field.name not in table.column_names:
        return pyarrow.nulls(table.num_rows, field.type)
    return table.column(field.name).cast(field.type)


def _as_columns(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[pyarrow.Field]
) -> tuple[dict[str, list[Any]], list[Any]]:
    """Return rows as columns, and for each row the JSON of what its columns cannot hold, None mostly."""
    fits = {field.name: _fitter(field) for field in fields}
    columns: dict[str, list[Any]] = {name: [] for name in fits}
    others: list[str | None] = []
    for row in rows:
        left = {}
        for name, fit in fits.items():
            value = row.get(name)
            fitting = None if value is None else fit(value)
            columns[name].append(fitting)
            if fitting is None and value is not None:
                left[name] = value
        left |= {name: value for name, value in row.items() if name not in fits}
        others.append(_json(left) if left else None)
    return columns, others


def _fitter(field: pyarrow.Field) -> Any:
    """Return a function that makes a value one of the field's type, None where it cannot hold it."""
    from pyarrow import types

    if holds_json(field):
        return _json
    if types.is_boolean(field.type):
        return lambda value: value if isinstance(value, bool) else None
    if types.is_integer(field.type):
        return lambda value: value if type(value) is int and value in _INT64 else None
    if types.is_floating(field.type):
        return _as_float
    return lambda value: plain(value) if isinstance(value, str) else None


def _as_float(value: Any) -> float | None:
    if type(value) is float:
        return value
    return float(value) if type(value) is int and value in _EXACT else None


def _json(value: Any) -> str:
    return without_surrogates(json.dumps(plain(value), ensure_ascii=False))


def _as_json(value: Any) -> Any:
    """Return a value of Arrow's that JSON has no form for as a string: ISO 8601, base64, or as it prints."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)
