"""One module per input; each yields places with their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from gazetteer.places import Place, PlaceName


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """Where places come from: `checksum` is `sha256:…` of the input, `data_date` ISO 8601 or "" where unknown."""

    name: str
    checksum: str
    data_date: str
    licence: str
    attribution: str


class Source(Protocol):
    """Anything that yields places with their names, lazily and in bounded memory."""

    def describe(self) -> SourceDescription:
        """Return what the manifest of a gazetteer says of this source."""
        ...

    def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
        """Yield each place once, with all its names. Raise `gazetteer.errors.SourceError` where that is impossible."""
        ...
