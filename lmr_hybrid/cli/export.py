"""`python -m lmr_hybrid export`: a saved model made ready to run without PyTorch."""

from __future__ import annotations

from pathlib import Path

import click

from lmr_hybrid.cli.printing import echo
from lmr_hybrid.tagging.opening import EXPORTED_FOLDER


@click.command(short_help="Make a model ready to run fast.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"The folder to write; by default {EXPORTED_FOLDER} in the model's, where it is found without being named.",
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path),
    help="A corpus, as `train` reads, of messages like those to come: their texts decide how finely numbers are "
    "rounded (int8-static).",
)
@click.option(
    "--precision",
    type=click.Choice(["int8", "int8-static", "float32"]),
    help="int8 is a quarter of the size and three times as fast as float32, which says exactly what the model says; "
    "int8-static, the default with --texts, is faster still and rounds twice as coarsely.",
)
def export(model: Path, output: Path | None, texts: Path | None, precision: str | None) -> None:
    """Export MODEL, a folder that `train` wrote, so that it starts in a second and runs fast without a GPU.

    The exported folder is a model as any other: --model takes it. It is compared with the model before it is put into
    place.
    """
    precision = precision or ("int8-static" if texts else "int8")
    if (precision == "int8-static") != bool(texts):
        raise click.UsageError("--texts and --precision int8-static go together")
    from gazetteer import WORLD, Gazetteer
    from lmr_hybrid.corpora import read_corpus
    from lmr_hybrid.tagging.exporting import export_model

    output = output or model / EXPORTED_FOLDER
    messages = [message.text for message in read_corpus(texts, split="train")] if texts else []
    difference = export_model(
        model,
        output,
        precision=precision,  # type: ignore[arg-type]
        texts=messages,
        gazetteer=Gazetteer.open(WORLD),
    )
    size = sum(file.stat().st_size for file in output.iterdir()) / 1e6
    echo(f"{output}: {precision}, {size:.1f} MB, probabilities off by {difference:.1g} on average")
