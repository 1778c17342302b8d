"""The maps of the HTML page as plain data: one of the world, then one for each cluster of mentions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, isfinite, radians

from gazetteer.sphere import distance_km
from lmr_hybrid.output.groups import Group, shape_path
from lmr_hybrid.output.land import land_path
from lmr_hybrid.output.window import (
    KM_PER_DEGREE,
    GridLine,
    ScaleBar,
    Window,
    graticule,
    scale_bar,
    unwrap,
)

#: Mentions closer than this to the first of a cluster share an inset.
CLUSTER_KM = 300.0
MAX_INSETS = 6
#: How many points of the backdrop are drawn on one page, over all its maps.
MAX_BACKDROP = 5000
#: The outline's points lie some 10 km apart: on a map narrower than this it would put harbours into the sea.
LEAST_KM_FOR_LAND = 100.0

_WORLD = (720, 310, -60.0, 85.0)
_INSET = (300, 225)
_MARKER_RADIUS = 5.0
_LABEL_HEIGHT = 13.0
_CHARACTER_WIDTH = 6.8
# Where a label may stand, in half sizes of marker and label together: beside, above, below, at corners, farther off.
_LABEL_PLACES = (
    *((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0)),
    *((1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0)),
    *((1.6, 0.0), (-1.6, 0.0), (0.0, -2.0), (0.0, 2.0)),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a mention lies: WGS 84 degrees. `number` is the mention's on the page, `name` the place's.

    `reach_km` is how far around it a map should look where nothing else is on that map; `likely` tells whether the
    mention means this place rather than not.
    """

    number: int
    longitude: float
    latitude: float
    group: Group
    name: str
    reach_km: float
    likely: bool = True


@dataclass(frozen=True, slots=True)
class Marker:
    """What is drawn for one position: `numbers` are the mentions there; pixels. Without a label, `label` is "".

    `likely` tells whether any of the mentions means this place rather than not.
    """

    numbers: tuple[int, ...]
    group: Group
    path: str
    names: str
    label: str
    label_x: float
    label_y: float
    likely: bool


