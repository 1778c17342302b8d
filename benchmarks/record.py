"""How a benchmark's result is kept: JSON with the machine, the versions and the date beside the figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
#: What decides how fast matrices of 8-bit integers and of bfloat16 are multiplied, as Linux calls it.
_INSTRUCTIONS = {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "amx_bf16", "asimddp", "bf16"}
_PACKAGES = (
    "lmr_hybrid",
    "torch",
    "flair",
    "transformers",
    "onnxruntime",
    "pyahocorasick",
    "marisa-trie",
    "duckdb",
    "osmium",
)


def data_folder() -> Path:
    """Return the folder of the corpora: the environment variable LMR_DATA, else ../shared/data."""
    return Path(os.environ.get("LMR_DATA", Path(__file__).parents[2] / "shared" / "data"))


def write_result(name: str, result: Mapping[str, object], *, folder: Path = RESULTS) -> Path:
    """Write `<folder>/<name>.json` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    machine = {
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "processor": _told("model name"),
        "instructions": sorted(_INSTRUCTIONS & set(_told("flags").split())),
    }
    versions = {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}
    record = {"date": datetime.now(UTC).date().isoformat(), "machine": machine, "versions": versions, **result}
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _told(name: str) -> str:
    """Return what Linux tells of the first processor under a name, "" elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
