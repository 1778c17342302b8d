"""`python -m lmr_hybrid gazetteer`: look into a gazetteer, and keep it current."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gazetteer import WORLD, Gazetteer, update_gazetteer
from lmr_hybrid.cli.failures import ExpectedFailures
from lmr_hybrid.cli.printing import echo

_LOG = logging.getLogger(__name__)

_folder = click.argument("folder", type=click.Path(path_type=Path))


@click.group(cls=ExpectedFailures, short_help="Look into a gazetteer, or update it.")
def gazetteer() -> None:
    """Look into a gazetteer or update it; FOLDER "world" is the embedded one.

    To build one: python -m lmr_hybrid.build_gazetteer.
    """


def _open(folder: Path) -> Gazetteer:
    return Gazetteer.open(WORLD if str(folder) == "world" else folder)


@gazetteer.command(short_help="Print what a gazetteer is made of.")
@_folder
def info(folder: Path) -> None:
    """Print the manifest of FOLDER: sources, dates, counts, bounding box, attribution."""
    echo(json.dumps(asdict(_open(folder).manifests[0]), indent=2, ensure_ascii=False))


@gazetteer.command(short_help="Print the names that stand in a text.")
@_folder
@click.argument("text")
def match(folder: Path, text: str) -> None:
    """Print the names of FOLDER that stand in TEXT, one JSON object a line."""
    matches = _open(folder).match(text)
    for found in matches:
        echo(json.dumps(asdict(found), ensure_ascii=False))
    if not matches:
        click.echo("No name of it stands in the text.", err=True)


@gazetteer.command(short_help="Print the places that bear a name.")
@_folder
@click.argument("name")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="How many places at most.")
def lookup(folder: Path, name: str, limit: int) -> None:
    """Print the places of FOLDER that bear NAME, one JSON object a line.

    Where there are none, names like it with a score of 0 to 100: look these up in turn.
    """
    opened = _open(folder)
    places = opened.places(name, limit=limit)
    _LOG.info("%d places bear the name %r", len(places), name)
    for place in places:
        echo(json.dumps(asdict(place), ensure_ascii=False))
    if places:
        return
    like = opened.fuzzy(name, limit=limit)
    click.echo(f"No place bears the name {name!r}{'; names like it:' if like else '.'}", err=True)
    for each in like:
        echo(json.dumps({**asdict(each), "score": round(each.score, 2)}, ensure_ascii=False))


@gazetteer.command(short_help="Take over changes to OpenStreetMap.")
@_folder
@click.argument("changes", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--extract",
    "extracts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An extract that FOLDER was built from, where it is no longer where it was. May be given several times.",
)
@click.option("--anywhere", is_flag=True, help="Take changes outside the region of the extracts, too.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def update(folder: Path, changes: Sequence[Path], extracts: Sequence[Path], anywhere: bool, quiet: bool) -> None:
    """Bring FOLDER up to date with CHANGES to OpenStreetMap (.osc, .osc.gz, .osc.bz2).

    \b
    Example:
      python -m lmr_hybrid gazetteer update region.gazetteer 123.osc.gz 124.osc.gz

    What was created, modified or deleted since the extract was taken is taken over; files may come late, twice or in
    any order. Whoever reads FOLDER meanwhile sees it as it was until the update is complete. The extracts are read
    again only where a change names something that had no name before.
    """
    done = update_gazetteer(
        folder, changes, extracts=extracts or None, anywhere=anywhere, progress=False if quiet else None
    )
    if quiet:
        return
    counts = done.changes
    echo(
        f"{folder}: {counts.created} objects created, {counts.modified} modified, {counts.deleted} deleted; "
        f"{counts.known} changes were known already, {counts.outside} lie outside the region of the extracts. "
        f"{done.manifest.counts['places']} places under {done.manifest.counts['names']} names."
    )
    if done.waiting:
        click.echo(
            f"{done.waiting} named objects cannot be put on the map and are left out: "
            "give the extract again by --extract",
            err=True,
        )
