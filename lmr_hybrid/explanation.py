"""The story of one recognition: tokens, names, tags, what each rule did, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from inspect import getdoc
from typing import Any

import numpy
from numpy.typing import NDArray

from gazetteer import FuzzyMatch
from lmr_hybrid.mention import Mention, Recognition
from lmr_hybrid.reconcile import RULES, Draft, Evidence, Thresholds, note_gazetteer
from lmr_hybrid.tagging.decoding import POSITIONS

_DIGITS = 4
#: A capitalised word is looked for among misspelt names from this probability of a location on.
_LIKELY_PLACE = 0.1


@dataclass(frozen=True, slots=True)
class Likely:
    """A label and its probability, 0..1."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class TokenExplanation:
    """A token and what the tagger thinks of it, the two likeliest of each, best first.

    `tags` are its place in a mention, whatever the type: O, B, I, E or S. `types` are the probabilities that it belongs
    to a mention of that type.
    """

    text: str
    start: int
    end: int
    tags: tuple[Likely, ...]
    types: tuple[Likely, ...]


@dataclass(frozen=True, slots=True)
class MatchExplanation:
    """A name of the gazetteer that stands in the text; `longest` tells whether it is one of the leftmost-longest.

    The rest is what `gazetteer.NameFacts` says of the name.
    """

    text: str
    start: int
    end: int
    name: str
    longest: bool
    kinds: tuple[str, ...]
    name_kinds: tuple[str, ...]
    place_count: int
    importance: float
    english_frequency: float
    derived_from: str


@dataclass(frozen=True, slots=True)
class FuzzyExplanation:
    """Words that no name of the gazetteer equals, and the names most like them, best first; at times there is none.

    They are a draft at any step or, outside of drafts and of names, a capitalised word that the tagger thought of as a
    place. From a score of `Thresholds.alike` on they count as the first name misspelt, as the rule note_misspelling has
    it of drafts that would be dropped as unknown.
    """

    text: str
    start: int
    end: int
    names: tuple[FuzzyMatch, ...]


@dataclass(frozen=True, slots=True)
class DraftExplanation:
    """A mention in the making; `score` is the tagger's, 0..1, as long as it is a draft."""

    text: str
    start: int
    end: int
    type: str
    score: float
    sources: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule did to drafts that overlap: those it found and those it left.

    `changes` names it: "added", "dropped", "split", "joined", "replaced" (several by several), or, where one draft
    became another, any of "moved", "retyped", "rescored" and "supported" (by other sources), else "noted".
    """

    changes: tuple[str, ...]
    before: tuple[DraftExplanation, ...]
    after: tuple[DraftExplanation, ...]


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """A rule that ran: its name, its purpose in words, its effects in order (none at times), the drafts it left."""

    rule: str
    purpose: str
    effects: tuple[Effect, ...]
    drafts: tuple[DraftExplanation, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A draft that the rules left and the operating point held back; `score` is what its mention would have."""

    draft: DraftExplanation
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that made a recognition what it is; `str` of it is a text for a terminal.

    `matches` and `fuzzy` are the hits of the gazetteer, `spans` what the tagger marked, `steps` the rules in the order
    in which they ran; the last, "note_gazetteer", runs always. `thresholds` are where the rules drew their lines. What
    is below `least_score` is `cut`.
    """

    recognition: Recognition
    tokens: tuple[TokenExplanation, ...]
    matches: tuple[MatchExplanation, ...]
    fuzzy: tuple[FuzzyExplanation, ...]
    spans: tuple[DraftExplanation, ...]
    steps: tuple[RuleExplanation, ...]
    thresholds: Thresholds
    least_score: float
    cut: tuple[Cut, ...]

    @property
    def text(self) -> str:
        """The text exactly as it was given."""
        return self.recognition.text

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """What `Recognizer.recognize` returns for the text."""
        return self.recognition.mentions

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts, strings and numbers; "text" and "mentions" are those of `Recognition.to_dict`."""
        recognition = self.recognition.to_dict()
        story = {name: value for name, value in asdict(self).items() if name != "recognition"}
        return {"text": recognition["text"], **_as_lists(story), "mentions": recognition["mentions"]}

    def __str__(self) -> str:
        # The package of output brings page templates along, which recognition does without.
        from lmr_hybrid.output.explanation_text import explanation_text

        return explanation_text(self)


def make_explanation(
    evidence: Evidence,
    steps: Iterable[tuple[str, Sequence[Draft]]],
    scored: Iterable[tuple[Draft, float]],
    recognition: Recognition,
    *,
    fuzzy: Callable[[str], Sequence[FuzzyMatch]],
    thresholds: Thresholds,
    least_score: float,
) -> Explanation:
    """Return the story of a recognition from what it was made of.

    `steps` are those of `lmr_hybrid.reconcile.reconcile_steps`, `scored` the last step's drafts, each with the score
    that its mention has or would have. `fuzzy` returns the names most like a misspelt one, as `Gazetteer.fuzzy` does.
    """
    steps = list(steps)
    (_, spans), *ran = [(name, _describe_all(evidence, drafts)) for name, drafts in steps]
    left = [spans, *(drafts for _, drafts in ran)]
    returned = {mention.start for mention in recognition.mentions}
    judged = [(_describe(evidence, draft), score) for draft, score in scored]
    return Explanation(
        recognition=recognition,
        tokens=tuple(_explain_tokens(evidence)),
        matches=tuple(_explain_matches(evidence)),
        fuzzy=tuple(_explain_fuzzy(evidence, [draft for _, drafts in steps for draft in drafts], fuzzy)),
        spans=spans,
        steps=tuple(
            RuleExplanation(name, _purpose(name), tuple(compare(before, after)), after)
            for before, (name, after) in zip(left[:-1], ran, strict=True)
        ),
        thresholds=thresholds,
        least_score=least_score,
        cut=tuple(Cut(draft, score) for draft, score in judged if draft.start not in returned),
    )


