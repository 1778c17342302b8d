"""`python -m lmr_hybrid gazetteer`: look into a gazetteer."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from gazetteer import WORLD, Gazetteer
from lmr_hybrid.cli.failures import ExpectedFailures

_folder = click.argument("folder", type=click.Path(path_type=Path))


@click.group(cls=ExpectedFailures)
def gazetteer() -> None:
    """Look into a gazetteer; FOLDER "world" is the embedded one. To build one: python -m lmr_hybrid.build_gazetteer."""


def _open(folder: Path) -> Gazetteer:
    return Gazetteer.open(WORLD if str(folder) == "world" else folder)


@gazetteer.command()
@_folder
def info(folder: Path) -> None:
    """Print the manifest of FOLDER: sources, dates, counts, bounding box, attribution."""
    click.echo(json.dumps(asdict(_open(folder).manifests[0]), indent=2, ensure_ascii=False))


@gazetteer.command()
@_folder
@click.argument("text")
def match(folder: Path, text: str) -> None:
    """Print the names of FOLDER that stand in TEXT, one JSON object a line."""
    for found in _open(folder).match(text):
        click.echo(json.dumps(asdict(found), ensure_ascii=False))


@gazetteer.command()
@_folder
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many places at most.")
def lookup(folder: Path, name: str, limit: int) -> None:
    """Print the places of FOLDER that bear NAME, or else names like it, one JSON object a line."""
    opened = _open(folder)
    places = opened.places(name, limit=limit)
    for place in places:
        click.echo(json.dumps(asdict(place), ensure_ascii=False))
    if not places:
        for like in opened.fuzzy(name, limit=limit):
            click.echo(json.dumps(asdict(like), ensure_ascii=False))
