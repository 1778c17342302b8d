"""Train a tagger, from a pretrained encoder or from an earlier model."""

from __future__ import annotations

import gc
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.corpora import Message, align
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.tagger import TAG_TYPE, Tagger

if TYPE_CHECKING:
    import torch
    from flair.data import Sentence

#: Texts longer than this many tokens are cut for training: a few of them would decide the size of every batch.
_LONGEST = 160

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """A message made ready once for all epochs; spans are `(first token, last token, type)`, both ends inclusive."""

    tokens: tuple[Token, ...]
    matches: tuple[Match, ...]
    spans: tuple[tuple[int, int, str], ...]


def make_examples(messages: Sequence[Message], gazetteer: Gazetteer) -> list[Example]:
    """Tokenise and match messages; those without any token are left out."""
    examples = []
    for message in tqdm(messages, desc="matching", unit=" messages", disable=None):
        tokens = tokenize(message.text)
        matches = gazetteer.matches(message.text, tokens)
        tokens = tokens[:_LONGEST]
        if not tokens:
            continue
        examples.append(
            Example(
                tokens=tuple(tokens),
                matches=tuple(match for match in matches if match.last_token < len(tokens)),
                spans=align(message, tokens=tokens).spans,
            )
        )
    return examples


def train(
    tagger: Tagger,
    examples: Sequence[Example],
    config: TrainingConfig,
    *,
    after_epoch: Callable[[int, float], object] = lambda _epoch, _loss: None,
) -> None:
    """Fine-tune `tagger` in place; at the end its weights are the moving average.

    On a GPU the forward pass runs under automatic mixed precision in bfloat16 where the GPU has it and float16 where
    not, on a CPU under bfloat16 autocast. `after_epoch(epoch, mean loss)` is called with the averaged weights in place.
    """
    import torch

    if not any(example.spans for example in examples):
        raise TrainingError("the training corpus", "holds no mention", "Give messages with location_mentions")
    generator = random.Random(config.seed)  # noqa: S311 - reproducible shuffling, no secrets
    torch.manual_seed(config.seed)
    network = tagger.network
    steps = config.epochs * -(-len(examples) // config.batch_size)
    optimizer, schedule = _optimizer(tagger, config, steps)
    precision = _Precision(next(network.parameters()).device)
    average = _WeightAverage(network, config.average_decay)
    # The examples are millions of small objects that live to the end: no need for every collection to visit them.
    gc.freeze()
    for epoch in range(1, config.epochs + 1):
        network.train()
        total = 0.0
        batches = list(_batches(examples, config.batch_size, generator))
        with tqdm(batches, desc=f"epoch {epoch}/{config.epochs}", unit=" batches", disable=None) as bar:
            for batch in bar:
                sentences = [_labelled_sentence(tagger, example, config, generator) for example in batch]
                loss = precision.step(network, sentences, optimizer)
                schedule.step()
                average.update()
                total += loss
        with average.applied():
            after_epoch(epoch, total / len(batches))
    average.apply()
    network.eval()


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


def _labelled_sentence(tagger: Tagger, example: Example, config: TrainingConfig, generator: random.Random) -> Sentence:
    hidden = generator.random() < config.gazetteer_dropout
    matches = [match for match in example.matches if not hidden and generator.random() >= config.match_dropout]
    sentence = tagger.prepare(example.tokens, matches)
    for first, last, type_ in example.spans:
        sentence[first : last + 1].add_label(TAG_TYPE, type_)
    return sentence


class _Precision:
    """One optimisation step in the precision that the device is fastest in."""

    def __init__(self, device: torch.device) -> None:
        import torch

        on_gpu = device.type == "cuda"
        half = torch.float16 if on_gpu and not torch.cuda.is_bf16_supported() else torch.bfloat16
        self._autocast = torch.autocast(device.type, half)
        self._scaler = torch.amp.GradScaler(device.type, enabled=half is torch.float16)

    def step(self, network: Any, sentences: Sequence[Sentence], optimizer: torch.optim.Optimizer) -> float:
        import torch

        with self._autocast:
            loss, count = network.forward_loss(list(sentences))
        loss = loss.float() / max(1, count)
        self._scaler.scale(loss).backward()
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
