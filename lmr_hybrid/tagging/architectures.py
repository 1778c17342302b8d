"""What each architecture of encoders calls its weights, and its configuration what there is to know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchitectureNames:
    """Names of the weights within a layer, of the list of layers, and of entries of the configuration.

    `inner` and `outer` are the two matrices of a feed-forward layer, `neurons` is what stands between them. What an
    architecture does not name it calls as BERT does.
    """

    layer: str = "encoder.layer"
    query: str = "attention.self.query"
    key: str = "attention.self.key"
    value: str = "attention.self.value"
    attention_output: str = "attention.output.dense"
    attention_norm: str = "attention.output.LayerNorm"
    inner: str = "intermediate.dense"
    outer: str = "output.dense"
    output_norm: str = "output.LayerNorm"
    heads: str = "num_attention_heads"
    layers: str = "num_hidden_layers"
    activation: str = "hidden_act"
    epsilon: str = "layer_norm_eps"
    neurons: str = "intermediate_size"


_BERT = ArchitectureNames()
_MPNET = ArchitectureNames(
    query="attention.attn.q",
    key="attention.attn.k",
    value="attention.attn.v",
    attention_output="attention.attn.o",
    attention_norm="attention.LayerNorm",
)
_DISTILBERT = ArchitectureNames(
    layer="transformer.layer",
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    attention_output="attention.out_lin",
    attention_norm="sa_layer_norm",
    inner="ffn.lin1",
    outer="ffn.lin2",
    output_norm="output_layer_norm",
    heads="n_heads",
    layers="n_layers",
    activation="activation",
    epsilon="",
    neurons="hidden_dim",
)
#: By the `model_type` of Hugging Face's configuration.
ARCHITECTURES: Mapping[str, ArchitectureNames] = {
    "bert": _BERT,
    "camembert": _BERT,
    "distilbert": _DISTILBERT,
    "electra": _BERT,
    "mpnet": _MPNET,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
}
