"""Numbered roads: the ways in which their class is written before the number.

After USPS Publication 28, appendix F (county, state and US highways, farm-to-market roads), and what the
"ref" of an OpenStreetMap road holds ("I 45", "US 90", "FM 1960", "MD 140").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gazetteer.variants.rule import Variant, VariantRule
from gazetteer.variants.words import US_STATE_CODES, US_STATES

#: What a class is called, as a pattern, and its forms, the commonest first. A form that ends in "_" takes the number
#: without a space.
_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("interstate|interstate highway|ih|i", ("i", "i_", "interstate", "interstate highway", "ih")),
    (
        "us|u s|us highway|us hwy|us route|us rte|u s highway|u s route",
        ("us", "highway", "hwy", "us highway", "us hwy", "us route", "us_", "route"),
    ),
    (
        "farm to market road|farm to market|farm road|fm",
        ("fm", "fm_", "farm to market road", "farm to market", "fm rd"),
    ),
    ("ranch to market road|ranch to market|ranch road|rm", ("rm", "rm_", "ranch to market road", "ranch road")),
    ("county road|county rd|co rd|cr", ("cr", "county road", "county rd", "co rd")),
    ("county highway|county hwy", ("county hwy", "county highway")),
    (
        "state highway|state hwy|sh|state route|state rte|state road|sr",
        ("highway", "hwy", "sh", "sr", "route", "state highway", "state route", "state road", "rt"),
    ),
    ("state loop|loop", ("loop", "state loop")),
    ("highway|hwy", ("hwy", "highway")),
    ("route|rte|rt", ("route", "rt", "rte")),
    ("beltway|bw", ("beltway", "bw")),
    (
        f"(?:{US_STATE_CODES})|(?:{US_STATES}) (?:state )?(?:route|highway|road)",
        ("highway", "hwy", "route", "rt", "sr", "state route"),
    ),
)
_ROUTES = tuple(
    (re.compile(rf"(?:{called}) ?(?P<number>[0-9]+[a-z]?)(?P<rest>(?: [a-z]+)?)"), forms) for called, forms in _CLASSES
)
_DIGIT = re.compile("[0-9]")
#: Before a single digit these are words: "i 4 one", "give us 2".
_ALSO_PRONOUNS = frozenset({"i", "us"})


def numbered(name: str) -> Iterator[Variant]:
    """Yield the other ways to write the normalised name of a numbered road; nothing for any other road."""
    if not _DIGIT.search(name):
        return
    for pattern, forms in _ROUTES:
        found = pattern.fullmatch(name)
        if found is None:
            continue
        number, rest = found["number"], found["rest"]
        for form in forms:
            if form in _ALSO_PRONOUNS and len(number) == 1:
                continue
            written = f"{form[:-1]}{number}" if form.endswith("_") else f"{form} {number}"
            yield Variant(f"{written}{rest}", VariantRule.ROUTE)
        return
