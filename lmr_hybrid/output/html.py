"""Recognitions as one HTML file that needs nothing else: no network, no tile server, no script to be readable."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lmr_hybrid.mention import Candidate, Mention, Recognition
from lmr_hybrid.output.atomic import write_text_atomically
from lmr_hybrid.output.geojson import position
from lmr_hybrid.output.groups import GROUPS, Group, group_of, reach_km, shape_path
from lmr_hybrid.output.panels import Pin, draw_panels
from lmr_hybrid.output.plain_text import visible

#: A place of a lower score than this is more likely not the one that is meant.
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """A mention as the page shows it, every text `visible`; `number` counts from 1 over the whole page.

    `position` is "latitude, longitude" in decimal degrees, "" where the mention has no place on the map.
    """

    number: int
    text: str
    type: str
    group: Group
    score: str
    sources: str
    rules: str
    place: str
    place_id: str
    place_score: str
    position: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a message: plain where `row` is None, else a mention."""

    text: str
    row: Row | None


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A group that occurs on the page, how often, and its shape in a box of 16 by 16."""

    group: Group
    count: int
    path: str


def write_html(
    recognitions: Iterable[Recognition],
    path: str | Path,
    *,
    title: str = "Location mentions",
    attribution: str = "",
    backdrop: Sequence[tuple[float, float]] = (),
) -> None:
    """Write `to_html` to a file, whole or not at all; raises `OutputError` where it cannot be written."""
    page = to_html(recognitions, title=title, attribution=attribution, backdrop=backdrop)
    write_text_atomically(path, page)


def to_html(
    recognitions: Iterable[Recognition],
    *,
    title: str = "Location mentions",
    attribution: str = "",
    backdrop: Sequence[tuple[float, float]] = (),
) -> str:
    """Return a self-contained page: messages with their mentions marked, maps drawn as SVG, a table of mentions.

    `attribution` is the licence line of the gazetteers used. `backdrop` are (longitude, latitude) points in WGS 84
    degrees, such as the places of a gazetteer, drawn as faint dots; they are thinned to some 5,000. Every text is
    escaped; what HTML cannot hold (NUL, other control characters, lone surrogates) is shown as a stand-in.
    """
    messages: list[tuple[Segment, ...]] = []
    pins: list[Pin] = []
    number = 0
    for recognition in recognitions:
        rows = []
        for mention in recognition.mentions:
            number += 1
            row = _row(mention, number)
            rows.append(row)
            best = mention.candidates[0] if mention.candidates else None
            if best and (point := position(best)):
                likely = best.score >= _LIKELY and not best.approximate
                pins.append(Pin(number, *point, row.group, row.place, reach_km(mention.type), likely))
        messages.append(tuple(_segments(recognition, rows)))
    table = [segment.row for segments in messages for segment in segments if segment.row]
    counts = Counter(row.group for row in table)
    legend = [
        LegendEntry(group, counts[group], shape_path(group, x=8, y=8, radius=5.5)) for group in GROUPS if counts[group]
    ]
    return _template().render(
        title=visible(title),
        attribution=visible(attribution),
        messages=messages,
        rows=table,
        on_map=len(pins),
        legend=legend,
        unlikely=sum(not pin.likely for pin in pins),
        panels=draw_panels(pins, backdrop=backdrop),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lmr_hybrid", "output"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["content_hash"] = _content_hash
    return environment.get_template("page.html")


def _content_hash(content: str) -> str:
    """Return the source expression that lets one inline script run (Content Security Policy Level 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _segments(recognition: Recognition, rows: Sequence[Row]) -> Iterator[Segment]:
    cursor = 0
    for mention, row in zip(recognition.mentions, rows, strict=True):
        if cursor < mention.start:
            yield Segment(visible(recognition.text[cursor : mention.start]), None)
        yield Segment(row.text, row)
        cursor = mention.end
    if cursor < len(recognition.text):
        yield Segment(visible(recognition.text[cursor:]), None)


def _row(mention: Mention, number: int) -> Row:
    best = mention.candidates[0] if mention.candidates else None
    point = position(best) if best else None
    score = f"{mention.score:.2f}"
    sources = ", ".join(mention.sources)
    rules = ", ".join(mention.rules)
    lines = [f"{number}. {mention.type}, score {score}"]
    if sources:
        lines.append(f"Sources: {sources}")
    if rules:
        lines.append(f"Rules: {rules}")
    lines.append(_best_line(best, len(mention.candidates) - 1) if best else "No candidate place")
    return Row(
        number=number,
        text=visible(mention.text),
        type=visible(mention.type),
        group=group_of(mention.type),
        score=score,
        sources=visible(sources),
        rules=visible(rules),
        place=visible(_full_name(best)) if best else "",
        place_id=visible(best.id) if best else "",
        place_score=f"{best.score:.2f}" if best else "",
        position=f"{point[1]:.5f}, {point[0]:.5f}" if point else "",
        tooltip=visible("\n".join(lines)),
    )


def _full_name(candidate: Candidate) -> str:
    return f"{candidate.label} ({candidate.country})" if candidate.country else candidate.label


def _best_line(best: Candidate, others: int) -> str:
    reason = f", {best.reason}" if best.reason else ""
    more = f"; {others} more" if others else ""
    return f"Best candidate: {_full_name(best)}, {best.kind}, score {best.score:.2f}{reason}{more}"
