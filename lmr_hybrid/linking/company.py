"""What the other mentions of a message say of where one of them lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log1p
from typing import TypeVar

import numpy
from numpy.typing import NDArray

from gazetteer import Place, PlaceKind
from gazetteer.sphere import in_boxes
from lmr_hybrid.linking.context import NO_EVENT, EventShares
from lmr_hybrid.linking.signals import (
    ACCOMPANIED,
    Accompanied,
    Lone,
    Regions,
    event_columns,
    nearness,
    outside_signal,
)

Key = TypeVar("Key")
#: How many mentions before and after one are asked how near they lie.
_NEIGHBOURS = 8
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
        self._regions = _together(each.regions for each in self._first.values()) if len(self._first) > 1 else _NOTHING

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
        left_out = [each.regions for each in (own, *akin)]
        rows = [
            (
                *_row(place, self._regions, left_out, near[number], within[number], following),
                *((0.0, 0.0) if event is NO_EVENT else event_columns(place, event, name=self._names[index], own=own)),
            )
            for number, place in enumerate(lone.hits.places)
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


def _together(regions: Iterable[Regions]) -> Regions:
    """Return, in place of each probability, the sum of the logarithms of what all of them leave to the contrary."""
    sums = Regions({}, {}, {}, {})
    for each in regions:
        _add_logarithms(sums.in_country, each.in_country)
        _add_logarithms(sums.in_state, each.in_state)
        _add_logarithms(sums.country, each.country)
        _add_logarithms(sums.state, each.state)
    return sums


def _add_logarithms(sums: dict[Key, float], probabilities: Mapping[Key, float]) -> None:
    for key, probability in probabilities.items():
        sums[key] = sums.get(key, 0.0) + log1p(-probability)


def _others(key: Key, every: Mapping[Key, float], left_out: Iterable[Mapping[Key, float]]) -> float:
    """Return the probability that any of the others speaks for a key.

    `every` are the sums of logarithms of all mentions, `left_out` the probabilities of those that do not count.
    """
    logarithm = every.get(key)
    if logarithm is None:
        return 0.0
    for each in left_out:
        logarithm -= log1p(-each.get(key, 0.0))
    return max(0.0, 1 - exp(logarithm))


def _row(
    place: Place, every: Regions, left_out: Sequence[Regions], near: float, within: float, following: Lone | None
) -> tuple[float, ...]:
    """Return the signals of the message: those of `ACCOMPANIED` but for the two of the event."""
    country = _others(place.country, every.in_country, (each.in_country for each in left_out))
    next_one = 0.0 if following is None else _lies_in(place, following)
    if place.kind is PlaceKind.COUNTRY:
        # What lies in a country is as near to it as can be, and in each of its parts.
        return 0.0, 0.0, country, country, country, next_one, 0.0
    state = place.country, place.admin1
    is_state = place.kind is PlaceKind.STATE
    return (
        _others(place.country, every.country, (each.country for each in left_out)),
        0.0 if is_state else _others(state, every.state, (each.state for each in left_out)),
        country,
        _others(state, every.in_state, (each.in_state for each in left_out)) if place.admin1 else 0.0,
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


def _lies_in(place: Place, following: Lone) -> float:
    """Return the probability that the next mention names the state or the country that a place lies in."""
    country = following.regions.country.get(place.country, 0.0) if place.kind is not PlaceKind.COUNTRY else 0.0
    state = 0.0
    if place.kind is not PlaceKind.STATE:
        state = following.regions.state.get((place.country, place.admin1), 0.0)
    return max(country, state)
