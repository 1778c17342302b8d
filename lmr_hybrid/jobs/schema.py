"""The columns of a job's results in Parquet: those of all its files, the same in every part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from lmr_hybrid.errors import ColumnNotFound, InputError
from lmr_hybrid.jobs.kinds import Kind
from lmr_hybrid.jobs.locations import InputFile, briefly, open_plain, open_stored, refusals
from lmr_hybrid.jobs.row_formats import DELIMITERS, JsonLinesFormat, read_header
from lmr_hybrid.output.arrow import mention_schema
from lmr_hybrid.output.plain_text import plain

if TYPE_CHECKING:
    import pyarrow

#: The columns that a job adds: the row's file and its position in it from 0, what did not fit, the mentions.
SOURCE_FILE, SOURCE_ROW, OTHER_VALUES, MENTIONS = "source_file", "source_row", "other_values", "mentions"
RESERVED = frozenset({SOURCE_FILE, SOURCE_ROW, OTHER_VALUES, MENTIONS})
#: How many lines of a file of JSON Lines say which columns it has and of which types.
_SAMPLED_LINES, _SAMPLED_BYTES = 1000, 4 << 20
_COLUMNS_NAMED = 20
#: Of floating numbers of so many bits, how wide integers may be to be among them, each exactly.
_EXACT_BITS = {32: 16, 64: 32}
#: Marks a column of strings whose values are JSON.
_JSON = {b"holds": b"json"}


def carried_schema(files: Sequence[InputFile], text_column: str, *, merged: bool = True) -> pyarrow.Schema:
    """Return the columns of all files, each name once, or none unless `merged`: then each file is only checked.

    CSV gives strings, JSON Lines what the first lines hold, with nested and mixed values as JSON. Raises
    `ColumnNotFound` where a file has no column of texts, `InputError` where one cannot be read, has a column of a name
    that the results need, or differs from another in the type of a column.
    """
    import pyarrow

    schema = pyarrow.schema([])
    loose: set[str] = set()
    for file in files:
        found = _schema_of(file, text_column)
        _check(file, found, text_column)
        if not merged:
            continue
        strict = file.kind == "parquet"
        for field in found:
            index = schema.get_field_index(field.name)
            known = schema.field(index) if index >= 0 else None
            if known is None:
                schema = schema.append(field)
            else:
                schema = schema.set(index, _merged(file, known, field, loose=not strict and field.name in loose))
        loose |= {name for name in found.names if not strict}
    return schema


def _schema_of(file: InputFile, text_column: str) -> pyarrow.Schema:
    import pyarrow
    import pyarrow.parquet

    try:
        if file.kind == "parquet":
            with open_stored(file) as stream:
                return pyarrow.parquet.read_schema(stream).remove_metadata()
        if file.kind == "text":
            return pyarrow.schema([(text_column, pyarrow.string())])
        with open_plain(file) as (stream, _):
            if file.kind == "jsonl":
                return _json_schema(_sample(stream, file.url), text_column)
            header = read_header(stream, DELIMITERS[file.kind], source=file.url)
            return pyarrow.schema([(name, pyarrow.string()) for name in header])
    except InputError:
        raise
    except (refusals(file.url), pyarrow.ArrowException) as error:
        problem = f"cannot be read as {_NAMES[file.kind]} ({briefly(error)})"
        raise InputError(file.url, problem, "Mend it, take it away, or say with --format what it is") from error


_NAMES: dict[Kind, str] = {
    "text": "text",
    "jsonl": "JSON Lines",
    "csv": "CSV",
    "tsv": "TSV",
    "parquet": "Parquet",
}


def _check(file: InputFile, schema: pyarrow.Schema, text_column: str) -> None:
    if twice := next((name for name in schema.names if schema.names.count(name) > 1), None):
        raise InputError(file.url, f"has two columns named {twice!r}", "Rename one")
    if taken := sorted(RESERVED.intersection(schema.names)):
        problem = f"has a column {taken[0]!r}, a name that the results need"
        raise InputError(file.url, problem, "Rename that column")
    if text_column not in schema.names:
        if file.kind == "jsonl" and not schema.names:
            # No line of the sample was an object; each will be a reject and say why.
            return
        named = ", ".join(map(repr, schema.names[:_COLUMNS_NAMED]))
        more = f" and {len(schema.names) - _COLUMNS_NAMED} more" if len(schema.names) > _COLUMNS_NAMED else ""
        remedy = f"Name the column of texts with --text-column; it has {named}{more}"
        raise ColumnNotFound(file.url, f"has no column {text_column!r}", remedy)
    from pyarrow import types

    kind = schema.field(text_column).type
    value = kind.value_type if types.is_dictionary(kind) else kind
    checks = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    if file.kind == "parquet" and not any(check(value) for check in checks):
        raise InputError(file.url, f"column {text_column!r} is of type {kind}, not string", "Name a column of texts")


def _sample(stream: Any, url: str) -> list[Mapping[str, Any]]:
    """Return the objects in the first lines; a file that breaks off gives those before that."""
    import pyarrow

    objects: list[Mapping[str, Any]] = []
    size = 0
    try:
        for row in islice(JsonLinesFormat("").split(stream), _SAMPLED_LINES):
            with suppress(ValueError, RecursionError):
                found = json.loads(row.content) if isinstance(row.content, bytes) and not row.fault else None
                if isinstance(found, dict):
                    objects.append(found)
            size += row.size
            if size > _SAMPLED_BYTES:
                break
    except (refusals(url), pyarrow.ArrowException):
        if not objects:
            raise
    return objects


def _json_schema(objects: Sequence[Mapping[str, Any]], text_column: str) -> pyarrow.Schema:
    """Return a column for each key in order of appearance, of the one type that fits all its values."""
    import pyarrow

    kinds: dict[str, set[type]] = {}
    # Where only some objects have a key that the results need, those are rejects; where all have it, it is a column.
    rejected = {key for key in RESERVED if not all(key in each for each in objects)}
    for each in objects:
        for key, value in each.items():
            if key not in rejected:
                kinds.setdefault(key, set()).add(type(value))
    scalars: list[tuple[set[type], Any]] = [
        ({bool}, pyarrow.bool_()),
        ({int}, pyarrow.int64()),
        ({int, float}, pyarrow.float64()),
        ({str}, pyarrow.string()),
    ]
    fields = []
    for key, found in kinds.items():
        # Texts that are none become rejects, so that this column holds strings only.
        values: set[type] = {str} if key == text_column else found - {type(None)}
        type_ = next((type_ for allowed, type_ in scalars if values <= allowed), None) if values else pyarrow.string()
        # A key may hold half of a surrogate pair, which Arrow cannot write.
        fields.append(_json_field(plain(key)) if type_ is None else pyarrow.field(plain(key), type_))
    return pyarrow.schema(fields)


def _json_field(name: str) -> pyarrow.Field:
    import pyarrow

    return pyarrow.field(name, pyarrow.string(), metadata=_JSON)


def holds_json(field: pyarrow.Field) -> bool:
    """Tell whether the values of a column of strings are JSON."""
    return (field.metadata or {}).get(b"holds") == b"json"


def _merged(file: InputFile, one: pyarrow.Field, other: pyarrow.Field, *, loose: bool) -> pyarrow.Field:
    """Return a field that holds the values of both; where no type does, JSON does if both are `loose`."""
    import pyarrow

    if one.type == other.type and holds_json(one) == holds_json(other):
        return one
    try:
        if holds_json(one) or holds_json(other):
            raise pyarrow.ArrowTypeError("JSON")
        merged = pyarrow.unify_schemas(
            [pyarrow.schema([one]), pyarrow.schema([other])], promote_options="permissive"
        ).field(0)
        if not loose and not (_fits(one.type, merged.type) and _fits(other.type, merged.type)):
            raise pyarrow.ArrowTypeError("digits would be lost")
        return merged
    except pyarrow.ArrowException:
        if loose:
            return _json_field(one.name)
        problem = f"column {one.name!r} is {other.type}, in the files before it {one.type}"
        raise InputError(file.url, problem, "Give it the same type in all files, or write --to jsonl") from None


def _fits(type_: pyarrow.DataType, merged: pyarrow.DataType) -> bool:
    """Tell whether a column may become one of another type: integers are floating numbers as far as these are exact."""
    from pyarrow import types

    if not types.is_integer(type_) or not types.is_floating(merged):
        return True
    return bool(type_.bit_width <= _EXACT_BITS.get(merged.bit_width, 0))


def mentions_type() -> pyarrow.DataType:
    """Return the type of the column of mentions: a list of what `Recognition.to_dict` calls mentions."""
    import pyarrow

    known = mention_schema()
    names = {"text": "mention"}
    parts = ("text", "start", "end", "type", "score", "sources", "rules", "candidates")
    return pyarrow.list_(pyarrow.struct([(name, known.field(names.get(name, name)).type) for name in parts]))


def part_schema(carried: pyarrow.Schema, *, others: bool) -> pyarrow.Schema:
    """Return the columns of a part: where the row is from, the carried ones, `others` that fit nowhere, mentions."""
    import pyarrow

    return pyarrow.schema(
        [
            (SOURCE_FILE, pyarrow.string()),
            (SOURCE_ROW, pyarrow.int64()),
            *carried,
            *([_json_field(OTHER_VALUES)] if others else []),
            (MENTIONS, mentions_type()),
        ]
    )
