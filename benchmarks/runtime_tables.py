"""The tables of docs/speed.md, from what `runtime.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_result

_NAMES = {"flair": "reference"}


def updated_runtimes(document: str, record: Mapping[str, Any]) -> str:
    """Return the document with the tables of this result of `runtime.py`."""
    return with_result(document, "runtime", record["runtimes"], _TABLES)


def _gains(runtimes: Mapping[str, Any]) -> str:
    """Return a row for each figure, a column for each runtime."""
    figures: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "tweets a second, everything included": lambda row: f"{row['speed']['texts a second']['median']:,.0f}",
        "tweets a processor second": lambda row: f"{row['speed']['texts a processor second']['median']:,.0f}",
        "one short text, processor milliseconds": lambda row: (
            f"{row['speed']['one text, processor milliseconds']['median']:.1f}"
        ),
        "new process to first mention, s": lambda row: f"{row['start']['seconds']['median']:.2f}",
        "resident memory after it, MB": lambda row: f"{row['start']['memory MB']['median']:,.0f}",
        "on disk, MB": lambda row: f"{row['MB on disk']:.1f}",
    }
    return _by_runtime(runtimes, {name: [write(row) for row in runtimes.values()] for name, write in figures.items()})


def _stages(runtimes: Mapping[str, Any]) -> str:
    """Return a row for each stage, a column for each runtime."""
    stages = next(iter(runtimes.values()))["milliseconds a text"]
    rows = {stage: [f"{row['milliseconds a text'][stage]:.2f}" for row in runtimes.values()] for stage in stages}
    return _by_runtime(runtimes, rows)


def _parity(runtimes: Mapping[str, Any]) -> str:
    """Return a row for each runtime."""
    columns = ("texts with other spans", "texts with other mentions")
    rows = [
        [
            _NAMES.get(name, name),
            f"{row['F1']:.4f}",
            f"{row['typed F1']:.4f}",
            *(str(row[column]) for column in columns),
        ]
        for name, row in runtimes.items()
    ]
    return markdown_table(("tagger", "F1", "typed F1", *columns), rows)


def _by_runtime(runtimes: Mapping[str, Any], rows: Mapping[str, list[str]]) -> str:
    names = [_NAMES.get(name, name) for name in runtimes]
    return markdown_table(("", *names), [[name, *cells] for name, cells in rows.items()])


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {"gains": _gains, "stages": _stages, "parity": _parity}
