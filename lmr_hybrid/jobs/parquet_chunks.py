"""A Parquet file -> chunks, the same ones every time; row groups that have been done are not read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from lmr_hybrid.jobs.chunks import MOST_BYTES, Chunk, Done, Reject, next_open

if TYPE_CHECKING:
    import pyarrow

#: Rows read at a time; a row group may be larger than memory.
_ROWS_A_BATCH = 1024


def parquet_chunks(
    file: int, stream: BinaryIO, *, text_column: str, size: int, part_rows: int, done: Done
) -> Iterator[Chunk]:
    """Yield the chunks of a Parquet file of `size` bytes, as `row_chunks` does of others."""
    import pyarrow.parquet

    source = pyarrow.parquet.ParquetFile(stream, pre_buffer=False)
    total = source.metadata.num_rows
    first, starts = next_open(0, done), sorted(done)
    slices: list[pyarrow.RecordBatch] = []
    rows = memory = 0

    def chunk(*, cut: bool = False) -> Chunk:
        table = pyarrow.Table.from_batches(slices)
        share = size * table.num_rows // max(total, 1)
        return _read(file, first, table, text_column, size=share, last=first + rows == total, cut=cut)

    try:
        for start, batch in _batches(source, first):
            position = start
            while position < start + batch.num_rows:
                if position < first:
                    position = min(first, start + batch.num_rows)
                    continue
                following = bisect_right(starts, position)
                end = min(start + batch.num_rows, first + part_rows, *starts[following : following + 1])
                slices.append(batch.slice(position - start, end - position))
                memory += slices[-1].nbytes
                rows += end - position
                position = end
                if rows >= part_rows or memory >= MOST_BYTES or end in done:
                    yield chunk()
                    first, slices, rows, memory = next_open(end, done), [], 0, 0
    except Exception:
        if slices:
            yield chunk(cut=True)
        raise
    if slices:
        yield chunk()


def _batches(source: pyarrow.parquet.ParquetFile, first: int) -> Iterator[tuple[int, pyarrow.RecordBatch]]:
    """Yield batches with the position of their first row, beginning with the row group of the row `first`."""
    start = 0
    for group in range(source.metadata.num_row_groups):
        end = start + source.metadata.row_group(group).num_rows
        if end > first:
            for batch in source.iter_batches(_ROWS_A_BATCH, row_groups=[group], use_threads=False):
                yield start, batch
                start += batch.num_rows
        start = end


def _read(file: int, first: int, table: pyarrow.Table, text_column: str, *, size: int, last: bool, cut: bool) -> Chunk:
    """Make a chunk of a table whose first row has the position `first`."""
    texts = _texts(table.column(text_column))
    good = [row for row, text in enumerate(texts) if isinstance(text, str)]
    # Not `take`, which Arrow has not for columns of nulls alone.
    kept = table.filter([isinstance(text, str) for text in texts]) if len(good) < len(texts) else table
    rejects = [
        Reject(first + row, "not UTF-8" if isinstance(text, bytes) else f"{text_column!r} is null")
        for row, text in enumerate(texts)
        if not isinstance(text, str)
    ]
    return Chunk(
        file,
        first,
        first + table.num_rows,
        [first + row for row in good],
        [str(texts[row]) for row in good],
        kept,
        rejects,
        size,
        last,
        cut,
    )


def _texts(column: pyarrow.ChunkedArray) -> list[str | bytes | None]:
    """Return the texts of a column, null as None, and as bytes what claims to be text and is not UTF-8."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_text(raw) for raw in column.cast(pyarrow.large_binary()).to_pylist()]


def _text(raw: bytes | None) -> str | bytes | None:
    try:
        return None if raw is None else raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
