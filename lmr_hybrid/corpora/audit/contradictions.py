"""Checks of forms that are annotated in more than one way: with several types, or with several boundaries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.subject import Entry, Subject
from lmr_hybrid.corpora.forms import Form, FormFinder

Row = dict[str, str | int]
_Occurrence = tuple[Entry, int, int, str]


def check_form_types(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find forms annotated with more than one type; the findings are the mentions not of their form's commonest type.

    Not every one is an error: a name may be that of a city here and of a state there.
    """
    uses: dict[Form, list[_Occurrence]] = defaultdict(list)
    for entry in subject.entries:
        for first, last, type_ in entry.alignment.spans:
            uses[entry.form(first, last)].append((entry, first, last, type_))
    rows: list[Row] = []
    findings: list[Finding] = []
    for occurrences in uses.values():
        types = Counter(type_ for *_, type_ in occurrences)
        if len(types) < 2:
            continue
        common = types.most_common(1)[0][0]
        listed = ", ".join(f"{type_} {count}" for type_, count in types.most_common())
        other = types.total() - types[common]
        rows.append({"form": _spelling(occurrences), "annotated": types.total(), "other type": other, "types": listed})
        findings += [
            entry.finding_at("other type", f"{type_}; the form is {listed}", first=first, last=last)
            for entry, first, last, type_ in occurrences
            if type_ != common
        ]
    rows.sort(key=lambda row: (-int(row["other type"]), row["form"]))
    counts = {"forms": len(uses), "forms of several types": len(rows), "mentions of another type": len(findings)}
    return Section(counts, rows, findings)


#: How a form of several tokens may be annotated other than as one mention of just these tokens.
BOUNDARIES = ("only a part", "as several mentions", "across an edge")


def check_boundaries(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find forms of several tokens that are one mention here and cut otherwise there.

    "Northern California" with only "California" annotated is only a part; "Houston, Texas" as two is several mentions;
    across an edge lies a mention that begins before the form or ends after it and covers only a part of it. A form
    inside a longer mention, as "New York" in "New York City", contradicts nothing. The findings are, of each form, the
    rarer way: the mentions cut otherwise or, where these are more, those of the whole form.
    """
    whole: dict[Form, list[_Occurrence]] = defaultdict(list)
    for entry in subject.entries:
        for first, last, type_ in entry.alignment.spans:
            if last > first:
                whole[entry.form(first, last)].append((entry, first, last, type_))
    cut = _cut(subject.entries, FormFinder(whole))
    rows = [_boundaries(whole[form], occurrences) for form, occurrences in cut.items()]
    rows.sort(key=lambda row: (-int(row["rarer way"]), row["form"]))
    findings = [finding for form, occurrences in cut.items() for finding in _rarer(whole[form], occurrences)]
    counts = {name: sum(int(row[name]) for row in rows) for name in (*BOUNDARIES, "rarer way")}
    return Section({"forms of several tokens": len(whole), "cut in several ways": len(rows), **counts}, rows, findings)


def _cut(entries: Iterable[Entry], finder: FormFinder) -> dict[Form, list[_Occurrence]]:
    """Return where forms are annotated, but not as one mention; the last of each occurrence says how."""
    cut: dict[Form, list[_Occurrence]] = defaultdict(list)
    for entry in entries:
        if entry.alignment.spans:
            for first, last in finder.occurrences(entry.words):
                way = _way(entry, first, last)
                if way:
                    cut[entry.form(first, last)].append((entry, first, last, way))
    return cut


def _boundaries(whole: Sequence[_Occurrence], cut: Sequence[_Occurrence]) -> Row:
    ways = Counter(way for *_, way in cut)
    named = {way: ways[way] for way in BOUNDARIES}
    return {"form": _spelling(whole), "one mention": len(whole), **named, "rarer way": min(len(whole), len(cut))}


def _rarer(whole: Sequence[_Occurrence], cut: Sequence[_Occurrence]) -> Iterator[Finding]:
    if len(whole) < len(cut):
        detail = f"one mention, {len(cut)} times cut otherwise"
        for entry, first, last, _ in whole:
            yield entry.finding_at("other boundaries", detail, first=first, last=last)
        return
    for entry, first, last, way in cut:
        inside = [entry.surface(a, b) for a, b, _ in entry.alignment.spans if a <= last and b >= first]
        detail = f"{way}: {' | '.join(inside)}; {len(whole)} times one mention"
        yield entry.finding_at("other boundaries", detail, first=first, last=last)


def _way(entry: Entry, first: int, last: int) -> str:
    """Return in which of `BOUNDARIES` the tokens are annotated, "" for none of them."""
    touching = [(a, b) for a, b, _ in entry.alignment.spans if a <= last and b >= first]
    if not touching or any(a <= first and b >= last for a, b in touching):
        return ""
    if any(a < first or b > last for a, b in touching):
        return BOUNDARIES[2]
    return BOUNDARIES[0] if len(touching) == 1 else BOUNDARIES[1]


def _spelling(occurrences: Iterable[_Occurrence]) -> str:
    return Counter(entry.surface(first, last) for entry, first, last, _ in occurrences).most_common(1)[0][0]
