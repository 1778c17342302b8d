"""What speaks for each place that a mention may refer to: one row of numbers a place, none beyond 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log, log1p
from typing import TypeVar

import numpy
from numpy.typing import NDArray

from gazetteer import Place, PlaceKind, normalize_name
from gazetteer.sphere import Box, UnitVector, distance_km, unit_vector
from lmr_hybrid.linking.context import Context, EventShares, State
from lmr_hybrid.linking.hits import Hits
from lmr_hybrid.place_types import KINDS_OF_TYPE, SITE_KINDS, SITE_TYPES

Key = TypeVar("Key")
#: What is seen of a mention alone.
ALONE = ("importance", "of the type", "like the type", "own name", "rightful name", "likeness", "share of the text")
#: What the other mentions of its message and of its event add.
ACCOMPANIED = (
    *(
        "country named",
        "state named",
        "country shared",
        "state shared",
        "near another",
        "in the next",
        "inside another",
    ),
    *("country of the event", "state of the event"),
)
SIGNALS = (*ALONE, *ACCOMPANIED)
#: What speaks for none of the places: of the mention alone, and last what its event and its message add.
NOWHERE = (
    "always",
    "misspelt",
    "unlike",
    "small place",
    "no place of the type",
    "obscure",
    "partial",
    "outside the event",
    "outside the message",
)

_COUNTRY_OF_EVENT = ACCOMPANIED.index("country of the event")
_COUNTRY_SHARED = ACCOMPANIED.index("country shared")
_SETTLEMENTS = frozenset({PlaceKind.CITY, PlaceKind.DISTRICT, PlaceKind.NEIGHBOURHOOD, PlaceKind.COUNTY})
_AREAS = frozenset({PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.ISLAND, PlaceKind.COUNTY, PlaceKind.OTHER})
#: The kinds that are like those of a mention's type.
_RELATED: dict[str, frozenset[PlaceKind]] = {
    type_: frozenset().union(*(family for family in (_SETTLEMENTS, _AREAS, SITE_KINDS) if kinds[0] in family))
    for type_, kinds in KINDS_OF_TYPE.items()
}
_SMALL_TYPES = SITE_TYPES | {"Other locations"}
#: What is too wide for its point to tell where something lies.
_WIDE = frozenset({PlaceKind.COUNTRY, PlaceKind.CONTINENT})
#: Kilometres within which places are near each other: the distance at which nearness has fallen to 1 / e.
NEAR = 150.0
#: What each part of the caller's context counts at most.
CONTEXT_WEIGHT = 3.0
#: A share of the event so small is no share.
_LEAST_SHARE = 0.01
_SUREST = 0.999
_LIKELY = 0.5
_ABBREVIATED = re.compile(r"\b(?:saint|fort|mount)\b")
#: One less the least likeness of a misspelt name that is found at all.
_MOST_UNLIKE = 0.15


@dataclass(frozen=True, slots=True)
class Regions:
    """A number for each country or state in which mentions name something, or which they name themselves."""

    in_country: dict[str, float]
    in_state: dict[State, float]
    country: dict[str, float]
    state: dict[State, float]


@dataclass(frozen=True)
class Lone:
    """A mention's places and what is known of them before the rest of the message is looked at.

    `rows` has shape (places, signals of `ALONE`), `probabilities` shape (places,). `priors` are what the logit of each
    place is raised by, whatever is said of it; none of them where there is nothing to add.
    """

    hits: Hits
    type: str
    rows: NDArray[numpy.float64]
    probabilities: NDArray[numpy.float64]
    priors: tuple[float, ...] = ()

    @cached_property
    def nowhere(self) -> tuple[float, ...]:
        """What speaks for none of the places, in the order of `NOWHERE` but for what event and message add."""
        kinds = KINDS_OF_TYPE.get(self.type)
        typed = kinds is None or any(place.kind in kinds for place in self.hits.places)
        # How little known a place is tells nothing against it where it is what the message speaks of: streets are.
        certain = typed and self.hits.exact
        obscure = 0.0 if certain else 1 - max((place.importance for place in self.hits.places), default=0.0)
        return (
            1.0,
            float(self.hits.fuzzy),
            0.0 if self.hits.partial else (1 - max(self.hits.likeness, default=1.0)) / _MOST_UNLIKE,
            float(not typed and self.type in _SMALL_TYPES),
            float(not typed),
            obscure,
            float(self.hits.partial),
        )

    @cached_property
    def regions(self) -> Regions:
        """The probabilities that the mention names something in, or itself, a country or a first-level unit."""
        regions = Regions({}, {}, {}, {})
        for place, probability in zip(self.hits.places, self.probabilities.tolist(), strict=True):
            if not place.country:
                continue
            _add(regions.in_country, place.country, probability)
            if place.kind is PlaceKind.COUNTRY:
                _add(regions.country, place.country, probability)
            state = place.country, place.admin1
            if place.admin1:
                _add(regions.in_state, state, probability)
            if place.kind is PlaceKind.STATE:
                _add(regions.state, state, probability)
        return regions

    @cached_property
    def names_area(self) -> bool:
        """Whether the mention is likely that of a state or a country."""
        return max((*self.regions.country.values(), *self.regions.state.values()), default=0.0) >= _LIKELY

    @cached_property
    def doubts(self) -> Regions:
        """The logarithms of the probabilities that it does not, which those of several mentions may be added to."""
        regions = self.regions
        return Regions(
            _doubts(regions.in_country), _doubts(regions.in_state), _doubts(regions.country), _doubts(regions.state)
        )

    @cached_property
    def likeliest(self) -> list[tuple[float, UnitVector]]:
        """The probabilities and points of the three likeliest places but countries and continents."""
        return [(probability, self.vectors[index]) for probability, index in self._best_located]

    @cached_property
    def vectors(self) -> list[UnitVector]:
        """The points of all places."""
        return [unit_vector((place.latitude, place.longitude)) for place in self.hits.places]

    @cached_property
    def boxes(self) -> list[tuple[float, Box]]:
        """The probabilities and boxes of those of the three likeliest that have one."""
        bounds = ((probability, self.hits.places[index].bounds) for probability, index in self._best_located)
        return [(probability, box) for probability, box in bounds if box is not None]

    @cached_property
    def _best_located(self) -> list[tuple[float, int]]:
        """Probability and number of the three likeliest places, without countries and continents."""
        probabilities = self.probabilities.tolist()
        order = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
        three = ((probabilities[index], index) for index in order[:3])
        return [each for each in three if self.hits.places[each[1]].kind not in _WIDE]


@dataclass(frozen=True)
class Accompanied:
    """A mention with what its message and its event say of its places.

    `rows`, shape (places, `SIGNALS`), speak for each of the places, `nowhere`, shape (`NOWHERE`,), for none of them.
    """

    lone: Lone
    rows: NDArray[numpy.float64]
    nowhere: NDArray[numpy.float64]


def _add(probabilities: dict[Key, float], key: Key, probability: float) -> None:
    probabilities[key] = min(_SUREST, probabilities.get(key, 0.0) + probability)


def _doubts(probabilities: dict[Key, float]) -> dict[Key, float]:
    return {key: log1p(-probability) for key, probability in probabilities.items()}


def alone_rows(hits: Hits, type_: str, *, length: int = 1) -> NDArray[numpy.float64]:
    """Return the signals of `ALONE` for each place, shape (places, signals).

    The importance is what a place has less than the best known of them, and so 0 or below. A name is not rightful where
    the place bears it beside its own and another has it for its own, as Petropolis is Saint Petersburg's in Greek.
    `length` is that of the mention's normalised text, of which a name within it is a share.
    """
    kinds = KINDS_OF_TYPE.get(type_, ())
    related = _RELATED.get(type_, frozenset())
    best = max((place.importance for place in hits.places), default=0.0)
    own = [_is_own(place.name, name) for place, name in zip(hits.places, hits.names, strict=True)]
    nobodys = not hits.exact or not any(own)
    rows = [
        (
            place.importance - best,
            float(place.kind in kinds),
            float(place.kind in related and place.kind not in kinds),
            float(is_own),
            float(is_own or nobodys),
            likeness,
            0.0 if likeness else min(1.0, len(name) / max(1, length)),
        )
        for place, name, likeness, is_own in zip(hits.places, hits.names, hits.likeness, own, strict=True)
    ]
    return numpy.array(rows, float).reshape(-1, len(ALONE))


def _is_own(own: str, name: str) -> bool:
    """Tell whether a place's own name is a normalised one, however a saint, a fort or a mountain is written."""
    # Most names are soon seen to be one.
    if own.lower() == name:
        return True
    own = normalize_name(own)
    if own == name:
        return True
    # Most names have not even this in common, which is sooner seen.
    alike = own[:1] == name[:1] and len(own) != len(name)
    return alike and _ABBREVIATED.sub(_abbreviation, own) == _ABBREVIATED.sub(_abbreviation, name)


