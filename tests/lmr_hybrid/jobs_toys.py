"""Inputs and results of jobs, for the tests of jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("Freeport", "Houston", "Kerala", "Lake Conroe", "Paris")


def message(number: int) -> str:
    return f"Flooding in {PLACES[number % len(PLACES)]}, power out near house {number}"


def write_lines(path: Path, objects: Iterable[Mapping[str, Any] | bytes]) -> Path:
    """Write JSON Lines; bytes are written as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in objects)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Return all rows of the parts in order of files and rows: as the parts' names are."""
    parts = sorted(folder.glob("part-*"))
    if parts and parts[0].suffix == ".jsonl":
        return [json.loads(line) for part in parts for line in part.read_text(encoding="utf-8").split("\n")[:-1]]
    return (
        list(pyarrow.dataset.dataset(list(map(str, parts)), format="parquet").to_table().to_pylist()) if parts else []
    )


def rejects_of(folder: Path) -> list[dict[str, Any]]:
    paths = sorted((folder / "_rejects").iterdir())
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def places_in(row: Mapping[str, Any]) -> list[str]:
    return [mention["text"] for mention in row["mentions"]]


def parts_in(folder: Path) -> int:
    return len(list(folder.glob("part-*")))


def start(arguments: Sequence[str | Path], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment},
    )


def wait_until(
    condition: Callable[[], bool], *, alive: subprocess.Popen[str] | None = None, seconds: float = 240
) -> bool:
    """Wait for a condition; return whether it came true before the process ended or time was up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        if alive is not None and alive.poll() is not None:
            return condition()
        time.sleep(0.005)
    return False
