"""The checks by name, in the order in which they are reported."""

from __future__ import annotations

from typing import Protocol

from lmr_hybrid.corpora.audit.contradictions import check_boundaries, check_form_types
from lmr_hybrid.corpora.audit.finding import Section
from lmr_hybrid.corpora.audit.mentions import check_edges, check_offsets, check_overlaps, check_types
from lmr_hybrid.corpora.audit.subject import Subject
from lmr_hybrid.corpora.audit.tags import check_bilou, check_tags
from lmr_hybrid.corpora.audit.texts import check_duplicates, check_locations
from lmr_hybrid.corpora.audit.unannotated import check_unannotated


class Check(Protocol):
    """Looks at a corpus for one kind of trouble; `least` is how often a form must be annotated to count as frequent."""

    def __call__(self, subject: Subject, *, least: int) -> Section:
        """Return what was found."""


CHECKS: dict[str, Check] = {
    "locations": check_locations,
    "types": check_types,
    "offsets": check_offsets,
    "overlaps": check_overlaps,
    "edges": check_edges,
    "tags": check_tags,
    "bilou": check_bilou,
    "duplicates": check_duplicates,
    "unannotated": check_unannotated,
    "form_types": check_form_types,
    "boundaries": check_boundaries,
}
