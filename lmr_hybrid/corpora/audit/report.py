"""Running all checks over a corpus, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lmr_hybrid.corpora.audit.checks import CHECKS
from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.subject import Subject

#: How often a form is annotated, by default, before its un-annotated occurrences are looked for.
LEAST = 20


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The sections of an audit under the names of `CHECKS`; `least` is the one they were made with."""

    sections: Mapping[str, Section]
    least: int

    def findings(self) -> Iterator[Finding]:
        """Yield every single finding, section by section."""
        for section in self.sections.values():
            yield from section.findings

    def to_dict(self, *, most_rows: int | None = None) -> dict[str, Any]:
        """Return plain values, ready for JSON: of each section the counts, its (first) rows, how many rows there are.

        Holds surface forms and counts, never a message's text.
        """
        sections = {
            name: {
                "counts": dict(section.counts),
                "rows": [dict(row) for row in section.rows[:most_rows]],
                "rows_in_all": len(section.rows),
                "findings": len(section.findings),
            }
            for name, section in self.sections.items()
        }
        return {"least": self.least, "sections": sections}


def audit(subject: Subject, *, least: int = LEAST, progress: Callable[[str], object] = lambda _: None) -> AuditReport:
    """Run all checks; `progress` hears the name of each before it starts.

    Raises:
        ValueError: `least` is less than 1.
    """
    if least < 1:
        raise ValueError(f"least is {least}: a form is annotated at least once")
    sections = {}
    for name, check in CHECKS.items():
        progress(name)
        sections[name] = check(subject, least=least)
    return AuditReport(sections, least)
