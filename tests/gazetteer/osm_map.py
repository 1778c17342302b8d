"""Tiny maps and files of changes, written by tests as OSM XML or in any other format of OpenStreetMap."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from xml.sax.saxutils import quoteattr

import osmium

#: When the tiny extracts were taken, and a time after that.
TAKEN, LATER = "2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z"
#: The tags of a municipality.
TOWN_BOUNDARY = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}


class Map:
    """A tiny map in the making; objects are written in the order in which they are added."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def node(self, node_id: int, lat: float, lon: float, **tags: str) -> Self:
        return self._add(f'<node id="{node_id}" version="1" lat="{lat}" lon="{lon}">', "node", tags)

    def way(self, way_id: int, refs: list[int], tags: dict[str, str]) -> Self:
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        return self._add(f'<way id="{way_id}" version="1">{inside}', "way", tags)

    def relation(self, relation_id: int, members: list[tuple[str, int, str]], tags: dict[str, str]) -> Self:
        inside = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        return self._add(f'<relation id="{relation_id}" version="1">{inside}', "relation", tags)

    def _add(self, start: str, end: str, tags: dict[str, str]) -> Self:
        inside = "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
        self.parts.append(f"{start}{inside}</{end}>")
        return self

    def xml(self, attributes: str = "") -> bytes:
        return f'<osm version="0.6" generator="test"{attributes}>\n{"".join(self.parts)}\n</osm>\n'.encode()

    def write(self, path: Path) -> Path:
        if path.name.endswith(".gz"):
            path.write_bytes(gzip.compress(self.xml()))
        elif path.name.endswith(".bz2"):
            path.write_bytes(bz2.compress(self.xml()))
        elif path.name.endswith(".pbf"):
            buffer = osmium.io.FileBuffer(self.xml(), "osm")
            with osmium.SimpleWriter(path) as writer:
                for each in osmium.FileProcessor(buffer):
                    writer.add(each)
        else:
            path.write_bytes(self.xml())
        return path

    def add(self, *things: Thing) -> Self:
        """Add objects in the version that they have."""
        self.parts.extend(thing.xml() for thing in things)
        return self


@dataclass(frozen=True, slots=True)
class Thing:
    """One version of an object; what a type has no use for is empty."""

    type: str
    id: int
    version: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    position: tuple[float, float] | None = None
    refs: Sequence[int] = ()
    members: Sequence[tuple[str, int, str]] = ()
    deleted: bool = False
    made: str = LATER

    def xml(self) -> str:
        """Return the object as OSM XML."""
        where = f' lat="{self.position[0]}" lon="{self.position[1]}"' if self.position else ""
        made = f' timestamp="{self.made}"' if self.made else ""
        inside = "".join(f'<nd ref="{ref}"/>' for ref in self.refs)
        inside += "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in self.members)
        inside += "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in self.tags.items())
        return f'<{self.type} id="{self.id}" version="{self.version}"{made}{where}>{inside}</{self.type}>'


def node(node_id: int, position: tuple[float, float], version: int = 1, **tags: str) -> Thing:
    """Return a node at latitude and longitude."""
    return Thing("node", node_id, version, tags, position=position)


def way(way_id: int, refs: Sequence[int], version: int = 1, **tags: str) -> Thing:
    """Return a way."""
    return Thing("way", way_id, version, tags, refs=refs)


def relation(relation_id: int, members: Sequence[tuple[str, int, str]], version: int = 1, **tags: str) -> Thing:
    """Return a relation."""
    return Thing("relation", relation_id, version, tags, members=members)


def write_extract(path: Path, things: Iterable[Thing], *, box: str = "", taken: str = TAKEN) -> Path:
    """Write objects as an extract; `box` is an element `bounds` of its header."""
    xml = Map().add(*things).xml(f' timestamp="{taken}"' if taken else "")
    path.write_bytes(xml.replace(b"\n", b"\n" + box.encode(), 1))
    return path


def write_changes(path: Path, things: Iterable[Thing]) -> Path:
    """Write versions of objects as a file of changes, in the order given."""
    blocks = []
    for thing in things:
        action = "delete" if thing.deleted else "create" if thing.version == 1 else "modify"
        blocks.append(f"<{action}>{thing.xml()}</{action}>")
    content = f'<osmChange version="0.6">{"".join(blocks)}</osmChange>'.encode()
    compress = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)
    path.write_bytes(compress(content))
    return path
