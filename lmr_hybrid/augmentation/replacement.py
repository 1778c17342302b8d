"""Mentions under other names: of other places of their kind, or names that nobody bears.

A tagger that has seen "Kerala" a thousand times knows the word and nothing else. Under ever other names it must learn
from what stands around a name, and from the gazetteer.
"""

from __future__ import annotations

import random
import re

from gazetteer import Gazetteer, NameKind, PlaceKind, normalize_name
from lmr_hybrid.augmentation.edits import Edit, apply_edits
from lmr_hybrid.augmentation.names import PLAIN_NAME, NamePool
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.place_types import KINDS_OF_TYPE

_DIRECTION = re.compile(
    r"(?i)(north|south|east|west)ern|(north|south)(east|west)?|east|west|central|upper|lower|greater"
)
_POSSESSIVE_ENDINGS = ("'s", "’s", "s")
#: The word by which such a unit is told from the town it is named after, wherever it is called so.
_UNIT = re.compile(r"(?i)\s?(county|district|parish|municipality|province)$")
_LONGEST_ABBREVIATION = 6
_SHORTEST_NAME = 4
#: A word as frequent as this (Zipf frequency) is no name of its own.
_FREQUENT = 5.0
#: Of countries, states and continents all are known; hardly anybody meets a new one.
_INVENTED_OF_CLOSED_KINDS = 0.3


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

    Demonyms, abbreviations, directions ("Northern California") and addresses stay: what stands around them fits no
    other name, or they are what is to be learnt.
    """
    chosen: dict[str, str | None] = {}
    edits = []
    for mention in message.mentions:
        name, ending = _split_possessive(mention.text, gazetteer)
        key = normalize_name(name).replace(" ", "")
        if key not in chosen:
            chosen[key] = _other_name(name, mention, pool, gazetteer, replaced, invented, generator)
        if other := chosen[key]:
            edits.append(Edit(mention.start, mention.end, _in_style_of(mention, name, other, ending, message.text)))
    return apply_edits(message, edits) if edits else message


def _split_possessive(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    """Return "Ecuador" and "s" of "Ecuadors": annotators took the ending into the mention."""
    for ending in _POSSESSIVE_ENDINGS:
        name = text[: -len(ending)]
        if not name or not text.lower().endswith(ending) or not gazetteer.facts(name):
            continue
        own = gazetteer.facts(text)
        if own is None or own.derived_from == normalize_name(name):
            return name, text[-len(ending) :]
    return text, ""


def _other_name(
    name: str,
    mention: GoldMention,
    pool: NamePool,
    gazetteer: Gazetteer,
    replaced: float,
    invented: float,
    generator: random.Random,
) -> str | None:
    draw = generator.random()
    if draw >= replaced + invented or not _is_plain_name(name, gazetteer):
        return None
    kinds = KINDS_OF_TYPE.get(mention.type, ())
    if draw < replaced:
        return pool.draw(kinds, generator)
    is_open = not {PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.CONTINENT} & set(kinds[:1])
    if is_open or generator.random() < _INVENTED_OF_CLOSED_KINDS:
        return _with_rarest_word_replaced(name, pool.invent(generator))
    return None


def _is_plain_name(name: str, gazetteer: Gazetteer) -> bool:
    if len(name) < _SHORTEST_NAME or not PLAIN_NAME.fullmatch(name) or _begins_with_direction(name):
        return False
    # "island of Cyprus", "Gorongosa district", "Isle of Skye": more than a name, or part of it has a meaning.
    if not name.islower() and any(word[0].islower() for word in name.split()):
        return False
    facts = gazetteer.facts(name)
    kinds = frozenset(facts.name_kinds) if facts else frozenset()
    if name.isupper() and len(name) <= _LONGEST_ABBREVIATION and NameKind.NAME not in kinds:
        return False
    return not {NameKind.DEMONYM, NameKind.ABBREVIATION} & kinds


def _begins_with_direction(name: str) -> bool:
    """Tell it of "North Texas", "#NorthTexas" and "#northtexas", but not of "Northampton"."""
    found = _DIRECTION.match(name)
    return found is not None and (name.islower() or not name[found.end() :][:1].islower())


def _with_rarest_word_replaced(name: str, invented: str) -> str | None:
    """Return "Fort Alvesund" of "Fort McMurray", for the other words say what the place is; None of "Third Street"."""
    from wordfreq import zipf_frequency

    words = name.split()
    frequencies = [zipf_frequency(word, "en") for word in words]
    rarest = frequencies.index(min(frequencies))
    if len(words) > 1 and frequencies[rarest] > _FREQUENT:
        return None
    words[rarest] = invented
    return " ".join(words)


def _in_style_of(mention: GoldMention, name: str, other: str, ending: str, text: str) -> str:
    """Return `other` as the mention is written: its case and ending, its "County", in one word within a hashtag."""
    unit = _UNIT.search(name)
    other = _UNIT.sub("", other) + (f" {unit[1].title()}" if unit else "") or other
    before, after = text[: mention.start][-1:], text[mention.end :][:1]
    if before == "#" or before.isalnum() or after.isalnum():
        words = other.split() if name.islower() else [word[:1].upper() + word[1:] for word in other.split()]
        other = "".join(character for word in words for character in word if character.isalnum())
    if name.isupper():
        return other.upper() + ending
    return (other.lower() if name.islower() else other) + ending
