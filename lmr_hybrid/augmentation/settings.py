"""Where a made-up message is set: a city of the world gazetteer, and the county, state and country it lies in."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gazetteer import Gazetteer, Place, PlaceKind
from lmr_hybrid.errors import TrainingError

#: The ways of naming streets and of writing about them, and the countries that share each.
COUNTRIES_OF_LOCALE: dict[str, tuple[str, ...]] = {
    "american": ("US",),
    "british": ("GB", "IE"),
    "indian": ("IN", "PK", "LK", "BD", "NP"),
    "oceanian": ("NZ", "AU"),
    "philippine": ("PH",),
    "caribbean": ("JM", "TT", "BB", "BZ", "GD", "LC", "VC", "AG", "DM", "KN", "GY"),
    "african": ("ZW", "KE", "NG", "ZA", "MW", "GH", "UG", "MZ", "ZM"),
    "latin": ("MX", "EC", "CO", "PE", "CL", "PR", "ES", "GT"),
    "european": ("IT", "GR", "FR", "PT", "DE"),
}
LOCALES = tuple(COUNTRIES_OF_LOCALE)
#: Of ten messages that may be set anywhere, about four are set in the United States, as in the corpora of the field.
_AMERICAN_SHARE = 0.4
#: Regions whose names stay out, since recognition is measured on their streets: a country, and counties by their id.
_KEPT_OUT_COUNTRIES = frozenset({"BS"})
_KEPT_OUT_PARENTS = frozenset({"admin2:US.OH.049", "admin2:US.MD.510", "admin2:US.MD.005"})
_KEPT_OUT_NAMES = frozenset(
    {"Columbus", "Baltimore", "Franklin County", "Baltimore County", "City of Baltimore", "Nassau", "Freeport"}
)
#: What the world gazetteer holds as a city and people write for the middle of any.
_NO_NAMES = frozenset({"Downtown"})
_DISTRICT_KINDS = (PlaceKind.COUNTY, PlaceKind.DISTRICT)
_LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Setting:
    """A city, and the names of what it lies in; "" where unknown. `locale` is one of `LOCALES`."""

    locale: str
    city: str
    county: str
    state: str
    state_code: str
    country: str
    admin1: str


class Settings:
    """Draws settings, and further cities, countries, districts and islands, from a gazetteer of the world.

    Places of the `excluded` countries (ISO 3166-1 alpha-2) are left out.
    """

    def __init__(self, world: Gazetteer, *, excluded: Collection[str] = ()) -> None:
        self._world = world
        locale_of = {country: locale for locale, countries in COUNTRIES_OF_LOCALE.items() for country in countries}
        self._cities: dict[str, list[Place]] = {locale: [] for locale in LOCALES}
        self._neighbours: dict[tuple[str, str], list[Place]] = {}
        self.countries: list[str] = []
        self.islands: list[str] = []
        self.districts: list[str] = []
        for place in world.all_places():
            if place.country in excluded or not _usable(place):
                continue
            locale = locale_of.get(place.country, "")
            if place.kind is PlaceKind.CITY and locale:
                self._cities[locale].append(place)
                self._neighbours.setdefault((place.country, place.admin1), []).append(place)
            elif place.kind is PlaceKind.COUNTRY:
                self.countries.append(place.name)
            elif place.kind is PlaceKind.ISLAND:
                self.islands.append(place.name)
            elif place.kind in _DISTRICT_KINDS and locale == "indian":
                self.districts.append(place.name.removesuffix(" District"))
        self._locales = [locale for locale in LOCALES if self._cities[locale]]
        if not self._locales:
            raise TrainingError(
                "gazetteer", "holds no city of a country that messages are set in", "Give the world gazetteer"
            )

    def draw(self, generator: random.Random, locale: str = "any") -> Setting:
        """Draw a city of the locale, a large one rather than a small; of any, where the gazetteer has none of it."""
        if locale not in self._locales:
            american = "american" in self._locales and generator.random() < _AMERICAN_SHARE
            locale = "american" if american else generator.choice(self._locales)
        city = prefer_first(generator, self._cities[locale])
        above = {place.kind: place for place in self._world.parents(city)}
        county, state, country = (
            above[kind].name if kind in above else "" for kind in (PlaceKind.COUNTY, PlaceKind.STATE, PlaceKind.COUNTRY)
        )
        code = city.admin1 if city.country == "US" and city.admin1.isalpha() else ""
        return Setting(locale, city.name, county, state, code, country, f"{city.country}.{city.admin1}")

    def another_city(self, generator: random.Random, setting: Setting) -> str:
        """Draw a city near the setting's more often than one far off."""
        country, _, admin1 = setting.admin1.partition(".")
        near = self._neighbours[country, admin1]
        return prefer_first(generator, near if generator.random() < 0.7 else self._cities[setting.locale]).name

    def another(self, generator: random.Random, kind: PlaceKind, setting: Setting) -> str:
        """Draw the county or the state of another city of the same locale; "" where it has none."""
        city = prefer_first(generator, self._cities[setting.locale])
        return next((place.name for place in self._world.parents(city) if place.kind is kind), "")


def prefer_first(generator: random.Random, places: Sequence[Place]) -> Place:
    """Draw from places in order of importance: half of the draws come from the first quarter."""
    return places[int(len(places) * generator.random() ** 2)]


def _usable(place: Place) -> bool:
    """Tell whether a place may be named in training and its name looks like what people write."""
    if place.country in _KEPT_OUT_COUNTRIES or place.parent in _KEPT_OUT_PARENTS or place.name in _KEPT_OUT_NAMES:
        return False
    name = place.name
    return (
        name not in _NO_NAMES
        and 2 < len(name) <= _LONGEST_NAME
        and name[0].isalpha()
        and not any(sign in name for sign in "()/,;0123456789")
    )
