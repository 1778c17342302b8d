"""Names with an article and without."""

from __future__ import annotations

import pytest

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.articles import without_articles


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Pray for The Bahamas", ["bahamas"]),
        ("pray for the bahamas", ["bahamas"]),
        ("Bahamas", ["bahamas"]),
        ("Courts of The Hague", ["the hague", "hague"]),
        ("On The Strand", ["the strand"]),
    ],
)
def test_the_article_goes_where_the_rest_is_as_well_known(make_gazetteer, text: str, names: list[str]) -> None:
    gazetteer = Gazetteer.open(
        make_gazetteer(
            ("one", "The Bahamas", PlaceKind.COUNTRY, 24.0, -76.0, "BS", "", 400_000),
            ("two", "Bahamas", PlaceKind.COUNTRY, 24.0, -76.0, "BS", "", 400_000),
            ("three", "The Hague", PlaceKind.CITY, 52.1, 4.3, "NL", "", 500_000),
            ("four", "Hague", PlaceKind.CITY, 43.7, -73.4, "US", "NY", 700),
            ("five", "The Strand", PlaceKind.ROAD),
        )
    )
    assert [match.name for match in without_articles(gazetteer.matches(text))] == names
