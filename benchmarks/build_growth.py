"""How what `build.py` measured grows with the size of the extract, and what straight lines through it say of larger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Megabytes of .osm.pbf, in round numbers: extracts of whole countries, continents, and of everything.
REGIONS = {"a country": 1_000.0, "a continent": 30_000.0, "the planet": 80_000.0}
NODE_BYTES = 16
_GROWING = ("seconds", "cpu_seconds", "peak_rss_mb", "peak_anonymous_mb", "peak_disk_mb", "result_mb")
_EXTRAPOLATED = ("seconds", "peak_rss_mb", "peak_anonymous_mb", "peak_disk_mb", "result_mb", "node_index_mb")
_WARNING = (
    "EXTRAPOLATED, not measured: the straight line through the smallest and the largest extract measured (through the "
    "origin where there is one only, or where the line would start below nothing). Sorting, searching and spilling to "
    "disk grow faster than that, an extract that does not fit into the system's cache is read more slowly, and names "
    "repeat otherwise in the world than in these extracts: the true figures are rather greater."
)


def growth(sizes: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> dict[str, Any]:
    """Return what each tool takes more for each megabyte more of extract, between the smallest and the largest size."""
    if len(sizes) < 2:
        return {}
    small, large = sizes[0], sizes[-1]
    more = large["extract_mb"] - small["extract_mb"]
    found: dict[str, Any] = {"from_mb": small["extract_mb"], "to_mb": large["extract_mb"], "per_mb": {}}
    for tool in tools:
        pair = small["summary"][tool], large["summary"][tool]
        found["per_mb"][tool] = {
            name: round((_median(pair[1], name) - _median(pair[0], name)) / more, 4)
            for name in _GROWING
            if all(name in each for each in pair)
        }
    return found


def extrapolated(sizes: Sequence[Mapping[str, Any]], tool: str) -> dict[str, Any]:
    """Return what a tool would take for larger regions, by straight lines."""
    measured = [size for size in sizes if "seconds" in size["summary"][tool]]
    if not measured:
        return {}
    rows = []
    for region, megabytes in REGIONS.items():
        row: dict[str, Any] = {"region": region, "extract_mb": megabytes}
        for name in _EXTRAPOLATED:
            points = [(size["extract_mb"], _median(size["summary"][tool], name)) for size in measured]
            row[name] = round(_on_line(points, megabytes))
        row["nodes"] = round(row["node_index_mb"] * 1e6 / NODE_BYTES)
        rows.append(row)
    return {"how": _WARNING, "from_mb": [size["extract_mb"] for size in measured], "tool": tool, "regions": rows}


def _on_line(points: Sequence[tuple[float, float]], at: float) -> float:
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    slope = (last_y - first_y) / (last_x - first_x) if last_x > first_x else last_y / last_x
    start = last_y - slope * last_x
    return last_y / last_x * at if start < 0 else start + slope * at


def _median(summary: Mapping[str, Any], name: str) -> float:
    return float(summary[name]["median"]) if name in summary else 0.0
