"""The messages that a recipe is trained and scored on: split, sampled, with the types it tells apart."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lmr_hybrid.corpora import Message, read_corpus, read_plain_jsonl
from systems.config import LOC, Recipe

_PASSING = re.compile(r"https?://\S+|@\w+")


@dataclass(frozen=True, slots=True)
class Messages:
    """What a run is given: `train` is learnt from, `selection` chooses the epoch, `dev` is scored.

    `near_duplicates` counts the auxiliary messages left out because dev holds the same text.
    """

    train: tuple[Message, ...]
    selection: tuple[Message, ...]
    dev: tuple[Message, ...]
    near_duplicates: int = 0


def gather(recipe: Recipe, corpus: Path, *, data: Path, limit: int | None, seed: int) -> Messages:
    """Read and split what a recipe asks for; `limit` messages of each split, drawn by `seed`, serve for a trial.

    A finished tagger is given no training messages. Raises `CorpusNotFound` or `CorpusMalformed`.
    """
    dev = _drawn(read_corpus(corpus, split="dev"), limit, seed)
    train: list[Message] = []
    selection: list[Message] = []
    near_duplicates = 0
    if recipe.training:
        train = _drawn(read_corpus(corpus, split="train"), limit, seed)
        random.Random(seed).shuffle(train)
        held_out = round(len(train) * recipe.training.selection_share)
        selection, train = train[:held_out], train[held_out:]
        for name in recipe.corpus.auxiliary:
            kept, dropped = without_near_duplicates(read_plain_jsonl(data / name), of=dev)
            train += _drawn(kept, limit, seed)
            near_duplicates += dropped
    if recipe.corpus.only_messages_with_places:
        train = [message for message in train if message.mentions]
    typed = _collapsed if recipe.locations_only else _unchanged
    return Messages(typed(train), typed(selection), typed(dev), near_duplicates)


def without_near_duplicates(messages: Sequence[Message], *, of: Sequence[Message]) -> tuple[list[Message], int]:
    """Return the messages whose text is not one of `of` but for addresses, handles, case and white space; how many are.

    Corpora that mark mentions otherwise split texts into words otherwise, so spaces do not count at all.
    """
    known = {_bare(message.text) for message in of}
    kept = [message for message in messages if _bare(message.text) not in known]
    return kept, len(messages) - len(kept)


def _bare(text: str) -> str:
    return "".join(_PASSING.sub("", text.lower()).split())


def _drawn(messages: Sequence[Message], limit: int | None, seed: int) -> list[Message]:
    if limit is None or limit >= len(messages):
        return list(messages)
    return random.Random(seed).sample(list(messages), limit)


def _unchanged(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(messages)


def _collapsed(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(
        replace(message, mentions=tuple(replace(mention, type=LOC) for mention in message.mentions))
        for message in messages
    )
