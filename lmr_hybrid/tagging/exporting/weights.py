"""A saved model's weights under the names of what they do, whatever the architecture calls them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from lmr_hybrid.errors import ModelNotExportable
from lmr_hybrid.tagging.architectures import ARCHITECTURES, ArchitectureNames

Array = NDArray[numpy.float32]
_ENCODER = "embeddings.list_embedding_0.model."
_GAZETTEER = "embeddings.list_embedding_1."
_ACTIVATIONS = {"gelu": "Gelu", "gelu_new": "FastGelu", "gelu_pytorch_tanh": "FastGelu", "relu": "Relu"}


@dataclass(frozen=True, slots=True)
class Linear:
    """`weight` has shape (in, out), `bias` shape (out,); `name` is one that no other of the model has."""

    weight: Array
    bias: Array
    name: str = ""


@dataclass(frozen=True, slots=True)
class Norm:
    """The weights of a layer normalisation."""

    weight: Array
    bias: Array
    epsilon: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an encoder; `attention_input` makes queries, keys and values, side by side."""

    attention_input: Linear
    attention_output: Linear
    attention_norm: Norm
    inner: Linear
    outer: Linear
    output_norm: Norm


@dataclass(frozen=True, slots=True)
class Encoder:
    """The weights of a BERT-like encoder (Devlin et al. 2019).

    `pieces` has a row for each word piece, `positions` one for each position, from the first that a text has.
    `projection` widens the two where they are narrower than the layers. `distances`, where there is any, is added to
    the attention of each head, shape (heads, 2 * positions - 1), from the furthest back to the furthest ahead.
    """

    pieces: Array
    positions: Array
    norm: Norm
    projection: Linear | None
    layers: Sequence[Layer]
    heads: int
    activation: str
    distances: Array | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """All that is not the encoder; without gazetteer features, all but `tags` is None.

    `window` takes the feature rows of a word and its neighbours, side by side, shape (3 * columns, size).
    """

    tags: Linear
    window: Linear | None = None
    gate: Linear | None = None
    injection: Array | None = None


#: Those that count positions from behind the number of their padding piece.
_COUNTED_FROM_PADDING = frozenset({"camembert", "mpnet", "roberta", "xlm-roberta"})


class Weights:
    """The tensors of a saved model as float32, by name."""

    def __init__(self, path: Path) -> None:
        from safetensors import safe_open

        self.path = path
        with safe_open(path, framework="np") as stream:
            self._tensors: dict[str, Array] = {
                name: stream.get_tensor(name).astype(numpy.float32)
                for name in stream.keys()  # noqa: SIM118
            }

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def array(self, name: str) -> Array:
        """Return a tensor. Raises `ModelNotExportable` where there is none of that name."""
        try:
            return self._tensors[name]
        except KeyError:
            problem = f"lacks the weights {name}, so its encoder differs from what its configuration says"
            raise ModelNotExportable(self.path, problem, REMEDY) from None

    def linear(self, *names: str) -> Linear:
        """Return the linear layers of these names as one, side by side."""
        weight = numpy.concatenate([self.array(f"{name}.weight") for name in names])
        bias = numpy.concatenate([self.array(f"{name}.bias") for name in names])
        return Linear(numpy.ascontiguousarray(weight.T), bias, names[0])

    def norm(self, name: str, epsilon: float) -> Norm:
        """Return a layer normalisation."""
        return Norm(self.array(f"{name}.weight"), self.array(f"{name}.bias"), epsilon)


REMEDY = 'Run it as it is, with runtime="flair"'


