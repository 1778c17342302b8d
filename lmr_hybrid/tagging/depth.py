"""A shallower encoder from a pretrained one."""

from __future__ import annotations

from typing import Any


def keep_layers(encoder: Any, kept: str) -> None:
    """Leave only some of a Hugging Face encoder's layers in it: numbers from 0, such as "0,2,5", in their order.

    What stays keeps its pretrained weights and learns to do without the rest (Sajjad et al., On the effect of dropping
    layers of pre-trained transformer models, Computer Speech & Language 2023). Raises `ValueError` for numbers that are
    no layers of the encoder, or where its layers cannot be found.
    """
    import torch

    depth = encoder.config.num_hidden_layers
    try:
        numbers = [int(number) for number in kept.split(",")]
    except ValueError:
        numbers = []
    if not numbers or sorted(set(numbers)) != numbers or not 0 <= numbers[0] <= numbers[-1] < depth:
        raise ValueError(f"kept_layers must be rising numbers from 0 to {depth - 1}, such as 0,{depth - 1}: {kept!r}")
    stacks = [
        (parent, name, child)
        for parent in encoder.modules()
        for name, child in parent.named_children()
        if isinstance(child, torch.nn.ModuleList) and len(child) == depth
    ]
    if len(stacks) != 1:
        raise ValueError(f"kept_layers: the layers of {type(encoder).__name__} cannot be told from its other parts")
    parent, name, layers = stacks[0]
    setattr(parent, name, torch.nn.ModuleList(layers[number] for number in numbers))
    encoder.config.num_hidden_layers = len(numbers)
