"""The tables and the picture of speed say what was measured, and leave out what failed."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from throughput_picture import picture
from throughput_tables import updated_speed

BLOCK = "Before\n<!-- figures: benchmarks/results/throughput.json, {} -->\nold\n<!-- /figures -->\nafter"


def spread(value: float) -> dict[str, float]:
    return {"median": value, "least": value * 0.9, "most": value * 1.1}


def row(score: float, rate: float) -> dict[str, Any]:
    figures = {"texts a second": spread(rate), "texts a processor second": spread(rate / 2), "memory MB": spread(250)}
    return {"F1": score, **figures}


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "cores": 2,
        "systems": {
            "lmr_hybrid": row(0.901, 1_040),
            'lmr_hybrid, runtime="flair"': row(0.9, 100),
            "spaCy en_core_web_md": row(0.702, 260),
            "spaCy en_core_web_md, entities only": row(0.702, 300),
            "geotext": {"error": "not installed: no such package"},
        },
        "times as fast": {"spaCy en_core_web_md": spread(3.996), "geotext": None},
        "first mention, s": spread(0.5),
        "one text": {"median, ms": 3.5, "p99, ms": 7.25},
        "all else, ms": 0.29,
        "network, ms": 1.5,
        "stages": {"tokenise": 0.04},
        "lengths": [{"characters": 100_000, "tokens": 19_030, "ms": 3_090.0, "microseconds a token": 162.4}],
    }


def test_systems_have_their_figures_and_failed_ones_no_row(record: dict[str, Any]) -> None:
    page = updated_speed(BLOCK.format("systems"), record)
    assert "| lmr_hybrid | 0.901 | 1,040 (936 to 1,144) | 520 | 250 |  |" in page
    assert "| spaCy en_core_web_md | 0.702 | 260 (234 to 286) | 130 | 250 | 4 |" in page
    assert "geotext" not in page
    assert "old" not in page
    assert page.startswith("Before\n")
    assert page.endswith("\nafter")


def test_goals_stand_beside_what_was_measured(record: dict[str, Any]) -> None:
    page = updated_speed(BLOCK.format("goals"), record)
    assert "| texts a second, everything included | 1,000 | 1,040 |" in page
    assert "| times as fast as spaCy en_core_web_md | 3 | 4.00 |" in page
    assert "seen before" not in page
    assert "| F1 given up for speed, points | 0.2 | -0.10 |" in page
    assert "Flair's predict" not in page
    assert "matrix rate" not in page
    record["gpu"] = {"device": "A", "texts a second": 15_250.0, "share of the matrix rate": 0.123}
    assert "| texts a second on A | 15,000 | 15,250 |" in updated_speed(BLOCK.format("goals"), record)
    record["all else, ms, of texts seen before"] = 0.21
    assert "| the same of texts seen before |  | 0.21 |" in updated_speed(BLOCK.format("goals"), record)


def test_a_goal_that_is_nearly_met_is_not_rounded_up(record: dict[str, Any]) -> None:
    record["times as fast"]["spaCy en_core_web_md"] = spread(2.96)
    assert "| times as fast as spaCy en_core_web_md | 3 | 2.96 |" in updated_speed(BLOCK.format("goals"), record)


@pytest.mark.parametrize(
    ("block", "line"), [("lengths", "| 100,000 | 19,030 | 3,090 | 162 |"), ("stages", "| tokenise | 0.04 |")]
)
def test_other_blocks(record: dict[str, Any], block: str, line: str) -> None:
    assert line in updated_speed(BLOCK.format(block), record)


def test_the_picture_marks_each_system_that_ran_and_is_the_same_every_time(record: dict[str, Any]) -> None:
    drawn = picture(record)
    assert drawn == picture(record)
    root = ElementTree.fromstring(drawn)
    collections = [group for group in root.iter() if group.get("id", "").startswith("PathCollection_")]
    marks = [mark for group in collections for mark in group.iter() if mark.tag.endswith("}use")]
    # Four systems, and three kinds of them in the key.
    assert len(marks) == 4 + 3
    assert "lmr_hybrid" in drawn
