"""Which of the names that the raw data gives a place are worth keeping, and how else they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from gazetteer.places import NameKind, PlaceName
from gazetteer.text import normalize_name

#: One spelling of a place and how it stands to it.
TextAndKind = tuple[str, NameKind]

#: Places of at least this many people keep their alternative names in the Latin script and in other scripts. Below it
#: they are mostly transliterations, which would double the committed gazetteer and find next to nothing: 0.15 % of the
#: mentions in the English training part of IDRISI-R.
_PEOPLE_FOR_LATIN = 15_000
_PEOPLE_FOR_OTHER_SCRIPTS = 500_000

#: A longer name is a sentence about the place.
_LONGEST_NAME = 60
_LINK = regex.compile(r"://|\bwww\.|\.(?:com|org|net)\b", regex.IGNORECASE)
_CODE = regex.compile(r"[A-Z0-9.]{2,5}")
_OTHER_SCRIPT = regex.compile(r"[^\p{Latin}\p{Common}\p{Inherited}]")
_LETTER = regex.compile(r"\p{L}")
_SPELT_ANEW = (NameKind.NAME, NameKind.OFFICIAL, NameKind.SHORT)
#: A word that is also written out or cut short, and the other way to write it.
_SHORTENINGS = (
    (regex.compile(r"\bSaint(?=[ -])"), "St."),
    (regex.compile(r"\bSt\b\.?(?=[ -])"), "Saint"),
    (regex.compile(r"\bSainte(?=[ -])"), "Ste."),
    (regex.compile(r"\bSte\b\.?(?=[ -])"), "Sainte"),
    (regex.compile(r"\bMount(?= )"), "Mt."),
    (regex.compile(r"\bMt\b\.?(?= )"), "Mount"),
    (regex.compile(r"\bFort(?= )"), "Ft."),
    (regex.compile(r"\bFt\b\.?(?= )"), "Fort"),
)

#: What a division is called beside its own name, before it and after it.
_TITLE_BEFORE = regex.compile(
    r"^(?:"
    r"(?:Provincia|Departamento|Distrito|Municipio|Estado|Cantón|Región|Concelho) (?:de la|del|de|do|da|dos|di)"
    r"|(?:Province|Region|State|District|Municipality|City|County|Arrondissement|Département) (?:of|de la|du|des|de)"
    r"|(?:Città metropolitana|Metropolitan City) (?:di|of)"
    r"|Provincia|Kabupaten|Kota|Landkreis|Kreis|Powiat|Raionul|Arrondissement"
    r")\s+"
)
_TITLE_AFTER = regex.compile(
    r"\s+(?:"
    r"County|Sub-County|Parish|Borough|Census Area|Shire|Council|Canton|Emirate|Governorate|Department|Division"
    r"|Districts?|Urban District|Municipal District|Province|Region|State|Territory|Prefecture|Shi|Gun|Regency"
    r"|Oblast|Raion|Rayon|Krai|Kray|Voivodeship"
    r"|(?:Regional |Rural |Metropolitan |District )?Municipality"
    r")$"
)


def keeps_alternative(text: str, population: int) -> bool:
    """Tell whether an alternative name of GeoNames is one that people write of a place with that many people.

    Not links, lone characters, names without a letter or airport codes; nor names with capitals to use and none used,
    which GeoNames holds by the thousand as machine transliterations ("lun dun", "nkhr niwyxrk").
    """
    if len(text) < 2 or len(text) > _LONGEST_NAME or not _LETTER.search(text):
        return False
    if _LINK.search(text) or _CODE.fullmatch(text):
        return False
    if text == text.lower() and text != text.upper():
        return False
    return population >= (_PEOPLE_FOR_OTHER_SCRIPTS if _OTHER_SCRIPT.search(text) else _PEOPLE_FOR_LATIN)


def shortenings(text: str) -> Iterator[str]:
    """Yield a name with "Saint", "Mount" and "Fort" cut short where they are written out, and the other way round."""
    for pattern, replacement in _SHORTENINGS:
        other, changed = pattern.subn(replacement, text)
        if changed:
            yield other


def named(place_id: str, spellings: Iterable[TextAndKind]) -> tuple[PlaceName, ...]:
    """Return the names of a place, each normalised form once, under the kind that comes first.

    Spellings that normalise alike match alike: keeping one of them halves the finished gazetteer.
    """
    given = [(text.strip(), kind) for text, kind in spellings]
    anew = [(other, NameKind.VARIANT) for text, kind in given if kind in _SPELT_ANEW for other in shortenings(text)]
    names: dict[str, PlaceName] = {}
    for text, kind in (*given, *anew):
        normalised = normalize_name(text)
        if normalised and normalised not in names:
            names[normalised] = PlaceName(place_id, text, kind)
    return tuple(names.values())


def without_title(name: str) -> tuple[str, ...]:
    """Return the name without what the division is: "Harris" for "Harris County", "Cuneo" for "Provincia di Cuneo"."""
    short = _TITLE_AFTER.sub("", _TITLE_BEFORE.sub("", name))
    return (short,) if short and short != name else ()
