"""Which kind of place a GeoNames feature code stands for.

Codes and their meanings: https://www.geonames.org/export/codes.html. What the table does not name is what its class
says.
"""

from __future__ import annotations

from functools import lru_cache

from gazetteer.places import PlaceKind

#: A: country, state, region. H: stream, lake. L: parks, area. P: city, village. R: road, railroad. S: spot, building,
#: farm. T: mountain, hill, rock. U: undersea. V: forest, heath.
_CLASSES: dict[str, PlaceKind] = {
    "A": PlaceKind.OTHER,
    "H": PlaceKind.NATURAL_POI,
    "L": PlaceKind.OTHER,
    "P": PlaceKind.CITY,
    "R": PlaceKind.ROAD,
    "S": PlaceKind.HUMAN_POI,
    "T": PlaceKind.NATURAL_POI,
    "U": PlaceKind.NATURAL_POI,
    "V": PlaceKind.NATURAL_POI,
}

_CODES: tuple[tuple[str, PlaceKind, str], ...] = (
    ("A", PlaceKind.COUNTRY, "PCL PCLD PCLF PCLI PCLIX PCLS PCLH"),
    ("A", PlaceKind.STATE, "ADM1 ADM1H TERR"),
    ("A", PlaceKind.COUNTY, "ADM2 ADM2H"),
    ("A", PlaceKind.DISTRICT, "ADM3 ADM3H ADM5 ADM5H ADMD ADMDH PRSH"),
    ("A", PlaceKind.CITY, "ADM4 ADM4H"),
    ("L", PlaceKind.CONTINENT, "CONT"),
    ("L", PlaceKind.NEIGHBOURHOOD, "DEVH"),
    ("L", PlaceKind.HUMAN_POI, "AGRC AMUS BTL CTRB INDS MILB MNA MVA NVB PRT RNGA COLF GASF OILF"),
    (
        "L",
        PlaceKind.NATURAL_POI,
        "BSND BSNP CLG CMN CST FLD FLDI GRAZ GVL OAS PEAT PRK QCKS RES RESA RESF RESH RESN RESP RESW RGNL SALT SNOW",
    ),
    ("P", PlaceKind.NEIGHBOURHOOD, "PPLX"),
    # Harbours, docks and landing places on water are built and run by people.
    ("H", PlaceKind.HUMAN_POI, "AIRS ANCH DCK DCKB HBR HBRX"),
    ("R", PlaceKind.HUMAN_POI, "OILP RJCT RR RRQ RYD TNL TNLC TNLRD TNLRR TNLS"),
    ("R", PlaceKind.NATURAL_POI, "TNLN"),
    ("S", PlaceKind.NATURAL_POI, "CAVE"),
    ("T", PlaceKind.ISLAND, "ATOL ISL ISLET ISLF ISLM ISLS ISLT ISLX"),
)
_KINDS: dict[tuple[str, str], PlaceKind] = {
    (feature_class, code): kind for feature_class, kind, codes in _CODES for code in codes.split()
}

#: Where the third level is the municipality; elsewhere that is the fourth, if there is one.
_MUNICIPALITIES_AT_LEVEL_3 = frozenset({"AT", "CH", "ES", "IT"})

#: Former and destroyed places. Abandoned ones of every class end in Q.
_HISTORIC = frozenset(
    (feature_class, code)
    for feature_class, codes in (
        ("A", "ADM1H ADM2H ADM3H ADM4H ADM5H ADMDH PCLH"),
        ("L", "RGNH"),
        ("P", "PPLCH PPLH PPLQ PPLW"),
        ("R", "RDA"),
    )
    for code in codes.split()
)
_CLASSES_WITH_ABANDONED = frozenset("HPRS")


@lru_cache(maxsize=4096)
def kind_of(feature_class: str, code: str, country: str = "") -> tuple[PlaceKind, bool]:
    """Return the kind of a place and whether it is one of the past: a former unit, a ruined town, an abandoned mine."""
    kind = _KINDS.get((feature_class, code), _CLASSES.get(feature_class, PlaceKind.OTHER))
    if code == "ADM3" and country in _MUNICIPALITIES_AT_LEVEL_3:
        kind = PlaceKind.CITY
    # PRKHQ is the headquarters of a park.
    abandoned = feature_class in _CLASSES_WITH_ABANDONED and code.endswith("Q") and not code.endswith("HQ")
    return kind, abandoned or (feature_class, code) in _HISTORIC
