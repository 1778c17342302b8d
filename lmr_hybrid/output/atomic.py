"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TextIO, cast

from lmr_hybrid.errors import OutputError

_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


def write_text_atomically(path: str | Path, text: str) -> None:
    """Write `text` to `path`, as `open_atomically` does."""
    with open_atomically(path) as stream:
        stream.write(text)


def write_bytes_atomically(path: str | Path, content: bytes) -> None:
    """Write `content` to `path`, as `open_atomically` does."""
    with _open_atomically(Path(path), "xb") as stream:
        stream.write(content)


def check_writable(path: str | Path) -> None:
    """Raise the `OutputError` that `open_atomically` would raise of this path: to be known before long work.

    Nothing stays, and what stands at `path` is left as it is.
    """
    path = Path(path)
    with as_output_error(path):
        trial = _beside(_place_of(path))
        trial.touch(exist_ok=False)
        trial.unlink()


@contextmanager
def open_atomically(path: str | Path) -> Iterator[TextIO]:
    """Open `path` for writing UTF-8: first beside its final name, renamed over it once the block ends without error.

    A reader sees the old file or the new one, never a part, and a failure leaves nothing behind. The new one has the
    old one's permissions; a link stays one, to the new file. Raises `OutputError` when `path` is a folder or device,
    when its folder is missing or read-only, or when the disk is full.
    """
    with _open_atomically(Path(path), "x", encoding="utf-8", newline="\n") as stream:
        yield cast(TextIO, stream)


def remove_remains(folder: Path) -> None:
    """Remove from a folder what killed processes had begun to write there; nobody may be writing meanwhile."""
    for path in folder.glob(".*.tmp"):
        if _TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextmanager
def _open_atomically(path: Path, mode: str, **options: Any) -> Iterator[IO[Any]]:
    with as_output_error(path):
        place = _place_of(path)
        temporary = _beside(place)
        try:
            with temporary.open(mode, **options) as stream:
                if place.exists():
                    # Before anything is in it: who may not read the old file may not read the new one.
                    shutil.copymode(place, temporary)
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(place)
        finally:
            # After the rename there is nothing under this name; after any failure, Ctrl-C included, the remains go.
            with suppress(OSError):
                temporary.unlink()


def _place_of(path: Path) -> Path:
    """Return where a file of this name is, beyond all links. Raises `OutputError` where there cannot be one."""
    if "\0" in str(path):
        raise OutputError(path, "cannot be written (there is a NUL in the name)", "Name a file without it.")
    if path.is_dir():
        raise OutputError(path, "is a folder", "Name a file inside it.")
    if path.exists() and not path.is_file():
        # Renaming over a device such as /dev/stdout would replace the device itself.
        raise OutputError(path, "is not a regular file", "Name a file, new or to be replaced.")
    return Path(os.path.realpath(path))


def _beside(place: Path) -> Path:
    return place.with_name(f".{secrets.token_hex(8)}.tmp")


@contextmanager
def as_output_error(path: Path) -> Iterator[None]:
    """Turn a failure to write what `path` names into `OutputError`."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        problem = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise OutputError(path, problem, "Choose a folder that exists, is writable and has room.") from error
