"""Recognitions as lines for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from lmr_hybrid.mention import Mention, Recognition
from lmr_hybrid.output.plain_text import visible


def table_lines(recognition: Recognition) -> Iterator[str]:
    """Yield the text and then one line a mention: offsets, text, type, score, and the best place with coordinates."""
    yield visible(recognition.text)
    for mention in recognition.mentions:
        offsets, text, kind = f"{mention.start}:{mention.end}", visible(mention.text), visible(mention.type)
        yield f"  {offsets:>9}  {text:<26} {kind:<29} {mention.score:.2f}  {_place(mention)}"
    if not recognition.mentions:
        yield "  no place is named"


def _place(mention: Mention) -> str:
    if not mention.candidates:
        return "not in the gazetteer"
    best = mention.candidates[0]
    name = ", ".join(filter(None, (best.name, best.country)))
    return f"{best.latitude:8.4f} {best.longitude:9.4f}  {visible(f'{name} ({best.kind}, {best.id})')}"
