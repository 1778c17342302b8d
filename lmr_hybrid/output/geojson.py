"""Recognitions as GeoJSON (RFC 7946), for QGIS, geopandas, web maps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from gazetteer.sphere import widened
from lmr_hybrid.mention import Candidate, Mention, Recognition
from lmr_hybrid.output.atomic import write_text_atomically
from lmr_hybrid.output.plain_text import plain, without_surrogates

#: About 10 cm; RFC 7946 (section 11.2) recommends no more.
COORDINATE_DECIMALS = 6


def position(candidate: Candidate) -> tuple[float, float] | None:
    """Return (longitude, latitude) in WGS 84 degrees, or None where they are not finite or not on the globe."""
    longitude, latitude = candidate.longitude, candidate.latitude
    if not (isfinite(longitude) and isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        return None
    return round(longitude, COORDINATE_DECIMALS), round(latitude, COORDINATE_DECIMALS)


def to_geojson(recognitions: Iterable[Recognition], *, attribution: str = "") -> dict[str, Any]:
    """Return a FeatureCollection with one Feature a mention (RFC 7946, section 3.3).

    The geometry is the best candidate's point, `[longitude, latitude]`, and `bbox` the box about the place where its
    outline is known, widened to hold the point where it does not (section 5); a mention without candidates is a Feature
    whose geometry is null (section 3.2). The properties name the message (`message`, and `message_index` from 0), the
    mention with its offsets, type, score, sources and rules, the best candidate's `place` and `place_id` and whether it
    is only `approximate` (null without one), and all `candidates`, best first.
    `attribution` becomes a foreign member of the collection (section 6.1).
    Lone surrogates become U+FFFD, so that the result can be written as UTF-8, and a coordinate or score that is not
    finite, or a position off the globe, null.
    """
    features = [
        _feature(mention, message=without_surrogates(recognition.text), message_index=index)
        for index, recognition in enumerate(recognitions)
        for mention in recognition.mentions
    ]
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if attribution:
        collection["attribution"] = without_surrogates(attribution)
    return collection


def write_geojson(recognitions: Iterable[Recognition], path: str | Path, *, attribution: str = "") -> None:
    """Write `to_geojson` to a file, whole or not at all; raises `OutputError` where it cannot be written."""
    collection = to_geojson(recognitions, attribution=attribution)
    write_text_atomically(path, json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def _feature(mention: Mention, *, message: str, message_index: int) -> dict[str, Any]:
    best = mention.candidates[0] if mention.candidates else None
    point = position(best) if best else None
    properties = {
        "mention": mention.text,
        "start": mention.start,
        "end": mention.end,
        "type": mention.type,
        "score": mention.score,
        "sources": mention.sources,
        "rules": mention.rules,
        "place": best.name if best else None,
        "place_id": best.id if best else None,
        "approximate": best.approximate if best else None,
        "candidates": [_candidate(candidate) for candidate in mention.candidates],
        "message": message,
        "message_index": message_index,
    }
    geometry = {"type": "Point", "coordinates": list(point)} if point else None
    feature = {"type": "Feature", "geometry": geometry, "properties": plain(properties)}
    if point and best and (box := _bbox(best, point)):
        feature["bbox"] = box
    return feature


def _bbox(candidate: Candidate, point: tuple[float, float]) -> list[float] | None:
    """Return the box about a place and its point, None where none is known or one of its edges is not on the globe.

    The point of a scattered country may stand in the sea, outside the box about the islands whose outlines are known.
    """
    if candidate.bbox is None or not all(map(isfinite, candidate.bbox)):
        return None
    west, south, east, north = (round(edge, COORDINATE_DECIMALS) for edge in candidate.bbox)
    sound = abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90
    longitude, latitude = point
    return list(widened((west, south, east, north), (latitude, longitude))) if sound else None


def _candidate(candidate: Candidate) -> dict[str, Any]:
    longitude, latitude = position(candidate) or (None, None)
    return {**asdict(candidate), "longitude": longitude, "latitude": latitude}
