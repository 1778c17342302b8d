"""Does it help to change what the encoder is shown of a tweet? Trains with each switch alone, and with none.

    python benchmarks/preprocessing.py --encoder path/to/all-MiniLM-L6-v2 [--seeds 3] [--epochs 3] [--limit 2000]

Trained on IDRISI-R's train tweets and scored on dev: exact spans of the tagger alone. Prints a table and writes
results/preprocessing.json, anew after each training, so that one stopped early leaves what it has measured. A switch
that changes no tweet (IDRISI-R comes without addresses) is not trained with. Encoders without case read the same with
`lower_case` as without.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import click
from record import data_folder, write_result

from gazetteer import WORLD, Gazetteer
from lmr_hybrid.corpora import TYPES, Message, read_idrisi
from lmr_hybrid.evaluation import Scores, format_table
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.examples import Example, count_hidden_spans, make_examples
from lmr_hybrid.tagging.preprocessing import AS_WRITTEN, Preprocessing, show
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.train_model import score, train_model

_CORPUS = "idrisi-r/EN/gold-random-json"
_NONE = "none"
_SWITCHES = {_NONE: AS_WRITTEN, **{field.name: Preprocessing(**{field.name: True}) for field in fields(Preprocessing)}}


@click.command()
@click.option("--encoder", required=True, help="A pretrained encoder: a folder in Hugging Face format, or a name.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Trainings of each.")
@click.option("--epochs", type=click.IntRange(min=1), default=TrainingConfig().epochs, show_default=True)
@click.option("--limit", type=click.IntRange(min=1), help="Train on this many tweets and score on a seventh as many.")
@click.option("--switch", "chosen", multiple=True, type=click.Choice(list(_SWITCHES)), help="Only these; repeatable.")
def main(encoder: str, seeds: int, epochs: int, limit: int | None, chosen: Sequence[str]) -> None:
    """Score the tagger with each kind of preprocessing."""
    folder = data_folder() / _CORPUS
    messages = _spread(read_idrisi(folder, "train"), limit)
    gazetteer = Gazetteer.open(WORLD)
    dev = make_examples(_spread(read_idrisi(folder, "dev"), limit and -(-limit // 7)), gazetteer)
    unmatched = make_examples(messages, Gazetteer([]))
    asked = [name for name in chosen or _SWITCHES if name != _NONE]
    changed = {name: _count_changed(dev, name) + _count_changed(unmatched, name) for name in asked}
    idle = [name for name in asked if not changed[name]]
    click.echo(f"change no tweet: {', '.join(idle) or 'none'}")
    names = [_NONE, *(name for name in asked if changed[name])]
    hidden = {name: count_hidden_spans(dev, _SWITCHES[name]) for name in names}
    runs: dict[str, list[Scores]] = {name: [] for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    # Seed by seed, so that every switch has been tried when the first seed is done.
    for seed in range(1, seeds + 1):
        for name in names:
            started = time.perf_counter()
            config = TrainingConfig(epochs=epochs, seed=seed)
            runs[name].append(_train(messages, dev, gazetteer, encoder, config, _SWITCHES[name]))
            seconds[name].append(round(time.perf_counter() - started, 1))
            click.echo(f"seed {seed}  {name}: F1 {runs[name][-1].f1:.4f}")
            rows = _rows(runs, hidden)
            write_result(
                "preprocessing",
                {
                    "corpus": f"IDRISI-R EN, random split: {len(messages)} train and {len(dev)} dev tweets",
                    "encoder": Path(encoder).name,
                    "epochs": epochs,
                    "seeds": list(range(1, seed + 1)),
                    "switches": rows,
                    "change no tweet": idle,
                    "F1 by seed": {key: [round(each.f1, 4) for each in value] for key, value in runs.items()},
                    "seconds": seconds,
                },
            )
    click.echo("\n" + format_table(rows))


def _spread(messages: Sequence[Message], limit: int | None) -> Sequence[Message]:
    """Return `limit` of the messages, evenly spread, for the corpus is ordered by event."""
    return messages if limit is None else messages[:: max(1, len(messages) // limit)][:limit]


def _count_changed(examples: Sequence[Example], name: str) -> int:
    views = (show(example.tokens, example.matches, _SWITCHES[name]) for example in examples)
    return sum([token.text for token in view.shown] != [token.text for token in view.tokens] for view in views)


def _train(
    messages: Sequence[Message],
    dev: Sequence[Example],
    gazetteer: Gazetteer,
    encoder: str,
    config: TrainingConfig,
    preprocessing: Preprocessing,
) -> Scores:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        train_model(
            messages,
            folder,
            encoder=encoder,
            gazetteer=gazetteer,
            tagger_config=TaggerConfig(types=TYPES, preprocessing=preprocessing),
            training_config=config,
        )
        return score(Tagger.load(folder), dev)


def _rows(runs: Mapping[str, Sequence[Scores]], hidden: Mapping[str, int]) -> list[dict[str, object]]:
    """Return a row a switch; differences are means over the seeds that both it and none were trained with."""
    rows: list[dict[str, object]] = []
    for name, scores in runs.items():
        if not scores:
            continue
        differences = [own.f1 - without.f1 for own, without in zip(scores, runs[_NONE], strict=False)]
        rows.append(
            {
                "switch": name,
                "seeds": len(scores),
                "precision": statistics.mean(each.precision for each in scores),
                "recall": statistics.mean(each.recall for each in scores),
                "F1": statistics.mean(each.f1 for each in scores),
                "adds F1 points": 100 * statistics.mean(differences),
                "standard deviation": 100 * statistics.stdev(differences) if len(differences) > 1 else 0.0,
                "dev mentions hidden": hidden[name],
            }
        )
    return rows


if __name__ == "__main__":
    main()
