"""The land outline, cut to a window: Natural Earth at 1:110 million, made by `build_outline.py`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from lmr_hybrid.output.window import Window

Point = tuple[float, float]


@cache
def rings() -> tuple[tuple[Point, ...], ...]:
    """Return the rings of all land polygons as (longitude, latitude) in degrees; to be filled by the even-odd rule."""
    document = json.loads(files("lmr_hybrid.output").joinpath("land.json").read_text(encoding="utf-8"))
    return tuple(tuple(zip(flat[::2], flat[1::2], strict=True)) for flat in document["rings"])


def land_path(window: Window) -> str:
    """Return the land inside `window` as the `d` of one SVG path, "" where there is none."""
    # A margin keeps the edges that clipping makes out of sight.
    margin_x, margin_y = 0.05 * window.width_degrees, 0.05 * window.height_degrees
    west, east = window.west - margin_x, window.east + margin_x
    south, north = window.south - margin_y, window.north + margin_y
    parts: list[str] = []
    for ring in rings():
        for turn in (-360.0, 0.0, 360.0):
            points = [(longitude + turn, latitude) for longitude, latitude in ring]
            xs = [point[0] for point in points]
            if max(xs) < west or min(xs) > east:
                continue
            for axis, limit, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
                points = _clip(points, axis, limit, sign)
            parts.extend(_ring_path(points, window))
    return "".join(parts)


def _clip(points: list[Point], axis: int, limit: float, sign: int) -> list[Point]:
    """Cut a ring at one side of a rectangle (Sutherland & Hodgman, 1974)."""
    inside: Callable[[Point], bool] = lambda point: sign * (point[axis] - limit) >= 0  # noqa: E731
    kept: list[Point] = []
    for before, point in zip(points[-1:] + points[:-1], points, strict=True):
        if inside(before) != inside(point):
            share = (limit - before[axis]) / (point[axis] - before[axis])
            kept.append((before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])))
        if inside(point):
            kept.append(point)
    return kept


def _ring_path(points: list[Point], window: Window) -> Iterator[str]:
    drawn: list[Point] = []
    for longitude, latitude in points:
        x, y = window.project(longitude, latitude)
        # Steps under half a pixel cannot be seen; leaving them out halves the world map.
        if not drawn or abs(x - drawn[-1][0]) + abs(y - drawn[-1][1]) >= 0.5:
            drawn.append((x, y))
    if len(drawn) >= 3:
        yield "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in drawn) + "z"
