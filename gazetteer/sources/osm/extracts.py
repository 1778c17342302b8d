"""Extracts into the tables of OSM objects: which passes are made over them, and in which order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gazetteer.sources.osm.derived import Derived, batches, derive
from gazetteer.sources.osm.described import create_descriptions, describe
from gazetteer.sources.osm.files import OsmFile, unreadable
from gazetteer.sources.osm.geometry import first_of_equals, rows_of, sorted_unique
from gazetteer.sources.osm.node_index import look_up
from gazetteer.sources.osm.passes import (
    NOT_WRITTEN,
    SMALL_FILE,
    Ids,
    negative_nodes,
    write_named,
    write_nodes,
    write_ways,
)
from gazetteer.sources.osm.relations import Members, read_members
from gazetteer.sources.osm.tables import (
    ObjectType,
    add_coordinates,
    add_missing,
    add_missing_relations,
    column,
    create_tables,
    keep_newest,
    load_named_ways,
    load_nodes,
    load_relations,
    load_wanted_relations,
    load_ways,
)

if TYPE_CHECKING:
    import duckdb

    from gazetteer.selection import Selection
    from gazetteer.store import Store

_PASSES = "gazetteer.sources.osm.passes"


def load_extracts(
    connection: duckdb.DuckDBPyConnection, files: Sequence[OsmFile], scratch: Path, *, stage: Callable[[str], object]
) -> None:
    """Read extracts into the tables of OSM objects and describe these.

    `scratch` is a folder for files meanwhile: 16 bytes for every node of the extracts, and more. `stage` is told what
    is being done. Raises SourceUnreadable.
    """
    create_tables(connection)
    create_descriptions(connection)
    with _parts(files, scratch) as parts:
        # Other processes read nodes, and then ways, while this one sees to names.
        stage("reading nodes, named ways and relations")
        node_passes = [part.start("nodes", part.nodes, part.index) for part in parts]
        for part in parts:
            write_named(part.file, part.named)
            load_relations(connection, part.named, part.file.path)
        keep_newest(connection)
        stage("names of relations")
        describe(connection, [ObjectType.RELATION])
        members = read_members(connection)
        add_missing_relations(connection, members.child_ids())
        np.save(scratch / "ways.npy", members.way_ids())
        for node_pass in node_passes:
            node_pass.finish()
        way_passes = [part.start("ways", scratch / "ways.npy", part.ways) for part in parts]
        stage("names of ways")
        for part in parts:
            load_named_ways(connection, part.named, part.file.path)
            part.named.unlink()
        keep_newest(connection)
        describe(connection, [ObjectType.WAY])
        for part, way_pass in zip(parts, way_passes, strict=True):
            way_pass.finish()
            load_ways(connection, part.ways, part.file.path)
            load_nodes(connection, part.nodes, part.file.path)
        keep_newest(connection)
        add_missing(connection, "osm_ways", _missing_ways(connection, members))
        stage("names of nodes")
        describe(connection, [ObjectType.NODE])
        stage("coordinates")
        _load_coordinates(connection, parts, members)


def complete_from_extracts(
    connection: duckdb.DuckDBPyConnection, find: Callable[[], Sequence[OsmFile]], scratch: Path
) -> bool:
    """Look up in extracts what changed ways and relations refer to and nothing knows yet; tell whether that was done.

    It costs passes over the extracts; `find` is asked for these only where something is missing. Where it finds none,
    nothing is noted as missing, and a later look may find it. Raises SourceUnreadable.
    """
    members = read_members(connection)
    missing = (_missing_relations(connection, members), _missing_ways(connection, members))
    if not any(map(len, missing)) and not len(_missing_nodes(connection, members)):
        return True
    files = find()
    if not files:
        return False
    with _parts(files, scratch) as parts:
        members = _complete_members(connection, parts)
        missing_ways = _missing_ways(connection, members)
        if len(missing_ways):
            np.save(scratch / "ways.npy", missing_ways)
            for part in parts:
                part.start("ways", scratch / "ways.npy", part.ways).finish()
                load_ways(connection, part.ways, part.file.path)
            keep_newest(connection)
            add_missing(connection, "osm_ways", _missing_ways(connection, members))
        if len(_missing_nodes(connection, members)):
            for part in parts:
                part.start("nodes", part.nodes, part.index).finish()
            _load_coordinates(connection, parts, members)
    return True


def _missing_relations(connection: duckdb.DuckDBPyConnection, members: Members) -> Ids:
    """Return the ids of the relations within relations that are not loaded yet, sorted."""
    loaded = connection.execute("SELECT id FROM osm_objects WHERE type = 2 ORDER BY id").fetchnumpy()["id"]
    wanted = members.child_ids()
    _, known = rows_of(loaded, wanted)
    return wanted[~known]


def _complete_members(connection: duckdb.DuckDBPyConnection, parts: Sequence[_Part]) -> Members:
    """Return the members of relations, after a look for those among them that are relations nobody needed before."""
    members = read_members(connection)
    missing = _missing_relations(connection, members)
    if not len(missing):
        return members
    for part in parts:
        write_named(part.file, part.named)
        load_wanted_relations(connection, part.named, part.file.path, missing)
    keep_newest(connection)
    add_missing_relations(connection, missing)
    return read_members(connection)


def _missing_ways(connection: duckdb.DuckDBPyConnection, members: Members) -> Ids:
    """Return the ids of the ways that relations need and that are not loaded yet, sorted."""
    loaded = connection.execute("SELECT id FROM osm_ways ORDER BY id").fetchnumpy()["id"]
    wanted = members.way_ids()
    _, known = rows_of(loaded, wanted)
    return wanted[~known]


def _missing_nodes(connection: duckdb.DuckDBPyConnection, members: Members) -> Ids:
    """Return the ids of the nodes that ways and relations need and that are not loaded yet, sorted."""
    refs = column(connection, "SELECT unnest(nodes) FROM osm_ways", "SELECT sum(len(nodes)) FROM osm_ways")
    refs.sort()
    wanted = refs[first_of_equals(refs)]
    del refs
    wanted = sorted_unique(np.concatenate([wanted, members.node_ids()]))
    loaded = column(connection, "SELECT id FROM osm_nodes ORDER BY id", "SELECT count(*) FROM osm_nodes")
    _, known = rows_of(loaded, wanted)
    return wanted[~known]


def _load_coordinates(connection: duckdb.DuckDBPyConnection, parts: Sequence[_Part], members: Members) -> None:
    wanted = _missing_nodes(connection, members)
    for part in parts:
        missing = np.ones(len(wanted), dtype=np.bool_)
        negative = int(np.searchsorted(wanted, 0))
        found: Iterator[tuple[Ids, Ids, Ids]]
        found = ((rows + negative, x, y) for rows, x, y in look_up(part.index, wanted[negative:]))
        if negative:
            found = chain([negative_nodes(part.file, wanted[:negative])], found)
        for rows, x, y in found:
            add_coordinates(connection, wanted[rows], x, y)
            missing[rows] = False
        wanted = wanted[missing]
        part.index.unlink(missing_ok=True)
    add_missing(connection, "osm_nodes", wanted)


class _Part:
    """One extract, and the files into which passes over it are written."""

    def __init__(self, file: OsmFile, base: Path) -> None:
        self.file = file
        self.named, self.nodes, self.ways, self.index = (
            base.with_suffix(f".{suffix}") for suffix in ("named", "nodes", "ways", "index")
        )
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, name: str, *arguments: Path) -> _Pass:
        """Start a pass, in a process of its own where that pays."""
        if self.file.path.stat().st_size > SMALL_FILE:
            command = [sys.executable, "-m", _PASSES, os.getpid(), name, self.file.path, *arguments]
            process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True)  # noqa: S603
            self._processes.append(process)
            return _Pass(self.file, process)
        if name == "nodes":
            write_nodes(self.file, *arguments)
        else:
            write_ways(self.file, np.load(arguments[0]), arguments[1])
        return _Pass(self.file, None)

    def stop(self) -> None:
        """End what still runs, which is so only where something else failed."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                process.communicate()


