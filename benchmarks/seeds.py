"""Is a model as good by luck? Models of one training with several seeds.

    python benchmarks/seeds.py --model 1=seeds/1 --model 2=seeds/2

They are trained by `benchmarks/configs/narrow.toml` with another `--seed` each and exported with the tweets of the
train split, as docs/training.md says. All have the embedded model's thresholds. Scores the whole recogniser on
IDRISI-R dev, the street messages, the Broad Twitter Corpus, WNUT 2017 and the messages of `worldwide.py`; of the Broad
Twitter Corpus and WNUT, which tell no types apart, the typed F1 is 0. Writes results/seeds.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import click
from record import write_result
from teaching import corpora

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import evaluate, format_table
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import read_thresholds


@click.command()
@click.option("--model", "models", multiple=True, required=True, metavar="SEED=FOLDER", help="A model of a seed.")
def main(models: Sequence[str]) -> None:
    """Score models of several seeds."""
    thresholds = read_thresholds(DEFAULT_MODEL)
    try:
        recognizers = {seed: Recognizer(model=folder, thresholds=thresholds) for seed, folder in map(_parsed, models)}
    except LmrError as error:
        raise click.ClickException(str(error)) from error
    known = corpora()
    rows: list[dict[str, Any]] = [
        {"corpus": corpus, "seed": seed, **_scores(recognizer, messages)}
        for corpus, messages in known.items()
        for seed, recognizer in recognizers.items()
    ]
    means = [{"corpus": corpus, **_mean([row for row in rows if row["corpus"] == corpus])} for corpus in known]
    click.echo(format_table(rows))
    click.echo("\nThe mean over the seeds:\n" + format_table(means))
    write_result("seeds", {"seeds": list(recognizers), "rows": rows, "means": means})


def _parsed(model: str) -> tuple[str, Path]:
    seed, _, folder = model.partition("=")
    if not seed.isdecimal() or not folder:
        raise click.BadParameter(f"{model!r} is not SEED=FOLDER", param_hint="--model")
    return seed, Path(folder)


def _scores(recognizer: Recognizer, messages: Sequence[Message]) -> dict[str, float]:
    report = evaluate(messages, list(recognizer.recognize_many(message.text for message in messages)))
    exact = report.exact
    return {"precision": exact.precision, "recall": exact.recall, "F1": exact.f1, "typed F1": report.typed.f1}


def _mean(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    return {name: mean(row[name] for row in rows) for name in ("precision", "recall", "F1", "typed F1")}


if __name__ == "__main__":
    main()
