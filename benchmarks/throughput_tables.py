"""The tables of docs/speed.md, from what `throughput.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_result

_OURS, _REFERENCE = "lmr_hybrid", 'lmr_hybrid, runtime="flair"'
_SPACY, _PLAIN = "spaCy en_core_web_md", "the same model, Flair's predict"


def updated_speed(document: str, record: Mapping[str, Any], *, name: str = "throughput") -> str:
    """Return the document with the tables of this result of `throughput.py`; `name` is that of its file."""
    return with_result(document, name, record, _TABLES)


def _systems(record: Mapping[str, Any]) -> str:
    """Return a row for each system that ran, ours first."""
    rows = []
    for name, row in record["systems"].items():
        if "error" in row:
            continue
        times = record["times as fast"].get(name)
        rows.append(
            [
                name,
                f"{row['F1']:.3f}",
                f"{_rate(row['texts a second'])} ({_rate_range(row['texts a second'])})",
                _rate(row["texts a processor second"]),
                f"{row['memory MB']['median']:,.0f}",
                f"{times['median']:.2g}" if times else "",
            ]
        )
    columns = ("", "F1", "texts/s (least to most)", "a processor second", "MB", "ours is faster, times")
    return markdown_table(columns, rows)


def _goals(record: Mapping[str, Any]) -> str:
    """Return a row for each goal: what it is, and what was measured."""
    systems, times = record["systems"], record["times as fast"]
    seen = record.get("all else, ms, of texts seen before")
    rows = [
        ["texts a second, everything included", "1,000", _rate(systems[_OURS]["texts a second"])],
        *([f"times as fast as {name}", f"{goal}", f"{times[name]['median']:.2f}"] for name, goal in _ratios(times)),
        ["everything but the network, ms a text on one core", "0.3", _figure(record.get("all else, ms"))],
        *([["the same of texts seen before", "", _figure(seen)]] if seen is not None else []),
        ["the network, ms a text on one core", "", _figure(record.get("network, ms"))],
        ["new process to first mention, s", "1.5", f"{record['first mention, s']['median']:.2f}"],
        ["one text, median, ms", "6", _figure(record["one text"]["median, ms"])],
        ["one text, 99 of 100, ms", "12", _figure(record["one text"]["p99, ms"])],
        ["resident memory after all texts, MB", "400", f"{systems[_OURS]['memory MB']['median']:,.0f}"],
    ]
    if _REFERENCE in systems and "F1" in systems[_REFERENCE]:
        lost = 100 * (systems[_REFERENCE]["F1"] - systems[_OURS]["F1"])
        rows.append(["F1 given up for speed, points", "0.2", f"{lost:.2f}"])
    if gpu := record.get("gpu"):
        rows.append([f"texts a second on {gpu['device']}", "15,000", f"{gpu['texts a second']:,.0f}"])
        rows.append(["share of its matrix rate", "", f"{gpu['share of the matrix rate']:.1%}"])
    return markdown_table(("", "goal", "measured"), rows)


def _ratios(times: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(name, goal) for name, goal in ((_SPACY, 3), (_PLAIN, 5)) if times.get(name)]


def _lengths(record: Mapping[str, Any]) -> str:
    """Return a row for each length of text."""
    rows = [
        [f"{row['characters']:,}", f"{row['tokens']:,}", _short(row["ms"]), f"{row['microseconds a token']:.0f}"]
        for row in record["lengths"]
    ]
    return markdown_table(("characters", "tokens", "ms", "microseconds a token"), rows)


def _stages(record: Mapping[str, Any]) -> str:
    """Return a row for each stage."""
    return markdown_table(("", "ms a text"), [[name, f"{value:.2f}"] for name, value in record["stages"].items()])


def _rate(spread: Mapping[str, float]) -> str:
    return f"{spread['median']:,.0f}"


def _rate_range(spread: Mapping[str, float]) -> str:
    return f"{spread['least']:,.0f} to {spread['most']:,.0f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "systems": _systems,
    "goals": _goals,
    "lengths": _lengths,
    "stages": _stages,
}
