"""The tagger as one graph: word pieces and feature rows in, one score a word and tag out.

Pieces and words of all texts of a batch lie one behind another without padding; only attention, which is little of the
work, pads. Between the words of two texts stands a row of zeros, so that the window over three words never looks into
another text. In the last layer only what stands for a word is computed to the end.

Inputs, all int64 but where said; `windows` are stretches of text that the encoder sees at once:

- `pieces` (pieces,): the number of each word piece;
- `positions` (pieces,): its position in its window;
- `padded` (windows, longest): the index of the piece at each position, anything behind a window's end;
- `unpadded` (pieces,): the index of each piece in `padded`, flattened;
- `lengths` (windows,), int32: the pieces of each window;
- `words` (words,): the index of the piece that stands for each word, -1 for none;
- `features` (words, columns), float32, with gazetteer features only: the chosen columns of each word's row;
- `words_of_pieces` (pieces,), with injection only: the word that each piece is of, a row of zeros for none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from lmr_hybrid.tagging.exporting.attention import Attention
from lmr_hybrid.tagging.exporting.graph import Dimensions, Graph
from lmr_hybrid.tagging.exporting.weights import Encoder, Head, Layer

_FLOAT, _INT32, _INT64 = 1, 6, 7


def build_graph(graph: Graph, encoder: Encoder, head: Head, *, layers: Sequence[int], columns: int) -> bytes:
    """Return the bytes of the graph, which is empty before.

    The encoder's embeddings are the mean of these of its `layers`, 0 the input.
    """
    encoded = _encode(graph, encoder, head, layers)
    stack = encoded if head.window is None else _join(graph, encoded, _features(graph, head), head)
    inputs: dict[str, tuple[int, Dimensions]] = {
        "pieces": (_INT64, ["pieces"]),
        "positions": (_INT64, ["pieces"]),
        "padded": (_INT64, ["windows", "longest"]),
        "unpadded": (_INT64, ["pieces"]),
        "lengths": (_INT32, ["windows"]),
        "words": (_INT64, ["words"]),
    }
    if head.window is not None:
        inputs["features"] = (_FLOAT, ["words", columns])
    if head.injection is not None:
        inputs["words_of_pieces"] = (_INT64, ["pieces"])
    return graph.serialize(inputs, {"scores": (graph.exact_linear(stack, head.tags), ["words", len(head.tags.bias)])})


def _encode(graph: Graph, encoder: Encoder, head: Head, layers: Sequence[int]) -> str:
    """Return the embedding of each word, shape (words, n)."""
    hidden = _embed_pieces(graph, encoder, head)
    attention = Attention(graph, encoder)
    chosen = sorted(range(len(encoder.layers) + 1)[number] for number in layers)
    is_piece = graph.add("GreaterOrEqual", "words", graph.constant(numpy.int64(0)))
    first = graph.add("Max", "words", graph.constant(numpy.int64(0)))
    found = [graph.add("Gather", hidden, first)] if chosen[0] == 0 else []
    for number, layer in enumerate(encoder.layers[: chosen[-1]], 1):
        only = first if number == chosen[-1] else None
        hidden = _transform(graph, layer, hidden, attention, encoder.activation, only)
        if only is not None:
            found.append(hidden)
        elif number in chosen:
            found.append(graph.add("Gather", hidden, first))
    mean = found[0]
    if len(found) > 1:
        mean = graph.add("Mean", *found)
    # A word of which the encoder sees nothing has an embedding of zeros.
    shown = graph.add("Unsqueeze", graph.add("Cast", is_piece, to=_FLOAT), graph.constant(numpy.array([1])))
    return str(graph.add("Mul", mean, shown))


def _embed_pieces(graph: Graph, encoder: Encoder, head: Head) -> str:
    pieces = graph.table(encoder.pieces, "pieces")
    if head.injection is not None:
        added = graph.add("MatMul", "features", graph.constant(head.injection))
        pieces = graph.add("Add", pieces, graph.add("Gather", added, "words_of_pieces"))
    positions = graph.add("Gather", graph.constant(encoder.positions), "positions")
    hidden = graph.normalized_sum(pieces, positions, encoder.norm)
    return hidden if encoder.projection is None else graph.exact_linear(hidden, encoder.projection)


def _transform(graph: Graph, layer: Layer, hidden: str, attention: Attention, activation: str, only: str | None) -> str:
    """Return what a layer makes of `hidden`; where `only` is given, of these pieces alone, in that order."""
    joined = graph.linear(hidden, layer.attention_input)
    places = "unpadded"
    if only is not None:
        places, hidden = graph.add("Gather", "unpadded", only), graph.add("Gather", hidden, only)
    attended = graph.linear(attention(joined, places), layer.attention_output)
    hidden = graph.normalized_sum(attended, hidden, layer.attention_norm)
    # Evened out in front of the queries as well, it would be a hundredth slower and no better.
    active = graph.add(activation, graph.linear(hidden, layer.inner, evened=True), own=activation != "Relu")
    return graph.normalized_sum(graph.linear(active, layer.outer), hidden, layer.output_norm)


def _features(graph: Graph, head: Head) -> str:
    """Return the features of each word, made of its row and those beside it, shape (words, size)."""
    assert head.window is not None
    columns = len(head.window.weight) // 3
    none = graph.constant(numpy.zeros((1, columns), numpy.float32))
    rows = graph.add("Concat", none, "features", none, axis=0)
    starts, axis = [0, 1, 2], graph.constant(numpy.array([0]))
    # From the first, the second and the third row on, to the last but two, the last but one and the last.
    shifted = [
        graph.add(
            "Slice",
            rows,
            graph.constant(numpy.array([start])),
            graph.constant(numpy.array([start - 2 if start < 2 else 2**62])),
            axis,
        )
        for start in starts
    ]
    return str(graph.add("Gelu", graph.exact_linear(graph.add("Concat", *shifted, axis=1), head.window), own=True))


def _join(graph: Graph, encoded: str, features: str, head: Head) -> str:
    if head.gate is not None:
        both = graph.add("Concat", encoded, features, axis=1)
        features = graph.add("Mul", features, graph.add("Sigmoid", graph.exact_linear(both, head.gate)))
    return str(graph.add("Concat", encoded, features, axis=1))
