"""What is lost, and what won in speed, by a tagger with fewer layers that others have taught?

    python benchmarks/distillation.py --encoder path/to/all-MiniLM-L6-v2 [--kept-layers 0,1,2] [--seeds 1]

On the groups of events of unseen_events.py, left out once each, with the models that it keeps in its work folder (those
that are not there are trained): the pupil begins with the first layers of the model of its seed and is taught, on the
same messages, by the models of seeds 1 and 2. With --untaught it also trains a pupil on the annotations only. Writes
results/distillation.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from experiment import Experiment, train_once
from record import write_result
from unseen_events import left_out

from lmr_hybrid import Mention, Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.evaluation import exact_scores, f1_difference, format_table
from lmr_hybrid.tagging.config import TrainingConfig

_TEACHERS = (1, 2)
_WHOLE = "all layers"
Found = dict[str, list[tuple[Mention, ...]]]


@click.command()
@click.option("--encoder", required=True, help="A pretrained encoder: a folder in Hugging Face format, or a name.")
@click.option("--kept-layers", multiple=True, default=["0,1,2"], show_default=True, help="May be given several times.")
@click.option("--untaught/--no-untaught", default=False, help="Also train a pupil on the annotations only.")
@click.option("--group", "groups", multiple=True, help="The groups of events; default: all.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, from 1.")
@click.option("--epochs", default=TrainingConfig().epochs, show_default=True, help="As unseen_events.py was told.")
@click.option("--limit", type=int, help="As unseen_events.py was told.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("unseen_events.work"), show_default=True)
def main(
    encoder: str,
    kept_layers: Sequence[str],
    untaught: bool,
    groups: Sequence[str],
    seeds: int,
    epochs: int,
    limit: int | None,
    work: Path,
) -> None:
    """Teach shallower taggers for each group of events left out."""
    rows: list[dict[str, object]] = []
    differences: list[dict[str, object]] = []
    parts = {
        each: list(left_out(encoder, seed=each, epochs=epochs, limit=limit))
        for each in {*range(1, seeds + 1), *_TEACHERS}
    }
    for seed in range(1, seeds + 1):
        gold: list[Message] = []
        found: Found = {}
        for number, (name, _, _, unseen) in enumerate(parts[seed]):
            if groups and name not in groups:
                continue
            group_parts = {each: parts[each][number] for each in {seed, *_TEACHERS}}
            taggers = _taggers(group_parts, seed=seed, kept_layers=kept_layers, untaught=untaught, work=work)
            predictions = {label: _mentions(model, unseen) for label, model in taggers.items()}
            rows += [_row(name, seed, label, unseen, mentions) for label, mentions in predictions.items()]
            gold += unseen
            for label, mentions in predictions.items():
                found.setdefault(label, []).extend(mentions)
            click.echo(format_table(rows[-len(predictions) :]))
        rows += [_row("together", seed, label, gold, mentions) for label, mentions in found.items()]
        for label in list(found)[1:]:
            each = f1_difference(gold, found[label], found[_WHOLE])
            values = {"f1": round(each.f1, 4), "low": round(each.low, 4), "high": round(each.high, 4)}
            differences.append({"of": f"{label} minus {_WHOLE}", "seed": seed, **values})
    click.echo(format_table(differences))
    write_result(
        "distillation",
        {
            "encoder": Path(encoder).name,
            "seeds": list(range(1, seeds + 1)),
            "teachers": list(_TEACHERS),
            "epochs": epochs,
            "limit": limit,
            "groups": rows,
            "differences": differences,
        },
    )


def _taggers(
    parts: Mapping[int, tuple[str, Experiment, list[Message], list[Message]]],
    *,
    seed: int,
    kept_layers: Sequence[str],
    untaught: bool,
    work: Path,
) -> dict[str, Path]:
    """Return the model of a seed and its pupils; `parts` are what `left_out` yields of one group, by seed."""
    models = {each: train_once(experiment, seen, work) for each, (_, experiment, seen, _) in parts.items()}
    taggers = {_WHOLE: models[seed]}
    _, experiment, seen, _ = parts[seed]
    for layers in kept_layers:
        for teachers in [_TEACHERS, *([()] if untaught else [])]:
            pupil = replace(
                experiment,
                encoder=str(models[seed]),
                tagger=replace(experiment.tagger, kept_layers=layers),
                teachers=tuple(models[each] for each in teachers),
            )
            taggers[f"layers {layers}, {'taught' if teachers else 'not taught'}"] = train_once(pupil, seen, work)
    return taggers


def _mentions(model: Path, messages: Sequence[Message]) -> list[tuple[Mention, ...]]:
    recognizer = Recognizer(model=model)
    return [each.mentions for each in recognizer.recognize_many([message.text for message in messages])]


def _row(
    group: str, seed: int, system: str, gold: Sequence[Message], mentions: Sequence[Sequence[Mention]]
) -> dict[str, object]:
    scores = exact_scores(gold, mentions)
    row = {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1}
    return {"group": group, "seed": seed, "system": system, **{name: round(value, 4) for name, value in row.items()}}


if __name__ == "__main__":
    main()
