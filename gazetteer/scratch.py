"""The hidden folder beside a gazetteer in which it is built, and the removal of those that killed builds left behind.

A running build holds a lock on a file of its folder. The system takes the lock away with the process, however that
ends, so a folder whose lock is free belongs to a build that is dead. So does one that has no lock after a minute.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_LOCK_FILE = "build.lock"
#: Seconds in which a build surely puts its lock into its new folder.
_UNTIL_LOCKED = 60.0


@contextmanager
def scratch_folder(output: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `output`, removed at the end; remove first those of dead builds of `output`."""
    _remove_abandoned(output)
    with TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as name:
        scratch = Path(name)
        with (scratch / "new.lock").open("wb") as lock:
            if _lock(lock):
                # Under its known name the file is locked from the first moment.
                (scratch / "new.lock").rename(scratch / _LOCK_FILE)
            yield scratch


def _remove_abandoned(output: Path) -> None:
    pattern = re.compile(rf"\.{re.escape(output.name)}\.[a-z0-9_]{{8}}")
    with suppress(OSError):
        for folder in output.parent.iterdir():
            if pattern.fullmatch(folder.name) and not folder.is_symlink():
                with suppress(OSError):
                    _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    """Remove a folder whose build is dead, raising OSError where that fails."""
    try:
        with (folder / _LOCK_FILE).open("r+b") as lock:
            if _lock(lock):
                shutil.rmtree(folder)
    except FileNotFoundError:
        # Killed before it was locked, or removed in part; without locks nothing can be told.
        if sys.platform != "win32" and time.time() - folder.stat().st_mtime > _UNTIL_LOCKED:
            shutil.rmtree(folder)


def _lock(file: BinaryIO) -> bool:
    """Take the lock on a file; False where a running build holds it or the system has no such locks."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
