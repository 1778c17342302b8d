"""Names, population and country out of OpenStreetMap's tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import regex

from gazetteer.places import NameKind, PlaceKind, PlaceName
from gazetteer.text import holds_word

#: Names longer than this are descriptions that somebody put into the wrong field. In characters.
LONGEST_NAME = 300

#: Keys that hold names, from the most to the least trustworthy
#: (https://wiki.openstreetmap.org/wiki/Names#Variations). Each may carry a language: `alt_name:fr`.
NAME_KEYS: dict[str, NameKind] = {
    "name": NameKind.NAME,
    "official_name": NameKind.OFFICIAL,
    "short_name": NameKind.SHORT,
    "alt_name": NameKind.ALTERNATIVE,
    "int_name": NameKind.ALTERNATIVE,
    "nat_name": NameKind.ALTERNATIVE,
    "reg_name": NameKind.ALTERNATIVE,
    "loc_name": NameKind.ALTERNATIVE,
    "old_name": NameKind.OLD,
}
#: Codes that people use as names.
REFERENCE_KEYS = ("iata", "icao")

#: A key of names, the number that imports of TIGER data put behind it (`name_1`), and its language.
_NAME_KEY = regex.compile(rf"({'|'.join(NAME_KEYS)})(_[1-9])?(?::(\S+))?")
#: Language, script, region, and the two variants in wide use: what BCP 47 allows of what mappers write.
_LANGUAGE = regex.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?(?:-(?:tarask|valencia))?")
#: Romanisations under the names that mappers gave them before BCP 47 was usual.
_ROMANISED = {"zh_pinyin": "zh-Latn-pinyin", "ja_rm": "ja-Latn", "ko_rm": "ko-Latn"}
#: Two and three letters behind `name:` that are no language.
_NO_LANGUAGES = frozenset({"abr", "etc", "ipa", "old", "ref", "src", "tmp", "url"})

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}]+")
_NUMBER = regex.compile(r"(?<![-\d])(?:\d{1,3}(?:[\s,.'’_]\d{3})+(?!\d)|\d+)")
_ISO_3166_1 = regex.compile(r"[A-Z]{2}")
_ISO_3166_2 = regex.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")

_COUNTRY_KEYS = (
    "ISO3166-1:alpha2",
    "ISO3166-1",
    "country_code_iso3166_1_alpha_2",
    "addr:country",
    "is_in:country_code",
)
#: Keys of what is known of a place besides its names and its kind.
FACT_KEYS = ("population", "wikidata", "wikipedia", "ISO3166-2", *_COUNTRY_KEYS)
_WIKIDATA = regex.compile(r"Q[1-9]\d*")
#: No place has more people; a greater number is a mistake.
_MOST_PEOPLE = 10_000_000_000


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


def spellings_of(tags: Mapping[str, str], kind: PlaceKind) -> list[Spelling]:
    """Return every name in `tags`, the most trustworthy first, each text once a language."""
    if len(tags) == 1 and "name" in tags:
        return [Spelling(name, NameKind.NAME) for name in split_names(tags["name"])]
    found: list[tuple[tuple[int, bool, str], str, NameKind, str]] = []
    ranks = list(NAME_KEYS)
    for key, value in tags.items():
        parts = _NAME_KEY.fullmatch(key)
        if parts is not None:
            base, number, suffix = parts.groups()
            language = "" if suffix is None else language_of(suffix)
            if language is None:
                continue
            plain = number is None and suffix is None
            name_kind = NAME_KEYS[base] if plain or base != "name" else NameKind.ALTERNATIVE
            found.append(((ranks.index(base), not plain, key), value, name_kind, language))
        elif key in REFERENCE_KEYS or (key == "ref" and kind is PlaceKind.ROAD):
            found.append(((len(ranks), False, key), value, NameKind.REFERENCE, ""))
    found.sort()
    return unique_spellings(
        Spelling(name, name_kind, language) for _, value, name_kind, language in found for name in split_names(value)
    )


def unique_spellings(spellings: Iterable[Spelling]) -> list[Spelling]:
    """Return the spellings with each text once a language, the first of each kept."""
    first: dict[tuple[str, str], Spelling] = {}
    for spelling in spellings:
        first.setdefault((spelling.text, spelling.language), spelling)
    return list(first.values())


def place_names(place_id: str, spellings: Iterable[Spelling]) -> tuple[PlaceName, ...]:
    """Return the spellings as the names of one place."""
    return tuple(PlaceName(place_id, each.text, each.kind, each.language) for each in spellings)


def population_of(tags: Mapping[str, str]) -> int:
    """Return the first whole number of the `population` tag ("12 345", "12,345", "~500", "500-600"); 0 without one."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", tags.get("population", ""))[:100])
    if found is None:
        return 0
    number = int("".join(character for character in found.group() if character.isdigit()))
    return number if number <= _MOST_PEOPLE else 0


def country_and_admin1_of(tags: Mapping[str, str]) -> tuple[str, str]:
    """Return the ISO 3166-1 alpha-2 code and the ISO 3166-2 subdivision ("CA" of "US-CA") that the tags state."""
    subdivision = _ISO_3166_2.fullmatch(tags.get("ISO3166-2", "").strip().upper())
    for key in _COUNTRY_KEYS:
        code = tags.get(key, "").strip().upper()
        if _ISO_3166_1.fullmatch(code):
            return code, subdivision[2] if subdivision and subdivision[1] == code else ""
    return (subdivision[1], subdivision[2]) if subdivision else ("", "")


def wikidata_of(tags: Mapping[str, str]) -> str:
    """Return the item of Wikidata that the tags state, "" without one."""
    item = tags.get("wikidata", "").strip()
    return item if _WIKIDATA.fullmatch(item) else ""
