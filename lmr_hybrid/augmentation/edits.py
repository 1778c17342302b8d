"""Changes to a message's text that keep the offsets of its mentions right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lmr_hybrid.corpora import GoldMention, Message


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in the place of the characters `start` to `end` (exclusive)."""

    start: int
    end: int
    text: str


def apply_edits(message: Message, edits: Sequence[Edit]) -> Message:
    """Return the message with all edits made; mentions move with their text.

    Edits must not overlap, and none may reach over an end of a mention; one that covers exactly a mention changes
    its text, one within a mention too. A mention whose text becomes empty is no longer there.

    Raises:
        ValueError: edits overlap, or one crosses an end of a mention.
    """
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    for one, other in pairwise(ordered):
        if other.start < one.end:
            raise ValueError(f"the edits at {one.start} and {other.start} overlap")
    parts, position = [], 0
    for edit in ordered:
        parts += [message.text[position : edit.start], edit.text]
        position = edit.end
    text = "".join([*parts, message.text[position:]])
    mentions = [_moved(mention, ordered, text) for mention in message.mentions]
    return replace(message, text=text, mentions=tuple(mention for mention in mentions if mention.text))


def _moved(mention: GoldMention, edits: Sequence[Edit], text: str) -> GoldMention:
    start, end = mention.start, mention.end
    for edit in edits:
        grown = len(edit.text) - (edit.end - edit.start)
        if edit.end <= mention.start and not (edit.start == edit.end == mention.start == mention.end):
            start, end = start + grown, end + grown
        elif mention.start <= edit.start and edit.end <= mention.end and not edit.start == edit.end == mention.end:
            end += grown
        elif edit.start < mention.end:
            raise ValueError(f"the edit at {edit.start} crosses an end of the mention {mention.text!r}")
    return GoldMention(text[start:end], start, end, mention.type)
