"""The six groups in which the page shows IDRISI's twelve types: a colour, a shape and a label each."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin


@dataclass(frozen=True, slots=True)
class Group:
    """A group of mention types.

    `key` names its colour in the style sheet, where any two differ for colour-blind readers, too; `sides` and `turn`
    (degrees) its shape: a regular polygon, or a circle where `sides` is 0.
    """

    key: str
    label: str
    sides: int
    turn: float


AREA = Group("area", "Countries, states, counties, districts", 0, 0)
SETTLEMENT = Group("settlement", "Towns and neighbourhoods", 4, 45)
NATURE = Group("nature", "Islands and nature", 3, 0)
ROAD = Group("road", "Streets and roads", 4, 0)
POI = Group("poi", "Buildings and sites", 5, 0)
OTHER = Group("other", "Other", 3, 180)

GROUPS: tuple[Group, ...] = (AREA, SETTLEMENT, NATURE, ROAD, POI, OTHER)

# The first word found in the type, whatever its case, decides; so IDRISI's labels and a gazetteer's kinds both do.
# Beside the group stands how many kilometres around a lone place of the type a map should look.
_WORDS: tuple[tuple[str, Group, float], ...] = (
    ("human", POI, 3),
    ("natural", NATURE, 20),
    ("island", NATURE, 150),
    ("road", ROAD, 3),
    ("street", ROAD, 3),
    ("city", SETTLEMENT, 120),
    ("town", SETTLEMENT, 120),
    ("neighb", SETTLEMENT, 3),
    ("continent", AREA, 2500),
    ("country", AREA, 900),
    ("state", AREA, 500),
    ("county", AREA, 200),
    ("district", AREA, 120),
)
_REACH_OF_OTHERS_KM = 120.0


def group_of(mention_type: str) -> Group:
    """Return the group of a mention type; `OTHER` for a type that none of the twelve is."""
    folded = mention_type.casefold()
    return next((group for word, group, _ in _WORDS if word in folded), OTHER)


def reach_km(mention_type: str) -> float:
    """Return how many kilometres around a place of this type a map should show for it to be recognised."""
    folded = mention_type.casefold()
    return next((reach for word, _, reach in _WORDS if word in folded), _REACH_OF_OTHERS_KM)


def shape_path(group: Group, *, x: float, y: float, radius: float) -> str:
    """Return the group's shape around (x, y) as the `d` of an SVG path; units are those of the drawing."""
    if not group.sides:
        halves = (f"a{radius:g} {radius:g} 0 1 0 {way * 2 * radius:g} 0" for way in (1, -1))
        return f"M{x - radius:.1f} {y:.1f}{''.join(halves)}z"
    # A polygon of the circle's radius looks smaller than the circle: few corners, a longer radius.
    reach = radius * (1 + 0.75 / group.sides)
    corners = []
    for corner in range(group.sides):
        angle = 2 * pi * corner / group.sides - pi / 2 + group.turn * pi / 180
        corners.append(f"{x + reach * cos(angle):.1f} {y + reach * sin(angle):.1f}")
    return "M" + "L".join(corners) + "z"
