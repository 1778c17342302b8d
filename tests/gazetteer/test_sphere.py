import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.sphere import (
    EARTH_RADIUS_KM,
    distance_km,
    distances_km,
    in_box,
    in_boxes,
    unit_vector,
    unit_vectors,
    widened,
)

POSITIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        # Great-circle distances as published: JFK to LHR, and a degree of a meridian, which is a 360th of the girth.
        ((40.6413, -73.7781), (51.4700, -0.4543), 5540),
        ((0.0, 0.0), (1.0, 0.0), 111.195),
        ((10.0, 179.5), (10.0, -179.5), 109.51),
        ((0.0, 0.0), (0.0, 180.0), 20015.1),
    ],
)
def test_known_distances(one: tuple[float, float], other: tuple[float, float], kilometres: float) -> None:
    assert distance_km(one, other) == pytest.approx(kilometres, rel=1e-3)


@given(POSITIONS, st.lists(POSITIONS, min_size=1, max_size=4))
def test_many_distances_are_those_of_each_pair(point: tuple[float, float], others: list[tuple[float, float]]) -> None:
    [row] = distances_km(unit_vectors(numpy.radians([point])), unit_vectors(numpy.radians(others)))
    assert row.tolist() == pytest.approx([distance_km(point, other) for other in others], abs=1e-3)
    assert all(0 <= kilometres <= EARTH_RADIUS_KM * 3.1416 for kilometres in row.tolist())


@given(st.lists(POSITIONS, min_size=1, max_size=4))
def test_a_position_on_the_sphere_is_that_of_many(positions: list[tuple[float, float]]) -> None:
    assert [unit_vector(each) for each in positions] == pytest.approx(unit_vectors(numpy.radians(positions)), abs=1e-12)


@given(POSITIONS, st.floats(0.001, 89), st.floats(0.001, 170))
def test_a_box_about_a_point_holds_it_and_not_its_antipode(
    point: tuple[float, float], height: float, width: float
) -> None:
    latitude, longitude = point
    west, east = ((longitude + turn + 180) % 360 - 180 for turn in (-width / 2, width / 2))
    box = (west, max(-90.0, latitude - height), east, min(90.0, latitude + height))
    assert in_box(point, box)
    assert not in_box((latitude, (longitude + 360) % 360 - 180), box)


BOXES = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))


@given(st.lists(POSITIONS, min_size=1, max_size=4), st.lists(BOXES, min_size=1, max_size=4))
def test_many_boxes_hold_what_each_holds(
    points: list[tuple[float, float]], boxes: list[tuple[float, float, float, float]]
) -> None:
    held = in_boxes(numpy.array(points), numpy.array(boxes))
    assert held.tolist() == [[in_box(point, box) for box in boxes] for point in points]


def test_a_box_may_cross_the_antimeridian() -> None:
    points = numpy.array([[10.0, 20.0], [10.0, 179.5], [10.0, -179.5], [50.0, 20.0]])
    boxes = numpy.array([[15.0, 0.0, 25.0, 20.0], [179.0, 0.0, -179.0, 20.0]])
    assert in_boxes(points, boxes).tolist() == [[True, False], [False, True], [False, True], [False, False]]


SOUND_BOXES = BOXES.map(lambda box: (box[0], min(box[1], box[3]), box[2], max(box[1], box[3])))


@given(SOUND_BOXES, POSITIONS)
def test_a_widened_box_holds_the_position_and_what_it_held(
    box: tuple[float, float, float, float], position: tuple[float, float]
) -> None:
    wider = widened(box, position)
    west, south, east, north = box
    assert in_box(position, wider)
    assert all(in_box(corner, wider) for corner in ((south, west), (north, east)))
    assert (wider == box) == in_box(position, box)
    assert len({*wider} - {*box}) <= 2


@pytest.mark.parametrize(
    ("position", "wider"),
    [
        ((5.0, 5.0), (0.0, 0.0, 10.0, 10.0)),
        ((5.0, 12.0), (0.0, 0.0, 12.0, 10.0)),
        ((5.0, -12.0), (-12.0, 0.0, 10.0, 10.0)),
        ((-1.0, 5.0), (0.0, -1.0, 10.0, 10.0)),
        ((11.0, -1.0), (-1.0, 0.0, 10.0, 11.0)),
        ((5.0, -176.0), (0.0, 0.0, -176.0, 10.0)),
        ((5.0, -174.0), (-174.0, 0.0, 10.0, 10.0)),
    ],
)
def test_a_box_grows_to_the_nearer_side(
    position: tuple[float, float], wider: tuple[float, float, float, float]
) -> None:
    assert widened((0.0, 0.0, 10.0, 10.0), position) == wider
