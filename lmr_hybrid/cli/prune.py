"""`python -m lmr_hybrid prune`: a model made narrower, and faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lmr_hybrid.cli.printing import echo


@click.command(short_help="Make a model narrower, and faster.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The model folder to write.")
@click.option(
    "--neurons",
    required=True,
    type=click.IntRange(min=1),
    help="How many stay in each feed-forward layer; a MiniLM has 1,536, of which a third are hardly missed.",
)
@click.option(
    "--texts",
    "corpora",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="A corpus, as `train` reads, of messages like those to come; may be given several times. What the neurons "
    "that stay make of its train split is kept as near as can be to what all made of it.",
)
def prune(model: Path, output: Path, neurons: int, corpora: Sequence[Path]) -> None:
    """Take from MODEL, a folder that `train` wrote, the neurons that the others can best do without.

    A model comes out that answers nearly as before. What it has lost, `train` mostly brings back: begin with it, and
    let the model that it was teach it.

    \b
    Two thirds of the neurons of a MiniLM, then as fast as it goes:
      python -m lmr_hybrid prune my-model --neurons 1024 --texts my-corpus -o my-narrow-model
      python -m lmr_hybrid export my-narrow-model --texts my-corpus
    """
    from gazetteer import WORLD, Gazetteer
    from lmr_hybrid.corpora import read_corpus
    from lmr_hybrid.tagging.pruning import prune_model

    messages = [message for corpus in corpora for message in read_corpus(corpus, split="train")]
    prune_model(model, output, neurons=neurons, messages=messages, gazetteer=Gazetteer.open(WORLD), report=echo)
    echo(str(output))
