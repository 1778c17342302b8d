"""What a message and its event name beside a mention: where its place lies if that is in no gazetteer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from gazetteer import Place, PlaceKind
from lmr_hybrid.linking.context import EventShares
from lmr_hybrid.linking.signals import event_columns
from lmr_hybrid.place_types import SITE_TYPES

#: What speaks for a mention's place lying in an area, or near it.
SURROUNDINGS = (
    *("country", "state", "smaller", "named", "country named", "named next"),
    *("country of the event", "state of the event"),
)
#: What a country or a state may lie in; all else may lie in or near anything but a continent.
_HOLDERS: dict[str, frozenset[PlaceKind]] = {
    "Continent": frozenset(),
    "Country": frozenset(),
    "State": frozenset({PlaceKind.COUNTRY}),
}
#: What is named next to say where a place lies, as no town is behind another: "Hindmata, Sion, Dadar".
_CONTAINERS = frozenset({PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.COUNTY, PlaceKind.DISTRICT, PlaceKind.ISLAND})
#: But one is behind what lies in towns: "900 Main St, Houston".
_CONTAINERS_OF_SITES = _CONTAINERS | {PlaceKind.CITY}
#: From this probability on, a mention is surely the place.
_SURELY = 0.8
_ANYTHING = frozenset(PlaceKind) - {PlaceKind.CONTINENT}
#: From this probability on, a town or a state is taken; below, the country. At one half, every second area would be a
#: country, which tells hardly anything (IDRISI-D, cross-validated).
_LIKELY = 0.4


@dataclass(frozen=True, slots=True)
class Named:
    """A mention of a message: its text in lower case, its type, the likeliest place of that name, and how likely."""

    name: str
    type: str
    place: Place | None
    probability: float
    chained: bool


@dataclass(frozen=True, slots=True)
class Area:
    """What a mention's place may lie in or near; `row` are its signals, as `SURROUNDINGS` names them.

    `beside` tells that the message itself names it, not only others of its event.
    """

    place: Place
    row: tuple[float, ...]
    beside: bool


def areas_about(index: int, message: Sequence[Named], event: EventShares) -> list[Area]:
    """Return what the other mentions of a message and the other messages of its event name, each place once."""
    own = message[index]
    holders = _HOLDERS.get(own.type, _ANYTHING)
    containers = _CONTAINERS_OF_SITES if own.type in SITE_TYPES else _CONTAINERS
    named: dict[str, tuple[Place, float, float]] = {}
    for position, other in enumerate(message):
        if other.place is None or other.name == own.name:
            continue
        is_next = own.chained and position == index + 1 and other.place.kind in containers
        following = other.probability if is_next else 0.0
        _, probability, next_one = named.get(other.place.id, (other.place, 0.0, 0.0))
        named[other.place.id] = (other.place, max(probability, other.probability), max(next_one, following))
    for place in event.places:
        named.setdefault(place.id, (place, 0.0, 0.0))
    if own.place is not None:
        named.pop(own.place.id, None)
    # Where the message names a country, what may as well lie in another says nothing.
    countries = {
        place.country
        for place, probability, _ in named.values()
        if place.kind is PlaceKind.COUNTRY and probability >= _SURELY
    }
    return [
        Area(place, _row(place, probability, following, event), bool(probability))
        for place, probability, following in named.values()
        if place.kind in holders and (not countries or place.country in countries or probability >= _SURELY)
    ]


def _row(place: Place, probability: float, following: float, event: EventShares) -> tuple[float, ...]:
    country, state = event_columns(place, event)
    if place.kind is PlaceKind.COUNTRY:
        return 1.0, 0.0, 0.0, 0.0, probability, following, country, 0.0
    is_state = float(place.kind is PlaceKind.STATE)
    return 0.0, is_state, 1 - is_state, probability, 0.0, following, 0.0, state


def likeliest_area(areas: Sequence[Area], weights: NDArray[numpy.float64]) -> tuple[Area, float] | None:
    """Return the likeliest state or town if one is likely enough, else the likeliest country, with its probability.

    The probability is that of a logistic regression; `weights` has shape (`SURROUNDINGS`,).
    """
    if not areas:
        return None
    logits = numpy.array([area.row for area in areas]) @ weights
    judged = list(zip(areas, (1 / (1 + numpy.exp(-logits))).tolist(), strict=True))
    wide = [each for each in judged if each[0].place.kind is PlaceKind.COUNTRY]
    fine = [each for each in judged if each[0].place.kind is not PlaceKind.COUNTRY]
    likely = [each for each in fine if each[1] >= _LIKELY]
    return max(likely or wide or fine, key=lambda each: each[1])
