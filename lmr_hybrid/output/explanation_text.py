"""An explanation as text for a terminal: plain, aligned, at most some 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from lmr_hybrid.explanation import (
    DraftExplanation,
    Effect,
    Explanation,
    Likely,
    MatchExplanation,
    RuleExplanation,
    TokenExplanation,
)
from lmr_hybrid.mention import Candidate, Mention
from lmr_hybrid.output.terminal import printable, table

_WIDTH = 96
#: Of the whole text, in cells of the terminal; its tokens are all listed anyway.
_LONGEST_TEXT = 2_000
_CELL = 28
_WIDE_CELL = 44
#: The type of a token is told from this probability of a location on.
_LIKELY_PLACE = 0.05


def explanation_text(explanation: Explanation) -> str:
    """Return the whole story of a recognition, section by section."""
    sections = (
        _text(explanation),
        _tokens(explanation.tokens),
        _matches(explanation),
        _fuzzy(explanation),
        _spans(explanation.spans),
        _rules(explanation),
        _operating_point(explanation),
        _mentions(explanation),
    )
    return "\n\n".join(sections)


def _text(explanation: Explanation) -> str:
    text = printable(explanation.text, width=_LONGEST_TEXT)
    shown = table([[text]], widths=[_WIDTH]) if text.strip() else "  no words"
    return f"Text, {len(explanation.text):,} characters\n{shown}"


def _tokens(tokens: Iterable[TokenExplanation]) -> str:
    rows = [
        [
            _span(token.start, token.end),
            printable(token.text, width=_CELL),
            *map(_likely, token.tags),
            *(_likely(type_) if _may_be_place(token) else "" for type_ in token.types[:1]),
        ]
        for token in tokens
    ]
    title = (
        "Tokens: the tagger's likeliest tag, the next, and the likeliest type\n"
        "  O is outside a mention; B, I and E begin, continue and end one; S is one by itself"
    )
    headers = ["at", "token", "tag", "next", "type"]
    return f"{title}\n{table(rows, headers=headers, widths=[None] * 5)}" if rows else f"{title}\n  none"


def _may_be_place(token: TokenExplanation) -> bool:
    return token.tags[0].label != "O" or token.tags[0].probability <= 1 - _LIKELY_PLACE


def _likely(likely: Likely) -> str:
    return f"{printable(likely.label, width=_CELL)} {likely.probability:.2f}"


def _matches(explanation: Explanation) -> str:
    rows = [
        [
            "*" if match.longest else "",
            _span(match.start, match.end),
            printable(match.text, width=_CELL),
            ", ".join(match.kinds),
            ", ".join(match.name_kinds) + _origin(match),
            f"{match.place_count:,}",
            f"{match.english_frequency:.1f}",
        ]
        for match in explanation.matches
    ]
    title = (
        "Gazetteer: names that stand in the text, * the longest from the left\n"
        "  English is the Zipf frequency of its rarest word there, from 0 (none) to about 8 (the)"
    )
    headers = ["", "at", "name", "kinds of its places", "what it is to them", "places", "English"]
    shown = table(rows, headers=headers, widths=[None, None, None, 22, 22, None, None]) if rows else "  none"
    return f"{title}\n{shown}"


def _fuzzy(explanation: Explanation) -> str:
    alike = explanation.thresholds.alike
    rows = [
        [
            "*" if each.names and each.names[0].score >= alike else "",
            _span(each.start, each.end),
            printable(each.text, width=_CELL),
            ", ".join(f"{printable(match.name, width=_CELL)} {match.score:.1f}" for match in each.names) or "none",
        ]
        for each in explanation.fuzzy
    ]
    title = (
        "Fuzzy hits: names like words that no name equals, with their likeness, up to 100\n"
        f"  * the likest reaches alike, {alike:g}, from which on the words count as that name misspelt"
    )
    headers = ["", "at", "words", "likest names"]
    return (
        f"{title}\n{table(rows, headers=headers, widths=[None, None, None, _WIDTH - 40])}"
        if rows
        else f"{title}\n  none"
    )


def _origin(match: MatchExplanation) -> str:
    return f" of {printable(match.derived_from, width=_CELL)}" if match.derived_from else ""


def _spans(spans: Iterable[DraftExplanation]) -> str:
    rows = [
        [
            _span(span.start, span.end),
            printable(span.text, width=_WIDE_CELL),
            printable(span.type, width=_CELL),
            f"{span.score:.2f}",
        ]
        for span in spans
    ]
    title = "Tagger: the spans of the best path through the tags"
    shown = table(rows, headers=["at", "span", "type", "score"], widths=[None] * 4) if rows else "  none"
    return f"{title}\n{shown}"


def _rules(explanation: Explanation) -> str:
    thresholds = ", ".join(f"{name} {value:g}" for name, value in asdict(explanation.thresholds).items())
    rows = [row for step in explanation.steps for row in _rule_rows(step)]
    lines = table([[f"thresholds: {thresholds}"]], widths=[_WIDTH])
    return f"Rules, in the order in which they ran\n{lines}\n{table(rows, widths=[None, _WIDTH - 20])}"


def _rule_rows(step: RuleExplanation) -> list[list[str]]:
    if not step.effects:
        return [[step.rule, "no effect"]]
    return [[step.rule, step.purpose], *(["", _effect(effect)] for effect in step.effects)]


def _effect(effect: Effect) -> str:
    changes = " and ".join(effect.changes)
    if effect.changes == ("supported",):
        return f"{changes} by {', '.join(effect.after[0].sources)}: {_draft(effect.after[0])}"
    if effect.changes == ("noted",):
        return f"{changes}: {_draft(effect.after[0])}"
    sides = (", ".join(map(_draft, drafts)) for drafts in (effect.before, effect.after) if drafts)
    return f"{changes}: {' -> '.join(sides)}"


def _draft(draft: DraftExplanation) -> str:
    return (
        f"{_span(draft.start, draft.end)} {printable(draft.text, width=_WIDE_CELL)} "
        f"({printable(draft.type, width=_CELL)}, {draft.score:.2f})"
    )


def _operating_point(explanation: Explanation) -> str:
    if explanation.least_score <= 0:
        return "Operating point: lets through whatever the rules leave"
    title = f"Operating point: leaves out mentions of a score below {explanation.least_score:g}"
    rows = [["left out", f"{_draft(cut.draft)}: {cut.score:.2f}"] for cut in explanation.cut]
    return f"{title}\n{table(rows, widths=[None, _WIDTH - 12]) if rows else '  none is'}"


def _mentions(explanation: Explanation) -> str:
    title = "Mentions: what is returned, with the places that each may be"
    drafts = {draft.start: draft for draft in explanation.steps[-1].drafts}
    blocks = [_mention(mention, drafts[mention.start]) for mention in explanation.mentions]
    return "\n".join([title, *blocks]) if blocks else f"{title}\n  none"


def _mention(mention: Mention, draft: DraftExplanation) -> str:
    scores = f"score {mention.score:.2f} (the tagger's {draft.score:.2f})"
    named = f"{printable(mention.text, width=_WIDE_CELL)}: {printable(mention.type, width=_CELL)}, {scores}"
    support = f"supported by {', '.join(mention.sources)}; changed by {', '.join(mention.rules) or 'no rule'}"
    head = table([[_span(mention.start, mention.end), f"{named}\n{support}"]], widths=[None, _WIDTH - 16])
    candidates = [_candidate(number, each) for number, each in enumerate(mention.candidates, start=1)]
    shown = table(candidates, widths=[None, None, _WIDE_CELL, None, None]) if candidates else "  no candidate place"
    return f"{head}\n" + "\n".join(f"    {line}" for line in shown.splitlines())


def _candidate(number: int, candidate: Candidate) -> list[str]:
    where = ", ".join(filter(None, (candidate.label, candidate.admin1, candidate.country)))
    reason = printable(candidate.reason, width=16 * _WIDE_CELL)
    return [
        f"{number}.",
        f"{candidate.score:.2f}",
        "\n".join(filter(None, (printable(f"{where} ({candidate.kind})", width=_WIDE_CELL), reason))),
        f"{candidate.latitude:.4f} {candidate.longitude:.4f}",
        printable(candidate.id, width=_CELL),
    ]


def _span(start: int, end: int) -> str:
    return f"{start}:{end}"
