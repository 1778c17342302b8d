"""What does each part of the training recipe add, in events seen and unseen?

    python benchmarks/ablation.py --encoder path/to/all-MiniLM-L6-v2 [--variant NAME ...] [--seeds 1]

Each variant is the recipe with one thing changed. To be affordable, all are trained on the same sample of messages:
for dev on one of IDRISI's train split, for unseen events on one of the other groups' (event_groups.json), tested on a
sample of the group. The tagger alone is scored, without rules. Results are kept variant by variant in
results/ablation.json, and models in the work folder, so that an interrupted run goes on.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path

import click
from experiment import Experiment, idrisi, train_once
from record import RESULTS, write_result

from lmr_hybrid import Mention, Recognizer
from lmr_hybrid.augmentation import NONE, AugmentationConfig
from lmr_hybrid.augmentation.surface import SURFACE_CHANGES
from lmr_hybrid.corpora import Message
from lmr_hybrid.evaluation import exact_scores, f1_difference, format_table
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.features import COLUMNS
from lmr_hybrid.tagging.preprocessing import Preprocessing

_GROUPS = json.loads((Path(__file__).parent / "event_groups.json").read_text(encoding="utf-8"))["groups"]
_RECIPE = "recipe"
_OLD_COLUMNS = tuple(column for column in COLUMNS if not column.startswith(("in:", "text:")))
Found = list[tuple[Mention, ...]]


def _tagger(**changes: object) -> Callable[[Experiment], Experiment]:
    return lambda experiment: replace(experiment, tagger=replace(experiment.tagger, **changes))  # type: ignore[arg-type]


def _training(**changes: object) -> Callable[[Experiment], Experiment]:
    return lambda experiment: replace(experiment, training=replace(experiment.training, **changes))  # type: ignore[arg-type]


def _augmentation(**changes: object) -> Callable[[Experiment], Experiment]:
    return lambda experiment: replace(experiment, augmentation=replace(experiment.augmentation, **changes))  # type: ignore[arg-type]


def _shown(switch: str) -> Callable[[Experiment], Experiment]:
    """Change what the encoder is shown of a message, by one switch of `Preprocessing`."""
    return _tagger(preprocessing=Preprocessing(**{switch: True}))


def _without_augmentation(experiment: Experiment) -> Experiment:
    """Keep only that hits are withheld, which the recipe had before there was any augmentation."""
    kept = replace(NONE, gazetteer_dropout=0.1, match_dropout=0.1)
    return replace(experiment, augmentation=kept)


VARIANTS: dict[str, Callable[[Experiment], Experiment]] = {
    _RECIPE: lambda experiment: experiment,
    "no gazetteer features (spelling only)": Experiment.without_gazetteer,
    "no features at all": _tagger(gazetteer_features=False),
    "no augmentation": _without_augmentation,
    "no gazetteer features, no augmentation": lambda each: _without_augmentation(each.without_gazetteer()),
    "names not replaced": _augmentation(names=0.0),
    "every message's names replaced": _augmentation(names=1.0),
    "no invented names": _augmentation(invented=0.0, replaced=0.65),
    "spelling not changed": _augmentation(**dict.fromkeys(SURFACE_CHANGES, 0.0)),
    "no streets": _augmentation(streets=0.0),
    "twice the streets": _augmentation(streets=2 * AugmentationConfig().streets),
    "no simulated region": _augmentation(region=0.0),
    "all hits always shown": _augmentation(gazetteer_dropout=0.0, match_dropout=0.0),
    "no last epoch on the corpus as it is": _augmentation(plain_epochs=0),
    "features injected into the encoder": _tagger(injection=True),
    "gate": _tagger(gate=True),
    "without the new columns": _tagger(feature_columns=_OLD_COLUMNS),
    "no weight average": _training(average_decay=0.0),
    "mean of the pieces": _tagger(subtoken_pooling="mean"),
    "last four layers, averaged": _tagger(layers="-1,-2,-3,-4"),
    "without messages that name no place": _training(keep_empty=0.0),
    "labels smoothed by 0.1": _training(label_smoothing=0.1),
    **{f"shown: {switch.name}": _shown(switch.name) for switch in fields(Preprocessing)},
}


@click.command()
@click.option("--encoder", required=True, help="A pretrained encoder: a folder in Hugging Face format, or a name.")
@click.option("--variant", "chosen", multiple=True, type=click.Choice(list(VARIANTS)), help="Default: all.")
@click.option("--group", "groups", multiple=True, type=click.Choice([*_GROUPS, "dev"]), help="Default: all, and dev.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, from 1.")
@click.option("--epochs", default=2, show_default=True)
@click.option("--train", "train_size", default=5_000, show_default=True, help="Messages to train on.")
@click.option("--test", "test_size", default=1_200, show_default=True, help="Messages of a group to test on.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("ablation.work"), show_default=True)
def main(
    encoder: str,
    chosen: Sequence[str],
    groups: Sequence[str],
    seeds: int,
    epochs: int,
    train_size: int,
    test_size: int,
    work: Path,
) -> None:
    """Train and score the variants, the recipe itself first."""
    settings = {"encoder": Path(encoder).name, "epochs": epochs, "train": train_size, "test": test_size}
    rows = _former(settings)
    for name in dict.fromkeys((_RECIPE, *(chosen or VARIANTS))):
        for group in groups or (*_GROUPS, "dev"):
            for seed in range(1, seeds + 1):
                seen, unseen, countries = split(group, train_size, test_size)
                experiment = recipe_of(encoder, seed=seed, epochs=epochs, excluded=countries)
                found = find(VARIANTS[name](experiment), seen, unseen, work)
                recipe = find(experiment, seen, unseen, work)
                told = {"variant": name, "group": group, "seed": seed}
                rows[f"{name} | {group} | {seed}"] = told | compared(unseen, found, recipe, named=_RECIPE)
                _write(settings, rows)
                click.echo(format_table([rows[f"{name} | {group} | {seed}"]]))
    click.echo("\n" + format_table(summary(list(rows.values()))))


def recipe_of(encoder: str, *, seed: int, epochs: int, excluded: tuple[str, ...] = ()) -> Experiment:
    """Return the recipe, with the last half of the epochs on the messages as they are."""
    return Experiment(
        encoder,
        training=replace(TrainingConfig(), epochs=epochs, seed=seed),
        augmentation=replace(AugmentationConfig(), plain_epochs=epochs // 2),
        excluded=excluded,
    )


def split(group: str, train_size: int, test_size: int) -> tuple[list[Message], list[Message], tuple[str, ...]]:
    """Return what is trained on, what is tested on, and the countries whose names augmentation must not use."""
    train, dev = idrisi("train"), idrisi("dev")
    events = set(_GROUPS[group]["events"]) if group in _GROUPS else set()
    shuffle = random.Random(0).shuffle
    seen = [message for message in train if message.event not in events]
    unseen = [message for message in train + dev if message.event in events] if events else dev
    shuffle(seen)
    if events:
        shuffle(unseen)
        unseen = unseen[:test_size]
    return seen[:train_size], unseen, tuple(_GROUPS[group]["countries"]) if events else ()


def find(experiment: Experiment, seen: Sequence[Message], unseen: Sequence[Message], work: Path) -> Found:
    """Return what a tagger that is so trained finds by itself, trained anew only if it is not in the work folder."""
    model = train_once(experiment, seen, work)
    kept = model / "found.json"
    if not kept.exists():
        recognitions = Recognizer(model=model, rules=()).recognize_many([message.text for message in unseen])
        spans = [[(m.start, m.end, m.type, m.score) for m in each.mentions] for each in recognitions]
        kept.write_text(json.dumps(spans), encoding="utf-8")
    return [
        tuple(Mention(message.text[start:end], start, end, type_, score) for start, end, type_, score in spans)
        for message, spans in zip(unseen, json.loads(kept.read_text(encoding="utf-8")), strict=True)
    ]


def compared(gold: Sequence[Message], found: Found, other: Found, *, named: str) -> dict[str, float]:
    """Return how good what was found is, and how much better than the other, with the ends of its interval."""
    scores, difference = exact_scores(gold, found), f1_difference(gold, found, other)
    return {
        "precision": round(scores.precision, 4),
        "recall": round(scores.recall, 4),
        "F1": round(scores.f1, 4),
        f"minus {named}": round(difference.f1, 4),
        "low": round(difference.low, 4),
        "high": round(difference.high, 4),
    }


def summary(rows: Sequence[dict[str, float | int | str]]) -> list[dict[str, object]]:
    """Return a row a variant: the mean F1 on dev and on the unseen groups, and how far each is from the recipe's.

    Means are over the seeds and groups that the variant was run on, and so are those of the recipe it is held against.
    """
    table = []
    for name in dict.fromkeys(row["variant"] for row in rows):
        row: dict[str, object] = {"variant": name}
        for place, is_dev in (("dev", True), ("unseen", False)):
            own = [each for each in rows if each["variant"] == name and (each["group"] == "dev") is is_dev]
            if own:
                row[f"{place} F1"] = round(sum(float(each["F1"]) for each in own) / len(own), 4)
                row[f"{place} minus recipe"] = round(sum(float(each["minus recipe"]) for each in own) / len(own), 4)
                row[f"{place} runs"] = len(own)
        table.append(row)
    return table


def _former(settings: dict[str, object]) -> dict[str, dict[str, float | int | str]]:
    """Return the rows of the last result where it was got with the same settings."""
    path = RESULTS / "ablation.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if record.get("settings") != settings:
        return {}
    return {f"{row['variant']} | {row['group']} | {row['seed']}": row for row in record["runs"]}


def _write(settings: dict[str, object], rows: dict[str, dict[str, float | int | str]]) -> None:
    runs = list(rows.values())
    write_result("ablation", {"settings": settings, "summary": summary(runs), "runs": runs})


if __name__ == "__main__":
    main()
