"""What the encoder is shown of a text, and the way back from that to the text's own tokens.

Whatever is hidden, masked or split, spans go in and probabilities come out in terms of `gazetteer.tokenize`, so no
offset ever changes. Gazetteer features are those of the text as it was written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy
from numpy.typing import NDArray

from gazetteer import Match, Token
from gazetteer.text import normalize_word
from lmr_hybrid.tagging.decoding import POSITIONS, TagProbabilities, best_path
from lmr_hybrid.tagging.hashtags import split_hashtag

#: English function words that stand in hardly any name; "us" is not among them.
_STOP_WORDS = (
    "a an and are as at be been but by can do for from had has have he her his i if in is it its me my no not of on or "
    "our she so that the their them they this to was we were what when which who will with you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
_O, _B, _I, _E, _S = range(len(POSITIONS))
_TINY = 1e-9
#: Top-level domains by which an address is known that is written without "http" (and has a path).
_DOMAINS = "be|ca|cc|ch|co|com|de|edu|fm|gl|gov|gd|in|info|int|io|is|it|je|ly|me|mil|net|news|nz|org|st|to|tv|uk|us"
_MARKED = re.compile(
    rf"""
    (?P<url> https?://t\.co/[A-Za-z0-9]*                          # Twitter's own, which may touch what follows
      | (?: https?:// | (?<!\w)www\. ) (?: [^\s<>"…]* [\w/=&-] )?
      | (?<!\w) htt?p?s?:?/? (?= … | \.\.\. )                     # cut off at the end of a message
      | (?<![\w.@-]) (?: [\w-]+ \. )+ (?: {_DOMAINS} ) / (?: [^\s<>"…]* [\w/=&-] )? )
    | (?P<retweet> (?<!\w) RT[ ] )? (?<![\w@]) (?P<handle> @\w+ ) (?(retweet) (?: [ ]?: )? )
    | (?<![\w&]) (?P<hashtag> \#+ (?= \d*[^\W\d] ) \w+ )
    """,
    re.VERBOSE,
)
#: A name of a user as `_MARKED` finds it but for what stands before and behind; it is looked for by its first letter.
_HANDLE = re.compile(r"@(?<![\w@]@)\w+")
_MOST_SHOWN = 100
_MASKS = {"url": "http", "handle": "@user"}


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What is changed about a text before the encoder sees it; nothing by default.

    - `lower_case`: it is shown in lower case. Encoders without case do that anyway.
    - `remove_hash`: the "#" that begins a hashtag is not shown.
    - `remove_question_marks`: these are not shown (in tweets often characters that were lost).
    - `remove_stop_words`: `STOP_WORDS` are not shown, but for those in a gazetteer match or in capitals ("IN", "OR").
    - `remove_urls`, `remove_handles`: addresses and names of users ("@name", and all of "RT @name:") are not shown.
    - `mask_urls`, `mask_handles`: each is shown as the one token "http" or "@user". Removing goes before masking.
    - `segment_hashtags`: a hashtag is shown as its words. It is a mention as a whole or not at all, never in part, as
      IDRISI annotates them: what the tagger thinks of the parts becomes one row, of the whole.

    What is not shown, or masked, is O with probability 1, unless the tagger marks what stands on both sides of it as
    one span, of which it then is the inside.
    """

    lower_case: bool = False
    remove_hash: bool = False
    remove_question_marks: bool = False
    remove_stop_words: bool = False
    remove_urls: bool = False
    remove_handles: bool = False
    mask_urls: bool = False
    mask_handles: bool = False
    segment_hashtags: bool = False


AS_WRITTEN = Preprocessing()


@dataclass(frozen=True, slots=True)
class View:
    """A text as the encoder is shown it.

    `shown` are the tokens that it sees and `origins` the number of the text's token that each comes from; the parts of
    a hashtag share theirs. `silent` are numbers of shown tokens that are context only, no part of any mention: masks,
    and the one that stands for a text of which nothing is left.
    """

    tokens: Sequence[Token]
    shown: Sequence[Token]
    origins: Sequence[int]
    silent: Collection[int] = ()

    @property
    def speaking(self) -> list[int]:
        """The numbers of the shown tokens that stand for their token of the text, alone or as a part of it."""
        return [number for number in range(len(self.shown)) if number not in self.silent]

    def project(self, spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Return spans of the text's tokens, both ends inclusive, as spans of the shown ones; hidden ones are lost."""
        speaking = self.speaking
        origins = [self.origins[number] for number in speaking]
        projected = []
        for first, last, type_ in spans:
            start, end = bisect_left(origins, first), bisect_left(origins, last + 1)
            if start < end:
                projected.append((speaking[start], speaking[end - 1], type_))
        return projected

    def restore(self, probabilities: TagProbabilities, types: Sequence[str]) -> TagProbabilities:
        """Return what the tagger thinks of the shown tokens as what it thinks of the text's, one row each.

        Decoded, both hold the same spans, hashtags in parts aside.
        """
        if self.shown is self.tokens:
            return probabilities
        joined, origins = self._join_parts(probabilities)
        positions = numpy.zeros((len(self.tokens), len(POSITIONS)), numpy.float32)
        by_type = numpy.zeros((len(self.tokens), len(types)), numpy.float32)
        positions[:, _O] = 1
        positions[origins], by_type[origins] = joined.positions, joined.types
        # Mostly what is hidden is the beginning: "RT @name:".
        if origins and origins[-1] - origins[0] >= len(origins):
            for index in _within_spans(joined, origins):
                positions[index, [_O, _I]] = 0, 1
                by_type[index] = 1 / len(types)
        return TagProbabilities(positions, by_type)

    def is_whole(self) -> NDArray[numpy.bool_]:
        """Tell of each shown token whether it stands for a token of the text alone, shape (shown tokens,)."""
        counts = numpy.bincount([self.origins[number] for number in self.speaking], minlength=len(self.tokens) + 1)
        return numpy.array(
            [number not in self.silent and counts[origin] == 1 for number, origin in enumerate(self.origins)]
        )

    def _join_parts(self, probabilities: TagProbabilities) -> tuple[TagProbabilities, Sequence[int]]:
        if not self.silent and len(set(self.origins)) == len(self.origins):
            return probabilities, self.origins
        speaking = self.speaking
        origins = [self.origins[number] for number in speaking]
        positions, types = probabilities.positions[speaking], probabilities.types[speaking]
        starts = [index for index in range(len(origins)) if index == 0 or origins[index] != origins[index - 1]]
        if len(starts) == len(origins):
            return TagProbabilities(positions, types), origins
        rows, type_rows = positions[starts], types[starts]
        for row, (start, end) in enumerate(zip(starts, [*starts[1:], len(origins)], strict=True)):
            if end - start > 1:
                rows[row] = _row_of_parts(positions[start:end])
                mean = types[start:end].mean(axis=0) + _TINY
                type_rows[row] = mean * ((1 - rows[row, _O]) / mean.sum())
        return TagProbabilities(rows, type_rows), [origins[start] for start in starts]


def show(tokens: Sequence[Token], matches: Sequence[Match], preprocessing: Preprocessing) -> View:
    """Return what the encoder is shown of a text with all its matches."""
    if preprocessing == AS_WRITTEN:
        return View(tokens, tokens, range(len(tokens)))
    hidden, masks, hashtag_words = _marked(tokens, preprocessing)
    if preprocessing.remove_question_marks:
        hidden.update(index for index, token in enumerate(tokens) if token.text.startswith("?"))
    if preprocessing.remove_stop_words:
        hidden.update(_stop_words(tokens, matches))
    if not (hidden or masks or hashtag_words or preprocessing.lower_case):
        return View(tokens, tokens, range(len(tokens)))
    if not (masks or hashtag_words or preprocessing.lower_case) and len(hidden) < len(tokens):
        left = [index for index in range(len(tokens)) if index not in hidden]
        return View(tokens, [tokens[index] for index in left], left)
    shown: list[Token] = []
    origins: list[int] = []
    silent = set()
    for index, token in enumerate(tokens):
        if index in masks:
            silent.add(len(shown))
            parts = [masks[index]]
        elif index in hidden:
            continue
        else:
            parts = list(_parts(token)) if index in hashtag_words else [token]
        shown += parts
        origins += [index] * len(parts)
    if tokens and not shown:
        # Encoders cannot be asked about nothing.
        shown, origins, silent = [replace(tokens[0], text="\ufffd", word="")], [0], {0}
    if preprocessing.lower_case:
        shown = [replace(token, text=token.text.lower()) for token in shown]
    return View(tokens, shown, origins, silent)


def printable(text: str) -> str:
    """Return what the encoder is shown of a token's text: all but the characters that have no width.

    No more than the first hundred are shown: a word is known by its beginning, and one without end would cost as much
    as thousands of words.
    """
    if text.isprintable() and text:
        return text[:_MOST_SHOWN]
    return "".join(character for character in text if character.isprintable())[:_MOST_SHOWN] or "\ufffd"


def _marked(tokens: Sequence[Token], preprocessing: Preprocessing) -> tuple[set[int], Mapping[int, Token], set[int]]:
    """Return which tokens are hidden, which masks stand where, and which words of hashtags are to be split."""
    hidden: set[int] = set()
    masks: dict[int, Token] = {}
    hashtag_words: set[int] = set()
    urls = preprocessing.remove_urls or preprocessing.mask_urls
    handles = preprocessing.remove_handles or preprocessing.mask_handles
    hashtags = preprocessing.remove_hash or preprocessing.segment_hashtags
    # Most texts are soon seen to hold nothing of what is asked for.
    letters = "".join([token.text for token in tokens])
    if not (urls or (handles and "@" in letters) or (hashtags and "#" in letters)):
        return hidden, masks, hashtag_words
    text, starts = _join(tokens)
    if preprocessing.remove_handles and not (urls or hashtags):
        for start, end in find_handles(text):
            hidden.update(range(bisect_left(starts, start), bisect_left(starts, end)))
        return hidden, masks, hashtag_words
    removes = {"url": preprocessing.remove_urls, "handle": preprocessing.remove_handles}
    covers = {"url": preprocessing.mask_urls, "handle": preprocessing.mask_handles}
    for found in _MARKED.finditer(text):
        kind = found.lastgroup or ""
        own = range(bisect_left(starts, found.start(kind)), bisect_left(starts, found.end(kind)))
        if kind == "hashtag":
            hidden.update(own[:1] if preprocessing.remove_hash else ())
            hashtag_words.update(own[1:] if preprocessing.segment_hashtags else ())
        elif removes[kind]:
            # A retweet's "RT" and colon go with the name.
            hidden.update(range(bisect_left(starts, found.start()), bisect_left(starts, found.end())))
        elif covers[kind] and own:
            hidden.update(own)
            masks[own[0]] = Token(_MASKS[kind], tokens[own[0]].start, tokens[own[-1]].end, "")
    return hidden, masks, hashtag_words


def find_handles(text: str) -> list[tuple[int, int]]:
    """Return where the names of users in a text begin and end, with a retweet's "RT" and colon.

    As `_MARKED` finds them, in a tenth of the time: it is asked only where one may be a part of an address.
    """
    spans = []
    for found in _HANDLE.finditer(text):
        start, end = found.span()
        before = text[max(0, start - 4) : start]
        if before.endswith("RT ") and not _is_word(before[:-3]):
            start -= 3
            end += 1 if text.startswith(":", end) else 2 if text.startswith(" :", end) else 0
        # No address begins at a name, and none goes on beyond a space.
        if start and text[start - 1] != " ":
            return [found.span() for found in _MARKED.finditer(text) if found.lastgroup == "handle"]
        spans.append((start, end))
    return spans


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _join(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """Return the text of the tokens, one space for whatever stands between two, and where each token starts in it."""
    pieces: list[str] = []
    starts, length, end = [], 0, None
    for token in tokens:
        gap = "" if end is None or token.start == end else " "
        starts.append(length + len(gap))
        pieces += gap, token.text
        length, end = length + len(gap) + len(token.text), token.end
    return "".join(pieces), starts


def _stop_words(tokens: Sequence[Token], matches: Sequence[Match]) -> Iterator[int]:
    matched = {index for match in matches for index in range(match.first_token, match.last_token + 1)}
    for index, token in enumerate(tokens):
        shouted = len(token.text) > 1 and token.text.isupper()
        if token.word in STOP_WORDS and not shouted and index not in matched:
            yield index


def _parts(token: Token) -> Iterator[Token]:
    start = token.start
    for part in split_hashtag(token.text):
        yield Token(part, start, start + len(part), normalize_word(part) if token.word else "")
        start += len(part)


def _within_spans(probabilities: TagProbabilities, origins: Sequence[int]) -> Iterator[int]:
    """Yield the tokens of a text that are hidden within a span of the shown ones, which have these numbers in it."""
    path = best_path(probabilities.positions)
    for number, (left, right) in enumerate(pairwise(origins)):
        if right > left + 1 and path[number + 1] in (_I, _E):
            yield from range(left + 1, right)


def _row_of_parts(parts: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Return the probabilities of O, B, I, E, S of a token from those of its parts, shape (parts, 5).

    Each is the geometric mean over the parts of what it asks of them, S for instance a B, I … and an E; what begins and
    ends within the token counts for O. Normalised, so that the whole is as certain as its parts are.
    """
    inner = [_I] * (len(parts) - 2)
    paths = {_B: [_B, *inner, _I], _I: [_I, *inner, _I], _E: [_I, *inner, _E], _S: [_B, *inner, _E]}
    logs = numpy.log(parts + _TINY)
    row = numpy.empty(len(POSITIONS), numpy.float32)
    row[_O] = numpy.exp(numpy.log(parts[:, _O] + parts[:, _S] + _TINY).mean())
    for position, path in paths.items():
        row[position] = numpy.exp(logs[numpy.arange(len(parts)), path].mean())
    normalized: NDArray[numpy.float32] = row / row.sum()
    return normalized
