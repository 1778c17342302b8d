"""One module per input; each yields places with their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from gazetteer.places import Place, PlaceName

if TYPE_CHECKING:
    import pyarrow

#: One place with all its names.
Entry: TypeAlias = tuple[Place, tuple[PlaceName, ...]]


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Where places come from: `checksum` is `sha256:…` of the input, `data_date` ISO 8601 or "" where unknown."""

    name: str
    checksum: str
    data_date: str
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some places and all their names; `names["place"]` is the row in `places`.

    `places`: id, name, kind (uint8, index in KINDS), latitude, longitude, country, admin1, population (uint64),
    importance (float32), wikidata, parent (the id of a place, "" where unknown), parent_basis (uint8, 0 none, else
    1 + index in PARENT_BASES) and, from a source that knows outlines, west, south, east, north (float64, null where
    unknown) as in `Place.bounds`. `names`: place (uint32), text, kind (uint8, index in NAME_KINDS), language.
    """

    places: pyarrow.Table
    names: pyarrow.Table


class Source(Protocol):
    """Anything that yields places with their names, lazily and in bounded memory."""

    def describe(self) -> SourceDescription:
        """Return what the manifest of a gazetteer says of this source."""
        ...

    def read(self) -> Iterator[Batch | Entry]:
        """Yield each place once, with all its names. Raise `gazetteer.errors.SourceError` where that is impossible."""
        ...