def compare(before: Sequence[DraftExplanation], after: Sequence[DraftExplanation]) -> Iterator[Effect]:
    """Yield what differs between the drafts before a rule and after it, in the order of the text.

    Drafts that overlap, from either side, make one effect.
    """
    kept = set(before) & set(after)
    changed = [(draft, False) for draft in before if draft not in kept]
    changed += [(draft, True) for draft in after if draft not in kept]
    changed.sort(key=lambda each: (each[0].start, each[0].end))
    group: list[tuple[DraftExplanation, bool]] = []
    end = 0
    for draft, is_after in changed:
        if group and draft.start >= end:
            yield _effect(group)
            group = []
        group.append((draft, is_after))
        end = max(end, draft.end)
    if group:
        yield _effect(group)


def _effect(group: Sequence[tuple[DraftExplanation, bool]]) -> Effect:
    before = tuple(draft for draft, is_after in group if not is_after)
    after = tuple(draft for draft, is_after in group if is_after)
    return Effect(_changes(before, after), before, after)


def _changes(before: Sequence[DraftExplanation], after: Sequence[DraftExplanation]) -> tuple[str, ...]:
    match len(before), len(after):
        case 0, _:
            return ("added",)
        case _, 0:
            return ("dropped",)
        case 1, 1:
            old, new = before[0], after[0]
            differences = {
                "moved": (old.start, old.end) != (new.start, new.end),
                "retyped": old.type != new.type,
                "rescored": old.score != new.score,
                "supported": old.sources != new.sources,
            }
            return tuple(change for change, differs in differences.items() if differs) or ("noted",)
        case 1, _:
            return ("split",)
        case _, 1:
            return ("joined",)
        case _:
            return ("replaced",)


def _explain_tokens(evidence: Evidence) -> Iterator[TokenExplanation]:
    probabilities = evidence.probabilities
    for token, tags, types in zip(evidence.tokens, probabilities.positions, probabilities.types, strict=True):
        yield TokenExplanation(
            token.text, token.start, token.end, _likeliest(POSITIONS, tags), _likeliest(evidence.types, types)
        )


def _likeliest(labels: Sequence[str], probabilities: NDArray[numpy.float32]) -> tuple[Likely, ...]:
    best = numpy.argsort(-probabilities, kind="stable")[:2]
    return tuple(Likely(labels[index], round(float(probabilities[index]), _DIGITS)) for index in best)


def _explain_matches(evidence: Evidence) -> Iterator[MatchExplanation]:
    longest = {(name.first_token, name.last_token) for name in evidence.names}
    for match in evidence.matches:
        facts = match.facts
        yield MatchExplanation(
            text=evidence.text[match.start : match.end],
            start=match.start,
            end=match.end,
            name=match.name,
            longest=(match.first_token, match.last_token) in longest,
            kinds=tuple(map(str, facts.kinds)),
            name_kinds=tuple(map(str, facts.name_kinds)),
            place_count=facts.place_count,
            importance=round(float(facts.importance), _DIGITS),
            english_frequency=round(float(facts.english_frequency), _DIGITS),
            derived_from=facts.derived_from,
        )


def _explain_fuzzy(
    evidence: Evidence, drafts: Iterable[Draft], fuzzy: Callable[[str], Sequence[FuzzyMatch]]
) -> Iterator[FuzzyExplanation]:
    tokens = evidence.tokens
    spans = {(draft.first, draft.last) for draft in drafts}
    covered = {index for first, last in spans for index in range(first, last + 1)}
    covered |= {index for match in evidence.matches for index in range(match.first_token, match.last_token + 1)}
    unnamed = {span for span in spans if evidence.name_of(*span) is None}
    unnamed |= {
        (index, index)
        for index, token in enumerate(tokens)
        if index not in covered and token.text[0].isupper() and evidence.location[index] >= _LIKELY_PLACE
    }
    asked: set[tuple[int, str]] = set()
    for first, last in sorted(unnamed):
        # What note_misspelling asks for; with a full stop or without, it is the same.
        words = evidence.words(first, last)
        if words and (first, words) not in asked:
            asked.add((first, words))
            start, end = tokens[first].start, tokens[last].end
            names = (replace(match, score=round(match.score, _DIGITS)) for match in fuzzy(words))
            yield FuzzyExplanation(evidence.text[start:end], start, end, tuple(names))


def _describe_all(evidence: Evidence, drafts: Iterable[Draft]) -> tuple[DraftExplanation, ...]:
    return tuple(_describe(evidence, draft) for draft in drafts)


def _describe(evidence: Evidence, draft: Draft) -> DraftExplanation:
    start, end = evidence.tokens[draft.first].start, evidence.tokens[draft.last].end
    return DraftExplanation(
        text=evidence.text[start:end],
        start=start,
        end=end,
        type=draft.span.type,
        score=round(float(draft.span.score), _DIGITS),
        sources=tuple(sorted(draft.sources)),
        rules=draft.rules,
    )


def _purpose(rule: str) -> str:
    """Return the first paragraph of what a rule says of itself."""
    documentation = getdoc({**RULES, "note_gazetteer": note_gazetteer}[rule]) or ""
    return " ".join(documentation.partition("\n\n")[0].split())


def _as_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_lists(each) for key, each in value.items()}
    return [_as_lists(each) for each in value] if isinstance(value, list | tuple) else value
