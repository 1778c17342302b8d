"""The moving parts of an optimisation: optimizer and learning rates, precision, average of the weights."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.examples import Example
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.tagger import Tagger, fastest_precision

if TYPE_CHECKING:
    import torch

#: Where Hugging Face encoders keep their layers: `encoder.layer.3.`, `layers.3.`, `transformer.layer.3.`, `h.3.`.
_LAYER = re.compile(r"\.(?:layer|layers|h|block)\.(\d+)\.")


def make_optimizer(tagger: Tagger, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return AdamW over what is trained: the encoder's layers from the top down, and last the head."""
    import torch

    encoder: dict[int, list[torch.nn.Parameter]] = defaultdict(list)
    head: list[torch.nn.Parameter] = []
    depth = _depth(tagger)
    for name, parameter in tagger.network.named_parameters():
        if not parameter.requires_grad:
            continue
        if ".model." not in name:
            head.append(parameter)
        else:
            encoder[0 if config.layer_decay == 1 else _layers_above(name, depth)].append(parameter)
    groups = [
        {"params": parameters, "lr": config.encoder_learning_rate * config.layer_decay**above}
        for above, parameters in sorted(encoder.items())
    ]
    groups.append({"params": head, "lr": config.head_learning_rate})
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=True)


def _depth(tagger: Tagger) -> int:
    numbers = [int(found[1]) for name, _ in tagger.network.named_parameters() if (found := _LAYER.search(name))]
    return 1 + max(numbers, default=-1)


def _layers_above(name: str, depth: int) -> int:
    """Return how many layers of the encoder stand above a parameter: all above the embeddings of word pieces."""
    if found := _LAYER.search(name):
        return depth - 1 - int(found[1])
    return depth if "embed" in name.partition(".model.")[2] else 0


def make_schedule(optimizer: torch.optim.Optimizer, config: TrainingConfig, steps: int) -> Any:
    """Return the schedule of the learning rates over so many steps; its state is plain numbers.

    "one-cycle" is PyTorch's (Smith and Topin, 2018), which rises by a cosine and falls to nearly nothing, without its
    cycle of momentum.
    """
    import torch
    from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

    if config.schedule == "one-cycle":
        peaks, total = [group["lr"] for group in optimizer.param_groups], max(steps, 2) + 1
        # PyTorch divides by the lengths of the rise, less one step, and of the fall.
        rise = config.warmup_share and max(config.warmup_share, 2 / total)
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, peaks, total_steps=total, pct_start=rise, cycle_momentum=False
        )
    make = get_linear_schedule_with_warmup if config.schedule == "linear" else get_cosine_schedule_with_warmup
    return make(optimizer, int(steps * config.warmup_share), steps)


def set_encoder_dropout(tagger: Tagger, probability: float) -> None:
    """Set the dropout between the encoder's layers. Raises `TrainingError` where the encoder was made without any.

    Dropout that is off stays off: the attention does without, see `Tagger.create`.
    """
    import torch

    encoder = tagger.network.embeddings.embeddings[0].model
    layers = [module for module in encoder.modules() if isinstance(module, torch.nn.Dropout) and module.p > 0]
    if not layers:
        remedy = "Leave encoder_dropout out, or choose an encoder that was pretrained with dropout"
        raise TrainingError(f"encoder_dropout = {probability:g}", "the encoder has no dropout that is on", remedy)
    for layer in layers:
        layer.p = probability


def freeze_embeddings(tagger: Tagger) -> None:
    """Keep the encoder's vectors of word pieces from being trained."""
    tagger.network.embeddings.embeddings[0].model.get_input_embeddings().requires_grad_(False)


class Precision:
    """One optimisation step in the precision that the device is fastest in."""

    def __init__(self, device: torch.device, config: TrainingConfig) -> None:
        import torch

        half = device.type == "cuda" and not torch.cuda.is_bf16_supported()
        self._autocast = torch.autocast(device.type, torch.float16) if half else fastest_precision(device)
        self.scaler = torch.amp.GradScaler(device.type, enabled=half)
        self._config = config

    def step(self, tagger: Tagger, examples: Sequence[Example], optimizer: torch.optim.Optimizer) -> float:
        """Change the weights a step; return the loss before it."""
        import torch

        network = tagger.network
        with self._autocast:
            loss = tagging_loss(
                tagger,
                examples,
                label_smoothing=self._config.label_smoothing,
                teachers_share=self._config.teachers_share,
            )
        scaled: Any = self.scaler.scale(loss)
        scaled.backward()
        self.scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self.scaler.step(optimizer)
        self.scaler.update()
        optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())


class WeightAverage:
    """An exponential moving average of the weights (Polyak and Juditsky, 1992), with the usual warm-up of the decay.

    `values` are the averages, in the order of the trained parameters; `updates` how many steps they have seen.
    """

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self.values = [parameter.detach().clone() for parameter in self._parameters]
        self.updates = 0
        self._decay = decay

    def update(self) -> None:
        """Take in the weights as they are now."""
        import torch

        self.updates += 1
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        parameters = [parameter.detach() for parameter in self._parameters]
        torch._foreach_lerp_(self.values, parameters, 1 - decay)

    def apply(self) -> None:
        """Put the averages in the weights' place for good."""
        for parameter, average in zip(self._parameters, self.values, strict=True):
            parameter.data.copy_(average)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages in the weights' place for a while."""
        current = [parameter.detach().clone() for parameter in self._parameters]
        self.apply()
        try:
            yield
        finally:
            for parameter, value in zip(self._parameters, current, strict=True):
                parameter.data.copy_(value)
