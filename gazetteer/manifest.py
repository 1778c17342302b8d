"""`manifest.json`: what a gazetteer folder says of itself, and the check that its files are what it says.

The manifest names the folder of the compiled files it belongs to. Replacing the manifest, which is one step, replaces
the gazetteer: whoever reads sees the old one or the new one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from gazetteer.errors import FormatMismatch, GazetteerCorrupt, GazetteerNotFound
from gazetteer.sources import SourceDescription

MANIFEST_FILE = "manifest.json"
#: Raised whenever an older reader would misread a newer folder, or the other way round.
FORMAT_VERSION = 2


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of one gazetteer.

    `bounding_box` is west, south, east, north in degrees; `compiled` the folder, within the gazetteer's, of the
    compiled `files`, which are listed with their checksums.
    """

    sources: tuple[SourceDescription, ...]
    counts: dict[str, int]
    bounding_box: tuple[float, float, float, float]
    matcher: str
    compiled: str
    files: dict[str, str]
    format_version: int = FORMAT_VERSION

    @property
    def attribution(self) -> str:
        """What anyone who shows these places must show with them."""
        return "; ".join(filter(None, dict.fromkeys(source.attribution for source in self.sources)))


def checksum(path: Path) -> str:
    """Return `sha256:…` of a file."""
    with path.open("rb") as stream:
        return f"sha256:{file_digest(stream, 'sha256').hexdigest()}"


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write `manifest.json` into `folder`."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False)
    with (folder / MANIFEST_FILE).open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.json`; raises `GazetteerNotFound`, `FormatMismatch` or `GazetteerCorrupt`."""
    path = folder / MANIFEST_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["format_version"]
    except (FileNotFoundError, NotADirectoryError):
        problem = "is not a gazetteer folder" if folder.exists() else "does not exist"
        raise GazetteerNotFound(folder, problem, _GIVE) from None
    except OSError as error:
        raise GazetteerCorrupt(path, f"cannot be read ({error.strerror})", _REBUILD) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GazetteerCorrupt(path, f"is not a manifest ({error})", _REBUILD) from None
    if version != FORMAT_VERSION:
        problem = f"has format {version}, this version reads format {FORMAT_VERSION}"
        raise FormatMismatch(folder, problem, _REBUILD)
    try:
        return Manifest(
            sources=tuple(SourceDescription(**source) for source in data["sources"]),
            counts=dict(data["counts"]),
            bounding_box=tuple(data["bounding_box"]),
            matcher=data["matcher"],
            compiled=data["compiled"],
            files=dict(data["files"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise GazetteerCorrupt(path, f"is not a manifest ({error})", _REBUILD) from None


def check_files(manifest: Manifest, folder: Path) -> None:
    """Check that the files which a manifest lists are there and unchanged; raises `GazetteerCorrupt`."""
    for name, expected in manifest.files.items():
        _check_file(folder / manifest.compiled / name, expected)


_GIVE = "Give a folder that python -m lmr_hybrid.build_gazetteer wrote"
_REBUILD = "Build it again with python -m lmr_hybrid.build_gazetteer"


def _check_file(path: Path, expected: str) -> None:
    try:
        found = checksum(path)
    except FileNotFoundError:
        raise GazetteerCorrupt(path, "is missing", _REBUILD) from None
    except OSError as error:
        raise GazetteerCorrupt(path, f"cannot be read ({error.strerror})", _REBUILD) from None
    if found != expected:
        raise GazetteerCorrupt(path, "is not the file the manifest lists", _REBUILD)
