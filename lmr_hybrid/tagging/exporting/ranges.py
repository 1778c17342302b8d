"""How far the values reach that a model's matrices are multiplied with, and how they are rounded for that.

A scale fixed beforehand costs no pass over the values. Columns reach unlike far, so those that come out of a layer
normalisation are divided first, as SmoothQuant does (Xiao et al., ICML 2023, with a migration strength of one half):
what the columns gain in evenness, the rows of the matrix lose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy

from lmr_hybrid.tagging.exporting.graph import Array, Dimensions, FixedRounding, Graph, Result
from lmr_hybrid.tagging.exporting.weights import Linear

_STEPS = 255
_TINY = 1e-6
#: What a value exceeds in fewer runs than these is cut off.
_SHARE_OF_RUNS = 0.99


@dataclass(slots=True)
class Range:
    """The least and the largest value of each column that a layer is given, shape (columns,), run by run.

    `evened` tells whether the columns are to be evened out.
    """

    layer: Linear
    evened: bool
    least: list[Array] = field(default_factory=list)
    largest: list[Array] = field(default_factory=list)

    def rounding(self) -> FixedRounding:
        """Return the rounding that next to all values seen fit into."""
        low = numpy.minimum(0, numpy.quantile(self.least, 1 - _SHARE_OF_RUNS, axis=0))
        high = numpy.maximum(0, numpy.quantile(self.largest, _SHARE_OF_RUNS, axis=0))
        divisors = None
        if self.evened:
            reach = numpy.maximum(numpy.maximum(-low, high), _TINY)
            rows = numpy.maximum(numpy.abs(self.layer.weight).max(axis=1), _TINY)
            divisors = numpy.sqrt(reach / rows).astype(numpy.float32)
            low, high = low / divisors, high / divisors
        step = max(float(high.max() - low.min()), _TINY) / _STEPS
        return FixedRounding(step, round(float(-low.min()) / step), divisors)


class WatchingGraph(Graph):
    """A graph that does not round and tells, beside its results, how far the values reach in each linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self._watched: dict[str, str] = {}
        self.ranges: dict[str, Range] = {}

    def linear(self, value: str, layer: Linear, *, evened: bool = False) -> str:
        """Multiply rows by a matrix, add its bias and watch the rows; `evened` where these are a normalised value."""
        self._watched[layer.name] = value
        self.ranges[layer.name] = Range(layer, evened)
        return super().linear(value, layer)

    def serialize(self, inputs: Mapping[str, tuple[int, Dimensions]], outputs: Mapping[str, Result]) -> bytes:
        """Return the finished model's bytes, which tell the least and the largest of each column beside the outputs."""
        told: dict[str, Result] = {}
        for name, value in self._watched.items():
            columns = [len(self.ranges[name].layer.weight)]
            told[f"{name} least"] = self.add("ReduceMin", value, axes=[0], keepdims=0), columns
            told[f"{name} largest"] = self.add("ReduceMax", value, axes=[0], keepdims=0), columns
        return super().serialize(inputs, {**outputs, **told})


class WatchingSession:
    """Runs what a `WatchingGraph` made, for an `ExportedTagger`, and keeps what it tells in the ranges."""

    def __init__(self, session: Any, ranges: Mapping[str, Range]) -> None:
        self._session = session
        self._ranges = ranges.values()

    def get_inputs(self) -> Any:
        """Return the inputs of the graph."""
        return self._session.get_inputs()

    def run(self, names: None, inputs: Mapping[str, Any]) -> list[Array]:
        """Return the scores alone."""
        scores, *told = self._session.run(names, inputs)
        for range_, least, largest in zip(self._ranges, told[::2], told[1::2], strict=True):
            range_.least.append(least)
            range_.largest.append(largest)
        return [scores]
