"""What callers may say of where their messages are about, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from click.testing import CliRunner

from lmr_hybrid.cli import main
from lmr_hybrid.jobs import JobSettings
from lmr_hybrid.linking import NO_CONTEXT, Context


@pytest.mark.parametrize("code", ["", " ", "U", "USAA", None, 1, b"US", ["US"]])
def test_what_is_no_code_of_a_country_is_refused(code: Any) -> None:
    for make in (Context, Context.of, JobSettings):
        with pytest.raises(ValueError, match="is no ISO 3166-1 alpha-2 code, such as 'BS'") as caught:
            make(countries=("US", code))
        assert repr(code) in str(caught.value)


@pytest.mark.parametrize("command", ["recognize", "explain"])
def test_an_empty_country_is_refused_on_the_command_line(command: str) -> None:
    result = CliRunner().invoke(main, [command, "-", "--country", ""], input="Flooding in Freeport")
    assert result.exit_code == 2
    assert "'' is no ISO 3166-1 alpha-2 code" in result.output


@pytest.mark.parametrize(
    "near",
    [
        (26.5, -78.0),
        [26.5, -78],
        numpy.array([26.5, -78.0]),
        numpy.array([26.5, -78.0], numpy.float32),
        numpy.array([26.5, -78], object),
        (numpy.float64(26.5), numpy.int64(-78)),
    ],
)
def test_two_numbers_in_any_sequence_are_a_point(near: Any) -> None:
    assert Context.of(near=near) == Context(near=(26.5, -78.0))
    kept = Context.of(near=near).near
    assert kept is not None
    assert [type(each) for each in kept] == [float, float]
    assert JobSettings(near=near) == JobSettings(near=(26.5, -78.0))


def test_four_numbers_in_any_sequence_are_a_region() -> None:
    region: Any = numpy.array([176, -20, -178, -15])
    assert Context.of(region=region) == Context(region=(176.0, -20.0, -178.0, -15.0))


@pytest.mark.parametrize(
    "near",
    [
        (True, False),
        (1.0, True),
        numpy.array([True, False]),
        numpy.array(["26.5", "-78"]),
        numpy.array([[26.5, -78.0], [26.5, -78.0]]),
        numpy.array(26.5),
        numpy.array([26.5]),
        (26.5, None),
        (26.5, 1j),
        b"ab",
        {1: 26.5, 2: -78.0},
        {26.5, -78.0},
        iter((26.5, -78.0)),
        26.5,
    ],
    ids=repr,
)
def test_what_is_not_two_numbers_is_no_point(near: Any) -> None:
    with pytest.raises(ValueError, match=r"(?s)^near is .*, not 2 numbers\. Give near=\(latitude, longitude\)"):
        Context.of(near=near)


@pytest.mark.parametrize(
    "latitude",
    [float("nan"), float("inf"), 10**400, numpy.int8(-128), 90.1],
    ids=["nan", "infinite", "too large for a float", "whose abs() is negative", "beyond the pole"],
)
def test_no_number_off_the_globe_is_a_latitude(latitude: Any) -> None:
    with pytest.raises(ValueError, match=r"^the latitude of near is "):
        Context.of(near=(latitude, 0.0))


def test_nothing_said_is_no_context() -> None:
    assert Context.of() is NO_CONTEXT
    assert Context.of(countries=[]) is NO_CONTEXT
