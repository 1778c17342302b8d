"""Checks of whole messages: those that name no place, those that stand twice, and those annotated differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence

from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.subject import Entry, Subject
from lmr_hybrid.corpora.near_duplicates import text_key


def check_locations(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Count the messages without a mention, by split and event."""
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in subject.entries:
        groups[entry.split, entry.message.event].append(entry)
    rows = [{"split": split, "event": event, **_without(group)} for (split, event), group in groups.items()]
    return Section(_without(subject.entries), rows)


def _without(entries: Sequence[Entry]) -> dict[str, int | float]:
    without = sum(not entry.message.mentions for entry in entries)
    mentions = sum(len(entry.message.mentions) for entry in entries)
    share = without / len(entries) if entries else 0.0
    return {"messages": len(entries), "mentions": mentions, "without location": without, "share": share}


def check_duplicates(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find messages whose text an earlier one has, or whose key (`near_duplicates.text_key`), and those used twice.

    A row says how many messages of one split have a text, or a key, that also stands in the other; for a split and
    itself, how many repeat an earlier one. Ways to annotate are compared by offsets and types where texts are the
    same, by forms and types where only keys are.
    """
    texts, keys = _grouped(subject, exact=True), _grouped(subject, exact=False)
    same = [pair for group in texts for pair in _annotated_differently(group, exact=True)]
    known = {id(entry) for entry, _ in same}
    near = [pair for group in keys for pair in _annotated_differently(group, exact=False) if id(pair[0]) not in known]
    findings = [*_identifiers(subject), *_repeated(texts, keys), *(finding for _, finding in (*same, *near))]
    kinds = Counter(finding.kind for finding in findings)
    return Section(kinds, _rows(subject, texts, keys), findings)


def _grouped(subject: Subject, *, exact: bool) -> list[list[Entry]]:
    """Return the groups of at least two messages with the same text, or with the same key."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in subject.entries:
        groups[entry.message.text if exact else text_key(entry.message.text)].append(entry)
    return [group for group in groups.values() if len(group) > 1]


def _identifiers(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, Entry] = {}
    for entry in subject.entries:
        first = seen.setdefault(entry.message.id, entry)
        # Where messages have no id of their own, the reader numbers them by file.
        if first is not entry and (entry.split or first.message.event == entry.message.event):
            yield entry.finding("same id", f"also {_place(first)}")


def _repeated(texts: Sequence[Sequence[Entry]], keys: Sequence[Sequence[Entry]]) -> Iterator[Finding]:
    known = {id(entry) for first, *others in texts for entry in others}
    for first, *others in texts:
        for entry in others:
            yield entry.finding("same text", f"as {first.message.id} ({_place(first)})")
    for first, *others in keys:
        for entry in others:
            if id(entry) not in known:
                yield entry.finding("near-duplicate", f"of {first.message.id} ({_place(first)})")


def _annotated_differently(group: Sequence[Entry], *, exact: bool) -> Iterator[tuple[Entry, Finding]]:
    """Yield the messages of a group that are not annotated as most of it are."""
    ways: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in group:
        ways[_annotation(entry) if exact else _named(entry)].append(entry)
    common, *others = sorted(ways.values(), key=len, reverse=True)
    like = f"{common[0].message.id} ({_place(common[0])}): {_described(common[0])}"
    kind = f"{'same text' if exact else 'near-duplicate'} annotated differently"
    for entry in (entry for way in others for entry in way):
        yield entry, entry.finding(kind, f"{_described(entry)}; {like}")


def _annotation(entry: Entry) -> Hashable:
    return frozenset((mention.start, mention.end, mention.type) for mention in entry.message.mentions)


def _named(entry: Entry) -> Hashable:
    return frozenset(Counter((entry.form(first, last), type_) for first, last, type_ in entry.alignment.spans).items())


def _described(entry: Entry) -> str:
    return ", ".join(f"{mention.text} ({mention.type})" for mention in entry.message.mentions) or "nothing"


def _place(entry: Entry) -> str:
    return " ".join(filter(None, (entry.split, entry.message.event)))


def _rows(
    subject: Subject, texts: Sequence[Sequence[Entry]], keys: Sequence[Sequence[Entry]]
) -> list[dict[str, str | int]]:
    return [
        {
            "of": one,
            "also in": other,
            "same text": _also_in(texts, one, other),
            "near-duplicates": _also_in(keys, one, other),
        }
        for one in subject.splits
        for other in subject.splits
    ]


def _also_in(groups: Sequence[Sequence[Entry]], one: str, other: str) -> int:
    """Return how many messages of a split stand in the other, too; of the same split, how many repeat another."""
    total = 0
    for group in groups:
        counts = Counter(entry.split for entry in group)
        if one == other:
            total += max(0, counts[one] - 1)
        elif counts[other]:
            total += counts[one]
    return total
