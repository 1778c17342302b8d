"""The page's colours: enough contrast in both schemes, and told apart by colour-blind readers."""

from __future__ import annotations

import re
from itertools import combinations

import numpy
import pytest
from numpy.typing import NDArray

from lmr_hybrid.output import to_html
from lmr_hybrid.output.groups import GROUPS

Colour = NDArray[numpy.float64]

STYLE = to_html([]).split("<style>")[1].split("</style>")[0]
HUES = [group.key for group in GROUPS]
#: Seen by all, and without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISIONS = {
    "all": numpy.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def colours(block: str) -> dict[str, Colour]:
    """Return the colours that a block of the style sheet defines, 0..255."""
    found = {}
    for name, value in re.findall(r"--([\w-]+): ([^;]+);", block):
        numbers = bytes.fromhex(value[1:]) if value.startswith("#") else map(int, value.split())
        found[name] = numpy.array([*numbers], float)
    return found


LIGHT, DARK = (colours(block) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2])
SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: Colour) -> Colour:
    share = colour / 255
    return numpy.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    darker, lighter = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def oklab(light: Colour) -> Colour:
    """Return a linear colour in OKLab (Ottosson 2020), where distance is difference seen."""
    cones = [
        [0.41222147, 0.53633254, 0.05144599],
        [0.2119035, 0.68069955, 0.10739696],
        [0.08830246, 0.28171884, 0.629979],
    ]
    axes = [
        [0.21045426, 0.79361779, -0.00407205],
        [1.9779985, -2.42859221, 0.45059371],
        [0.02590404, 0.78277177, -0.80867577],
    ]
    return numpy.array(axes) @ numpy.cbrt(numpy.array(cones) @ numpy.clip(light, 0, 1))


def test_both_schemes_are_there():
    assert "@media (prefers-color-scheme: dark)" in STYLE
    assert LIGHT.keys() == DARK.keys() >= {*HUES, "page", "card", "ink", "quiet", "accent", "sea", "land"}
    assert contrast(LIGHT["page"], LIGHT["ink"]) > 1 < contrast(DARK["page"], DARK["ink"])
    assert linear(LIGHT["page"]).mean() > 0.5 > linear(DARK["page"]).mean()


@SCHEMES
def test_text_can_be_read(scheme: dict[str, Colour]):
    """WCAG 2.2, 1.4.3: a ratio of 4.5 for text."""
    for text in ("ink", "quiet"):
        for ground in ("page", "card", "sea", "land"):
            assert contrast(scheme[text], scheme[ground]) >= 4.5, (text, ground)
    assert contrast(scheme["accent"], scheme["card"]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("hue", HUES)
def test_marked_text_can_be_read(scheme: dict[str, Colour], hue: str):
    alphas = {float(alpha) for alpha in re.findall(r"background: rgb\(var\(--hue\) / ([.\d]+)\)", STYLE)}
    assert len(alphas) == 2
    for alpha in alphas:
        ground = alpha * scheme[hue] + (1 - alpha) * scheme["card"]
        assert contrast(scheme["ink"], ground) >= 4.5


def test_on_marks_all_text_is_ink():
    """The other colours of text would not stand out from the hue behind them."""
    rules = dict(re.findall(r"^([^@{}]+?) \{([^{}]*)\}", STYLE, re.MULTILINE))
    marked = {selector: body for selector, body in rules.items() if ".mention" in selector or "tr.lit" in selector}
    assert {"color: inherit"} >= {
        colour for body in marked.values() for colour in re.findall(r"(?<![\w-])color: [^;]+", body)
    }
    assert "color: inherit" in rules["tr.lit td, tr:target td, tr.lit a, tr:target a"]


@SCHEMES
@pytest.mark.parametrize("hue", HUES)
def test_shapes_stand_out(scheme: dict[str, Colour], hue: str):
    """WCAG 2.2, 1.4.11: a ratio of 3 for what is no text."""
    for ground in ("page", "card", "sea", "land"):
        assert contrast(scheme[hue], scheme[ground]) >= 3, ground


@SCHEMES
@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_hues_differ_for_every_eye(scheme: dict[str, Colour], vision: str):
    seen = {hue: oklab(numpy.array(VISIONS[vision]) @ linear(scheme[hue])) for hue in HUES}
    distances = {(one, other): numpy.linalg.norm(seen[one] - seen[other]) for one, other in combinations(HUES, 2)}
    assert min(distances.values()) >= 0.07, min(distances, key=lambda pair: distances[pair])
