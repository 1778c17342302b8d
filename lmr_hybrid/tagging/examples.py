"""Messages made ready for training and scoring."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray
from tqdm import tqdm

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.articles import without_articles
from lmr_hybrid.augmentation import Augmenter
from lmr_hybrid.corpora import Message, align
from lmr_hybrid.tagging.preprocessing import Preprocessing, show

if TYPE_CHECKING:
    from lmr_hybrid.tagging.training import Epochs

#: Texts longer than this many tokens are cut for training: a few of them would decide the size of every batch.
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Example:
    """A message made ready; spans are `(first token, last token, type)`, both ends inclusive.

    `weights`, shape (tokens,), say how much each token's tag is believed, 1 where absent. `targets`, shape (tokens,
    tags), are a teacher's probabilities, from which the tagger then learns beside the spans.
    """

    tokens: tuple[Token, ...]
    matches: tuple[Match, ...]
    spans: tuple[tuple[int, int, str], ...]
    weights: NDArray[numpy.float32] | None = None
    targets: NDArray[numpy.float32] | None = None


def make_examples(messages: Sequence[Message], gazetteer: Gazetteer, *, progress: bool = True) -> list[Example]:
    """Tokenise and match messages; those without any token are left out."""
    examples = []
    for message in tqdm(messages, desc="matching", unit=" messages", disable=None if progress else True):
        tokens = tokenize(message.text)
        matches = without_articles(gazetteer.matches(message.text, tokens))
        tokens = tokens[:_LONGEST]
        if not tokens:
            continue
        examples.append(
            Example(
                tokens=tuple(tokens),
                matches=tuple(match for match in matches if match.last_token < len(tokens)),
                spans=align(message, tokens=tokens).spans,
            )
        )
    return examples


def count_hidden_spans(examples: Sequence[Example], preprocessing: Preprocessing) -> int:
    """Count the spans that are lost because no token of theirs is shown."""
    views = [(show(example.tokens, example.matches, preprocessing), example.spans) for example in examples]
    return sum(len(spans) - len(view.project(spans)) for view, spans in views)


class AugmentedEpochs:
    """The messages as each of `epochs` shows them: under other names, in other spellings, with fewer or more hits."""

    def __init__(
        self, messages: Sequence[Message], gazetteer: Gazetteer, augmenter: Augmenter, *, seed: int, epochs: int
    ) -> None:
        self._messages = [_without_lost(message) for message in messages if tokenize(message.text)]
        self._gazetteer = gazetteer
        self._augmenter = augmenter
        self._seed = seed
        self._epochs = epochs

    def __len__(self) -> int:
        return self._augmenter.size(len(self._messages))

    def __call__(self, epoch: int) -> list[Example]:
        """Return the examples of an epoch, counted from 1."""
        generator = random.Random(f"augmentation {self._seed} {epoch}")  # noqa: S311 - reproducible, no secrets
        messages = self._augmenter.messages(self._messages, generator, epochs_left=self._epochs + 1 - epoch)
        examples = make_examples(messages, self._gazetteer)
        return [self._with_hits(example, generator) for example in examples]

    def _with_hits(self, example: Example, generator: random.Random) -> Example:
        shown = self._augmenter.show_hits(example.tokens, example.matches, example.spans, generator)
        return Example(example.tokens, tuple(shown), example.spans, example.weights, example.targets)


def _without_lost(message: Message) -> Message:
    """Leave out the mentions without a span: what lies over another cannot be put under another name by itself."""
    kept = list(message.mentions)
    for mention in align(message).lost:
        kept.remove(mention)
    return replace(message, mentions=tuple(kept))


class JoinedEpochs:
    """The examples of several, one behind another."""

    def __init__(self, *parts: Epochs) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __call__(self, epoch: int) -> list[Example]:
        """Return the examples of an epoch, counted from 1."""
        return [example for part in self._parts for example in part(epoch)]
