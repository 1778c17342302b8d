"""How often does a mention end at the right place on the map?

    python benchmarks/linking.py [--write-weights]

IDRISI-D English: 4,980 mentions linked by hand to objects of OpenStreetMap; their spans and types are given, so that
only the linking is judged. Compared, with the embedded gazetteer of the world: the most populous namesake, the most
important one, and the linker, each message for itself, with the event's other messages, and with the countries of the
event's group given by the caller. The linker's weights are fitted on the events of four of the five groups of
event_groups.json and judged on the fifth, five times. With an extract of the region: the three events that there is
one of. Writes results/linking.json; with --write-weights also the weights fitted on all events, those that the package
embeds.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import click
import numpy
from linking_data import (
    CLOSE,
    FOUND,
    GoldMessage,
    corpus,
    distance,
    gold_country,
    gold_messages,
    is_country,
    right_places,
)
from record import write_result
from streets import REGION_OF_EVENT, region_gazetteers

from gazetteer import WORLD, Gazetteer, Place, PlaceKind
from lmr_hybrid.corpora.idrisi_d import GoldPlace
from lmr_hybrid.evaluation import format_table
from lmr_hybrid.linking import NO_CONTEXT, NO_EVENT, Context, EventShares, Linker, Weights
from lmr_hybrid.linking.fitting import JudgedMention, fit_weights
from lmr_hybrid.mention import Candidate

_GROUPS = json.loads((Path(__file__).parent / "event_groups.json").read_text(encoding="utf-8"))["groups"]
_WEIGHTS = Path(__file__).parents[1] / "lmr_hybrid/linking/weights.json"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a system says of a mention: ranked candidates, the gold place, and the mention's type."""

    type: str
    gold: GoldPlace
    candidates: Sequence[Candidate]


@click.command()
@click.option("--write-weights", is_flag=True, help="Also write the weights that the package embeds.")
def main(write_weights: bool) -> None:
    """Link the gold mentions of IDRISI-D."""
    linked = corpus()
    messages = gold_messages(linked)
    world = Gazetteer.open(WORLD)
    if write_weights:
        weights = _fit(world, messages)
        _WEIGHTS.write_text(json.dumps(weights.to_dict(), indent=2) + "\n", encoding="utf-8")
    answers = _baselines(world, messages)
    answers.update(_cross_validated(world, messages))
    scores = {system: _scores(each) for system, each in answers.items()}
    click.echo(format_table([{"system": system, **_rounded(each)} for system, each in scores.items()]))
    best = answers["linker, with the event's messages"]
    by_type = {
        type_: _scores([answer for answer in best if answer.type == type_])
        for type_ in sorted({answer.type for answer in best})
    }
    write_result(
        "linking",
        {
            "corpus": "IDRISI-D EN, gold spans and types",
            "mentions": len(best),
            "mentions moved to where their text stands": linked.moved,
            "a right place is among those that bear the name": _within_reach(world, messages),
            "systems": scores,
            "by type, with the event's messages": by_type,
            "calibration of the best candidate's score": _reliability(answers["linker, each message for itself"]),
            "with a gazetteer of the region": _regions(messages),
            "milliseconds a mention": _speed(world, messages),
        },
    )


def _baselines(world: Gazetteer, messages: Sequence[GoldMessage]) -> dict[str, list[_Answer]]:
    linker = Linker(world)
    populous, important = [], []
    for message in messages:
        for query, gold in zip(message.queries, message.places, strict=True):
            places = linker.hits(query.text).places
            for answers, order in (
                (populous, sorted(places, key=lambda place: -place.population)),
                (important, sorted(places, key=lambda place: -place.importance)),
            ):
                candidates = [_candidate_of(place) for place in order[:5]]
                answers.append(_Answer(query.type, gold, candidates))
    return {"most populous namesake": populous, "most important namesake": important}


def _within_reach(world: Gazetteer, messages: Sequence[GoldMessage]) -> float:
    """Return the share of the mentions that a perfect ranking would link rightly."""
    linker = Linker(world)
    return mean(
        any(_is_right(_candidate_of(place), gold) for place in linker.hits(query.text).places)
        for message in messages
        for query, gold in zip(message.queries, message.places, strict=True)
    )


def _candidate_of(place: Place) -> Candidate:
    values = {name: getattr(place, name) for name in ("id", "name", "latitude", "longitude", "country", "admin1")}
    return Candidate(**values, kind=str(place.kind), score=1.0)


def _cross_validated(world: Gazetteer, messages: Sequence[GoldMessage]) -> dict[str, list[_Answer]]:
    """Return the linker's answers on each group of events, with weights fitted on the other groups."""
    answers: dict[str, list[_Answer]] = defaultdict(list)
    for group in _GROUPS.values():
        others = [message for message in messages if message.event not in group["events"]]
        linker = Linker(world, weights=_fit(world, others))
        for event in group["events"]:
            own = [message for message in messages if message.event == event]
            shares = linker.event_shares(message.queries for message in own)
            named = Context.of(countries=group["countries"])
            answers["linker, each message for itself"] += _link(linker, own)
            answers["linker, with the event's messages"] += _link(linker, own, event=shares)
            answers["linker, with the countries of the group given"] += _link(linker, own, context=named)
    return dict(answers)


