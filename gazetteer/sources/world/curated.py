"""What the raw packages do not hold: the hand-kept tables beside this module, and how they are read.

`names.csv` adds names to places of the raw packages (demonyms, abbreviations, nicknames). It leaves out abbreviations
that are everyday English words once case is gone ("IN", "OR", "ME", "Miss."): they would match in every other message.
`islands.csv` and `regions.csv` hold places of their own, with coordinates to about a tenth of a degree.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from gazetteer.errors import SourceUnreadable
from gazetteer.importance import importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.world.naming import TextAndKind, named
from gazetteer.text import normalize_name

_FOLDER = Path(__file__).parent
#: The importance of a region, sea, river or mountain with a row here: known the world over, as few of an extract are.
_WELL_KNOWN = 0.6


def added_names(place: str) -> tuple[TextAndKind, ...]:
    """Return what `names.csv` adds to a place, which it calls `country/US`, `state/US.TX` or `city/5128581`."""
    return _added_names().get(place, ())


@cache
def _added_names() -> dict[str, tuple[TextAndKind, ...]]:
    added: dict[str, tuple[TextAndKind, ...]] = {}
    for row in _rows("names.csv"):
        kind = NameKind(row["kind"])
        added[row["place"]] = (*added.get(row["place"], ()), *((text, kind) for text in row["names"].split("|")))
    return added


def curated_places() -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield the islands and the regions that the hand-kept tables hold."""
    for row in _rows("islands.csv"):
        yield _curated_place(row, PlaceKind.ISLAND)
    for row in _rows("regions.csv"):
        yield _curated_place(row, PlaceKind(row["kind"]))


def _curated_place(row: dict[str, str], kind: PlaceKind) -> tuple[Place, tuple[PlaceName, ...]]:
    """Make a place of a row; its id is `world:` with its kind, its country and its name, which stay as they are."""
    words = "-".join(normalize_name(f"{row['country']} {row['name']}").split())
    group = "island" if kind is PlaceKind.ISLAND else "region"
    place = Place(
        id=f"world:{group}/{words}",
        name=row["name"],
        kind=kind,
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        country=row["country"],
        importance=importance(kind) if kind is PlaceKind.ISLAND else _WELL_KNOWN,
    )
    spellings: list[TextAndKind] = [(row["name"], NameKind.NAME)]
    spellings += [(text, NameKind.ALTERNATIVE) for text in row["names"].split("|")]
    spellings += [(text, NameKind.ABBREVIATION) for text in (row.get("abbreviations") or "").split("|")]
    spellings += [(text, NameKind.DEMONYM) for text in (row.get("demonyms") or "").split("|")]
    return place, named(place.id, spellings)


def _rows(name: str) -> list[dict[str, str]]:
    path = _FOLDER / name
    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, strict=True))
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise SourceUnreadable(path, f"row {number} has too many or too few columns", "Correct the table")
    return rows
