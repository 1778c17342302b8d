"""The spellings under which a place is looked for besides those its source gives."""

from __future__ import annotations

from collections.abc import Iterator

#: Abbreviations that people write for the first or last word of a name, with the word they stand for.
#: US Postal Service, Publication 28, appendix C1 (street suffixes), cut to the ones common in messages.
_LEADING = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "pt": "point"}
_TRAILING = {
    "st": "street",
    "rd": "road",
    "ave": "avenue",
    "dr": "drive",
    "blvd": "boulevard",
    "hwy": "highway",
    "ln": "lane",
    "pkwy": "parkway",
    "ct": "court",
    "pl": "place",
    "mt": "mountain",
    "intl": "international",
    "univ": "university",
    "hosp": "hospital",
}
_SHORT_LEADING = {full: short for short, full in _LEADING.items()}
_SHORT_TRAILING = {full: short for short, full in _TRAILING.items()}
#: A concatenation shorter than this is too likely to be another word.
_SHORTEST_CONCATENATION = 6


def variants(name: str) -> Iterator[str]:
    """Yield further normalised spellings of a normalised name: abbreviated or expanded words, and the hashtag form.

    Each is worth less than the name itself and is stored as `NameKind.VARIANT`.
    """
    words = name.split(" ")
    if len(words) < 2:
        return
    for table, position in ((_LEADING, 0), (_SHORT_LEADING, 0), (_TRAILING, -1), (_SHORT_TRAILING, -1)):
        replacement = table.get(words[position])
        if replacement:
            respelt = list(words)
            respelt[position] = replacement
            yield " ".join(respelt)
    concatenation = "".join(words)
    if len(concatenation) >= _SHORTEST_CONCATENATION and not concatenation.isdigit():
        yield concatenation
