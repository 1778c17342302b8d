"""How much each signal counts: fitted numbers, kept in `weights.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from lmr_hybrid.linking.calibration import UNCALIBRATED, Calibration
from lmr_hybrid.linking.signals import ALONE, NOWHERE, SIGNALS
from lmr_hybrid.linking.surroundings import SURROUNDINGS

_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Weights:
    """Coefficients of two conditional logits over the places of a mention (McFadden 1974).

    `alone`, shape (`ALONE`,), ranks what is seen of the mention alone; `accompanied`, shape (`SIGNALS`,), all there is;
    `nowhere`, shape (`NOWHERE`,), is the logit of the answer that the mention means none of these places, and
    `surroundings`, shape (`SURROUNDINGS`,), that of an area for it to lie in then, in a logistic regression.
    `calibration` makes of the best place's probability how often such a place is right; where what it makes of that of
    all places together is less than `least_score`, there is no candidate (`Linker.link`).
    """

    alone: NDArray[numpy.float64]
    accompanied: NDArray[numpy.float64]
    nowhere: NDArray[numpy.float64]
    surroundings: NDArray[numpy.float64]
    calibration: Calibration = UNCALIBRATED
    least_score: float = 0.0

    def to_dict(self) -> dict[str, dict[str, float] | float]:
        """Return the coefficients by name."""
        return {
            "alone": _by_name(ALONE, self.alone),
            "accompanied": _by_name(SIGNALS, self.accompanied),
            "nowhere": _by_name(NOWHERE, self.nowhere),
            "surroundings": _by_name(SURROUNDINGS, self.surroundings),
            "calibration": self.calibration.to_dict(),
            "least score": self.least_score,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Weights:
        """Read what `to_dict` returned. Raises `ValueError` where names are missing or numbers not finite."""
        return cls(
            _in_order(ALONE, data["alone"]),
            _in_order(SIGNALS, data["accompanied"]),
            _in_order(NOWHERE, data["nowhere"]),
            _in_order(SURROUNDINGS, data["surroundings"]),
            Calibration.from_dict(data.get("calibration", {})),
            float(data.get("least score", 0.0)),
        )


@cache
def default_weights() -> Weights:
    """Return the embedded weights."""
    return Weights.from_dict(json.loads(_FILE.read_text(encoding="utf-8")))


def _by_name(names: Sequence[str], values: NDArray[numpy.float64]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _in_order(names: Sequence[str], values: Mapping[str, float]) -> NDArray[numpy.float64]:
    if set(values) != set(names):
        raise ValueError(f"the weights must be of {', '.join(names)}, not of {', '.join(values)}")
    found = numpy.array([values[name] for name in names], float)
    if not all(isfinite(value) for value in found):
        raise ValueError("weights must be finite numbers")
    return found
