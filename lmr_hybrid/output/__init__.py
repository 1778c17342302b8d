"""Results in the formats that others read: JSON Lines for programs, GeoJSON for maps, one HTML page for people."""

from lmr_hybrid.output.geojson import to_geojson, write_geojson
from lmr_hybrid.output.html import render_html, write_html
from lmr_hybrid.output.json_lines import read_json_lines, write_json_lines
from lmr_hybrid.output.table import table_lines

__all__ = [
    "read_json_lines",
    "render_html",
    "table_lines",
    "to_geojson",
    "write_geojson",
    "write_html",
    "write_json_lines",
]
