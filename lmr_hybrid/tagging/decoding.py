"""Tag probabilities -> spans: the best well-formed BIOES path, types summed out, then the best type of each span."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log

import numpy
from numpy.typing import NDArray

#: O, B, I, E, S: which may follow which.
POSITIONS = ("O", "B", "I", "E", "S")
_O, _B, _I, _E, _S = range(5)
_ALLOWED = numpy.full((5, 5), -numpy.inf)
for _left, _rights in {_O: (_O, _B, _S), _B: (_I, _E), _I: (_I, _E), _E: (_O, _B, _S), _S: (_O, _B, _S)}.items():
    _ALLOWED[_left, list(_rights)] = 0.0
_START = numpy.array([0.0, 0.0, -numpy.inf, -numpy.inf, 0.0])
_END = numpy.array([0.0, -numpy.inf, -numpy.inf, 0.0, 0.0])
#: A span of a path, and a path of nothing but spans and tokens outside, each position a byte.
_SPAN = re.compile(b"%c|%c%c*+%c" % (_S, _B, _I, _E))
_WELL_FORMED = re.compile(b"(?:%c|%b)*+" % (_O, _SPAN.pattern))
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Tokens `first_token` to `last_token` (inclusive) marked as one mention; `score` in 0..1."""

    first_token: int
    last_token: int
    type: str
    score: float


@dataclass(frozen=True, slots=True)
class TagProbabilities:
    """What the tagger thinks of each token.

    `positions` has shape (tokens, 5) in the order of `POSITIONS`, `types` shape (tokens, types): the probability that
    the token belongs to a mention of that type.
    """

    positions: NDArray[numpy.float32]
    types: NDArray[numpy.float32]


def summarize(probabilities: NDArray[numpy.float32], tags: Sequence[str], types: Sequence[str]) -> TagProbabilities:
    """Sum the probabilities of typed tags, shape (tokens, tags), by position and by type."""
    to_position, to_type = _sums(tuple(tags), tuple(types))
    return TagProbabilities(probabilities @ to_position, probabilities @ to_type)


@lru_cache(maxsize=16)
def _sums(tags: Sequence[str], types: Sequence[str]) -> tuple[NDArray[numpy.float32], NDArray[numpy.float32]]:
    """Return which tags count for which position, shape (tags, 5), and for which type, shape (tags, types)."""
    to_position = numpy.zeros((len(tags), len(POSITIONS)), numpy.float32)
    to_type = numpy.zeros((len(tags), len(types)), numpy.float32)
    for row, tag in enumerate(tags):
        position, _, type_ = tag.partition("-")
        if position in POSITIONS:
            to_position[row, POSITIONS.index(position)] = 1
        if type_:
            to_type[row, types.index(type_)] = 1
    return to_position, to_type


def decode(probabilities: TagProbabilities, types: Sequence[str], *, outside_bias: float = 0.0) -> list[TaggedSpan]:
    """Return the spans of the most probable well-formed path (Viterbi 1967); scores are geometric means over tokens.

    `outside_bias` is added to the log-probability of O at each token: the lower it is, the more tokens are in spans.
    The scores stay those of the probabilities as given.
    """
    if not len(probabilities.positions):
        return []
    spans = (found.span() for found in _SPAN.finditer(best_path(probabilities.positions, outside_bias)))
    return [score_span(probabilities, types, first, end - 1) for first, end in spans]


def score_span(probabilities: TagProbabilities, types: Sequence[str], first: int, last: int) -> TaggedSpan:
    """Return the tokens `first` to `last` as a span with the score and the type that the probabilities give it."""
    # Of a handful of tokens, which is faster without numpy.
    own = [_S] if first == last else [_B, *([_I] * (last - first - 1)), _E]
    position = probabilities.positions.item
    score = exp(sum(log(position(first + row, column) + _TINY) for row, column in enumerate(own)) / len(own))
    by_type = probabilities.types[first]
    if first < last:
        by_type = numpy.log(probabilities.types[first : last + 1] + _TINY).sum(axis=0)
    return TaggedSpan(first, last, types[int(by_type.argmax())], score)


def best_path(positions: NDArray[numpy.float32], outside_bias: float = 0.0) -> bytes:
    """Return the position of each token, as a byte, on the most probable well-formed path."""
    scores = positions if outside_bias == 0 else _logs(positions, outside_bias)
    # Where each token's likeliest position makes a well-formed path, which is nearly always, no other is likelier.
    likeliest = scores.argmax(axis=1).astype(numpy.uint8).tobytes()
    return likeliest if _WELL_FORMED.fullmatch(likeliest) else bytes(_viterbi(_logs(positions, outside_bias)))


def _logs(positions: NDArray[numpy.float32], outside_bias: float) -> NDArray[numpy.float32]:
    logs: NDArray[numpy.float32] = numpy.log(positions + _TINY)
    logs[:, _O] += outside_bias
    return logs


def _viterbi(logs: NDArray[numpy.float32]) -> list[int]:
    length = len(logs)
    score = logs[0] + _START
    back = numpy.zeros((length, 5), numpy.int8)
    for index in range(1, length):
        candidates = score[:, None] + _ALLOWED
        back[index] = candidates.argmax(axis=0)
        score = candidates[back[index], range(5)] + logs[index]
    best = int((score + _END).argmax())
    path = [best]
    for index in range(length - 1, 0, -1):
        best = int(back[index, best])
        path.append(best)
    return path[::-1]
