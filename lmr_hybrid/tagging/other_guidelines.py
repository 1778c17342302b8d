"""What a corpus annotated by other guidelines teaches all the same: where its annotators and the teachers agree.

Guidelines differ in demonyms, teams and the "#" of a hashtag, and in how much belongs to a name. They agree that
"Sushi" and "Libra" are no places, which a teacher may not know who has read of nothing but disasters. So a name that
only the teacher found is given up, but for that of a well-known place: there the guidelines may differ, and the message
is left out, as it is where the annotators marked anything that the teacher did not.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from gazetteer import Gazetteer, tokenize
from lmr_hybrid.corpora import Message
from lmr_hybrid.tagging.decoding import TaggedSpan, decode
from lmr_hybrid.tagging.distillation import ask, mentions_of
from lmr_hybrid.tagging.examples import Example, make_examples
from lmr_hybrid.tagging.opening import AnyTagger

#: From this importance on a place is well known.
_WELL_KNOWN = 0.4


def agreed(messages: Sequence[Message], teacher: AnyTagger, gazetteer: Gazetteer, *, seed: int) -> list[Message]:
    """Return the messages on which annotators and teacher agree, with the teacher's spans and types.

    Of those in which both saw nothing, as many are kept as there are others; the seed decides which.
    """
    messages = [message for message in messages if tokenize(message.text)]
    examples = make_examples(messages, gazetteer)
    telling: list[Message] = []
    empty: list[Message] = []
    for message, example, answer in zip(messages, examples, ask(examples, teacher), strict=True):
        found = decode(answer, teacher.config.types)
        spans = _agreed_spans(example, found)
        if spans is not None:
            (telling if found else empty).append(replace(message, mentions=mentions_of(message.text, example, spans)))
    generator = random.Random(f"other guidelines {seed}")  # noqa: S311 - reproducible, no secrets
    return [*telling, *generator.sample(empty, min(len(empty), len(telling)))]


def _agreed_spans(example: Example, found: Sequence[TaggedSpan]) -> list[TaggedSpan] | None:
    """Return what of the teacher's spans holds, None where the guidelines may differ."""
    marked = {_without_hash(example, first, last) for first, last, _ in example.spans}
    well_known = {
        (match.first_token, match.last_token) for match in example.matches if match.facts.importance >= _WELL_KNOWN
    }
    spans = []
    for span in found:
        bare = _without_hash(example, span.first_token, span.last_token)
        if bare in marked:
            marked.remove(bare)
            spans.append(span)
        elif bare in well_known or any(first <= bare[1] and bare[0] <= last for first, last in marked):
            return None
    return None if marked else spans


def _without_hash(example: Example, first: int, last: int) -> tuple[int, int]:
    return (first + 1 if example.tokens[first].text == "#" and first < last else first), last
