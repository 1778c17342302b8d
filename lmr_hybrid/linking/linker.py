"""A mention and its context -> ranked candidate places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy
from numpy.typing import NDArray

from gazetteer import Gazetteer, Place, PlaceKind, normalize_name
from lmr_hybrid.linking.codes import code_behind
from lmr_hybrid.linking.company import Company
from lmr_hybrid.linking.context import NO_CONTEXT, NO_EVENT, Context, EventShares
from lmr_hybrid.linking.events import event_shares
from lmr_hybrid.linking.hits import Hits, find_hits
from lmr_hybrid.linking.regions import opened_regions, region_prior
from lmr_hybrid.linking.signals import SIGNALS, Accompanied, Lone, alone_rows, context_logit, softmax, unmet_logit
from lmr_hybrid.linking.surroundings import Area, Named, areas_about, likeliest_area
from lmr_hybrid.linking.weights import Weights, default_weights
from lmr_hybrid.mention import Candidate
from lmr_hybrid.place_types import AREA_KINDS, TYPE_OF_KIND

_MOST_REMEMBERED = 16_384
#: Places nearly as likely as the best, this part of it, share a score with it.
_NEARLY_BEST = 0.9
#: How many messages are remembered, and of how many mentions: an event's messages name the same few places.
_MOST_MESSAGES = 4_096
_MOST_IN_MESSAGE = 4
#: What is less likely than this part of the best is no candidate.
_LEAST_OF_BEST = 0.01
_STATE = TYPE_OF_KIND[PlaceKind.STATE]
_CHAIN = re.compile(r"\s*,?\s*#?")
_LIST = re.compile(r"\s*(?:,?\s*(?:and|&)|/)\s*#?", re.IGNORECASE)
#: What stands in front of two that do not share what is behind the second: "between Gary and Lansing, Michigan".
_APART = re.compile(r"\b(?:between|from)\s*#?$", re.IGNORECASE)
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
_REASON_OF_COLUMN = tuple((SIGNALS.index(name), reason) for name, reason in _REASONS.items())
#: A country is near whatever lies in it, and in each of its states (`company`), which would be an odd thing to say.
_REASONS_OF_COUNTRY = (
    (SIGNALS.index("country shared"), "another mention lies in it"),
    *(each for each in _REASON_OF_COLUMN if SIGNALS[each[0]] in ("of the type", "in the next", "country of the event")),
)
#: What is said of an area in or near which the place lies, one of its message or one of its event.
_BESIDE = "named beside it, and the place itself is not known"
_AROUND = "named by the other messages, and the place itself is not known"


@dataclass(frozen=True, slots=True)
class Query:
    """A mention to be linked; `chained` where the next mention of the message follows at once: "Freeport, TX".

    `listed` where the next is named along with it: "Moscow and Lewiston, Idaho". `code` is what else may be a state's
    postal code, or a country's, there, where no mention follows at once: "Athens, OH".
    """

    text: str
    type: str
    chained: bool = False
    code: str = ""
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The places of a mention that may be meant, best first, as numbers among `lone.hits.places`, with their scores.

    `nowhere` is the probability that it means none of them.
    """

    lone: Lone
    rows: NDArray[numpy.float64]
    order: tuple[int, ...]
    scores: tuple[float, ...]
    nowhere: float

    @property
    def best(self) -> float:
        """The score of the likeliest place, 0 without one."""
        return self.scores[0] if self.scores else 0.0


def queries_of(text: str, spans: Sequence[tuple[int, int, str]]) -> list[Query]:
    """Return the queries of a message for (start, end, type) of its mentions, in order of start."""
    queries = []
    for index, (start, end, type_) in enumerate(spans):
        following = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        is_last = index + 1 == len(spans)
        chained = not is_last and _CHAIN.fullmatch(text, end, following) is not None
        listed = not is_last and _LIST.fullmatch(text, end, following) is not None and not _APART.search(text, 0, start)
        code = "" if chained else code_behind(text, start, end, following)
        queries.append(Query(text[start:end], type_, chained, code, listed))
    return queries


