"""The ways in which messages are written: hashtags, case, slips, retweets, cut ends. Mentions stay where they are."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lmr_hybrid.augmentation.edits import Edit, apply_edits
from lmr_hybrid.corpora import GoldMention, Message

#: A message is never cut to fewer characters than this.
_SHORTEST = 40
_SMALL_WORDS = frozenset(["of", "the", "de", "la", "las", "los", "el", "du", "des", "and"])
_HANDLE_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
_HASHTAG_PART = re.compile(r"[A-Z][a-z]+|[A-Z]+(?![a-z])|[a-z]+|\d+")


def to_hashtag(message: Message, generator: random.Random) -> Message:
    """Write one mention as a hashtag (`#PortAuPrince`), or one that is a hashtag as plain words."""
    if not message.mentions:
        return message
    mention = generator.choice(message.mentions)
    before = message.text[mention.start - 1 : mention.start]
    if before == "#":
        words = " ".join(_HASHTAG_PART.findall(mention.text)) or mention.text
        plain = Message(message.id, message.event, message.text, message.mentions)
        return apply_edits(plain, [Edit(mention.start - 1, mention.start, ""), Edit(mention.start, mention.end, words)])
    after = message.text[mention.end : mention.end + 1]
    joined = "".join(_capitalized(word) for word in re.findall(r"\w+", mention.text))
    if before.isalnum() or before in ("@", "/") or after.isalnum() or not joined or joined.isdigit():
        return message
    if generator.random() < 0.3:
        joined = joined.lower()
    return apply_edits(message, [Edit(mention.start, mention.start, "#"), Edit(mention.start, mention.end, joined)])


def _capitalized(word: str) -> str:
    return word if word.isupper() or (word in _SMALL_WORDS and word != word.lower()) else word[:1].upper() + word[1:]


def to_lower(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Write everything in small letters."""
    return _letter_by_letter(message, str.lower)


def to_upper(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Write everything in capitals, as weather services do."""
    return _letter_by_letter(message, str.upper)


def _letter_by_letter(message: Message, change: Callable[[str], str]) -> Message:
    # Some letters have no single counterpart ("ß"); these stay, so that every offset does.
    text = "".join(changed if len(changed := change(letter)) == 1 else letter for letter in message.text)
    mentions = (
        GoldMention(text[mention.start : mention.end], mention.start, mention.end, mention.type)
        for mention in message.mentions
    )
    return Message(message.id, message.event, text, tuple(mentions))


def with_typo(message: Message, generator: random.Random) -> Message:
    """Let one letter within a longer mention slip: left out, doubled, or swapped with the next."""
    longer = [mention for mention in message.mentions if len(mention.text) >= 6]
    if not longer:
        return message
    mention = generator.choice(longer)
    places = [index for index in range(mention.start + 1, mention.end - 2) if message.text[index : index + 2].isalpha()]
    if not places:
        return message
    index = generator.choice(places)
    pair = message.text[index : index + 2]
    slip = generator.choice((pair[1], pair[0] * 2 + pair[1], pair[::-1]))
    return apply_edits(message, [Edit(index, index + 2, slip)])


def without_apostrophes(message: Message, generator: random.Random) -> Message:  # noqa: ARG001
    """Leave out apostrophes between letters: "dont", "Ecuadors"."""
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
    handle = "".join(generator.choices(_HANDLE_LETTERS, k=generator.randint(4, 14)))
    return apply_edits(message, [Edit(0, 0, f"RT @{handle}: ")])


def truncated(message: Message, generator: random.Random) -> Message:
    """Cut off the end, as retweets are: anywhere but within a mention, with or without dots."""
    if len(message.text) <= _SHORTEST:
        return message
    end = generator.randint(_SHORTEST, len(message.text) - 1)
    for mention in message.mentions:
        if mention.start < end < mention.end:
            end = mention.end
    kept = tuple(mention for mention in message.mentions if mention.end <= end)
    tail = generator.choice(("…", "...", "", " …"))
    return Message(message.id, message.event, message.text[:end] + tail, kept)


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
