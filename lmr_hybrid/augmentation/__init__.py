"""Training messages made of others: other names, other spellings, other gazetteers, made-up streets."""

from lmr_hybrid.augmentation.augmenter import Augmenter, MessageMaker
from lmr_hybrid.augmentation.config import NONE, AugmentationConfig
from lmr_hybrid.augmentation.replacement import NamePool

__all__ = ["NONE", "AugmentationConfig", "Augmenter", "MessageMaker", "NamePool"]
