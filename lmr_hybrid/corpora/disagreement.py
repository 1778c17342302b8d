"""Annotations that a model contradicts which did not see them in training, and what to make of them.

Train a model on all parts of a corpus but one, let it read that part, and do so for each part: then every message has
the prediction of a model that could not learn its annotation by heart. Where such a model is sure of the opposite, and
the rest of the corpus takes its side, the annotation is suspicious (cross-validated disagreement; compare Northcutt,
Jiang and Chuang 2021, "Confident learning"; Wang et al. 2019, "CrossWeigh"). Both have to agree, the model and the
other annotations of the same form: a model alone is as often wrong as an annotator.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lmr_hybrid.corpora.forms import Form, FormFinder, form_of
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.corpora.tag_scheme import Alignment, align
from lmr_hybrid.corpora.tweet_syntax import ZoneKind, zones

#: "missed": stands un-annotated; "spurious": is annotated.
Kind = Literal["missed", "spurious"]


@dataclass(frozen=True, slots=True)
class HeldOutPrediction:
    """What a model that did not see a message in training says of it, by the tokens of `gazetteer.tokenize`.

    `spans` are (first token, last token, score), both inclusive, scores in 0..1. `location` has one value a token: the
    probability that it belongs to a mention of any type, so one minus that of O.
    """

    spans: Sequence[tuple[int, int, float]]
    location: Sequence[float]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where the lines are drawn; all but `annotated_at_least` in 0..1.

    A span is missed at a score of `sure` or more, if its form is annotated elsewhere `annotated_at_least` times or
    more, and in a share of `missed_share` or more of its occurrences elsewhere. An annotation is spurious if none of
    its tokens has a probability above `unlikely`, and its form is annotated in less than `spurious_share` of its
    occurrences elsewhere. No token weighs less than `least_weight`.
    """

    sure: float = 0.9
    annotated_at_least: int = 20
    missed_share: float = 0.0
    unlikely: float = 0.05
    spurious_share: float = 0.5
    least_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A suspicious span of message number `index`: tokens `first_token` to `last_token`, text `start:end`.

    `type` is that of the annotation; of a missed one, the commonest of its form. `confidence` is what the model gives
    to the opposite of the annotation, in 0..1. `annotated` and `unannotated` count the form's other occurrences.
    """

    kind: Kind
    index: int
    first_token: int
    last_token: int
    start: int
    end: int
    text: str
    type: str
    confidence: float
    annotated: int
    unannotated: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What was found, and both ways to train in spite of it; lists are in the order of the messages.

    `weights` has one value a token in 0..1: one, but for suspicious tokens the probability that the model gives to what
    the annotation says of them. `relabelled` are the messages with missed mentions added and spurious ones removed.
    """

    suspicions: tuple[Suspicion, ...]
    weights: tuple[tuple[float, ...], ...]
    relabelled: tuple[Message, ...]


@dataclass(slots=True)
class _Use:
    """How often one form stands in the corpus, annotated with which types, and un-annotated."""

    types: Counter[str] = field(default_factory=Counter)
    unannotated: int = 0


@dataclass(frozen=True, slots=True)
class _Case:
    """A message, numbered, with its prediction; `blocked` are the tokens that cannot be a missed mention."""

    index: int
    message: Message
    alignment: Alignment
    prediction: HeldOutPrediction
    blocked: frozenset[int]

    def form(self, first: int, last: int) -> Form:
        return form_of(self.alignment.tokens[first : last + 1])


def find_disagreement(
    messages: Sequence[Message], predictions: Sequence[HeldOutPrediction], *, doubt: Doubt | None = None
) -> Disagreement:
    """Compare annotations with held-out predictions, one for each message in the same order.

    An occurrence that is judged never counts as evidence about itself. Occurrences are of whole tokens, whatever their
    case; un-annotated are those that no mention touches, outside handles and web addresses.

    Raises:
        ValueError: there is not one prediction for each message, or one is not of its message's tokens.
    """
    doubt = doubt or Doubt()
    cases = _cases(messages, predictions)
    uses = _uses(cases)
    found = [[*_missed(case, uses=uses, doubt=doubt), *_spurious(case, uses=uses, doubt=doubt)] for case in cases]
    return Disagreement(
        suspicions=tuple(suspicion for each in found for suspicion in each),
        weights=tuple(
            _weights(case.prediction, each, least=doubt.least_weight) for case, each in zip(cases, found, strict=True)
        ),
        relabelled=tuple(_relabelled(case.message, each) for case, each in zip(cases, found, strict=True)),
    )


