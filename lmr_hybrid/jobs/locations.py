"""Files of messages, wherever they are: one file, a folder, or a URL that fsspec or Arrow can open."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs.kinds import Kind, compression_of, kind_of, known_endings
from lmr_hybrid.output.plain_text import without_surrogates

#: Bytes at either end of a file that its checksum covers: enough for a footer of Parquet, little enough for a network.
_SAMPLED = 65_536
#: What file systems call the time of the last change, or a version of the content; the first that there is, is taken.
_VERSIONS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
#: Bytes decompressed at a time: what is lost of a file that breaks off.
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file of messages: where it is, what kind it is, and by what a change of it is known.

    `url` opens it; `name` is its path inside the folder that was given, or its own name, and is what results call it.
    `size` is in bytes as stored, `version` whatever its file system says of its last change, and `checksum` that of
    its first and last 64 KiB.
    """

    url: str
    name: str
    kind: Kind
    size: int
    version: str
    checksum: str


def is_url(location: str) -> bool:
    """Tell whether a location names its protocol, as `s3://` does; `file://` counts."""
    return "://" in location


def open_filesystem(location: str) -> tuple[Any, str]:
    """Return the file system (of fsspec) of a path or URL, and the path in it.

    Protocols that fsspec lacks a package for are tried with Arrow's own file systems, which know S3, Google Cloud
    Storage and HDFS. Raises `InputError` where neither knows the protocol, or where the URL leads nowhere.
    """
    import fsspec

    if not is_url(location):
        return fsspec.filesystem("file"), str(Path(location).absolute())
    try:
        return cast("tuple[Any, str]", fsspec.core.url_to_fs(location))
    except (ImportError, ValueError) as error:
        import pyarrow.fs
        from fsspec.implementations.arrow import ArrowFSWrapper

        try:
            system, path = pyarrow.fs.FileSystem.from_uri(location)
        except (pyarrow.ArrowException, OSError, ValueError):
            remedy = "Install the fsspec package for this protocol, such as s3fs for s3://"
            raise InputError(location, f"cannot be opened ({briefly(error)})", remedy) from error
        return ArrowFSWrapper(system), path
    except refusals(location) as error:
        problem = f"cannot be opened ({briefly(error)})"
        raise InputError(location, problem, "Check the URL, and that it can be reached") from error


def refusals(location: str) -> type[Exception]:
    """Return what a file system raises where it refuses: those behind URLs raise whatever their clients do."""
    return Exception if is_url(location) else OSError


def briefly(error: Exception) -> str:
    """Return what an error of a file system says, without the pages that some clients say."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).splitlines()[0]


def list_files(location: str, kind: Kind | None = None) -> list[InputFile]:
    """Return the file, or all files of known kinds in a folder and the folders in it, in order of their names.

    `kind` says what they are, whatever their names; then all files of a folder count. Names that begin with a dot or
    underscore are passed over, as Arrow, Spark and DuckDB do. Raises `InputError` where there is nothing to read.
    """
    import fsspec

    system, path = open_filesystem(location)
    try:
        found = _find(system, path)
        files = [
            InputFile(
                url=full if isinstance(system, fsspec.get_filesystem_class("file")) else _url(location, path, full),
                name=name,
                kind=known,
                size=int(details["size"] or 0),
                version=str(next((details[key] for key in _VERSIONS if details.get(key) is not None), "")),
                checksum=_checksum(system, full, int(details["size"] or 0)),
            )
            for name, full, details in found
            if (known := kind or kind_of(name)) is not None
        ]
    except refusals(location) as error:
        problem = f"cannot be read ({briefly(error)})"
        raise InputError(location, problem, "Give a file, folder or URL that exists and may be read") from error
    if strange := next((file for file in files if without_surrogates(file.name) != file.name), None):
        raise InputError(strange.url, "has a name that is not UTF-8, which the results could not say", "Rename it")
    if not files:
        problem = "holds no file of a known kind" if found or system.isdir(path) else "does not exist"
        raise InputError(location, problem, f"Known by their names are {known_endings()}; --format says it otherwise")
    return files


def _find(system: Any, path: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return name, full path and details of a file, or of the files in a folder."""
    if system.isfile(path):
        return [(PurePosixPath(path).name, path, system.info(path))]
    if not system.exists(path):
        return []
    root = path.rstrip("/") + "/"
    listed = [
        (full.removeprefix(root), full, details) for full, details in system.find(path, detail=True).items() if full
    ]
    return sorted(entry for entry in listed if not any(part[0] in "._" for part in PurePosixPath(entry[0]).parts))


def _url(location: str, path: str, full: str) -> str:
    """Return the URL of a file in the folder at `location`, whose path in the file system is `path`."""
    return location.rstrip("/") + full[len(path.rstrip("/")) :]


def _checksum(system: Any, path: str, size: int) -> str:
    digest = hashlib.sha256()
    with system.open(path, "rb") as stream:
        digest.update(stream.read(_SAMPLED))
        if size > _SAMPLED:
            stream.seek(max(_SAMPLED, size - _SAMPLED))
            digest.update(stream.read(_SAMPLED))
    return digest.hexdigest()


@contextmanager
def open_stored(file: InputFile) -> Iterator[BinaryIO]:
    """Open a file as it is stored."""
    system, path = open_filesystem(file.url)
    with system.open(path, "rb") as stream:
        yield stream


@contextmanager
def open_plain(file: InputFile) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file decompressed, and beside it as it is stored, whose position tells how far the reading is."""
    import pyarrow

    with ExitStack() as opened:
        stored = opened.enter_context(open_stored(file))
        codec = compression_of(file.name)
        if codec is None:
            yield stored, stored
            return
        packed = opened.enter_context(pyarrow.PythonFile(stored, mode="r"))
        plain = opened.enter_context(pyarrow.CompressedInputStream(packed, codec))
        yield cast(BinaryIO, io.BufferedReader(plain, _BUFFER)), stored
