"""Message text made fit for a file: a message is data and may hold code points that no file format takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")

# What neither HTML (Living Standard, 13.2.3.5) nor XML 1.0 (section 2.2) takes as a character, CR apart.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?")


def without_surrogates(text: str) -> str:
    """Return `text` with every lone surrogate replaced by U+FFFD, so that it can be encoded as UTF-8.

    Lone surrogates come from cut UTF-16 and mean nothing. JSON could carry them as escapes, but RFC 7493 (section
    2.1) forbids it, strict readers refuse the line, and two adjacent ones would come back as one character. One code
    point replaces one code point, so offsets keep their meaning.
    """
    return _SURROGATE.sub("\ufffd", text)


def plain(value: Any) -> Any:
    """Return a value, or all that is inside lists and dicts, as JSON and Arrow can hold it.

    Strings lose their lone surrogates, numbers that are not finite become None (RFC 8259, section 6), tuples lists.
    """
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def visible(text: str) -> str:
    """Return `text` as HTML and SVG can hold it: control characters as their pictures (NUL as U+2400).

    C1 controls, surrogates and noncharacters become U+FFFD; CR and CR LF become LF, as an HTML parser would make them.
    """
    return _UNWRITABLE.sub(_picture, _LINE_BREAK.sub("\n", text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
