"""What counts as a contradiction between a message's annotations and a reader that never saw its event."""

from __future__ import annotations

import numpy
import pytest
from noise import contradictions

from gazetteer import tokenize
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.reconcile import Evidence
from lmr_hybrid.tagging.decoding import TagProbabilities

TEXT = "Flood in Beira and Freeport Texas"


def mention(text: str) -> GoldMention:
    return GoldMention(text, TEXT.index(text), TEXT.index(text) + len(text), "City/town")


def evidence(location: list[float]) -> Evidence:
    tokens = tokenize(TEXT)
    positions = numpy.zeros((len(tokens), 5), numpy.float32)
    positions[:, 0] = 1 - numpy.array(location)
    positions[:, 1] = location
    types = numpy.ones((len(tokens), 1), numpy.float32)
    return Evidence(TEXT, tokens, [], TagProbabilities(positions, types), ("City/town",))


@pytest.mark.parametrize(
    ("gold", "sure", "unmarked", "doubted"),
    [
        (["Beira"], ["Beira"], [], []),
        ([], ["Beira"], ["Beira"], []),
        (["Freeport Texas"], ["Freeport", "Texas"], [], []),
        (["Flood"], ["Beira"], ["Beira"], ["Flood"]),
        # One word of it is taken for a part of a place.
        (["Flood in Beira"], [], [], []),
        (["Flood in"], [], [], ["Flood in"]),
    ],
)
def test_contradictions(gold: list[str], sure: list[str], unmarked: list[str], doubted: list[str]) -> None:
    message = Message("1", "event", TEXT, tuple(map(mention, gold)))
    found = contradictions(message, [mention(each) for each in sure], evidence([0.01, 0.02, 0.99, 0.0, 0.9, 0.9]))
    assert [each.text for each in found.unmarked] == unmarked
    assert [each.text for each in found.doubted] == doubted
