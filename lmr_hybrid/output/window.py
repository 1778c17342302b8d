"""A rectangle of the earth on a rectangle of the page, in the equirectangular projection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, cos, floor, log10, radians

KM_PER_DEGREE = 111.2
#: Between a scale bar and the side of its window, in pixels.
SCALE_MARGIN = 10.0

_GRID_STEPS = (30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


@dataclass(frozen=True, slots=True)
class Window:
    """Bounds in WGS 84 degrees, size in pixels; `west < east`, both may lie beyond 180 to cross the antimeridian."""

    west: float
    south: float
    east: float
    north: float
    width: int
    height: int

    @property
    def width_degrees(self) -> float:
        """The longitudes covered."""
        return self.east - self.west

    @property
    def height_degrees(self) -> float:
        """The latitudes covered."""
        return self.north - self.south

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return pixels from the left and from the top of the window."""
        x = (longitude - self.west) / self.width_degrees * self.width
        y = (self.north - latitude) / self.height_degrees * self.height
        return x, y

    def unwrap(self, longitude: float) -> float:
        """Return `longitude` plus the whole turns that bring it closest to the middle of the window."""
        return unwrap(longitude, (self.west + self.east) / 2)


@dataclass(frozen=True, slots=True)
class GridLine:
    """A meridian (`at` is its x) or parallel (`at` is its y), in pixels, with its degrees in words."""

    meridian: bool
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """Where it begins and how long it is, in pixels, at the middle latitude, and what it stands for."""

    left: float
    length: float
    label: str


def unwrap(longitude: float, middle: float) -> float:
    """Return `longitude` plus the whole turns that bring it within 180 degrees of `middle`."""
    return longitude - 360.0 * round((longitude - middle) / 360.0)


def graticule(window: Window) -> Iterator[GridLine]:
    """Yield meridians, then parallels, at the coarsest round step that gives at least two of the one or other."""
    longest = max(window.width_degrees, window.height_degrees)
    step = next((step for step in _GRID_STEPS if longest / step >= 2.4), _GRID_STEPS[-1])
    decimals = max(0, ceil(-log10(step)))
    for index in range(ceil(window.west / step), floor(window.east / step) + 1):
        x, _ = window.project(index * step, 0.0)
        yield GridLine(True, x, _degrees(unwrap(index * step, 0.0), decimals, "EW"))
    for index in range(ceil(window.south / step), floor(window.north / step) + 1):
        _, y = window.project(0.0, index * step)
        yield GridLine(False, y, _degrees(index * step, decimals, "NS"))


def scale_bar(window: Window, *, on_the_left: bool = False) -> ScaleBar:
    """Return the longest bar of 1, 2 or 5 times a power of ten that is under a third of the window's width."""
    middle = radians((window.north + window.south) / 2)
    km_per_pixel = window.width_degrees * KM_PER_DEGREE * cos(middle) / window.width
    room = km_per_pixel * window.width / 3
    power = 10.0 ** floor(log10(room))
    length = next(power * times for times in (5, 2, 1) if power * times <= room)
    label = f"{length:g} km" if length >= 1 else f"{length * 1000:g} m"
    pixels = length / km_per_pixel
    return ScaleBar(SCALE_MARGIN if on_the_left else window.width - SCALE_MARGIN - pixels, pixels, label)


def _degrees(value: float, decimals: int, signs: str) -> str:
    shown = f"{abs(value):.{decimals}f}"
    if float(shown) in (0.0, 180.0):
        return f"{shown}°"
    return f"{shown}° {signs[0] if value > 0 else signs[1]}"
