"""A column of messages in a pandas or Arrow table -> a table of the same family with one row a mention."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tqdm import tqdm

from lmr_hybrid.errors import ColumnNotFound, InputError, NotATable, NotText
from lmr_hybrid.mention import Recognition
from lmr_hybrid.output.arrow import mention_table

if TYPE_CHECKING:
    import pandas
    import pyarrow

Recognize = Callable[[Iterable[str]], Iterator[Recognition]]

#: How many columns an error names at most.
_COLUMNS_NAMED = 20
#: How many texts of an Arrow batch, which may be of any size, become Python strings at a time.
_SLICE = 1024


class ArrowStream(Protocol):
    """What speaks Arrow's PyCapsule interface: tables of pyarrow and polars, relations of DuckDB, and many more."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule that holds an Arrow stream."""


def recognize_table(
    table: pandas.DataFrame | ArrowStream,
    column: Hashable,
    *,
    recognize: Recognize,
    attribution: str = "",
    progress: bool | None = None,
) -> pandas.DataFrame | pyarrow.Table:
    """Return one row for each mention in the texts of `column`, in a table of the family that `table` is of.

    `recognize` takes texts lazily and yields their recognitions in order. `progress` shows a bar on standard error;
    by default on a terminal only. `Recognizer.recognize_table` says what the result holds and what is raised.
    """
    frames = sys.modules.get("pandas")
    # Who has no pandas loaded has no DataFrame; it is never imported for its own sake.
    if frames is not None and isinstance(table, frames.DataFrame):
        return _recognize_frame(table, column, recognize=recognize, attribution=attribution, progress=progress)
    stream = _open_stream(table)
    texts = _arrow_texts(stream, column)
    total = getattr(table, "num_rows", None)
    return mention_table(_numbered(texts, recognize, total=total, progress=progress), attribution=attribution)


def _recognize_frame(
    frame: pandas.DataFrame, column: Hashable, *, recognize: Recognize, attribution: str, progress: bool | None
) -> pandas.DataFrame:
    texts = _frame_texts(frame, column)
    found = mention_table(_numbered(texts, recognize, total=len(texts), progress=progress), attribution=attribution)
    nested = [field.name for field in found.schema if field.type.num_fields]
    mentions = found.drop_columns(nested).replace_schema_metadata().to_pandas()
    for name in nested:
        # pandas would be given arrays of numpy's, which neither compare nor print well.
        position = found.schema.get_field_index(name)
        mentions.insert(position, name, _objects(found[name].to_pylist()))
    mentions.index = frame.index.take(found["row"].to_numpy())
    if attribution:
        mentions.attrs["attribution"] = attribution
    return mentions


def _objects(values: list[Any]) -> Any:
    import pandas

    return pandas.Series(values, dtype=object)


def _numbered(
    texts: Iterable[str | None], recognize: Recognize, *, total: int | None, progress: bool | None
) -> Iterator[tuple[int, Recognition]]:
    """Yield the recognitions of the texts that there are, each with its row."""
    rows: deque[int] = deque()
    shown = tqdm(
        texts,
        desc="recognizing",
        unit=" rows",
        total=total,
        leave=False,
        delay=1,
        disable=None if progress is None else not progress,
    )

    def present() -> Iterator[str]:
        for row, text in enumerate(shown):
            if text is not None:
                rows.append(row)
                yield text

    for recognition in recognize(present()):
        yield rows.popleft(), recognition


def _frame_texts(frame: pandas.DataFrame, column: Hashable) -> list[str | None]:
    _check_column(column, list(frame.columns))
    values = frame[column]
    texts = [None if missing else value for value, missing in zip(values, values.isna(), strict=True)]
    # Before any work is done: the last row may be hours away.
    for row, text in enumerate(texts):
        if text is not None and not isinstance(text, str):
            (label,) = frame.index[row : row + 1].tolist()
            subject = f"column {column!r}, row {row} (index {label!r})"
            problem = f"is {type(text).__name__}, not str"
            raise NotText(subject, problem, "Convert the column to strings first; missing values may stay")
    return texts


def _open_stream(table: object) -> pyarrow.RecordBatchReader:
    import pyarrow

    try:
        return pyarrow.RecordBatchReader.from_stream(table)
    except (TypeError, pyarrow.ArrowInvalid) as error:
        raise NotATable(
            type(table).__name__,
            "is no table",
            "Give a pandas DataFrame, a table or reader of pyarrow, or anything else with `__arrow_c_stream__`, such "
            "as a DataFrame of polars or a relation of DuckDB",
        ) from error


def _arrow_texts(stream: pyarrow.RecordBatchReader, column: Hashable) -> Iterator[str | None]:
    """Return the texts of a column lazily, null as None; complain of the column at once."""
    _check_column(column, stream.schema.names)
    index = stream.schema.names.index(column)
    type_ = stream.schema.field(index).type
    if not _holds_text(type_):
        raise NotText(f"column {column!r}", f"is of type {type_}, not string", "Cast the column to string first")
    slices = (
        batch.column(index).slice(start, _SLICE) for batch in stream for start in range(0, batch.num_rows, _SLICE)
    )
    return _decoded(slices, column)


def _decoded(slices: Iterable[pyarrow.Array], column: Hashable) -> Iterator[str | None]:
    """Yield the texts of consecutive pieces of a column. Arrow calls text whatever bytes it was told are text."""
    row = 0
    for texts in slices:
        try:
            decoded = texts.to_pylist()
        except UnicodeDecodeError:
            # One by one, to have those before it and to name the row.
            for each in texts:
                yield _decoded_one(each, column, row)
                row += 1
        else:
            yield from decoded
            row += len(decoded)


def _decoded_one(scalar: pyarrow.Scalar, column: Hashable, row: int) -> str | None:
    try:
        text: str | None = scalar.as_py()
    except UnicodeDecodeError as error:
        raise NotText(
            f"column {column!r}, row {row}",
            f"is not UTF-8 ({error.reason} at byte {error.start})",
            'Cast the column to binary and decode each value first, such as by `value.decode(errors="replace")`',
        ) from error
    return text


def _holds_text(type_: pyarrow.DataType) -> bool:
    from pyarrow import types

    if types.is_dictionary(type_):
        return _holds_text(type_.value_type)
    checks = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    return any(check(type_) for check in checks)


def _check_column(column: Hashable, columns: Sequence[Hashable]) -> None:
    times = columns.count(column)
    if times > 1:
        problem = f"is the name of {times} columns"
        raise InputError(f"column {column!r}", problem, "Rename all but the one that holds the texts")
    if not times:
        named = ", ".join(map(repr, columns[:_COLUMNS_NAMED])) or "none at all"
        more = f" and {len(columns) - _COLUMNS_NAMED} more" if len(columns) > _COLUMNS_NAMED else ""
        raise ColumnNotFound(f"column {column!r}", "is not in the table", f"It has these columns: {named}{more}")
