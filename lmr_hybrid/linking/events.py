"""The mentions of messages that belong together -> where their event is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gazetteer import Place, PlaceKind
from lmr_hybrid.linking.context import EventShares, State
from lmr_hybrid.linking.signals import Lone

#: How many of the places that an event names most are what a mention may lie in.
_COUNTRIES, _SMALLER = 2, 3


def event_shares(mentions: Iterable[tuple[str, Lone]]) -> EventShares:
    """Return where the mentions of an event lie: names of messages, in lower case, with what is known of each."""
    countries: Counter[str] = Counter()
    states: Counter[State] = Counter()
    names: Counter[str] = Counter()
    named: Counter[str] = Counter()
    places: dict[str, Place] = {}
    total = 0
    for name, lone in mentions:
        if lone.regions.in_country:
            total += 1
            names[name] += 1
            countries.update(lone.regions.in_country)
            states.update(lone.regions.in_state)
        if lone.hits.exact and lone.hits.places:
            best = int(lone.probabilities.argmax())
            place = lone.hits.places[best]
            places[place.id] = place
            named[place.id] += lone.probabilities[best]
    total = max(1, total)
    return EventShares(
        {country: share / total for country, share in countries.items()},
        {state: share / total for state, share in states.items()},
        {name: count / total for name, count in names.items()},
        _most_named(places[id_] for id_, _ in sorted(named.items(), key=lambda each: (-each[1], each[0]))),
    )


def _most_named(ranked: Iterable[Place]) -> tuple[Place, ...]:
    places = [place for place in ranked if place.kind is not PlaceKind.CONTINENT]
    countries = [place for place in places if place.kind is PlaceKind.COUNTRY]
    smaller = [place for place in places if place.kind is not PlaceKind.COUNTRY]
    return (*smaller[:_SMALLER], *countries[:_COUNTRIES])
