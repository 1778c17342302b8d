"""Which texts say the same: the key of a text, and messages that share one with another collection.

Texts are near-duplicates of each other where their keys are equal. So the relation has no threshold, is symmetric and
transitive, and takes one look-up a text. It finds retweets, the same words with another link, and other ways of
writing them; not texts of which one goes on where the other was cut.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import regex

from gazetteer import normalize_name
from lmr_hybrid.corpora.message import Message
from lmr_hybrid.corpora.tweet_syntax import CUT_URL, URL

#: What has fewer words left says too little: many people write "Stay safe" of their own.
FEWEST_WORDS = 3
#: A handle, also as tokenisers leave it: "@ user".
_HANDLE = regex.compile(r"(?<!\w)[@＠]\s?\w+")
#: Marks a retweet, or asks for one.
_RETWEET = "rt"

#: A message, or just a text.
Item = TypeVar("Item", Message, str)


def text_key(text: str) -> str:
    """Return what near-duplicates of a text have in common.

    In this order: HTML entities become their characters; web addresses go (`https://t.co/x1`, `www.example.org/a`,
    `t.co/x1`, `example.com`), then handles (`@user`, also `@ user`), then what a cut has left of a web address at the
    end (`http:/`); of the rest only the words stay, as `gazetteer.normalize_name` gives them (letters, digits and their
    marks, caseless, without accents), without the word RT and without anything between them. So hashtags stay as words,
    digits stay, and punctuation, emoji and white space go.

    A text of which fewer than three words stay is a near-duplicate only of itself: its key is the text as given, after
    an equals sign, which no other key holds.
    """
    bare = CUT_URL.sub(" ", _HANDLE.sub(" ", URL.sub(" ", html.unescape(text))))
    words = [word for word in normalize_name(bare).split() if word != _RETWEET]
    return "".join(words) if len(words) >= FEWEST_WORDS else f"={text}"


@dataclass(frozen=True, slots=True)
class NearDuplicate(Generic[Item]):
    """An item of one collection, and those of the other that say the same."""

    item: Item
    of: tuple[Item, ...]

    @property
    def exact(self) -> bool:
        """Whether one of the others has the very same text."""
        return any(_text(other) == _text(self.item) for other in self.of)


@dataclass(frozen=True, slots=True)
class Sifted(Generic[Item]):
    """A collection after its near-duplicates of another were taken out; both parts in the order given."""

    kept: tuple[Item, ...]
    dropped: tuple[NearDuplicate[Item], ...]

    def counts(self) -> dict[str, int]:
        """Return how many were kept, how many dropped, and how many of these have the very same text."""
        exact = sum(each.exact for each in self.dropped)
        return {"kept": len(self.kept), "dropped": len(self.dropped), "dropped_same_text": exact}


def by_key(items: Iterable[Item]) -> Mapping[str, Sequence[Item]]:
    """Return messages or texts by `text_key`, each group in the order given."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[text_key(_text(item))].append(item)
    return dict(groups)


def near_duplicates(items: Iterable[Item], *, of: Iterable[Item]) -> list[NearDuplicate[Item]]:
    """Return the messages or texts that are near-duplicates of any in `of`, in the order given.

    An item that stands in both collections is a near-duplicate of itself: nothing but texts is looked at, no ids.
    """
    return list(drop_near_duplicates(items, of=of).dropped)


def drop_near_duplicates(items: Iterable[Item], *, of: Iterable[Item]) -> Sifted[Item]:
    """Take the near-duplicates of any in `of` out of messages or texts, for example those of dev out of train."""
    others = by_key(of)
    kept: list[Item] = []
    dropped: list[NearDuplicate[Item]] = []
    for item in items:
        found = others.get(text_key(_text(item)))
        if found:
            dropped.append(NearDuplicate(item, tuple(found)))
        else:
            kept.append(item)
    return Sifted(tuple(kept), tuple(dropped))


def _text(item: Message | str) -> str:
    return item if isinstance(item, str) else item.text
