"""`python -m lmr_hybrid export`: a saved model made ready to run without PyTorch."""

from __future__ import annotations

from pathlib import Path

import click

from lmr_hybrid.tagging.opening import EXPORTED_FOLDER


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"The folder to write; by default {EXPORTED_FOLDER} in the model's, where it is found without being named.",
)
@click.option(
    "--precision",
    type=click.Choice(["int8", "int8-fast", "float32"]),
    default="int8",
    show_default=True,
    help="int8 is a quarter of the size and twice as fast as float32, which says exactly what the model says; in "
    "int8-fast, which takes a seventh less time, the scores of a text depend on its neighbours a little.",
)
def export(model: Path, output: Path | None, precision: str) -> None:
    """Export MODEL, a folder that `train` wrote, so that it starts in a second and runs fast without a GPU.

    The exported folder is a model as any other: --model takes it. It is compared with the model before it is put into
    place.
    """
    from lmr_hybrid.tagging.exporting import export_model

    output = output or model / EXPORTED_FOLDER
    difference = export_model(model, output, precision=precision)  # type: ignore[arg-type]
    size = sum(file.stat().st_size for file in output.iterdir()) / 1e6
    click.echo(f"{output}: {precision}, {size:.1f} MB, probabilities off by {difference:.1g} on average")
