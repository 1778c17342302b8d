"""Places and their names out of an OpenStreetMap extract, in several passes over the file."""

from __future__ import annotations

import hashlib
import logging
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gazetteer.errors import NoNamedPlaces
from gazetteer.importance import importance
from gazetteer.places import NAME_KINDS, Place, PlaceKind, PlaceName
from gazetteer.sources import SourceDescription
from gazetteer.sources.osm.files import NODE, RELATION, WAY, OsmFile, open_osm, reading
from gazetteer.sources.osm.geometry import Ints, PointLog, Points, WayLog, Ways, locate_ways
from gazetteer.sources.osm.kinds import Shape, kind_of
from gazetteer.sources.osm.names import (
    Spelling,
    country_and_admin1_of,
    place_names,
    population_of,
    spellings_of,
    unique_spellings,
)
from gazetteer.sources.osm.relations import RelationLog, locate_relations
from gazetteer.text import normalize_name

_LOG = logging.getLogger(__name__)

#: What an article in Wikipedia or an item in Wikidata adds to the importance of a place.
_NOTED = 0.05
#: OSM stores coordinates with seven decimals, about a centimetre.
_DECIMALS = 7

Entry = tuple[Place, tuple[PlaceName, ...]]


@dataclass(frozen=True, slots=True)
class OsmSource:
    """The named places of an OSM extract (`.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`).

    `progress` shows a bar for each pass over the file on the standard error; None shows it only on a terminal.
    """

    path: Path
    progress: bool | None = field(default=None, kw_only=True)

    def describe(self) -> SourceDescription:
        """Return name, checksum, date and licence; raises SourceNotFound and SourceUnreadable."""
        file = open_osm(Path(self.path), self.progress)
        data_date = file.data_date()
        with reading(file.path), file.path.open("rb") as content:
            checksum = hashlib.file_digest(content, "sha256").hexdigest()
        return SourceDescription(
            name=file.path.name,
            checksum=f"sha256:{checksum}",
            data_date=data_date,
            licence="ODbL-1.0",
            attribution="© OpenStreetMap contributors",
        )

    def read(self) -> Iterator[Entry]:
        """Return the places with their names: nodes, then ways, then relations, each in the order of the file.

        The segments of one road are one place under the id of the longest (the rule is `geometry.locate_ways`).
        Coordinates are WGS 84 degrees. Raises SourceNotFound at once; SourceUnreadable and NoNamedPlaces while reading.
        """
        return _read(open_osm(Path(self.path), self.progress))


def _read(file: OsmFile) -> Iterator[Entry]:
    skipped: Counter[str] = Counter()
    ways, relations = _locate(file)
    count = 0
    for entries in (
        _node_entries(file, skipped),
        _way_entries(file, ways, skipped),
        _relation_entries(file, relations, skipped),
    ):
        for entry in entries:
            count += 1
            yield entry
    reasons = ", ".join(f"{reason}: {number}" for reason, number in sorted(skipped.items())) or "nothing"
    _LOG.info("%s: %d places; left out: %s", file.path, count, reasons)
    if not count:
        raise NoNamedPlaces(file.path, "no place in it has a name", f"Give another extract (left out: {reasons})")


def _locate(file: OsmFile) -> tuple[Ways, Points]:
    """Return where the named ways and relations lie."""
    log = RelationLog()
    for relation in file.named(RELATION, "relations"):
        if _kind(relation, Shape.RELATION) is not None:
            log.add(relation)
    members = log.members()
    children = RelationLog()
    if len(child_ids := members.child_ids()):
        for relation in file.with_ids(RELATION, child_ids, "relations in relations"):
            children.add(relation)
    members = members.with_children(children.members())

    way_log = WayLog()
    groups: dict[tuple[PlaceKind, str], int] = {}
    for way in file.named(WAY, "ways"):
        refs = [node.ref for node in way.nodes]
        shape = _shape(refs)
        kind = _kind(way, shape)
        if kind is not None:
            # Streets and rivers come in segments; a building or a lake of the same name is another place.
            mergeable = kind is PlaceKind.ROAD or shape is Shape.LINE
            key = kind, normalize_name(way.tags["name"])
            way_log.add(way.id, refs, groups.setdefault(key, len(groups)) if mergeable and key[1] else -1)
    del groups
    missing = np.setdiff1d(members.way_ids(), np.asarray(way_log.ids, dtype=np.int64))
    if len(missing):
        for way in file.with_ids(WAY, missing, "ways of relations"):
            way_log.add(way.id, [node.ref for node in way.nodes], -1)

    needed = np.union1d(np.unique(np.asarray(way_log.refs, dtype=np.int64)), members.node_ids())
    point_log = PointLog()
    if len(needed):
        for node in file.with_ids(NODE, needed, "nodes of ways"):
            location = node.location
            if location.valid():
                point_log.ids.append(node.id)
                point_log.latitude.append(location.lat)
                point_log.longitude.append(location.lon)
    nodes = point_log.sorted()
    ways = locate_ways(way_log, nodes)
    return ways, locate_relations(members, nodes, ways)


