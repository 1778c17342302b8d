"""`Augmenter`: what an epoch shows of a corpus."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from gazetteer import Gazetteer, Match, Token
from lmr_hybrid.augmentation.config import AugmentationConfig
from lmr_hybrid.augmentation.hits import show_hits
from lmr_hybrid.augmentation.names import NamePool
from lmr_hybrid.augmentation.replacement import replace_names
from lmr_hybrid.augmentation.surface import SURFACE_CHANGES
from lmr_hybrid.corpora import Message


class MessageMaker(Protocol):
    """Makes up messages."""

    def sample(self, generator: random.Random) -> Message:
        """Return one message."""
        ...


class Augmenter:
    """Changes messages as `config` says; names come from `pool`, made-up street-level messages from `streets`."""

    def __init__(
        self,
        config: AugmentationConfig,
        *,
        gazetteer: Gazetteer,
        pool: NamePool,
        streets: MessageMaker | None = None,
    ) -> None:
        self.config = config if streets else replace(config, streets=0.0)
        self._gazetteer = gazetteer
        self._pool = pool
        self._streets = streets

    def size(self, messages: int) -> int:
        """Return how many messages an epoch has for so many of the corpus."""
        return messages + round(messages * self.config.streets)

    def messages(
        self, messages: Sequence[Message], generator: random.Random, *, epochs_left: int | None = None
    ) -> list[Message]:
        """Return the messages of one epoch, each of the corpus once, changed or not, and then those made up.

        `epochs_left` counts this epoch and those after it, where that is known.
        """
        plain = epochs_left is not None and epochs_left <= self.config.plain_epochs
        changed = list(messages) if plain else [self.change(message, generator) for message in messages]
        extra = self.size(len(messages)) - len(messages)
        return changed + [self._streets.sample(generator) for _ in range(extra)] if self._streets else changed

    def change(self, message: Message, generator: random.Random) -> Message:
        """Return one message under other names and in another spelling, or as it is."""
        config = self.config
        if generator.random() < config.names:
            message = replace_names(
                message,
                pool=self._pool,
                gazetteer=self._gazetteer,
                replaced=config.replaced,
                invented=config.invented,
                generator=generator,
            )
        for name, surface_change in SURFACE_CHANGES.items():
            if generator.random() < getattr(config, name):
                message = surface_change(message, generator)
        return message

    def show_hits(
        self,
        tokens: Sequence[Token],
        matches: Sequence[Match],
        spans: Sequence[tuple[int, int, str]],
        generator: random.Random,
    ) -> list[Match]:
        """Return the matches to show of a message, see `lmr_hybrid.augmentation.hits`."""
        return show_hits(tokens, matches, spans, config=self.config, generator=generator)
