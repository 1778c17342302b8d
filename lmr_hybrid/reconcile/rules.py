"""The rules: each takes the evidence and the drafts so far and returns the drafts it leaves.

A rule is here because it pays on IDRISI dev: `benchmarks/idrisi.py` measures each by leaving it out,
`benchmarks/thresholds.py` where it draws its line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gazetteer import Match, NameKind, PlaceKind
from lmr_hybrid.place_types import TYPE_OF_KIND
from lmr_hybrid.reconcile.evidence import Draft, Evidence
from lmr_hybrid.tagging.decoding import decode


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the rules draw their lines, chosen on IDRISI dev; where dev is flat, what other annotators' corpora prefer.

    `likely_rare` is the least probability of a location at which a name that is rare in English is added;
    `known`, `unknown` and `known_rare` are the scores under which a mention is dropped: one that a gazetteer knows, one
    that none knows, and one that it knows under a name rare in English. `rare` is the highest Zipf frequency of such a
    name. `outside_bias`, 0 or less, is what the tagger's log-probability of no place is lowered by to look for mentions
    that it passed over; 0 looks for none.
    """

    likely_rare: float = 0.2
    known: float = 0.5
    unknown: float = 0.7
    known_rare: float = 0.2
    rare: float = 2.5
    outside_bias: float = 0.0


Rule = Callable[[Evidence, Sequence[Draft], Thresholds], list[Draft]]
_GENUINE = frozenset({NameKind.NAME, NameKind.OFFICIAL, NameKind.SHORT, NameKind.ALTERNATIVE, NameKind.ABBREVIATION})
#: Shorter names are rare in English only because they are hardly words.
_SHORTEST_RARE = 4


def drop_symbols(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Drop what holds neither letter nor digit: emoji, often broken ones, stand where names do."""
    return [draft for draft in drafts if any(token.word for token in evidence.tokens[draft.first : draft.last + 1])]


def close_abbreviation(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Let an abbreviation keep its full stop: "P.R.", "Calif."."""
    starts = {draft.first for draft in drafts}
    return [
        draft.moved(draft.first, draft.last + 1, rule="close_abbreviation")
        if draft.last + 1 not in starts and _lacks_stop(evidence, draft.first, draft.last)
        else draft
        for draft in drafts
    ]


def _lacks_stop(evidence: Evidence, first: int, last: int) -> bool:
    tokens = evidence.tokens
    if last + 1 == len(tokens) or tokens[last + 1].text != "." or tokens[last + 1].start != tokens[last].end:
        return False
    if last - first >= 2 and tokens[last - 1].text == "." and len(tokens[last].word) == 1:
        return True
    match = evidence.match_at.get((first, last))
    is_abbreviation = match is not None and match.facts.name_kinds == (NameKind.ABBREVIATION,)
    return is_abbreviation and first == last and not tokens[last].text.isupper()


def add_rare_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add a name that the tagger left out although it thought of a place, where hardly anything else is so called."""
    taken = {index for draft in drafts for index in range(draft.first, draft.last + 1)}
    added = [
        evidence.draft(name.first_token, name.last_token, source="gazetteer", rule="add_rare_name")
        for name in evidence.names
        if is_rare(evidence, name, thresholds)
        and taken.isdisjoint(range(name.first_token, name.last_token + 1))
        and evidence.location[name.first_token : name.last_token + 1].min() >= thresholds.likely_rare
    ]
    return sorted([*drafts, *added], key=lambda draft: draft.first)


def drop_doubtful(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Drop a mention of which the tagger is unsure; it must be surer of one that no gazetteer knows."""
    return [draft for draft in drafts if draft.span.score >= _least_score(evidence, draft, thresholds)]


def _least_score(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> float:
    match = evidence.match_at.get((draft.first, draft.last))
    if match is None:
        return thresholds.unknown
    return thresholds.known_rare if is_rare(evidence, match, thresholds) else thresholds.known


def is_rare(evidence: Evidence, name: Match, thresholds: Thresholds) -> bool:
    """Tell whether a name is rare in English, of a source, and written as one: with a capital or a hash sign."""
    first = name.first_token
    after_hash = first > 0 and evidence.tokens[first - 1].text == "#"
    return (
        name.facts.english_frequency <= thresholds.rare
        and len(name.name) >= _SHORTEST_RARE
        and not _GENUINE.isdisjoint(name.facts.name_kinds)
        and (after_hash or evidence.tokens[first].text[0].isupper())
    )


def add_doubtful(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add, where no mention stands, what the tagger would mark if it were less ready to see no place."""
    if thresholds.outside_bias == 0:
        return list(drafts)
    taken = {index for draft in drafts for index in range(draft.first, draft.last + 1)}
    spans = decode(evidence.probabilities, evidence.types, outside_bias=thresholds.outside_bias)
    doubtful = close_abbreviation(evidence, [Draft(span, rules=("add_doubtful",)) for span in spans], thresholds)
    added = [draft for draft in doubtful if taken.isdisjoint(range(draft.first, draft.last + 1))]
    return sorted([*drafts, *added], key=lambda draft: draft.first)


def type_by_kind(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Give a mention the type of its place where every place of that name is of one kind.

    Not where that kind is the state: many a state is, in the messages, the city of the same name.
    """
    return [_typed(draft, evidence.match_at.get((draft.first, draft.last)), evidence.types) for draft in drafts]


def _typed(draft: Draft, match: Match | None, types: Sequence[str]) -> Draft:
    if match is None or len(match.facts.kinds) > 1 or match.facts.kinds[0] in (PlaceKind.STATE, PlaceKind.OTHER):
        return draft
    type_ = TYPE_OF_KIND[match.facts.kinds[0]]
    if type_ == draft.span.type or type_ not in types:
        return draft
    return replace(draft, span=replace(draft.span, type=type_), rules=(*draft.rules, "type_by_kind"))


def note_gazetteer(evidence: Evidence, drafts: Sequence[Draft]) -> list[Draft]:
    """Note which mentions a gazetteer supports."""
    return [
        replace(draft, sources=draft.sources | {"gazetteer"})
        if (draft.first, draft.last) in evidence.match_at
        else draft
        for draft in drafts
    ]


#: In the order in which they run.
RULES: dict[str, Rule] = {
    "drop_symbols": drop_symbols,
    "close_abbreviation": close_abbreviation,
    "add_rare_name": add_rare_name,
    "drop_doubtful": drop_doubtful,
    "add_doubtful": add_doubtful,
    "type_by_kind": type_by_kind,
}
