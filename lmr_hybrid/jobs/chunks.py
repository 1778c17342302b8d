"""The unit of a job: consecutive rows of one file, those that can be recognised and those that cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

#: Rows that have been done: where each run of them starts -> where it ends, exclusive.
Done = Mapping[int, int]


#: A chunk ends early when its rows hold this many bytes, so that memory has a bound whatever the rows are like.
MOST_BYTES = 64 << 20
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be recognised: its position in its file from 0, its line from 1 where it has one, and why."""

    row: int
    reason: str
    line: int | None = None
    content: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows `first` to `end`, exclusive, of a file.

    `rows`, `texts` and `columns` are position, text and all columns of the good ones, `rejects` are the others; blank
    lines of JSON Lines are neither. `size` is in bytes as stored. `last` tells that the file ends here, `cut` that
    the file could not be read further.
    """

    file: int
    first: int
    end: int
    rows: Sequence[int]
    texts: Sequence[str]
    columns: list[dict[str, Any]] | pyarrow.Table
    rejects: Sequence[Reject]
    size: int
    last: bool = False
    cut: bool = False


def rejecting(chunk: Chunk, reasons: Mapping[int, str]) -> Chunk:
    """Return a chunk in which the rows at these positions of `rows` are rejects, each for the reason given."""
    kept = [number not in reasons for number in range(len(chunk.rows))]
    failed = [Reject(chunk.rows[at], why, content=excerpt(chunk.texts[at])) for at, why in reasons.items()]
    return replace(
        chunk,
        rows=list(compress(chunk.rows, kept)),
        texts=list(compress(chunk.texts, kept)),
        # Not `take`, which Arrow has not for columns of nulls alone.
        columns=list(compress(chunk.columns, kept)) if isinstance(chunk.columns, list) else chunk.columns.filter(kept),
        rejects=sorted([*chunk.rejects, *failed], key=lambda reject: reject.row),
    )


def excerpt(content: bytes | str) -> str:
    """Return the beginning of a row, fit to be shown and written."""
    text = content[: 4 * _SHOWN].decode("utf-8", "replace") if isinstance(content, bytes) else content
    return text.strip()[:_SHOWN].encode("utf-8", "replace").decode("utf-8")


def next_open(row: int, done: Done) -> int:
    """Return the first row from `row` on that has not been done."""
    while row in done:
        row = done[row]
    return row
