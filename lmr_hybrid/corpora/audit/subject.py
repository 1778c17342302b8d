"""The corpus under audit, as all checks look at it: messages with their tokens, and tagged sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lmr_hybrid.corpora.audit.finding import Finding
from lmr_hybrid.corpora.forms import Form, form_of
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.corpora.tag_scheme import align
from lmr_hybrid.corpora.tweet_syntax import Zone, zones


class Entry:
    """A message of the corpus with what several checks need of it, made once."""

    def __init__(self, message: Message, *, split: str) -> None:
        self.message = message
        self.split = split
        self.alignment = align(message)
        self.words: Form = form_of(self.alignment.tokens)

    @cached_property
    def covered(self) -> set[int]:
        """The tokens inside mentions."""
        return {
            index
            for index, token in enumerate(self.alignment.tokens)
            if any(token.start < mention.end and token.end > mention.start for mention in self.message.mentions)
        }

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """The web addresses, handles and hashtags."""
        return tuple(zones(self.message.text))

    def form(self, first: int, last: int) -> Form:
        """Return the form of the tokens from `first` to `last`, inclusive."""
        return self.words[first : last + 1]

    def surface(self, first: int, last: int) -> str:
        """Return the text of the tokens from `first` to `last`, inclusive."""
        tokens = self.alignment.tokens
        return self.message.text[tokens[first].start : tokens[last].end]

    def finding(self, kind: str, detail: str, *, start: int | None = None, end: int | None = None) -> Finding:
        """Return a finding about `start:end` of this message, or about all of it."""
        message = self.message
        text = "" if start is None or end is None else message.text[start:end]
        return Finding(kind, self.split, message.event, message.id, start, end, text, detail)

    def finding_at(self, kind: str, detail: str, *, first: int, last: int) -> Finding:
        """Return a finding about the tokens from `first` to `last`, inclusive."""
        tokens = self.alignment.tokens
        return self.finding(kind, detail, start=tokens[first].start, end=tokens[last].end)

    def finding_of(self, kind: str, detail: str, mention: GoldMention) -> Finding:
        """Return a finding about a mention."""
        return self.finding(kind, detail, start=mention.start, end=mention.end)


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Tokens with their tags as the file has them; `line` is that of the first."""

    line: int
    tokens: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaggedFile:
    """All sentences of one file of columns."""

    path: Path
    split: str
    event: str
    sentences: tuple[TaggedSentence, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A corpus as it was read.

    `faults` are what a strict reader would refuse. `tagged` are its files of columns: the corpus itself, or the same
    messages once more; `compared` tells that it is the latter.
    """

    entries: Sequence[Entry]
    faults: Sequence[Finding]
    tagged: Sequence[TaggedFile]
    compared: bool

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits in the order in which they were read."""
        return tuple(dict.fromkeys(entry.split for entry in self.entries))
