"""The tables of docs/linking.md, from what `linking.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_result

_COLUMNS = {
    "161 km": "accuracy within 161 km",
    "20 km": "accuracy within 20 km",
    "161 km of the area": "within 161 km of the area",
    "median km": "median error of the answered, km",
    "country": "country",
    "MRR": "mean reciprocal rank",
    "answered": "answered",
    "approximate": "approximate",
    "and right": "approximate and in or near it",
    "right of the others": "answered within 161 km or the country itself",
}
_LEVELS = ("spans", "161 km", "20 km")


def updated_linking(document: str, record: Mapping[str, Any]) -> str:
    """Return the document with the tables of this result of `linking.py`, those that it has a place for."""
    return with_result(document, "linking", record, _TABLES)


def _systems(record: Mapping[str, Any]) -> str:
    """Return a row for each way of linking."""
    rows = [[name, *_figures(scores)] for name, scores in record["systems"].items()]
    return markdown_table(("", *_COLUMNS), rows)


def _summary(record: Mapping[str, Any]) -> str:
    """Return a row for the usual way of linking, the strongest known one, and ours."""
    names = (
        "most populous namesake",
        "most populous in the event's country",
        "linker, each message for itself",
        "linker, with the event's messages",
    )
    columns = ("accuracy within 161 km", "accuracy within 20 km", "country")
    rows = [[name, *(f"{record['systems'][name][column]:.3f}" for column in columns)] for name in names]
    return markdown_table(("", "within 161 km", "within 20 km", "right country"), rows)


def _types(record: Mapping[str, Any]) -> str:
    """Return a row for each type of mention."""
    rows = [
        [name, str(scores["mentions"]), *_figures(scores)]
        for name, scores in record["by type, with the event's messages"].items()
    ]
    return markdown_table(("type", "mentions", *_COLUMNS), rows)


def _regions(record: Mapping[str, Any]) -> str:
    """Return two rows for each event that there is an extract of."""
    rows = [
        [each["event"], each["gazetteer"], str(each["mentions"]), *map(str, _objects(each)), *_figures(each)]
        for each in record["with a gazetteer of the region"]
    ]
    return markdown_table(("event", "gazetteer", "mentions", "held", "the very object", *_COLUMNS), rows)


def _objects(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["gold object held"], row["the very object"]


def _end_to_end(record: Mapping[str, Any]) -> str:
    """Return a row for each choice of events and gazetteers: precision, recall and F1 of spans, and of spans linked."""
    rows = [
        [row["event"], row["gazetteer"].partition(",")[0], str(row["gold mentions"])]
        + [f"{row[level][figure]:.3f}" for level in _LEVELS for figure in ("precision", "recall", "F1")]
        for row in record["end to end"]
    ]
    head = [f"{level}: {figure}" for level in _LEVELS for figure in ("P", "R", "F1")]
    return markdown_table(("event", "gazetteer", "gold mentions", *head), rows)


def _recall(record: Mapping[str, Any]) -> str:
    """Return a row for each type: which share of its mentions is found, and found and linked, in all events."""
    by_type = record["end to end"][0]["recall by type"]
    rows = [
        [name, str(scores["mentions"]), *(f"{scores[column]:.3f}" for column in ("span", "161 km", "20 km"))]
        for name, scores in by_type.items()
    ]
    return markdown_table(("type", "mentions", "span found", "and within 161 km", "and within 20 km"), rows)


def _speed(record: Mapping[str, Any]) -> str:
    """Return the time a mention takes on one core, beside the goal."""
    rows = [
        ["the messages as they come", "0.3", f"{record['milliseconds a mention']['every message']:.3f}"],
        ["no message twice", "", f"{record['milliseconds a mention']['none twice']:.3f}"],
        ["messages seen before", "", f"{record['milliseconds a mention']['seen before']:.3f}"],
    ]
    return markdown_table(("milliseconds a mention", "goal", "measured"), rows)


def _figures(scores: Mapping[str, Any]) -> list[str]:
    return [f"{scores[column]:.{1 if column.startswith('median') else 3}f}" for column in _COLUMNS.values()]


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "systems": _systems,
    "summary": _summary,
    "types": _types,
    "regions": _regions,
    "end_to_end": _end_to_end,
    "recall": _recall,
    "speed": _speed,
}
