"""What a mention's score means: the probability that it is right, and the operating points that are cut out of it."""

from lmr_hybrid.calibration.calibrator import FEATURES, Calibrator, feature_row
from lmr_hybrid.calibration.operating_points import (
    BALANCED,
    Calibration,
    OperatingPoint,
    read_calibration,
    write_calibration,
)

__all__ = [
    "BALANCED",
    "FEATURES",
    "Calibration",
    "Calibrator",
    "OperatingPoint",
    "feature_row",
    "read_calibration",
    "write_calibration",
]
