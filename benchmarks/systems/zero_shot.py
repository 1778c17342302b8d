"""Taggers that somebody else trained, asked as they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from lmr_hybrid.corpora import Message
from systems.config import ZeroShot
from systems.errors import RecipeError
from systems.sentences import LabelledSpan, tagged
from systems.weights import reaching

_KEY = "zero_shot.source"


def ask(model: ZeroShot, messages: Sequence[Message], *, device: str, batch_size: int = 32) -> list[list[LabelledSpan]]:
    """Return what a finished tagger marks in each message, under its own labels.

    Raises:
        RecipeError: the tagger knows none of the labels that the recipe maps.
        WeightsUnreachable: it is neither here nor to be fetched.
    """
    if model.library == "flair":
        return _ask_flair(model, messages, batch_size)
    return _ask_transformers(model, messages, device, batch_size)


def _ask_flair(model: ZeroShot, messages: Sequence[Message], batch_size: int) -> list[list[LabelledSpan]]:
    from flair.models import SequenceTagger

    with reaching(model.source, _KEY):
        network = SequenceTagger.load(model.source)
    _check_labels(model, {_bare(label) for label in network.label_dictionary.get_items()})
    return tagged(messages, network, batch_size=batch_size)


def _ask_transformers(
    model: ZeroShot, messages: Sequence[Message], device: str, batch_size: int
) -> list[list[LabelledSpan]]:
    from transformers import AutoModelForTokenClassification, AutoTokenizer, pipeline

    with reaching(model.source, _KEY):
        tokenizer = AutoTokenizer.from_pretrained(model.source, model_max_length=512)
        network = AutoModelForTokenClassification.from_pretrained(model.source)
    _check_labels(model, {_bare(label) for label in network.config.id2label.values()})
    # The label of a word is that of its first piece, as in the taggers that are trained here.
    classify = pipeline(
        "token-classification", model=network, tokenizer=tokenizer, aggregation_strategy="first", device=device
    )
    asked = [number for number, message in enumerate(messages) if message.text.strip()]
    answers = classify([messages[number].text for number in asked], batch_size=batch_size)
    found: list[list[LabelledSpan]] = [[] for _ in messages]
    for number, groups in zip(asked, answers, strict=True):
        found[number] = [_span(group, messages[number].text) for group in groups]
    return found


def _span(group: dict[str, Any], text: str) -> LabelledSpan:
    """Return a group of the pipeline without the spaces that some tokenizers count to a word."""
    start, end = int(group["start"]), int(group["end"])
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return LabelledSpan(start, end, group["entity_group"], float(group["score"]))


def _bare(label: str) -> str:
    """Return a label without the position that BIO and its kin put before it."""
    position, hyphen, rest = label.partition("-")
    return rest if hyphen and position in {"B", "I", "E", "S", "L", "U"} else label


def _check_labels(model: ZeroShot, there: Collection[str]) -> None:
    if there and not any(label in there for label in model.labels):
        problem = f"zero_shot.labels: {model.source} knows none of {', '.join(model.labels)}"
        raise RecipeError("the recipe", problem, f"It knows {', '.join(sorted(there))}: map some of these")
