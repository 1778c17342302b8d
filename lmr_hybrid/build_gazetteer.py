"""`python -m lmr_hybrid.build_gazetteer region.osm.pbf`: an OpenStreetMap extract becomes a gazetteer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gazetteer import build_gazetteer
from lmr_hybrid.cli.failures import ExpectedFailure

_SUFFIXES = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm", ".pbf")


@click.command(cls=ExpectedFailure, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("extracts", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The folder to write; by default the extract's name."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def main(extracts: Sequence[Path], output: Path | None, quiet: bool) -> None:
    """Build a gazetteer from OpenStreetMap EXTRACTS (.osm.pbf, .osm, .osm.gz, .osm.bz2).

    \b
    Examples:
      python -m lmr_hybrid.build_gazetteer region.osm.pbf                  writes region.gazetteer/
      python -m lmr_hybrid.build_gazetteer a.osm.pbf b.osm.pbf -o ab.gazetteer

    An older gazetteer of that name is replaced once the new one is complete. Extracts of every country are offered by
    several mirrors of OpenStreetMap's data; smaller ones can be drawn on a map and exported.
    """
    from gazetteer.sources.osm import OsmSource

    output = output or default_output(extracts[0])
    manifest = build_gazetteer([OsmSource(path) for path in extracts], output)
    if not quiet:
        counts = manifest.counts
        click.echo(f"{output}: {counts['places']} places under {counts['names']} names. {manifest.attribution}")


def default_output(extract: Path) -> Path:
    """Return `region.gazetteer` in the current folder for `anywhere/region.osm.pbf`."""
    suffix = next((suffix for suffix in _SUFFIXES if extract.name.endswith(suffix)), extract.suffix)
    return Path(extract.name.removesuffix(suffix) + ".gazetteer")


if __name__ == "__main__":
    main(prog_name="python -m lmr_hybrid.build_gazetteer")
