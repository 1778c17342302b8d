"""Populated places: GeoNames' table of those with 500 people or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from gazetteer.importance import CAPITAL, importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.world.curated import added_names
from gazetteer.sources.world.naming import TextAndKind, keeps_alternative, named
from gazetteer.sources.world.positions import mean_position, middle_position, rounded
from gazetteer.sources.world.raw import RawFiles, read_json, understanding
from gazetteer.sphere import Position
from gazetteer.text import normalize_name


@dataclass(frozen=True, slots=True)
class City:
    """A row of GeoNames' cities; `admin1` and `admin2` are GeoNames codes, "" where unknown."""

    geonames_id: int
    name: str
    latitude: float
    longitude: float
    country: str
    admin1: str
    admin2: str
    population: int
    alternatives: tuple[str, ...]


def load_cities(raw: RawFiles) -> list[City]:
    """Read the cities with the second-level code of each, which the table of cities itself lacks."""
    second_level = _second_level_codes(raw)
    rows = read_json(raw.cities)
    with understanding(raw.cities):
        return [
            City(
                geonames_id=int(row["geonameid"]),
                name=row["name"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
                country=row["countrycode"],
                admin1=row["admin1code"],
                admin2=second_level.get((row["countrycode"], row["name"], row["latitude"], row["longitude"]), ""),
                population=int(row["population"]),
                alternatives=tuple(row["alternatenames"]),
            )
            for row in rows.values()
        ]


def _second_level_codes(raw: RawFiles) -> dict[tuple[str, str, float, float], str]:
    """Return codes by country, name and coordinates: both tables are cut from one GeoNames dump without its ids."""
    rows = read_json(raw.admin2_cities)
    with understanding(raw.admin2_cities):
        return {
            (row["country"], row["name"], float(row["lat"]), float(row["lng"])): row["admin2"]
            for row in rows
            if row["admin2"]
        }


def city_means(cities: Iterable[City], code: Callable[[City], str]) -> dict[str, Position]:
    """Return the population-weighted mean position of the cities of each division; "" is no division."""
    groups: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for city in cities:
        # An unknown population still says where people are.
        groups[code(city)].append((city.latitude, city.longitude, max(city.population, 1)))
    groups.pop("", None)
    return {division: mean_position(group) for division, group in groups.items()}


def city_middles(cities: Iterable[City], code: Callable[[City], str]) -> dict[str, Position]:
    """Return the middle of the box about the cities of each division."""
    groups: dict[str, list[Position]] = defaultdict(list)
    for city in cities:
        groups[code(city)].append((city.latitude, city.longitude))
    return {division: middle_position(group) for division, group in groups.items()}


def city_populations(cities: Iterable[City], code: Callable[[City], str]) -> dict[str, int]:
    """Return how many people live in the cities of each division."""
    totals: dict[str, int] = defaultdict(int)
    for city in cities:
        totals[code(city)] += city.population
    return dict(totals)


def load_capitals(raw: RawFiles, cities: Iterable[City]) -> set[int]:
    """Return the GeoNames ids of the countries' capitals: of the cities that bear a capital's name the largest."""
    rows = read_json(raw.countries)
    with understanding(raw.countries):
        asked = {(code, normalize_name(row["capital"])) for code, row in rows.items()}
    largest: dict[tuple[str, str], City] = {}
    for city in cities:
        key = city.country, normalize_name(city.name)
        if key in asked and (key not in largest or city.population > largest[key].population):
            largest[key] = city
    return {city.geonames_id for city in largest.values()}


def city_places(cities: Iterable[City], capitals: Collection[int]) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
    """Yield every city of known population with the names worth keeping.

    The raw table has no feature codes, so that all are cities. Those without a population are seats of townships, most
    of them in China and Indonesia; they tell where their divisions lie and are named in no message that was looked at.
    """
    for city in cities:
        if not city.population:
            continue
        latitude, longitude = rounded((city.latitude, city.longitude))
        place = Place(
            id=f"geonames:{city.geonames_id}",
            name=city.name,
            kind=PlaceKind.CITY,
            latitude=latitude,
            longitude=longitude,
            country=city.country,
            admin1=city.admin1,
            population=city.population,
            importance=_importance(city, city.geonames_id in capitals),
        )
        spellings: list[TextAndKind] = [(city.name, NameKind.NAME), *added_names(f"city/{city.geonames_id}")]
        spellings += [
            (text, NameKind.ALTERNATIVE) for text in city.alternatives if keeps_alternative(text, city.population)
        ]
        yield place, named(place.id, spellings)


def _importance(city: City, is_capital: bool) -> float:
    known = importance(PlaceKind.CITY, city.population)
    return min(1.0, round(known + CAPITAL, 4)) if is_capital else known