def _abbreviation(word: re.Match[str]) -> str:
    return word[0][0] + "t"


def share_signal(share: float) -> float:
    """Return the signal of a share of an event's mentions: 0 for a hundredth and less, 1 for all of them."""
    return 1 - log(max(share, _LEAST_SHARE)) / log(_LEAST_SHARE)


def event_columns(place: Place, event: EventShares, *, name: str = "", own: Lone | None = None) -> tuple[float, float]:
    """Return the signals of an event for a place: of its country and of its first-level unit.

    Where a mention is given, its name in lower case and what is known of it, the signals are of the other names:
    however often a name comes, it tells nothing of where it lies itself.
    """
    state = (place.country, place.admin1)
    in_country = event.countries.get(place.country, 0.0)
    in_state = event.states.get(state, 0.0) if place.admin1 else 0.0
    share = event.names.get(name, 0.0)
    if own is not None and 0 < share < 1:
        in_country = (in_country - share * own.regions.in_country.get(place.country, 0.0)) / (1 - share)
        in_state = (in_state - share * own.regions.in_state.get(state, 0.0)) / (1 - share)
    return share_signal(in_country), share_signal(in_state)


def outside_event(places: Sequence[Place], rows: NDArray[numpy.float64], event: EventShares) -> float:
    """Return how much more of an event lies in its main country than in that of any place, for places little known.

    `rows` are of `ACCOMPANIED`. It is 0 where one of the places lies in no country: an ocean lies outside of them all.
    """
    if not event.countries or not all(place.country for place in places):
        return 0.0
    most = share_signal(max(event.countries.values()))
    return _obscurity(places) * max(0.0, most - float(rows[:, _COUNTRY_OF_EVENT].max(initial=0.0)))


