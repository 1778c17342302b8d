"""The audit of a corpus: what in it contradicts itself or breaks its format. Nothing is changed."""

from lmr_hybrid.corpora.audit.checks import CHECKS, Check
from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.reading import SPLITS, read_subject, subject_files
from lmr_hybrid.corpora.audit.report import LEAST, AuditReport, audit
from lmr_hybrid.corpora.audit.subject import Entry, Subject

__all__ = [
    "CHECKS",
    "LEAST",
    "SPLITS",
    "AuditReport",
    "Check",
    "Entry",
    "Finding",
    "Section",
    "Subject",
    "audit",
    "read_subject",
    "subject_files",
]
