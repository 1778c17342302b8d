"""Recognitions as lines for a person at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmr_hybrid.mention import Mention, Recognition
from lmr_hybrid.output.plain_text import visible

#: Characters that turn the direction of the text after them, and so the order of the rest of a line (Unicode Annex 9).
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def table_lines(recognition: Recognition) -> Iterator[str]:
    """Yield the text, then a line a mention: offsets, text, type, score, and the best place with its own score."""
    yield _shown(recognition.text)
    for mention in recognition.mentions:
        offsets, text, kind = f"{mention.start}:{mention.end}", _shown(mention.text), _shown(mention.type)
        yield f"  {offsets:>9}  {text:<26} {kind:<29} {mention.score:.2f}  {_place(mention)}"
    if not recognition.mentions:
        yield "  no place is named"


def _place(mention: Mention) -> str:
    if not mention.candidates:
        return "not in the gazetteer"
    best = mention.candidates[0]
    name = ", ".join(filter(None, (best.label, best.country)))
    return f"{best.score:.2f}  {best.latitude:8.4f} {best.longitude:9.4f}  {_shown(f'{name} ({best.kind}, {best.id})')}"


def _shown(text: str) -> str:
    return _DIRECTIONS.sub("\ufffd", visible(text))