@dataclass(frozen=True, slots=True)
class Box:
    """The extent of an inset on the world map, in pixels, with the inset's letter."""

    letter: str
    x: float
    y: float
    width: float
    height: float
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One map: `land` and `backdrop` are the `d` of SVG paths; `land` is None where the outline is too coarse to show.

    Then nothing is known of land and sea, while "" means that all of it is sea.
    """

    letter: str
    caption: str
    description: str
    window: Window
    land: str | None
    backdrop: str
    grid: tuple[GridLine, ...]
    scale: ScaleBar | None
    boxes: tuple[Box, ...]
    markers: tuple[Marker, ...]


def draw_panels(pins: Sequence[Pin], *, backdrop: Sequence[tuple[float, float]] = ()) -> tuple[Panel, ...]:
    """Return the world and at most `MAX_INSETS` insets, those with most mentions first; nothing without pins.

    `backdrop` are (longitude, latitude) points drawn faintly, evenly thinned to `MAX_BACKDROP` over all maps; those
    that are not finite are left out.
    """
    if not pins:
        return ()
    found = sorted(clusters(pins), key=len, reverse=True)[:MAX_INSETS]
    letters = "ABCDEFGHIJ"
    windows = {letters[index]: inset_window(cluster) for index, cluster in enumerate(found)}
    share = MAX_BACKDROP // (1 + len(found))
    dots = [(x, y) for x, y in backdrop if isfinite(x) and isfinite(y)]
    world = _world_panel(pins, windows, [pin for cluster in found for pin in cluster], _thinned(dots, share))
    insets = []
    for (letter, window), cluster in zip(windows.items(), found, strict=True):
        near = _thinned(list(_inside(dots, window)), share)
        wide = window.height_degrees * KM_PER_DEGREE >= LEAST_KM_FOR_LAND
        names = _listed([pin.name for pin in cluster])
        insets.append(
            Panel(
                letter=letter,
                caption=names,
                description=f"{_counted(len(cluster), 'mention')} near {names}.",
                window=window,
                land=land_path(window) if wide else None,
                backdrop=_dots_path(near, window),
                grid=tuple(graticule(window)),
                scale=scale_bar(window, on_the_left=_has_pin_top_right(cluster, window)),
                boxes=(),
                markers=tuple(_markers(cluster, window, labelled={pin.number for pin in cluster})),
            )
        )
    return (world, *insets)


def clusters(pins: Iterable[Pin]) -> list[list[Pin]]:
    """Group pins greedily: each joins the first cluster whose first pin is nearer than `CLUSTER_KM`."""
    found: list[list[Pin]] = []
    for pin in pins:
        here = (pin.latitude, pin.longitude)
        for cluster in found:
            if distance_km(here, (cluster[0].latitude, cluster[0].longitude)) < CLUSTER_KM:
                cluster.append(pin)
                break
        else:
            found.append([pin])
    return found


def inset_window(cluster: Sequence[Pin]) -> Window:
    """Return a window that shows every pin of a cluster, true to scale at its middle latitude."""
    width, height = _INSET
    longitudes = [unwrap(pin.longitude, cluster[0].longitude) for pin in cluster]
    latitudes = [pin.latitude for pin in cluster]
    middle_x, middle_y = (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2
    # Near the poles a degree of longitude shrinks to nothing: 80 degrees is as far as the stretch goes.
    shrink = cos(radians(min(80.0, abs(middle_y))))
    tall = (max(latitudes) - min(latitudes)) / 2
    wide = (max(longitudes) - min(longitudes)) / 2 * shrink
    several = len({(pin.longitude, pin.latitude) for pin in cluster}) > 1
    # Two places need less around them to be recognised than one.
    least = min(pin.reach_km for pin in cluster) / (2 if several else 1) / KM_PER_DEGREE
    half = max(1.35 * tall, 1.35 * wide * height / width, least)
    across = half * width / height / shrink
    return Window(middle_x - across, middle_y - half, middle_x + across, middle_y + half, width, height)


def _world_panel(
    pins: Sequence[Pin], windows: dict[str, Window], in_insets: Sequence[Pin], dots: Sequence[tuple[float, float]]
) -> Panel:
    width, height, south, north = _WORLD
    # Antarctica and the highest Arctic are empty of messages, unless a mention lies there.
    south = -90.0 if min(pin.latitude for pin in pins) < south + 5 else south
    north = 90.0 if max(pin.latitude for pin in pins) > north - 3 else north
    window = Window(-180.0, south, 180.0, north, width, round(height * (north - south) / 145))
    boxes, taken = _boxes(windows, window)
    unseen = {pin.number for pin in pins} - {pin.number for pin in in_insets}
    return Panel(
        letter="",
        caption="World",
        description=f"{_counted(len(pins), 'mention')} on a map of the world; the frames are the maps that follow.",
        window=window,
        land=land_path(window),
        backdrop=_dots_path(dots, window),
        grid=tuple(graticule(window)),
        scale=None,
        boxes=tuple(boxes),
        markers=tuple(_markers(pins, window, labelled=unseen, taken=taken, radius=3.0)),
    )


def _boxes(windows: dict[str, Window], world: Window) -> tuple[list[Box], list[tuple[float, float, float, float]]]:
    """Return the frames of the insets, at least 12 pixels wide to be seen, and the room their letters take."""
    frames = []
    for letter, inset in windows.items():
        x, y = world.project(unwrap((inset.west + inset.east) / 2, 0.0), (inset.south + inset.north) / 2)
        across = max(12.0, inset.width_degrees / world.width_degrees * world.width)
        down = max(12.0, inset.height_degrees / world.height_degrees * world.height)
        frames.append((letter, x - across / 2, y - down / 2, across, down))
    taken = [(x, y, x + across, y + down) for _, x, y, across, down in frames]
    boxes = []
    for letter, x, y, across, down in frames:
        radii = (across / 2, down / 2)
        label_x, label_y = _place_label(x + across / 2, y + down / 2, 1, taken=taken, window=world, radii=radii)
        boxes.append(Box(letter, x, y, across, down, label_x, label_y))
    return boxes, taken


def _markers(
    pins: Sequence[Pin],
    window: Window,
    *,
    labelled: set[int],
    taken: list[tuple[float, float, float, float]] | None = None,
    radius: float = _MARKER_RADIUS,
) -> Iterator[Marker]:
    together: dict[tuple[float, float, str], list[Pin]] = defaultdict(list)
    for pin in pins:
        x, y = window.project(window.unwrap(pin.longitude), pin.latitude)
        together[round(x, 1), round(y, 1), pin.group.key].append(pin)
    taken = [] if taken is None else taken
    taken.extend((x - radius, y - radius, x + radius, y + radius) for x, y, _ in together)
    for (x, y, _), here in together.items():
        numbers = [pin.number for pin in here if pin.number in labelled]
        label = ", ".join(map(str, numbers[:3])) + (f" +{len(numbers) - 3}" if len(numbers) > 3 else "")
        radii = (radius, radius)
        at = _place_label(x, y, len(label), taken=taken, window=window, radii=radii) if label else (x, y)
        yield Marker(
            numbers=tuple(pin.number for pin in here),
            group=here[0].group,
            path=shape_path(here[0].group, x=x, y=y, radius=radius),
            names=_listed([pin.name for pin in here]),
            label=label,
            label_x=at[0],
            label_y=at[1],
            likely=any(pin.likely for pin in here),
        )


def _place_label(
    x: float,
    y: float,
    characters: int,
    *,
    taken: list[tuple[float, float, float, float]],
    window: Window,
    radii: tuple[float, float],
) -> tuple[float, float]:
    """Return the middle of a label beside (x, y): the first of `_LABEL_PLACES` that is free, and take that place."""
    half_x, half_y = (_CHARACTER_WIDTH * characters + 2) / 2, _LABEL_HEIGHT / 2
    across, down = radii[0] + half_x + 2, radii[1] + half_y
    for step_x, step_y in _LABEL_PLACES:
        middle_x, middle_y = x + step_x * across, y + step_y * down
        left, top, right, bottom = middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y
        within = left >= 0 and top >= 0 and right <= window.width and bottom <= window.height
        if within and not any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in taken
        ):
            taken.append((left, top, right, bottom))
            return middle_x, middle_y
    return x + across, y


def _has_pin_top_right(pins: Iterable[Pin], window: Window) -> bool:
    """Say whether a pin lies where the scale bar usually stands."""
    places = (window.project(window.unwrap(pin.longitude), pin.latitude) for pin in pins)
    return any(x > window.width * 0.6 and y < 40 for x, y in places)


def _inside(dots: Iterable[tuple[float, float]], window: Window) -> Iterator[tuple[float, float]]:
    for longitude, latitude in dots:
        if window.west <= window.unwrap(longitude) <= window.east and window.south <= latitude <= window.north:
            yield longitude, latitude


def _thinned(dots: Sequence[tuple[float, float]], most: int) -> Sequence[tuple[float, float]]:
    """Return at most `most` of the points, evenly spread over their order: the same ones on every run."""
    return dots if len(dots) <= most else [dots[index * len(dots) // most] for index in range(most)]


def _dots_path(dots: Iterable[tuple[float, float]], window: Window) -> str:
    """Return lines of no length, which round caps turn into dots; two dots on one pixel are one."""
    places = (window.project(window.unwrap(longitude), latitude) for longitude, latitude in dots)
    return "".join(f"M{x} {y}h0" for x, y in dict.fromkeys((round(x, 1), round(y, 1)) for x, y in places))


def _listed(names: Sequence[str]) -> str:
    """Return up to three distinct names, and how many more there are."""
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:3]) + (f" and {len(distinct) - 3} more" if len(distinct) > 3 else "")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
