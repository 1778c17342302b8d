"""What a corpus holds: messages and the mentions that annotators marked in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoldMention:
    """An annotated place name: always `text == message.text[start:end]`, with `start < end`."""

    text: str
    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Message:
    """A text and the mentions annotated in it, in order of `start`; `event` names the disaster it was written about."""

    id: str
    event: str
    text: str
    mentions: tuple[GoldMention, ...] = ()
