"""Reading an OSM file: formats, filtered passes over its objects, and what its header says.

Every pass reads the file anew and leaves out in C++ what it does not want, so that memory does not grow with the file
and the order of the objects in it does not matter. osmium itself notices that a file is truncated or garbled, except
where the format has no means to: a `.pbf` cut exactly between two of its blocks, a letter changed in what is not
compressed.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
import regex
from osmium.osm import NODE, NOTHING, RELATION, WAY
from tqdm import tqdm

from gazetteer.errors import SourceNotFound, SourceUnreadable

Ids = npt.NDArray[np.int64]

#: Suffixes of OSM files, each with what osmium calls the format and how its text is opened (None: it is not text).
FORMATS: dict[str, tuple[str, Callable[[Path], BufferedIOBase] | None]] = {
    ".osm.pbf": ("pbf", None),
    ".pbf": ("pbf", None),
    ".osm": ("osm", lambda path: path.open("rb")),
    ".osm.gz": ("osm.gz", gzip.GzipFile),
    ".osm.bz2": ("osm.bz2", bz2.BZ2File),
}

#: osmium's `IdFilter` is a bitmap in chunks of 4 MiB, each for this many ids, and takes no negative ids.
_IDS_PER_CHUNK = 1 << 25
#: Chunks in use at once: 256 MiB. Ids that need more are looked for in several rounds.
_CHUNKS_PER_ROUND = 64
#: Ids from here on (OSM's own have not reached 2^34) are compared in Python: the table of chunks would be too large.
_BITMAP_LIMIT = 1 << 40

#: When the data was taken, where osmium does not hand it on: osmconvert's and Overpass's attributes.
_XML_DATE = regex.compile(rb'(?:osm_base|timestamp)="(\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?)"')
_XML_OBJECT = regex.compile(rb"<(?:node|way|relation|create|modify)\b")


@dataclass(frozen=True, slots=True)
class OsmFile:
    """An OSM file that exists and whose name says what it is; `progress` is as for `OsmSource`."""

    path: Path
    format: str
    progress: bool | None = None

    def named(self, entities: Any, label: str) -> Iterator[Any]:
        """Yield the undeleted objects of the given types that have a name."""
        with self._bar(label) as bar:
            for each in self._objects(entities, osmium.filter.KeyFilter("name")):
                bar.update()
                yield each

    def with_ids(self, entities: Any, ids: Ids, label: str) -> Iterator[Any]:
        """Yield the undeleted objects of one type whose ids are in `ids` (sorted, each once)."""
        in_bitmap = (ids >= 0) & (ids < _BITMAP_LIMIT)
        small, others = ids[in_bitmap], set(ids[~in_bitmap].tolist())
        with self._bar(label, total=len(ids)) as bar:
            for each_round in _rounds(small):
                # A memory view yields Python integers one by one; a list would take ten times the array's memory.
                for each in self._objects(entities, osmium.filter.IdFilter(memoryview(each_round.data))):
                    bar.update()
                    yield each
            if others:
                for each in self._objects(entities):
                    if each.id in others:
                        bar.update()
                        yield each

    def data_date(self) -> str:
        """Return when the data was taken from OpenStreetMap, as the header gives it; "" where it does not."""
        with reading(self.path):
            header = osmium.io.Reader(self._osmium_file(), NOTHING).header()
            for option in ("osmosis_replication_timestamp", "timestamp"):
                if header.get(option):
                    return str(header.get(option))
            open_text = next(opener for suffix, (name, opener) in FORMATS.items() if name == self.format)
            if open_text is None:
                return ""
            with open_text(self.path) as text:
                head = text.read(4096)
        first_object = _XML_OBJECT.search(head)
        found = _XML_DATE.search(head, 0, first_object.start() if first_object else len(head))
        return found[1].decode("ascii") if found else ""

    def _osmium_file(self) -> Any:
        return osmium.io.File(self.path, self.format)

    def _objects(self, entities: Any, *filters: Any) -> Iterator[Any]:
        """Yield objects, with whatever osmium says about a bad file turned into `SourceUnreadable`."""
        with reading(self.path):
            processor = osmium.FileProcessor(self._osmium_file(), entities)
            for each_filter in filters:
                processor.with_filter(each_filter)
            objects: Iterator[Any] = iter(processor)
        while True:
            # Only osmium's own step is guarded: what the caller does with the object is not the file's fault.
            # A `try`, for it costs nothing where a context manager would cost as much as the step itself.
            try:
                each = next(objects, None)
            except Exception as failure:
                raise _unreadable(self.path, failure) from failure
            if each is None:
                return
            if not each.deleted:
                yield each

    def _bar(self, label: str, total: int | None = None) -> tqdm[Any]:
        # `disable=None` is tqdm's way to say: only where stderr is a terminal.
        disable = None if self.progress is None else not self.progress
        return tqdm(desc=f"{self.path.name}: {label}", total=total, unit=" objects", leave=False, disable=disable)


def open_osm(path: Path, progress: bool | None = None) -> OsmFile:
    """Return the file at `path` for reading; raises SourceNotFound, and SourceUnreadable for an unknown suffix."""
    if not path.exists():
        raise SourceNotFound(path, "there is no such file", "Give the path of an OSM extract")
    if not path.is_file():
        raise SourceNotFound(path, "this is not a file", "Give the path of an OSM extract, not of a folder")
    name = path.name.lower()
    for suffix in sorted(FORMATS, key=len, reverse=True):
        if name.endswith(suffix):
            return OsmFile(path, FORMATS[suffix][0], progress)
    known = ", ".join(FORMATS)
    raise SourceUnreadable(path, "the name does not end like that of an OSM file", f"Known endings are {known}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn any failure to read `path` into SourceUnreadable."""
    try:
        yield
    # osmium raises RuntimeError, ValueError, and exceptions of its own that share no base class below Exception.
    except Exception as failure:
        raise _unreadable(path, failure) from failure


def _unreadable(path: Path, failure: Exception) -> SourceUnreadable:
    return SourceUnreadable(
        path,
        f"it cannot be read as OSM data ({failure})",
        "The file is truncated, garbled, or not what its name says: "
        "download it again, check its checksum, or rename it to what it is",
    )


def _rounds(ids: Ids) -> Iterator[Ids]:
    """Cut sorted ids into parts of which each fits into `_CHUNKS_PER_ROUND` chunks of osmium's bitmap."""
    if not len(ids):
        return
    chunk_starts = np.flatnonzero(np.diff(ids // _IDS_PER_CHUNK, prepend=-1))
    bounds = [*chunk_starts[::_CHUNKS_PER_ROUND].tolist(), len(ids)]
    for start, stop in pairwise(bounds):
        yield np.ascontiguousarray(ids[start:stop])


__all__ = ["FORMATS", "NODE", "RELATION", "WAY", "Ids", "OsmFile", "open_osm", "reading"]