def _cases(messages: Sequence[Message], predictions: Sequence[HeldOutPrediction]) -> list[_Case]:
    if len(messages) != len(predictions):
        raise ValueError(f"{len(messages)} messages but {len(predictions)} predictions")
    cases = []
    for index, (message, prediction) in enumerate(zip(messages, predictions, strict=True)):
        alignment = align(message)
        count = len(alignment.tokens)
        if len(prediction.location) != count:
            raise ValueError(f"message {message.id}: {count} tokens but {len(prediction.location)} probabilities")
        for first, last, _ in prediction.spans:
            if not 0 <= first <= last < count:
                raise ValueError(f"message {message.id}: ({first}, {last}) is no span within {count} tokens")
        cases.append(_Case(index, message, alignment, prediction, _blocked(message, alignment)))
    return cases


def _blocked(message: Message, alignment: Alignment) -> frozenset[int]:
    """Return the tokens that cannot be a missed mention: within mentions, handles and web addresses."""
    taken = [(mention.start, mention.end) for mention in message.mentions]
    taken += [(zone.start, zone.end) for zone in zones(message.text) if zone.kind is not ZoneKind.HASHTAG]
    return frozenset(
        index
        for index, token in enumerate(alignment.tokens)
        if any(token.start < end and token.end > start for start, end in taken)
    )


def _uses(cases: Sequence[_Case]) -> Mapping[Form, _Use]:
    """Count the occurrences of every form that is annotated or predicted anywhere."""
    uses: dict[Form, _Use] = defaultdict(_Use)
    for case in cases:
        for first, last, type_ in case.alignment.spans:
            uses[case.form(first, last)].types[type_] += 1
        for first, last, _ in case.prediction.spans:
            uses[case.form(first, last)].unannotated += 0
    finder = FormFinder(uses)
    for case in cases:
        for first, last in finder.occurrences(form_of(case.alignment.tokens)):
            if case.blocked.isdisjoint(range(first, last + 1)):
                uses[case.form(first, last)].unannotated += 1
    return uses


def _missed(case: _Case, *, uses: Mapping[Form, _Use], doubt: Doubt) -> list[Suspicion]:
    taken = set(case.blocked)
    found = []
    for first, last, score in sorted(case.prediction.spans, key=lambda span: -span[2]):
        if score < doubt.sure or not taken.isdisjoint(range(first, last + 1)):
            continue
        use = uses[case.form(first, last)]
        annotated, unannotated = use.types.total(), use.unannotated - 1
        enough = annotated >= max(1, doubt.annotated_at_least)
        if enough and annotated >= doubt.missed_share * (annotated + unannotated):
            taken.update(range(first, last + 1))
            start, end = case.alignment.tokens[first].start, case.alignment.tokens[last].end
            place = (case.index, first, last, start, end, case.message.text[start:end])
            found.append(Suspicion("missed", *place, use.types.most_common(1)[0][0], score, annotated, unannotated))
    return sorted(found, key=lambda suspicion: suspicion.start)


def _spurious(case: _Case, *, uses: Mapping[Form, _Use], doubt: Doubt) -> list[Suspicion]:
    placed = sorted(case.message.mentions, key=lambda mention: (mention.start, mention.end))
    for mention in case.alignment.lost:
        placed.remove(mention)
    found = []
    for (first, last, type_), mention in zip(case.alignment.spans, placed, strict=True):
        likeliest = max(map(float, case.prediction.location[first : last + 1]))
        use = uses[case.form(first, last)]
        annotated, unannotated = use.types.total() - 1, use.unannotated
        if likeliest <= doubt.unlikely and annotated < doubt.spurious_share * (annotated + unannotated):
            place = (case.index, first, last, mention.start, mention.end, mention.text)
            found.append(Suspicion("spurious", *place, type_, 1.0 - likeliest, annotated, unannotated))
    return found


def _weights(prediction: HeldOutPrediction, suspicions: Sequence[Suspicion], *, least: float) -> tuple[float, ...]:
    weights = [1.0] * len(prediction.location)
    for suspicion in suspicions:
        for token in range(suspicion.first_token, suspicion.last_token + 1):
            location = float(prediction.location[token])
            agreed = location if suspicion.kind == "spurious" else 1.0 - location
            weights[token] = min(1.0, max(least, agreed))
    return tuple(weights)


def _relabelled(message: Message, suspicions: Sequence[Suspicion]) -> Message:
    if not suspicions:
        return message
    removed = {(each.start, each.end) for each in suspicions if each.kind == "spurious"}
    added = [GoldMention(each.text, each.start, each.end, each.type) for each in suspicions if each.kind == "missed"]
    kept = [mention for mention in message.mentions if (mention.start, mention.end) not in removed]
    mentions = sorted([*kept, *added], key=lambda mention: (mention.start, mention.end))
    return Message(message.id, message.event, message.text, tuple(mentions))
