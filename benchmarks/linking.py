"""How often does a mention end at the right place on the map?

    python benchmarks/linking.py [--write-weights] [--model path/to/model]

IDRISI-D English: 4,980 mentions linked by hand to objects of OpenStreetMap; their spans and types are given, so that
only the linking is judged. Compared, with the embedded gazetteer of the world: the literature's ways to choose a
namesake, and the linker, each message for itself, with the event's other messages, and with the countries of the
event's group given by the caller. The linker's weights are fitted on the events of four of the five groups of
event_groups.json and judged on the fifth, five times. With an extract of the region: the three events that there is
one of. From end to end: the recogniser's own mentions, with the embedded weights. Writes results/linking.json; with
--write-weights also the weights fitted on all events, those that the package embeds.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

import click
import numpy
from linking_baselines import Chooser, cliff, focus_of, important, in_focus, nearest_together, populous
from linking_data import (
    GoldMessage,
    corpus,
    gold_messages,
    lies_in,
    right_places,
)
from linking_end_to_end import end_to_end
from linking_scores import Answer, is_right, reliability, scores_by_type, scores_of, without_approximate
from record import write_result
from streets import REGION_OF_EVENT, region_gazetteers

from gazetteer import WORLD, Gazetteer, Place
from lmr_hybrid.evaluation import format_table
from lmr_hybrid.linking import NO_CONTEXT, NO_EVENT, Context, EventShares, Linker, Query, Weights
from lmr_hybrid.linking.calibration import Calibration, fit_calibration
from lmr_hybrid.linking.fitting import JudgedMention, fit_weights
from lmr_hybrid.linking.weights import default_weights
from lmr_hybrid.mention import Candidate

_GROUPS = json.loads((Path(__file__).parent / "event_groups.json").read_text(encoding="utf-8"))["groups"]
_WEIGHTS = Path(__file__).parents[1] / "lmr_hybrid/linking/weights.json"
_CHOOSERS: dict[str, Chooser] = {
    "most populous namesake": populous,
    "most important namesake": important,
    "nearest together (Leidner 2007)": nearest_together,
    "CLIFF's rules (D'Ignazio et al. 2014)": cliff,
}
#: Below this there is no candidate: where nine in ten would be wrong.
_LEAST_SCORE = 0.1


@click.command()
@click.option("--write-weights", is_flag=True, help="Also write the weights that the package embeds.")
@click.option("--model", type=click.Path(path_type=Path), help="A model folder; by default the embedded model.")
def main(write_weights: bool, model: Path | None) -> None:
    """Link the gold mentions of IDRISI-D, and those that the recogniser finds."""
    linked = corpus()
    messages = gold_messages(linked)
    world = Gazetteer.open(WORLD)
    looked_up = Linker(world)
    if write_weights:
        weights = _fit(looked_up, messages)
        _WEIGHTS.write_text(json.dumps(weights.to_dict(), indent=2) + "\n", encoding="utf-8")
        default_weights.cache_clear()
    answers = _baselines(looked_up, messages)
    answers.update(_cross_validated(looked_up, messages))
    scores = {system: scores_of(each) for system, each in answers.items()}
    click.echo(format_table([{"system": system, **_rounded(each)} for system, each in scores.items()]))
    best = answers["linker, with the event's messages"]
    write_result(
        "linking",
        {
            "corpus": "IDRISI-D EN, gold spans and types",
            "mentions": len(best),
            "mentions moved to where their text stands": linked.moved,
            "a right place is among those that bear the name": _within_reach(looked_up, messages),
            "systems": scores,
            "by type, with the event's messages": scores_by_type(best),
            "calibration of the best candidate's score": reliability(answers["linker, each message for itself"]),
            "calibration, with the event's messages": reliability(best),
            **_with_regions(messages, model),
            "milliseconds a mention": _speed(messages),
        },
    )


def _baselines(looked_up: Linker, messages: Sequence[GoldMessage]) -> dict[str, list[Answer]]:
    """Return the answers of the literature's ways to choose among the places that bear a name."""
    answers: dict[str, list[Answer]] = defaultdict(list)
    for event in sorted({message.event for message in messages}):
        own = [message for message in messages if message.event == event]
        choices = [[_namesakes(looked_up, query) for query in message.queries] for message in own]
        choosers = {**_CHOOSERS, "most populous in the event's country": in_focus(focus_of(choices))}
        for name, choose in choosers.items():
            for message, each in zip(own, choices, strict=True):
                chosen = [[_candidate_of(place)] if place else [] for place in choose(each)]
                answers[name] += map(Answer, (query.type for query in message.queries), message.places, chosen)
    return dict(answers)


