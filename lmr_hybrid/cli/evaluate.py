"""`python -m lmr_hybrid evaluate`: a recogniser's scores on an annotated corpus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from lmr_hybrid.cli.options import (
    gazetteer_option,
    model_option,
    open_recognizer,
    operating_point_option,
    world_option,
)
from lmr_hybrid.corpora import read_corpus
from lmr_hybrid.output.atomic import write_text_atomically


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--split", default="dev", show_default=True, help="Of an IDRISI folder: which split.")
@gazetteer_option
@world_option
@model_option
@operating_point_option
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Also write all scores here."
)
def evaluate(
    corpus: Path,
    split: str,
    gazetteers: Sequence[Path],
    world: bool,
    model: Path | None,
    operating_point: str,
    json_file: Path | None,
) -> None:
    """Score the recogniser on CORPUS.

    CORPUS is an IDRISI folder (one folder an event), a .jsonl file (IDRISI's or `text` with `mentions`), or a file of
    CoNLL columns. Prints exact, partial and per-type scores, IDRISI's own protocol and the word error rate.
    """
    from lmr_hybrid.evaluation import evaluate as score
    from lmr_hybrid.evaluation import format_table

    messages = read_corpus(corpus, split=split)
    recognizer = open_recognizer(model, gazetteers, world=world, operating_point=operating_point)
    texts = tqdm((message.text for message in messages), total=len(messages), unit=" messages", disable=None)
    report = score(messages, list(recognizer.recognize_many(texts)))
    click.echo(format_table(report.rows()))
    if json_file:
        write_text_atomically(json_file, json.dumps(report.to_dict(), indent=2) + "\n")
