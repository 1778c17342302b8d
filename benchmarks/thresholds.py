"""Where should the rules draw their lines? Tries each threshold on IDRISI-R dev, the others as they are.

    python benchmarks/thresholds.py [--model path/to/model] [--set unknown=0.75 --set known=0.5]

Prints the F1 at each value tried, and writes results/thresholds.json. A value in the middle of a flat stretch, not the
single best one, is put into the model's `config.json` by `--set`; what is not set there has the default of
`lmr_hybrid/reconcile/thresholds.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
from record import data_folder, write_result

from lmr_hybrid import Mention, Recognizer
from lmr_hybrid.corpora import Message, read_idrisi
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import exact_scores
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import Evidence, Thresholds, read_thresholds, reconcile, write_thresholds
from lmr_hybrid.settings import read_settings

_GRID: dict[str, tuple[float, ...]] = {
    "known": (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7),
    "unknown": (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85),
    "unknown_hashtag": (0.6, 0.7, 0.8, 0.85, 0.9, 0.95),
    "known_sure": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "demonym": (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97),
    "misspelt": (0.3, 0.4, 0.5, 0.6, 0.7),
    "alike": (85.0, 88.0, 91.0, 93.0, 95.0, 97.0),
    "rare": (0.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0),
    "important": (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8),
    "likely": (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7),
    "common": (3.5, 4.0, 4.25, 4.5, 4.75, 5.0, 9.0),
}


@click.command()
@click.option("--model", type=click.Path(path_type=Path), default=DEFAULT_MODEL, help="By default the embedded model.")
@click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE", help="Put a threshold into the model's config.")
def main(model: Path, chosen: Sequence[str]) -> None:
    """Vary each threshold, or set some."""
    try:
        used = read_thresholds(model)
        if chosen:
            table = dict(_parsed(setting) for setting in chosen)
            write_thresholds(model, read_settings(Thresholds, {**asdict(used), **table}, source="--set", section="set"))
            return
    except LmrError as error:
        raise click.ClickException(str(error)) from error
    messages = read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "dev")
    evidence = list(Recognizer(model=model).examine(message.text for message in messages))
    tried = {}
    for name, values in _GRID.items():
        scores = {value: _f1(messages, evidence, replace(used, **{name: value})) for value in values}
        tried[name] = {"used": getattr(used, name), "F1": {str(value): round(f1, 4) for value, f1 in scores.items()}}
        click.echo(f"{name:<15} {getattr(used, name):<5} " + "  ".join(f"{v}: {f1:.4f}" for v, f1 in scores.items()))
    write_result("thresholds", {"thresholds": tried})


def _parsed(setting: str) -> tuple[str, float]:
    name, _, value = setting.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise click.BadParameter(f"{setting!r} is not NAME=VALUE", param_hint="--set") from None


def _f1(messages: Sequence[Message], evidence: Sequence[Evidence], thresholds: Thresholds) -> float:
    return exact_scores(messages, [_mentions(each, thresholds) for each in evidence]).f1


def _mentions(evidence: Evidence, thresholds: Thresholds) -> list[Mention]:
    tokens = evidence.tokens
    spans = [
        (tokens[draft.first].start, tokens[draft.last].end, draft.span.type)
        for draft in reconcile(evidence, thresholds=thresholds)
    ]
    return [Mention(evidence.text[start:end], start, end, type_, 1.0) for start, end, type_ in spans]


if __name__ == "__main__":
    main()
