"""Make a large OSM extract out of small real ones: `python benchmarks/large_extract.py 150 large.osm.pbf`.

The small extracts are written many times over, as if they lay side by side on the globe. Each copy is moved to a place
of its own, and every object gets a new id, so spread that ids are as far apart as in a real extract (node ids have
reached some 1.2e10). Half of the copies of a name have their letters changed, for a region twice as large has nearly
twice as many names: without that, everything that is remembered about a name would look too fast.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import osmium
from osmium.osm.mutable import Node, Relation, Way
from tqdm import tqdm

DATA = Path(os.environ.get("LMR_DATA", Path(__file__).parents[2] / "shared" / "data"))
EXTRACTS = (
    "bahamas_BHS-6-18-27.osm.pbf",
    "baltimore.osm.pbf",
    "belize_2015.osm.pbf",
    "columbus_otp.osm.pbf",
    "liechtenstein_pyosmium.osm.pbf",
    "monaco_osrm.osm.pbf",
    "porto_portugal.osm.pbf",
    "reisterstown_md.osm.pbf",
)
#: The greatest ids of today's OpenStreetMap, about.
GREATEST_IDS = {"n": 12_000_000_000, "w": 1_300_000_000, "r": 18_000_000}
_VOWELS = str.maketrans("aeiouAEIOU", "eioauEIOAU")
_CONSONANTS = str.maketrans("bcdfglmnprstBCDFGLMNPRST", "cdfgbmnplstrCDFGBMNPLSTR")
_NAME_KEYS = ("name", "alt_name", "old_name", "short_name", "official_name", "loc_name")


def respelt(tags: dict[str, str], copy: int) -> dict[str, str]:
    """Return tags whose names have other letters in every other copy, changed in a way of that copy's own."""
    if copy % 2 == 0:
        return tags
    changed = dict(tags)
    for key in _NAME_KEYS:
        if key in tags:
            text = tags[key]
            for turn in range(6):
                if (copy >> (turn + 1)) & 1:
                    text = text.translate(_VOWELS if turn % 2 else _CONSONANTS)
            changed[key] = text
    return changed


@dataclass(frozen=True)
class _Part:
    """One extract: its path, and the rank of each of its ids among those of its type."""

    path: Path
    ranks: dict[str, dict[int, int]]


def _part(path: Path) -> _Part:
    ids: dict[str, list[int]] = {"n": [], "w": [], "r": []}
    for thing in osmium.FileProcessor(str(path)):
        ids[thing.type_str()].append(thing.id)
    return _Part(path, {letter: {old: rank for rank, old in enumerate(sorted(each))} for letter, each in ids.items()})


class _Numbers:
    """New ids of one extract in one copy: ranks of the old ones, spread over the ids of OpenStreetMap."""

    def __init__(self, part: _Part, before: dict[str, int], strides: dict[str, int]) -> None:
        self._part, self._before, self._strides = part, before, strides

    def __call__(self, letter: str, old: int) -> int:
        rank = self._part.ranks[letter].get(old)
        # A member that the extract does not hold keeps an id that nothing has.
        return (
            GREATEST_IDS[letter] + old % 1_000_000_000
            if rank is None
            else (self._before[letter] + rank) * self._strides[letter] + 1
        )


def _moved(thing: Any, copy: int, number: _Numbers) -> Any:
    letter = thing.type_str()
    tags = respelt({tag.k: tag.v for tag in thing.tags}, copy) if len(thing.tags) else thing.tags
    if letter == "n":
        location = ((thing.lon + 5.0 * copy + 180) % 360 - 180, thing.lat)
        return Node(thing, id=number("n", thing.id), location=location, tags=tags)
    if letter == "w":
        return Way(thing, id=number("w", thing.id), nodes=[number("n", node.ref) for node in thing.nodes], tags=tags)
    members = [(member.type, number(member.type, member.ref), member.role) for member in thing.members]
    return Relation(thing, id=number("r", thing.id), members=members, tags=tags)


def write_large_extract(target: Path, megabytes: float) -> int:
    """Write an extract of about `megabytes` (10^6 bytes) to `target`; return the number of copies."""
    parts = [_part(DATA / "osm" / name) for name in EXTRACTS]
    count = max(1, round(megabytes * 1e6 / sum(part.path.stat().st_size for part in parts)))
    totals = {letter: count * sum(len(part.ranks[letter]) for part in parts) for letter in "nwr"}
    strides = {letter: max(1, GREATEST_IDS[letter] // max(1, totals[letter])) for letter in "nwr"}
    partial = target.with_name("partial." + target.name)
    writer = osmium.SimpleWriter(str(partial), overwrite=True)
    bar = tqdm(total=sum(totals.values()), unit=" objects", unit_scale=True, disable=None, mininterval=5)
    for letter, entity in (("n", osmium.osm.NODE), ("w", osmium.osm.WAY), ("r", osmium.osm.RELATION)):
        add = {"n": writer.add_node, "w": writer.add_way, "r": writer.add_relation}[letter]
        before = dict.fromkeys("nwr", 0)
        for copy in range(count):
            for part in parts:
                number = _Numbers(part, dict(before), strides)
                for thing in osmium.FileProcessor(str(part.path), entity):
                    add(_moved(thing, copy, number))
                    bar.update()
                for each, ranks in part.ranks.items():
                    before[each] += len(ranks)
    writer.close()
    bar.close()
    partial.rename(target)
    return count


@click.command()
@click.argument("megabytes", type=float)
@click.argument("target", type=click.Path(path_type=Path))
def main(megabytes: float, target: Path) -> None:
    """Write an extract of about MEGABYTES to TARGET, made of copies of the small real extracts."""
    copies = write_large_extract(target, megabytes)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.0f} MB, {copies} copies of {len(EXTRACTS)} extracts")


if __name__ == "__main__":
    sys.exit(main())
