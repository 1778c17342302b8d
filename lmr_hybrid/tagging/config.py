"""What a tagger is made of and how it was trained: the plain values in a model's `config.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from lmr_hybrid.settings import Limits
from lmr_hybrid.tagging.features import COLUMNS
from lmr_hybrid.tagging.preprocessing import AS_WRITTEN, Preprocessing

#: Raised whenever an older reader would misread a newer model, or the other way round.
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """The shape of a tagger.

    `types` are the mention types it tells apart. `gazetteer_features` switches `GazetteerEmbeddings`, whose output has
    `feature_size` numbers a token; `feature_columns` are the columns it was trained on. `gate` lets the encoder decide
    how much of it a token gets, `injection` also adds the features to the encoder's input. `subtoken_pooling` is
    Flair's: which pieces stand for a word. `kept_layers` are the layers that stay of the encoder which a training
    begins with, such as "0,2,5" (counted from 0), all where empty. `preprocessing` decides what the encoder is shown of
    a text.
    """

    types: tuple[str, ...]
    gazetteer_features: bool = True
    feature_size: int = 96
    feature_columns: tuple[str, ...] = COLUMNS
    layers: str = "-1"
    kept_layers: str = ""
    subtoken_pooling: str = "first"
    dropout: float = 0.1
    gate: bool = False
    injection: bool = False
    preprocessing: Preprocessing = AS_WRITTEN


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a tagger is trained: what decides, with the data, which weights come out."""

    epochs: Annotated[int, Limits(1, help="How often the corpus is seen.")] = 4
    batch_size: Annotated[int, Limits(1, help="Messages a step.")] = 32
    encoder_learning_rate: Annotated[float, Limits(0, 1, "Peak learning rate of the encoder's top layer.")] = 1.5e-4
    head_learning_rate: Annotated[float, Limits(0, 1, "Peak learning rate of all that is not the encoder.")] = 1e-3
    weight_decay: Annotated[float, Limits(0, 1, "AdamW's decay of the weights.")] = 0.01
    warmup_share: Annotated[float, Limits(0, 1, "Share of the steps in which the learning rates rise.")] = 0.1
    schedule: Annotated[
        Literal["linear", "cosine", "one-cycle"], Limits(help="How the learning rates fall after that.")
    ] = "linear"
    layer_decay: Annotated[
        float, Limits(0, 1, "Factor by which the learning rate falls from one encoder layer down to the next; 1: none.")
    ] = 1.0
    freeze_embeddings: Annotated[bool, Limits(help="Keep the encoder's vectors of word pieces as they are.")] = False
    encoder_dropout: Annotated[
        float | None, Limits(0, 0.9, "Dropout between the encoder's layers; left out: the encoder's own.")
    ] = None
    label_smoothing: Annotated[
        float, Limits(0, 0.9, "Share of each tag's probability that the loss spreads over all tags.")
    ] = 0.0
    teachers_share: Annotated[float, Limits(0, 1, "Share of the loss that is the teachers', where there are any.")] = (
        0.7
    )
    average_decay: Annotated[float, Limits(0, 1, "Decay of the moving average of the weights; 0: the last.")] = 0.998
    keep_empty: Annotated[float, Limits(0, 1, "Share of the messages without mention that is trained on.")] = 1.0
    seed: Annotated[int, Limits(0, 2**31 - 1, "What the random numbers start from.")] = 1


@dataclass(frozen=True, slots=True)
class Execution:
    """Where a training runs and how often it is saved; a training may go on under another."""

    device: Annotated[str, Limits(help="auto (the GPU where there is one), cpu, cuda or cuda:1.")] = "auto"
    threads: Annotated[int, Limits(0, 4096, "Processor threads; 0: as many as PyTorch thinks best.")] = 0
    checkpoint_minutes: Annotated[float, Limits(0, help="Minutes between checkpoints; 0: only after epochs.")] = 10.0
    checkpoint_steps: Annotated[int, Limits(0, help="Steps between checkpoints; 0: by the minutes.")] = 0
