"""Names, population and country out of OpenStreetMap's tags."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from gazetteer.places import NameKind, PlaceKind
from gazetteer.sources.spellings import Spelling, language_of, people_in, split_names, unique_spellings

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


def population_of(tags: Mapping[str, str]) -> int:
    """Return the people that the `population` tag states; 0 without one."""
    return people_in(tags.get("population", ""))


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
