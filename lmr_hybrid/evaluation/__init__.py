"""How good is what was recognised: span scores, the field's own protocols, calibration, and what is mere chance."""

from lmr_hybrid.evaluation.bootstrap import Difference, f1_difference
from lmr_hybrid.evaluation.calibration import (
    CalibrationError,
    Judgements,
    ReliabilityBin,
    ScoredSpan,
    brier_score,
    calibration_error,
    expected_calibration_error,
    judge,
    reliability_table,
)
from lmr_hybrid.evaluation.idrisi_protocol import idrisi_scores, idrisi_scores_by_event
from lmr_hybrid.evaluation.report import Report, evaluate, format_table
from lmr_hybrid.evaluation.spans import (
    Averages,
    PartialScores,
    Scores,
    Span,
    exact_scores,
    macro_average,
    partial_scores,
    recall_by_type,
    scores_by_event,
    scores_by_type,
)
from lmr_hybrid.evaluation.submission import check_ids, submission
from lmr_hybrid.evaluation.word_error_rate import WordErrors, word_errors

__all__ = [
    "Averages",
    "CalibrationError",
    "Difference",
    "Judgements",
    "PartialScores",
    "ReliabilityBin",
    "Report",
    "ScoredSpan",
    "Scores",
    "Span",
    "WordErrors",
    "brier_score",
    "calibration_error",
    "check_ids",
    "evaluate",
    "exact_scores",
    "expected_calibration_error",
    "f1_difference",
    "format_table",
    "idrisi_scores",
    "idrisi_scores_by_event",
    "judge",
    "macro_average",
    "partial_scores",
    "recall_by_type",
    "reliability_table",
    "scores_by_event",
    "scores_by_type",
    "submission",
    "word_errors",
]
