"""The probability of the best place -> how often such a place is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, isfinite, log, log1p

import numpy
from numpy.typing import NDArray

#: Probabilities are kept this far from 0 and 1, where a logarithm would leave the numbers.
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """A map of probabilities that keeps their order (beta calibration; Kull, Silva Filho and Flach 2017).

    The logit of the result is `for_it` ln p - `against_it` ln(1 - p) + `offset`; by default the result is p itself.
    Raises `ValueError` where a number is not finite or one of the first two is below 0.
    """

    for_it: float = 1.0
    against_it: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        values = (self.for_it, self.against_it, self.offset)
        if not all(map(isfinite, values)) or min(values[:2]) < 0:
            raise ValueError(f"a calibration has finite numbers, the first two of them not below 0, not {values}")

    def __call__(self, probability: float) -> float:
        """Return the calibrated probability of one."""
        if self == UNCALIBRATED:
            return probability
        kept = min(1 - _EDGE, max(_EDGE, probability))
        return 1 / (1 + exp(-(self.for_it * log(kept) - self.against_it * log1p(-kept) + self.offset)))

    def to_dict(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {name: round(value, 4) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, float]) -> Calibration:
        """Read what `to_dict` returned; raises `ValueError` as the class does."""
        return cls(**{name: float(value) for name, value in data.items()})


#: What leaves probabilities as they are.
UNCALIBRATED = Calibration()


def fit_calibration(probabilities: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Return the likeliest calibration. Raises `ValueError` unless some places are right and some wrong."""
    from scipy.optimize import minimize

    kept = numpy.clip(numpy.array(probabilities, float), _EDGE, 1 - _EDGE)
    signs = numpy.where(numpy.array(right, bool), 1.0, -1.0)
    if abs(signs.sum()) == len(signs):
        raise ValueError("nothing to calibrate by: give some right and some wrong places")
    table = numpy.column_stack([numpy.log(kept), -numpy.log1p(-kept), numpy.ones(len(kept))])

    def loss(values: NDArray[numpy.float64]) -> tuple[float, NDArray[numpy.float64]]:
        margins = signs * (table @ values)
        pull = -signs / (1 + numpy.exp(margins))
        return float(numpy.logaddexp(0, -margins).sum()), table.T @ pull

    found = minimize(
        loss, numpy.array([1.0, 1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, None)] * 2 + [(None, None)]
    )
    return Calibration(*map(float, found.x))