def read_encoder(weights: Weights, config: Mapping[str, Any], folder: Path) -> Encoder:
    """Return the encoder that Hugging Face's configuration describes; `folder` is the model's, for errors.

    Raises `ModelNotExportable` where it is of an architecture, or has a setting, that cannot be exported.
    """
    names = _names(config, folder)
    kind = config["model_type"]
    epsilon = float(config[names.epsilon]) if names.epsilon else 1e-12
    own = f"{_ENCODER}embeddings."
    positions = weights.array(f"{own}position_embeddings.weight")
    if kind in _COUNTED_FROM_PADDING:
        # MPNet's code holds its padding piece to be number 1 whatever the configuration says.
        positions = positions[2 if kind == "mpnet" else config["pad_token_id"] + 1 :]
    if f"{own}token_type_embeddings.weight" in weights:
        positions = positions + weights.array(f"{own}token_type_embeddings.weight")[0]
    projection = f"{_ENCODER}embeddings_project"
    return Encoder(
        pieces=weights.array(f"{own}word_embeddings.weight"),
        positions=positions,
        norm=weights.norm(f"{own}LayerNorm", epsilon),
        projection=weights.linear(projection) if f"{projection}.weight" in weights else None,
        layers=[_layer(weights, names, number, epsilon) for number in range(config[names.layers])],
        heads=config[names.heads],
        activation=_ACTIVATIONS[config[names.activation]],
        distances=_distances(weights, len(positions)) if kind == "mpnet" else None,
    )


def read_head(weights: Weights) -> Head:
    """Return what stands behind and beside the encoder."""
    tags = weights.linear("linear")
    if f"{_GAZETTEER}window.weight" not in weights:
        return Head(tags)
    # A convolution over three words is a matrix product with the rows of the three side by side.
    window = weights.array(f"{_GAZETTEER}window.weight").transpose(2, 1, 0)
    gate, injection = f"{_GAZETTEER}gate", f"{_GAZETTEER}injection.weight"
    return Head(
        tags,
        Linear(window.reshape(-1, window.shape[2]), weights.array(f"{_GAZETTEER}window.bias")),
        weights.linear(gate) if f"{gate}.weight" in weights else None,
        weights.array(injection).T if injection in weights else None,
    )


def _names(config: Mapping[str, Any], folder: Path) -> ArchitectureNames:
    kind = str(config.get("model_type"))
    if kind not in ARCHITECTURES:
        problem = (
            f"has an encoder of the architecture {kind}; those that can be exported are {', '.join(ARCHITECTURES)}"
        )
        raise ModelNotExportable(folder, problem, REMEDY)
    names = ARCHITECTURES[kind]
    if (activation := config[names.activation]) not in _ACTIVATIONS:
        problem = f"has the activation {activation}; those that can be exported are {', '.join(_ACTIVATIONS)}"
        raise ModelNotExportable(folder, problem, REMEDY)
    if (kind_of_position := config.get("position_embedding_type", "absolute")) != "absolute":
        problem = f"has position embeddings of the type {kind_of_position}; only absolute ones can be exported"
        raise ModelNotExportable(folder, problem, REMEDY)
    return names


def _layer(weights: Weights, names: ArchitectureNames, number: int, epsilon: float) -> Layer:
    def own(name: str) -> str:
        return f"{_ENCODER}{names.layer}.{number}.{name}"

    return Layer(
        attention_input=weights.linear(own(names.query), own(names.key), own(names.value)),
        attention_output=weights.linear(own(names.attention_output)),
        attention_norm=weights.norm(own(names.attention_norm), epsilon),
        inner=weights.linear(own(names.inner)),
        outer=weights.linear(own(names.outer)),
        output_norm=weights.norm(own(names.output_norm), epsilon),
    )


def _distances(weights: Weights, positions: int) -> Array:
    """Return MPNet's bias for each distance: as T5's, 32 buckets, exact ones near and ever wider ones further off."""
    table = weights.array(f"{_ENCODER}encoder.relative_attention_bias.weight")
    # MPNet's code takes its bias from 32 buckets whatever the configuration says.
    half, furthest = 16, 128
    exact = half // 2
    distances = numpy.arange(1 - positions, positions)
    away = numpy.abs(distances)
    with numpy.errstate(divide="ignore"):
        share = numpy.log(away.astype(numpy.float32) / numpy.float32(exact)) / math.log(furthest / exact)
    wide = numpy.minimum(exact + numpy.maximum(share * (half - exact), 0).astype(numpy.int64), half - 1)
    buckets = numpy.where(away < exact, away, wide) + half * (distances > 0)
    return numpy.ascontiguousarray(table[buckets].T)
