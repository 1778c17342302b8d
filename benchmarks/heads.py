"""What should sit on an encoder, and what of it should stand for a word?

    python benchmarks/heads.py --encoder path/to/all-MiniLM-L6-v2

The recipe `transformer-fine-tune` (Flair's own layers and training, no gazetteer) with one thing changed: a CRF, a
BiLSTM or both on the encoder; the mean of a word's pieces in place of the first; the mean of several layers in place of
the last. To be affordable, all are trained on the sample of ablation.py. Results are kept variant by variant in
results/heads.json, so that an interrupted run goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from ablation import split
from record import RESULTS, write_result
from systems.config import read_recipe
from systems.messages import Messages
from systems.running import run_recipe

from lmr_hybrid.evaluation import format_table

_RECIPE = Path(__file__).parent / "recipes" / "transformer-fine-tune.toml"
VARIANTS: dict[str, dict[str, Any]] = {
    "linear layer, softmax": {},
    "CRF": {"layers.crf": True},
    "BiLSTM": {"layers.rnn": True},
    "BiLSTM and CRF": {"layers.rnn": True, "layers.crf": True},
    "mean of the pieces": {"embeddings.encoder.subtoken_pooling": "mean"},
    "last four layers, averaged": {"embeddings.encoder.layers": "-1,-2,-3,-4"},
}


@click.command()
@click.option("--encoder", required=True, help="A pretrained encoder: a folder in Hugging Face format, or a name.")
@click.option("--variant", "chosen", multiple=True, type=click.Choice(list(VARIANTS)), help="Default: all.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, from 1.")
@click.option("--epochs", default=3, show_default=True)
@click.option("--train", "train_size", default=3_000, show_default=True, help="Messages to train on.")
def main(encoder: str, chosen: Sequence[str], seeds: int, epochs: int, train_size: int) -> None:
    """Train and score the variants on IDRISI-R dev."""
    # Imported, Flair tells at length what it builds; an epoch is one line of ours.
    import flair

    flair.logger.setLevel(logging.WARNING)
    settings = {"encoder": Path(encoder).name, "epochs": epochs, "train": train_size}
    rows = _former(settings)
    seen, dev, _ = split("dev", train_size, 0)
    messages = Messages(tuple(seen), (), tuple(dev))
    for name in chosen or VARIANTS:
        changes = {"embeddings.encoder.source": encoder, "training.epochs": epochs, **VARIANTS[name]}
        recipe = read_recipe(_RECIPE, changes)
        for seed in range(1, seeds + 1):
            if f"{name} | {seed}" in rows:
                continue
            run = run_recipe(recipe, messages, seed=seed, device="cpu", report=click.echo)
            exact, typed = run.report.exact, run.report.typed
            rows[f"{name} | {seed}"] = {
                "variant": name,
                "seed": seed,
                "precision": round(exact.precision, 4),
                "recall": round(exact.recall, 4),
                "F1": round(exact.f1, 4),
                "typed F1": round(typed.f1, 4),
                "training minutes": round(run.training_seconds / 60, 1),
                "tagging seconds": round(run.tagging_seconds),
            }
            write_result("heads", {"settings": settings, "heads": list(rows.values())})
    click.echo(format_table(list(rows.values())))


def _former(settings: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """Return the rows of the last result where it was got with the same settings."""
    path = RESULTS / "heads.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    rows = record["heads"] if record.get("settings") == settings else []
    return {f"{row['variant']} | {row['seed']}": row for row in rows}


if __name__ == "__main__":
    main()
