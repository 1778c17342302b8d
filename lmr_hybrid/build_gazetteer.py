"""`python -m lmr_hybrid.build_gazetteer region.osm.pbf`: extracts, GeoNames dumps and tables become a gazetteer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gazetteer import Selection, SelectionError, build_gazetteer
from lmr_hybrid.cli.failures import ExpectedFailure
from lmr_hybrid.cli.printing import echo

_FILE = click.Path(path_type=Path)
_AUTO = "auto"
#: The columns of a table that can be named, as `gazetteer.sources.table.Columns` has them, with what they hold.
_COLUMNS = {
    "name": "the name of the place",
    "latitude": "degrees north",
    "longitude": "degrees east",
    "id": "what no other row has",
    "kind": "city, road, school and the like",
    "names": "further names, separated by semicolons",
    "country": "ISO 3166-1 code, such as BS or BHS",
    "admin1": "state or province",
    "population": "how many people",
    "wikidata": "Q60",
    "parent": "the id of the row that it lies in",
}


def _column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for field, meaning in reversed(_COLUMNS.items()):
        command = click.option(f"--{field}-column", metavar="NAME", help=f"Of tables: {meaning}.")(command)
    return command


@click.command(cls=ExpectedFailure, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=_FILE)
@click.option("-o", "--output", type=_FILE, help="The folder to write; by default the first input's name.")
@click.option("--languages", metavar="en,fr", help="Keep names in these languages, and those that have none.")
@click.option("--kinds", metavar="city,road", help="Keep places of these kinds.")
@click.option("--bbox", metavar="W,S,E,N", help="Keep places in this box, in degrees; W > E crosses longitude 180.")
@click.option("--polygon", type=_FILE, help="Keep places in this outline: GeoJSON or an osmosis .poly file.")
@click.option("--alternate-names", type=_FILE, help="Of GeoNames: alternateNamesV2.zip, names with their languages.")
@click.option("--admin-codes", type=_FILE, multiple=True, help="Of GeoNames: admin1CodesASCII.txt, admin2Codes.txt.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([_AUTO, "osm", "geonames", "table"]),
    default=_AUTO,
    help="What the inputs are; by default told by their names and contents.",
)
@_column_options
@click.option(
    "--matcher",
    type=click.Choice([_AUTO, "automaton", "trie"]),
    default=_AUTO,
    help="automaton is fastest in use, trie is mapped, not loaded; by default what suits the number of names.",
)
@click.option(
    "--compact", is_flag=True, help="Leave out the store, most of the folder, without which it cannot be updated."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def main(
    inputs: Sequence[Path],
    output: Path | None,
    languages: str | None,
    kinds: str | None,
    bbox: str | None,
    polygon: Path | None,
    alternate_names: Path | None,
    admin_codes: tuple[Path, ...],
    format_: str,
    matcher: str,
    compact: bool,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Build a gazetteer from INPUTs: OpenStreetMap extracts, GeoNames dumps, and tables of places.

    \b
    Extracts    .osm.pbf .osm .osm.gz .osm.bz2 .o5m
    GeoNames    .txt .zip: allCountries, a country's, cities500 (https://download.geonames.org/export/dump/)
    Tables      .csv .tsv .csv.gz .parquet .geojson .geojsonl: a name and coordinates a row; the columns are
                found by their usual names, or named by the options; columns such as name:fr hold names in a language

    \b
    Examples:
      python -m lmr_hybrid.build_gazetteer region.osm.pbf                  writes region.gazetteer/
      python -m lmr_hybrid.build_gazetteer a.osm.pbf BS.zip -o ab.gazetteer
      python -m lmr_hybrid.build_gazetteer allCountries.zip --alternate-names alternateNamesV2.zip --languages en
      python -m lmr_hybrid.build_gazetteer shelters.csv --name-column Shelter --bbox=-79,26,-77,27.5

    An older gazetteer of that name is replaced once the new one is complete. Extracts of every country are offered by
    several mirrors of OpenStreetMap's data; smaller ones can be drawn on a map and exported.
    """
    from gazetteer.sources.any_source import format_of

    selection = Selection.parse(languages=languages, kinds=kinds, box=bbox, outline=polygon)
    formats = [format_of(path) if format_ == _AUTO else format_ for path in inputs]
    columns = {name.removesuffix("_column"): column for name, column in columns.items() if column is not None}
    _check_use("--alternate-names" if alternate_names else "", formats, "geonames")
    _check_use("--admin-codes" if admin_codes else "", formats, "geonames")
    _check_use(f"--{next(iter(columns))}-column" if columns else "", formats, "table")
    output = output or default_output(inputs[0])
    with _warnings(shown=not quiet):
        sources = [
            _source(path, each, alternate_names, admin_codes, columns, progress=False if quiet else None)
            for path, each in zip(inputs, formats, strict=True)
        ]
        manifest = build_gazetteer(
            sources,
            output,
            selection=selection,
            matcher=None if matcher == _AUTO else matcher,
            compact=compact,
            progress=False if quiet else None,
        )
    if not quiet:
        counts = manifest.counts
        echo(f"{output}: {counts['places']} places under {counts['names']} names. {manifest.attribution}".strip())


def _source(
    path: Path,
    format_: str,
    alternate_names: Path | None,
    admin_codes: tuple[Path, ...],
    columns: dict[str, str | None],
    *,
    progress: bool | None,
) -> Any:
    from gazetteer.sources.any_source import source_of
    from gazetteer.sources.table import Columns

    return source_of(
        path,
        format=format_,
        alternate_names=alternate_names,
        admin_codes=admin_codes,
        columns=Columns(**columns),
        progress=progress,
    )


def _check_use(option: str, formats: Sequence[str], wanted: str) -> None:
    if option and wanted not in formats:
        raise SelectionError(option, f"no input is of the format {wanted}", "Leave the option out, or see --format")


@contextmanager
def _warnings(*, shown: bool) -> Iterator[None]:
    """Let the gazetteer's warnings (rows that were left out, and why) pass or not while building."""
    logger = logging.getLogger("gazetteer")
    before = logger.level
    if not shown:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def default_output(given: Path) -> Path:
    """Return `region.gazetteer` in the current folder for `anywhere/region.osm.pbf`."""
    from gazetteer.sources.any_source import SUFFIXES

    suffix = next((suffix for suffix in SUFFIXES if given.name.lower().endswith(suffix)), given.suffix)
    return Path(given.name[: len(given.name) - len(suffix)] + ".gazetteer")


if __name__ == "__main__":
    main(prog_name="python -m lmr_hybrid.build_gazetteer")
