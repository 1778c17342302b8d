"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from lmr_hybrid.errors import OutputError


def write_text_atomically(path: str | Path, text: str) -> None:
    """Write `text` to `path`, as `open_atomically` does."""
    with open_atomically(path) as stream:
        stream.write(text)


@contextmanager
def open_atomically(path: str | Path) -> Iterator[TextIO]:
    """Open `path` for writing UTF-8: first beside its final name, renamed over it once the block ends without error.

    A reader sees the old file or the new one, never a part, and a failure leaves nothing behind. Raises `OutputError`
    when `path` is a folder or device, when its folder is missing or read-only, or when the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        if "\0" in str(path):
            raise OutputError(path, "cannot be written (there is a NUL in the name)", "Name a file without it.")
        if path.is_dir():
            raise OutputError(path, "is a folder", "Name a file inside it.")
        if path.exists() and not path.is_file():
            # Renaming over a device such as /dev/stdout would replace the device itself.
            raise OutputError(path, "is not a regular file", "Name a file, new or to be replaced.")
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except (OSError, UnicodeError) as error:
        problem = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise OutputError(path, problem, "Choose a folder that exists, is writable and has room.") from error
    finally:
        # After the rename there is nothing under this name; after any failure, Ctrl-C included, the remains go.
        with suppress(OSError):
            temporary.unlink()
