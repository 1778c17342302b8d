"""Text as OPL writes it: `%hex%` for every character that would be taken for something else.

OPL: https://osmcode.org/opl-file-format/
"""

from __future__ import annotations

from functools import lru_cache


def decode(text: str) -> str:
    """Return what OPL text stands for."""
    if "%" not in text:
        return text
    parts = text.split("%")
    parts[1::2] = [_character(code) for code in parts[1::2]]
    return "".join(parts)


@lru_cache(maxsize=4096)
def _character(code: str) -> str:
    return chr(int(code, 16))


def decode_tags(text: str) -> dict[str, str]:
    """Return the tags of `key=value,key=value`; "" is none."""
    if not text:
        return {}
    pairs = (pair.split("=", 1) for pair in text.split(","))
    return {decode(key): decode(value) for key, value in pairs}
