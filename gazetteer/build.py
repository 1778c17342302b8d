"""Source -> store -> compiled files -> one finished gazetteer folder, put into place last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazetteer.compiled import compiled_files
from gazetteer.compiling import compile_gazetteer
from gazetteer.errors import BuildError, NoNamedPlaces, SourceUnreadable
from gazetteer.fuzzy import FUZZY_FILES, FuzzyIndex
from gazetteer.manifest import Manifest, checksum, write_manifest
from gazetteer.publishing import STORE_FILE, compiled_name, is_gazetteer, publish, sole_writer
from gazetteer.scratch import scratch_folder
from gazetteer.selection import Selection
from gazetteer.sources import Batch, Source, SourceDescription
from gazetteer.sources.entries import gathered
from gazetteer.sources.osm import OsmFile, OsmSource, add_osm_places, load_extracts, open_osm
from gazetteer.sources.table import TableSource
from gazetteer.stages import Stages
from gazetteer.store import Store, write_failures

if TYPE_CHECKING:
    import pyarrow

#: Above this many names the automaton would take longer to load than a user wants to wait.
_LARGEST_AUTOMATON = 200_000
#: What the ids of other sources' places begin with.
_TAKEN = frozenset({"osm", "geonames", "admin2", "world"})
#: The setting of a store that counts the objects which even the whole extracts cannot put on the map.
LOST = "without_coordinates"


def build_gazetteer(
    sources: Sequence[Source],
    output: Path,
    *,
    selection: Selection | None = None,
    matcher: str | None = None,
    compact: bool = False,
    overwrite: bool = True,
    progress: bool | None = False,
) -> Manifest:
    """Build one gazetteer from `sources` into the folder `output` and return its manifest.

    The gazetteer is written beside its place and moved there when complete: a build that fails or is killed leaves an
    older gazetteer of that name as it was, and what killed builds left behind the next removes. `selection` is what is
    kept of the sources, by default everything. `matcher` is "automaton" (fastest) or "trie" (for any number of names),
    by default what suits the number of names. `compact` leaves out the store, which only updates need. `progress` shows
    what is being done; None shows it only on a terminal. Raises `SourceError` where a source cannot be read and
    `BuildError` where `output` cannot be written.
    """
    if not sources:
        raise ValueError("a gazetteer needs at least one source")
    output = Path(output)
    _check_tables(sources, output)
    with writing(output):
        _check_output(output, overwrite=overwrite)
        output.parent.mkdir(parents=True, exist_ok=True)
        with sole_writer(output), scratch_folder(output) as scratch, Stages(output.name, progress=progress) as stages:
            built = scratch / "gazetteer"
            built.mkdir()
            with Store(built / STORE_FILE, spill=scratch / "spill") as store:
                store.create()
                store.set("selection", (selection or Selection()).to_dict())
                _read_sources(sources, store, scratch, stages, selection or Selection())
                store.set("matcher", matcher or ("trie" if compact else None))
                manifest = finish(store, built, matcher=store.get("matcher"), stages=stages)
                if not compact:
                    store.complete()
            if compact:
                (built / STORE_FILE).unlink()
            publish(output, built, manifest, store=not compact)
    return manifest


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """Turn a failure to write, such as a full disk, into BuildError."""
    try:
        yield
    except write_failures() as error:
        problem = f"cannot be written ({getattr(error, 'strerror', None) or str(error).splitlines()[0]})"
        raise BuildError(output, problem, "Choose a writable folder with free space by -o") from error


def finish(store: Store, folder: Path, *, matcher: str | None, stages: Stages) -> Manifest:
    """Compile the places and names of a store into `folder`, write the manifest there, and return it."""
    stages("spellings")
    store.add_variants()
    names = store.summary()
    matcher = matcher or ("trie" if names.num_rows > _LARGEST_AUTOMATON else "automaton")
    stages(f"{names.num_rows} names into one {matcher}")
    compiled = folder / "compiled"
    compiled.mkdir(parents=True)
    compile_gazetteer(store.places(), names, compiled, matcher=matcher)
    stages("index of like names")
    FuzzyIndex.compile(_given(names), compiled)
    files = {name: checksum(compiled / name) for name in (*compiled_files(matcher), *FUZZY_FILES)}
    manifest = Manifest(
        sources=tuple(SourceDescription(**source) for source in store.get("sources")),
        counts=store.counts() | {"names": names.num_rows},
        bounding_box=store.bounding_box(),
        matcher=matcher,
        compiled=compiled_name(files),
        files=files,
    )
    compiled.rename(folder / manifest.compiled)
    write_manifest(manifest, folder)
    return manifest


def _given(names: pyarrow.Table) -> list[str]:
    """Return the names that a source gives, without the variants made of them."""
    from pyarrow import compute

    given: list[str] = names["name"].filter(compute.equal(names["derived_from"], "")).to_pylist()
    return given


def _check_output(output: Path, *, overwrite: bool) -> None:
    if not output.exists():
        return
    if not output.is_dir() or not is_gazetteer(output):
        raise BuildError(output, "exists and is not a gazetteer", "Choose another name by -o")
    if not overwrite:
        raise BuildError(output, "exists", "Remove it or choose another name by -o")


def _check_tables(sources: Sequence[Source], output: Path) -> None:
    tables = [source.table for source in sources if isinstance(source, TableSource)]
    if twice := next((table for table in tables if tables.count(table) > 1), None):
        problem = f"cannot hold two tables named {twice!r}, whose places would have the same ids"
        raise BuildError(output, problem, "Rename one of the files")
    if taken := next((table for table in tables if table.partition(":")[0] in _TAKEN), None):
        problem = f"cannot hold a table named {taken!r}, whose places would have ids like those of another source"
        raise BuildError(output, problem, "Rename the file")


def _read_sources(sources: Sequence[Source], store: Store, scratch: Path, stages: Stages, selection: Selection) -> None:
    """Fill the store; the extracts of OpenStreetMap are read together, last, for they may share objects."""
    descriptions = []
    for source in sources:
        with _reading(type(source).__name__):
            descriptions.append(source.describe())
    store.set("sources", [asdict(description) for description in descriptions])
    extracts = [source for source in sources if isinstance(source, OsmSource)]
    for source, description in zip(sources, descriptions, strict=True):
        if isinstance(source, OsmSource):
            continue
        stages(f"reading {description.name}")
        if not store.add(map(selection.apply, _batches(source, description))):
            raise _nothing_kept(description.name, selection)
    store.remove_repeated()
    areas = None
    if extracts:
        files = [open_osm(Path(source.path)) for source in extracts]
        store.set("extracts", _origin(sources, descriptions, files))
        load_extracts(store.connection, files, scratch, stage=stages)
        count, derived = add_osm_places(store, selection, stage=stages)
        store.set(LOST, derived.without_coordinates)
        areas = derived.areas
        if not count:
            raise _nothing_kept(", ".join(str(file.path) for file in files), selection)
    stages("parents")
    store.assign_parents(areas)


def _origin(
    sources: Sequence[Source], descriptions: Sequence[SourceDescription], files: Sequence[OsmFile]
) -> dict[str, Any]:
    """Return what an update must know of the extracts."""
    numbers = [number for number, source in enumerate(sources) if isinstance(source, OsmSource)]
    boxes = [file.bounding_box() for file in files]
    return {
        "sources": numbers,
        "data_date": min(descriptions[number].data_date for number in numbers),
        # One extract without a box may reach anywhere.
        "boxes": boxes if all(boxes) else [],
        "files": [
            (str(file.path.resolve()), file.path.stat().st_size, descriptions[number].checksum)
            for number, file in zip(numbers, files, strict=True)
        ],
    }


def _batches(source: Source, description: SourceDescription) -> Iterator[Batch]:
    with _reading(description.name):
        yield from gathered(source.read())


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Keep an input that fails apart from an output that fails; the system's error is the same."""
    try:
        yield
    except OSError as error:
        problem = f"cannot be read ({error.strerror or error})"
        raise SourceUnreadable(name, problem, "Give a complete, readable input") from error


def _nothing_kept(name: str, selection: Selection) -> NoNamedPlaces:
    if selection == Selection():
        return NoNamedPlaces(name, "holds no named place", "Give an extract that holds names")
    problem = "holds no named place of the languages, kinds and area that are to be kept"
    return NoNamedPlaces(name, problem, "Keep more of it, or leave this input out")
