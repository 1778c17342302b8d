"""`NamePool`: the names that mentions get instead of their own, and names that nobody bears."""

from __future__ import annotations

import random
import re
import unicodedata
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import accumulate

from gazetteer import Place, PlaceKind, normalize_name

#: A kind with fewer places than this gives no replacements: the tagger would learn them by heart.
_FEWEST = 20
#: Names of a source are not all names: longer ones are descriptions.
_LONGEST_NAME = 30
#: A name of words and what joins them, that begins with a letter: no list, no number, no address.
PLAIN_NAME = re.compile(r"[^\W\d_][\w'’ .-]*")
#: What official registers put before or after the names of units, and no English message does.
_REGISTERS_WORDS = frozenset(
    "administratsiya amphoe aūdany barrio bashkia bezirk circunscrição circunscrìção colonia comuna comună concelho"
    " daerah daïra délégation departamento département distrito ejido fraccionamiento gemeente gorodskoy gorodskoye"
    " grad gun huyện İlçesi járás kabupaten kanton kommun kommune komuna kota kraj liwā’ markaz muang municipality"
    " municipio municipiul nohiyai nomós novads obshtina okres okrug općina opština oraş pagasts partido politischer"
    " powiat provincia quận raion raionul rajons rayon ressort sección shahrestān shahri shi srŏk sum thành thị tumani"
    " vald zizhizhou".casefold().split()
)
#: Kinds whose names come by the ten thousand; those of others were chosen one by one.
_REGISTERED = frozenset({PlaceKind.STATE, PlaceKind.COUNTY, PlaceKind.DISTRICT, PlaceKind.CITY})
#: Below this a registered place whose name is a common English word ("Turbo", "Western") gives no replacement.
_KNOWN_IMPORTANCE = 0.6
#: At least so often among English words (Zipf frequency 4): once in a hundred thousand.
_COMMON_FREQUENCY = 1e-5
_KEPT_ACCENTS = 0.5
#: Of which names are made where the pool knows no cities.
_FALLBACK = ("Alderton", "Bremwick", "Corvalen", "Dunmore", "Escatola", "Farbridge", "Garanda", "Hollisford")
_BEGIN = re.compile(r"(?i)[b-df-hj-np-tv-xz]{0,2}[aeiouy]+[b-df-hj-np-tv-xz]")
_END = re.compile(r"(?i)[aeiouy]+[b-df-hj-np-tv-xz]{1,2}[aeiouy]*[b-df-hj-np-tv-xz]{0,2}$")
_MOST_TRIES = 50


class NamePool:
    """Names of places by kind, drawn half by importance and half evenly; half of those with accents come without.

    Places of the `excluded` countries (ISO 3166-1 alpha-2) are left out, and every namesake of theirs. So are names
    that say something else to most readers: common English words, and countries' names borne by lesser places.
    """

    def __init__(self, places: Iterable[Place], *, excluded: Collection[str] = ()) -> None:
        listed = list(places)
        forbidden = {normalize_name(place.name) for place in listed if place.country in excluded}
        countries = {place.name for place in listed if place.kind in (PlaceKind.COUNTRY, PlaceKind.CONTINENT)}
        by_kind: dict[PlaceKind, dict[str, float]] = defaultdict(dict)
        for place in listed:
            if _is_usable(place, countries) and not (forbidden and normalize_name(place.name) in forbidden):
                names = by_kind[place.kind]
                names[place.name] = max(names.get(place.name, 0.0), place.importance)
        self._names = {kind: tuple(names) for kind, names in by_kind.items() if len(names) >= _FEWEST}
        self._weights = {
            kind: list(accumulate(by_kind[kind][name] ** 2 for name in self._names[kind])) for kind in self._names
        }
        self._borne = frozenset(place.name.casefold() for place in listed)

    def draw(self, kinds: Sequence[PlaceKind], generator: random.Random) -> str | None:
        """Return the name of a place of the first of `kinds` that the pool knows, None where it knows none."""
        for kind in kinds:
            if names := self._names.get(kind):
                weights = self._weights[kind]
                if generator.random() < 0.5 or not weights[-1]:
                    name = generator.choice(names)
                else:
                    name = names[min(bisect(weights, generator.random() * weights[-1]), len(names) - 1)]
                return name if generator.random() < _KEPT_ACCENTS else _without_accents(name)
        return None

    def invent(self, generator: random.Random) -> str:
        """Return a name made of the beginning of one city's name and the end of another's, in plain Latin letters.

        It is none of the pool's, and no common English word, unless fifty tries find no other.
        """
        names = self._names.get(PlaceKind.CITY, _FALLBACK)
        made = ""
        for _ in range(_MOST_TRIES):
            one, other = (_without_accents(generator.choice(names)) for _ in range(2))
            begin, end = _BEGIN.match(one), _END.search(other)
            if begin and end:
                made = (begin.group() + end.group()).capitalize()
                if made.casefold() not in self._borne and made.casefold() not in common_words():
                    return made
        return made or generator.choice(_FALLBACK)


def _is_usable(place: Place, countries: Collection[str]) -> bool:
    name = place.name
    if len(name) > _LONGEST_NAME or not PLAIN_NAME.fullmatch(name):
        return False
    if place.kind not in _REGISTERED:
        return True
    words = re.split(r"[\s-]", name.casefold())
    if words[0] in _REGISTERS_WORDS or words[-1] in _REGISTERS_WORDS or name in countries:
        return False
    return place.importance >= _KNOWN_IMPORTANCE or name.casefold() not in common_words()


def _without_accents(name: str) -> str:
    if name.isascii():
        return name
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))


@cache
def common_words() -> frozenset[str]:
    """Return the most frequent English words, in small letters."""
    from wordfreq import get_frequency_dict

    frequencies = get_frequency_dict("en", wordlist="small")
    return frozenset(word for word, frequency in frequencies.items() if frequency >= _COMMON_FREQUENCY)
