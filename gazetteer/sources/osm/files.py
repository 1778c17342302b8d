"""An OSM file: its format, what its header says, and how failures to read it are reported.

osmium itself notices that a file is truncated or garbled, except where the format has no means to: a `.pbf` cut exactly
between two of its blocks, a letter changed in what is not compressed.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import regex

from gazetteer.errors import SourceUnreadable
from gazetteer.sources.delimited import check_file

_Opener = Callable[[Path], BufferedIOBase]

#: Suffixes of OSM files, each with what osmium calls the format and how its text is opened (None: it is not text).
FORMATS: dict[str, tuple[str, _Opener | None]] = {
    ".osm.pbf": ("pbf", None),
    ".pbf": ("pbf", None),
    ".osm": ("osm", lambda path: path.open("rb")),
    ".osm.gz": ("osm.gz", gzip.GzipFile),
    ".osm.bz2": ("osm.bz2", bz2.BZ2File),
    ".o5m": ("o5m", None),
}
#: The same for files of changes.
CHANGE_FORMATS: dict[str, tuple[str, _Opener | None]] = {
    ".osc": ("osc", lambda path: path.open("rb")),
    ".osc.gz": ("osc.gz", gzip.GzipFile),
    ".osc.bz2": ("osc.bz2", bz2.BZ2File),
}

#: When the data was taken, where osmium does not hand it on: osmconvert's and Overpass's attributes.
_XML_DATE = regex.compile(rb'(?:osm_base|timestamp)="(\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?)"')
_XML_OBJECT = regex.compile(rb"<(?:node|way|relation|create|modify|delete)\b")


@dataclass(frozen=True, slots=True)
class OsmFile:
    """An OSM file that exists and whose name says what it is; `progress` is as for `OsmSource`."""

    path: Path
    format: str
    opener: _Opener | None
    progress: bool | None = None

    def osmium_file(self) -> Any:
        """Return what osmium opens."""
        import osmium

        return osmium.io.File(self.path, self.format)

    def data_date(self) -> str:
        """Return when the data was taken from OpenStreetMap, as the header gives it; "" where it does not."""
        header = self._header()
        for option in ("osmosis_replication_timestamp", "timestamp", "o5m_timestamp"):
            if header.get(option):
                return str(header.get(option))
        if self.opener is None:
            return ""
        with reading(self.path), self.opener(self.path) as text:
            head = text.read(4096)
        first_object = _XML_OBJECT.search(head)
        found = _XML_DATE.search(head, 0, first_object.start() if first_object else len(head))
        return found[1].decode("ascii") if found else ""

    def bounding_box(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north of the region that the header names, None where it names none."""
        box = self._header().box()
        if not box.valid() or box.size() == 0:
            return None
        return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat

    def checksum(self) -> str:
        """Return `sha256:…` of the file."""
        with reading(self.path), self.path.open("rb") as content:
            return f"sha256:{file_digest(content, 'sha256').hexdigest()}"

    def _header(self) -> Any:
        import osmium
        from osmium.osm import NOTHING

        with reading(self.path):
            return osmium.io.Reader(self.osmium_file(), NOTHING).header()


def open_osm(path: Path, progress: bool | None = None) -> OsmFile:
    """Return the extract at `path`; raises SourceNotFound, and SourceUnreadable for an unknown suffix."""
    return _open(path, FORMATS, "an OSM extract", progress)


def open_changes(path: Path, progress: bool | None = None) -> OsmFile:
    """Return the file of changes at `path`; raises SourceNotFound, and SourceUnreadable for an unknown suffix."""
    return _open(path, CHANGE_FORMATS, "a file of OSM changes", progress)


def _open(path: Path, formats: dict[str, tuple[str, _Opener | None]], what: str, progress: bool | None) -> OsmFile:
    check_file(path, what)
    name = path.name.lower()
    for suffix in sorted(formats, key=len, reverse=True):
        if name.endswith(suffix):
            return OsmFile(path, *formats[suffix], progress)
    known = ", ".join(formats)
    raise SourceUnreadable(path, f"the name does not end like that of {what}", f"Known endings are {known}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn any failure to read `path` into SourceUnreadable."""
    try:
        yield
    except SourceUnreadable:
        raise
    # osmium raises RuntimeError, ValueError, and exceptions of its own that share no base class below Exception.
    except Exception as failure:
        raise unreadable(path, failure) from failure


def unreadable(path: Path, failure: object) -> SourceUnreadable:
    """Return the error that says why the file at `path` cannot be read."""
    return SourceUnreadable(
        path,
        f"it cannot be read as OSM data ({failure})",
        "The file is truncated, garbled, or not what its name says: "
        "download it again, check its checksum, or rename it to what it is",
    )