class Linker:
    """Ranks the places that mentions may refer to, and says how likely each is."""

    def __init__(self, gazetteer: Gazetteer, *, weights: Weights | None = None) -> None:
        self._gazetteer = gazetteer
        self._weights = weights or default_weights()
        self._regions = opened_regions(gazetteer)
        self.hits = lru_cache(_MOST_REMEMBERED)(self._hits)
        self._lone = lru_cache(_MOST_REMEMBERED)(self._look_up)
        self._without_context = lru_cache(_MOST_MESSAGES)(self._link)

    def reweighted(self, weights: Weights) -> Linker:
        """Return a linker in the same gazetteer with other weights, which knows what this one has looked up."""
        other = Linker(self._gazetteer, weights=weights)
        other.hits = self.hits
        return other

    def _hits(self, text: str) -> Hits:
        return find_hits(self._gazetteer, text)

    def _look_up(self, text: str, type_: str) -> Lone:
        hits = self.hits(text)
        rows = alone_rows(hits, type_, length=len(normalize_name(text)))
        priors = tuple(region_prior(place, self._regions) for place in hits.places) if self._regions else ()
        logits = _raised((rows @ self._weights.alone).tolist(), priors)
        return Lone(hits, type_, rows, numpy.array(softmax(logits)), priors)

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

        Where the place is likelier to be none of these, but in or near something that the message or its event names,
        that comes first and is `approximate`.
        """
        asked, own = self._with_states(queries)
        if context is NO_CONTEXT and event is NO_EVENT and len(asked) <= _MOST_IN_MESSAGE:
            answers = self._without_context(tuple(asked), limit)
        else:
            answers = self._link(asked, limit, context, event)
        return [answers[index] for index in own]

    def _link(
        self, queries: Sequence[Query], limit: int, context: Context = NO_CONTEXT, event: EventShares = NO_EVENT
    ) -> list[tuple[Candidate, ...]]:
        rankings = [self._rank(signals, context) for signals in self._signals(queries, event)]
        least = self._weights.least_score
        unknown = [ranking.nowhere > max(ranking.best, least) for ranking in rankings]
        message = _named(queries, rankings) if any(unknown) else []
        return [
            self._candidates(
                ranking, context, self._area(index, ranking, message, event) if unknown[index] else None, limit=limit
            )
            for index, ranking in enumerate(rankings)
        ]

    def signals(self, queries: Sequence[Query], *, event: EventShares = NO_EVENT) -> list[Accompanied]:
        """Return the places of each mention of a message with what speaks for each of them and for none."""
        queries, own = self._with_states(queries)
        signals = self._signals(queries, event)
        return [signals[index] for index in own]

    def _signals(self, queries: Sequence[Query], event: EventShares) -> list[Accompanied]:
        lone = [self._lone(query.text, query.type) for query in queries]
        company = Company([query.text.casefold() for query in queries], lone)
        chained, listed = [query.chained for query in queries], [query.listed for query in queries]
        return company.signals(chained=chained, listed=listed, event=event)

    def _with_states(self, queries: Sequence[Query]) -> tuple[Sequence[Query], Sequence[int]]:
        """Put a mention of the state behind each that has its postal code there; return where the others are now.

        A code counts where a place of the mention lies in its state: "Moore OK", but not "Paris OK".
        """
        if not any(query.code for query in queries):
            return queries, range(len(queries))
        found: list[Query] = []
        own = []
        for query in queries:
            own.append(len(found))
            if query.code and self.lies_in(query.text, query.code):
                found += [replace(query, chained=True, code=""), Query(query.code, _STATE)]
            else:
                found.append(query)
        return found, own

    def lies_in(self, name: str, area: str) -> bool:
        """Tell whether a place of that very name lies in a state or a country of the other one."""
        within, around = self.hits(name), self.hits(area)
        if not (within.exact and around.exact):
            return False
        areas = [place for place in around.places if place.kind in AREA_KINDS]
        return any(_holds(outer, inner) for outer in areas for inner in within.places)

    def areas(self, queries: Sequence[Query], *, event: EventShares = NO_EVENT) -> list[list[Area]]:
        """Return, for each mention, what its place may lie in or near, were it none of those that bear the name."""
        queries, own = self._with_states(queries)
        message = _named(queries, [self._rank(each, NO_CONTEXT) for each in self._signals(queries, event)])
        return [areas_about(index, message, event) for index in own]

    def event_shares(self, messages: Iterable[Sequence[Query]]) -> EventShares:
        """Return where the mentions of messages that belong together lie; each message counts once a name."""
        distinct = (dict.fromkeys((query.text, query.type) for query in message) for message in messages)
        return event_shares(
            (text.casefold(), self._lone(text, type_)) for message in distinct for text, type_ in message
        )

    def _rank(self, signals: Accompanied, context: Context) -> _Ranking:
        lone, rows = signals.lone, signals.rows
        if not len(rows):
            return _Ranking(lone, rows, (), (), nowhere=1.0)
        logits = _raised((rows @ self._weights.accompanied).tolist(), lone.priors)
        nowhere = float(signals.nowhere @ self._weights.nowhere)
        if context is not NO_CONTEXT:
            met = [context_logit(place, context) for place in lone.hits.places]
            logits = _raised(logits, met)
            nowhere += unmet_logit(met, context)
        *probabilities, none = softmax([*logits, nowhere])
        order = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
        # The best place's score is its calibrated probability; the others share what that leaves. Where several are
        # about as good, the calibrated one is that of them all.
        best = probabilities[order[0]]
        alike = [index for index in order if probabilities[index] >= _NEARLY_BEST * best]
        together = min(1.0, sum(probabilities[index] for index in alike))
        calibrated = self._weights.calibration(together)
        left = (1 - calibrated) / (1 - together) if together < 1 else 0.0
        # Of forty Springfields none is likely, but one of them it is; not so of forty names that the text is like.
        likely = 1 - none if lone.hits.exact else best
        if self._weights.calibration(likely) < self._weights.least_score:
            return _Ranking(lone, rows, (), (), left * none)
        scores = [calibrated * probabilities[index] / together for index in alike]
        for index in order[len(alike) :]:
            share = min(scores[-1], left * probabilities[index])
            if share < scores[0] * _LEAST_OF_BEST:
                break
            scores.append(share)
        return _Ranking(lone, rows, tuple(order[: len(scores)]), tuple(scores), left * none)

    def _area(
        self, index: int, ranking: _Ranking, message: Sequence[Named], event: EventShares
    ) -> tuple[Area, float] | None:
        """Return what a mention's place lies in or near, with its score, where that is likelier than any place."""
        likeliest = likeliest_area(areas_about(index, message, event), self._weights.surroundings)
        if likeliest is None:
            return None
        area, probability = likeliest
        score = ranking.nowhere * probability
        return (area, score) if score > ranking.best and score >= self._weights.least_score else None

    def _candidates(
        self, ranking: _Ranking, context: Context, area: tuple[Area, float] | None, *, limit: int
    ) -> tuple[Candidate, ...]:
        candidates = [
            self._candidate(ranking.lone.hits.places[index], score, _reasons(ranking, index, context))
            for index, score in zip(ranking.order[:limit], ranking.scores, strict=False)
        ]
        if area is None:
            return tuple(candidates)
        around, score = area
        reasons = [str(around.place.kind), _BESIDE if around.beside else _AROUND]
        first = self._candidate(around.place, score, reasons, approximate=True)
        return (first, *(each for each in candidates if each.id != first.id))[:limit]

    def _candidate(self, place: Place, score: float, reasons: Sequence[str], *, approximate: bool = False) -> Candidate:
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
            parents=tuple(parent.name for parent in self._gazetteer.parents(place)),
            bbox=place.bounds,
            approximate=approximate,
        )


