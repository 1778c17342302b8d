"""The ways in which messages are written: hashtags, case, slips, retweets, cut ends. Mentions stay where they are."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

import regex

from gazetteer import tokenize
from lmr_hybrid.augmentation.edits import Edit, apply_edits
from lmr_hybrid.corpora import GoldMention, Message

#: A message is never cut to fewer characters than this.
_SHORTEST = 40
#: Nobody writes a longer name as a hashtag.
_MOST_HASHTAG_WORDS = 4
#: How accounts are named: any of the first, then any of the second, perhaps with figures.
_HANDLE_BEGINS = (
    "real",
    "the",
    "citizen",
    "weather",
    "storm",
    "red",
    "alex",
    "maria",
    "john_",
    "priya",
    "local",
    "live",
)
_HANDLE_ENDS = ("news", "daily", "alert", "updates", "watch", "_tv", "fm", "smith", "k", "girl", "report", "")
#: A part of a hashtag such as "USVirginIslands"; "Mc" goes on into the next capital.
_HASHTAG_PART = regex.compile(r"(?:Mc)?\p{Lu}[\p{Ll}\p{M}]+|\p{Lu}+(?!\p{Ll})|[\p{L}\p{M}--\p{Lu}]+|\p{N}+", regex.V1)
_ADDRESS_OR_HANDLE = re.compile(r"\w+://\S*|@\w+")
_CUT_HASHTAG = re.compile(r"#\w*$")


def to_hashtag(message: Message, generator: random.Random) -> Message:
    """Write one mention as a hashtag (`#PortAuPrince`), or one that is a hashtag as plain words."""
    if not message.mentions:
        return message
    mention = generator.choice(message.mentions)
    text = message.text
    before, after = text[: mention.start][-1:], text[mention.end :][:1]
    if _part_of_word(after):
        return message
    if before == "#":
        # "##Lima", "in#Lima": without its hash sign the name would not stand alone.
        alone = mention.start < 2 or text[mention.start - 2].isspace()
        hash_sign = Edit(mention.start - 1, mention.start, "")
        return _rewritten(message, mention, _split_hashtag(mention.text), hash_sign) if alone else message
    words = [token.text for token in tokenize(re.sub("['’]", "", mention.text)) if token.word]
    if _part_of_word(before) or before in ("@", "/") or len(words) > _MOST_HASHTAG_WORDS or not words:
        return message
    # No hashtag begins with a figure, and nobody makes one of an address.
    if words[0][0].isdigit():
        return message
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    if mention.text.islower() or generator.random() < 0.2:
        joined = _letter_by_letter(joined, str.lower)
    return _rewritten(message, mention, joined, Edit(mention.start, mention.start, "#"))


def _part_of_word(character: str) -> bool:
    return regex.fullmatch(r"[\p{L}\p{M}\p{N}_]", character) is not None


def _split_hashtag(name: str) -> str:
    """Return "Puerto Rico" of "PuertoRico", and as it is what holds more than letters and digits."""
    parts = _HASHTAG_PART.findall(name)
    return " ".join(parts) if "".join(parts) == name else name


def _rewritten(message: Message, mention: GoldMention, name: str, hash_sign: Edit) -> Message:
    return apply_edits(message, [hash_sign, Edit(mention.start, mention.end, name)])


def to_lower(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Write everything in small letters."""
    return _in_case(message, str.lower)


def to_upper(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Write everything but addresses and handles in capitals, as weather services do."""
    return _in_case(message, str.upper)


def _in_case(message: Message, change: Callable[[str], str]) -> Message:
    parts, position = [], 0
    for kept in _ADDRESS_OR_HANDLE.finditer(message.text):
        parts += [_letter_by_letter(message.text[position : kept.start()], change), kept.group()]
        position = kept.end()
    text = "".join(parts) + _letter_by_letter(message.text[position:], change)
    mentions = (replace(mention, text=text[mention.start : mention.end]) for mention in message.mentions)
    return replace(message, text=text, mentions=tuple(mentions))


def _letter_by_letter(text: str, change: Callable[[str], str]) -> str:
    # Some letters have no single counterpart ("ß"); these stay, so that every offset does.
    return "".join(changed if len(changed := change(letter)) == 1 else letter for letter in text)


def with_typo(message: Message, generator: random.Random) -> Message:
    """Let one letter within a longer mention slip: left out, doubled, or swapped with the next of its case."""
    longer = [mention for mention in message.mentions if len(mention.text) >= 6]
    if not longer:
        return message
    mention = generator.choice(longer)
    # Capitals stay: they are typed with more care, and a doubled one is no slip that anybody makes.
    places = [
        index
        for index in range(mention.start + 1, mention.end - 1)
        if (pair := message.text[index : index + 2]).isalpha() and (pair.isupper() or pair.islower())
    ]
    if not places:
        return message
    index = generator.choice(places)
    pair = message.text[index : index + 2]
    slip = generator.choice((pair[1], pair[0] * 2 + pair[1], pair[::-1]))
    return apply_edits(message, [Edit(index, index + 2, slip)])


def without_apostrophes(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Leave out apostrophes between letters ("dont"), but for those at which a mention begins or ends."""
    ends = {end for mention in message.mentions for end in (mention.start, mention.end)}
    edits = [
        Edit(found.start(), found.end(), "")
        for found in re.finditer(r"(?<=[^\W\d_])['’](?=[^\W\d_])", message.text)
        if found.start() not in ends and found.end() not in ends
    ]
    return apply_edits(message, edits)


def as_retweet(message: Message, generator: random.Random) -> Message:
    """Begin as a retweet does."""
    if message.text.startswith("RT "):
        return message
    figures = str(generator.randint(1, 99)) if generator.random() < 0.4 else ""
    handle = generator.choice(_HANDLE_BEGINS) + generator.choice(_HANDLE_ENDS) + figures
    return apply_edits(message, [Edit(0, 0, f"RT @{handle}: ")])


def truncated(message: Message, generator: random.Random) -> Message:
    """Cut off the end, as retweets are: anywhere but within a mention or a hashtag, with or without dots.

    "#KeralaFloods" cut to "#Kerala" would be a place that nobody annotated.
    """
    text = message.text
    if len(text) <= _SHORTEST:
        return message
    end = generator.randint(_SHORTEST, len(text) - 1)
    inside = [mention for mention in message.mentions if mention.start < end < mention.end]
    if inside:
        end = inside[0].end
    elif _part_of_word(text[end]) and (hashtag := _CUT_HASHTAG.search(text, 0, end)):
        end = hashtag.start()
    kept = tuple(mention for mention in message.mentions if mention.end <= end)
    tail = generator.choice(("…", "...", "", " …"))
    return replace(message, text=text[:end] + tail, mentions=kept)


#: By the name of the probability that switches it, in the order in which they are made.
SURFACE_CHANGES: dict[str, Callable[[Message, random.Random], Message]] = {
    "typo": with_typo,
    "hashtag": to_hashtag,
    "apostrophe": without_apostrophes,
    "truncated": truncated,
    "lower": to_lower,
    "upper": to_upper,
    "retweet": as_retweet,
}
