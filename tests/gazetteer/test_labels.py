"""A place that OpenStreetMap holds as an outline and as the label of it is one place."""

from __future__ import annotations

from itertools import permutations

from gazetteer import Place, PlaceKind, unite_labels

BOX = (-80.5, 20.9, -72.7, 27.3)
RELATION = Place("osm:relation/1", "Bahamas", PlaceKind.COUNTRY, 25.0, -77.0, importance=0.8, bounds=BOX)
LABEL = Place("osm:node/2", "Bahamas", PlaceKind.COUNTRY, 24.8, -78.0, country="BS", importance=0.9)
ISLAND = Place("osm:way/3", "Bahamas", PlaceKind.ISLAND, 24.8, -78.0)
FAR = Place("osm:node/4", "Freeport", PlaceKind.CITY, 26.5, -78.7)
TOWN = Place("osm:way/5", "Freeport", PlaceKind.CITY, 28.9, -95.3)


def test_an_outline_with_its_label_is_the_outline_at_the_label() -> None:
    (one, other) = unite_labels([LABEL, ISLAND, RELATION])
    assert (one.id, one.latitude, one.longitude, one.bounds) == ("osm:relation/1", 24.8, -78.0, BOX)
    assert (one.country, one.importance) == ("BS", 0.9)
    assert other is ISLAND


def test_the_order_is_that_of_the_better_of_the_two() -> None:
    assert [place.id for place in unite_labels([ISLAND, RELATION, LABEL])] == ["osm:way/3", "osm:relation/1"]
    assert [place.id for place in unite_labels([RELATION, ISLAND, LABEL])] == ["osm:relation/1", "osm:way/3"]


def test_namesakes_far_apart_and_other_sources_stay_what_they_are() -> None:
    geonames = Place("geonames:9", "Bahamas", PlaceKind.COUNTRY, 24.8, -78.0)
    for places in ([FAR, TOWN], [RELATION, geonames], [LABEL, geonames], [], [RELATION]):
        assert unite_labels(places) == places


def test_each_label_goes_to_the_nearest_outline_whatever_the_order() -> None:
    labels = [Place(f"osm:node/{n}", "Twin", PlaceKind.CITY, 10.0 + n / 10, 10.0) for n in range(2)]
    towns = [Place(f"osm:way/{n}", "Twin", PlaceKind.CITY, 10.01 + n / 10, 10.0) for n in range(2)]
    for order in permutations([*labels, *towns]):
        found = {place.id: place.latitude for place in unite_labels(order)}
        assert found == {"osm:way/0": 10.0, "osm:way/1": 10.1}
