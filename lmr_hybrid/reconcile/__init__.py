"""The rule-based post-processor: spans of the tagger and hits of the gazetteer become mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lmr_hybrid.reconcile.evidence import Draft, Evidence
from lmr_hybrid.reconcile.rules import RULES, is_rare, note_gazetteer
from lmr_hybrid.reconcile.thresholds import Thresholds, read_thresholds, write_thresholds
from lmr_hybrid.tagging.decoding import decode

__all__ = [
    "RULES",
    "Draft",
    "Evidence",
    "Thresholds",
    "is_rare",
    "note_gazetteer",
    "read_thresholds",
    "reconcile",
    "reconcile_steps",
    "write_thresholds",
]


def reconcile(
    evidence: Evidence, *, thresholds: Thresholds | None = None, rules: Collection[str] = tuple(RULES)
) -> list[Draft]:
    """Return the mentions of a text, in order and without overlap; `rules` names the rules to run."""
    *_, (_, drafts) = reconcile_steps(evidence, thresholds=thresholds, rules=rules)
    return drafts


def reconcile_steps(
    evidence: Evidence, *, thresholds: Thresholds | None = None, rules: Collection[str] = tuple(RULES)
) -> Iterator[tuple[str, list[Draft]]]:
    """Yield the drafts after each step of `reconcile`, with its name: "tagger", those of `rules`, "note_gazetteer"."""
    thresholds = thresholds or Thresholds()
    drafts = [Draft(span) for span in decode(evidence.probabilities, evidence.types)]
    yield "tagger", drafts
    for name, rule in RULES.items():
        if name in rules:
            drafts = rule(evidence, drafts, thresholds)
            yield name, drafts
    yield "note_gazetteer", note_gazetteer(evidence, drafts)