def _link(
    linker: Linker, messages: Sequence[GoldMessage], *, context: Context = NO_CONTEXT, event: EventShares = NO_EVENT
) -> list[_Answer]:
    return [
        _Answer(query.type, gold, candidates)
        for message in messages
        for query, gold, candidates in zip(
            message.queries,
            message.places,
            linker.link(message.queries, context=context, event=event),
            strict=True,
        )
    ]


def _fit(gazetteer: Gazetteer, messages: Sequence[GoldMessage]) -> Weights:
    """Fit the weights twice: the first ones, embedded, tell where the messages of an event lie for the second."""
    weights = None
    for _ in range(2):
        linker = Linker(gazetteer, weights=weights)
        events: dict[str, list[GoldMessage]] = defaultdict(list)
        for message in messages:
            events[message.event].append(message)
        judged = []
        for own in events.values():
            shares = linker.event_shares(message.queries for message in own)
            for event in (NO_EVENT, shares):
                judged += [each for message in own for each in _judge(linker, message, event)]
        weights = fit_weights(judged)
    assert weights is not None
    return weights


def _judge(linker: Linker, message: GoldMessage, event: EventShares) -> list[JudgedMention]:
    return [
        JudgedMention(
            rows, numpy.array(lone.nowhere), numpy.array(right_places(lone.hits.places, gold, lone.type), bool)
        )
        for (lone, rows), gold in zip(linker.rows(message.queries, event=event), message.places, strict=True)
    ]


def _scores(answers: Sequence[_Answer]) -> dict[str, float | int]:
    first = [answer.candidates[0] if answer.candidates else None for answer in answers]
    errors = [
        distance(best, answer.gold) if best else float("inf") for best, answer in zip(first, answers, strict=True)
    ]
    known = [(best, gold_country(answer.gold)) for best, answer in zip(first, answers, strict=True)]
    countries = [best is not None and best.country == code for best, code in known if code]
    answered = [error for error, best in zip(errors, first, strict=True) if best]
    return {
        "mentions": len(answers),
        "accuracy within 161 km": mean(error <= FOUND for error in errors),
        "accuracy within 20 km": mean(error <= CLOSE for error in errors),
        "country": mean(countries) if countries else 0.0,
        "mean reciprocal rank": mean(_reciprocal_rank(answer) for answer in answers),
        "answered": len(answered) / len(answers),
        "median error of the answered, km": median(answered) if answered else 0.0,
        "answered within 161 km or the country itself": mean(
            _is_right(best, answer.gold) for best, answer in zip(first, answers, strict=True) if best
        )
        if answered
        else 0.0,
    }


def _is_right(candidate: Candidate, gold: GoldPlace) -> bool:
    whole = is_country(gold) and candidate.kind == PlaceKind.COUNTRY
    return distance(candidate, gold) <= FOUND or (whole and candidate.country == gold_country(gold))


def _reciprocal_rank(answer: _Answer) -> float:
    ranks = (rank for rank, each in enumerate(answer.candidates, start=1) if _is_right(each, answer.gold))
    return next((1 / rank for rank in ranks), 0.0)


def _reliability(answers: Sequence[_Answer], *, bins: int = 10) -> dict[str, object]:
    """Return the expected calibration error of the best candidates' scores over bins of equal width."""
    pairs = [
        (each.candidates[0].score, _is_right(each.candidates[0], each.gold)) for each in answers if each.candidates
    ]
    binned: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, right in pairs:
        binned[min(bins - 1, int(score * bins))].append((score, right))
    gaps = [abs(sum(score for score, _ in each) - sum(right for _, right in each)) for each in binned.values()]
    return {"mentions": len(pairs), "expected calibration error": sum(gaps) / len(pairs)}


def _regions(messages: Sequence[GoldMessage]) -> list[dict[str, object]]:
    """Return a row for each event with an extract, with the embedded weights: with the region's gazetteer, without."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        gazetteers = region_gazetteers(Path(folder))
        for event, region in REGION_OF_EVENT.items():
            own = [message for message in messages if message.event == event]
            for name, folders in (("world", [WORLD]), ("region and world", [gazetteers[region], WORLD])):
                answers = _link(Linker(Gazetteer.open(*folders)), own)
                exact = [any(each.id == answer.gold.id for each in answer.candidates[:1]) for answer in answers]
                rows.append({"event": event, "gazetteer": name, **_scores(answers), "the very object": sum(exact)})
    return rows


def _speed(world: Gazetteer, messages: Sequence[GoldMessage]) -> dict[str, float]:
    """Return the time a mention takes, on one core, with names seen for the first time and again."""
    linker = Linker(world)
    times = []
    for _ in range(2):
        started = time.perf_counter()
        mentions = sum(len(linker.link(message.queries)) for message in messages)
        times.append(1000 * (time.perf_counter() - started) / mentions)
    return {"first pass": round(times[0], 3), "second pass": round(times[1], 3)}


def _rounded(scores: Mapping[str, float | int]) -> dict[str, float | int]:
    return {name: round(value, 4) for name, value in scores.items()}


if __name__ == "__main__":
    main()
