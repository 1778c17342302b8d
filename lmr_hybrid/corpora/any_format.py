"""A corpus in whichever of the known formats it is."""

from __future__ import annotations

import json
from pathlib import Path

from lmr_hybrid.corpora.conll import read_conll
from lmr_hybrid.corpora.idrisi import read_idrisi, read_idrisi_jsonl, split_files, with_full_types
from lmr_hybrid.corpora.message import Message
from lmr_hybrid.corpora.plain_jsonl import read_plain_jsonl


def read_corpus(path: str | Path, *, split: str) -> list[Message]:
    """Read an IDRISI folder (only its `split`), IDRISI's or plain JSON Lines, or CoNLL columns.

    Columns whose types are all codes of IDRISI's ("CITY"), as in its BILOU files, get its full types ("City/town").
    Raises `CorpusNotFound` or `CorpusMalformed`.
    """
    path = Path(path)
    if path.is_dir():
        return read_idrisi(path, split)
    if path.suffix in (".jsonl", ".json"):
        return read_idrisi_jsonl(path) if has_location_mentions(path) else read_plain_jsonl(path)
    return with_full_types(read_conll(path))


def corpus_files(path: Path, *, split: str) -> list[Path]:
    """Return the files that `read_corpus` reads."""
    return split_files(path, split) if path.is_dir() else [path]


def has_location_mentions(path: Path) -> bool:
    """Tell whether a file of JSON Lines is written as IDRISI's are, by its first line."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return "location_mentions" in json.loads(next(line for line in lines if line.strip()))
    except (OSError, ValueError, RecursionError, StopIteration, TypeError):
        return False
