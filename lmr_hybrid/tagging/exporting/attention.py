"""Attention over windows of pieces, which otherwise lie one behind another without padding.

Heads are taken apart and put together by looking rows up, the same for all layers: that pads, splits and transposes at
once, and takes three fifths of the time of ONNX Runtime's own MultiHeadAttention (1.32) with what it needs around it.
"""

from __future__ import annotations

import numpy

from lmr_hybrid.tagging.exporting.graph import Graph
from lmr_hybrid.tagging.exporting.weights import Encoder

_INT64 = 7
#: Added where there is no piece: its share then is nothing.
_NOTHING = -10_000.0


class Attention:
    """The attention of all layers of an encoder in a graph with the inputs `padded`, `unpadded` and `lengths`."""

    def __init__(self, graph: Graph, encoder: Encoder) -> None:
        self._graph = graph
        self._heads = encoder.heads
        self._width = encoder.layers[0].attention_output.weight.shape[0]
        shape = graph.add("Shape", "padded")
        self._longest = graph.add("Gather", shape, graph.constant(numpy.int64(1)))
        zero, one = graph.constant(numpy.int64(0)), graph.constant(numpy.int64(1))
        self._positions = graph.add("Range", zero, self._longest, one)
        self._rows = [self._rows_of_heads(part) for part in range(3)]
        self._bias = self._position_bias(encoder)

    def __call__(self, joined: str, places: str) -> str:
        """Return what the pieces at these places of `padded`, flattened, attend to, shape (places, n).

        `joined` are the queries, keys and values of all pieces side by side, shape (pieces, 3 * n).
        """
        graph = self._graph
        size = self._width // self._heads
        heads = graph.add("Reshape", joined, graph.constant(numpy.array([-1, size])))
        query, key, value = (graph.add("Gather", heads, rows) for rows in self._rows)
        products = graph.add("FusedMatMul", query, key, own=True, transB=1, alpha=size**-0.5)
        shares = graph.add("Softmax", graph.add("Add", products, self._bias), axis=-1)
        context = graph.add("Reshape", graph.add("MatMul", shares, value), graph.constant(numpy.array([-1, size])))
        found = graph.add("Gather", context, self._rows_of_places(places))
        return str(graph.add("Reshape", found, graph.constant(numpy.array([-1, self._width]))))

    def _rows_of_heads(self, part: int) -> str:
        """Return the rows of the queries (0), keys (1) or values (2), shape (windows, heads, longest).

        The rows are those of `joined` with the heads of each piece, thrice as many, one below another.
        """
        graph = self._graph
        own = part * self._heads + numpy.arange(self._heads)[:, None]
        first = graph.add("Mul", "padded", graph.constant(numpy.int64(3 * self._heads)))
        by_head = graph.add("Unsqueeze", first, graph.constant(numpy.array([1])))
        return str(graph.add("Add", by_head, graph.constant(own)))

    def _rows_of_places(self, places: str) -> str:
        """Return the rows of places in what has the shape (windows, heads, longest), shape (places, heads)."""
        graph = self._graph
        window = graph.add("Div", places, self._longest)
        # As many rows lie before a place as before its window without heads, once more for each head but one.
        before = graph.add("Mul", graph.add("Mul", window, self._longest), graph.constant(numpy.int64(self._heads - 1)))
        first = graph.add("Unsqueeze", graph.add("Add", places, before), graph.constant(numpy.array([1])))
        heads = graph.add("Mul", graph.constant(numpy.arange(self._heads)), self._longest)
        return str(graph.add("Add", first, heads))

    def _position_bias(self, encoder: Encoder) -> str:
        """Return what is added to the attention of a window, shape (windows, 1 or heads, 1 or longest, longest)."""
        graph = self._graph
        lengths = graph.add(
            "Unsqueeze", graph.add("Cast", "lengths", to=_INT64), graph.constant(numpy.array([1, 2, 3]))
        )
        is_piece = graph.add("Less", self._positions, lengths)
        nothing, no_bias = graph.constant(numpy.float32(_NOTHING)), graph.constant(numpy.float32(0))
        bias = graph.add("Where", is_piece, no_bias, nothing)
        if encoder.distances is None:
            return str(bias)
        ahead = graph.add("Unsqueeze", self._positions, graph.constant(numpy.array([0])))
        here = graph.add("Unsqueeze", self._positions, graph.constant(numpy.array([1])))
        middle = graph.constant(numpy.int64(encoder.distances.shape[1] // 2))
        distances = graph.add("Add", graph.add("Sub", ahead, here), middle)
        return str(graph.add("Add", bias, graph.add("Gather", graph.constant(encoder.distances), distances, axis=1)))
