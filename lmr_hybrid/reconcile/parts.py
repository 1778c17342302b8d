"""The rules that take a span apart or leave a part of it out; each is as those of `rules.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from gazetteer import Match, NameKind, PlaceKind
from lmr_hybrid.place_types import AREA_KINDS
from lmr_hybrid.reconcile.evidence import APOSTROPHES, Draft, Evidence
from lmr_hybrid.reconcile.thresholds import Thresholds

#: What others lie in and are named after.
_OWNERS = frozenset({PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.COUNTY, PlaceKind.CITY, PlaceKind.ISLAND})
_NO_NAMES = frozenset({NameKind.DEMONYM, NameKind.VARIANT})
_UNITS = frozenset({"apt", "apartment", "flat", "room", "rm", "ste", "suite", "unit"})


def split_possessive(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Take an important place and what it has for two: "Srinagar's Rajbagh".

    Lesser ones are people's names, too: "Potter's Cay".
    """
    return [part for draft in drafts for part in _owner_and_owned(evidence, draft, thresholds) or [draft]]


def _owner_and_owned(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> list[Draft]:
    tokens = evidence.tokens
    for index in range(draft.first + 1, draft.last - 1):
        if tokens[index].text in APOSTROPHES and tokens[index + 1].word == "s":
            owner = evidence.match_at.get((draft.first, index - 1))
            owned = tokens[index + 2].text[0].isupper()
            if owner is None or not owned or not _is_owner(owner, thresholds) or _is_in_a_name(evidence, draft, index):
                return []
            ends = [(draft.first, index - 1), (index + 2, draft.last)]
            return [evidence.part(draft, first, last, rule="split_possessive") for first, last in ends]
    return []


def _is_owner(name: Match, thresholds: Thresholds) -> bool:
    facts = name.facts
    return (
        facts.importance >= thresholds.important
        and facts.english_frequency <= thresholds.common
        and not _OWNERS.isdisjoint(facts.kinds)
        and not _NO_NAMES.issuperset(facts.name_kinds)
    )


def _is_in_a_name(evidence: Evidence, draft: Draft, index: int) -> bool:
    """Tell whether a token of a draft stands within a longer name of it."""
    ends = product(range(draft.first, index), range(index + 1, draft.last + 1))
    return any(each in evidence.match_at for each in ends)


def split_off_state(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:
    """Take a place and the state or country that it lies in for two: "Bendigo VIC", "Apia Samoa"."""
    return [part for draft in drafts for part in _place_and_state(evidence, draft, thresholds) or [draft]]


def _place_and_state(evidence: Evidence, draft: Draft, thresholds: Thresholds) -> list[Draft]:
    if draft.first == draft.last or evidence.name_of(draft.first, draft.last) is not None:
        return []
    for ends in _two_names(evidence, draft, thresholds):
        place, area = (evidence.surface(*own) for own in ends)
        if evidence.lies_in(place, area):
            return [evidence.part(draft, first, last, rule="split_off_state") for first, last in ends]
    return []


def _two_names(
    evidence: Evidence, draft: Draft, thresholds: Thresholds
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the ends of a name and of a state's or country's behind it that are all of a draft."""
    for second in range(draft.first + 1, draft.last + 1):
        area = evidence.match_at.get((second, draft.last))
        last = second - 2 if evidence.tokens[second - 1].text == "," else second - 1
        name = evidence.match_at.get((draft.first, last))
        if (
            area is not None
            and name is not None
            and not AREA_KINDS.isdisjoint(area.facts.kinds)
            and name.facts.english_frequency <= thresholds.common
            and not _NO_NAMES.issuperset(name.facts.name_kinds)
        ):
            yield (draft.first, last), (second, draft.last)


def cut_unit(evidence: Evidence, drafts: Sequence[Draft], thresholds: Thresholds) -> list[Draft]:  # noqa: ARG001
    """Leave the flat or room out of an address: "4410 Yale St apt 12", "1702 W 34th St #4"."""
    return [
        draft
        if (last := _end_before_unit(evidence, draft)) is None
        else draft.moved(draft.first, last, rule="cut_unit")
        for draft in drafts
    ]


def _end_before_unit(evidence: Evidence, draft: Draft) -> int | None:
    """Return the last token of an address in front of its flat or room, if it holds any."""
    tokens = evidence.tokens
    if not tokens[draft.first].text.isdecimal():
        return None
    # A house number and a street stand in front of it.
    for index in range(draft.first + 2, draft.last + 1):
        if _is_unit(evidence, index, draft.last):
            last = index - 1
            return last - 1 if tokens[last].text == "," else last
    return None


def _is_unit(evidence: Evidence, index: int, last: int) -> bool:
    tokens = evidence.tokens
    behind = tokens[index + 1].text if index < last else ""
    if tokens[index].text == "#":
        return behind[:1].isdecimal()
    return tokens[index].word in _UNITS and (len(behind) <= 1 or behind[0].isdecimal())
