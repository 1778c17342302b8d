"""Checks of files of columns: sequences of tags that no annotation gives, and BILOU that says other than JSON does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lmr_hybrid.corpora.audit.finding import Finding, Section
from lmr_hybrid.corpora.audit.reading import is_tag
from lmr_hybrid.corpora.audit.subject import Entry, Subject, TaggedFile, TaggedSentence
from lmr_hybrid.corpora.tag_scheme import bioes_to_spans, split_tag

_Fault = tuple[int, str, str]


def check_tags(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Find tags that are none and sequences that break the file's scheme.

    A file with an E, S, L or U anywhere ends its spans by tags (BIOES, BILOU), one with a B after O opens them by tags
    (IOB2); in any other (IOB1) an I may follow an O.
    """
    if not subject.tagged:
        return Section({})
    findings = []
    for file in subject.tagged:
        ends, begins = _scheme(file.sentences)
        for sentence in file.sentences:
            for index, kind, detail in _faults(sentence.tags, ends=ends, begins=begins or ends):
                where = f"line {sentence.line + index} of {file.path.parent.name}/{file.path.name}: {detail}"
                text = sentence.tokens[index]
                findings.append(Finding(kind, file.split, file.event, f"line {sentence.line}", None, None, text, where))
    sentences = sum(len(file.sentences) for file in subject.tagged)
    kinds = Counter(finding.kind for finding in findings)
    return Section({"files": len(subject.tagged), "sentences": sentences, **kinds}, findings=findings)


def check_bilou(subject: Subject, *, least: int) -> Section:  # noqa: ARG001
    """Compare the mentions in JSON with the spans of the same messages in BILOU, by offset and type.

    Texts are compared without white space, for the tokens do not tell where that stood.
    """
    if not subject.compared:
        return Section({})
    findings: list[Finding] = []
    for file in subject.tagged:
        entries = [each for each in subject.entries if (each.split, each.message.event) == (file.split, file.event)]
        findings += _compare(file, entries)
    return Section({"files": len(subject.tagged), **Counter(finding.kind for finding in findings)}, findings=findings)


def _scheme(sentences: Sequence[TaggedSentence]) -> tuple[bool, bool]:
    """Tell whether the spans of a file are ended by tags, and whether they are begun by tags."""
    ends = begins = False
    for sentence in sentences:
        former = "O"
        for tag in sentence.tags:
            ends = ends or tag[:2] in ("E-", "S-", "L-", "U-")
            begins = begins or (former == "O" and tag.startswith("B-"))
            former = tag
    return ends, begins


def _faults(tags: Sequence[str], *, ends: bool, begins: bool) -> Iterator[_Fault]:
    """Yield the index, kind and detail of each fault; what is no tag counts as O."""
    opened = ""  # the type of the span that a tag must now continue or, in a scheme with ends, end
    former = "the beginning"
    for index, tag in enumerate(tags):
        if not is_tag(tag):
            yield index, "not a tag", f"{tag!r}"
        prefix, type_ = split_tag(tag) if is_tag(tag) else ("O", "")
        if prefix in ("I", "E", "L"):
            if opened and type_ != opened:
                yield index, "type change inside a span", f"{tag} after {former}"
            elif not opened and begins:
                yield index, "continues nothing", f"{tag} after {former}"
        elif opened and ends:
            yield index, "span without end", f"{tag} after {former}"
        opened, former = type_ if prefix in ("B", "I") else "", tag
    if opened and ends:
        yield len(tags) - 1, "span without end", f"the sentence ends after {former}"


def _compare(file: TaggedFile, entries: Sequence[Entry]) -> Iterator[Finding]:
    name = f"{file.path.parent.name}/{file.path.name}"
    if len(entries) != len(file.sentences):
        detail = f"{len(entries)} messages in JSON, {len(file.sentences)} in BILOU: not compared any further"
        yield Finding("other number of messages", file.split, file.event, "", None, None, "", f"{name}: {detail}")
        return
    for entry, sentence in zip(entries, file.sentences, strict=True):
        text = entry.message.text
        places = [index for index, character in enumerate(text) if not character.isspace()]
        if "".join(sentence.tokens) != "".join(text[index] for index in places):
            yield entry.finding("other text", f"line {sentence.line} of {name}: the tokens are not those of the text")
            continue
        in_json = {(mention.start, mention.end, mention.type) for mention in entry.message.mentions}
        in_bilou = set(_spans(sentence, places))
        for start, end, type_ in sorted(in_json - in_bilou):
            yield entry.finding("only in JSON", type_, start=start, end=end)
        for start, end, type_ in sorted(in_bilou - in_json):
            yield entry.finding("only in BILOU", type_, start=start, end=end)


def _spans(sentence: TaggedSentence, places: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of a sentence by character, `places` being where its characters stand in the text."""
    starts, position = [], 0
    for token in sentence.tokens:
        starts.append(position)
        position += len(token)
    for first, last, type_ in bioes_to_spans([tag if is_tag(tag) else "O" for tag in sentence.tags]):
        yield places[starts[first]], places[starts[last] + len(sentence.tokens[last]) - 1] + 1, type_
