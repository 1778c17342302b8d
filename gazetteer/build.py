"""Source -> store -> matcher -> one finished gazetteer folder, renamed into place last."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from gazetteer.compiled import NAMES_FILE, PLACES_FILE, compile_gazetteer, matcher_file
from gazetteer.errors import BuildError, NoNamedPlaces, SourceUnreadable
from gazetteer.manifest import MANIFEST_FILE, Manifest, checksum, write_manifest
from gazetteer.matching import MATCHERS
from gazetteer.places import Place, PlaceName
from gazetteer.scratch import replace_folder, scratch_folder
from gazetteer.sources import Source, SourceDescription
from gazetteer.store import Store, write_failures

STORE_FILE = "places.duckdb"
#: What a gazetteer may consist of. A folder that holds anything else is never replaced, for that would delete it.
_FILES = {MANIFEST_FILE, STORE_FILE, f"{STORE_FILE}.wal", PLACES_FILE, NAMES_FILE, *map(matcher_file, MATCHERS)}
#: Above this many names the automaton would take longer to load than a user wants to wait.
_LARGEST_AUTOMATON = 200_000

_logger = logging.getLogger(__name__)


def build_gazetteer(
    sources: Sequence[Source], output: Path, *, compact: bool = False, overwrite: bool = True, progress: bool = False
) -> Manifest:
    """Build one gazetteer from `sources` into the folder `output` and return its manifest.

    The folder is written beside its final name and renamed when complete: a build that fails or is killed leaves an
    older gazetteer of that name as it was. `compact` leaves out the store, which only updates need, and compiles the
    names into a trie. Raises `SourceError` where a source cannot be read and `BuildError` where `output` cannot be
    written. What builds of the same name that were killed left behind is removed.
    """
    if not sources:
        raise ValueError("a gazetteer needs at least one source")
    output = Path(output)
    try:
        _check_output(output, overwrite=overwrite)
        output.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(output) as scratch:
            folder = scratch / "gazetteer"
            folder.mkdir()
            manifest = _write(sources, folder, compact=compact, progress=progress)
            replace_folder(output, folder, scratch)
    except write_failures() as error:
        problem = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise BuildError(output, problem, "Choose a writable folder with free space by -o") from error
    return manifest


def _check_output(output: Path, *, overwrite: bool) -> None:
    if not output.exists():
        return
    names = {path.name for path in output.iterdir()} if output.is_dir() else {""}
    if names and not (MANIFEST_FILE in names and names <= _FILES):
        raise BuildError(output, "exists and is not a gazetteer", "Choose another name by -o")
    if not overwrite:
        raise BuildError(output, "exists", "Remove it or choose another name by -o")


def _write(sources: Sequence[Source], folder: Path, *, compact: bool, progress: bool) -> Manifest:
    descriptions = []
    with Store(folder / STORE_FILE) as store:
        store.create()
        for source in sources:
            with _reading(type(source).__name__):
                description = source.describe()
            descriptions.append(description)
            with tqdm(desc=description.name, unit=" places", disable=not progress) as bar:
                if not store.add(_read(source, description), seen=bar.update):
                    raise NoNamedPlaces(description.name, "holds no named place", "Give an extract that holds names")
        counts, bounding_box = store.counts(), store.bounding_box()
        matcher = "trie" if compact or counts["names"] > _LARGEST_AUTOMATON else "automaton"
        _logger.info("compiling %d names into one %s", counts["names"], matcher)
        compile_gazetteer(store.places(), store.summary(), folder, matcher=matcher)
    if compact:
        (folder / STORE_FILE).unlink()
    manifest = Manifest(
        sources=tuple(descriptions),
        counts=counts,
        bounding_box=bounding_box,
        matcher=matcher,
        files={name: checksum(folder / name) for name in (PLACES_FILE, NAMES_FILE, matcher_file(matcher))},
    )
    write_manifest(manifest, folder)
    return manifest


def _read(source: Source, description: SourceDescription) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    with _reading(description.name):
        yield from source.read()


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Keep an input that fails apart from an output that fails; the system's error is the same."""
    try:
        yield
    except OSError as error:
        problem = f"cannot be read ({error.strerror or error})"
        raise SourceUnreadable(name, problem, "Give a complete, readable input") from error
