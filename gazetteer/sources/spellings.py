"""What people write into fields for names and numbers, whatever the source: cleaned, split, understood."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import regex

from gazetteer.places import NameKind, PlaceName
from gazetteer.text import holds_word

#: Names longer than this are descriptions that somebody put into the wrong field. In characters.
LONGEST_NAME = 300

#: Language, script, region, and the two variants in wide use: what BCP 47 allows of what mappers write.
_LANGUAGE = regex.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?(?:-(?:tarask|valencia))?")
#: Romanisations under the names that mappers gave them before BCP 47 was usual.
_ROMANISED = {"zh_pinyin": "zh-Latn-pinyin", "ja_rm": "ja-Latn", "ko_rm": "ko-Latn"}
#: Two and three letters behind `name:` that are no language.
_NO_LANGUAGES = frozenset({"abr", "etc", "ipa", "old", "ref", "src", "tmp", "url"})

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+")
_NUMBER = regex.compile(r"(?<![-\d])(?:\d{1,3}(?:[\s,.'’_]\d{3})+(?!\d)|\d+)")
#: No place has more people; a greater number is a mistake.
MOST_PEOPLE = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Spelling:
    """One name before it is known whose it is."""

    text: str
    kind: NameKind
    language: str = ""


def clean(text: str) -> str:
    """Return `text` without control characters and with single spaces; "" where it is no name.

    No name is what holds no word in the sense of `gazetteer.text.normalize_name`, or is longer than `LONGEST_NAME`.
    """
    # All white space but the space itself counts as unprintable.
    tidy = text.isprintable() and "  " not in text and text.strip() == text
    cleaned = text if tidy else " ".join(_CONTROL.sub(" ", text).split())
    return cleaned if len(cleaned) <= LONGEST_NAME and holds_word(cleaned) else ""


def split_names(value: str) -> list[str]:
    """Return the names in a semicolon list, cleaned, each once, in their order."""
    return list(dict.fromkeys(name for part in value.split(";") if (name := clean(part))))


def language_of(suffix: str) -> str | None:
    """Return the BCP 47 code that the part of a key behind `name:` stands for, None where it is no language."""
    if suffix in _ROMANISED:
        return _ROMANISED[suffix]
    code = suffix.replace("_", "-")
    return code if code not in _NO_LANGUAGES and _LANGUAGE.fullmatch(code) else None


def unique_spellings(spellings: Iterable[Spelling]) -> list[Spelling]:
    """Return the spellings with each text once a language, the first of each kept."""
    first: dict[tuple[str, str], Spelling] = {}
    for spelling in spellings:
        first.setdefault((spelling.text, spelling.language), spelling)
    return list(first.values())


def place_names(place_id: str, spellings: Iterable[Spelling]) -> tuple[PlaceName, ...]:
    """Return the spellings as the names of one place."""
    return tuple(PlaceName(place_id, each.text, each.kind, each.language) for each in spellings)


def people_in(text: str) -> int:
    """Return the first whole number in what states a population ("12 345", "12,345", "~500", "500-600"), else 0."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", text)[:100])
    if found is None:
        return 0
    number = int("".join(character for character in found.group() if character.isdigit()))
    return number if number <= MOST_PEOPLE else 0
