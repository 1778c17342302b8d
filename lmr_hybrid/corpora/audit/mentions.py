"""Checks of single mentions: unreadable ones, those over each other, and those with odd edges; counts by type."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.subject import Entry, Subject


def check_offsets(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Count what reading refused: offsets that do not give the text, missing keys, types outside IDRISI's twelve."""
    mentions = sum(len(entry.message.mentions) for entry in subject.entries)
    kinds = Counter(fault.kind for fault in subject.faults)
    return Section({"readable mentions": mentions, **kinds}, findings=subject.faults)


def check_overlaps(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find mentions that share characters with an earlier one: twice the same, one inside the other, or crossing."""
    findings = [finding for entry in subject.entries for finding in _overlaps(entry)]
    return Section(Counter(finding.kind for finding in findings), findings=findings)


def check_edges(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find mentions that begin or end inside a word, or with punctuation or white space."""
    findings = [finding for entry in subject.entries for finding in _edges(entry)]
    return Section(Counter(finding.kind for finding in findings), findings=findings)


def check_types(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Count the mentions and the different forms of each type."""
    mentions: Counter[str] = Counter()
    forms = defaultdict(set)
    for entry in subject.entries:
        for first, last, type_ in entry.alignment.spans:
            forms[type_].add(entry.form(first, last))
        mentions.update(mention.type for mention in entry.message.mentions)
    total = mentions.total()
    rows: list[dict[str, str | int | float]] = [
        {"type": type_, "mentions": count, "share": count / total, "forms": len(forms[type_])}
        for type_, count in mentions.most_common()
    ]
    return Section({"types": len(mentions), "mentions": total, "forms": len(set().union(*forms.values()))}, rows)


def _overlaps(entry: Entry) -> Iterator[Finding]:
    mentions = entry.message.mentions
    for index, later in enumerate(mentions):
        for earlier in mentions[:index]:
            if later.start >= earlier.end:
                continue
            if (earlier.start, earlier.end) == (later.start, later.end):
                kind = "annotated twice"
            elif later.end <= earlier.end or later.start == earlier.start:
                kind = "nested"
            else:
                kind = "crossing"
            detail = f"{later.type} over {earlier.text!r} ({earlier.type}) at {earlier.start}..{earlier.end}"
            yield entry.finding_of(kind, detail, later)


def _edges(entry: Entry) -> Iterator[Finding]:
    inexact = set(entry.alignment.inexact)
    for mention in entry.message.mentions:
        if mention in inexact:
            text = entry.message.text
            around = text[max(0, mention.start - 1) : mention.start], text[mention.end : mention.end + 1]
            yield entry.finding_of("edge inside a word", f"between {around[0]!r} and {around[1]!r}", mention)
        for side, character in (("begins", mention.text[0]), ("ends", mention.text[-1])):
            if character.isspace():
                yield entry.finding_of(f"{side} with white space", repr(character), mention)
            elif unicodedata.category(character).startswith("P"):
                yield entry.finding_of(f"{side} with punctuation", repr(character), mention)
