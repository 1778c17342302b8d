"""What in a message is no running text: web addresses, handles, hashtags, and the letters that mark a retweet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import regex

#: Endings that make a word with a full stop in it a web address even without a path after them.
_BARE = r"(?:com|org|net|gov|edu|int|mil|info)(?:\.[a-z]{2})?"
#: Endings that do so before a slash: those of countries, as in t.co/x1, and the commonest others.
_BEFORE_SLASH = r"(?:[a-z]{2}|com|org|net|gov|edu|int|mil|info|news|live|media|app|link|page|online|world|social|gle)"
_LABELS = r"(?<![\w@.-])(?:[a-z0-9-]++\.)+"
URL = regex.compile(
    rf"\b(?:https?|ftp)://\S*|\bwww\.\S+|{_LABELS}{_BEFORE_SLASH}/\S*|{_LABELS}{_BARE}\b(?![\w@])", regex.IGNORECASE
)
#: What is left of a web address where a retweet was cut: "http:/", "htt…".
CUT_URL = regex.compile(r"\bhttp?s?(?::/{0,2})?\W*$", regex.IGNORECASE)
HANDLE = regex.compile(r"(?<!\w)[@＠]\w+")
HASHTAG = regex.compile(r"(?<!\w)[#＃]\w+")


class ZoneKind(StrEnum):
    """What a zone is."""

    URL = "URL"
    HANDLE = "handle"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Zone:
    """A web address, handle or hashtag at `text[start:end]`; the sign before a handle or hashtag belongs to it."""

    kind: ZoneKind
    start: int
    end: int


_ZONE = regex.compile(
    rf"(?P<{ZoneKind.URL}>{URL.pattern})|(?P<{ZoneKind.HANDLE}>{HANDLE.pattern})|(?P<{ZoneKind.HASHTAG}>{HASHTAG.pattern})",
    regex.IGNORECASE,
)


def zones(text: str) -> Iterator[Zone]:
    """Yield the zones of a text in order; none overlaps another: a hashtag within a web address is part of that."""
    for found in _ZONE.finditer(text):
        yield Zone(ZoneKind(str(found.lastgroup)), found.start(), found.end())
