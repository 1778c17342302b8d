"""The spellings under which a place is looked for besides those its source gives.

After LNEx (Al-Olimat et al., COLING 2018), which widens a gazetteer by the ways in which people shorten names, and the
dictionaries of libpostal; but where LNEx leaves out any words of a name, only words known to be left out are here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from gazetteer.places import PlaceKind
from gazetteer.variants.generic import with_generic, without_generic
from gazetteer.variants.joining import BUILT, apostrophes, facility, genitive, hashtag, scottish, without_conjunction
from gazetteer.variants.respelling import respelt, without_direction
from gazetteer.variants.routes import numbered
from gazetteer.variants.rule import Variant, VariantRule
from gazetteer.variants.source_text import source_variants

__all__ = ["MOST_VARIANTS", "Variant", "VariantRule", "source_variants", "variants"]

#: No name has more variants than this; those that come first are the more useful.
MOST_VARIANTS = 12
#: Roads are hardly ever written as one word, and buildings so written are firms and charities: "tmobile", "redcross".
_NEVER_HASHTAGS = frozenset({PlaceKind.ROAD, PlaceKind.HUMAN_POI})
#: The variants of which a hashtag is made; not of directions, for "s hills" would be "shills".
_HASHTAG_OF = frozenset(
    {
        VariantRule.SAINT,
        VariantRule.FEATURE,
        VariantRule.SPELLING,
        VariantRule.MC,
        VariantRule.CONJUNCTION,
        VariantRule.ARTICLE,
        VariantRule.BARE,
        VariantRule.BARE_OF,
    }
)
_BARE = frozenset({VariantRule.BARE, VariantRule.BARE_OF})


def variants(name: str, kind: PlaceKind) -> Iterator[Variant]:
    """Yield further normalised spellings of a normalised name of a place of this kind: none twice, nor the name itself.

    In this order, at most `MOST_VARIANTS`: numbers of routes, words abbreviated or written in full, apostrophes and
    joined words, the generic word in another place, the genitive, the bare name and its spellings (that of a road
    without its direction), the hashtag of the name, the hashtags of its other variants. Each is worth less than the
    name itself, and some are other words too.
    """
    seen = {name}
    for variant in _every(name, kind):
        if variant.text not in seen:
            seen.add(variant.text)
            yield variant
            if len(seen) > MOST_VARIANTS:
                return


def _every(name: str, kind: PlaceKind) -> Iterator[Variant]:
    words = name.split(" ")
    if len(words) == 1:
        if kind is PlaceKind.ROAD:
            yield from numbered(name)
        yield from scottish(words)
        yield from genitive(name, kind)
        return
    spelt = list(_spelt(words, kind))
    yield from spelt
    yield from genitive(name, kind)
    bare = [*without_direction(words, kind), *without_generic(words, kind)]
    for variant in bare:
        yield variant
        yield from _spelt(variant.text.split(" "), kind)
    if kind not in _NEVER_HASHTAGS:
        # "comuna romos" is written as one word only without what it is, "volusia county" also with it.
        whole = [] if any(variant.rule in _BARE and name.endswith(variant.text) for variant in bare) else [name]
        for text in chain(whole, (variant.text for variant in chain(bare, spelt) if variant.rule in _HASHTAG_OF)):
            yield from hashtag(text)


def _spelt(words: list[str], kind: PlaceKind) -> Iterator[Variant]:
    if kind is PlaceKind.ROAD:
        yield from numbered(" ".join(words))
    if len(words) > 1:
        yield from respelt(words, kind)
        yield from without_conjunction(words)
        for variant in apostrophes(words):
            yield variant
            rejoined = variant.text.split(" ")
            yield from respelt(rejoined, kind)
            yield from with_generic(rejoined, kind)
        yield from with_generic(words, kind)
        if kind in BUILT:
            for variant in facility(words, kind):
                yield variant
                yield from respelt(variant.text.split(" "), kind)
    yield from scottish(words)
