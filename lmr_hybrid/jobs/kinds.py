"""What kind of file holds messages, and how it is compressed, by its name."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal, get_args

#: "text" has one message a line; "csv" and "tsv" have a header.
Kind = Literal["text", "jsonl", "csv", "tsv", "parquet"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: The form of the results.
PartKind = Literal["parquet", "jsonl"]
PART_KINDS: tuple[PartKind, ...] = get_args(PartKind)

_KINDS: dict[str, Kind] = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".lz4": "lz4"}


def compression_of(name: str) -> str | None:
    """Return how a file of this name is compressed, as Arrow calls it; None where it is not."""
    return _COMPRESSIONS.get(PurePosixPath(name).suffix.lower())


def kind_of(name: str) -> Kind | None:
    """Return what a file of this name, compressed or not, holds; None where the name does not tell."""
    path = PurePosixPath(name)
    if path.suffix.lower() in _COMPRESSIONS:
        path = path.with_suffix("")
    return _KINDS.get(path.suffix.lower())


def known_endings() -> str:
    """Return the endings of file names that tell the kind, for errors."""
    return f"{' '.join(_KINDS)}, each also with {' '.join(_COMPRESSIONS)}"
