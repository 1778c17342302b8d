"""Rows of text, JSON Lines and CSV -> chunks, the same ones every time, without those that have been done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from lmr_hybrid.jobs.chunks import MOST_BYTES, Chunk, Done, Reject, excerpt, next_open
from lmr_hybrid.jobs.row_formats import BadRow, RawRow, RowFormat


def row_chunks(
    file: int,
    stream: BinaryIO,
    stored: Callable[[], int] | None,
    form: RowFormat,
    *,
    part_rows: int,
    done: Done,
) -> Iterator[Chunk]:
    """Yield the chunks of a decompressed file.

    `stored` tells how many bytes have been read of a compressed one. Where the file cannot be read further, the last
    chunk is `cut` and the error is raised after it.
    """
    first = next_open(0, done)
    rows: list[RawRow] = []
    size = before = 0

    def chunk(*, last: bool = False, cut: bool = False) -> Chunk:
        nonlocal before
        taken = size if stored is None else stored() - before
        before += taken
        return _read(file, rows, form, size=taken, last=last, cut=cut)

    try:
        for row in form.split(stream):
            if row.number < first:
                continue
            if rows and (len(rows) >= part_rows or size >= MOST_BYTES or row.number in done):
                yield chunk()
                first, rows, size = next_open(row.number, done), [], 0
                if row.number < first:
                    continue
            rows.append(row)
            size += row.size
    except Exception:
        if rows:
            yield chunk(cut=True)
        raise
    if rows:
        yield chunk(last=True)


def _read(file: int, raw: list[RawRow], form: RowFormat, *, size: int, last: bool, cut: bool) -> Chunk:
    rows: list[int] = []
    texts: list[str] = []
    columns: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for row in raw:
        if row.content is None:
            continue
        try:
            text, found = form.read(row)
        except BadRow as error:
            content = row.content if isinstance(row.content, bytes) else ",".join(row.content)
            rejects.append(Reject(row.number, str(error), row.line, excerpt(content)))
        else:
            rows.append(row.number)
            texts.append(text)
            columns.append(dict(found))
    return Chunk(file, raw[0].number, raw[-1].number + 1, rows, texts, columns, rejects, size, last, cut)
