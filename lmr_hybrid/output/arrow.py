"""Recognitions as an Arrow table: one row a mention, what is known of its best candidate in columns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from lmr_hybrid.mention import Candidate, Mention, Recognition
from lmr_hybrid.output.plain_text import plain

if TYPE_CHECKING:
    import pyarrow

#: The columns that hold a field of the best candidate, and which.
BEST_CANDIDATE = {
    "place_id": "id",
    "place_name": "name",
    "kind": "kind",
    "latitude": "latitude",
    "longitude": "longitude",
    "country": "country",
    "admin1": "admin1",
    "candidate_score": "score",
    "approximate": "approximate",
}
_ROWS_A_BATCH = 4096


def mention_schema() -> pyarrow.Schema:
    """Return the columns that every table of mentions has, also one without a mention; docs/output.md describes them.

    The type of `candidates` follows the fields of `Candidate`.
    """
    import pyarrow

    hints = get_type_hints(Candidate)
    candidate = pyarrow.struct([(field.name, _arrow_type(hints[field.name])) for field in fields(Candidate)])
    return pyarrow.schema(
        [
            ("row", pyarrow.int64()),
            ("mention", pyarrow.string()),
            ("start", pyarrow.int64()),
            ("end", pyarrow.int64()),
            ("type", pyarrow.string()),
            ("score", pyarrow.float64()),
            ("sources", pyarrow.list_(pyarrow.string())),
            ("rules", pyarrow.list_(pyarrow.string())),
            *((column, _arrow_type(hints[name])) for column, name in BEST_CANDIDATE.items()),
            ("candidates", pyarrow.list_(candidate)),
        ]
    )


def to_arrow(recognitions: Iterable[Recognition], *, attribution: str = "") -> pyarrow.Table:
    """Return a table with one row a mention; `row` is the position of its recognition, from 0.

    The columns are those of `mention_schema`. `attribution` becomes metadata of the schema. Lone surrogates become
    U+FFFD, and a coordinate or score that is not finite null.
    """
    return mention_table(enumerate(recognitions), attribution=attribution)


def mention_table(numbered: Iterable[tuple[int, Recognition]], *, attribution: str = "") -> pyarrow.Table:
    """Do as `to_arrow` does where the number that becomes `row` is given with each recognition."""
    import pyarrow

    schema = mention_schema()
    rows = (_row(number, mention) for number, recognition in numbered for mention in recognition.mentions)
    batches = [pyarrow.RecordBatch.from_pylist(chunk, schema) for chunk in _chunks(rows)]
    table = pyarrow.Table.from_batches(batches, schema)
    return table.replace_schema_metadata({"attribution": plain(attribution)}) if attribution else table


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, _ROWS_A_BATCH)):
        yield chunk


def _row(number: int, mention: Mention) -> dict[str, Any]:
    candidates = [plain(asdict(candidate)) for candidate in mention.candidates]
    best = candidates[0] if candidates else {}
    return {
        "row": number,
        "mention": plain(mention.text),
        "start": mention.start,
        "end": mention.end,
        "type": plain(mention.type),
        "score": plain(mention.score),
        "sources": plain(mention.sources),
        "rules": plain(mention.rules),
        **{column: best.get(name) for column, name in BEST_CANDIDATE.items()},
        "candidates": candidates,
    }


def _arrow_type(hint: Any) -> pyarrow.DataType:
    """Return the Arrow type of a field: of str, float, int or bool, of a tuple of one of them, or of either or None."""
    import pyarrow

    scalars = {str: pyarrow.string(), float: pyarrow.float64(), int: pyarrow.int64(), bool: pyarrow.bool_()}
    if hint in scalars:
        return scalars[hint]
    inner = next(part for part in get_args(hint) if part is not NoneType)
    return pyarrow.list_(_arrow_type(inner)) if get_origin(hint) is tuple else _arrow_type(inner)
