"""Install DuckDB's extension `spatial` from its wheel instead of the network. Runs in the rivals' environment."""

from __future__ import annotations

import duckdb
from duckdb_extensions import import_extension

if __name__ == "__main__":
    with duckdb.connect() as connection:
        import_extension("spatial", con=connection)
        connection.load_extension("spatial")