def _holds(area: Place, place: Place) -> bool:
    """Tell whether a state or a country holds a place, by the codes of both."""
    if place.country != area.country or place.id == area.id:
        return False
    return area.kind is PlaceKind.COUNTRY or place.admin1 == area.admin1


def _raised(logits: list[float], priors: Sequence[float]) -> list[float]:
    return [logit + prior for logit, prior in zip(logits, priors, strict=True)] if priors else logits


def _named(queries: Sequence[Query], rankings: Sequence[_Ranking]) -> list[Named]:
    """Return what each mention of a message names, where it is the very name of a place."""
    return [
        Named(
            query.text.casefold(),
            query.type,
            ranking.lone.hits.places[ranking.order[0]] if ranking.order and ranking.lone.hits.exact else None,
            ranking.best,
            query.chained,
        )
        for query, ranking in zip(queries, rankings, strict=True)
    ]


def _reasons(ranking: _Ranking, index: int, context: Context) -> list[str]:
    place, likeness = ranking.lone.hits.places[index], ranking.lone.hits.likeness[index]
    row = ranking.rows[index].tolist()
    known = _REASONS_OF_COUNTRY if place.kind is PlaceKind.COUNTRY else _REASON_OF_COLUMN
    reasons = [str(place.kind), *(reason for column, reason in known if row[column] >= 0.5)]
    if context is not NO_CONTEXT:
        reasons += _context_reasons(place, context)
    if not likeness:
        reasons.append("only a part of the name")
    elif likeness < 1:
        reasons.append("spelt much like it")
    return reasons


def _context_reasons(place: Place, context: Context) -> list[str]:
    reasons = []
    if place.country in context.countries:
        reasons.append("in a country asked for")
    if context.region is not None and context.holds(place.latitude, place.longitude):
        reasons.append("in the region asked for")
    if context.near is not None and context_logit(place, Context(near=context.near), weight=1.0) >= 0.5:
        reasons.append("near the point given")
    return reasons
