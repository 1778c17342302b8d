"""Which recogniser a job uses: enough to open it, here or in a worker on another machine, and to know it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmr_hybrid.tagging.opening import Runtime

if TYPE_CHECKING:
    from lmr_hybrid.recognizer import Recognizer

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class RecognizerChoice:
    """The arguments of `Recognizer`; folders must be at the same path wherever it is opened."""

    model: str | None = None
    gazetteers: tuple[str, ...] = ("world",)
    operating_point: str = "balanced"
    runtime: Runtime = "auto"

    def open(self) -> Recognizer:
        """Open the recogniser. Raises `ModelError` or `gazetteer.GazetteerError`."""
        from lmr_hybrid.recognizer import Recognizer

        return Recognizer(
            model=self.model,
            gazetteers=self.gazetteers,
            operating_point=self.operating_point,
            runtime=self.runtime,
        )

    def folders(self) -> list[Path]:
        """Return the folders of the model and of each gazetteer, links followed."""
        from lmr_hybrid.recognizer import DEFAULT_MODEL, resolve

        return [Path(each).resolve() for each in (self.model or DEFAULT_MODEL, *map(resolve, self.gazetteers))]

    def folder_around(self, path: Path) -> Path | None:
        """Return the model or gazetteer that a path, links followed, is or lies in, None where it is in none."""
        return next((folder for folder in self.folders() if path.resolve().is_relative_to(folder)), None)

    def fingerprint(self) -> dict[str, Any]:
        """Return what the results depend on: the version of this package, checksums of model and gazetteers, settings.

        Where folders lie does not count, what is in them does.
        """
        model, *gazetteers = self.folders()
        return {
            "lmr_hybrid": _version(),
            "model": _folder_checksum(model),
            # The manifest of a gazetteer holds the checksums of its sources and files.
            "gazetteers": [_folder_checksum(each, "manifest.json") for each in gazetteers],
            "operating point": self.operating_point,
            "runtime": self.runtime,
        }


def _version() -> str:
    try:
        return version("lmr_hybrid")
    except PackageNotFoundError:
        return "not installed"


def _folder_checksum(folder: Path, pattern: str = "**/*") -> str:
    """Return the checksum of the files in a folder; that of none where it cannot be read, which opening it tells."""
    digest = hashlib.sha256()
    try:
        for path in sorted(path for path in folder.glob(pattern) if path.is_file()):
            digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
    except OSError:
        digest = hashlib.sha256()
    return f"sha256:{digest.hexdigest()}"
