"""Nearness and boxes, against the definition, place by place."""

from __future__ import annotations

from math import exp

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Place, PlaceKind
from gazetteer.sphere import distance_km, in_box
from lmr_hybrid.linking.hits import Hits
from lmr_hybrid.linking.signals import Lone
from lmr_hybrid.linking.vicinity import vicinity

KINDS = st.sampled_from([PlaceKind.CITY, PlaceKind.STATE, PlaceKind.COUNTRY])
BOXES = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 0), st.floats(-180, 180), st.floats(0, 90))
PLACES = st.builds(
    Place,
    id=st.uuids().map(str),
    name=st.just("Santa Rosa"),
    kind=KINDS,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    bounds=BOXES,
)


@st.composite
def lones(draw: st.DrawFn) -> Lone:
    places = tuple(draw(st.lists(PLACES, max_size=5)))
    shares = [draw(st.floats(0.01, 1)) for _ in places]
    hits = Hits(places, ("santa rosa",) * len(places), (1.0,) * len(places))
    return Lone(hits, "City/town", numpy.zeros((len(places), 6)), numpy.array(shares) / max(1.0, sum(shares)))


def likeliest(lone: Lone) -> list[tuple[Place, float]]:
    """Return the three likeliest places but countries."""
    ranked = zip(lone.hits.places, lone.probabilities.tolist(), strict=True)
    three = sorted(ranked, key=lambda each: -each[1])[:3]
    return [(place, probability) for place, probability in three if place.kind is not PlaceKind.COUNTRY]


@given(lones(), st.lists(lones(), max_size=4))
def test_places_are_as_near_as_the_definition_says(mention: Lone, others: list[Lone]) -> None:
    said = [each for other in others for each in likeliest(other)]
    for place, (near, within) in zip(mention.hits.places, vicinity(mention, others), strict=True):
        point = place.latitude, place.longitude
        nearest = [exp(-distance_km(point, (p.latitude, p.longitude)) / 150) * share for p, share in said]
        holding = [share for p, share in said if p.bounds is not None and in_box(point, p.bounds)]
        assert near == pytest.approx(max(nearest, default=0.0), abs=1e-5)
        assert within == pytest.approx(max(holding, default=0.0))
