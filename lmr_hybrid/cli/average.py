"""`python -m lmr_hybrid average`: one model out of several of one make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lmr_hybrid.cli.printing import echo


@click.command(short_help="Make one model of several seeds.")
@click.argument("models", metavar="MODEL MODEL...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The model folder to write.")
def average(models: Sequence[Path], output: Path) -> None:
    """Average the weights of MODELs: folders that `train` wrote with the same settings, from the same beginning.

    One model comes out, as fast as each of them and as a rule better than most where nothing was seen in training.
    Measure it before you rely on it.

    \b
    Three seeds of a model of your own, begun with the embedded one:
      python -m lmr_hybrid train my.toml -o my-1 --seed 1
      python -m lmr_hybrid train my.toml -o my-2 --seed 2
      python -m lmr_hybrid train my.toml -o my-3 --seed 3
      python -m lmr_hybrid average my-1 my-2 my-3 -o my-model
    """
    if len(models) < 2:
        raise click.UsageError("give at least two models")
    from lmr_hybrid.tagging.averaging import average_models

    average_models(models, output)
    echo(f"{output}: the mean of {len(models)} models")
