"""Recognitions as JSON Lines: one object a line, in UTF-8, the shape of `Recognition.to_dict`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from lmr_hybrid.errors import OutputError
from lmr_hybrid.mention import Recognition
from lmr_hybrid.output.plain_text import without_surrogates

# JSON itself demands escapes only below U+0020.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029]")


def write_json_lines(recognitions: Iterable[Recognition], stream: TextIO) -> int:
    """Write one line a recognition, as each arrives, and return how many were written.

    Text stays readable, so `stream` should encode as UTF-8; `\\u` escapes stand for control characters, which a
    terminal might obey, and for U+2028 and U+2029, which some readers take for the end of a line. Lone surrogates are
    written as U+FFFD, see `without_surrogates`: everything else comes back from `read_json_lines` unchanged, and
    offsets hold either way. Raises `ValueError` for a score or coordinate that is not finite, which JSON cannot hold
    (RFC 8259, section 6).
    """
    count = 0
    for recognition in recognitions:
        line = json.dumps(recognition.to_dict(), ensure_ascii=False, allow_nan=False)
        stream.write(escaped(line) + "\n")
        count += 1
    return count


def read_json_lines(stream: Iterable[str]) -> Iterator[Recognition]:
    """Yield the recognitions that `write_json_lines` wrote, one a line, lazily; blank lines are skipped.

    `stream` is an open text file or any iterable of lines. Raises `OutputError`, naming the line, for one that is not
    JSON or not the shape of a recognition.
    """
    name = getattr(stream, "name", "JSON Lines")
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            recognition = Recognition.from_dict(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(
                f"{name}, line {number}",
                f"is not a recognition in JSON ({type(error).__name__}: {error})",
                "Give a file that `write_json_lines` or the command `recognize` wrote.",
            ) from error
        yield recognition


def escaped(line: str) -> str:
    """Return a line of JSON as `write_json_lines` writes it: escapes for control characters, no lone surrogates."""
    return _ESCAPED.sub(_escape, without_surrogates(line))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
