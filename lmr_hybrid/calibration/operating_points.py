"""A model's calibration and operating points, kept as plain numbers in its `calibration.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from lmr_hybrid.calibration.calibrator import Calibrator
from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch
from lmr_hybrid.tagging.model_folder import CALIBRATION_FILE, CONFIG_FILE, read_object

#: Raised whenever an older reader would misread a newer calibration, or the other way round.
FORMAT_VERSION = 1
#: The operating point that every model has: what the rules leave.
BALANCED = "balanced"
_REMEDY = "Copy the model folder again, or calibrate the model with python benchmarks/calibration.py --write"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How much a recogniser lets through.

    `outside_bias`, 0 or less, is that of `Thresholds`: how far to look for what the tagger passed over. Mentions of a
    calibrated score below `least_score`, 0..1, are left out.

    Raises:
        ValueError: a number is out of range.
    """

    outside_bias: float = 0.0
    least_score: float = 0.0

    def __post_init__(self) -> None:
        if not (self.outside_bias <= 0 and 0 <= self.least_score <= 1):
            raise ValueError(f"outside_bias must be 0 or less and least_score in 0..1, not {self}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibrator, the operating points by name, "balanced" among them, and in words what both were fitted on."""

    calibrator: Calibrator
    fitted_on: str
    operating_points: Mapping[str, OperatingPoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.operating_points.get(BALANCED, OperatingPoint()) != OperatingPoint():
            raise ValueError(f"the operating point {BALANCED} is fixed: no bias, no least score")
        object.__setattr__(self, "operating_points", {BALANCED: OperatingPoint(), **self.operating_points})


def read_calibration(folder: str | Path) -> Calibration | None:
    """Return the calibration that a model's configuration lists, None where it lists none.

    Opening the tagger has checked the configuration and the checksum. Raises `ModelFormatMismatch` or `ModelCorrupt`.
    """
    folder = Path(folder)
    path = folder / CALIBRATION_FILE
    if CALIBRATION_FILE not in read_object(folder / CONFIG_FILE)["files"]:
        return None
    data = read_object(path)
    if data.get("format_version") != FORMAT_VERSION:
        problem = f"has format {data.get('format_version')}, this version reads format {FORMAT_VERSION}"
        raise ModelFormatMismatch(path, problem, _REMEDY)
    try:
        points = {name: OperatingPoint(**values) for name, values in data["operating_points"].items()}
        calibrator = Calibrator({name: float(value) for name, value in data["coefficients"].items()})
        return Calibration(calibrator, str(data["fitted_on"]), points)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelCorrupt(path, f"is not a calibration ({error})", _REMEDY) from None


def write_calibration(folder: str | Path, calibration: Calibration) -> None:
    """Write a model's `calibration.json` and list it, with its checksum, in the configuration.

    Killed in between, it leaves a model without calibration. Raises `ModelCorrupt` where there is no configuration, or
    `lmr_hybrid.errors.OutputError`.
    """
    folder = Path(folder)
    config = read_object(folder / CONFIG_FILE)
    config["files"].pop(CALIBRATION_FILE, None)
    _write_json(folder / CONFIG_FILE, config)
    text = _write_json(
        folder / CALIBRATION_FILE,
        {
            "format_version": FORMAT_VERSION,
            "fitted_on": calibration.fitted_on,
            "coefficients": dict(calibration.calibrator.coefficients),
            "operating_points": {name: asdict(point) for name, point in calibration.operating_points.items()},
        },
    )
    config["files"][CALIBRATION_FILE] = f"sha256:{sha256(text.encode()).hexdigest()}"
    _write_json(folder / CONFIG_FILE, config)


def _write_json(path: Path, data: Mapping[str, Any]) -> str:
    # The package of output brings page templates along, which recognition does without.
    from lmr_hybrid.output.atomic import write_text_atomically

    text = json.dumps(data, indent=2) + "\n"
    write_text_atomically(path, text)
    return text
