"""The tables of the reconciler's rules in docs/accuracy.md, from results/rules.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markdown import markdown_table


def rule_totals(record: Mapping[str, Any]) -> str:
    """Return a row a corpus: the tagger alone, with all rules, and what they add."""
    rows = [
        [
            row["corpus"] + (f": {row['group']}" if row["group"] else ""),
            str(row["messages"]),
            f"{row['tagger'] / 100:.3f}",
            f"{row['rules'] / 100:.3f}",
            _with_interval(row),
        ]
        for row in record["totals"]
    ]
    return markdown_table(("corpus", "messages", "tagger F1", "with all rules", "points (95 % interval)"), rows)


def rules_kept(record: Mapping[str, Any]) -> str:
    """Return a row a rule: on every corpus what is lost without it; then what it adds alone."""
    return _table(record, ("without it", "alone"))


def rules_tried(record: Mapping[str, Any]) -> str:
    """Return a row for each rule that was not kept: what it adds to the others on every corpus."""
    return _table(record, ("tried",))


def _table(record: Mapping[str, Any], hows: tuple[str, ...]) -> str:
    corpora = list(dict.fromkeys(row["corpus"] for row in record["rules"]))
    cells = {(row["rule"], row["how"], row["corpus"]): row for row in record["rules"]}
    rows = []
    for rule, how in dict.fromkeys((row["rule"], row["how"]) for row in record["rules"] if row["how"] in hows):
        label = [f"`{rule}`" if "(" not in rule else rule, record["tried"].get(rule, how)]
        rows.append([*label, *(_with_interval(cells[rule, how, corpus]) for corpus in corpora)])
    return markdown_table(("rule", "", *corpora), rows)


def _with_interval(row: Mapping[str, Any]) -> str:
    if row["points"] == row["low"] == row["high"] == 0:
        return f"0 (typed {row['typed']:+.2f})" if row.get("typed") else "0"
    return f"{row['points']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
