"""What a check says: sections of counts, rows and single findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a corpus that deserves a look.

    `text` is what stands at `start:end` in the message; a finding about a whole message has neither. `detail` says what
    is the matter in words. `message` is the message's id, `split` is "" where the corpus has none.
    """

    kind: str
    split: str
    event: str
    message: str
    start: int | None
    end: int | None
    text: str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: one line of the findings file."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Section:
    """What one check found: `counts` over the whole corpus, `rows` (one a form, type or event), every finding."""

    counts: Mapping[str, int | float]
    rows: Sequence[Mapping[str, str | int | float]] = ()
    findings: Sequence[Finding] = ()
