"""Several gazetteers as one: names of any of them, and places that two of them hold counted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import repeat
from math import inf
from typing import Protocol, TypeVar

import numpy
from numpy.typing import NDArray

from gazetteer.batches import BatchMatcher
from gazetteer.compiled import CompiledGazetteer
from gazetteer.places import KINDS, NAME_KINDS, NameFacts, Place, PlaceKind
from gazetteer.sphere import distances_km, unit_vectors
from gazetteer.text import normalize_name

#: How far apart, in kilometres, two gazetteers may put one place. They put it at its capital, its town hall, its label
#: or the middle of its outline, so the limit grows with what a place of that kind measures: about half the width of a
#: large one, but less than the usual distance to a namesake of the same kind. No two countries or continents share a
#: name. Two states do: the Punjabs of India and Pakistan lie 400 km apart, and count once where one gazetteer holds
#: only the one and the other only the other; a lower limit would count Western Australia and Nunavut twice.
SAME_PLACE_KILOMETRES: dict[PlaceKind, float] = {
    PlaceKind.CONTINENT: inf,
    PlaceKind.COUNTRY: inf,
    PlaceKind.STATE: 500.0,
    PlaceKind.COUNTY: 150.0,
    PlaceKind.DISTRICT: 50.0,
    PlaceKind.CITY: 25.0,
    PlaceKind.NEIGHBOURHOOD: 5.0,
    PlaceKind.ISLAND: 50.0,
    PlaceKind.ROAD: 3.0,
    PlaceKind.HUMAN_POI: 1.0,
    PlaceKind.NATURAL_POI: 10.0,
    PlaceKind.OTHER: 1.0,
}
_LIMITS = tuple(SAME_PLACE_KILOMETRES[kind] for kind in KINDS)
#: How many names are remembered of those that several gazetteers hold.
_MOST_NAMES = 32_768

Key = TypeVar("Key")
#: The number of one name in each gazetteer, -1 where that one does not hold it.
Numbers = tuple[int, ...]
#: A place by the index of its gazetteer and its row there.
_Row = tuple[int, int]


class Layer(Protocol[Key]):
    """What `Gazetteer` asks of one gazetteer or of several; `Key` stands for a name."""

    @property
    def search(self) -> Callable[[Sequence[str]], list[tuple[int, int, Key]]]:
        """Find the names that lie in a sequence of words; as `gazetteer.matching.Matcher`."""
        ...

    @property
    def entry(self) -> Callable[[Key], tuple[str, NameFacts]]:
        """Return a name and what is known of it."""
        ...

    @property
    def batches(self) -> BatchMatcher | None:
        """What finds names in many texts at once, where there is such."""
        ...

    def key(self, name: str) -> Key | None:
        """Return what stands for a normalised name, None where nobody bears it."""
        ...

    def places(self, key: Key, *, limit: int) -> list[Place]:
        """Return the places that bear a name."""
        ...

    def lineage(self, identifier: str) -> tuple[Place, ...] | None:
        """Return the place with this id and those that it belongs to, smallest first; None where no place has it."""
        ...

    def coordinates(self, *, limit: int) -> list[tuple[float, float]]:
        """Return longitude and latitude of the best places."""
        ...


class Layers:
    """Several gazetteers with the face of one, the first preferred."""

    def __init__(self, layers: Sequence[CompiledGazetteer]) -> None:
        self._layers = tuple(layers)
        self.batches: BatchMatcher | None = None
        self.search = self._search
        self.entry = lru_cache(_MOST_NAMES)(self._entry)
        self._united = lru_cache(_MOST_NAMES)(self._unite)

    def _search(self, words: Sequence[str]) -> list[tuple[int, int, Numbers]]:
        found: dict[tuple[int, int], list[int]] = {}
        for index, layer in enumerate(self._layers):
            for first, last, number in layer.search(words):
                found.setdefault((first, last), [-1] * len(self._layers))[index] = number
        return [(first, last, tuple(numbers)) for (first, last), numbers in sorted(found.items())]

    def key(self, name: str) -> Numbers | None:
        """Return the numbers of a normalised name, None where nobody bears it."""
        keys = [layer.key(name) for layer in self._layers]
        return tuple(-1 if key is None else key for key in keys) if any(key is not None for key in keys) else None

    def _entry(self, numbers: Numbers) -> tuple[str, NameFacts]:
        """Return a name and what all gazetteers together know of it."""
        entries = [layer.entry(number) for layer, number in zip(self._layers, numbers, strict=True) if number >= 0]
        name, facts = entries[0]
        if len(entries) == 1:
            return name, facts
        every = [each for _, each in entries]
        origins = [each.derived_from for each in every]
        return name, NameFacts(
            kinds=tuple(sorted({kind for each in every for kind in each.kinds}, key=KINDS.index)),
            name_kinds=tuple(sorted({kind for each in every for kind in each.name_kinds}, key=NAME_KINDS.index)),
            place_count=len(self._united(numbers)),
            importance=max(each.importance for each in every),
            english_frequency=facts.english_frequency,
            derived_from=origins[0] if all(origins) else "",
        )

    def places(self, numbers: Numbers, *, limit: int) -> list[Place]:
        """Return the places that bear a name, those of the first gazetteer first, and within each the best first.

        There are at most `limit` from each gazetteer, so that none crowds out the others.
        """
        taken = [0] * len(self._layers)
        places = []
        for rows in self._united(numbers):
            layer, _ = rows[0]
            if taken[layer] < limit:
                taken[layer] += 1
                places.append(_filled([self._layers[index].place(row) for index, row in rows]))
        return places

    def lineage(self, identifier: str) -> tuple[Place, ...] | None:
        """Return the place with this id and those that it belongs to, as the first gazetteer that holds it says."""
        lineages = (layer.lineage(identifier) for layer in self._layers)
        return next((lineage for lineage in lineages if lineage is not None), None)

    def coordinates(self, *, limit: int) -> list[tuple[float, float]]:
        """Return longitude and latitude of the best places, an even share from each gazetteer, at most `limit`."""
        share = limit // max(1, len(self._layers))
        points = []
        for index, layer in enumerate(self._layers):
            own: list[tuple[float, float]] = []
            rows = layer.best_rows()
            while len(own) < share and (row := next(rows, None)) is not None:
                place = layer.place(row)
                if not (index and self._is_twin((index, row), place)):
                    own.append((place.longitude, place.latitude))
            points += own
        return points

    def _is_twin(self, row: _Row, place: Place) -> bool:
        """Tell whether an earlier gazetteer holds this place, too."""
        numbers = self.key(normalize_name(place.name))
        return numbers is not None and any(row in rows[1:] for rows in self._united(numbers))

    def _unite(self, numbers: Numbers) -> list[list[_Row]]:
        """Return the places that bear a name, each with those of later gazetteers that are the same place.

        Two places of two gazetteers are one where they bear the same normalised name, are of one kind and lie within
        `SAME_PLACE_KILOMETRES`, the nearest first. Places of one gazetteer are never joined: it knew them apart.
        """
        united: list[list[_Row]] = []
        earlier = numpy.empty((3, 0))
        for index, (layer, number) in enumerate(zip(self._layers, numbers, strict=True)):
            if number < 0:
                continue
            rows = layer.rows(number)
            own = numpy.array(layer.located(rows), numpy.float64)
            twins = _twins(own, earlier)
            for position, row in enumerate(rows.tolist()):
                if position in twins:
                    united[twins[position]].append((index, row))
                else:
                    united.append([(index, row)])
            alone = [position not in twins for position in range(len(rows))]
            earlier = numpy.concatenate([earlier, own[:, alone]], axis=1)
        return united


def _twins(own: NDArray[numpy.float64], others: NDArray[numpy.float64]) -> dict[int, int]:
    """Return which of `own` are the same place as which of `others`, each with one at most, the nearest first.

    Both hold kinds, latitudes and longitudes, one column a place.
    """
    pairs: list[tuple[float, int, int]] = []
    points, other_points = (unit_vectors(numpy.radians(each[1:].T)) for each in (own, others))
    for position, located in enumerate(own.T if others.size else ()):
        [same_kind] = numpy.nonzero(others[0] == located[0])
        [distances] = distances_km(points[position : position + 1], other_points[same_kind])
        near = distances <= _LIMITS[int(located[0])]
        pairs += zip(distances[near].tolist(), repeat(position), same_kind[near].tolist(), strict=False)
    twins: dict[int, int] = {}
    taken = set()
    for _, position, other in sorted(pairs):
        if position not in twins and other not in taken:
            twins[position] = other
            taken.add(other)
    return twins


def _filled(places: Sequence[Place]) -> Place:
    """Return the first place, with what it leaves blank filled from the others; they are the same place."""
    place = places[0]
    for other in places[1:]:
        place = replace(
            place,
            country=place.country or other.country,
            admin1=place.admin1 or (other.admin1 if other.country == (place.country or other.country) else ""),
            population=place.population or other.population,
            importance=max(place.importance, other.importance),
            wikidata=place.wikidata or other.wikidata,
            bounds=place.bounds or other.bounds,
        )
    return place
