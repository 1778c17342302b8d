"""The rules: each takes the evidence and the drafts so far and returns the drafts it leaves.

A rule is here because it pays, on IDRISI dev or on events never seen: `benchmarks/rules.py` measures each, alone and by
leaving it out, and those that were tried and did not pay; `benchmarks/thresholds.py` measures where it draws its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gazetteer import Match, NameKind, PlaceKind, Token
from lmr_hybrid.place_types import SITE_TYPES, TYPE_OF_KIND
from lmr_hybrid.reconcile.evidence import APOSTROPHES, Draft, Evidence
from lmr_hybrid.reconcile.parts import cut_unit, split_off_state, split_possessive
from lmr_hybrid.reconcile.thresholds import Thresholds
from lmr_hybrid.tagging.decoding import decode

Rule = Callable[[Evidence, Sequence[Draft], Thresholds], list[Draft]]
_GENUINE = frozenset({NameKind.NAME, NameKind.OFFICIAL, NameKind.SHORT, NameKind.ALTERNATIVE, NameKind.ABBREVIATION})
#: Shorter names are rare in English only because they are hardly words.
_SHORTEST_RARE = 4
#: Shorter names, in letters and spaces, are a slip away from too many others.
_SHORTEST_MISSPELT = 6
_SENTENCE_ENDS = frozenset(".!?:")
_STATE = TYPE_OF_KIND[PlaceKind.STATE]
#: State codes that are capitalised for other reasons, too.
_WORDS = frozenset({"hi", "in", "me", "oh", "ok", "or"})
#: "I-10 WB" leads west and not to West Bengal.
_BOUND = frozenset({"nb", "sb", "eb", "wb"})
_ROAD = TYPE_OF_KIND[PlaceKind.ROAD]


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


def note_misspelling(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Note which mentions that would be dropped as unknown are names but for a slip: "Islambad"."""
    return [
        replace(draft, sources=draft.sources | {"fuzzy"}, rules=(*draft.rules, "note_misspelling"))
        if _is_misspelt(evidence, draft, thresholds)
        else draft
        for draft in drafts
    ]