def outside_message(places: Sequence[Place], rows: NDArray[numpy.float64], most: float) -> float:
    """Return how much surer the rest of a message lies in another country than in that of any place, little known ones.

    `rows` are of `ACCOMPANIED`, and `most` is the probability of the country in which the rest of the message likeliest
    names something. It is 0 where one of the places lies in no country or is one.
    """
    if most == 0 or any(not place.country or place.kind in _WIDE for place in places):
        return 0.0
    return _obscurity(places) * max(0.0, most - float(rows[:, _COUNTRY_SHARED].max(initial=0.0)))


def _obscurity(places: Sequence[Place]) -> float:
    return 1 - max((place.importance for place in places), default=0.0)


def context_logit(place: Place, context: Context, *, weight: float = CONTEXT_WEIGHT) -> float:
    """Return what the caller's context adds to the logit of a place; each part of it counts `weight` at most.

    It cannot be fitted, as no corpus comes with a caller; it weighs about as much as the country's name in the message.
    """
    value = 0.0
    if context.countries:
        value += weight * (place.country in context.countries)
    if context.region is not None:
        value += weight * context.holds(place.latitude, place.longitude)
    if context.near is not None:
        value += weight * exp(-distance_km((place.latitude, place.longitude), context.near) / NEAR)
    return value


def unmet_logit(met: Sequence[float], context: Context) -> float:
    """Return what a context adds to the logit of none of the places, given the `context_logit` of each of them.

    For each part of it that no place meets that is 1, with which the scores of IDRISI-D's mentions, linked with the
    countries of their event, are about as often right as they say.
    """
    parts = bool(context.countries) + (context.region is not None) + (context.near is not None)
    return parts - max(met, default=0.0) / CONTEXT_WEIGHT


def softmax(logits: Sequence[float]) -> list[float]:
    """Return probabilities that sum to 1; none for none."""
    # Of a handful of numbers, which is faster without numpy.
    highest = max(logits, default=0.0)
    exponentials = [exp(logit - highest) for logit in logits]
    total = sum(exponentials)
    return [each / total for each in exponentials]
