"""Texts of any length -> segments that fit the encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gazetteer import Match, Token

#: Tokens a segment; most are one word piece, so that even rare words leave a segment well within 512 pieces.
LONGEST = 160
#: A segment is not ended at a sentence end before this many tokens: the tagger needs context.
_SHORTEST = 60
_SENTENCE_ENDS = frozenset(".!?…。！？।")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text's tokens, the first being number `first` of the text; matches count from it."""

    first: int
    tokens: Sequence[Token]
    matches: Sequence[Match]


def split_into_segments(tokens: Sequence[Token], matches: Sequence[Match]) -> Iterator[Segment]:
    """Yield segments of at most `LONGEST` tokens that together cover all; a short text is one segment.

    They end at a sentence end where there is one, else between names where that is possible, so that no match and
    hence hardly a mention is cut in two.
    """
    if len(tokens) <= LONGEST:
        yield Segment(0, tokens, matches)
        return
    inside_match = {index for match in matches for index in range(match.first_token + 1, match.last_token + 1)}
    first, next_match = 0, 0
    ordered = sorted(matches, key=lambda match: match.first_token)
    while first < len(tokens):
        end = _segment_end(tokens, first, inside_match)
        own = []
        while next_match < len(ordered) and ordered[next_match].first_token < end:
            match = ordered[next_match]
            if match.last_token < end:
                own.append(replace(match, first_token=match.first_token - first, last_token=match.last_token - first))
            next_match += 1
        yield Segment(first, tokens[first:end], own)
        first = end


def _segment_end(tokens: Sequence[Token], first: int, inside_match: set[int]) -> int:
    latest = first + LONGEST
    if latest >= len(tokens):
        return len(tokens)
    for end in range(latest, first + _SHORTEST, -1):
        ends_sentence = tokens[end - 1].text[0] in _SENTENCE_ENDS and tokens[end].start > tokens[end - 1].end
        # The full stop of an abbreviation (St. Louis) looks like a sentence end.
        if ends_sentence and end not in inside_match:
            return end
    for end in range(latest, first + _SHORTEST, -1):
        if end not in inside_match:
            return end
    return latest
