"""OSM change files -> the store -> new compiled files, without reading the extract again."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazetteer.build import LOST, finish, writing
from gazetteer.errors import GazetteerCorrupt, NoNamedPlaces, UpdateError
from gazetteer.manifest import Manifest, checksum, read_manifest
from gazetteer.publishing import STORE_FILE, publish, sole_writer
from gazetteer.scratch import scratch_folder
from gazetteer.selection import Selection
from gazetteer.sources.osm import (
    ChangeCounts,
    OsmFile,
    add_osm_places,
    apply_changes,
    complete_from_extracts,
    describe_all,
    newest_change,
    open_changes,
    open_osm,
)
from gazetteer.stages import Stages
from gazetteer.store import Store

#: What DuckDB says of a file that is no store of ours, or no longer.
_DAMAGED = re.compile(r"not a valid DuckDB|Corrupt database|Could not read enough|Catalog Error")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Update:
    """What an update did: the new manifest, and what became of the changed objects.

    `without_coordinates` counts named objects that cannot be put on the map. `waiting` of them do so for want of the
    extracts, mostly ways named since these were taken, whose nodes they held: an update that is given the extracts
    again finds them. The others refer to what the extracts do not hold, such as what lies beyond their border.
    """

    manifest: Manifest
    changes: ChangeCounts
    without_coordinates: int
    waiting: int


def update_gazetteer(
    folder: Path,
    changes: Sequence[Path],
    *,
    extracts: Sequence[Path] | None = None,
    anywhere: bool = False,
    progress: bool | None = False,
) -> Update:
    """Bring a gazetteer that was built from OpenStreetMap up to date with change files (`.osc`, `.osc.gz`, `.osc.bz2`).

    Objects are created, modified and deleted; files may come late, twice or in any order. `extracts` are those that the
    gazetteer was built from; by default they are looked for where they were. They are read only where a change refers
    to what nobody needed before. What lies outside the regions that the extracts cover, where they say so, is left out
    unless `anywhere`: change files are mostly those of the whole planet. Readers see the old gazetteer until the new
    one is complete, and an update that fails or is killed changes nothing that they see. Raises `GazetteerUnreadable`,
    `SourceError`, `UpdateError` or `BuildError`, and ValueError without a file of changes.
    """
    if not changes:
        raise ValueError("an update needs at least one file of changes")
    folder = Path(folder)
    files = [open_changes(Path(path)) for path in changes]
    manifest = read_manifest(folder)
    if not (folder / STORE_FILE).exists():
        raise UpdateError(folder, "holds no store, so it cannot be updated", "Build it again, not compact")
    with (
        writing(folder),
        sole_writer(folder),
        scratch_folder(folder) as scratch,
        Stages(folder.name, progress=progress) as stages,
        _sound(folder / STORE_FILE),
        Store(folder / STORE_FILE, spill=scratch / "spill") as store,
    ):
        if store.get("extracts") is None:
            raise UpdateError(folder, "was not built from OpenStreetMap", "Build it again from its sources")
        store.modernize()
        built = scratch / "gazetteer"
        built.mkdir()
        store.connection.begin()
        done = _change(store, files, scratch, stages, extracts, anywhere=anywhere)
        manifest = finish(store, built, matcher=store.get("matcher"), stages=stages)
        store.connection.commit()
        publish(folder, built, manifest, store=True)
    return Update(manifest, *done)


@contextmanager
def _sound(store: Path) -> Iterator[None]:
    """Turn what DuckDB says of a damaged store into GazetteerCorrupt."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        if not _DAMAGED.search(message):
            raise
        raise GazetteerCorrupt(store, f"cannot be read ({message})", "Build the gazetteer again") from error


def _change(
    store: Store,
    files: Sequence[OsmFile],
    scratch: Path,
    stages: Stages,
    extracts: Sequence[Path] | None,
    *,
    anywhere: bool,
) -> tuple[ChangeCounts, int, int]:
    """Apply changes and derive all places anew; return what an `Update` tells besides the manifest."""
    origin, selection = store.get("extracts"), Selection.from_dict(store.get("selection"))
    stages("reading changes")
    boxes = [] if anywhere else [tuple(box) for box in origin["boxes"]]
    counts = apply_changes(store.connection, files, scratch, data_date=origin["data_date"], boxes=boxes)
    _logger.info("%s", counts)
    stages("names")
    describe_all(store.connection)
    stages("what the changes refer to")
    given = None if extracts is None else [open_osm(Path(path)) for path in extracts]
    completed = complete_from_extracts(
        store.connection, lambda: _unchanged(origin) if given is None else given, scratch
    )
    store.remove("osm:")
    added, derived = add_osm_places(store, selection, stage=stages)
    if not added and not store.counts()["places"]:
        raise NoNamedPlaces(files[0].path, "would leave no named place in the gazetteer", "Build a new gazetteer")
    stages("parents")
    store.assign_parents(derived.areas)
    newest = newest_change(store.connection)
    sources = store.get("sources")
    for number in origin["sources"]:
        sources[number]["data_date"] = max(sources[number]["data_date"], newest)
    store.set("sources", sources)
    lost = derived.without_coordinates
    if completed:
        store.set(LOST, lost)
    return counts, lost, 0 if completed else max(0, lost - (store.get(LOST) or 0))


def _unchanged(origin: dict[str, Any]) -> list[OsmFile]:
    """Return the extracts of the build, none of them where one is no longer what it was; they are read as a whole."""
    found = [
        open_osm(Path(path))
        for path, size, expected in origin["files"]
        if Path(path).is_file() and Path(path).stat().st_size == size and checksum(Path(path)) == expected
    ]
    return found if len(found) == len(origin["files"]) else []
