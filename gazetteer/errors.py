"""What can go wrong with a gazetteer.

GazetteerError
├── SourceError            an input that cannot be read as what it claims to be
│   ├── SourceNotFound
│   ├── SourceUnreadable   not an OSM file, truncated, garbled
│   └── NoNamedPlaces      readable, but nothing in it has a name
├── SelectionError         a part to be kept that is no such part: an unknown kind, a box or outline that is none
├── BuildError             the finished gazetteer cannot be written
├── UpdateError            a gazetteer that changes of OpenStreetMap cannot be applied to
└── GazetteerUnreadable    a folder that cannot be opened as a gazetteer
    ├── GazetteerNotFound
    ├── FormatMismatch     written by another version of the format
    └── GazetteerCorrupt   a file of it is missing or is not what the manifest says
"""

from __future__ import annotations

from pathlib import Path


class GazetteerError(Exception):
    """Anything expected to go wrong with a gazetteer; `path` is the file or folder it is about."""

    def __init__(self, path: str | Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = Path(path)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}. {self.remedy}"


class SourceError(GazetteerError):
    """An input cannot be read as what it claims to be."""


class SourceNotFound(SourceError):
    """The input does not exist or is not a file."""


class SourceUnreadable(SourceError):
    """The input is not in a known format, is truncated or is garbled."""


class NoNamedPlaces(SourceError):
    """The input is readable, but nothing in it has a name."""


class SelectionError(GazetteerError):
    """What is to be kept of the sources is not said in a way that can be understood."""


class BuildError(GazetteerError):
    """The finished gazetteer cannot be written where it was asked for."""


class UpdateError(GazetteerError):
    """A gazetteer holds no store, or nothing of OpenStreetMap, so that change files cannot be applied to it."""


class GazetteerUnreadable(GazetteerError):
    """A folder cannot be opened as a gazetteer."""


class GazetteerNotFound(GazetteerUnreadable):
    """The gazetteer folder does not exist or holds no manifest."""


class FormatMismatch(GazetteerUnreadable):
    """The gazetteer was written by another version of the format."""


class GazetteerCorrupt(GazetteerUnreadable):
    """A file of the gazetteer is missing or is not what the manifest says."""
