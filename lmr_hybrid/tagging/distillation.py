"""What a tagger learns from others: their probabilities of each tag beside the annotated spans.

Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (2015), at temperature 1; of several teachers,
the mean of their probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray
from tqdm import tqdm

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.decoding import POSITIONS, TaggedSpan, TagProbabilities, decode
from lmr_hybrid.tagging.examples import Example, make_examples
from lmr_hybrid.tagging.opening import AnyTagger

if TYPE_CHECKING:
    from lmr_hybrid.tagging.training import Epochs

_BATCH = 64
_TINY = 1e-9


class Ensemble:
    """Taggers that answer together: their answers' mean. They tell the same types apart, else `TrainingError`."""

    def __init__(self, taggers: Sequence[AnyTagger]) -> None:
        self.config = taggers[0].config
        for number, tagger in enumerate(taggers[1:], 2):
            if tagger.config.types != self.config.types:
                problem = f"tells apart other types than the first: {', '.join(tagger.config.types)}"
                raise TrainingError(f"teacher {number}", problem, "Give teachers that were trained for the same types")
        self._taggers = tuple(taggers)

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        """Return what the taggers think of each token of each text."""
        return self.begin(texts)()

    def begin(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> Callable[[], list[TagProbabilities]]:
        """Begin `predict`; return what waits for the end of it."""
        begun = [tagger.begin(texts) for tagger in self._taggers]
        return lambda: [_mean(answers) for answers in zip(*(finish() for finish in begun), strict=True)]


def _mean(answers: Sequence[TagProbabilities]) -> TagProbabilities:
    return TagProbabilities(
        numpy.mean([each.positions for each in answers], axis=0, dtype=numpy.float32),
        numpy.mean([each.types for each in answers], axis=0, dtype=numpy.float32),
    )


class TaughtEpochs:
    """Examples with the probabilities that a teacher gives each of `tags`, the pupil's, as their targets.

    The teacher sees what the pupil is shown, hits withheld from it included. Raises `TrainingError` where it tells
    other types apart than the pupil.
    """

    def __init__(self, epochs: Epochs, teacher: AnyTagger, tags: Sequence[str]) -> None:
        if other := {tag.partition("-")[2] for tag in tags if tag != "O"}.symmetric_difference(teacher.config.types):
            problem = f"and the tagger differ in what they tell apart: {', '.join(sorted(other))}"
            raise TrainingError("the teachers", problem, f"Set [tagger] types to {', '.join(teacher.config.types)}")
        self._epochs = epochs
        self._teacher = teacher
        self._tags = tuple(tags)

    def __len__(self) -> int:
        return len(self._epochs)

    def __call__(self, epoch: int) -> list[Example]:
        """Return the examples of an epoch, counted from 1."""
        examples = self._epochs(epoch)
        answers = ask(examples, self._teacher)
        types = self._teacher.config.types
        return [
            replace(example, targets=tag_targets(answer, self._tags, types))
            for example, answer in zip(examples, answers, strict=True)
        ]


def annotate(messages: Iterable[Message], teacher: AnyTagger, gazetteer: Gazetteer) -> list[Message]:
    """Return the messages with the mentions that the teacher finds in them, whatever they were annotated with.

    Those without any token are left out.
    """
    bare = [replace(message, mentions=()) for message in messages if tokenize(message.text)]
    examples = make_examples(bare, gazetteer)
    return [
        replace(message, mentions=mentions_of(message.text, example, decode(answer, teacher.config.types)))
        for message, example, answer in zip(bare, examples, ask(examples, teacher), strict=True)
    ]


def tag_targets(probabilities: TagProbabilities, tags: Sequence[str], types: Sequence[str]) -> NDArray[numpy.float32]:
    """Return a probability for each of `tags`, shape (tokens, tags), from those of positions and of types.

    Within a mention position and type are taken to be independent of each other.
    """
    of_types = probabilities.types / (probabilities.types.sum(axis=1, keepdims=True) + _TINY)
    targets = numpy.zeros((len(of_types), len(tags)), numpy.float32)
    for number, tag in enumerate(tags):
        position, _, type_ = tag.partition("-")
        targets[:, number] = probabilities.positions[:, POSITIONS.index(position)]
        if type_:
            targets[:, number] *= of_types[:, types.index(type_)]
    normalized: NDArray[numpy.float32] = targets / (targets.sum(axis=1, keepdims=True) + _TINY)
    return normalized


def ask(examples: Sequence[Example], teacher: AnyTagger) -> list[TagProbabilities]:
    """Return what the teacher thinks of each example; those of like length are asked about together."""
    answers: dict[int, TagProbabilities] = {}
    order = sorted(range(len(examples)), key=lambda number: len(examples[number].tokens))
    with tqdm(total=len(order), desc="asking teachers", unit=" messages", disable=None) as shown:
        for start in range(0, len(order), _BATCH):
            numbers = order[start : start + _BATCH]
            texts = [(examples[number].tokens, examples[number].matches) for number in numbers]
            answers.update(zip(numbers, teacher.predict(texts), strict=True))
            shown.update(len(numbers))
    return [answers[number] for number in range(len(examples))]


def mentions_of(text: str, example: Example, spans: Sequence[TaggedSpan]) -> tuple[GoldMention, ...]:
    """Return a tagger's spans of an example as annotated mentions of its text."""
    bounds = [(example.tokens[span.first_token].start, example.tokens[span.last_token].end) for span in spans]
    return tuple(
        GoldMention(text[start:end], start, end, span.type) for (start, end), span in zip(bounds, spans, strict=True)
    )
