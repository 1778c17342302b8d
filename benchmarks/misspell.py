"""Misspellings of names as people make them: slips of typing, and spellings by ear."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Sequence

from rapidfuzz.distance import OSA

_TYPING = ("insert", "delete", "replace", "swap")
#: What is written for what; where a pattern has several places one of them is changed.
_BY_EAR = {
    "ph written f": ("ph", "f"),
    "f written ph": ("f", "ph"),
    "c written k": ("c(?=[aou])", "k"),
    "k written c": ("k(?=[aou])", "c"),
    "ck written k": ("ck", "k"),
    "ie written y": ("ie", "y"),
    "y written ie": ("y", "ie"),
    "y written i": ("y", "i"),
    "ei written ie": ("ei", "ie"),
    "ie written ei": ("ie", "ei"),
    "silent h left out": ("(?<=[gktrdbjw])h", ""),
    "silent h added": ("(?<=[gktrdb])(?=[aeiou])", "h"),
    "double consonant written once": (r"([b-df-hj-np-tv-z])\1", r"\1"),
    "consonant doubled": (r"(?<=[aeiou])([bdfglmnprst])(?=[aeiou])", r"\1\1"),
    "s written z": ("s(?=[aeiou])", "z"),
    "z written s": ("z", "s"),
    "w written v": ("w", "v"),
    "oo written u": ("oo", "u"),
}
KINDS_OF_SLIP = (
    "one slip",
    *_TYPING,
    "letter doubled",
    "space dropped",
    "by ear",
    *_BY_EAR,
    "two slips",
    "sound and slip",
)


def misspellings(names: Sequence[str], kind: str, count: int, *, seed: int) -> list[tuple[str, str]]:
    """Return at most `count` pairs of a name of at least six letters and its misspelling; the same for a seed."""
    draw = random.Random(f"{seed} {kind}")
    pairs: list[tuple[str, str]] = []
    for _ in range(100 * count):
        name = draw.choice(names)
        if len(name.replace(" ", "")) < 6:
            continue
        misspelt = _misspell(name, kind, draw)
        if misspelt and misspelt != name:
            pairs.append((name, misspelt))
            if len(pairs) == count:
                break
    return pairs


def _misspell(name: str, kind: str, draw: random.Random) -> str | None:
    if kind == "one slip":
        return _slip(name, draw.choice(_TYPING), draw)
    if kind in _TYPING:
        return _slip(name, kind, draw)
    if kind == "letter doubled":
        return _changed(name, r"(\w)", r"\1\1", draw)
    if kind == "space dropped":
        return _changed(name, " ", "", draw)
    if kind == "by ear":
        return _by_ear(name, draw)
    if kind == "two slips":
        twice = _slip(_slip(name, draw.choice(_TYPING), draw), draw.choice(_TYPING), draw)
        return twice if OSA.distance(name, twice) == 2 else None
    if kind == "sound and slip":
        heard = _by_ear(name, draw)
        return heard and _slip(heard, draw.choice(_TYPING), draw)
    return _changed(name, *_BY_EAR[kind], draw)


def _slip(name: str, kind: str, draw: random.Random) -> str:
    """Return a name with one slip among its letters; a space is not touched, for it has a kind of its own."""
    at = draw.choice([at for at, letter in enumerate(name) if letter != " "])
    letter = draw.choice(string.ascii_lowercase)
    changes: dict[str, Callable[[], str]] = {
        "insert": lambda: name[:at] + letter + name[at:],
        "delete": lambda: name[:at] + name[at + 1 :],
        "replace": lambda: name[:at] + letter + name[at + 1 :],
        "swap": lambda: name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    }
    changed = changes[kind]()
    return " ".join(changed.split())


def _by_ear(name: str, draw: random.Random) -> str | None:
    kinds = [kind for kind, (pattern, _) in _BY_EAR.items() if re.search(pattern, name)]
    return _changed(name, *_BY_EAR[draw.choice(kinds)], draw) if kinds else None


def _changed(name: str, pattern: str, replacement: str, draw: random.Random) -> str | None:
    found = list(re.finditer(pattern, name))
    if not found:
        return None
    place = draw.choice(found)
    return name[: place.start()] + place.expand(replacement) + name[place.end() :]
