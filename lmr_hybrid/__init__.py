"""Location mention recognition: which places a message names, exactly where in the text, and where on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lmr_hybrid.errors import CorpusError, LmrError, ModelError, NotText, TrainingError
from lmr_hybrid.mention import Candidate, Mention, Recognition

if TYPE_CHECKING:
    from lmr_hybrid.recognizer import Recognizer

__all__ = [
    "Candidate",
    "CorpusError",
    "LmrError",
    "Mention",
    "ModelError",
    "NotText",
    "Recognition",
    "Recognizer",
    "TrainingError",
]


def __getattr__(name: str) -> Any:
    # The recogniser brings numpy and the gazetteer along, which reading results back does not need.
    if name == "Recognizer":
        from lmr_hybrid.recognizer import Recognizer

        return Recognizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
