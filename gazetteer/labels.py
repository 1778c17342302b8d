"""One place mapped twice in OpenStreetMap, as a label and as an outline -> one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gazetteer.layers import SAME_PLACE_KILOMETRES
from gazetteer.places import Place, PlaceKind
from gazetteer.sphere import distance_km

_LABEL = "osm:node/"
_OUTLINES = ("osm:relation/", "osm:way/")
#: What mappers draw as an outline and also mark by a point for its name.
_LABELLED = frozenset(
    {
        *(PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.COUNTY, PlaceKind.DISTRICT, PlaceKind.CITY),
        *(PlaceKind.NEIGHBOURHOOD, PlaceKind.ISLAND),
    }
)


def unite_labels(places: Sequence[Place]) -> list[Place]:
    """Return the places of one name with each outline and its label as one, in the order of the better of the two.

    It is the outline's object at the label's point, as Nominatim has it. Label and outline are of one kind and lie as
    near each other as two gazetteers may put one place; each has one twin at most, the nearest.
    """
    labels = [place for place in places if place.id.startswith(_LABEL) and place.kind in _LABELLED]
    outlines = [place for place in places if place.id.startswith(_OUTLINES) and place.kind in _LABELLED]
    if not (labels and outlines):
        return list(places)
    pairs = sorted(
        (distance, label.id, outline.id)
        for label in labels
        for outline in outlines
        if label.kind is outline.kind and (distance := _apart(label, outline)) <= SAME_PLACE_KILOMETRES[label.kind]
    )
    twin: dict[str, str] = {}
    for _, label_id, outline_id in pairs:
        if label_id not in twin and outline_id not in twin:
            twin[label_id], twin[outline_id] = outline_id, label_id
    by_id = {place.id: place for place in places}
    found: dict[str, Place] = {}
    for place in places:
        other = by_id.get(twin.get(place.id, ""))
        one = place if other is None else _one(place, other)
        found.setdefault(one.id, one)
    return list(found.values())


def _apart(one: Place, other: Place) -> float:
    return distance_km((one.latitude, one.longitude), (other.latitude, other.longitude))


def _one(place: Place, other: Place) -> Place:
    label, outline = (place, other) if place.id.startswith(_LABEL) else (other, place)
    return replace(
        outline,
        latitude=label.latitude,
        longitude=label.longitude,
        country=outline.country or label.country,
        admin1=outline.admin1 or label.admin1,
        population=outline.population or label.population,
        importance=max(outline.importance, label.importance),
        wikidata=outline.wikidata or label.wikidata,
    )
