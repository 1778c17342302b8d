"""The tables of docs/building.md, from what `build.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_result


def updated_building(document: str, record: Mapping[str, Any]) -> str:
    """Return the document with the tables of this result of `build.py`."""
    return with_result(document, "build", record, _TABLES)


def _measured(record: Mapping[str, Any]) -> str:
    """Return a row for each size and tool, of medians."""
    columns = ("extract", "", "seconds", "MB/s", "processor s", "memory", "resident", "disk", "result")
    rows = []
    for size in record["sizes"]:
        for tool, summary in size["summary"].items():
            row = [f"{size['extract_mb']:.0f} MB", tool]
            if "seconds" not in summary:
                rows.append([*row, "did not run", *[""] * 6])
                continue
            rounds = len([run for run in size["runs"] if run["tool"] == tool and "error" not in run])
            seconds = _seconds(summary["seconds"], rounds)
            speed, processor = f"{_of(summary, 'mb_per_second'):.1f}", f"{_of(summary, 'cpu_seconds'):.0f}"
            sizes = ("peak_anonymous_mb", "peak_rss_mb", "peak_disk_mb", "result_mb")
            rows.append([*row, seconds, speed, processor, *(_bytes(_of(summary, name)) for name in sizes)])
    return markdown_table(columns, rows)


def _extrapolated(record: Mapping[str, Any]) -> str:
    """Return a row for each region."""
    columns = ("", "extract", "time", "memory", "resident", "disk meanwhile", "of it coordinates", "gazetteer")
    names = ("peak_anonymous_mb", "peak_rss_mb", "peak_disk_mb", "node_index_mb", "result_mb")
    rows = [
        [row["region"], _bytes(row["extract_mb"]), _duration(row["seconds"]), *(_bytes(row[name]) for name in names)]
        for row in record["extrapolated"]["regions"]
    ]
    return markdown_table(columns, rows)


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {"measured": _measured, "extrapolated": _extrapolated}


def _of(summary: Mapping[str, Any], name: str) -> float:
    return float(summary[name]["median"])


def _seconds(spread: Mapping[str, float], rounds: int) -> str:
    median = f"{spread['median']:.1f}"
    return f"{median} ({spread['least']:.1f} to {spread['most']:.1f})" if rounds > 1 else median


def _bytes(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1_000 else f"{megabytes / 1_000:.3g} GB"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
