"""What the other mentions of a message say of where one of them lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p
from typing import Generic, TypeVar

import numpy
from numpy.typing import NDArray

from gazetteer import Place, PlaceKind
from gazetteer.sphere import in_boxes
from lmr_hybrid.linking.context import NO_EVENT, EventShares, State
from lmr_hybrid.linking.signals import ACCOMPANIED, Accompanied, Lone, event_columns, nearness, outside_signal

Key = TypeVar("Key")
#: How many mentions before and after one are asked how near they lie.
_NEIGHBOURS = 8


class Company:
    """The mentions of one message, each to be seen from the others; a name that comes twice is one.

    Mentions that merely hold the same name, as two canyons may hold that of the town of Canyon, say nothing of each
    other either. The cost is linear in the number of mentions.
    """

    def __init__(self, names: Sequence[str], lone: Sequence[Lone]) -> None:
        self._names = names
        self._lone = lone
        self._first = dict(zip(reversed(names), reversed(lone), strict=True))
        distinct = list(self._first.values()) if len(self._first) > 1 else []
        self._in_country = _Others(each.regions.in_country for each in distinct)
        self._in_state = _Others(each.regions.in_state for each in distinct)
        self._country = _Others(each.regions.country for each in distinct)
        self._state = _Others(each.regions.state for each in distinct)

    def signals(self, index: int, *, chained: bool, event: EventShares) -> Accompanied:
        """Return what the message and its event say of a mention's places.

        `chained` tells that the next mention follows at once, as in "Freeport, TX".
        """
        lone = self._lone[index]
        rows = self._rows(index, chained=chained, event=event)
        nowhere = (*lone.nowhere, outside_signal(lone.hits.places, rows, event))
        return Accompanied(lone, numpy.concatenate([lone.rows, rows], axis=1), numpy.array(nowhere))

    def _rows(self, index: int, *, chained: bool, event: EventShares) -> NDArray[numpy.float64]:
        """Return the signals of `ACCOMPANIED`, shape (places, signals)."""
        lone, own = self._lone[index], self._first[self._names[index]]
        if len(self._first) == 1 and not chained and event is NO_EVENT:
            return numpy.zeros((len(lone.hits.places), len(ACCOMPANIED)))
        others, akin = self._neighbours(index)
        near, within = _nearness(lone, others).tolist(), _inside(lone, others).tolist()
        following = self._lone[index + 1] if chained else None
        rest = self._without([own, *akin])
        rows = [
            (
                *_row(place, rest, near[number], within[number], following),
                *((0.0, 0.0) if event is NO_EVENT else event_columns(place, event, name=self._names[index], own=own)),
            )
            for number, place in enumerate(lone.hits.places)
        ]
        return numpy.array(rows, float).reshape(-1, len(ACCOMPANIED))

    def _without(self, left_out: Sequence[Lone]) -> _Rest:
        regions = [each.regions for each in left_out]
        return _Rest(
            self._in_country.without([each.in_country for each in regions]),
            self._in_state.without([each.in_state for each in regions]),
            self._country.without([each.country for each in regions]),
            self._state.without([each.state for each in regions]),
        )

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


@dataclass(frozen=True, slots=True)
class _Rest:
    """The probabilities that any of the other mentions names something in a country or a state, or these themselves."""

    in_country: Callable[[str], float]
    in_state: Callable[[State], float]
    country: Callable[[str], float]
    state: Callable[[State], float]


def _row(place: Place, rest: _Rest, near: float, within: float, following: Lone | None) -> tuple[float, ...]:
    """Return the signals of the message: those of `ACCOMPANIED` but for the two of the event."""
    country = rest.in_country(place.country)
    next_one = _lies_in(place, following)
    if place.kind is PlaceKind.COUNTRY:
        # What lies in a country is as near to it as can be, and in each of its parts.
        return 0.0, 0.0, country, country, country, next_one, 0.0
    state = place.country, place.admin1
    return (
        rest.country(place.country),
        0.0 if place.kind is PlaceKind.STATE else rest.state(state),
        country,
        rest.in_state(state) if place.admin1 else 0.0,
        near,
        next_one,
        within,
    )


def _nearness(lone: Lone, others: Sequence[Lone]) -> NDArray[numpy.float64]:
    """Return, for each place of a mention, how near it lies to the likeliest places of others."""
    likeliest = [each.likeliest for each in others]
    points = [each for each, _ in likeliest if len(each)]
    if not points or not len(lone.rows):
        return numpy.zeros(len(lone.rows))
    weights = numpy.concatenate([probabilities for each, probabilities in likeliest if len(each)])
    near = nearness(lone.vectors, numpy.concatenate(points))
    nearest: NDArray[numpy.float64] = numpy.maximum.reduce(near * weights, axis=1)
    return nearest


def _inside(lone: Lone, others: Sequence[Lone]) -> NDArray[numpy.float64]:
    """Return, for each place of a mention, the probability that another names an area whose box holds it."""
    boxed = [each.boxes for each in others if len(each.boxes[0])]
    if not boxed or not len(lone.rows):
        return numpy.zeros(len(lone.rows))
    boxes = numpy.concatenate([each for each, _ in boxed])
    weights = numpy.concatenate([probabilities for _, probabilities in boxed])
    held: NDArray[numpy.float64] = numpy.maximum.reduce(in_boxes(lone.points, boxes) * weights, axis=1)
    return held


class _Others(Generic[Key]):
    """For each country or state the probability that any mention but some speaks for it."""

    def __init__(self, probabilities: Iterable[Mapping[Key, float]]) -> None:
        self._logs: dict[Key, float] = defaultdict(float)
        for each in probabilities:
            for key, probability in each.items():
                self._logs[key] += log1p(-probability)

    def without(self, left_out: Sequence[Mapping[Key, float]]) -> Callable[[Key], float]:
        """Return what tells the probability that one of the others speaks for a key; `left_out` is what some say."""

        def any_of_the_others(key: Key) -> float:
            logarithm = self._logs.get(key)
            if logarithm is None:
                return 0.0
            for each in left_out:
                logarithm -= log1p(-each.get(key, 0.0))
            return max(0.0, 1 - exp(logarithm))

        return any_of_the_others


def _lies_in(place: Place, following: Lone | None) -> float:
    """Return the probability that the next mention names the state or the country that a place lies in."""
    if following is None:
        return 0.0
    country = following.regions.country.get(place.country, 0.0) if place.kind is not PlaceKind.COUNTRY else 0.0
    state = 0.0
    if place.kind is not PlaceKind.STATE:
        state = following.regions.state.get((place.country, place.admin1), 0.0)
    return max(country, state)
