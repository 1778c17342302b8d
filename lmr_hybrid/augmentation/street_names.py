"""Names for the slots of messages: streets, highways, addresses, buildings, waters, persons, hours, hashtags."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from unicodedata import combining, normalize

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.augmentation.settings import Setting, Settings
from lmr_hybrid.errors import TrainingError

#: The rules by which names are made up.
WORDS = Path(__file__).parent / "street_words.toml"

_ROAD, _HUMAN, _NATURAL = "Road/street", "Human-made Point-of-Interest", "Natural Point-of-Interest"
#: The type of the mention that fills a slot. Slots that are not here name no place.
TYPE_OF_SLOT: dict[str, str] = {
    **dict.fromkeys(("street", "street_bare", "highway", "address"), _ROAD),
    **dict.fromkeys(
        ("school", "church", "hospital", "stadium", "park", "shop", "mall", "apartments", "station"), _HUMAN
    ),
    **dict.fromkeys(("fire_station", "bridge", "library", "convention_center", "airport", "hotel", "plant"), _HUMAN),
    **dict.fromkeys(("dam", "building", "shelter_building"), _HUMAN),
    **dict.fromkeys(("river", "creek", "bayou", "lake", "beach", "mountain", "water", "natural"), _NATURAL),
    "neighborhood": "Neighborhood",
    "district": "District",
    "city": "City/town",
    **dict.fromkeys(("county", "county_co"), "County"),
    **dict.fromkeys(("state", "state_code"), "State"),
    "country": "Country",
    "island": "Island",
    "region": "Other locations",
}
#: The kind of place, and the words in its name, that a real place must have to fill a slot.
_REAL: dict[str, tuple[PlaceKind, str]] = {
    "street": (PlaceKind.ROAD, ""),
    "school": (PlaceKind.HUMAN_POI, r"school|academy|college|escola|collège|lycée|schule"),
    "church": (PlaceKind.HUMAN_POI, r"church|chapel|cathedral|igreja|capela|église|kirche|iglesia|temple|mosque"),
    "hospital": (PlaceKind.HUMAN_POI, r"hospital|clinic|hôpital|medical|centro de saúde"),
    "stadium": (PlaceKind.HUMAN_POI, r"stadium|estádio|stade|arena|pavilhão"),
    "park": (PlaceKind.HUMAN_POI, r"\bpark\b|parque|jardim|jardin|plaza"),
    "hotel": (PlaceKind.HUMAN_POI, r"hotel|hostel|\binn\b|resort"),
    "station": (PlaceKind.HUMAN_POI, r"station\b|estação|bahnhof|gare\b"),
    "bridge": (PlaceKind.HUMAN_POI, r"bridge|ponte|\bpont\b|brücke|puente"),
    "building": (PlaceKind.HUMAN_POI, ""),
    "river": (PlaceKind.NATURAL_POI, r"river|\brio\b|ribera|\briu\b|rhein"),
    "creek": (PlaceKind.NATURAL_POI, r"creek|ribeira|\bbach\b|branch|torrent"),
    "lake": (PlaceKind.NATURAL_POI, r"lake|lagoon|lago|estany|\bsee\b"),
    "beach": (PlaceKind.NATURAL_POI, r"beach|praia|plage|point\b|caye?\b|\bbay\b"),
    "mountain": (PlaceKind.NATURAL_POI, r"mount|\bpic\b|\bmont\b|\bpuig\b|spitz|\bcol\b|\bserra\b"),
    "natural": (PlaceKind.NATURAL_POI, ""),
    "neighborhood": (PlaceKind.NEIGHBOURHOOD, ""),
}
#: Fewer names than this would come up again and again.
_LEAST_REAL_NAMES = 8
#: How often a name is drawn anew because it is withheld.
_MOST_TRIES = 500
_COUNTRY_SPELLINGS = {
    "United States": ("USA", "US", "U.S.", "United States", "America"),
    "United Kingdom": ("UK", "U.K.", "Britain", "United Kingdom"),
}
_TRAP_ENDINGS = (
    "Floods",
    "Flood",
    "Strong",
    "Traffic",
    "Weather",
    "Fire",
    "Relief",
    "PD",
    "News",
    "Storm",
    "Rescue",
    "WX",
)
_HASHTAG_ENDING = "_hashtag"
_PART = re.compile(r"\{(\w+)\}|<(\d+)-(\d+)>")


class StreetNames:
    """Fills slots, half of them with real names where a regional gazetteer has enough of the kind.

    `world` gives cities, counties, states and countries, `regional` streets, buildings, waters and neighbourhoods.
    Everything else is made up by the rules of `WORDS`. No street, building, water or neighbourhood whose name
    `withheld` knows is used, so that recognition can be measured there; the numbers of highways are. Nor are cities,
    districts and islands of the `excluded` countries (ISO 3166-1 alpha-2). Raises
    `TrainingError` where `world` knows no usable city.
    """

    def __init__(
        self,
        world: Gazetteer,
        regional: Gazetteer | None = None,
        *,
        real_share: float = 0.5,
        withheld: Gazetteer | None = None,
        excluded: Collection[str] = (),
    ) -> None:
        rules = tomllib.loads(WORDS.read_text(encoding="utf-8"))
        self._abbreviations: Mapping[str, Sequence[str]] = rules.pop("abbreviations")
        self._rules: Mapping[str, Mapping[str, Sequence[str]]] = rules
        self._settings = Settings(world, excluded=excluded)
        self._real = {} if regional is None else _real_names(regional)
        self._real_share = real_share
        self._withheld = withheld

    def knows(self, slot: str) -> bool:
        """Tell whether a slot, written in small letters, can be filled."""
        name = slot.removesuffix(_HASHTAG_ENDING)
        return slot == "trap_hashtag" or name in TYPE_OF_SLOT or name in self._rules["common"]

    def start(self, generator: random.Random, locale: str = "any") -> Filling:
        """Begin a message, set in a city of the locale."""
        return Filling(self, generator, self._settings.draw(generator, locale))

    def make_up(self, rule: str, filling: Filling) -> str:
        """Return one wording of a rule with everything in it filled."""
        locale = self._rules[filling.setting.locale]
        wordings = locale.get(rule) or self._rules["common"][rule]
        return self._complete(filling.generator.choice(wordings), filling)

    def _complete(self, wording: str, filling: Filling) -> str:
        def replace(part: re.Match[str]) -> str:
            if part[1]:
                return filling.draw(part[1])
            return str(filling.generator.randint(int(part[2]), int(part[3])))

        return _PART.sub(replace, wording)

    def real(self, slot: str, generator: random.Random) -> str:
        """Return a real name for a slot, its words shortened now and then; "" where there is none or none is wanted."""
        names = self._real.get(slot, ())
        if len(names) < _LEAST_REAL_NAMES or generator.random() >= self._real_share:
            return ""
        name = generator.choice(names)
        if slot != "street" or generator.random() < 0.5:
            return name
        words = (generator.choice(self._abbreviations.get(word, (word,))) for word in name.split(" "))
        return " ".join(words)

    def may_use(self, slot: str, name: str) -> bool:
        """Tell whether a name is not among those withheld; what names no place is never withheld."""
        if self._withheld is None or slot == "highway" or slot not in TYPE_OF_SLOT:
            return True
        return self._withheld.facts(name) is None

    @property
    def settings(self) -> Settings:
        """Where messages are set."""
        return self._settings


class Filling:
    """The names of one message: one city and what it lies in come first, and no name comes twice."""

    def __init__(self, names: StreetNames, generator: random.Random, setting: Setting) -> None:
        self.generator = generator
        self.setting = setting
        self._names = names
        self._taken: set[str] = set()
        #: By the names of the gazetteer: "US" and "America" are one.
        self._countries: set[str] = set()

    def fill(self, slot: str) -> str:
        """Return what fills a slot, which is written in small letters. Raises `TrainingError` for an unknown slot."""
        if not self._names.knows(slot):
            raise TrainingError(
                slot, "is no slot that a message can have", "Use those of TYPE_OF_SLOT and street_words.toml"
            )
        for _ in range(8):
            name = self._fill(slot)
            if name not in self._taken:
                break
        self._taken.add(name)
        return name

    def _fill(self, slot: str) -> str:
        if slot == "trap_hashtag":
            return _joined(self.draw("city")) + self.generator.choice(_TRAP_ENDINGS)
        if slot.endswith(_HASHTAG_ENDING):
            name = _joined(self.draw(slot.removesuffix(_HASHTAG_ENDING)).removeprefix("the "))
            return name.lower() if self.generator.random() < 0.2 else name
        return self.draw(slot)

    def draw(self, slot: str) -> str:
        """Return a name for a slot or a rule, whether or not it was used before."""
        administrative = {
            "city": self._city,
            "county": self._county,
            "county_co": self._county_co,
            "state": self._state,
            "state_code": lambda: self.setting.state_code or self._state(),
            "country": self._country,
            "island": self._island,
            "district": self._district,
        }
        if slot in administrative:
            return self._typed(administrative[slot]())
        for _ in range(_MOST_TRIES):
            name = self._names.real(slot, self.generator) or self._names.make_up(slot, self)
            if self._names.may_use(slot, name):
                return name
        raise TrainingError(slot, "is filled by nothing that is not withheld", "Withhold less, or add wordings of it")

    def _typed(self, name: str) -> str:
        """Leave the accents out as most people do; nobody writes those with which names of India are transcribed."""
        if name.isascii() or (self.setting.locale != "indian" and self.generator.random() < 0.5):
            return name
        return "".join(each for each in normalize("NFKD", name) if not combining(each))

    def _city(self) -> str:
        if self.setting.city not in self._taken:
            return self.setting.city
        return self._names.settings.another_city(self.generator, self.setting)

    def _state(self) -> str:
        if self.setting.state and self.setting.state not in self._taken:
            return self.setting.state
        return self._names.settings.another(self.generator, PlaceKind.STATE, self.setting) or self._country()

    def _county(self) -> str:
        county = self.setting.county
        if not county or county in self._taken:
            county = self._names.settings.another(self.generator, PlaceKind.COUNTY, self.setting)
        return county or self._names.make_up("surname", self) + " County"

    def _county_co(self) -> str:
        return self._county().removesuffix(" County").removesuffix(" Parish") + " Co"

    def _country(self) -> str:
        country = self.setting.country
        countries = self._names.settings.countries
        if countries and (country in self._countries or self.generator.random() < 0.2):
            country = countries[int(len(countries) * self.generator.random() ** 2)]
        self._countries.add(country)
        return self.generator.choice(_COUNTRY_SPELLINGS.get(country, (country,)))

    def _island(self) -> str:
        islands = self._names.settings.islands
        return self.generator.choice(islands) if islands and self.generator.random() < 0.5 else self._made_up("island")

    def _district(self) -> str:
        districts = self._names.settings.districts
        return (
            self.generator.choice(districts)
            if districts and self.setting.locale == "indian"
            else self._made_up("district")
        )

    def _made_up(self, rule: str) -> str:
        return self._names.make_up(rule, self)


def _joined(name: str) -> str:
    """Write a name as a hashtag."""
    return "".join(
        character for word in name.split() for character in word[0].upper() + word[1:] if character.isalnum()
    )


def _real_names(regional: Gazetteer) -> dict[str, tuple[str, ...]]:
    """Return the names of a region for each slot that real places may fill."""
    found: dict[str, dict[str, None]] = {slot: {} for slot in _REAL}
    patterns = {slot: (kind, re.compile(words, re.IGNORECASE)) for slot, (kind, words) in _REAL.items()}
    for place in regional.all_places():
        name = place.name
        if not 3 < len(name) <= 40 or not name[0].isalnum() or name.isdigit() or any(sign in name for sign in ";()/,:"):
            continue
        for slot, (kind, pattern) in patterns.items():
            if place.kind is kind and pattern.search(name):
                found[slot][name] = None
    return {slot: tuple(names) for slot, names in found.items()}
