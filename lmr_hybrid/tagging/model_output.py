"""A model folder written whole or not at all, where nothing was before."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lmr_hybrid.errors import OutputError
from lmr_hybrid.output.atomic import as_output_error


def check_new_model(output: Path) -> None:
    """Raise `OutputError`, before anything is computed, where `output` is not new or empty, or cannot be written."""
    with as_output_error(output):
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            raise OutputError(output, "is there already", "Remove it or choose another folder by -o")
        # Folders above it are made with the model: what cannot be computed leaves none.
        there = next(folder for folder in output.absolute().parents if folder.exists())
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=there):
            pass


@contextmanager
def new_model(output: Path) -> Iterator[Path]:
    """Yield a folder to write a model into, which becomes `output` once the block ends without error.

    Raises `OutputError` where that cannot be.
    """
    with as_output_error(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as temporary:
            built = Path(temporary) / "model"
            built.mkdir()
            yield built
            built.replace(output)
