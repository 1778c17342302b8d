"""Train a tagger, from a pretrained encoder or from an earlier model."""

from __future__ import annotations

import gc
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tqdm import tqdm

from lmr_hybrid.errors import TrainingError
from lmr_hybrid.evaluation import Scores
from lmr_hybrid.tagging.checkpoint import Checkpoints, Progress, TrainingState
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.examples import Example
from lmr_hybrid.tagging.optimization import (
    Precision,
    WeightAverage,
    freeze_embeddings,
    make_optimizer,
    make_schedule,
    set_encoder_dropout,
)
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.training_log import LogRow

#: Rows of the log an epoch.
_ROWS = 20


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
    evaluate: Callable[[], Scores | None] = lambda: None,
    after_epoch: Callable[[Sequence[LogRow], float], object] = lambda _rows, _loss: None,
    checkpoints: Checkpoints | None = None,
) -> list[LogRow]:
    """Fine-tune `tagger` in place and return the log; at the end its weights are the moving average.

    The forward pass runs under automatic mixed precision: in bfloat16 where the device multiplies it natively, else in
    float16 on a GPU and in float32 on a CPU, where emulated bfloat16 would take several times as long. `evaluate` is
    called after each epoch with the averaged weights in place, and then `after_epoch` with the log so far and the
    epoch's mean loss. With `checkpoints` the training goes on from the last one and ends with the weights that it would
    have without the interruption.

    Raises `TrainingError` where there is nothing to learn from, where the loss is no number any more, or where the
    checkpoint is of another training.
    """
    state = _start(tagger, config, config.epochs * -(-len(epochs) // config.batch_size))
    if checkpoints:
        checkpoints.restore(state)
    # The examples are millions of small objects that live to the end: no need for every collection to visit them.
    gc.freeze()
    started = time.monotonic() - state.progress.seconds
    while state.progress.epoch <= config.epochs:
        batches = _batches_of_epoch(epochs, config, state.progress)
        tagger.network.train()
        for batch in _shown(batches, state.progress, config):
            _step(state, tagger, batch)
            state.progress.seconds = time.monotonic() - started
            if state.progress.batch < len(batches):
                if state.progress.batch % max(1, len(batches) // _ROWS) == 0:
                    _log(state, None)
                if checkpoints:
                    checkpoints.save_if_due(state)
        loss = state.progress.epoch_loss / len(batches)
        with state.average.applied():
            _log(state, evaluate())
            after_epoch(state.progress.rows, loss)
        state.progress.seconds = time.monotonic() - started
        state.progress.epoch, state.progress.batch, state.progress.epoch_loss = state.progress.epoch + 1, 0, 0.0
        if checkpoints:
            checkpoints.save(state)
    state.average.apply()
    tagger.network.eval()
    return state.progress.rows


def _start(tagger: Tagger, config: TrainingConfig, steps: int) -> TrainingState:
    network = tagger.network
    if config.encoder_dropout is not None:
        set_encoder_dropout(tagger, config.encoder_dropout)
    if config.freeze_embeddings:
        freeze_embeddings(tagger)
    optimizer = make_optimizer(tagger, config)
    return TrainingState(
        network=network,
        optimizer=optimizer,
        schedule=make_schedule(optimizer, config, steps),
        precision=Precision(next(network.parameters()).device, config),
        average=WeightAverage(network, config.average_decay),
        progress=Progress(),
    )


def _batches_of_epoch(epochs: Epochs, config: TrainingConfig, progress: Progress) -> list[list[Example]]:
    """Return all batches of the epoch under way, the same whatever ran before it, done or not."""
    examples = epochs(progress.epoch)
    if not any(example.spans for example in examples):
        raise TrainingError("the training corpus", "holds no mention", "Give messages with location_mentions")
    generator = random.Random(f"{config.seed} {progress.epoch}")  # noqa: S311 - reproducible shuffling, no secrets
    if progress.batch == 0:
        import torch

        # Within an epoch the generator's state comes from the checkpoint.
        torch.manual_seed(config.seed * 1_000 + progress.epoch)
    return list(_batches(examples, config.batch_size, generator))


def _batches(examples: Sequence[Example], size: int, generator: random.Random) -> Iterator[list[Example]]:
    """Yield shuffled batches of texts of like length: little padding, and no fixed company."""
    order = sorted(range(len(examples)), key=lambda index: len(examples[index].tokens) * generator.uniform(0.8, 1.25))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    generator.shuffle(batches)
    for batch in batches:
        yield [examples[index] for index in batch]


def _shown(batches: Sequence[list[Example]], progress: Progress, config: TrainingConfig) -> Iterator[list[Example]]:
    """Yield the batches that are not yet done under a progress bar."""
    yield from tqdm(
        batches[progress.batch :],
        desc=f"epoch {progress.epoch}/{config.epochs}",
        unit=" batches",
        initial=progress.batch,
        total=len(batches),
        disable=None,
    )


def _step(state: TrainingState, tagger: Tagger, batch: Sequence[Example]) -> None:
    progress = state.progress
    if progress.step:
        # Before a step, not after it: the last leaves the rates it was made with, and some schedules then end.
        state.schedule.step()
    loss = state.precision.step(tagger, batch, state.optimizer)
    progress.batch += 1
    progress.step += 1
    if not math.isfinite(loss):
        remedy = "Lower the learning rates; the last checkpoint, if any, lies from before"
        raise TrainingError(f"step {progress.step}", f"the loss is {loss}, the training has diverged", remedy)
    state.average.update()
    progress.epoch_loss += loss
    progress.recent_loss += loss
    progress.recent_steps += 1


def _log(state: TrainingState, scores: Scores | None) -> None:
    """Add a row for the steps since the last."""
    progress = state.progress
    rates = [float(group["lr"]) for group in state.optimizer.param_groups]
    progress.rows.append(
        LogRow(
            epoch=progress.epoch,
            step=progress.step,
            loss=progress.recent_loss / max(1, progress.recent_steps),
            encoder_learning_rate=rates[0],
            head_learning_rate=rates[-1],
            seconds=progress.seconds,
            precision=scores.precision if scores else None,
            recall=scores.recall if scores else None,
            f1=scores.f1 if scores else None,
        )
    )
    progress.recent_loss, progress.recent_steps = 0.0, 0