@contextmanager
def _parts(files: Sequence[OsmFile], scratch: Path) -> Iterator[list[_Part]]:
    """Yield a part for each extract; at the end no pass over them runs any more."""
    parts = [_Part(file, scratch / f"part-{number}") for number, file in enumerate(files)]
    try:
        yield parts
    finally:
        for part in parts:
            part.stop()


@dataclass(frozen=True, slots=True)
class _Pass:
    """A pass that may still be running; `finish` waits for it and raises what it complains of."""

    file: OsmFile
    process: subprocess.Popen[str] | None

    def finish(self) -> None:
        if self.process is None:
            return
        _, complaint = self.process.communicate()
        if self.process.returncode == NOT_WRITTEN:
            raise OSError(complaint.strip())
        if self.process.returncode:
            raise unreadable(self.file.path, complaint.strip().splitlines()[-1] if complaint.strip() else "killed")


def add_osm_places(store: Store, selection: Selection, *, stage: Callable[[str], object]) -> tuple[int, Derived]:
    """Add the places derived from the described OSM objects in a store; return how many, and what `derive` tells."""
    stage("coordinates of places")
    derived = derive(store.connection)
    stage("places")
    if selection.keeps_everything:
        return store.add_tables("osm_places", "osm_names"), derived
    return store.add(map(selection.apply, batches(store.connection))), derived
