"""Texts of any length -> segments that fit the encoder, and their tag probabilities -> those of the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy

from gazetteer import Match, Token
from lmr_hybrid.tagging.decoding import TagProbabilities

#: Tokens that a segment speaks for. Taggers learn from messages, and of longer stretches they miss more: of IDRISI's
#: tweets 25 behind one another, segments of 160 found a tenth fewer mentions than these (docs/speed.md). With its
#: context a segment is well within 512 word pieces even where every word is rare.
LONGEST = 64
#: Tokens that a segment is shown before and after its own, so that no mention at a seam is seen in part.
CONTEXT = 12
#: A segment is not ended at a sentence end before this many tokens: short ones would be context for the most part.
SHORTEST = 24
#: A text of so many tokens, as many as a segment can be shown, is not split.
WHOLE = LONGEST + 2 * CONTEXT
_SENTENCE_ENDS = frozenset(".!?…。！？।")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text's tokens, the first being number `first` of the text; matches count from it.

    It speaks for the tokens `own_first` to `own_end` (exclusive) of these, the others are their context: every token
    of a text is of one segment's own.
    """

    first: int
    tokens: Sequence[Token]
    matches: Sequence[Match]
    own_first: int
    own_end: int


def split_into_segments(tokens: Sequence[Token], matches: Sequence[Match]) -> Iterator[Segment]:
    """Yield segments that each speak for at most `LONGEST` tokens and together for all; a text up to `WHOLE` is one.

    Their seams are at a sentence end where there is one, else between names where that is possible; `matches` are in
    order of start.
    """
    if len(tokens) <= WHOLE:
        yield Segment(0, tokens, matches, 0, len(tokens))
        return
    inside_match = {index for match in matches for index in range(match.first_token + 1, match.last_token + 1)}
    match_starts = [match.first_token for match in matches]
    own_first = 0
    while own_first < len(tokens):
        own_end = _segment_end(tokens, own_first, inside_match)
        first, end = max(0, own_first - CONTEXT), min(len(tokens), own_end + CONTEXT)
        starting = matches[bisect_left(match_starts, first) : bisect_left(match_starts, end)]
        shown = [
            replace(match, first_token=match.first_token - first, last_token=match.last_token - first)
            for match in starting
            if match.last_token < end
        ]
        yield Segment(first, tokens[first:end], shown, own_first - first, own_end - first)
        own_first = own_end


def join_segments(segments: Sequence[Segment], parts: Sequence[TagProbabilities]) -> TagProbabilities:
    """Return the probabilities of a text's tokens, each from the segment that speaks for it."""
    if len(parts) == 1:
        return parts[0]
    pairs = list(zip(segments, parts, strict=True))
    return TagProbabilities(
        numpy.concatenate([part.positions[segment.own_first : segment.own_end] for segment, part in pairs]),
        numpy.concatenate([part.types[segment.own_first : segment.own_end] for segment, part in pairs]),
    )


def _segment_end(tokens: Sequence[Token], first: int, inside_match: set[int]) -> int:
    latest = first + LONGEST
    if latest >= len(tokens):
        return len(tokens)
    for end in range(latest, first + SHORTEST, -1):
        ends_sentence = tokens[end - 1].text[0] in _SENTENCE_ENDS and tokens[end].start > tokens[end - 1].end
        # The full stop of an abbreviation (St. Louis) looks like a sentence end.
        if ends_sentence and end not in inside_match:
            return end
    for end in range(latest, first + SHORTEST, -1):
        if end not in inside_match:
            return end
    return latest