def _namesakes(looked_up: Linker, query: Query) -> Sequence[Place]:
    hits = looked_up.hits(query.text)
    return () if hits.partial else hits.places


def _within_reach(linker: Linker, messages: Sequence[GoldMessage]) -> float:
    """Return the share of the mentions that a perfect ranking would link rightly."""
    return mean(
        any(is_right(_candidate_of(place), gold) for place in linker.hits(query.text).places)
        for message in messages
        for query, gold in zip(message.queries, message.places, strict=True)
    )


def _candidate_of(place: Place) -> Candidate:
    values = {name: getattr(place, name) for name in ("id", "name", "latitude", "longitude", "country", "admin1")}
    return Candidate(**values, kind=str(place.kind), score=1.0)


def _cross_validated(looked_up: Linker, messages: Sequence[GoldMessage]) -> dict[str, list[Answer]]:
    """Return the linker's answers on each group of events, with weights fitted on the other groups."""
    answers: dict[str, list[Answer]] = defaultdict(list)
    for group in _GROUPS.values():
        others = [message for message in messages if message.event not in group["events"]]
        linker = looked_up.reweighted(_fit(looked_up, others))
        for event in group["events"]:
            own = [message for message in messages if message.event == event]
            shares = linker.event_shares(message.queries for message in own)
            named = Context.of(countries=group["countries"])
            answers["linker, each message for itself"] += _link(linker, own)
            together = _link(linker, own, event=shares)
            answers["linker, with the event's messages"] += together
            answers["the same, without what is approximate"] += map(without_approximate, together)
            answers["linker, with the countries of the group given"] += _link(linker, own, context=named)
    return dict(answers)


def _link(
    linker: Linker, messages: Sequence[GoldMessage], *, context: Context = NO_CONTEXT, event: EventShares = NO_EVENT
) -> list[Answer]:
    return [
        Answer(query.type, gold, candidates)
        for message in messages
        for query, gold, candidates in zip(
            message.queries,
            message.places,
            linker.link(message.queries, context=context, event=event),
            strict=True,
        )
    ]


def _fit(looked_up: Linker, messages: Sequence[GoldMessage]) -> Weights:
    """Fit the weights twice: the first ones, embedded, tell where the messages of an event lie for the second."""
    weights = default_weights()
    for _ in range(2):
        linker = looked_up.reweighted(weights)
        events: dict[str, list[GoldMessage]] = defaultdict(list)
        for message in messages:
            events[message.event].append(message)
        judged = []
        for own in events.values():
            shares = linker.event_shares(message.queries for message in own)
            for event in (NO_EVENT, shares):
                judged += [each for message in own for each in _judge(linker, message, event)]
        weights = fit_weights(judged)
    return replace(weights, calibration=_calibrate(looked_up, weights, messages), least_score=_LEAST_SCORE)


def _calibrate(looked_up: Linker, weights: Weights, messages: Sequence[GoldMessage]) -> Calibration:
    """Fit the calibration on the best candidates of messages, each for itself and with the event's others."""
    linker = looked_up.reweighted(weights)
    answers = []
    for event in {message.event for message in messages}:
        own = [message for message in messages if message.event == event]
        shares = linker.event_shares(message.queries for message in own)
        answers += [*_link(linker, own), *_link(linker, own, event=shares)]
    answers = list(map(without_approximate, answers))
    best = [(answer.candidates[0], answer.gold) for answer in answers if answer.candidates]
    return fit_calibration([each.score for each, _ in best], [is_right(each, gold) for each, gold in best])


