"""The source for a file, whatever it is: told by its name, and where that says too little by what is in it."""

from __future__ import annotations

from pathlib import Path

from gazetteer.errors import SourceUnreadable
from gazetteer.sources import Source
from gazetteer.sources.delimited import check_file, reading
from gazetteer.sources.geonames import GeonamesSource
from gazetteer.sources.geonames.source import is_geonames
from gazetteer.sources.osm import OsmSource
from gazetteer.sources.osm.files import FORMATS as OSM_FORMATS
from gazetteer.sources.table import FORMATS as TABLE_FORMATS
from gazetteer.sources.table import Columns, TableSource

#: What can be asked for by name.
FORMATS = ("osm", "geonames", "table")
#: Endings that GeoNames' dumps have, some tables too.
_BY_CONTENT = (".txt", ".zip")
#: Every ending that says what a file is, the longest first.
SUFFIXES: tuple[str, ...] = tuple(
    sorted({*OSM_FORMATS, *TABLE_FORMATS, *_BY_CONTENT}, key=lambda suffix: (-len(suffix), suffix))
)
_WHAT = "an OpenStreetMap extract, a GeoNames dump or a table of places"


def format_of(path: Path) -> str:
    """Return which of `FORMATS` the file at `path` has; raises SourceNotFound and SourceUnreadable."""
    check_file(path, _WHAT)
    suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    if suffix in OSM_FORMATS:
        return "osm"
    if suffix in _BY_CONTENT:
        with reading(path):
            if is_geonames(path):
                return "geonames"
    if suffix in TABLE_FORMATS:
        return "table"
    if suffix == ".zip":
        problem = "the text in it has not the 19 tab-separated columns of a GeoNames dump"
        raise SourceUnreadable(path, problem, "If it holds another table or an extract, unpack it first")
    known = ", ".join(sorted(SUFFIXES))
    raise SourceUnreadable(path, "the name does not end like that of any source", f"Known endings are {known}")


def source_of(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002
    alternate_names: Path | None = None,
    admin_codes: tuple[Path, ...] = (),
    columns: Columns | None = None,
    progress: bool | None = None,
) -> Source:
    """Return the source for the file at `path`; `format` is one of `FORMATS`, by default what `format_of` says.

    `alternate_names` and `admin_codes` are for GeoNames, `columns` for tables; other sources have no use for them.
    """
    format_ = format or format_of(path)
    if format_ == "osm":
        return OsmSource(path, progress=progress)
    if format_ == "geonames":
        return GeonamesSource(path, alternate_names=alternate_names, admin_codes=admin_codes, progress=progress)
    return TableSource(path, columns=columns or Columns())
