"""Places out of tables: CSV, TSV, Parquet and GeoJSON."""

from gazetteer.sources.table.columns import Columns
from gazetteer.sources.table.rows import FORMATS
from gazetteer.sources.table.source import TableSource

__all__ = ["FORMATS", "Columns", "TableSource"]
