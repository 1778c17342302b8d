"""A mention and its context -> ranked candidate places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gazetteer import Gazetteer, Place, normalize_name
from lmr_hybrid.mention import Candidate
from lmr_hybrid.place_types import KINDS_OF_TYPE

_KIND_BONUS = 0.35
_COUNTRY_BONUS = 0.15
_STATE_BONUS = 0.2
_FUZZY_FACTOR = 0.8
_BEST_POSSIBLE = 1 + _KIND_BONUS + _COUNTRY_BONUS + _STATE_BONUS
#: Of how many namesakes the context is consulted.
_CONSIDERED = 25


@dataclass(frozen=True, slots=True)
class Hits:
    """The places that bear a mention's name, and whether only a misspelling of it."""

    places: tuple[Place, ...]
    fuzzy: bool


class Linker:
    """Ranks the places that mentions may refer to."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self.hits = lru_cache(maxsize=16_384)(self._hits)

    def _hits(self, name: str) -> Hits:
        """Look a mention's text up: as it is, without an article or a possessive, else as a misspelling."""
        normalized = normalize_name(name)
        for spelling in _spellings(normalized):
            places = self._gazetteer.places(spelling, limit=_CONSIDERED)
            if places:
                return Hits(tuple(places), fuzzy=False)
        like = self._gazetteer.fuzzy(normalized, limit=5)
        places = [place for match in like for place in self._gazetteer.places(match.name, limit=_CONSIDERED)]
        return Hits(tuple(places), fuzzy=bool(places))

    def link(self, mentions: Sequence[tuple[str, str]], *, limit: int = 5) -> list[tuple[Candidate, ...]]:
        """Return ranked candidates, best first, for each `(text, type)` of one message.

        The score adds the importance of the place, a bonus where its kind is that of the mention's type, and bonuses
        where the country or the first-level unit is one that another mention of the message most likely names.
        """
        hits = [self.hits(text) for text, _ in mentions]
        leaders = [_leader(hit, type_) for hit, (_, type_) in zip(hits, mentions, strict=True)]
        company = _Company(leaders)
        return [
            _rank(hit, type_, company, leader, limit=limit)
            for hit, leader, (_, type_) in zip(hits, leaders, mentions, strict=True)
        ]


class _Company:
    """How many mentions of a message most likely name a place in each country and in each first-level unit."""

    def __init__(self, leaders: Sequence[Place | None]) -> None:
        self._countries = Counter(leader.country for leader in leaders if leader and leader.country)
        self._states = Counter((leader.country, leader.admin1) for leader in leaders if leader and leader.admin1)

    def shares_country(self, place: Place, own: Place | None) -> bool:
        """Tell whether a mention besides the one whose leader is `own` names a place in the country of `place`."""
        return self._countries[place.country] > (own is not None and own.country == place.country)

    def shares_state(self, place: Place, own: Place | None) -> bool:
        """Tell the same of the first-level unit."""
        state = place.country, place.admin1
        return self._states[state] > (own is not None and (own.country, own.admin1) == state)


def _spellings(normalized: str) -> list[str]:
    spellings = [normalized]
    if normalized.startswith("the "):
        spellings.append(normalized[4:])
    return [*spellings, *(spelling[:-1].rstrip() for spelling in spellings if spelling.endswith("s"))]


def _leader(hits: Hits, type_: str) -> Place | None:
    """Return the place that a mention most likely names, were it alone."""
    return max(hits.places, key=lambda place: _score_alone(place, type_), default=None)


def _score_alone(place: Place, type_: str) -> float:
    return place.importance + (_KIND_BONUS if place.kind in KINDS_OF_TYPE.get(type_, ()) else 0.0)


def _rank(hits: Hits, type_: str, company: _Company, leader: Place | None, *, limit: int) -> tuple[Candidate, ...]:
    candidates = []
    for place in hits.places:
        score, reasons = _score_alone(place, type_), [str(place.kind)]
        if place.kind in KINDS_OF_TYPE.get(type_, ()):
            reasons.append("of the type found")
        if company.shares_country(place, leader):
            score += _COUNTRY_BONUS
            reasons.append("in the country of another mention")
        if company.shares_state(place, leader):
            score += _STATE_BONUS
            reasons.append("in the state of another mention")
        if hits.fuzzy:
            score *= _FUZZY_FACTOR
            reasons.append("spelt much like it")
        candidates.append(_candidate(place, round(score / _BEST_POSSIBLE, 4), "; ".join(reasons)))
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score)[:limit])


def _candidate(place: Place, score: float, reason: str) -> Candidate:
    return Candidate(
        id=place.id,
        name=place.name,
        kind=str(place.kind),
        latitude=place.latitude,
        longitude=place.longitude,
        country=place.country,
        admin1=place.admin1,
        score=score,
        reason=reason,
    )
