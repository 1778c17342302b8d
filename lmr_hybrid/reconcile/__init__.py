"""The rule-based post-processor: spans of the tagger and hits of the gazetteer become mentions."""

from __future__ import annotations

from collections.abc import Collection

from lmr_hybrid.reconcile.evidence import Draft, Evidence
from lmr_hybrid.reconcile.rules import RULES, Thresholds, is_rare, note_gazetteer
from lmr_hybrid.tagging.decoding import decode

__all__ = ["RULES", "Draft", "Evidence", "Thresholds", "is_rare", "reconcile"]


def reconcile(
    evidence: Evidence, *, thresholds: Thresholds | None = None, rules: Collection[str] = tuple(RULES)
) -> list[Draft]:
    """Return the mentions of a text, in order and without overlap; `rules` names the rules to run."""
    thresholds = thresholds or Thresholds()
    drafts = [Draft(span) for span in decode(evidence.probabilities, evidence.types)]
    for name, rule in RULES.items():
        if name in rules:
            drafts = rule(evidence, drafts, thresholds)
    return note_gazetteer(evidence, drafts)
