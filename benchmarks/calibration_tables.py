"""The tables of docs/scores.md, from what `calibration.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_result


def updated_scores(document: str, record: Mapping[str, Any]) -> str:
    """Return the document with the tables of this result of `calibration.py`."""
    return with_result(document, "calibration", record, _TABLES)


def _calibrators(record: Mapping[str, Any]) -> str:
    """Return a row for each way of calibrating."""
    columns = ("ECE", "equal-mass ECE", "Brier")
    rows = [[name, *(f"{values[column]:.4f}" for column in columns)] for name, values in record["calibrators"].items()]
    return markdown_table(("calibration", *columns), rows)


def _points(record: Mapping[str, Any]) -> str:
    """Return a row for each operating point."""
    rows = []
    for name, values in record["cross_validated"].items():
        point = record["operating_points"][name]
        lines = [f"{point['outside_bias']:g}", f"{point['least_score']:g}"]
        rates = [f"{values[column]:.3f}" for column in ("precision", "recall", "F1")]
        error = f"{values['ECE']:.3f} ({values['low']:.3f} to {values['high']:.3f})"
        rows.append([f"`{name}`", *lines, str(values["mentions"]), *rates, error])
    columns = ("", "outside bias", "least score", "mentions", "precision", "recall", "F1", "ECE (95 % interval)")
    return markdown_table(columns, rows)


def _reliability(record: Mapping[str, Any]) -> str:
    """Return a row for each bin of the widest operating point."""
    rows = [
        [
            f"{each['low']:.2f} to {each['high']:.2f}",
            str(int(each["number"])),
            f"{each['mean_score']:.2f}",
            f"{each['share_right']:.2f}",
        ]
        for each in record["reliability"]["high-recall"]
    ]
    return markdown_table(("score", "mentions", "mean score", "share right"), rows)


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "calibrators": _calibrators,
    "points": _points,
    "reliability": _reliability,
}
