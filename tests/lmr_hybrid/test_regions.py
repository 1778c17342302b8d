"""Whoever opens the gazetteer of a region beside a wider one asks about that region."""

from __future__ import annotations

from pathlib import Path

import pytest

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.linking import Linker, Query
from lmr_hybrid.linking.regions import opened_regions

CITY, FORT = PlaceKind.CITY, PlaceKind.HUMAN_POI


@pytest.fixture(scope="module")
def wide(make_gazetteer) -> Path:
    return make_gazetteer(
        ("canton-cn", "Canton", CITY, 23.1, 113.3, "CN", "30", 14_000_000),
        ("fort-far", "Fort McHenry", CITY, 32.3, -90.9, "US", "MS", 21_000),
        ("london", "London", CITY, 51.5, -0.1, "GB", "ENG", 9_000_000),
        ("elsewhere", "Elsewhere", CITY, -40.0, 170.0),
        name="wide",
    )


@pytest.fixture(scope="module")
def region(make_gazetteer) -> Path:
    return make_gazetteer(
        ("canton-md", "Canton", CITY, 39.28, -76.57, "US", "MD", 8_000),
        ("fort-md", "Fort McHenry", FORT, 39.26, -76.58, "US", "MD"),
        ("london-street", "London", PlaceKind.ROAD, 39.3, -76.6, "US", "MD"),
        name="region",
    )


@pytest.mark.parametrize(
    ("text", "type_", "without", "with_region"),
    [
        ("Fort McHenry", "Human-made Point-of-Interest", "fort-far", "fort-md"),
        ("Canton", "City/town", "canton-cn", "canton-md"),
        ("London", "City/town", "london", "london"),
    ],
)
def test_what_lies_in_the_region_is_likelier_meant(
    wide: Path, region: Path, text: str, type_: str, without: str, with_region: str
) -> None:
    for folders, expected in (((wide,), without), ((region, wide), with_region), ((wide, region), with_region)):
        ((first, *_),) = Linker(Gazetteer.open(*folders)).link([Query(text, type_)])
        assert first.id == f"toy:{expected}"


def test_regions_are_told_from_the_world_by_their_width(wide: Path, region: Path) -> None:
    assert opened_regions(Gazetteer.open(wide)) == opened_regions(Gazetteer.open(region)) == ()
    assert opened_regions(Gazetteer.open(region, region)) == ()
    [box] = opened_regions(Gazetteer.open(wide, region))
    assert box == pytest.approx((-76.6, 39.26, -76.57, 39.3))
