"""How near the places of a mention lie to what the mentions around it name.

In plain Python: a message names few places, and each call of numpy takes longer than its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import acos, cos, exp

from gazetteer.sphere import EARTH_RADIUS_KM, Box, Position, UnitVector, in_box
from lmr_hybrid.linking.signals import NEAR, Lone

#: In units of the earth's radius, 1 / `_STEEPNESS` is how far away nearness has fallen to 1 / e.
_STEEPNESS = EARTH_RADIUS_KM / NEAR
#: The cosine of the angle from which on places count as infinitely far: nearness has fallen to a millionth there.
_LEAST_COSINE = cos(14 / _STEEPNESS)


def vicinity(mention: Lone, others: Iterable[Lone]) -> list[tuple[float, float]]:
    """Return two numbers from 0 to 1 for each place of a mention, given the mentions that count for it.

    The first tells how near it is to the likeliest places of the others: exp(-distance / 150 km) times their
    probability. The second is the probability that one of them names an area whose box holds it.
    """
    # The most probable first, so that most of the others need not be looked at.
    others = list(others)
    points = sorted((each for other in others for each in other.likeliest), reverse=True)
    boxes = sorted((each for other in others for each in other.boxes), reverse=True)
    if not points:
        return [(0.0, 0.0)] * len(mention.hits.places)
    positions = ((place.latitude, place.longitude) for place in mention.hits.places)
    return [
        (_nearness(vector, points), _containment(position, boxes) if boxes else 0.0)
        for vector, position in zip(mention.vectors, positions, strict=True)
    ]


def _nearness(vector: UnitVector, points: Sequence[tuple[float, UnitVector]]) -> float:
    nearest = 0.0
    x, y, z = vector
    for probability, (to_x, to_y, to_z) in points:
        if probability <= nearest:
            break
        cosine = x * to_x + y * to_y + z * to_z
        if cosine > _LEAST_COSINE:
            # Rounding may lead beyond 1.
            nearest = max(nearest, probability * exp(-_STEEPNESS * acos(min(1.0, cosine))))
    return nearest


def _containment(position: Position, boxes: Sequence[tuple[float, Box]]) -> float:
    return next((probability for probability, box in boxes if in_box(position, box)), 0.0)
