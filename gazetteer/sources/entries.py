"""Places one by one, as small sources yield them, gathered into the Arrow batches that everything downstream takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from gazetteer.places import KINDS, NAME_KINDS, PARENT_BASES
from gazetteer.sources import Batch, Entry

if TYPE_CHECKING:
    import pyarrow

_BATCH = 20_000
#: The columns that a batch may have beyond `place_schema`: the box about a place.
EDGES = ("west", "south", "east", "north")


def gathered(items: Iterable[Batch | Entry], *, size: int = _BATCH) -> Iterator[Batch]:
    """Yield the batches among `items` as they are and the single entries `size` at a time, all in their order."""
    waiting: list[Entry] = []
    for item in items:
        if isinstance(item, Batch):
            if waiting:
                yield batch_of(waiting)
                waiting = []
            yield item
            continue
        waiting.append(item)
        if len(waiting) == size:
            yield batch_of(waiting)
            waiting = []
    if waiting:
        yield batch_of(waiting)


def batch_of(entries: Sequence[Entry]) -> Batch:
    """Return entries as one batch, in their order."""
    import pyarrow

    places = [place for place, _ in entries]
    names = [(row, name) for row, (_, names) in enumerate(entries) for name in names]
    place_columns = {
        "id": [place.id for place in places],
        "name": [place.name for place in places],
        "kind": [KINDS.index(place.kind) for place in places],
        "latitude": [place.latitude for place in places],
        "longitude": [place.longitude for place in places],
        "country": [place.country for place in places],
        "admin1": [place.admin1 for place in places],
        "population": [place.population for place in places],
        "importance": [place.importance for place in places],
        "wikidata": [place.wikidata for place in places],
        "parent": [place.parent for place in places],
        "parent_basis": [
            0 if place.parent_basis is None else 1 + PARENT_BASES.index(place.parent_basis) for place in places
        ],
    }
    name_columns = {
        "place": [row for row, _ in names],
        "text": [name.text for _, name in names],
        "kind": [NAME_KINDS.index(name.kind) for _, name in names],
        "language": [name.language for _, name in names],
    }
    table = pyarrow.table(place_columns, place_schema())
    if any(place.bounds for place in places):
        for number, edge in enumerate(EDGES):
            values = [place.bounds[number] if place.bounds else None for place in places]
            table = table.append_column(edge, pyarrow.array(values, pyarrow.float64()))
    return Batch(table, pyarrow.table(name_columns, name_schema()))


def place_schema() -> pyarrow.Schema:
    """Return the columns of `Batch.places` with their types."""
    import pyarrow

    text, code, degrees = pyarrow.string(), pyarrow.uint8(), pyarrow.float64()
    return pyarrow.schema(
        {
            "id": text,
            "name": text,
            "kind": code,
            "latitude": degrees,
            "longitude": degrees,
            "country": text,
            "admin1": text,
            "population": pyarrow.uint64(),
            "importance": pyarrow.float32(),
            "wikidata": text,
            "parent": text,
            "parent_basis": code,
        }
    )


def name_schema() -> pyarrow.Schema:
    """Return the columns of `Batch.names` with their types."""
    import pyarrow

    return pyarrow.schema(
        {"place": pyarrow.uint32(), "text": pyarrow.string(), "kind": pyarrow.uint8(), "language": pyarrow.string()}
    )
