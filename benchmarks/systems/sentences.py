"""Messages as Flair sentences, and the spans of these back in the characters of the message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gazetteer import Token, tokenize
from lmr_hybrid.corpora import Message, align
from lmr_hybrid.mention import Mention, Recognition

if TYPE_CHECKING:
    from flair.data import Sentence

TAG_TYPE = "location"


@dataclass(frozen=True, slots=True)
class Tokenised:
    """A message with its tokens and the Flair sentence of these, word by word."""

    text: str
    tokens: tuple[Token, ...]
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """What a system marked: characters `start` to `end` (exclusive), under its own label; `score` in 0..1."""

    start: int
    end: int
    label: str
    score: float


def tokenised(messages: Iterable[Message], *, labelled: bool) -> list[Tokenised]:
    """Split messages into words, all systems alike; `labelled` sentences carry the gold spans."""
    from flair.data import Sentence

    from lmr_hybrid.tagging.embeddings import printable

    made = []
    for message in messages:
        tokens = tokenize(message.text)
        sentence = Sentence([printable(token.text) for token in tokens])
        if labelled:
            for first, last, type_ in align(message, tokens=tokens).spans:
                sentence[first : last + 1].add_label(TAG_TYPE, type_)
        made.append(Tokenised(message.text, tuple(tokens), sentence))
    return made


def tagged(messages: Sequence[Message], network: Any, *, batch_size: int) -> list[list[LabelledSpan]]:
    """Return what a Flair tagger marks in each message."""
    examples = tokenised(messages, labelled=False)
    network.eval()
    network.predict([each.sentence for each in examples if each.tokens], mini_batch_size=batch_size)
    return [spans_of(each, network.label_type) for each in examples]


def spans_of(example: Tokenised, label_type: str) -> list[LabelledSpan]:
    """Return the labelled spans of a sentence in the characters of its message."""
    found = []
    for span in example.sentence.get_spans(label_type):
        first, last = span.tokens[0].idx - 1, span.tokens[-1].idx - 1
        label = span.get_label(label_type)
        found.append(LabelledSpan(example.tokens[first].start, example.tokens[last].end, label.value, label.score))
    return found


def recognition(text: str, spans: Iterable[LabelledSpan], labels: Mapping[str, str]) -> Recognition:
    """Return the spans whose label `labels` maps to a type, under that type, in order."""
    mentions = (
        Mention(text[span.start : span.end], span.start, span.end, labels[span.label], span.score, ("neural",))
        for span in sorted(spans, key=lambda span: (span.start, span.end))
        if span.label in labels and span.start < span.end
    )
    return Recognition(text, tuple(mentions))
