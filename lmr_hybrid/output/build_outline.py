"""Make `land.json`, the land outline of the HTML page's map, out of a TopoJSON file.

Run once per release of the source, not at run time::

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m lmr_hybrid.output.build_outline package/land-110m.json

The package `world-atlas` is under the ISC licence (Michael Bostock); the outline itself is Natural Earth 4.1.0 at
1:110 million, which is in the public domain. Decoding follows the TopoJSON specification: arcs are delta-coded
integers (section 2.1.4) to be scaled and shifted (section 2.1.2), a negative index means the arc backwards (2.1.4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

#: A hundredth of a degree is at most 1.1 km: finer than an outline at 1:110 million, whose points lie 10 km apart.
DECIMALS = 2

SOURCE = "Natural Earth 4.1.0, 1:110m land (public domain), through world-atlas 2.0.2 (ISC)"


def decode_arcs(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Return each arc of a quantised topology as (longitude, latitude) points in degrees."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def rings(topology: dict[str, Any]) -> Iterator[list[tuple[float, float]]]:
    """Yield every ring, outer and inner alike, of every polygon in the object `land`, closed and unwrapped."""
    arcs = decode_arcs(topology)
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for indices in polygon:
                ring: list[tuple[float, float]] = []
                for index in indices:
                    points = arcs[index] if index >= 0 else arcs[~index][::-1]
                    # An arc begins where the one before it ended: that point is wanted once.
                    ring.extend(points[1:] if ring else points)
                yield unwrapped(ring)


def unwrapped(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a ring that runs on beyond 180 degrees where the source jumps to the other edge of the map.

    Eurasia, Fiji and Antarctica cross the antimeridian. Antarctica's ring also goes round the pole, so it does not
    close on a flat map: it is closed along the pole.
    """
    flat = ring[:1]
    for longitude, latitude in ring[1:]:
        turns = round((longitude - flat[-1][0]) / 360.0)
        flat.append((longitude - 360.0 * turns, latitude))
    if abs(flat[-1][0] - flat[0][0]) > 180.0:
        pole = 90.0 if flat[0][1] > 0 else -90.0
        flat += [(flat[-1][0], pole), (flat[0][0], pole), flat[0]]
    longitudes = [longitude for longitude, _ in flat]
    # Which way it ran on depends on where it began: its middle belongs on the map.
    turns = round((min(longitudes) + max(longitudes)) / 2 / 360.0)
    return [(longitude - 360.0 * turns, latitude) for longitude, latitude in flat]


def rounded(ring: list[tuple[float, float]]) -> list[float]:
    """Return a ring as `[longitude, latitude, longitude, ...]`, without points that rounding made equal."""
    flat: list[float] = []
    for longitude, latitude in ring:
        point = [round(longitude, DECIMALS), round(latitude, DECIMALS)]
        if flat[-2:] != point:
            flat.extend(point)
    return flat


@click.command(help=__doc__)
@click.argument("topojson", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(__file__).with_name("land.json"),
    show_default="land.json beside this module",
    help="Where to write the outline.",
)
def main(topojson: Path, output: Path) -> None:
    """Write the outline of TOPOJSON's object `land`."""
    topology = json.loads(topojson.read_text(encoding="utf-8"))
    flat = [ring for ring in map(rounded, rings(topology)) if len(ring) >= 8]
    document = {"source": SOURCE, "rings": flat}
    output.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
    click.echo(f"{output}: {len(flat)} rings, {sum(map(len, flat)) // 2} points, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
