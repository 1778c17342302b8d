"""The check of forms that are annotated often and yet stand un-annotated, too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import regex

from gazetteer import normalize_name
from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.subject import Entry, Subject
from lmr_hybrid.corpora.forms import Form, FormFinder
from lmr_hybrid.corpora.tweet_syntax import Zone, ZoneKind


class Standing(StrEnum):
    """How a form stands un-annotated; the first two are mentions by IDRISI's guideline, if the form names a place."""

    TEXT = "in the text"
    HASHTAG = "as a hashtag"
    HASHTAG_PART = "in a hashtag"
    HANDLE = "in a handle"
    URL = "in a URL"


#: Shorter forms are looked for only as a whole segment of a hashtag, handle or web address.
_LONG_ENOUGH = 4
#: The least share of a form's mentions that makes a spelling usual.
_USUAL = 0.1
_SEGMENT = regex.compile(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|\p{N}+|[^\W\p{Lu}\p{Ll}\p{N}_]+")
_COUNTED = (Standing.TEXT, Standing.HASHTAG)
_PART_OF = {ZoneKind.HASHTAG: Standing.HASHTAG_PART, ZoneKind.HANDLE: Standing.HANDLE, ZoneKind.URL: Standing.URL}


@dataclass(slots=True)
class _Tally:
    """What was counted of one form."""

    spellings: Counter[str] = field(default_factory=Counter)
    standing: Counter[Standing] = field(default_factory=Counter)
    usual_spelling: int = 0

    def is_usual(self, spelling: str) -> bool:
        return self.spellings[spelling] >= _USUAL * self.spellings.total()

    def row(self) -> dict[str, str | int]:
        return {
            "form": self.spellings.most_common(1)[0][0],
            "annotated": self.spellings.total(),
            "un-annotated": sum(self.standing[each] for each in _COUNTED),
            "usual spelling": self.usual_spelling,
            **{each.value: self.standing[each] for each in Standing},
        }


def check_unannotated(subject: Subject, *, least: int) -> Section:
    """Count how often each form that is annotated `least` times or more stands un-annotated.

    Un-annotated is a whole-token occurrence, whatever its case, that no mention touches: in running text, or as a whole
    hashtag. "Usual spelling" counts those of them whose spelling, case included, makes up a tenth or more of the form's
    mentions: not "us" where it is "US" that is annotated. Counted apart, and no findings: within hashtags
    (#KeralaFloods), handles and web addresses. Forms without a word in them are left out.
    """
    tallies = _frequent(subject, least=least)
    finder = FormFinder(tallies)
    joined = {"".join(form): form for form in sorted(tallies, key=len, reverse=True)}
    pattern = regex.compile("|".join(map(regex.escape, sorted(joined, key=len, reverse=True))) or r"(?!)")
    findings = []
    for entry in subject.entries:
        for form, standing, first, last in _free(entry, finder, joined):
            tallies[form].standing[standing] += 1
            tallies[form].usual_spelling += tallies[form].is_usual(entry.surface(first, last))
            findings.append(_finding(entry, tallies[form], standing, first, last))
        for form, standing in _within_zones(entry, joined, pattern):
            tallies[form].standing[standing] += 1
    rows = [tally.row() for tally in tallies.values()]
    rows.sort(key=lambda row: (-int(row["un-annotated"]), row["form"]))
    names = [name for name in (rows[0] if rows else ()) if name != "form"]
    return Section(
        {"forms": len(rows), **{name: sum(int(row[name]) for row in rows) for name in names}}, rows, findings
    )


def _frequent(subject: Subject, *, least: int) -> dict[Form, _Tally]:
    tallies: dict[Form, _Tally] = defaultdict(_Tally)
    for entry in subject.entries:
        for first, last, _ in entry.alignment.spans:
            if not any(token.word for token in entry.alignment.tokens[first : last + 1]):
                continue
            tallies[entry.form(first, last)].spellings[entry.surface(first, last)] += 1
    return {form: tally for form, tally in tallies.items() if tally.spellings.total() >= least}


def _finding(entry: Entry, tally: _Tally, standing: Standing, first: int, last: int) -> Finding:
    detail = f"{standing}; annotated {tally.spellings.total()} times elsewhere"
    return entry.finding_at("un-annotated form", detail, first=first, last=last)


def _free(entry: Entry, finder: FormFinder, joined: Mapping[str, Form]) -> Iterator[tuple[Form, Standing, int, int]]:
    """Yield each form that stands in running text or is a whole hashtag, untouched by mentions, with its tokens."""
    tokens = entry.alignment.tokens
    blocked = set(entry.covered)
    for zone in entry.zones:
        inside = [index for index, token in enumerate(tokens) if token.start < zone.end and token.end > zone.start]
        if zone.kind is ZoneKind.HASHTAG and not entry.covered.intersection(inside):
            form = joined.get(_squeezed(_body(entry, zone)))
            if form and len(inside) > 1:
                yield form, Standing.HASHTAG, inside[1], inside[-1]
        blocked.update(inside)
    for first, last in finder.apart(entry.words, blocked=blocked):
        yield entry.form(first, last), Standing.TEXT, first, last


def _within_zones(
    entry: Entry, joined: Mapping[str, Form], pattern: regex.Pattern[str]
) -> Iterator[tuple[Form, Standing]]:
    """Yield each form that is a part of a hashtag, handle or web address that no mention touches."""
    for zone in entry.zones:
        if any(zone.start < mention.end and zone.end > mention.start for mention in entry.message.mentions):
            continue
        body = _body(entry, zone)
        if zone.kind is ZoneKind.HASHTAG and _squeezed(body) in joined:
            continue
        for part in _parts(body, pattern):
            yield joined[part], _PART_OF[zone.kind]


def _parts(body: str, pattern: regex.Pattern[str]) -> set[str]:
    """Return the joined forms in a run of words without spaces that begin or end where one of its segments does.

    Segments are told by capitals, digits and anything that is no letter.
    """
    edges, squeezed = {0}, ""
    for segment in _SEGMENT.findall(body):
        squeezed += _squeezed(segment)
        edges.add(len(squeezed))
    return {
        found.group()
        for found in pattern.finditer(squeezed, overlapped=True)
        if (found.start() in edges) + (found.end() in edges) >= (1 if len(found.group()) >= _LONG_ENOUGH else 2)
    }


def _body(entry: Entry, zone: Zone) -> str:
    return entry.message.text[zone.start + (zone.kind is not ZoneKind.URL) : zone.end]


def _squeezed(text: str) -> str:
    return normalize_name(text).replace(" ", "")
