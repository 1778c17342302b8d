"""Training messages made of others: other names, other spellings, other gazetteers, made-up streets."""

from lmr_hybrid.augmentation.augmenter import Augmenter, MessageMaker
from lmr_hybrid.augmentation.config import NONE, AugmentationConfig
from lmr_hybrid.augmentation.names import NamePool
from lmr_hybrid.augmentation.street_messages import StreetMessages
from lmr_hybrid.augmentation.street_names import StreetNames

__all__ = ["NONE", "AugmentationConfig", "Augmenter", "MessageMaker", "NamePool", "StreetMessages", "StreetNames"]
