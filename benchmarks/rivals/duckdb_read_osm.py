"""Write the tags of everything in an extract that has a name to Parquet by DuckDB. Runs in the rivals' environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

_COPY = """
COPY (SELECT kind, id, tags['name'] AS name, tags FROM ST_ReadOSM('{source}') WHERE tags['name'] IS NOT NULL)
TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""

if __name__ == "__main__":
    connection = duckdb.connect(config={"temp_directory": str(Path(sys.argv[2]) / "spill")})
    connection.load_extension("spatial")
    [(count,)] = connection.execute(
        _COPY.format(source=sys.argv[1].replace("'", "''"), target=Path(sys.argv[2]) / "named.parquet")
    ).fetchall()
    print(json.dumps({"objects": count}))
