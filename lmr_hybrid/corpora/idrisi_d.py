"""IDRISI-D (Suwaileh, Elsayed and Imran 2023): tweets whose mentions are linked to objects of OpenStreetMap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmr_hybrid.corpora.idrisi import TYPES
from lmr_hybrid.corpora.json_lines import read_objects
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.errors import CorpusMalformed, CorpusNotFound

#: How far from where it is said to stand a mention is looked for.
_MOST_SHIFT = 8


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """The object of OpenStreetMap that a mention was linked to.

    `id` is as in a gazetteer, `osm:relation/547469`. Coordinates are WGS 84 degrees; `bounds` is (west, south, east,
    north). `display_name` is Nominatim's, from the smallest unit to the country, in local names.
    """

    id: str
    latitude: float
    longitude: float
    bounds: tuple[float, float, float, float]
    display_name: str


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """A message, and for each of its mentions in order the place it was linked to."""

    message: Message
    places: tuple[GoldPlace, ...]


@dataclass(frozen=True, slots=True)
class LinkedCorpus:
    """The messages of IDRISI-D; `moved` counts mentions that stood beside their offsets, `lost` those found nowhere."""

    messages: tuple[LinkedMessage, ...]
    moved: int
    lost: int


def read_idrisi_d(folder: str | Path) -> LinkedCorpus:
    """Read `<folder>/<event>/train.jsonl` of every event, sorted by event.

    One mention in 23 stands a few characters beside its offsets: it is moved to where its text is nearest. One whose
    text stands nowhere near is left out.

    Raises:
        CorpusNotFound: the folder does not exist or holds no such file.
        CorpusMalformed: a line breaks the format.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*/train.jsonl"), key=lambda path: path.parent.name)
    if not paths:
        problem = "no <event>/train.jsonl in it" if folder.is_dir() else "no such folder"
        raise CorpusNotFound(folder, problem, "Give IDRISI-D's folder of events, such as idrisi-d/EN")
    moved = lost = 0
    messages = []
    for path in paths:
        for number, data in read_objects(path):
            message, shifts = _linked(data, path, number)
            messages.append(message)
            moved += sum(shift is not None and shift != 0 for shift in shifts)
            lost += sum(shift is None for shift in shifts)
    return LinkedCorpus(tuple(messages), moved, lost)


def _linked(data: dict[str, Any], path: Path, line: int) -> tuple[LinkedMessage, list[int | None]]:
    """Return the message of a line and by how many characters each of its mentions was moved, None where it is lost."""
    try:
        text = data["text"]
        shifts = [_shift(text, mention["text"], mention["start_offset"]) for mention in data["location_mentions"]]
        pairs = sorted(
            (
                (_mention(row, shift), _place(row["osm"]))
                for row, shift in zip(data["location_mentions"], shifts, strict=True)
                if shift is not None
            ),
            key=lambda pair: pair[0].start,
        )
        message = Message(str(data["tweet_id"]), path.parent.name, text, tuple(mention for mention, _ in pairs))
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusMalformed(path, line, f"not a tweet of IDRISI-D ({error!r})", "Correct or remove it") from error
    if unknown := {mention.type for mention in message.mentions} - set(TYPES):
        problem = f"unknown type {min(unknown)!r}"
        raise CorpusMalformed(path, line, problem, f"IDRISI's types are {', '.join(TYPES)}")
    return LinkedMessage(message, tuple(place for _, place in pairs)), shifts


def _shift(text: str, surface: str, start: int) -> int | None:
    near = (0, *(shift for distance in range(1, _MOST_SHIFT + 1) for shift in (-distance, distance)))
    return next((shift for shift in near if start + shift >= 0 and text.startswith(surface, start + shift)), None)


def _mention(row: dict[str, Any], shift: int) -> GoldMention:
    start = row["start_offset"] + shift
    return GoldMention(row["text"], start, start + len(row["text"]), row["type"])


def _place(osm: dict[str, Any]) -> GoldPlace:
    south, north, west, east = map(float, osm["boundingbox"])
    return GoldPlace(
        id=f"osm:{osm['osm_type']}/{osm['osm_id']}",
        latitude=float(osm["lat"]),
        longitude=float(osm["lon"]),
        bounds=(west, south, east, north),
        display_name=osm["display_name"],
    )
