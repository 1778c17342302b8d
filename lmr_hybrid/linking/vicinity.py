"""How near the places of a message's mentions lie to what the mentions around them name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy
from numpy.typing import NDArray

from gazetteer.sphere import distances_km, in_boxes
from lmr_hybrid.linking.signals import NEAR, Lone


@dataclass(frozen=True, slots=True)
class Vicinity:
    """For each place of a mention, 0 to 1: how near it is to the likeliest places of others, exp(-distance / 150 km)
    times their probability, and the probability that one of them names an area whose box holds it.
    """

    near: list[float]
    within: list[float]


def vicinities(mentions: Sequence[Lone], others: Sequence[Sequence[Lone]]) -> list[Vicinity]:
    """Return the vicinity of each mention, given for each those whose places count for it."""
    counts = [len(each.hits.places) for each in mentions]
    speakers = list({id(other): other for around in others for other in around}.values())
    if not speakers or not any(counts):
        return [Vicinity([0.0] * count, [0.0] * count) for count in counts]
    identities = [set(map(id, around)) for around in others]
    heard = numpy.array([[id(speaker) in around for speaker in speakers] for around in identities])
    near = _nearest(mentions, speakers, heard, counts)
    within = _inside(mentions, speakers, heard, counts)
    return [Vicinity(near[first:end], within[first:end]) for first, end in pairwise(accumulate(counts, initial=0))]


def _nearest(
    mentions: Sequence[Lone], speakers: Sequence[Lone], heard: NDArray[numpy.bool_], counts: Sequence[int]
) -> list[float]:
    points, probabilities = zip(*(speaker.likeliest for speaker in speakers), strict=True)
    distances = distances_km(numpy.concatenate([each.vectors for each in mentions]), numpy.concatenate(points))
    return _loudest(numpy.exp(distances / -NEAR), probabilities, heard, counts)


def _inside(
    mentions: Sequence[Lone], speakers: Sequence[Lone], heard: NDArray[numpy.bool_], counts: Sequence[int]
) -> list[float]:
    boxes, probabilities = zip(*(speaker.boxes for speaker in speakers), strict=True)
    if not any(map(len, boxes)):
        return [0.0] * sum(counts)
    held = in_boxes(numpy.concatenate([each.points for each in mentions]), numpy.concatenate(boxes))
    return _loudest(held, probabilities, heard, counts)


def _loudest(
    said: NDArray[numpy.float64] | NDArray[numpy.bool_],
    probabilities: Sequence[NDArray[numpy.float64]],
    heard: NDArray[numpy.bool_],
    counts: Sequence[int],
) -> list[float]:
    """Return the most that is said of each place: `said`, shape (places, places of speakers), times probabilities.

    `heard`, shape (mentions, speakers), tells which speakers count; `counts` are the numbers of the mentions' places.
    """
    columns = heard.repeat([len(each) for each in probabilities], axis=1)
    weights = (columns * numpy.concatenate(probabilities)).repeat(counts, axis=0)
    loudest: list[float] = (said * weights).max(axis=1, initial=0.0).tolist()
    return loudest
