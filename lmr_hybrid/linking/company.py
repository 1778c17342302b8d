"""What the other mentions of a message say of where one of them lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp
from typing import TypeVar

import numpy
from numpy.typing import NDArray

from gazetteer import Place, PlaceKind
from lmr_hybrid.linking.context import NO_EVENT, EventShares
from lmr_hybrid.linking.signals import (
    ACCOMPANIED,
    Accompanied,
    Lone,
    Regions,
    event_columns,
    outside_event,
    outside_message,
)
from lmr_hybrid.linking.vicinity import vicinity

Key = TypeVar("Key")
#: How many mentions before and after one are asked how near they lie, and how many after it what it lies in.
_NEIGHBOURS = 8
#: What a state behind a later mention of a list says of an earlier one, against what it says of the later.
_BEHIND_A_LATER = 0.5
_NOTHING = Regions({}, {}, {}, {})


class Company:
    """The mentions of one message, each to be seen from the others; a name that comes twice is one.

    Mentions that merely hold the same name, as two canyons may hold that of the town of Canyon, say nothing of each
    other either. The cost is linear in the number of mentions.
    """

    def __init__(self, names: Sequence[str], lone: Sequence[Lone]) -> None:
        self._names = names
        self._lone = lone
        self._first = dict(zip(reversed(names), reversed(lone), strict=True))
        # Most messages name one place, and there the others say nothing.
        self._doubts = _together(each.doubts for each in self._first.values()) if len(self._first) > 1 else _NOTHING

    def signals(self, *, chained: Sequence[bool], listed: Sequence[bool], event: EventShares) -> list[Accompanied]:
        """Return what the message and its event say of each mention's places.

        `chained` tells of which the next mention follows at once, as in "Freeport, TX", `listed` of which it is named
        along with, as in "Moscow and Lewiston, Idaho".
        """
        rows = self._rows(chained, listed, event)
        return [
            Accompanied(
                lone,
                numpy.concatenate([lone.rows, own], axis=1),
                numpy.array(
                    (
                        *lone.nowhere,
                        outside_event(lone.hits.places, own, event),
                        outside_message(lone.hits.places, own, self._likeliest_country(name)),
                    )
                ),
            )
            for name, lone, own in zip(self._names, self._lone, rows, strict=True)
        ]

    def _likeliest_country(self, name: str) -> float:
        """Return the probability of the country in which the others of a name likeliest name something."""
        every, own = self._doubts.in_country, self._first[name].doubts.in_country
        return max((_others(country, every, own) for country in every), default=0.0)

    def _rows(
        self, chained: Sequence[bool], listed: Sequence[bool], event: EventShares
    ) -> Iterator[NDArray[numpy.float64]]:
        """Yield the signals of `ACCOMPANIED` of each mention, shape (places, signals)."""
        if len(self._first) == 1 and event is NO_EVENT and not any(chained):
            yield from (numpy.zeros((len(lone.hits.places), len(ACCOMPANIED))) for lone in self._lone)
            return
        for index, lone in enumerate(self._lone):
            others, akin = self._neighbours(index)
            behind = self._behind(index, chained, listed)
            yield self._rows_of(index, vicinity(lone, others), akin, behind, event)

    def _behind(self, index: int, chained: Sequence[bool], listed: Sequence[bool]) -> list[tuple[Lone, float]]:
        """Return the mentions behind one that may name what it lies in, with what each counts.

        Those are the next, and of a list what stands behind a later one, up to the first state or country.
        """
        behind = []
        for each in range(index, min(index + _NEIGHBOURS, len(self._lone) - 1)):
            following = self._lone[each + 1]
            if chained[each]:
                behind.append((following, 1.0 if each == index else _BEHIND_A_LATER))
            elif not listed[each]:
                break
            if following.names_area:
                break
        return behind

    def _rows_of(
        self,
        index: int,
        around: Sequence[tuple[float, float]],
        akin: Sequence[Lone],
        behind: Sequence[tuple[Lone, float]],
        event: EventShares,
    ) -> NDArray[numpy.float64]:
        lone, name = self._lone[index], self._names[index]
        own = self._first[name]
        left_out = _together(each.doubts for each in (own, *akin)) if akin else own.doubts
        rows = [
            (
                *_row(place, self._doubts, left_out, near, within, behind),
                *((0.0, 0.0) if event is NO_EVENT else event_columns(place, event, name=name, own=own)),
            )
            for place, (near, within) in zip(lone.hits.places, around, strict=True)
        ]
        return numpy.array(rows, float).reshape(-1, len(ACCOMPANIED))

    def _neighbours(self, index: int) -> tuple[list[Lone], list[Lone]]:
        """Return the mentions around one that may say something of it, and those that merely hold the same name."""
        window = range(max(0, index - _NEIGHBOURS), min(len(self._lone), index + _NEIGHBOURS + 1))
        others = {self._names[other]: self._first[self._names[other]] for other in window}
        own = others.pop(self._names[index]).hits
        if not own.partial:
            return list(others.values()), []
        names = set(own.names)
        akin = {name for name, each in others.items() if each.hits.partial and names.intersection(each.hits.names)}
        return (
            [each for name, each in others.items() if name not in akin],
            [each for name, each in others.items() if name in akin],
        )


def _together(doubts: Iterable[Regions]) -> Regions:
    sums = Regions({}, {}, {}, {})
    for each in doubts:
        _add(sums.in_country, each.in_country)
        _add(sums.in_state, each.in_state)
        _add(sums.country, each.country)
        _add(sums.state, each.state)
    return sums


def _add(sums: dict[Key, float], doubts: Mapping[Key, float]) -> None:
    for key, doubt in doubts.items():
        sums[key] = sums.get(key, 0.0) + doubt


def _others(key: Key, every: Mapping[Key, float], left_out: Mapping[Key, float]) -> float:
    """Return the probability that any of the others speaks for a key, from the doubts of all and of those left out."""
    doubt = every.get(key)
    return 0.0 if doubt is None else max(0.0, 1 - exp(doubt - left_out.get(key, 0.0)))


def _row(
    place: Place, every: Regions, left_out: Regions, near: float, within: float, behind: Sequence[tuple[Lone, float]]
) -> tuple[float, ...]:
    """Return the signals of the message: those of `ACCOMPANIED` but for the two of the event."""
    in_country = _others(place.country, every.in_country, left_out.in_country)
    next_one = max((counts * _lies_in(place, following) for following, counts in behind), default=0.0)
    if place.kind is PlaceKind.COUNTRY:
        # What lies in a country is as near to it as can be, and in each of its parts.
        return 0.0, 0.0, in_country, in_country, in_country, next_one, 0.0
    state = place.country, place.admin1
    return (
        _others(place.country, every.country, left_out.country),
        0.0 if place.kind is PlaceKind.STATE else _others(state, every.state, left_out.state),
        in_country,
        _others(state, every.in_state, left_out.in_state) if place.admin1 else 0.0,
        near,
        next_one,
        within,
    )


def _lies_in(place: Place, following: Lone) -> float:
    """Return the probability that the next mention names the state or the country that a place lies in."""
    country = following.regions.country.get(place.country, 0.0) if place.kind is not PlaceKind.COUNTRY else 0.0
    state = 0.0
    if place.kind is not PlaceKind.STATE:
        state = following.regions.state.get((place.country, place.admin1), 0.0)
    return max(country, state)
