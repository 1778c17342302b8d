"""The audit of a corpus as tables for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lmr_hybrid.corpora.audit import AuditReport, Section
from lmr_hybrid.evaluation import format_table
from lmr_hybrid.output.plain_text import visible

#: What each check is about, as a heading.
TITLES: Mapping[str, str] = {
    "locations": "Messages without a location",
    "types": "Types of mentions",
    "offsets": "Mentions whose offsets or types cannot be right",
    "overlaps": "Mentions over each other",
    "edges": "Mentions with odd edges",
    "tags": "Malformed sequences of tags",
    "bilou": "JSON against BILOU",
    "duplicates": "Texts that stand twice",
    "unannotated": "Forms annotated {least} times or more that also stand un-annotated",
    "form_types": "Forms of several types",
    "boundaries": "Forms with several boundaries",
}

#: What is said of a check that had nothing to look at.
_NOT_LOOKED_AT = {"tags": "no columns to look at", "bilou": "no BILOU folder given"}


def audit_lines(report: AuditReport, *, most_rows: int = 15) -> Iterator[str]:
    """Yield the sections, each with its counts and the first `most_rows` rows of its table."""
    for name, section in report.sections.items():
        yield TITLES[name].format(least=report.least)
        nothing = [] if section.rows or section.findings else [_nothing(name, section)]
        yield "  " + ", ".join([*_counts(section), *nothing])
        rows = section.rows[:most_rows]
        if rows:
            table = format_table([{key: _cell(value) for key, value in row.items()} for row in rows], digits=3)
            yield from ("    " + line for line in table.splitlines())
        if len(section.rows) > len(rows):
            yield f"    … and {len(section.rows) - len(rows)} more"
        yield ""


def _counts(section: Section) -> Iterator[str]:
    for name, count in section.counts.items():
        yield f"{name} {count:.3f}" if isinstance(count, float) else f"{name} {count}"


def _cell(value: str | int | float) -> str | int | float:
    return visible(value).replace("\n", " ") if isinstance(value, str) else value


def _nothing(name: str, section: Section) -> str:
    return "nothing found" if section.counts else _NOT_LOOKED_AT.get(name, "nothing found")
