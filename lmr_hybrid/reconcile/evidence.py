"""What the rules decide from, and what they decide on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy
from numpy.typing import NDArray

from gazetteer import Match, Token, leftmost_longest
from lmr_hybrid.tagging.decoding import TaggedSpan, TagProbabilities, score_span


@dataclass(frozen=True)
class Evidence:
    """Everything known of one text: its tokens, all its matches (overlapping ones too) and the tagger's opinion."""

    text: str
    tokens: Sequence[Token]
    matches: Sequence[Match]
    probabilities: TagProbabilities
    types: Sequence[str]

    @cached_property
    def names(self) -> list[Match]:
        """The leftmost-longest matches."""
        return leftmost_longest(self.matches)

    @cached_property
    def match_at(self) -> dict[tuple[int, int], Match]:
        """Every match by its first and last token."""
        return {(match.first_token, match.last_token): match for match in self.matches}

    @cached_property
    def location(self) -> NDArray[numpy.float32]:
        """The probability that each token belongs to a mention, shape (tokens,)."""
        return 1 - self.probabilities.positions[:, 0]

    def draft(self, first: int, last: int, *, source: str, rule: str) -> Draft:
        """Return the tokens `first` to `last` as a draft that a rule adds, with the score the tagger gives it."""
        span = score_span(self.probabilities, self.types, first, last)
        return Draft(span, sources=frozenset({source}), rules=(rule,))


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
