"""Message text and tables made fit for a terminal: nothing in a message moves the cursor, turns a line or widens it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from textwrap import indent

from tabulate import tabulate
from wcwidth import wcswidth, wcwidth

#: Marks on one letter before the next is escaped: more are no script's, and grow over the lines above and below.
_MOST_MARKS = 3
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def printable(text: str, *, width: int) -> str:
    """Return `text` on one line of at most `width` (2 or more) cells of a terminal, cut off with "…" where longer.

    What `str.isprintable` does not hold printable is escaped as Python would, and so are backslashes, so that no text
    looks like another's escapes. Right-to-left text stands between the marks of an isolate (Unicode Annex 9), so that
    the line around it keeps its order.
    """
    shown: list[str] = []
    marks = _MOST_MARKS
    for character in text:
        cells = wcwidth(character)
        marks = marks + 1 if cells == 0 else 0
        if not character.isprintable() or character == "\\" or cells < 0 or marks > _MOST_MARKS:
            character = character.encode("unicode_escape").decode("ascii")
            marks = 0
        shown.append(character)
        if _cells(shown) > width:
            while _cells(shown) > width - 1:
                shown.pop()
            return _isolated("".join(shown) + "…")
    return _isolated("".join(shown))


def _cells(shown: Sequence[str]) -> int:
    """Return how wide pieces of text are together: some marks take a cell after one letter and none after another."""
    return wcswidth("".join(shown))


def table(rows: Sequence[Sequence[str]], *, headers: Sequence[str] = (), widths: Sequence[int | None]) -> str:
    """Return rows of printable cells as indented, aligned lines; a cell wider than its column's of `widths` is wrapped.

    A column whose width is None is as wide as its widest cell.
    """
    lines = tabulate(
        rows,
        headers=headers,
        tablefmt="plain",
        disable_numparse=True,
        maxcolwidths=list(widths),
        colglobalalign="left",
    )
    return indent("\n".join(line.rstrip() for line in lines.splitlines()), "  ")


def _isolated(text: str) -> str:
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return f"{_ISOLATE}{text}{_END_ISOLATE}"
    return text
