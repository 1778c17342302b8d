"""The gold places of IDRISI-D, and when a candidate counts as one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from record import data_folder

from gazetteer import WORLD, Gazetteer, Place, PlaceKind
from gazetteer.sphere import distance_km, in_box
from lmr_hybrid.corpora.idrisi_d import GoldPlace, LinkedCorpus, read_idrisi_d
from lmr_hybrid.linking import Query, queries_of
from lmr_hybrid.mention import Candidate
from lmr_hybrid.place_types import KINDS_OF_TYPE

#: The distance in kilometres (100 miles) within which the field calls a place found (Cheng, Caverlee and Lee 2010).
FOUND = 161.0
#: The same for a place found exactly.
CLOSE = 20.0
#: Countries that Nominatim names otherwise than the gazetteer of the world does.
_OTHERWISE = {
    "Ελλάς": "GR",
    "پاکستان": "PK",
    "Северна Македонија": "MK",
    "မြန်မာ": "MM",
    "New Zealand/Aotearoa": "NZ",
    "The Bahamas": "BS",
    "ශ්\u200dරී ලංකාව இலங்கை": "LK",
    "Κύπρος - Kıbrıs": "CY",
    "الإمارات العربية المتحدة": "AE",
    "België / Belgique / Belgien": "BE",
    "Éire / Ireland": "IE",
    "السعودية": "SA",
    "Schweiz/Suisse/Svizzera/Svizra": "CH",
    "Paraguay / Paraguái": "PY",
    "Palestinian Territory": "PS",
    "Soomaaliya الصومال": "SO",
    "Algérie / ⵍⵣⵣⴰⵢⴻⵔ / الجزائر": "DZ",
    "Maroc / ⵍⵎⵖⵔⵉⴱ / المغرب": "MA",
    "Ayiti": "HT",
    "臺灣": "TW",
    "سوريا": "SY",
    "اليمن": "YE",
    "British Virgin Islands": "VG",
    "Türkiye": "TR",
}
#: Territories that Nominatim lists under their country and ISO 3166-1 as countries of their own.
_TERRITORIES = {
    "Puerto Rico, United States": "PR",
    "United States Virgin Islands, United States": "VI",
    "Guam, United States": "GU",
    "American Samoa, United States": "AS",
    "Northern Mariana Islands, United States": "MP",
    "Saint-Martin, France": "MF",
    "Saint-Barthélemy, France": "BL",
    "Guadeloupe, France": "GP",
    "Martinique, France": "MQ",
}


@dataclass(frozen=True, slots=True)
class GoldMessage:
    """A message with its event, its gold mentions as queries, and their gold places."""

    event: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    queries: tuple[Query, ...]
    places: tuple[GoldPlace, ...]


def corpus() -> LinkedCorpus:
    """Return IDRISI-D English."""
    return read_idrisi_d(data_folder() / "idrisi-d/EN")


def gold_messages(linked: LinkedCorpus) -> list[GoldMessage]:
    """Return the messages with the queries that their gold mentions make."""
    messages = []
    for each in linked.messages:
        spans = tuple((mention.start, mention.end, mention.type) for mention in each.message.mentions)
        queries = tuple(queries_of(each.message.text, spans))
        messages.append(GoldMessage(each.message.event, each.message.text, spans, queries, each.places))
    return messages


def distance(place: Place | Candidate, gold: GoldPlace) -> float:
    """Return the great-circle distance in kilometres between the points of two places (haversine formula)."""
    return distance_km((place.latitude, place.longitude), (gold.latitude, gold.longitude))


def distance_to_area(place: Place | Candidate, gold: GoldPlace) -> float:
    """Return the distance in kilometres from a place's point to the box about the gold place, 0 within it."""
    west, south, east, north = gold.bounds
    longitude = place.longitude if west <= place.longitude <= east else min((west, east), key=_turn(place.longitude))
    nearest = (min(max(place.latitude, south), north), longitude)
    return distance_km((place.latitude, place.longitude), nearest)


def _turn(longitude: float) -> Callable[[float], float]:
    return lambda other: abs((other - longitude + 180) % 360 - 180)


@cache
def gold_country(gold: GoldPlace) -> str:
    """Return the ISO 3166-1 alpha-2 code of the country that a gold place lies in, "" for seas and continents."""
    for territory, code in _TERRITORIES.items():
        if gold.display_name.endswith(territory):
            return code
    name = gold.display_name.rpartition(", ")[2]
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    named = [place for place in _world().places(name, limit=25) if place.kind is PlaceKind.COUNTRY]
    return named[0].country if named else ""


@cache
def _world() -> Gazetteer:
    return Gazetteer.open(WORLD)


def is_country(gold: GoldPlace) -> bool:
    """Tell whether a gold place is a whole country or territory."""
    return ", " not in gold.display_name or gold.display_name in _TERRITORIES


def right_places(places: Sequence[Place], gold: GoldPlace, type_: str) -> list[bool]:
    """Tell which of the places a ranker should put first: the country itself, or those nearest to the gold point.

    Nearest are all within 20 km or half as far again as the very nearest, provided that they lie within 161 km; where
    some of them are of the mention's type, only those: Wellington the city, not the region about it.
    """
    if is_country(gold) and (country := gold_country(gold)):
        return [place.kind is PlaceKind.COUNTRY and place.country == country for place in places]
    distances = [distance(place, gold) for place in places]
    limit = min(FOUND, max(CLOSE, 1.5 * min(distances, default=FOUND)))
    near = [each <= limit for each in distances]
    typed = [each and place.kind in KINDS_OF_TYPE[type_] for place, each in zip(places, near, strict=True)]
    return typed if any(typed) else near


def lies_in(place: Place | Candidate, gold: GoldPlace) -> bool:
    """Tell whether a gold place lies in a country, in the box about a state, or within 161 km of a place's point."""
    if distance(place, gold) <= FOUND:
        return True
    if place.kind == PlaceKind.COUNTRY:
        return place.country == gold_country(gold)
    bounds = place.bounds if isinstance(place, Place) else place.bbox
    return place.kind == PlaceKind.STATE and bounds is not None and in_box((gold.latitude, gold.longitude), bounds)