def _is_misspelt(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> bool:
    if not thresholds.misspelt <= draft.span.score < _least_of_unknown(evidence, draft, thresholds):
        return False
    if evidence.name_of(draft.first, draft.last) is not None:
        return False
    words = evidence.words(draft.first, draft.last)
    return len(words) >= _SHORTEST_MISSPELT and evidence.likeness(words) >= thresholds.alike


def drop_doubtful(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Drop a mention of which the tagger is unsure; it must be surer of one that no gazetteer knows."""
    return [draft for draft in drafts if draft.span.score >= _least_score(evidence, draft, thresholds)]


def _least_score(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> float:
    match = evidence.name_of(draft.first, draft.last)
    if match is None:
        return thresholds.misspelt if "fuzzy" in draft.sources else _least_of_unknown(evidence, draft, thresholds)
    sure = match.facts.importance >= thresholds.important or is_rare(evidence, match, thresholds)
    return thresholds.known_sure if sure else thresholds.known


def _least_of_unknown(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> float:
    """Return the line of what no gazetteer knows: hashtags, which name campaigns and shows as well, have their own."""
    hashed = draft.first > 0 and evidence.tokens[draft.first - 1].text == "#"
    return thresholds.unknown_hashtag if hashed else thresholds.unknown


def drop_demonym(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Drop what is the name of a people and of no place, unless the tagger is all but sure: "Italian", "Haitians"."""
    return [
        draft
        for draft in drafts
        if draft.span.score >= thresholds.demonym
        or (match := evidence.name_of(draft.first, draft.last)) is None
        or not _is_demonym(match)
    ]


def _is_demonym(name: Match) -> bool:
    return name.facts.name_kinds == (NameKind.DEMONYM,)


def add_important_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add the name of an important place that is left out although the tagger thought of a place.

    It may lie in a longer span that was dropped: "Mirpur Azad Kashmir". Not where it is but a part of something else's
    name: "Texas Rangers".
    """
    important = (
        name
        for name in evidence.names
        if name.facts.importance >= thresholds.important and name.facts.english_frequency <= thresholds.common
    )
    return _with_names(evidence, drafts, important, thresholds, rule="add_important_name")


def add_rare_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add a name that is hardly an English word and left out although the tagger thought of a place: "Virac"."""
    rare = (name for name in evidence.names if is_rare(evidence, name, thresholds))
    return _with_names(evidence, drafts, rare, thresholds, rule="add_rare_name")


def _with_names(
    evidence: Evidence, drafts: Sequence[Draft], names: Iterable[Match], thresholds: Thresholds, *, rule: str
) -> list[Draft]:
    """Add those of the names that the tagger thought of as places and that stand for themselves."""
    candidates = list(names)
    if not candidates:
        return list(drafts)
    taken = _tokens_of(drafts)
    bound = {draft.last + 1 for draft in drafts if draft.span.type == _ROAD}
    added = [
        evidence.of_own_kind(evidence.draft(name.first_token, name.last_token, source="gazetteer", rule=rule))
        for name in candidates
        if not _is_demonym(name)
        and taken.isdisjoint(range(name.first_token, name.last_token + 1))
        and evidence.location[name.first_token : name.last_token + 1].min() >= thresholds.likely
        and _is_written_as_name(evidence, name)
        and _stands_alone(evidence, name)
        and not (name.name in _BOUND and name.first_token in bound)
    ]
    return sorted([*drafts, *added], key=lambda draft: draft.first)


def add_state_code(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Add a state's postal code behind a place in that state, which it is as likely as that: "Bangor, ME".

    No gazetteer takes "me" for a name, and the tagger seldom.
    """
    codes = [_code_behind(evidence, draft) for draft in drafts]
    taken = _tokens_of(drafts) if any(codes) else set()
    left: list[Draft] = []
    for draft, index in zip(drafts, codes, strict=True):
        left.append(draft)
        if (
            index is None
            or not taken.isdisjoint(range(draft.last + 1, index + 1))
            or not evidence.lies_in(evidence.surface(draft.first, draft.last), evidence.tokens[index].text)
        ):
            continue
        code = evidence.draft(index, index, source="gazetteer", rule="add_state_code")
        type_ = _STATE if _STATE in evidence.types else code.span.type
        left.append(replace(code, span=replace(code.span, type=type_, score=draft.span.score)))
    return left


def _code_behind(evidence: Evidence, draft: Draft) -> int | None:
    """Return the number of the token behind a mention that may be a state's postal code: two capitals.

    Without a comma it must be no word, and the mention not in capitals, as any word would be then.
    """
    tokens, index = evidence.tokens, draft.last + 1
    comma = index < len(tokens) and tokens[index].text == ","
    index += comma
    if index >= len(tokens) or not _is_code(tokens[index]):
        return None
    if index + 1 < len(tokens) and tokens[index + 1].text in APOSTROPHES:
        return None
    if not comma and (tokens[index].word in _WORDS or evidence.surface(draft.first, draft.last).isupper()):
        return None
    return index


def _tokens_of(drafts: Sequence[Draft]) -> set[int]:
    return {index for draft in drafts for index in range(draft.first, draft.last + 1)}


def _stands_alone(evidence: Evidence, name: Match) -> bool:
    """Tell whether no other capitalised word, itself no name, stands beside a name; one that begins a sentence may."""
    tokens, before, after = evidence.tokens, name.first_token - 1, name.last_token + 1
    if before >= 0 and tokens[before].text == "@":
        return False
    goes_on = after < len(tokens) and _is_capitalised(tokens[after]) and tokens[after].start == name.end + 1
    if goes_on and all(other.first_token != after for other in evidence.names):
        return False
    begins_sentence = before < 1 or tokens[before - 1].text in _SENTENCE_ENDS
    if begins_sentence or not _is_capitalised(tokens[before]) or tokens[before].end + 1 != name.start:
        return True
    return any(other.last_token == before for other in evidence.names)


def _is_capitalised(token: Token) -> bool:
    return bool(token.word) and token.text[0].isupper() and not token.text.isupper()


def _is_code(token: Token) -> bool:
    return len(token.text) == 2 and token.text.isascii() and token.text.isalpha() and token.text.isupper()


def is_rare(evidence: Evidence, name: Match, thresholds: Thresholds) -> bool:
    """Tell whether a name is rare in English, of a source, and written as one: with a capital or a hash sign."""
    return (
        name.facts.english_frequency <= thresholds.rare
        and len(name.name) >= _SHORTEST_RARE
        and not _GENUINE.isdisjoint(name.facts.name_kinds)
        and _is_written_as_name(evidence, name)
    )


def _is_written_as_name(evidence: Evidence, name: Match) -> bool:
    first = name.first_token
    after_hash = first > 0 and evidence.tokens[first - 1].text == "#"
    return after_hash or evidence.tokens[first].text[0].isupper()


def add_doubtful(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add, where no mention stands, what the tagger would mark if it were less ready to see no place."""
    if thresholds.outside_bias == 0:
        return list(drafts)
    taken = _tokens_of(drafts)
    spans = decode(evidence.probabilities, evidence.types, outside_bias=thresholds.outside_bias)
    doubtful = close_abbreviation(evidence, [Draft(span, rules=("add_doubtful",)) for span in spans], thresholds)
    doubtful = drop_symbols(evidence, doubtful, thresholds)
    added = [draft for draft in doubtful if taken.isdisjoint(range(draft.first, draft.last + 1))]
    return sorted([*drafts, *added], key=lambda draft: draft.first)


def type_by_kind(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Give a mention the type of its place where every place of that name is of one kind.

    Not where that kind is the state: many a state is, in the messages, the city of the same name. Nor where the tagger
    sees a street or a building and the gazetteer knows but a town of that name: "crash on Broadway". Nor where a
    state's postal code stands behind a place, which alone may be a town: "York, PA", "Houma, LA".
    """
    states = any(draft.span.type == _STATE and draft.first == draft.last for draft in drafts)
    codes = {_code_behind(evidence, draft) for draft in drafts} if states else set()
    return [
        draft
        if draft.span.type == _STATE and draft.first == draft.last and draft.first in codes
        else _typed(draft, evidence.name_of(draft.first, draft.last), evidence.types)
        for draft in drafts
    ]


def _typed(draft: Draft, match: Match | None, types: Sequence[str]) -> Draft:
    if match is None or len(match.facts.kinds) > 1 or match.facts.kinds[0] in (PlaceKind.STATE, PlaceKind.OTHER):
        return draft
    type_ = TYPE_OF_KIND[match.facts.kinds[0]]
    if type_ == draft.span.type or type_ not in types or (draft.span.type in SITE_TYPES and type_ not in SITE_TYPES):
        return draft
    return replace(draft, span=replace(draft.span, type=type_), rules=(*draft.rules, "type_by_kind"))


def note_gazetteer(evidence: Evidence, drafts: Sequence[Draft]) -> list[Draft]:
    """Note which mentions a gazetteer supports."""
    return [
        replace(draft, sources=draft.sources | {"gazetteer"})
        if evidence.name_of(draft.first, draft.last) is not None
        else draft
        for draft in drafts
    ]


#: In the order in which they run.
RULES: dict[str, Rule] = {
    "drop_symbols": drop_symbols,
    "close_abbreviation": close_abbreviation,
    "cut_unit": cut_unit,
    "split_possessive": split_possessive,
    "split_off_state": split_off_state,
    "note_misspelling": note_misspelling,
    "drop_doubtful": drop_doubtful,
    "drop_demonym": drop_demonym,
    "add_important_name": add_important_name,
    "add_rare_name": add_rare_name,
    "add_state_code": add_state_code,
    "add_doubtful": add_doubtful,
    "type_by_kind": type_by_kind,
}
