"""What a variant is: a further spelling of a name, and the rule that made it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VariantRule(StrEnum):
    """Why a variant is looked for. The values are stable: counts and reports name rules by them."""

    #: "main street" as "main st" and back; USPS Publication 28, appendix C1, and the Romance and German types.
    STREET_TYPE = "street type"
    #: "north carolina" as "n carolina", "main street north" as "main street n"; USPS Publication 28, section 233.
    DIRECTION = "direction"
    #: "east lombard street" as "lombard street": the direction of a road left out.
    UNDIRECTED = "undirected"
    #: "interstate 45" as "i 45", "farm to market road 1960" as "fm 1960"; USPS Publication 28, appendix F.
    ROUTE = "route"
    #: "saint", "sainte", "sankt" and "sint" as "st" or "ste", and back.
    SAINT = "saint"
    #: "fort", "mount", "point" in front and "heights", "springs" behind as their abbreviations, and back.
    FEATURE = "feature"
    #: "international", "hospital", "high school" as their abbreviations; libpostal, place_names.txt.
    FACILITY = "facility"
    #: "marsh harbour" as "marsh harbor": the spelling of the other side of the Atlantic.
    SPELLING = "spelling"
    #: "5th avenue" as "fifth avenue" and back.
    ORDINAL = "ordinal"
    #: "martin luther king jr boulevard" as "mlk boulevard".
    PERSON = "person"
    #: "st john s" (the normal form of "St. John's") as "st johns", "o brien" as "obrien": apostrophes left out.
    APOSTROPHE = "apostrophe"
    #: "mcmurray" as "mc murray" or "macmurray", and back.
    MC = "mc"
    #: "california s" (the normal form of "California's") as "californias": the genitive without its apostrophe.
    GENITIVE = "genitive"
    #: "trinidad and tobago" as "trinidad tobago", which is also what "Trinidad & Tobago" comes to.
    CONJUNCTION = "conjunction"
    #: "the bronx" as "bronx", "al hasakah" as "hasakah".
    ARTICLE = "article"
    #: "city of houston" as "houston": the word for what it is left out before "of".
    BARE_OF = "bare of"
    #: "gorkha district" as "gorkha": the word for what it is left out at the end.
    BARE = "bare"
    #: "sebring regional airport" as "sebring airport": the middle of a facility's name left out.
    SHORTENED = "shortened"
    #: "cumberland county" as "cumberland co", "county of kent" as "kent county".
    COUNTY = "county"
    #: "river yuna", "yuna river" and "rio yuna" for one another, and so with lakes, islands and volcanoes.
    WATER_AND_LAND = "water and land"
    #: "cayman islands" as "caymans".
    PLURAL = "plural"
    #: "#NewOrleans": the words of a name, or of one of its variants, written as one.
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Variant:
    """A normalised spelling of a name that its source does not give, and the rule that made it."""

    text: str
    rule: VariantRule
