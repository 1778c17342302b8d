"""Train a tagger, from a pretrained encoder or from an earlier model."""

from __future__ import annotations

import gc
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from tqdm import tqdm

from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.examples import Example
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.tagger import Tagger

if TYPE_CHECKING:
    import torch

_logger = logging.getLogger(__name__)


class Epochs(Protocol):
    """What is trained on: the examples of each epoch, which may differ but are as many."""

    def __len__(self) -> int:
        """Return the number of examples an epoch."""
        ...

    def __call__(self, epoch: int) -> Sequence[Example]:
        """Return the examples of an epoch, counted from 1; the same for the same number."""
        ...


def train(
    tagger: Tagger,
    epochs: Epochs,
    config: TrainingConfig,
    *,
    after_epoch: Callable[[int, float], object] = lambda _epoch, _loss: None,
) -> None:
    """Fine-tune `tagger` in place; at the end its weights are the moving average.

    On a GPU the forward pass runs under automatic mixed precision in bfloat16 where the GPU has it and float16 where
    not, on a CPU under bfloat16 autocast. `after_epoch(epoch, mean loss)` is called with the averaged weights in place.
    """
    network = tagger.network
    steps = config.epochs * -(-len(epochs) // config.batch_size)
    optimizer, schedule = _optimizer(tagger, config, steps)
    precision = _Precision(next(network.parameters()).device)
    average = _WeightAverage(network, config.average_decay)
    # The examples are millions of small objects that live to the end: no need for every collection to visit them.
    gc.freeze()
    for epoch in range(1, config.epochs + 1):
        generator = _seed_epoch(config.seed, epoch)
        examples = epochs(epoch)
        if not any(example.spans for example in examples):
            raise TrainingError("the training corpus", "holds no mention", "Give messages with location_mentions")
        network.train()
        total = 0.0
        batches = list(_batches(examples, config.batch_size, generator))
        with tqdm(batches, desc=f"epoch {epoch}/{config.epochs}", unit=" batches", disable=None) as bar:
            for batch in bar:
                total += precision.step(tagger, batch, optimizer)
                schedule.step()
                average.update()
        with average.applied():
            after_epoch(epoch, total / len(batches))
    average.apply()
    network.eval()


def _seed_epoch(seed: int, epoch: int) -> random.Random:
    """Make an epoch the same whatever ran before it."""
    import torch

    torch.manual_seed(seed * 1_000 + epoch)
    return random.Random(f"{seed} {epoch}")  # noqa: S311 - reproducible shuffling, no secrets


def _optimizer(tagger: Tagger, config: TrainingConfig, steps: int) -> tuple[torch.optim.Optimizer, Any]:
    import torch
    from transformers import get_linear_schedule_with_warmup

    encoder: list[torch.nn.Parameter] = []
    head: list[torch.nn.Parameter] = []
    for name, parameter in tagger.network.named_parameters():
        (encoder if ".model." in name else head).append(parameter)
    optimizer = torch.optim.AdamW(
        [
            {"params": encoder, "lr": config.encoder_learning_rate},
            {"params": head, "lr": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,
    )
    return optimizer, get_linear_schedule_with_warmup(optimizer, int(steps * config.warmup_share), steps)


def _batches(examples: Sequence[Example], size: int, generator: random.Random) -> Iterator[list[Example]]:
    """Yield shuffled batches of texts of like length: little padding, and no fixed company."""
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].tokens) * generator.uniform(0.8, 1.25))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    generator.shuffle(batches)
    for batch in batches:
        yield [examples[index] for index in batch]


class _Precision:
    """One optimisation step in the precision that the device is fastest in."""

    def __init__(self, device: torch.device) -> None:
        import torch

        on_gpu = device.type == "cuda"
        half = torch.float16 if on_gpu and not torch.cuda.is_bf16_supported() else torch.bfloat16
        self._autocast = torch.autocast(device.type, half)
        self._scaler = torch.amp.GradScaler(device.type, enabled=half is torch.float16)

    def step(self, tagger: Tagger, examples: Sequence[Example], optimizer: torch.optim.Optimizer) -> float:
        import torch

        network = tagger.network
        with self._autocast:
            loss = tagging_loss(tagger, examples)
        scaled: Any = self._scaler.scale(loss)
        scaled.backward()
        self._scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self._scaler.step(optimizer)
        self._scaler.update()
        optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())


class _WeightAverage:
    """An exponential moving average of the weights (Polyak and Juditsky, 1992), with the usual warm-up of the decay."""

    def __init__(self, network: torch.nn.Module, decay: float) -> None:
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._average = [parameter.detach().clone() for parameter in self._parameters]
        self._decay = decay
        self._updates = 0

    def update(self) -> None:
        import torch

        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        parameters = [parameter.detach() for parameter in self._parameters]
        torch._foreach_lerp_(self._average, parameters, 1 - decay)

    def apply(self) -> None:
        for parameter, average in zip(self._parameters, self._average, strict=True):
            parameter.data.copy_(average)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averaged weights in place for a while."""
        current = [parameter.detach().clone() for parameter in self._parameters]
        self.apply()
        try:
            yield
        finally:
            for parameter, value in zip(self._parameters, current, strict=True):
                parameter.data.copy_(value)
