"""Ways of the literature to choose among namesakes, on the places that the linker looks among.

Each takes the places of every mention of a message and returns the place chosen for each, None where there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations, product
from math import prod

from gazetteer import Place, PlaceKind
from gazetteer.sphere import distance_km

#: The places of each mention of a message.
Choices = Sequence[Sequence[Place]]
Chooser = Callable[[Choices], list[Place | None]]
_LARGE = (PlaceKind.COUNTRY, PlaceKind.STATE)
#: How many places of a name, and how many ways to combine them, minimality looks at.
_MOST_PLACES, _MOST_WAYS = 5, 5_000


def populous(choices: Choices) -> list[Place | None]:
    """Choose the most populous place of each name (Leidner 2007, section 3.1: the strongest of the simple ones)."""
    return [_most_populous(places) for places in choices]


def important(choices: Choices) -> list[Place | None]:
    """Choose the place of the greatest importance in the gazetteer."""
    return [max(places, key=lambda place: place.importance, default=None) for places in choices]


def nearest_together(choices: Choices) -> list[Place | None]:
    """Choose the places that lie nearest to each other, by the sum of their distances (Leidner 2007, minimality).

    Of each name the five most populous are looked at; a message with one name alone, or too many ways to choose, gets
    the most populous.
    """
    best = [sorted(places, key=lambda place: -place.population)[:_MOST_PLACES] for places in choices]
    named = [places for places in best if places]
    if len(named) < 2 or prod(map(len, named)) > _MOST_WAYS:
        return populous(choices)
    chosen = iter(min(product(*named), key=_spread))
    return [next(chosen) if places else None for places in best]


def cliff(choices: Choices) -> list[Place | None]:
    """Choose as CLIFF does (D'Ignazio et al. 2014): large areas, then what is unambiguous, then what lies in these.

    A name of a country or state means it. A name of one place means that. Any other means a place in a state, or else
    in a country, chosen already, or else the most populous.
    """
    chosen: list[Place | None] = [
        _most_populous([place for place in places if place.kind in _LARGE]) or (places[0] if len(places) == 1 else None)
        for places in choices
    ]
    known = [place for place in chosen if place is not None]
    states = {(place.country, place.admin1) for place in known if place.admin1}
    countries = {place.country for place in known}
    for index, places in enumerate(choices):
        if chosen[index] is None:
            in_state = [place for place in places if (place.country, place.admin1) in states]
            in_country = [place for place in places if place.country in countries]
            chosen[index] = _most_populous(in_state or in_country or places)
    return chosen


def in_focus(country: str) -> Chooser:
    """Choose the most populous place in a country, or anywhere where there is none (Amitay et al. 2004, focus)."""
    return lambda choices: [
        _most_populous([place for place in places if place.country == country] or places) for places in choices
    ]


def focus_of(messages: Sequence[Choices]) -> str:
    """Return the country in which most of the most populous namesakes of messages of one event lie."""
    places = [place for choices in messages for place in populous(choices) if place is not None]
    [(country, _)] = Counter(place.country for place in places).most_common(1) or [("", 0)]
    return country


def _most_populous(places: Sequence[Place]) -> Place | None:
    return max(places, key=lambda place: place.population, default=None)


def _spread(places: Sequence[Place]) -> float:
    points = [(place.latitude, place.longitude) for place in places]
    return sum(distance_km(one, other) for one, other in combinations(points, 2))