def _judge(linker: Linker, message: GoldMessage, event: EventShares) -> list[JudgedMention]:
    judged = []
    signals, areas = linker.signals(message.queries, event=event), linker.areas(message.queries, event=event)
    for each, around, gold in zip(signals, areas, message.places, strict=True):
        right = right_places(each.lone.hits.places, gold, each.lone.type)
        unknown = around if not any(right) else ()
        held = [(area, lies_in(area.place, gold)) for area in unknown]
        judged.append(JudgedMention(each.rows, each.nowhere, numpy.array(right, bool), held))
    return judged


def _with_regions(messages: Sequence[GoldMessage], model: Path | None) -> dict[str, object]:
    """Return what the gazetteers of regions add to gold spans, and the figures from end to end."""
    with tempfile.TemporaryDirectory() as folder:
        regional = region_gazetteers(Path(folder))
        gazetteers: dict[str, tuple[Sequence[str | Path], str | None]] = {"world": ((WORLD,), None)}
        for event, region in REGION_OF_EVENT.items():
            gazetteers[f"world, {event}"] = ((WORLD,), event)
            gazetteers[f"{region} and world, {event}"] = ((regional[region], WORLD), event)
        return {
            "with a gazetteer of the region": _regions(messages, regional),
            "end to end": end_to_end(messages, model=model, gazetteers=gazetteers),
        }


def _regions(messages: Sequence[GoldMessage], regional: Mapping[str, Path]) -> list[dict[str, object]]:
    """Return a row for each event with an extract, with the embedded weights: with the region's gazetteer, without."""
    rows: list[dict[str, object]] = []
    for event, region in REGION_OF_EVENT.items():
        own = [message for message in messages if message.event == event]
        held = {place.id for place in Gazetteer.open(regional[region]).all_places()}
        for name, folders in (("world", [WORLD]), ("region and world", [regional[region], WORLD])):
            answers = _link(Linker(Gazetteer.open(*folders)), own)
            exact = sum(any(each.id == answer.gold.id for each in answer.candidates[:1]) for answer in answers)
            holds = sum(answer.gold.id in held for answer in answers) if "region" in name else 0
            row = {"gold object held": holds, "the very object": exact, "by type": scores_by_type(answers)}
            rows.append({"event": event, "gazetteer": name, **scores_of(answers), **row})
    return rows


def _speed(messages: Sequence[GoldMessage]) -> dict[str, float]:
    """Return the time a mention takes, on one core: medians of nine passes, each first one of a linker that is new.

    A linker remembers names and short messages, so it is also timed where no message comes twice. The corpus and the
    answers of this benchmark are kept out of the garbage collection, which would go through them.
    """
    every = [message.queries for message in messages]
    passes = {"every message": every, "none twice": list(map(list, dict.fromkeys(map(tuple, every))))}
    gc.freeze()
    times: dict[str, list[float]] = {}
    for _ in range(9):
        for name, asked in passes.items():
            gc.collect()
            linker = Linker(Gazetteer.open(WORLD))
            times.setdefault(name, []).append(_milliseconds(linker, asked))
        times.setdefault("seen before", []).append(_milliseconds(linker, asked))
    return {name: round(statistics.median(each), 3) for name, each in times.items()}


def _milliseconds(linker: Linker, messages: Sequence[Sequence[Query]]) -> float:
    started = time.perf_counter()
    mentions = sum(len(linker.link(queries)) for queries in messages)
    return 1000 * (time.perf_counter() - started) / mentions


def _rounded(scores: Mapping[str, float | int]) -> dict[str, float | int]:
    return {name: round(value, 4) for name, value in scores.items()}


if __name__ == "__main__":
    main()
