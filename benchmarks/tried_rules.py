"""Rules that were tried for the reconciler and did not pay: `rules.py` measures each beside those that did."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gazetteer import Match, NameKind, leftmost_longest
from lmr_hybrid.reconcile import Draft, Evidence, Thresholds, is_rare
from lmr_hybrid.tagging.decoding import score_span

#: The rules of the reconciler that a tried one runs in front of.
BEFORE_DROPPING, LAST = "drop_doubtful", "add_doubtful"
#: What was split off must pass `drop_doubtful` whatever the tagger, which saw one span, thinks of the parts.
_PASSING = 0.51
_DIRECTIONS = frozenset(
    f"{first}{second}{ending}"
    for first in ("north", "south", "")
    for second in ("east", "west", "")
    for ending in ("", "ern")
    if first or second
) | {"central", "upper", "lower", "coastal", "inland", "downtown"}
_KIND_WORDS = frozenset(["district", "districts", "village", "area", "areas", "township", "region", "taluk"])
_STORMS = frozenset(["hurricane", "typhoon", "cyclone", "storm"])
_TITLES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "sir",
        "president",
        "minister",
        "pm",
        "cm",
        "senator",
        "sen",
        "rep",
        "gov",
        "governor",
        "mayor",
        "sheriff",
        "chief",
        "pope",
        "king",
        "queen",
    }
)
_ELONGATED = re.compile(r"(.)\1{2,}")
_AGENCIES = frozenset(
    {
        "police",
        "sheriff",
        "fire",
        "department",
        "dept",
        "authority",
        "council",
        "university",
        "college",
        "news",
        "times",
        "fc",
        "united",
    }
)


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A rule, the one that it runs in front of, and in words what it does."""

    rule: Callable[[Evidence, Sequence[Draft], Thresholds], list[Draft]]
    before: str
    does: str


