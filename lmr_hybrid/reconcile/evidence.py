"""What the rules decide from, and what they decide on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy
from numpy.typing import NDArray

from gazetteer import Match, Token, leftmost_longest
from lmr_hybrid.place_types import TYPE_OF_KIND
from lmr_hybrid.tagging.decoding import TaggedSpan, TagProbabilities, score_span

_ARTICLE = "the"
APOSTROPHES = frozenset("'\u2019\u02bc`\u00b4")


def no_likeness(name: str) -> float:  # noqa: ARG001
    """Return 0: where no gazetteer is at hand, no misspelt name is like any other."""
    return 0.0


def in_no_area(name: str, area: str) -> bool:  # noqa: ARG001
    """Return False: where no gazetteer is at hand, nothing is known to lie in anything."""
    return False


@dataclass(frozen=True)
class Evidence:
    """Everything known of one text: its tokens, all its matches (overlapping ones too) and the tagger's opinion.

    `likeness` tells how like the likest name of a gazetteer a misspelt one is, 0 to 100; it takes a thousand times as
    long as looking at a match. `lies_in` tells whether a place of a name lies in a state or country of another.
    """

    text: str
    tokens: Sequence[Token]
    matches: Sequence[Match]
    probabilities: TagProbabilities
    types: Sequence[str]
    likeness: Callable[[str], float] = field(default=no_likeness, compare=False)
    lies_in: Callable[[str, str], bool] = field(default=in_no_area, compare=False)

    @cached_property
    def names(self) -> list[Match]:
        """The leftmost-longest matches."""
        return leftmost_longest(self.matches)

    @cached_property
    def match_at(self) -> dict[tuple[int, int], Match]:
        """Every match by its first and last token."""
        return {(match.first_token, match.last_token): match for match in self.matches}

    def name_of(self, first: int, last: int) -> Match | None:
        """Return the match of a span, else of what is left of it.

        First without a hash sign or an article, then without closing symbols ("Calif."), then without a possessive.
        """
        tokens = self.tokens
        found = self.match_at.get((first, last))
        while found is None and first < last and (tokens[first].text == "#" or tokens[first].word == _ARTICLE):
            first += 1
            found = self.match_at.get((first, last))
        while found is None and first < last and not tokens[last].word:
            last -= 1
            found = self.match_at.get((first, last))
        if found is None and last - first >= 2 and tokens[last].word == "s" and tokens[last - 1].text in APOSTROPHES:
            found = self.match_at.get((first, last - 2))
        return found

    def words(self, first: int, last: int) -> str:
        """Return the normalised words of a span, with one space between them."""
        return " ".join(token.word for token in self.tokens[first : last + 1] if token.word)

    def surface(self, first: int, last: int) -> str:
        """Return a span as it stands in the text."""
        return self.text[self.tokens[first].start : self.tokens[last].end]

    @cached_property
    def location(self) -> NDArray[numpy.float32]:
        """The probability that each token belongs to a mention, shape (tokens,)."""
        return 1 - self.probabilities.positions[:, 0]

    def draft(self, first: int, last: int, *, source: str, rule: str) -> Draft:
        """Return the tokens `first` to `last` as a draft that a rule adds, with the score the tagger gives it."""
        span = score_span(self.probabilities, self.types, first, last)
        return Draft(span, sources=frozenset({source}), rules=(rule,))

    def part(self, draft: Draft, first: int, last: int, *, rule: str) -> Draft:
        """Return a part of a draft as a draft, with the type that fits it alone and the score of the whole.

        The tagger, which saw one mention, thinks little of each part by itself.
        """
        span = replace(score_span(self.probabilities, self.types, first, last), score=draft.span.score)
        return self.of_own_kind(replace(draft, span=span, rules=(*draft.rules, rule)))

    def of_own_kind(self, draft: Draft) -> Draft:
        """Return the draft of a name with the likeliest type of those that its places have.

        The tagger may think of the type of the building that the place is named with: "Khost hospital".
        """
        match = self.name_of(draft.first, draft.last)
        own = {TYPE_OF_KIND[kind] for kind in match.facts.kinds}.intersection(self.types) if match else ()
        if not own or draft.span.type in own:
            return draft
        likely = self.probabilities.types[draft.first : draft.last + 1].sum(axis=0)
        type_ = max(own, key=lambda type_: (likely[self.types.index(type_)], type_))
        return replace(draft, span=replace(draft.span, type=type_))


@dataclass(frozen=True, slots=True)
class Draft:
    """A mention in the making: a span, what supports it, and the rules that changed it so far."""

    span: TaggedSpan
    sources: frozenset[str] = frozenset({"neural"})
    rules: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The number of its first token."""
        return self.span.first_token

    @property
    def last(self) -> int:
        """The number of its last token, inclusive."""
        return self.span.last_token

    def moved(self, first: int, last: int, *, rule: str) -> Draft:
        """Return the draft with other ends."""
        return replace(self, span=replace(self.span, first_token=first, last_token=last), rules=(*self.rules, rule))
