"""The folder of a job's results: its parts, its rejects and what says which job it is.

A part is written whole or not at all, and its name says which rows it covers, so the names alone tell what has been
done. The rejects of a part are written before it: where a part is, its rejects are.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmr_hybrid.errors import OutputError
from lmr_hybrid.jobs.chunks import Chunk, Reject
from lmr_hybrid.jobs.kinds import PartKind
from lmr_hybrid.jobs.locations import briefly, is_url, open_filesystem, refusals
from lmr_hybrid.output.atomic import remove_remains, write_bytes_atomically
from lmr_hybrid.output.json_lines import escaped

#: Names that begin with an underscore are none of a data set's files to Arrow, Spark and DuckDB.
MANIFEST, FINISHED, REJECTS, _LOCK = "_job.json", "_SUCCESS", "_rejects", "_lock"
_PART = re.compile(r"part-(?P<file>\d{5,})-(?P<first>\d{12,})-(?P<end>\d{12,})(?P<last>-end)?\.(parquet|jsonl)")
_REMEDY = "Choose a folder that exists or can be made, is writable and has room"


@dataclass(frozen=True, slots=True)
class DoneRows:
    """What has been done of a file: where each part starts -> where it ends, and where the file does, if known."""

    parts: Mapping[int, int]
    length: int | None = None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(end - first for first, end in self.parts.items())

    @property
    def complete(self) -> bool:
        """Whether that is the whole file."""
        return self.length is not None and self.rows == self.length


def part_name(chunk: Chunk, kind: PartKind) -> str:
    """Return the name of a chunk's part: number of the file, first row, end (exclusive), and whether it ends there."""
    return f"part-{chunk.file:05}-{chunk.first:012}-{chunk.end:012}{'-end' if chunk.last else ''}.{kind}"


class PartStore:
    """The folder of results, on a disk or at a URL that fsspec or Arrow can write to.

    On a disk a file appears by renaming; object stores show an object only once all of it is there.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._system, self._root = open_filesystem(location)
        self._folder = None if is_url(location) and not location.startswith("file://") else Path(self._root)

    def make(self) -> None:
        """Make the folder where there is none. Raises `OutputError`."""
        with self._failing():
            self._system.makedirs(f"{self._root}/{REJECTS}", exist_ok=True)

    def names(self) -> set[str]:
        """Return the names of all files and folders in it; none where it does not exist. Raises `OutputError`."""
        with self._failing():
            if self._system.isfile(self._root):
                raise OutputError(self.location, "is a file", "A job writes a folder: name one")
            if not self._system.exists(self._root):
                return set()
            self._system.invalidate_cache()
            return {Path(path).name for path in self._system.ls(self._root, detail=False)}

    def done(self) -> dict[int, DoneRows]:
        """Return what has been done of each file, by its number."""
        parts: dict[int, dict[int, int]] = {}
        lengths: dict[int, int] = {}
        for match in filter(None, map(_PART.fullmatch, self.names())):
            file, end = int(match["file"]), int(match["end"])
            parts.setdefault(file, {})[int(match["first"])] = end
            if match["last"]:
                lengths[file] = end
        return {file: DoneRows(each, lengths.get(file)) for file, each in parts.items()}

    def remove_parts(self, files: Collection[int]) -> None:
        """Remove what says that the job is complete and the parts of these files, whose rejects are orphans then."""
        with self._failing():
            names = self.names()
            parts = filter(None, map(_PART.fullmatch, sorted(names)))
            gone = [match.string for match in parts if int(match["file"]) in files]
            for name in [FINISHED, *gone] if FINISHED in names else gone:
                self._system.rm(f"{self._root}/{name}")

    def remove_remains(self) -> None:
        """Remove from a job's folder on a disk what killed ones had begun to write there."""
        with self._failing():
            for folder in [] if self._folder is None else [self._folder, self._folder / REJECTS]:
                remove_remains(folder)

    def remove_orphans(self) -> None:
        """Remove rejects whose part was not written any more."""
        with self._failing():
            parts = {name.rpartition(".")[0] for name in self.names()}
            for path in self._reject_files():
                if Path(path).stem not in parts:
                    self._system.rm(path)

    def write_part(self, chunk: Chunk, kind: PartKind, content: bytes, rejects: Sequence[Mapping[str, Any]]) -> str:
        """Write a chunk's rejects and then its part; return the name of the part. Raises `OutputError`."""
        name = part_name(chunk, kind)
        if rejects:
            self.write_rejects(name.rpartition(".")[0], rejects)
        self.write(name, content)
        return name

    def write_rejects(self, name: str, rejects: Sequence[Mapping[str, Any]]) -> None:
        """Write rejects, one JSON object a line."""
        lines = "".join(f"{escaped(json.dumps(reject, ensure_ascii=False))}\n" for reject in rejects)
        self.write(f"{REJECTS}/{name}.jsonl", lines.encode("utf-8"))

    def count_rejects(self) -> int:
        """Return the number of all rejects, one a line."""
        with self._failing():
            return sum(self._count_lines(path) for path in self._reject_files())

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all. Raises `OutputError`."""
        if self._folder is not None:
            write_bytes_atomically(self._folder / name, content)
            return
        with self._failing():
            self._system.pipe_file(f"{self._root}/{name}", content)

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none. Raises `OutputError`."""
        with self._failing():
            path = f"{self._root}/{name}"
            return bytes(self._system.cat_file(path)) if self._system.exists(path) else None

    def clear(self) -> None:
        """Remove all that a job wrote, what says which job it was last; other files stay."""
        with self._failing():
            names = self.names()
            gone = [FINISHED, *filter(_PART.fullmatch, sorted(names)), REJECTS, MANIFEST]
            for name in gone:
                if name in names:
                    self._system.rm(f"{self._root}/{name}", recursive=name == REJECTS)

    @contextmanager
    def sole_writer(self) -> Iterator[None]:
        """Keep other jobs out of a folder on a disk meanwhile.

        The system takes the lock away with the process, however that ends. Raises `OutputError` where it is taken or
        the folder cannot be written to.
        """
        if self._folder is None or sys.platform == "win32":
            yield
            return
        import fcntl

        with self._failing():
            lock = (self._folder / _LOCK).open("ab")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                problem = "is being written by another process"
                raise OutputError(self.location, problem, "Wait until that is done, or end it") from None
            yield

    def _reject_files(self) -> list[str]:
        self._system.invalidate_cache()
        return [path for path in self._system.ls(f"{self._root}/{REJECTS}", detail=False) if "/part-" in path]

    def _count_lines(self, path: str) -> int:
        with self._system.open(path, "rb") as stream:
            return sum(1 for _ in stream)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OutputError:
            raise
        except refusals(self.location) as error:
            raise OutputError(self.location, f"cannot be used ({briefly(error)})", _REMEDY) from error


def described(reject: Reject, file: str) -> dict[str, Any]:
    """Return a reject as it is written: its file, position from 0, line from 1 if it has one, reason and beginning."""
    line = {} if reject.line is None else {"line": reject.line}
    content = {"content": reject.content} if reject.content else {}
    return {"source_file": file, "source_row": reject.row, **line, "reason": reject.reason, **content}
