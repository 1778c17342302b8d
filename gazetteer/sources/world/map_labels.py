"""OpenStreetMap's labels of countries and first-level divisions: where they stand on the map, and in which languages.

A country is no point, and mappers put its label where it reads best, which no rule of geometry finds. Whoever compares
points with OpenStreetMap's, as Nominatim's users do, expects these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gazetteer.sources.world.naming import without_title
from gazetteer.sources.world.positions import rounded
from gazetteer.sources.world.raw import RawFiles, read_json, understanding
from gazetteer.sphere import Position
from gazetteer.text import normalize_name

#: The tags under which a country's node may hold its ISO 3166-1 alpha-2 code, the best kept first.
_CODE_TAGS = ("ISO3166-1:alpha2", "ISO3166-1", "country_code_iso3166_1_alpha_2")
#: Languages in the Latin script in which many messages are written. Those of few words look like English ("End" is
#: India in Haitian Creole).
_LANGUAGES = ("de", "es", "fr", "id", "it", "nl", "pt", "tl", "tr")
#: How far from whole or half degrees a label may lie that stands on them, in degrees: a hundred metres.
_EXACT = 0.001
#: Territories that OpenStreetMap has no country's node of, as parts of another country.
_PARTS = {"AS": "US", "GU": "US", "HK": "CN", "MO": "CN", "MP": "US", "PR": "US", "VI": "US"}


@dataclass(frozen=True, slots=True)
class CountryLabel:
    """Where the label of a country stands, and what languages other than English call the country."""

    position: Position
    names: tuple[str, ...] = ()

    @property
    def is_coarse(self) -> bool:
        """Whether the label lies on whole or half degrees: a first guess, which mappers may have moved since.

        Mexico's was moved by 240 km after the package was made.
        """
        return all(abs(2 * degrees - round(2 * degrees)) <= 2 * _EXACT for degrees in self.position)


@dataclass(frozen=True, slots=True)
class MapLabels:
    """The labels of countries by ISO 3166-1 alpha-2, and where those of first-level divisions stand.

    A division is found under its country and its normalised name, and under that without what the division is called:
    "Kerala", "Tete Province" and "Tete". A name that two divisions of a country share is left out.
    """

    countries: Mapping[str, CountryLabel]
    states: Mapping[tuple[str, str], Position]


def map_labels(raw: RawFiles) -> MapLabels:
    """Read the labels."""
    nodes, divisions = read_json(raw.country_labels), read_json(raw.state_labels)
    with understanding(raw.country_labels):
        countries = {
            code: CountryLabel(rounded((float(node["lat"]), float(node["lon"]))), _names(node["tags"]))
            for node in nodes["elements"]
            if node["type"] == "node" and len(code := _code(node["tags"])) == 2
        }
    with understanding(raw.state_labels):
        parts = {
            code: CountryLabel(_position(divisions[whole][f"{whole}-{code}"]))
            for code, whole in _PARTS.items()
            if f"{whole}-{code}" in divisions.get(whole, {})
        }
        return MapLabels({**parts, **countries}, _states(divisions))


def _code(tags: Mapping[str, str]) -> str:
    return next((tags[tag] for tag in _CODE_TAGS if tag in tags), "")


def _names(tags: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(tags[tag] for language in _LANGUAGES if (tag := f"name:{language}") in tags)


def _states(divisions: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Position]:
    found: dict[tuple[str, str], set[Position]] = {}
    for country, rows in divisions.items():
        for row in rows.values():
            for name in {row["name"], *without_title(row["name"])}:
                found.setdefault((country, normalize_name(name)), set()).add(_position(row))
    return {key: positions.pop() for key, positions in found.items() if len(positions) == 1}


def _position(row: Mapping[str, Any]) -> Position:
    latitude, longitude = row["latLng"]
    return rounded((float(latitude), float(longitude)))
