"""A mention and its context -> ranked candidate places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy
from numpy.typing import NDArray

from gazetteer import Gazetteer, Place, normalize_name
from lmr_hybrid.linking.company import Company
from lmr_hybrid.linking.context import NO_CONTEXT, NO_EVENT, Context, EventShares, State
from lmr_hybrid.linking.hits import Hits, find_hits
from lmr_hybrid.linking.signals import ACCOMPANIED, SIGNALS, Lone, alone_rows, context_logit, softmax
from lmr_hybrid.linking.weights import Weights, default_weights
from lmr_hybrid.mention import Candidate

_MOST_REMEMBERED = 16_384
_MOST_REMEMBERED_ALONE = 4_096
_CHAIN = re.compile(r"\s*,?\s*#?")
#: What is said of a place whose signal is at least a half.
_REASONS = {
    "of the type": "of the type found",
    "country named": "in a country that the message names",
    "state named": "in a state that the message names",
    "country shared": "in the country of another mention",
    "state shared": "in the state of another mention",
    "near another": "near another mention",
    "in the next": "in what is named next",
    "inside another": "within the box about another mention",
    "country of the event": "in the country of the other messages",
    "state of the event": "in the state of the other messages",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A mention to be linked; `chained` where the next mention of the message follows at once: "Freeport, TX"."""

    text: str
    type: str
    chained: bool = False


def queries_of(text: str, spans: Sequence[tuple[int, int, str]]) -> list[Query]:
    """Return the queries of a message for (start, end, type) of its mentions, in order of start."""
    follows = [_CHAIN.fullmatch(text, end, start) is not None for (_, end, _), (start, _, _) in pairwise(spans)]
    return [
        Query(text[start:end], type_, chained)
        for (start, end, type_), chained in zip(spans, [*follows, False], strict=False)
    ]


