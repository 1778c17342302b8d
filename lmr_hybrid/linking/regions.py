"""The regions whose gazetteers the caller opened beside a wider one: what lies there is likelier meant."""

from __future__ import annotations

from collections.abc import Sequence

from gazetteer import Gazetteer, Place
from gazetteer.sphere import Box, in_box

#: Square degrees: a gazetteer of more, as of the world or of a continent, is of no region.
_WIDEST = 3_000.0
#: What the logit of a place there is raised by. It cannot be fitted, as no corpus comes with a caller; it is somewhat
#: more than a region asked for, which is where a message comes from: this one's streets and buildings were asked for.
_PRIOR = 4.0


def opened_regions(gazetteer: Gazetteer) -> tuple[Box, ...]:
    """Return the boxes about the gazetteers of a region, where one of another extent is open as well."""
    boxes = [manifest.bounding_box for manifest in gazetteer.manifests]
    regions = tuple(box for box in boxes if _square_degrees(box) <= _WIDEST)
    return regions if len(regions) < len(boxes) else ()


def region_prior(place: Place, regions: Sequence[Box]) -> float:
    """Return what the logit of a place is raised by for lying in one of the regions."""
    return _PRIOR * any(in_box((place.latitude, place.longitude), region) for region in regions)


def _square_degrees(box: Box) -> float:
    # Of a gazetteer: what crosses the antimeridian is as wide as the world.
    west, south, east, north = box
    return (east - west) * (north - south)
