"""From spans of tokens to BIOES tags and back, and from characters to tokens.

A tag is "O" or a prefix, a hyphen and a type ("B-City/town"): B begins a span, I is inside, E ends it, S is a span of
one token. BILOU writes L for E and U for S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gazetteer import Token, tokenize
from lmr_hybrid.corpora.message import GoldMention, Message

_BIOES_OF = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S"}


@dataclass(frozen=True, slots=True)
class Alignment:
    """A message's mentions on its tokens.

    `spans` are (first token, last token, type), both inclusive, in order and never overlapping. `inexact` are the
    mentions that begin or end inside a token, so that their span covers more text than they do. `lost` are the
    mentions without a span: they cover no token, or share a token with an earlier mention.
    """

    tokens: tuple[Token, ...]
    spans: tuple[tuple[int, int, str], ...]
    inexact: tuple[GoldMention, ...]
    lost: tuple[GoldMention, ...]


def split_tag(tag: str) -> tuple[str, str]:
    """Return a tag's prefix and type: ("O", "") or, from "B-City/town", ("B", "City/town").

    Raises:
        ValueError: the tag is neither "O" nor one of B, I, E, S, L, U with a type.
    """
    if tag == "O":
        return "O", ""
    prefix, hyphen, type_ = tag.partition("-")
    if prefix not in _BIOES_OF or not hyphen or not type_:
        raise ValueError(f"{tag!r} is no tag: expected O, or one of {', '.join(_BIOES_OF)} with a hyphen and a type")
    return prefix, type_


def bilou_to_bioes(tags: Sequence[str]) -> list[str]:
    """Rewrite BILOU tags as BIOES (L to E, U to S); BIOES tags stay as they are.

    Raises:
        ValueError: something is no tag.
    """
    split = (split_tag(tag) for tag in tags)
    return [f"{_BIOES_OF[prefix]}-{type_}" if type_ else "O" for prefix, type_ in split]


def spans_to_bioes(token_spans: Sequence[tuple[int, int, str]], length: int) -> list[str]:
    """Return `length` tags for spans given as (first token, last token, type), both inclusive, in any order.

    Raises:
        ValueError: a span is empty, reaches outside 0..length - 1, has no type, or overlaps another.
    """
    tags = ["O"] * length
    for first, last, type_ in token_spans:
        if not 0 <= first <= last < length or not type_:
            raise ValueError(f"({first}, {last}, {type_!r}) is no typed span within {length} tokens")
        if any(tag != "O" for tag in tags[first : last + 1]):
            raise ValueError(f"({first}, {last}, {type_!r}) overlaps another span")
        if first == last:
            tags[first] = f"S-{type_}"
        else:
            tags[first : last + 1] = [f"B-{type_}", *[f"I-{type_}"] * (last - first - 1), f"E-{type_}"]
    return tags


def bioes_to_spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the spans (first token, last token, type), in order; the inverse of `spans_to_bioes`.

    A malformed sequence loses no tagged token: every token that is not O belongs to exactly one span. A span ends
    before an O, a B, an S or a change of type, whether or not an E was seen; an I or E that continues nothing begins a
    span. So BILOU, IOB2 (no E, no S) and IOB1 (B only between neighbours) decode as they should, too.

    Raises:
        ValueError: something is no tag.
    """
    spans: list[tuple[int, int, str]] = []
    continues = ""  # the type of the span that the next I or E may continue
    for index, tag in enumerate(tags):
        prefix, type_ = split_tag(tag)
        bioes = _BIOES_OF.get(prefix, "O")
        if bioes in "IE" and type_ == continues:
            spans[-1] = (spans[-1][0], index, type_)
        elif bioes != "O":
            spans.append((index, index, type_))
        continues = type_ if bioes in "BI" else ""
    return spans


def align(message: Message, *, tokens: Sequence[Token] | None = None) -> Alignment:
    """Lay a message's mentions onto its tokens (by default `gazetteer.text.tokenize`): each covers all it overlaps."""
    tokens = tuple(tokenize(message.text) if tokens is None else tokens)
    spans: list[tuple[int, int, str]] = []
    inexact, lost = [], []
    for mention in sorted(message.mentions, key=lambda mention: (mention.start, mention.end)):
        covered = [i for i, token in enumerate(tokens) if token.start < mention.end and token.end > mention.start]
        if not covered or (spans and covered[0] <= spans[-1][1]):
            lost.append(mention)
            continue
        first, last = covered[0], covered[-1]
        if tokens[first].start < mention.start or tokens[last].end > mention.end:
            inexact.append(mention)
        spans.append((first, last, mention.type))
    return Alignment(tokens, tuple(spans), tuple(inexact), tuple(lost))
