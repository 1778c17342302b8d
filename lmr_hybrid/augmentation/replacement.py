"""Mentions under other names: of other places of their kind, or names that nobody bears.

A tagger that has seen "Kerala" a thousand times knows the word and nothing else. Under ever other names it must learn
from what stands around a name, and from the gazetteer.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from gazetteer import Gazetteer, NameKind, Place, PlaceKind
from lmr_hybrid.augmentation.edits import Edit, apply_edits
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.place_types import KINDS_OF_TYPE

#: A kind with fewer places than this gives no replacements: the tagger would learn them by heart.
_FEWEST = 20
#: Names of a source are not all names: longer ones are descriptions.
_LONGEST_NAME = 30
_NAME = re.compile(r"[^\W\d_][\w'’ .-]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIRECTION = re.compile(r"(?i)(north|south|east|west|central|upper|lower|greater|northern|southern|eastern|western)")


class NamePool:
    """Names of places by kind, drawn half by importance and half evenly.

    Places of the `excluded` countries (ISO 3166-1 alpha-2) are left out, and every namesake of theirs.
    """

    def __init__(self, places: Iterable[Place], *, excluded: Collection[str] = ()) -> None:
        listed = list(places)
        forbidden = {place.name for place in listed if place.country in excluded}
        by_kind: dict[PlaceKind, dict[str, float]] = defaultdict(dict)
        for place in listed:
            name = place.name
            if name not in forbidden and len(name) <= _LONGEST_NAME and _NAME.fullmatch(name):
                names = by_kind[place.kind]
                names[name] = max(names.get(name, 0.0), place.importance)
        self._names = {kind: tuple(names) for kind, names in by_kind.items() if len(names) >= _FEWEST}
        self._weights = {
            kind: list(accumulate(by_kind[kind][name] ** 2 for name in self._names[kind])) for kind in self._names
        }

    def draw(self, kinds: Sequence[PlaceKind], generator: random.Random) -> str | None:
        """Return the name of a place of the first of `kinds` that the pool knows, None where it knows none."""
        for kind in kinds:
            if names := self._names.get(kind):
                weights = self._weights[kind]
                if generator.random() < 0.5 or not weights[-1]:
                    return generator.choice(names)
                return names[min(bisect(weights, generator.random() * weights[-1]), len(names) - 1)]
        return None

    def invent(self, generator: random.Random) -> str:
        """Return a name made of the beginning of one city's name and the end of another's."""
        names = self._names.get(PlaceKind.CITY) or ("Alderton", "Bremwick")
        one, other = (str(_LETTERS.findall(generator.choice(names))[0]) for _ in range(2))
        begin = one[: generator.randint(2, max(2, len(one) - 1))]
        end = other[len(other) // 2 :] if len(other) > 3 else other
        return (begin + end.lower()).capitalize()


def replace_names(
    message: Message,
    *,
    pool: NamePool,
    gazetteer: Gazetteer,
    replaced: float,
    invented: float,
    generator: random.Random,
) -> Message:
    """Return the message with some mentions under other names; the same name becomes the same other name throughout.

    Demonyms and abbreviations stay: what stands around them fits no other name.
    """
    chosen: dict[str, str | None] = {}
    for mention in message.mentions:
        key = mention.text.casefold()
        if key not in chosen:
            chosen[key] = _other_name(mention, pool, gazetteer, replaced, invented, generator)
    edits = [
        Edit(mention.start, mention.end, styled)
        for mention in message.mentions
        if (name := chosen[mention.text.casefold()]) and (styled := _in_style_of(mention, name, message.text))
    ]
    return apply_edits(message, edits) if edits else message


def _other_name(
    mention: GoldMention,
    pool: NamePool,
    gazetteer: Gazetteer,
    replaced: float,
    invented: float,
    generator: random.Random,
) -> str | None:
    draw = generator.random()
    if draw >= replaced + invented or not _is_plain_name(mention, gazetteer):
        return None
    kinds = KINDS_OF_TYPE.get(mention.type, ())
    if draw < replaced:
        return pool.draw(kinds, generator)
    # Countries, states and continents are all known; nobody meets a new one.
    is_open = not {PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.CONTINENT} & set(kinds[:1])
    return pool.invent(generator) if is_open or generator.random() < 0.3 else None


def _is_plain_name(mention: GoldMention, gazetteer: Gazetteer) -> bool:
    text = mention.text
    if len(text) < 4 or not _NAME.fullmatch(text) or text.endswith(("'s", "’s")) or _DIRECTION.match(text):
        return False
    facts = gazetteer.facts(text)
    return facts is None or not {NameKind.DEMONYM, NameKind.ABBREVIATION} & set(facts.name_kinds)


def _in_style_of(mention: GoldMention, name: str, text: str) -> str:
    """Return `name` written as the mention was: its case, and in one word after a hash sign."""
    if mention.start and text[mention.start - 1] == "#":
        name = "".join(character for character in name if character.isalnum())
    if mention.text.isupper():
        return name.upper()
    return name.lower() if mention.text.islower() else name
