"""Coordinates of nodes by id, out of the file into which osmium puts those of a whole extract.

The file is what libosmium calls a sparse file array: records of 16 bytes, an unsigned id and two signed integers,
x and y in 1e-7 degrees. It is as long as osmium made room for; room not used holds id 0 without coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gazetteer.sources.osm.geometry import Ints, rows_of

_RECORD = np.dtype([("id", "<u8"), ("x", "<i4"), ("y", "<i4")])
#: Records looked at at once: 64 MB.
_BLOCK = 1 << 22


def look_up(index: Path, ids: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield rows of `ids` (sorted, each once) whose nodes the file holds, with their x and y, in parts."""
    if not index.exists() or not len(ids):
        return
    for block in _blocks(index):
        block_ids = block["id"].astype(np.int64)
        # Extracts are sorted by id, but nobody promises it.
        order = None if bool(np.all(block_ids[1:] >= block_ids[:-1])) else np.argsort(block_ids, kind="stable")
        if order is not None:
            block_ids = block_ids[order]
        first, end = np.searchsorted(ids, block_ids[0]), np.searchsorted(ids, block_ids[-1], side="right")
        rows, known = rows_of(block_ids, ids[first:end])
        rows = rows[known] if order is None else order[rows[known]]
        x, y = block["x"][rows], block["y"][rows]
        valid = (np.abs(x.astype(np.int64)) <= 1_800_000_000) & (np.abs(y.astype(np.int64)) <= 900_000_000)
        yield first + np.flatnonzero(known)[valid], x[valid], y[valid]


def _blocks(index: Path) -> Iterator[npt.NDArray[np.void]]:
    """Yield the records; read, not mapped, for what is mapped counts as memory of this process."""
    with index.open("rb") as stream:
        while len(block := np.fromfile(stream, _RECORD, _BLOCK)):
            yield block
