"""How well are mentions found in events of which nothing was seen in training, and what does the gazetteer add?

    python benchmarks/unseen_events.py --encoder path/to/all-MiniLM-L6-v2 [--seeds 3] [--from-seed 3]

Five groups of events by region (event_groups.json, fixed before the first run) are left out, each once: trained on the
train split of the other events, tested on train and dev of the group. Augmentation uses no name of a place in the
countries of the group. The gazetteer of the world is the same for all, and holds names of every country. Each
tagger is trained twice, with gazetteer features and with only what is seen of the spelling, and run with and without
the reconciler. The reconciler's thresholds and the number of epochs are those chosen on IDRISI dev. Models are kept in
the work folder, so that a run that was interrupted goes on; the figures of seeds before `--from-seed` are those of the
last result, which says when and where each seed was run. Writes results/unseen_events.json.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from experiment import Experiment, idrisi, train_once
from record import RESULTS, write_result
from streets import REGION_OF_EVENT, region_gazetteers

from lmr_hybrid import Mention, Recognizer
from lmr_hybrid.augmentation import AugmentationConfig
from lmr_hybrid.corpora import Message
from lmr_hybrid.evaluation import Scores, exact_scores, f1_difference, format_table, recall_by_type
from lmr_hybrid.tagging.config import TrainingConfig

_GROUPS = Path(__file__).parent / "event_groups.json"
_PLAIN, _TAGGER, _ALL = "tagger without gazetteer", "tagger with gazetteer features", "features + reconciler"
_WHERE = ("date", "machine", "versions")
Found = dict[str, list[tuple[Mention, ...]]]


@click.command()
@click.option("--encoder", required=True, help="A pretrained encoder: a folder in Hugging Face format, or a name.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, from 1.")
@click.option("--from-seed", "first", default=1, show_default=True, help="Seeds before it are not run again.")
@click.option("--epochs", default=TrainingConfig().epochs, show_default=True)
@click.option("--limit", type=int, help="Train on a sample of so many messages, where the time is short.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("unseen_events.work"), show_default=True)
def main(encoder: str, seeds: int, first: int, epochs: int, limit: int | None, work: Path) -> None:
    """Leave each group of events out once."""
    settings = {"encoder": Path(encoder).name, "epochs": epochs, "limit": limit}
    former = _former_result(settings, first)
    rows, total, differences, regional = (
        [row for row in former.get(part, []) if row["seed"] < first]
        for part in ("groups", "all", "differences", "with a gazetteer of the region")
    )
    recalls = {seed: each for seed, each in former.get("recall by type", {}).items() if int(seed) < first}
    for seed in range(first, seeds + 1):
        gold: list[Message] = []
        found: Found = {}
        for name, excluding, seen, unseen in left_out(encoder, seed=seed, epochs=epochs, limit=limit):
            predictions = _predict(excluding, seen, unseen, work)
            rows += [_row(name, seed, system, unseen, mentions) for system, mentions in predictions.items()]
            gold += unseen
            for system, mentions in predictions.items():
                found.setdefault(system, []).extend(mentions)
            click.echo(format_table(rows[-len(predictions) :]))
            regional += _with_regions(train_once(excluding, seen, work), seed, unseen, predictions[_ALL], work)
        total += [_row("all together", seed, system, gold, mentions) for system, mentions in found.items()]
        differences += [_difference(seed, gold, found, other) for other in (_PLAIN, _TAGGER)]
        recalls[str(seed)] = {type_: round(recall, 4) for type_, recall in recall_by_type(gold, found[_ALL]).items()}
    click.echo("\n" + format_table(total))
    write_result(
        "unseen_events",
        {
            **settings,
            "seeds": list(range(1, seeds + 1)),
            "seeds of an earlier run": _earlier_seeds(former, first),
            "groups": rows,
            "all": total,
            "mean of groups and seeds": _means(rows),
            "differences": differences,
            "recall by type": recalls,
            "with a gazetteer of the region": regional,
        },
    )


def _former_result(settings: Mapping[str, object], first: int) -> dict[str, Any]:
    """Return the last result where seeds are taken over from it; it must be of the same settings."""
    if first == 1:
        return {}
    former: dict[str, Any] = json.loads((RESULTS / "unseen_events.json").read_text(encoding="utf-8"))
    differing = [name for name, value in settings.items() if former.get(name) != value]
    if differing or not set(range(1, first)) <= set(former["seeds"]):
        problem = f"differs in {', '.join(differing)}" if differing else f"has the seeds {former['seeds']}"
        raise click.UsageError(f"the last result {problem}; run the seeds from 1")
    return former


def _earlier_seeds(former: Mapping[str, Any], first: int) -> list[dict[str, object]]:
    """Return when and where the seeds that were taken over were run."""
    earlier = [each for each in former.get("seeds of an earlier run", []) if min(each["seeds"]) < first]
    told = {seed for each in earlier for seed in each["seeds"]}
    last = [seed for seed in range(1, first) if seed not in told]
    return [*earlier, *([{"seeds": last, **{name: former[name] for name in _WHERE}}] if last else [])]


def left_out(
    encoder: str, *, seed: int, epochs: int, limit: int | None
) -> Iterator[tuple[str, Experiment, list[Message], list[Message]]]:
    """Yield for each group of events its name, the experiment without it, the messages to train on, and its own."""
    train, dev = idrisi("train"), idrisi("dev")
    experiment = Experiment(
        encoder,
        training=replace(TrainingConfig(), seed=seed, epochs=epochs),
        augmentation=replace(AugmentationConfig(), plain_epochs=epochs // 2),
    )
    for name, group in json.loads(_GROUPS.read_text(encoding="utf-8"))["groups"].items():
        seen = _sample([message for message in train if message.event not in group["events"]], limit, seed)
        unseen = [message for message in train + dev if message.event in group["events"]]
        yield name, replace(experiment, excluded=tuple(group["countries"])), seen, unseen


def _sample(messages: Sequence[Message], limit: int | None, seed: int) -> list[Message]:
    """Return a sample of all events: the corpus is sorted by event, and the first messages would be of a few."""
    if limit is None or limit >= len(messages):
        return list(messages)
    return random.Random(seed).sample(messages, limit)


def _predict(experiment: Experiment, seen: Sequence[Message], unseen: Sequence[Message], work: Path) -> Found:
    texts = [message.text for message in unseen]
    plain = Recognizer(model=train_once(experiment.without_gazetteer(), seen, work), gazetteers=(), rules=())
    recognizer = Recognizer(model=train_once(experiment, seen, work))
    evidence = list(recognizer.examine(texts))
    rules, recognizer.rules = recognizer.rules, ()
    tagged = [recognizer.conclude(each).mentions for each in evidence]
    recognizer.rules = rules
    return {
        _PLAIN: [recognition.mentions for recognition in plain.recognize_many(texts)],
        _TAGGER: tagged,
        _ALL: [recognizer.conclude(each).mentions for each in evidence],
    }


def _with_regions(
    model: Path, seed: int, unseen: Sequence[Message], found: Sequence[tuple[Mention, ...]], work: Path
) -> list[dict[str, object]]:
    """Return a row for each event with an extract: the same model, with the region's gazetteer and without."""
    rows: list[dict[str, object]] = []
    for event, region in REGION_OF_EVENT.items():
        own = [number for number, message in enumerate(unseen) if message.event == event]
        if not own:
            continue
        gold, alone = [unseen[number] for number in own], [found[number] for number in own]
        recognizer = Recognizer(model=model, gazetteers=(region_gazetteers(work)[region], "world"))
        both = [each.mentions for each in recognizer.recognize_many([message.text for message in gold])]
        difference = f1_difference(gold, both, alone)
        row = {"event": event, "region": region, "seed": seed, "messages": len(own)}
        scores = {"world F1": exact_scores(gold, alone).f1, "world and region F1": exact_scores(gold, both).f1}
        interval = {"low": round(difference.low, 4), "high": round(difference.high, 4)}
        rows.append({**row, **{name: round(f1, 4) for name, f1 in scores.items()}, **interval})
    return rows


def _difference(seed: int, gold: Sequence[Message], found: Found, other: str) -> dict[str, object]:
    """Return what the whole adds to a part, with the interval of a bootstrap over the messages of all groups."""
    each = f1_difference(gold, found[_ALL], found[other])
    values = {"f1": round(each.f1, 4), "low": round(each.low, 4), "high": round(each.high, 4)}
    return {"of": f"{_ALL} minus {other}", "seed": seed, **values}


def _row(
    group: str, seed: int, system: str, gold: Sequence[Message], mentions: Sequence[Sequence[Mention]]
) -> dict[str, object]:
    scores: Scores = exact_scores(gold, mentions)
    return {
        "group": group,
        "seed": seed,
        "system": system,
        "precision": scores.precision,
        "recall": scores.recall,
        "F1": scores.f1,
    }


def _means(rows: Sequence[dict[str, object]]) -> dict[str, float]:
    by_system: dict[str, list[float]] = {}
    for row in rows:
        by_system.setdefault(str(row["system"]), []).append(float(str(row["F1"])))
    return {system: round(sum(values) / len(values), 4) for system, values in by_system.items()}


if __name__ == "__main__":
    main()