class Linker:
    """Ranks the places that mentions may refer to, and says how likely each is."""

    def __init__(self, gazetteer: Gazetteer, *, weights: Weights | None = None) -> None:
        self._gazetteer = gazetteer
        self._weights = weights or default_weights()
        self.hits = lru_cache(_MOST_REMEMBERED)(self._hits)
        self._lone = lru_cache(_MOST_REMEMBERED)(self._look_up)
        self._alone = lru_cache(_MOST_REMEMBERED_ALONE)(self._rank_alone)
        self._parents = lru_cache(_MOST_REMEMBERED)(self._names_of_parents)

    def reweighted(self, weights: Weights) -> Linker:
        """Return a linker in the same gazetteer with other weights, which knows what this one has looked up."""
        other = Linker(self._gazetteer, weights=weights)
        other.hits, other._parents = self.hits, self._parents
        return other

    def _hits(self, text: str) -> Hits:
        return find_hits(self._gazetteer, text)

    def _names_of_parents(self, place: Place) -> tuple[str, ...]:
        return tuple(parent.name for parent in self._gazetteer.parents(place))

    def _look_up(self, text: str, type_: str) -> Lone:
        hits = self.hits(text)
        rows = alone_rows(hits, type_, length=len(normalize_name(text)))
        return Lone(hits, type_, rows, softmax(rows @ self._weights.alone))

    def link(
        self,
        queries: Sequence[Query],
        *,
        context: Context = NO_CONTEXT,
        event: EventShares = NO_EVENT,
        limit: int = 5,
    ) -> list[tuple[Candidate, ...]]:
        """Return ranked candidates, best first, for each mention of one message.

        A candidate's score is the probability, 0 to 1, that it is the place meant, that of the best calibrated: of the
        mentions whose best candidate has a score of 0.9, nine in ten are placed rightly. There is no candidate where
        that of all together would be below `Weights.least_score`, or that of the best, where none bears the name but
        some are like it or within it; and none that is less likely than the hundredth part of the best.
        """
        if len(queries) == 1 and context is NO_CONTEXT and event is NO_EVENT:
            return [self._alone(queries[0].text, queries[0].type, limit)]
        found = self.rows(queries, event=event)
        return [self._rank(lone, rows, context, limit=limit) if len(rows) else () for lone, rows in found]

    def _rank_alone(self, text: str, type_: str, limit: int) -> tuple[Candidate, ...]:
        """Return the candidates of a mention of whose context nothing is known: most messages name one place."""
        lone = self._lone(text, type_)
        if not len(lone.rows):
            return ()
        rows = numpy.hstack([lone.rows, numpy.zeros((len(lone.rows), len(ACCOMPANIED)))])
        return self._rank(lone, rows, NO_CONTEXT, limit=limit)

    def rows(
        self, queries: Sequence[Query], *, event: EventShares = NO_EVENT
    ) -> list[tuple[Lone, NDArray[numpy.float64]]]:
        """Return the places of each mention and their signals, shape (places, `SIGNALS`)."""
        lone = [self._lone(query.text, query.type) for query in queries]
        company = Company([query.text.casefold() for query in queries], lone)
        return [
            (each, numpy.hstack([each.rows, company.rows(index, chained=query.chained, event=event)]))
            for index, (query, each) in enumerate(zip(queries, lone, strict=True))
        ]

    def event_shares(self, messages: Iterable[Sequence[Query]]) -> EventShares:
        """Return where the mentions of messages that belong together lie; each message counts once a name."""
        countries: Counter[str] = Counter()
        states: Counter[State] = Counter()
        total = 0
        for message in messages:
            for text, type_ in {(query.text, query.type) for query in message}:
                lone = self._lone(text, type_)
                if lone.countries:
                    total += 1
                    countries.update(lone.countries)
                    states.update(lone.states)
        total = max(1, total)
        return EventShares(
            {country: share / total for country, share in countries.items()},
            {state: share / total for state, share in states.items()},
        )

    def _rank(self, lone: Lone, rows: NDArray[numpy.float64], context: Context, *, limit: int) -> tuple[Candidate, ...]:
        logits = rows @ self._weights.accompanied
        if context is not NO_CONTEXT:
            logits = logits + [context_logit(place, context) for place in lone.hits.places]
        nowhere = float(numpy.dot(lone.nowhere, self._weights.nowhere))
        probabilities = softmax([*logits, nowhere])
        order = numpy.argsort(-probabilities[:-1], kind="stable")[:limit]
        # Of forty Springfields none is likely, but one of them it is; not so of forty names that the text is like.
        likely = 1 - probabilities[-1] if lone.hits.exact else probabilities[order[0]]
        if self._weights.calibration(float(likely)) < self._weights.least_score:
            return ()
        scores = self._scores(probabilities[order])
        return tuple(
            self._candidate(lone, rows[index], int(index), score, context)
            for index, score in zip(order, scores, strict=True)
            if score >= scores[0] / 100
        )

    def _scores(self, probabilities: NDArray[numpy.float64]) -> list[float]:
        """Return the scores of the likeliest places, best first: that one's calibrated, the others of what is left."""
        best = float(probabilities[0])
        score = self._weights.calibration(best)
        left = (1 - score) / (1 - best) if best < 1 else 0.0
        return [score, *(min(score, left * each) for each in probabilities[1:].tolist())]

    def _candidate(
        self, lone: Lone, row: NDArray[numpy.float64], index: int, score: float, context: Context
    ) -> Candidate:
        place = lone.hits.places[index]
        reasons = [
            str(place.kind),
            *(_REASONS[name] for name, value in _named(row) if name in _REASONS and value >= 0.5),
        ]
        reasons += _context_reasons(place, context)
        if not lone.hits.likeness[index]:
            reasons.append("only a part of the name")
        elif lone.hits.likeness[index] < 1:
            reasons.append("spelt much like it")
        return Candidate(
            id=place.id,
            name=place.name,
            kind=str(place.kind),
            latitude=place.latitude,
            longitude=place.longitude,
            country=place.country,
            admin1=place.admin1,
            score=round(score, 4),
            reason="; ".join(reasons),
            parents=self._parents(place),
            bbox=place.bounds,
        )


def _named(row: NDArray[numpy.float64]) -> Iterable[tuple[str, Any]]:
    return zip(SIGNALS, row.tolist(), strict=True)


def _context_reasons(place: Place, context: Context) -> list[str]:
    reasons = []
    if place.country in context.countries:
        reasons.append("in a country asked for")
    if context.region is not None and context.holds(place.latitude, place.longitude):
        reasons.append("in the region asked for")
    if context.near is not None and context_logit(place, Context(near=context.near), weight=1.0) >= 0.5:
        reasons.append("near the point given")
    return reasons
