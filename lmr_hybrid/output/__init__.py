"""Results in the formats that others read: JSON Lines, Arrow tables, GeoJSON for maps, one HTML page for people."""

from lmr_hybrid.output.arrow import mention_schema, to_arrow
from lmr_hybrid.output.geojson import to_geojson, write_geojson
from lmr_hybrid.output.html import to_html, write_html
from lmr_hybrid.output.json_lines import read_json_lines, write_json_lines
from lmr_hybrid.output.table import table_lines

__all__ = [
    "mention_schema",
    "read_json_lines",
    "table_lines",
    "to_arrow",
    "to_geojson",
    "to_html",
    "write_geojson",
    "write_html",
    "write_json_lines",
]