def _node_entries(file: OsmFile, skipped: Counter[str]) -> Iterator[Entry]:
    for node in _once(file.named(NODE, "named nodes")):
        if not node.location.valid():
            skipped["nodes without coordinates"] += 1
            continue
        found = _describe(node, Shape.POINT, node.lat, node.lon, skipped)
        if found is not None:
            yield found[0], place_names(found[0].id, found[1])


def _way_entries(file: OsmFile, ways: Ways, skipped: Counter[str]) -> Iterator[Entry]:
    segments = np.bincount(ways.leader, minlength=len(ways.ids))
    done = np.zeros(len(ways.ids), dtype=np.bool_)
    #: By leader: how many segments are still to come, the leader once it has come, and the names so far.
    open_roads: dict[int, tuple[int, Place | None, list[Spelling]]] = {}
    for way in file.named(WAY, "named ways"):
        row = _row(ways.ids, way.id)
        if row is None:
            skipped["ways that are no place"] += 1
            continue
        if done[row]:
            continue
        done[row] = True
        if np.isnan(ways.latitude[row]):
            skipped["ways without coordinates"] += 1
            continue
        leader = int(ways.leader[row])
        shape = _shape([node.ref for node in way.nodes])
        found = _describe(way, shape, float(ways.latitude[row]), float(ways.longitude[row]), skipped)
        if segments[leader] == 1:
            if found is not None:
                yield found[0], place_names(found[0].id, found[1])
            continue
        left, road, spellings = open_roads.pop(leader, (int(segments[leader]), None, []))
        if found is not None:
            # The leader's own name comes first: it is the one that the road goes by.
            road = found[0] if row == leader else road
            spellings = unique_spellings([*found[1], *spellings] if row == leader else [*spellings, *found[1]])
        if left > 1:
            open_roads[leader] = left - 1, road, spellings
        elif road is not None:
            spellings.sort(key=lambda each: NAME_KINDS.index(each.kind))
            skipped["segments merged into their road"] += int(segments[leader]) - 1
            yield road, place_names(road.id, spellings)


def _relation_entries(file: OsmFile, relations: Points, skipped: Counter[str]) -> Iterator[Entry]:
    done = np.zeros(len(relations.ids), dtype=np.bool_)
    for relation in file.named(RELATION, "named relations"):
        row = _row(relations.ids, relation.id)
        if row is None:
            skipped["relations that are no place"] += 1
            continue
        if done[row]:
            continue
        done[row] = True
        if np.isnan(relations.latitude[row]):
            skipped["relations without coordinates"] += 1
            continue
        latitude, longitude = float(relations.latitude[row]), float(relations.longitude[row])
        found = _describe(relation, Shape.RELATION, latitude, longitude, skipped)
        if found is not None:
            yield found[0], place_names(found[0].id, found[1])


def _describe(
    thing: Any, shape: Shape, latitude: float, longitude: float, skipped: Counter[str]
) -> tuple[Place, list[Spelling]] | None:
    """Return a place and its names out of the tags of an OSM object, None (and a count) where it is none."""
    type_name = {"n": "node", "w": "way", "r": "relation"}[thing.type_str()]
    tags = _tags(thing)
    if tags is None:
        skipped[f"{type_name}s with garbled text"] += 1
        return None
    kind = kind_of(tags, shape)
    if kind is None:
        skipped[f"{type_name}s that are no place"] += 1
        return None
    spellings = spellings_of(tags, kind)
    if not spellings:
        skipped[f"{type_name}s without a word in their names"] += 1
        return None
    population = population_of(tags)
    country, admin1 = country_and_admin1_of(tags)
    noted = _NOTED if "wikidata" in tags or "wikipedia" in tags else 0.0
    place = Place(
        id=f"osm:{type_name}/{thing.id}",
        name=spellings[0].text,
        kind=kind,
        latitude=round(latitude, _DECIMALS),
        longitude=round(longitude, _DECIMALS),
        country=country,
        admin1=admin1,
        population=population,
        importance=round(min(1.0, importance(kind, population) + noted), 4),
    )
    return place, spellings


def _kind(thing: Any, shape: Shape) -> PlaceKind | None:
    tags = _tags(thing)
    return None if tags is None else kind_of(tags, shape)


def _tags(thing: Any) -> Mapping[str, str] | None:
    """Return the tags of an OSM object, None where they are not UTF-8."""
    try:
        return dict(thing.tags)
    except UnicodeDecodeError:
        return None


def _shape(refs: list[int]) -> Shape:
    return Shape.AREA if len(refs) >= 4 and refs[0] == refs[-1] else Shape.LINE


def _row(ids: Ints, wanted: int) -> int | None:
    row = int(ids.searchsorted(wanted))
    return row if row < len(ids) and ids[row] == wanted else None


def _once(things: Iterable[Any]) -> Iterator[Any]:
    """Yield each object once. Only a file that is not in the order of ids, as OSM files are, costs a set of all ids."""
    in_order = array("q")
    seen: set[int] | None = None
    last = (-1, 0)
    for thing in things:
        if seen is None:
            # osmium's order: negative ids first, then positive ones, each by absolute value.
            key = int(thing.id > 0), abs(thing.id)
            if key == last:
                continue
            if key > last:
                last = key
                in_order.append(thing.id)
                yield thing
                continue
            seen = set(in_order)
        if thing.id not in seen:
            seen.add(thing.id)
            yield thing
