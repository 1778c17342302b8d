"""What a tagger is made of and how it was trained: the plain values in a model's `config.json`."""

from __future__ import annotations

from dataclasses import dataclass

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
    Flair's: which pieces stand for a word. `preprocessing` decides what the encoder is shown of a text.
    """

    types: tuple[str, ...]
    gazetteer_features: bool = True
    feature_size: int = 96
    feature_columns: tuple[str, ...] = COLUMNS
    layers: str = "-1"
    subtoken_pooling: str = "first"
    dropout: float = 0.1
    gate: bool = False
    injection: bool = False
    preprocessing: Preprocessing = AS_WRITTEN


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a tagger is trained.

    Learning rates are the peaks of a linear schedule with warm-up. `average_decay` is that of the exponential moving
    average of the weights.
    """

    epochs: int = 3
    batch_size: int = 32
    encoder_learning_rate: float = 1.5e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup_share: float = 0.1
    average_decay: float = 0.998
    seed: int = 1
