"""Coordinates of nodes by id, out of the file into which osmium puts those of a whole extract.

The file is what libosmium calls a sparse file array: records of 16 bytes, an unsigned id and two signed integers,
x and y in 1e-7 degrees. It is as long as osmium made room for; room not used holds id 0 without coordinates.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazetteer.sources.osm.geometry import Ints, rows_of

_RECORD = np.dtype([("id", "<u8"), ("x", "<i4"), ("y", "<i4")])
#: Records looked at at once: 64 MB.
_BLOCK = 1 << 22


def look_up(index: Path, ids: Ints) -> tuple[Ints, Ints, Ints]:
    """Return ids, x and y of those of the nodes asked for (sorted, each once) that the file holds."""
    if not index.exists() or not index.stat().st_size or not len(ids):
        return ids[:0], ids[:0], ids[:0]
    records = np.memmap(index, _RECORD, mode="r")
    found = []
    for start in range(0, len(records), _BLOCK):
        block = records[start : start + _BLOCK]
        block_ids = block["id"].astype(np.int64)
        # Extracts are sorted by id, but nobody promises it.
        order = None if bool(np.all(block_ids[1:] >= block_ids[:-1])) else np.argsort(block_ids, kind="stable")
        rows, known = rows_of(block_ids if order is None else block_ids[order], ids)
        rows = rows[known] if order is None else order[rows[known]]
        x, y = block["x"][rows], block["y"][rows]
        valid = (np.abs(x.astype(np.int64)) <= 1_800_000_000) & (np.abs(y.astype(np.int64)) <= 900_000_000)
        found.append((ids[known][valid], x[valid], y[valid]))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))  # type: ignore[return-value]
