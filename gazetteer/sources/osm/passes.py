"""The passes over an OSM file, each written out as OPL, osmium's own format of one object a line.

Filtering and writing happen in C++, at the speed at which osmium reads; an object handed to Python costs as much as
fifty that are not. Coordinates of nodes go to a file on disk, 16 bytes a node, never into memory. What C++ refuses (a
text that is not UTF-8, ids that do not fit osmium's bitmaps) is read again in Python, slowly.

OPL: https://osmcode.org/opl-file-format/
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt
import regex

from gazetteer.errors import SourceUnreadable
from gazetteer.sources.osm.files import OsmFile, open_osm, unreadable
from gazetteer.sources.osm.names import NAME_KEYS, REFERENCE_KEYS

Ids = npt.NDArray[np.int64]

_LOG = logging.getLogger(__name__)

#: Objects with one of these keys may be places. Every key costs a fiftieth of a pass, so of translations that stand
#: without the name itself only the English ones are looked for.
NAME_FILTER_KEYS = (*NAME_KEYS, *REFERENCE_KEYS, "name:en")
#: Only roads go by their number.
WAY_FILTER_KEYS = (*NAME_FILTER_KEYS, "ref")
#: osmium's filter by ids is a bitmap and takes no negative ids; OSM's own have not reached 2^34.
_BITMAP_LIMIT = 1 << 42
#: The exit status of a pass that cannot write what it reads.
NOT_WRITTEN = 3
#: Linux's option of prctl(2) for the signal that a process gets when the one that started it ends.
_SET_PARENT_DEATH_SIGNAL = 1
#: Files up to this size are read in this process; a process of its own would take longer to start.
SMALL_FILE = 24_000_000

_ESCAPED = regex.compile(r"[\s,=@%\p{C}]")


def write_named(file: OsmFile, target: Path) -> None:
    """Write the ways that have a name, and every relation. Raises SourceUnreadable."""
    import osmium
    from osmium.osm import RELATION, WAY

    keys = osmium.filter.KeyFilter(*WAY_FILTER_KEYS)
    keys.enable_for(WAY)
    try:
        _apply(file, WAY | RELATION, target, keys)
    except Exception as failure:
        _say_slow(file, failure)
        with _reading(file), target.open("w", encoding="utf-8") as output:
            for each in osmium.FileProcessor(file.osmium_file(), WAY | RELATION).with_filter(keys):
                _write_line(each, output)


def write_nodes(file: OsmFile, target: Path, index: Path) -> None:
    """Write the named nodes, and the coordinates of all nodes into the file `index`. Raises SourceUnreadable."""
    import osmium
    from osmium.osm import NODE

    keys = osmium.filter.KeyFilter(*NAME_FILTER_KEYS)
    index.unlink(missing_ok=True)
    try:
        table = osmium.index.create_map(f"sparse_file_array,{index}")
        _apply(file, NODE, target, osmium.NodeLocationsForWays(table), keys)
    except Exception as failure:
        _say_slow(file, failure)
        with _reading(file), target.open("w", encoding="utf-8") as output:
            for each in osmium.FileProcessor(file.osmium_file(), NODE).with_filter(keys):
                _write_line(each, output)


def write_ways(file: OsmFile, way_ids: Ids, target: Path) -> None:
    """Write the ways with these ids, which are sorted, each once. Raises SourceUnreadable."""
    import osmium
    from osmium.osm import WAY

    in_bitmap = way_ids[(way_ids >= 0) & (way_ids < _BITMAP_LIMIT)]
    try:
        if len(in_bitmap) < len(way_ids):
            raise OverflowError("ids of ways are negative or greater than any of OpenStreetMap's own")
        # A memory view yields Python integers one by one; a list would take ten times the array's memory.
        _apply(file, WAY, target, osmium.filter.IdFilter(memoryview(in_bitmap.data)))
    except Exception as failure:
        _say_slow(file, failure)
        wanted = set(way_ids.tolist())
        with _reading(file), target.open("w", encoding="utf-8") as output:
            for each in osmium.FileProcessor(file.osmium_file(), WAY):
                if each.id in wanted:
                    _write_line(each, output)


def write_changes(file: OsmFile, target: Path) -> None:
    """Write every object of a file of changes, with when it was made. Raises SourceUnreadable, or OSError."""
    import osmium
    from osmium.osm import NODE, RELATION, WAY

    try:
        _check_root(file)
        _apply(file, NODE | WAY | RELATION, target, metadata="version+timestamp")
    except Exception as failure:
        # osmium does not say whether it failed to read or to write.
        try:
            _check_root(file)
            osmium.apply(osmium.io.Reader(file.osmium_file()), osmium.filter.EmptyTagFilter())
        except Exception:
            raise unreadable(file.path, failure) from failure
        raise OSError(str(failure)) from failure


def _check_root(file: OsmFile) -> None:
    """Refuse an extract under the name of a file of changes, which osmium would take."""
    if file.opener is not None:
        with file.opener(file.path) as text:
            if b"<osmChange" not in text.read(4096):
                raise ValueError("it holds no osmChange")


def negative_nodes(file: OsmFile, node_ids: Ids) -> tuple[Ids, Ids, Ids]:
    """Return the rows of these negative ids whose nodes the file holds, and x and y, which osmium does not keep."""
    import osmium
    from osmium.osm import NODE

    row_of = {node_id: row for row, node_id in enumerate(node_ids.tolist())}
    with _reading(file):
        nodes: Any = osmium.FileProcessor(file.osmium_file(), NODE)
        found = {
            row_of[node.id]: (node.location.x, node.location.y)
            for node in nodes
            if node.id in row_of and node.location.valid() and not node.deleted
        }
    rows = np.array(sorted(found), dtype=np.int64)
    x, y = np.array([found[row] for row in rows.tolist()], dtype=np.int64).reshape(-1, 2).T
    return rows, x, y


def _say_slow(file: OsmFile, failure: Exception) -> None:
    _LOG.info("%s: read once more in Python (%s)", file.path, failure)


def _apply(file: OsmFile, entities: Any, target: Path, *handlers: Any, metadata: str = "version") -> None:
    import osmium

    reader = osmium.io.Reader(file.osmium_file(), entities)
    writer = osmium.SimpleWriter(osmium.io.File(target, f"opl,add_metadata={metadata}"), overwrite=True)
    try:
        osmium.apply(reader, *handlers, writer)
        writer.close()
    except Exception:
        # The destructor of a writer that failed ends the process (pyosmium 4.3), so this one is never destroyed.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise
    finally:
        reader.close()


class _reading:  # noqa: N801 - reads as a word in a with statement
    """Turn any failure of osmium into SourceUnreadable, but not one to write."""

    def __init__(self, file: OsmFile) -> None:
        self._file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, failure: BaseException | None, trace: Any) -> None:
        if isinstance(failure, Exception) and not isinstance(failure, (SourceUnreadable, OSError)):
            raise unreadable(self._file.path, failure) from failure


def _write_line(thing: Any, output: TextIO) -> None:
    """Write one object; one whose text is not UTF-8 is left out."""
    try:
        tags = ",".join(f"{_escape(key)}={_escape(value)}" for key, value in thing.tags)
        rest = _content(thing)
    except UnicodeDecodeError:
        _LOG.warning("%s %s: its text is not UTF-8; left out", thing.type_str(), thing.id)
        return
    state = "D" if thing.deleted else "V"
    output.write(f"{thing.type_str()}{thing.id} v{thing.version} d{state} T{tags} {rest}\n")


def _content(thing: Any) -> str:
    letter = thing.type_str()
    if letter == "n":
        return f"x{thing.lon:.7f} y{thing.lat:.7f}" if thing.location.valid() else "x y"
    if letter == "w":
        return "N" + ",".join(f"n{node.ref}" for node in thing.nodes)
    return "M" + ",".join(f"{member.type}{member.ref}@{_escape(member.role)}" for member in thing.members)


def _escape(text: str) -> str:
    return str(_ESCAPED.sub(lambda found: f"%{ord(found[0]):x}%", text))


def _end_with(parent: int) -> None:
    """Let this process end with the one that started it, which may be killed; only Linux can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> int:
    """Run one pass in a process of its own: that of its parent, its name, the extract, and its further arguments."""
    parent, name, path, *rest = sys.argv[1:]
    _end_with(int(parent))
    file, files = open_osm(Path(path)), [Path(each) for each in rest]
    try:
        if name == "nodes":
            write_nodes(file, *files)
        else:
            write_ways(file, np.load(files[0]), files[1])
    except SourceUnreadable as error:
        sys.stderr.write(error.problem)
        return 2
    except OSError as error:
        sys.stderr.write(error.strerror or str(error))
        return NOT_WRITTEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
