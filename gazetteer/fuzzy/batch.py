"""Many misspelt names at once: DuckDB joins their blocks with those of the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from gazetteer.fuzzy.blocks import Hashes, Numbers
    from gazetteer.fuzzy.index import Probes

_NEAREST = """
    WITH near AS (
        SELECT DISTINCT query, number, bit_count(xor(entries.mask, probes.mask)) AS differences
        FROM probes JOIN entries USING (range)
        WHERE differences <= bits
    )
    SELECT query, number FROM near
    QUALIFY row_number() OVER (PARTITION BY query ORDER BY differences, number) <= $most
    ORDER BY query, number
"""


def as_strings(names: Sequence[str] | pyarrow.Array | pyarrow.ChunkedArray | duckdb.DuckDBPyRelation) -> list[str]:
    """Return the names in a list, a column of Arrow's or the first column of a relation of DuckDB's; null is ""."""
    import duckdb
    import pyarrow

    if isinstance(names, duckdb.DuckDBPyRelation):
        return [row[0] or "" for row in names.fetchall()]
    if isinstance(names, pyarrow.Array | pyarrow.ChunkedArray):
        return [name or "" for name in names.to_pylist()]
    return list(names)


def nearest(
    probes: Probes, numbers: NDArray[numpy.uint32], masks: Hashes, *, most: int
) -> tuple[Numbers, NDArray[numpy.uint32]]:
    """Return pairs of a query and a candidate whose letters are near enough: the `most` nearest of each query."""
    import duckdb
    import pyarrow

    # A range that several queries ask for is read once.
    (starts, sizes), ranges = numpy.unique(numpy.stack([probes.starts, probes.sizes]), axis=1, return_inverse=True)
    ranges = ranges.reshape(-1)
    befores = numpy.cumsum(sizes) - sizes
    entries = numbers[numpy.repeat(starts - befores, sizes) + numpy.arange(sizes.sum())]
    tables = {
        "probes": {
            "query": probes.queries.astype(numpy.int32),
            "range": ranges.astype(numpy.int32),
            "bits": probes.bits.astype(numpy.int8),
            "mask": probes.masks.view(numpy.int64),
        },
        "entries": {
            "range": numpy.repeat(numpy.arange(len(starts), dtype=numpy.int32), sizes),
            "number": entries,
            "mask": masks[entries].view(numpy.int64),
        },
    }
    with duckdb.connect() as connection:
        for name, columns in tables.items():
            connection.register(name, pyarrow.table(columns))
        found = connection.execute(_NEAREST, {"most": most}).fetchnumpy()
    return found["query"], found["number"]
