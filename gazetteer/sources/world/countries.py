"""Continents and countries: GeoNames' tables, with the spellings and demonyms of countryinfo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from gazetteer.importance import importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.world.curated import added_names
from gazetteer.sources.world.map_labels import CountryLabel
from gazetteer.sources.world.naming import TextAndKind, keeps_alternative, named
from gazetteer.sources.world.positions import (
    Polygon,
    land_box,
    land_centre,
    land_middle,
    mean_position,
    rounded,
)
from gazetteer.sources.world.raw import RawFiles, read_json, understanding
from gazetteer.sphere import Position, widened

#: Territories to which countryinfo gives the demonym of another country.
_BORROWED_DEMONYMS = frozenset({"IO", "SJ", "TF", "HM", "GS", "UM"})
#: Endings after which English has no plural in "s" for people.
_NO_PLURAL = ("ese", "sh", "ch", "ss", "s", "x", "Vanuatu")
_ARTICLE = regex.compile(r"^[Tt]he ")
#: Letters of the International Phonetic Alphabet: a pronunciation, not a spelling.
_PHONETIC = regex.compile(r"[ɔɛʁɑɒʃʒŋɡʊɪ]")
#: Names of countries and continents are worth keeping whoever lives there.
_ANY_POPULATION = 10**9
_NATIVE_SEPARATOR = regex.compile(r"\s*/\s*|\s+-\s+")


@dataclass(frozen=True, slots=True)
class CountryFacts:
    """What countryinfo tells of a country."""

    spellings: tuple[str, ...]
    demonyms: tuple[str, ...]
    position: Position | None = None


def continent_places(raw: RawFiles) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield the seven continents with their names in the languages of the world."""
    table = read_json(raw.continents)
    with understanding(raw.continents):
        rows = list(table.items())
    for code, row in rows:
        with understanding(raw.continents):
            latitude, longitude = rounded((float(row["lat"]), float(row["lng"])))
            place = Place(
                id=f"geonames:{row['geonameId']}",
                name=row["name"],
                kind=PlaceKind.CONTINENT,
                latitude=latitude,
                longitude=longitude,
                population=int(row["population"]),
                importance=importance(PlaceKind.CONTINENT),
            )
            alternatives = [name["name"] for name in row["alternateNames"] if name.get("lang") != "link"]
        spellings: list[TextAndKind] = [(place.name, NameKind.NAME), *added_names(f"continent/{code}")]
        spellings += [(text, NameKind.ALTERNATIVE) for text in alternatives if keeps_alternative(text, _ANY_POPULATION)]
        yield place, named(place.id, spellings)


def country_centres(
    facts: Mapping[str, CountryFacts],
    labels: Mapping[str, CountryLabel],
    city_centres: Mapping[str, Position],
    polygons: Mapping[str, Sequence[Polygon]],
) -> dict[str, Position]:
    """Return where each country lies, by ISO 3166-1 alpha-2: where a map writes its name.

    That is where OpenStreetMap has its label, unless that is coarse. Of a country without one it is the mean of three:
    the centroid of the land, the middle of the box about it, and the point that the CIA's World Factbook gives, by way
    of countryinfo; without an outline, the mean of its cities.
    """
    given = {code: known.position for code, known in facts.items()}
    outlined = {
        code: _middle_of(land_centre(parts), land_middle(parts), given.get(code)) for code, parts in polygons.items()
    }
    labelled = {code: label.position for code, label in labels.items() if code not in outlined or not label.is_coarse}
    return {**city_centres, **outlined, **labelled}


def _middle_of(*positions: Position | None) -> Position:
    return mean_position((*position, 1.0) for position in positions if position is not None)


def country_places(
    raw: RawFiles,
    facts: Mapping[str, CountryFacts],
    labels: Mapping[str, CountryLabel],
    centres: Mapping[str, Position],
    polygons: Mapping[str, Sequence[Polygon]],
) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield every country and dependent territory of GeoNames that still lies anywhere.

    GeoNames keeps the codes of dissolved countries (AN, CS); having neither outline nor city, they are left out.
    """
    rows = read_json(raw.countries)
    for code, row in rows.items():
        if code not in centres:
            continue
        latitude, longitude = centres[code]
        with understanding(raw.countries):
            name = _ARTICLE.sub("", row["name"].strip())
            place = Place(
                id=f"geonames:{row['geonameid']}",
                name=name,
                kind=PlaceKind.COUNTRY,
                latitude=latitude,
                longitude=longitude,
                country=code,
                population=int(row["population"]),
                importance=importance(PlaceKind.COUNTRY, int(row["population"])),
                # The labels of archipelagos stand in the sea between islands of which the outlines are but the largest.
                bounds=widened(land_box(polygons[code]), centres[code]) if code in polygons else None,
            )
        found = facts.get(code, CountryFacts((), ()))
        spellings: list[TextAndKind] = [(name, NameKind.NAME), *added_names(f"country/{code}")]
        foreign = labels[code].names if code in labels else ()
        spellings += [(text, NameKind.ALTERNATIVE) for text in (*found.spellings, *filter(_is_spelling, foreign))]
        spellings += [(text, NameKind.DEMONYM) for demonym in found.demonyms for text in _demonym_forms(demonym)]
        yield place, named(place.id, spellings)


def country_facts(raw: RawFiles) -> dict[str, CountryFacts]:
    """Read countryinfo, by ISO 3166-1 alpha-2.

    ISO codes among its spellings are dropped, being English words too often ("IT", "NO").
    """
    facts: dict[str, CountryFacts] = {}
    for path in raw.country_facts():
        row = read_json(path)
        with understanding(path):
            code = row.get("ISO", {}).get("alpha2", "")
            native = _NATIVE_SEPARATOR.split(row.get("nativeName") or "")
            spellings = [row.get("name") or "", *(row.get("altSpellings") or ()), *native]
            demonyms = [] if code in _BORROWED_DEMONYMS else (row.get("demonym") or "").split(",")
            point = [float(degrees) for degrees in row.get("latlng") or ()]
        earlier = facts.get(code, CountryFacts((), ()))
        facts[code] = CountryFacts(
            (*earlier.spellings, *(_ARTICLE.sub("", text.strip()) for text in spellings if _is_spelling(text.strip()))),
            (*earlier.demonyms, *(text.strip() for text in demonyms if text.strip())),
            (point[0], point[1]) if len(point) == 2 else earlier.position,
        )
    return facts


def _is_spelling(text: str) -> bool:
    return "," not in text and not _PHONETIC.search(text) and keeps_alternative(text, _ANY_POPULATION)


def _demonym_forms(demonym: str) -> tuple[str, ...]:
    """Return a demonym and its plural: "Italian", "Italians"; "Swiss"; "Chinese"."""
    return (demonym,) if demonym.endswith(_NO_PLURAL) else (demonym, f"{demonym}s")