def repeat_mention(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Add further occurrences of what is a mention already where the tagger gives a location 0.2 or more."""
    words = [(index, token.word) for index, token in enumerate(evidence.tokens) if token.word]
    taken, added = _taken(drafts), []
    for draft in drafts:
        own = [token.word for token in evidence.tokens[draft.first : draft.last + 1] if token.word]
        for start in range(len(words) - len(own) + 1):
            if [word for _, word in words[start : start + len(own)]] != own or not own:
                continue
            first, last = words[start][0], words[start + len(own) - 1][0]
            if taken.isdisjoint(range(first, last + 1)) and evidence.location[first : last + 1].min() >= 0.2:
                added.append(evidence.draft(first, last, source="neural", rule="repeat_mention"))
                taken.update(range(first, last + 1))
    return _in_order([*drafts, *added])


def add_hashtag(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Add a hashtag that is wholly the name of a place where the tagger gives a location 0.3 or more."""
    found = (
        name
        for name in evidence.names
        if name.first_token == name.last_token
        and name.first_token > 0
        and evidence.tokens[name.first_token - 1].text == "#"
        and name.facts.english_frequency <= 4.5
    )
    return _with_names(evidence, drafts, found, likely=0.3)


def add_misspelt_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add a capitalised word that is like a name where the tagger gives a location 0.2 or more: "Freeprot"."""
    words = _unknown_words(evidence, drafts, likely=0.2)
    found = [index for index, word in words if evidence.likeness(word) >= thresholds.alike]
    added = [evidence.draft(index, index, source="fuzzy", rule="add_misspelt_name") for index in found]
    return _in_order([*drafts, *added])


def add_elongated_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Add a capitalised word that is a name once three or more of a letter are one or two: "Texasss"."""
    words = [(index, word) for index, word in _unknown_words(evidence, drafts, likely=0.0) if _ELONGATED.search(word)]
    spellings = {index: [_ELONGATED.sub(letters, word) for letters in (r"\1", r"\1\1")] for index, word in words}
    found = [index for index, each in spellings.items() if max(map(evidence.likeness, each)) == 100]
    added = [evidence.draft(index, index, source="fuzzy", rule="add_elongated_name") for index in found]
    return _in_order([*drafts, *added])


def _unknown_words(evidence: Evidence, drafts: Sequence[Draft], *, likely: float) -> list[tuple[int, str]]:
    """Return the capitalised words of six letters or more that are in no draft and no name, with their numbers."""
    known = _taken(drafts).union(*(range(name.first_token, name.last_token + 1) for name in evidence.names))
    return [
        (index, token.word)
        for index, token in enumerate(evidence.tokens)
        if index not in known
        and len(token.word) >= 6
        and token.text[0].isupper()
        and evidence.location[index] >= likely
    ]


def add_any_important_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Add any important place's name, demonyms aside, whatever its frequency and its neighbours."""
    found = (
        name
        for name in evidence.names
        if name.facts.importance >= thresholds.important and name.facts.name_kinds != (NameKind.DEMONYM,)
    )
    return _with_names(evidence, drafts, found, likely=thresholds.likely)


def split_at_commas(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Split "Houston, Texas" where the tagger took it for one, and addresses at their commas."""
    return [part for draft in drafts for part in _split(evidence, draft, _between_commas(evidence, draft))]


def split_names(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Split a doubtful span that consists of nothing but names into these: "Mirpur Azad Kashmir"."""
    left = []
    for draft in drafts:
        spans = _names_alone(evidence, draft, thresholds)
        left += _split(evidence, draft, spans) if spans else [draft]
    return left


def split_off_important(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Replace an unknown span below 0.8 by the important names in it."""
    left = []
    for draft in drafts:
        spans = [
            (name.first_token, name.last_token)
            for name in _names_in(evidence, draft)
            if name.facts.importance >= thresholds.important and name.facts.english_frequency <= thresholds.common
        ]
        unknown = evidence.name_of(draft.first, draft.last) is None and draft.span.score < 0.8
        left += _split(evidence, draft, spans) if unknown and spans else [draft]
    return left


def join_names(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Join neighbours that are one name together: "New" and "Orleans"."""
    left: list[Draft] = []
    for draft in drafts:
        if left and left[-1].last + 1 == draft.first and (left[-1].first, draft.last) in evidence.match_at:
            before = left.pop()
            left.append(before.moved(before.first, draft.last, rule="join_names"))
        else:
            left.append(draft)
    return left


def extend_to_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Extend a mention to a longer rare name around it ("City", "County") where a location is 0.2 likely or more."""
    taken, left = _taken(drafts), []
    for draft in drafts:
        own = set(range(draft.first, draft.last + 1))
        longer = [
            name
            for name in evidence.matches
            if own < (span := set(range(name.first_token, name.last_token + 1)))
            and taken.isdisjoint(span - own)
            and min(evidence.location[index] for index in span - own) >= 0.2
            and is_rare(evidence, name, thresholds)
        ]
        best = max(longer, key=lambda name: name.end - name.start, default=None)
        left.append(draft.moved(best.first_token, best.last_token, rule="extend_to_name") if best else draft)
    return left


def take_direction(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Take in the direction before a mention where the tagger gives a location 0.3 or more: "north Houston"."""
    taken = _taken(drafts)
    return [
        draft.moved(draft.first - 1, draft.last, rule="take_direction")
        if draft.first
        and draft.first - 1 not in taken
        and evidence.tokens[draft.first - 1].word in _DIRECTIONS
        and evidence.location[draft.first - 1] >= 0.3
        else draft
        for draft in drafts
    ]


def leave_kind_word(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Leave out a closing word in lower case that only tells the kind: "Idukki district"."""
    return [
        draft.moved(draft.first, draft.last - 1, rule="leave_kind_word")
        if draft.last > draft.first and evidence.tokens[draft.last].text in _KIND_WORDS
        else draft
        for draft in drafts
    ]


def drop_storm(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Drop what follows "Hurricane"."""
    return _without(drafts, lambda draft: draft.first > 0 and evidence.tokens[draft.first - 1].word in _STORMS)


def drop_storm_name(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Drop what follows "Hurricane" elsewhere in the text."""
    words = [token.word for token in evidence.tokens]
    storms = {name for storm, name in pairwise(words) if storm in _STORMS}
    return _without(drafts, lambda draft: draft.first == draft.last and words[draft.first] in storms)


def drop_person(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Drop what follows a title: "Governor Houston"."""
    return _without(drafts, lambda draft: draft.first > 0 and evidence.tokens[draft.first - 1].word in _TITLES)


def drop_agency(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Drop what the name of an agency or a team begins with: "Houston Police"."""
    tokens = evidence.tokens

    def is_agency(draft: Draft) -> bool:
        after = draft.last + 1
        return after < len(tokens) and tokens[after].word in _AGENCIES and tokens[after].text[0].isupper()

    return _without(drafts, is_agency)


def _taken(drafts: Sequence[Draft]) -> set[int]:
    return {index for draft in drafts for index in range(draft.first, draft.last + 1)}


def _in_order(drafts: Sequence[Draft]) -> list[Draft]:
    return sorted(drafts, key=lambda draft: draft.first)


def _without(drafts: Sequence[Draft], is_wrong: Callable[[Draft], bool]) -> list[Draft]:
    return [draft for draft in drafts if not is_wrong(draft)]


def _with_names(evidence: Evidence, drafts: Sequence[Draft], names: Iterator[Match], *, likely: float) -> list[Draft]:
    """Add names, cased or hashtags, where no mention stands and the tagger thinks of a location so much."""
    taken, tokens = _taken(drafts), evidence.tokens
    added = []
    for name in names:
        first, last = name.first_token, name.last_token
        before = tokens[first - 1].text if first else ""
        cased = before == "#" or tokens[first].text[0].isupper()
        free = taken.isdisjoint(range(first, last + 1))
        if free and cased and before != "@" and evidence.location[first : last + 1].min() >= likely:
            added.append(evidence.draft(first, last, source="gazetteer", rule="tried"))
    return _in_order([*drafts, *added])


def _split(evidence: Evidence, draft: Draft, spans: Collection[tuple[int, int]]) -> list[Draft]:
    parts = []
    for first, last in spans:
        span = score_span(evidence.probabilities, evidence.types, first, last)
        parts.append(Draft(replace(span, score=max(span.score, _PASSING)), rules=(*draft.rules, "split")))
    return parts if len(parts) > 1 or spans != [(draft.first, draft.last)] else [draft]


def _between_commas(evidence: Evidence, draft: Draft) -> list[tuple[int, int]]:
    spans, first = [], draft.first
    for index in range(draft.first, draft.last + 2):
        if index > draft.last or evidence.tokens[index].text == ",":
            if first < index:
                spans.append((first, index - 1))
            first = index + 1
    return spans


def _names_in(evidence: Evidence, draft: Draft) -> list[Match]:
    inside = (
        match for match in evidence.matches if draft.first <= match.first_token and match.last_token <= draft.last
    )
    return leftmost_longest(inside)


def _names_alone(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> list[tuple[int, int]]:
    """Return the names that a doubtful span consists of, none where there is more to it than names."""
    if evidence.name_of(draft.first, draft.last) is not None or draft.span.score >= thresholds.unknown:
        return []
    names = _names_in(evidence, draft)
    covered = {index for name in names for index in range(name.first_token, name.last_token + 1)}
    words = {index for index in range(draft.first, draft.last + 1) if evidence.tokens[index].word}
    return [(name.first_token, name.last_token) for name in names] if len(names) > 1 and words <= covered else []


TRIED: dict[str, TriedRule] = {
    "repeat_mention": TriedRule(repeat_mention, LAST, "add what is a mention elsewhere in the text"),
    "add_hashtag": TriedRule(add_hashtag, LAST, "add a hashtag that is wholly a place"),
    "add_misspelt_name": TriedRule(add_misspelt_name, LAST, 'add what is a name but for a slip: "Freeprot"'),
    "add_elongated_name": TriedRule(add_elongated_name, LAST, 'add an elongated name: "Texasss"'),
    "add_any_important_name": TriedRule(add_any_important_name, LAST, "add important places under common names too"),
    "split_at_commas": TriedRule(split_at_commas, BEFORE_DROPPING, 'split "Houston, Texas" and addresses'),
    "split_names": TriedRule(split_names, BEFORE_DROPPING, "split a doubtful span that is names and nothing else"),
    "split_off_important": TriedRule(
        split_off_important, BEFORE_DROPPING, "leave the important name of a doubtful span"
    ),
    "join_names": TriedRule(join_names, BEFORE_DROPPING, 'join "New" and "Orleans"'),
    "extend_to_name": TriedRule(extend_to_name, LAST, "repair the end to a longer name of the gazetteer"),
    "take_direction": TriedRule(take_direction, LAST, 'take in directions: "north Houston"'),
    "leave_kind_word": TriedRule(leave_kind_word, LAST, 'leave "district", "village" out in lower case'),
    "drop_storm": TriedRule(drop_storm, LAST, 'drop what follows "Hurricane"'),
    "drop_storm_name": TriedRule(drop_storm_name, LAST, "drop what is named as a storm elsewhere in the text"),
    "drop_person": TriedRule(drop_person, LAST, "drop what follows a title"),
    "drop_agency": TriedRule(drop_agency, LAST, "drop what an agency's or a team's name begins with"),
}
