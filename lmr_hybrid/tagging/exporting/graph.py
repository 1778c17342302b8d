"""An ONNX graph under construction; values go by their names.

Beside ONNX's own operators it uses those that ONNX Runtime adds on every processor ("com.microsoft"), which do in one
step what else takes several passes over memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

from lmr_hybrid.tagging.exporting.weights import Linear, Norm

#: ONNX Runtime has read these since its version 1.17.
_OPERATORS, _FORMAT = 17, 8
_OWN = "com.microsoft"
#: Weights are kept within -127..127, so that none is further from 0 than its negative could be.
_LARGEST = 127
_TINY = 1e-9
Array = NDArray[Any]
#: Names of dimensions that differ from run to run, and sizes of those that do not.
Dimensions = Sequence[str | int]
#: The value that an output of a graph is, and its dimensions.
Result = tuple[str, Dimensions]


@dataclass(frozen=True, slots=True)
class FixedRounding:
    """How values are rounded to 0..255: as so many steps from `zero`, once divided by `divisors`, one a column."""

    step: float
    zero: int
    divisors: Array | None = None


#: The scale of each row is made of its values, or those of all rows are fixed, by the names of the linear layers.
Rounding = Literal["row"] | Mapping[str, FixedRounding]


class Graph:
    """Operators and constants in the order in which they were added.

    With a `rounding`, large matrices are 8-bit integers, one scale a column, and so is what they are multiplied with.
    Either way, a row's product does not depend on what else is computed with it.
    """

    def __init__(self, rounding: Rounding | None = None) -> None:
        self._rounding = rounding
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._normalized: dict[str, tuple[str, Norm]] = {}

    def constant(self, values: Any) -> str:
        """Add an array, or what numpy makes one of, and return its name."""
        from onnx import numpy_helper

        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, *values: str, own: bool = False, results: int = 1, **settings: Any) -> Any:
        """Add an operator and return the name of its result, or the names of its `results`."""
        from onnx import helper

        names = [f"{operator}{len(self._nodes)}_{number}" for number in range(results)]
        self._nodes.append(helper.make_node(operator, values, names, domain=_OWN if own else "", **settings))
        return names[0] if results == 1 else names

    def table(self, rows: Array, numbers: str) -> str:
        """Look rows up in a large table by their numbers; quantised, each row has a scale of its own."""
        if self._rounding is None:
            return str(self.add("Gather", self.constant(rows), numbers))
        scales = _scales(rows, axis=1)
        found = self.add("Gather", self.constant(_round(rows, scales)), numbers)
        scale = self.add("Gather", self.constant(scales), numbers)
        return str(self.add("Mul", self.add("Cast", found, to=1), scale))

    def linear(self, value: str, layer: Linear, *, evened: bool = False) -> str:  # noqa: ARG002
        """Multiply rows by a matrix and add its bias; `evened` is for those that find out how to round."""
        if self._rounding is None:
            return self.exact_linear(value, layer)
        if self._rounding == "row":
            return self._linear_rounded_by_row(value, layer)
        return self._linear_rounded(value, layer, self._rounding[layer.name])

    def exact_linear(self, value: str, layer: Linear) -> str:
        """Multiply rows by a matrix and add its bias, always in float32."""
        return str(self.add("Gemm", value, self.constant(layer.weight), self.constant(layer.bias)))

    def _linear_rounded(self, value: str, layer: Linear, rounding: FixedRounding) -> str:
        weight = layer.weight
        if rounding.divisors is not None:
            value = self._divided(value, rounding.divisors)
            weight = weight * rounding.divisors[:, None]
        scales = _scales(weight, axis=0)
        step, zero = self.constant(numpy.float32(rounding.step)), self.constant(numpy.uint8(rounding.zero))
        rounded = self.add("QuantizeLinear", value, step, zero)
        columns, bias = self.constant(scales[0]), self.constant(layer.bias)
        matrix = self.constant(_round(weight, scales))
        return str(self.add("MatMulIntegerToFloat", rounded, matrix, step, columns, zero, "", bias, own=True))

    def _divided(self, value: str, divisors: Array) -> str:
        """Return a normalised value divided column by column: normalised anew, it costs less than a division."""
        values, norm = self._normalized[value]
        gamma, beta = self.constant(norm.weight / divisors), self.constant(norm.bias / divisors)
        return str(self.add("LayerNormalization", values, gamma, beta, epsilon=norm.epsilon))

    def _linear_rounded_by_row(self, value: str, layer: Linear) -> str:
        scales = _scales(layer.weight, axis=0)
        weight, columns = self.constant(_round(layer.weight, scales)), self.constant(scales[0])
        # Each row is brought to -1..1, which one scale fits for all rows of all runs, and its product back.
        largest = self.add("ReduceMax", self.add("Abs", value), axes=[1])
        largest = self.add("Max", largest, self.constant(numpy.float32(_TINY)))
        step, zero = self.constant(numpy.float32(1 / _LARGEST)), self.constant(numpy.uint8(_LARGEST + 1))
        rounded = self.add("QuantizeLinear", self.add("Div", value, largest), step, zero)
        product = self.add("MatMulIntegerToFloat", rounded, weight, step, columns, zero, own=True)
        return str(self.add("Add", self.add("Mul", product, largest), self.constant(layer.bias)))

    def normalized_sum(self, left: str, right: str, norm: Norm) -> str:
        """Add two values of one shape and normalise each row."""
        gamma, beta = self.constant(norm.weight), self.constant(norm.bias)
        # The fused SkipLayerNormalization takes eight times as long on a processor (ONNX Runtime 1.32).
        values = self.add("Add", left, right)
        normalized = str(self.add("LayerNormalization", values, gamma, beta, epsilon=norm.epsilon))
        self._normalized[normalized] = values, norm
        return normalized

    def serialize(self, inputs: Mapping[str, tuple[int, Dimensions]], outputs: Mapping[str, Result]) -> bytes:
        """Return the finished model's bytes; `inputs` are the type and the dimensions of each input."""
        from onnx import checker, helper

        for name, (value, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [value], [name]))
        graph = helper.make_graph(
            self._nodes,
            "tagger",
            [helper.make_tensor_value_info(name, type_, list(shape)) for name, (type_, shape) in inputs.items()],
            [helper.make_tensor_value_info(name, 1, list(shape)) for name, (_, shape) in outputs.items()],
            self._constants,
        )
        domains = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_OWN, 1)]
        model = helper.make_model(graph, opset_imports=domains, ir_version=_FORMAT, producer_name="lmr_hybrid")
        checker.check_model(model)
        return bytes(model.SerializeToString())


def _scales(values: Array, *, axis: int) -> Array:
    """Return the scale of each column (axis 0) or row (axis 1), with the axis kept."""
    largest = numpy.abs(values).max(axis=axis, keepdims=True)
    scales: Array = numpy.where(largest > 0, largest / _LARGEST, 1).astype(numpy.float32)
    return scales


def _round(values: Array, scales: Array) -> Array:
    rounded: Array = numpy.clip(numpy.rint(values / scales), -_LARGEST, _LARGEST).astype(numpy.int8)
    return rounded
