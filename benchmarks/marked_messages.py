"""Messages written by hand, one a line, with their mentions marked where they stand.

`[Houston|T]` is a mention and its type, `[Houston|T|US.TX]` says the country as well, in the United States also the
state, that its place lies in. A type of `-` is a mention that may be found or not, a region of `-` one that is not
judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lmr_hybrid.corpora import GoldMention, Message

TYPES = {
    "K": "Continent",
    "C": "Country",
    "S": "State",
    "Y": "County",
    "T": "City/town",
    "D": "District",
    "N": "Neighborhood",
    "R": "Road/street",
    "H": "Human-made Point-of-Interest",
    "P": "Natural Point-of-Interest",
    "I": "Island",
    "O": "Other locations",
}
_MENTION = re.compile(r"\[([^\]|]+)\|([^|\]]*)(?:\|([^\]]*))?\]")
_NOT_JUDGED = "-"


@dataclass(frozen=True, slots=True)
class MarkedMessage:
    """A message, the region that each of its mentions lies in, by start and end, and the spans that are not judged."""

    message: Message
    regions: dict[tuple[int, int], str]
    not_judged: frozenset[tuple[int, int]]


def read_messages(path: Path) -> Iterator[MarkedMessage]:
    """Yield the messages of a file, their numbers as ids and its name as event."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text, mentions, regions, not_judged = "", [], {}, set()
        rest = 0
        for found in _MENTION.finditer(line):
            name, type_, region = found.groups()
            text += line[rest : found.start()]
            span = len(text), len(text) + len(name)
            text, rest = text + name, found.end()
            if type_ == _NOT_JUDGED:
                not_judged.add(span)
                continue
            mentions.append(GoldMention(name, *span, TYPES[type_]))
            if region and region != _NOT_JUDGED:
                regions[span] = region
        message = Message(str(number), path.stem, text + line[rest:], tuple(mentions))
        yield MarkedMessage(message, regions, frozenset(not_judged))
