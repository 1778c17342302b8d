"""Places and their names out of OpenStreetMap extracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from gazetteer.errors import NoNamedPlaces
from gazetteer.places import KINDS, NAME_KINDS, Place, PlaceName
from gazetteer.sources import Batch, Entry, SourceDescription
from gazetteer.sources.osm.derived import batches, derive
from gazetteer.sources.osm.extracts import load_extracts
from gazetteer.sources.osm.files import OsmFile, open_osm
from gazetteer.stages import Stages


@dataclass(frozen=True, slots=True)
class OsmSource:
    """The named places of an OSM extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`, `.o5m`).

    `progress` shows what is being read on the standard error; None shows it only on a terminal.
    """

    path: Path
    progress: bool | None = field(default=None, kw_only=True)

    def describe(self) -> SourceDescription:
        """Return name, checksum, date and licence; raises SourceNotFound and SourceUnreadable."""
        file = open_osm(Path(self.path), self.progress)
        return SourceDescription(
            name=file.path.name,
            data_date=file.data_date(),
            checksum=file.checksum(),
            licence="ODbL-1.0",
            attribution="© OpenStreetMap contributors",
        )

    def read(self) -> Iterator[Entry]:
        """Return the places with their names: nodes, then ways, then relations, each in the order of their ids.

        The segments of one road are one place under the id of the longest (the rule is `geometry.merge_roads`).
        Coordinates are WGS 84 degrees. Raises SourceNotFound at once; SourceUnreadable and NoNamedPlaces while reading.
        """
        return _read(open_osm(Path(self.path), self.progress))


def _read(file: OsmFile) -> Iterator[Entry]:
    import duckdb

    with (
        TemporaryDirectory(prefix="gazetteer.") as folder,
        duckdb.connect(":memory:") as connection,
        Stages(file.path.name, progress=file.progress) as stages,
    ):
        load_extracts(connection, [file], Path(folder), stage=stages)
        derive(connection)
        count = 0
        for batch in batches(connection):
            count += batch.places.num_rows
            yield from _entries(batch)
    if not count:
        raise NoNamedPlaces(file.path, "no place in it has a name", "Give another extract")


def _entries(batch: Batch) -> Iterator[Entry]:
    names = zip(*(batch.names[column].to_pylist() for column in ("place", "text", "kind", "language")), strict=True)
    for (_, spelt), row in zip(groupby(names, key=itemgetter(0)), batch.places.to_pylist(), strict=True):
        place = Place(
            id=row["id"],
            name=row["name"],
            kind=KINDS[row["kind"]],
            latitude=row["latitude"],
            longitude=row["longitude"],
            country=row["country"],
            admin1=row["admin1"],
            population=row["population"],
            importance=round(row["importance"], 4),
            wikidata=row["wikidata"],
        )
        yield place, tuple(PlaceName(place.id, text, NAME_KINDS[kind], language) for _, text, kind, language in spelt)
