"""Putting a finished gazetteer where readers look for it: they see the old one or the new one and never a mixture.

The compiled files of each build or update lie in a folder of their own within the gazetteer's. The manifest names that
folder and is replaced last, in one step. A reader that has opened the old files keeps them; one that comes in between
finds them gone, and reads the manifest again.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from gazetteer.errors import BuildError, GazetteerCorrupt
from gazetteer.manifest import MANIFEST_FILE, Manifest, check_files

if sys.platform != "win32":
    import fcntl

STORE_FILE = "places.duckdb"
_WRITE_AHEAD_FILE = f"{STORE_FILE}.wal"
_LOCK_FILE = "writer.lock"
_COMPILED = re.compile(r"compiled-[0-9a-f]{8}")
#: What formats up to 1 kept beside the manifest.
_FORMER = frozenset({"places.parquet", "names.parquet", "names.trie", "names.automaton"})


def compiled_name(files: dict[str, str]) -> str:
    """Return the name of the folder for compiled files with these checksums; the same files have the same."""
    return f"compiled-{sha256(repr(sorted(files.items())).encode()).hexdigest()[:8]}"


def is_gazetteer(folder: Path) -> bool:
    """Tell whether a folder may be written to: it is empty, or it holds a gazetteer and nothing else.

    A writer that failed leaves its lock in a folder that was empty.
    """
    names = {path.name for path in folder.iterdir()}
    known = {MANIFEST_FILE, STORE_FILE, _WRITE_AHEAD_FILE, _LOCK_FILE, *_FORMER}
    if names <= {_LOCK_FILE}:
        return True
    return MANIFEST_FILE in names and all(name in known or _COMPILED.fullmatch(name) for name in names)


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Keep other writers away from a gazetteer meanwhile; raises BuildError where there is one.

    The system takes the lock away with the process, however that ends.
    """
    if sys.platform == "win32" or not folder.is_dir():
        yield
        return
    with (folder / _LOCK_FILE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BuildError(folder, "is being written by another process", "Wait until that is done") from None
        yield


def publish(folder: Path, built: Path, manifest: Manifest, *, store: bool) -> None:
    """Put what was `built`, on the same disk, into place as the gazetteer `folder`; remove what it replaces.

    `store` tells whether a store is kept; where none was built, the one that is there stays.
    """
    if not folder.exists() or not any(folder.iterdir()):
        built.rename(folder)
        return
    target = folder / manifest.compiled
    with suppress(GazetteerCorrupt):
        check_files(manifest, folder)
        # The same files are there already, and readers may be about to open them.
        shutil.rmtree(built / manifest.compiled)
    if (built / manifest.compiled).exists():
        shutil.rmtree(target, ignore_errors=True)
        (built / manifest.compiled).rename(target)
    if (built / STORE_FILE).exists():
        (folder / _WRITE_AHEAD_FILE).unlink(missing_ok=True)
        (built / STORE_FILE).replace(folder / STORE_FILE)
    (built / MANIFEST_FILE).replace(folder / MANIFEST_FILE)
    for path in folder.iterdir():
        if _COMPILED.fullmatch(path.name) and path.name != manifest.compiled:
            # A reader may hold files of it open on a system that does not let go of those.
            shutil.rmtree(path, ignore_errors=True)
        elif path.name in _FORMER or (not store and path.name in (STORE_FILE, _WRITE_AHEAD_FILE)):
            with suppress(OSError):
                path.unlink()
