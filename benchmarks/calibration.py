"""Does a mention's score mean what it says, and what do the operating points give? Fits both on IDRISI-R dev.

    python benchmarks/calibration.py [--model path/to/model] [--write]
    python benchmarks/calibration.py --model path/to/model-trained-without --unseen "Asia and Pacific"
    python benchmarks/calibration.py --messages my-corpus.jsonl

Prints the expected calibration error, the reliability of the scores and the operating points, all cross-validated over
dev messages, and writes results/calibration.json. `--write` puts the calibration into the model's folder. With
`--unseen` or `--messages` the calibration is tried on other messages: results/calibration_elsewhere.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy
from record import data_folder, write_result

from lmr_hybrid import Recognizer
from lmr_hybrid.calibration import (
    BALANCED,
    FEATURES,
    Calibration,
    Calibrator,
    OperatingPoint,
    feature_row,
    write_calibration,
)
from lmr_hybrid.calibration.fitting import cross_validated_scores, fit_calibrator, fold_numbers, least_score_for
from lmr_hybrid.corpora import Message, read_corpus, read_idrisi
from lmr_hybrid.evaluation import (
    Judgements,
    brier_score,
    calibration_error,
    expected_calibration_error,
    format_table,
    reliability_table,
)
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import Evidence, Thresholds, reconcile

GROUPS = Path(__file__).parent / "event_groups.json"
#: The precision that high-recall may not fall below and high-precision must reach.
LEAST_PRECISION = {"high-recall": 0.8, "high-precision": 0.95}
_BIASES = (-1.0, -1.5, -2.0, -2.5, -3.0, -4.0)
_EVIDENCE = ("known", "rare", "further tokens")


@dataclass(frozen=True)
class Sample:
    """The candidates of some messages at one outside bias, one entry a candidate.

    `raw` are the tagger's own scores, `doubtful` tells which only the bias brought, `gold` counts annotated mentions.
    """

    rows: numpy.ndarray
    raw: numpy.ndarray
    right: numpy.ndarray
    messages: numpy.ndarray
    events: numpy.ndarray
    doubtful: numpy.ndarray
    gold: int

    def judgements(self, scores: numpy.ndarray, chosen: numpy.ndarray) -> Judgements:
        """Return the chosen candidates with these scores."""
        return Judgements(scores[chosen], self.right[chosen], self.messages[chosen])


@click.command()
@click.option("--model", type=click.Path(path_type=Path), default=DEFAULT_MODEL, help="By default the embedded model.")
@click.option("--unseen", type=click.Choice(sorted(json.loads(GROUPS.read_text(encoding="utf-8"))["groups"])))
@click.option("--messages", "corpus", type=click.Path(path_type=Path), help="A corpus to try the calibration on.")
@click.option("--split", default="dev", show_default=True, help="Of --messages, if an IDRISI folder: which split.")
@click.option("--write", is_flag=True, help="Put the calibration into the model's folder.")
def main(model: Path, unseen: str | None, corpus: Path | None, split: str, write: bool) -> None:
    """Fit and measure."""
    recognizer = Recognizer(model=model)
    dev, elsewhere = _corpora(unseen, corpus, split)
    evidence = list(recognizer.examine(message.text for message in dev))
    high_recall, widest = _choose_high_recall(dev, evidence, recognizer.thresholds)
    held_out = cross_validated_scores(widest.rows, widest.right, widest.messages)
    points = {
        "high-recall": high_recall,
        BALANCED: OperatingPoint(),
        "high-precision": _choose_high_precision(widest, held_out),
    }
    calibrator = fit_calibrator(widest.rows, widest.right)
    result: dict[str, object] = {
        "fitted_on": f"IDRISI-R EN dev: {len(dev)} tweets, {len(widest.right)} candidates",
        "seed": {"folds": 0, "bootstrap": 0},
        "least_precision": LEAST_PRECISION,
        "coefficients": dict(calibrator.coefficients),
        "operating_points": {name: asdict(point) for name, point in points.items()},
        "calibrators": _rivals(widest),
        "cross_validated": _measure(widest, held_out, points),
        "in_sample": _measure(widest, calibrator.probabilities(widest.rows), points),
        "reliability": _reliability(widest, held_out, points),
    }
    if elsewhere:
        seen = list(recognizer.examine(message.text for message in elsewhere))
        other = _sample(elsewhere, seen, replace(recognizer.thresholds, outside_bias=high_recall.outside_bias))
        result["elsewhere"] = {"corpus": unseen or str(corpus), "messages": len(elsewhere)}
        result["elsewhere_uncalibrated"] = _measure(other, other.raw, points)
        result["elsewhere_calibrated"] = _measure(other, calibrator.probabilities(other.rows), points)
    _show(result)
    write_result("calibration_elsewhere" if elsewhere else "calibration", result)
    if write:
        _write(model, calibrator, points, str(result["fitted_on"]))


def _corpora(unseen: str | None, corpus: Path | None, split: str) -> tuple[list[Message], list[Message]]:
    """Return the dev messages to fit on, without the events of an unseen group, and those to try the calibration on."""
    folder = data_folder() / "idrisi-r/EN/gold-random-json"
    dev = list(read_idrisi(folder, "dev"))
    if unseen is None:
        return dev, list(read_corpus(corpus, split=split)) if corpus else []
    events = set(json.loads(GROUPS.read_text(encoding="utf-8"))["groups"][unseen]["events"])
    group = [message for message in [*read_idrisi(folder, "train"), *dev] if message.event in events]
    return [message for message in dev if message.event not in events], group


def _sample(messages: Sequence[Message], evidence: Sequence[Evidence], thresholds: Thresholds) -> Sample:
    rows, raw, right, numbers, events, doubtful = [], [], [], [], [], []
    for number, (message, each) in enumerate(zip(messages, evidence, strict=True)):
        gold = {(mention.start, mention.end) for mention in message.mentions}
        for draft in reconcile(each, thresholds=thresholds):
            rows.append(feature_row(each, draft))
            raw.append(min(1.0, draft.span.score))
            right.append((each.tokens[draft.first].start, each.tokens[draft.last].end) in gold)
            numbers.append(number)
            events.append(message.event)
            doubtful.append("add_doubtful" in draft.rules)
    total = sum(len(message.mentions) for message in messages)
    return Sample(*map(numpy.array, (rows, raw, right, numbers, events, doubtful)), gold=total)


def _choose_high_recall(
    dev: Sequence[Message], evidence: Sequence[Evidence], thresholds: Thresholds
) -> tuple[OperatingPoint, Sample]:
    """Return the bias and the least score of highest recall at the precision asked for, and the candidates there."""
    best: tuple[float, OperatingPoint, Sample] | None = None
    for bias in _BIASES:
        sample = _sample(dev, evidence, replace(thresholds, outside_bias=bias))
        scores = cross_validated_scores(sample.rows, sample.right, sample.messages)
        least = least_score_for(scores, sample.right, precision=LEAST_PRECISION["high-recall"])
        found = float(sample.right[scores >= least].sum())
        if best is None or found > best[0]:
            best = found, OperatingPoint(bias, least), sample
    assert best is not None
    return best[1:]


def _choose_high_precision(sample: Sample, scores: numpy.ndarray) -> OperatingPoint:
    own = ~sample.doubtful
    least = least_score_for(scores[own], sample.right[own], precision=LEAST_PRECISION["high-precision"])
    return OperatingPoint(0.0, least)


def _let_through(sample: Sample, scores: numpy.ndarray, point: OperatingPoint) -> numpy.ndarray:
    chosen: numpy.ndarray = scores >= point.least_score
    return chosen if point.outside_bias else chosen & ~sample.doubtful


def _measure(
    sample: Sample, scores: numpy.ndarray, points: dict[str, OperatingPoint]
) -> dict[str, dict[str, float | int]]:
    """Return precision, recall and calibration of what each operating point lets through."""
    measured = {}
    for name, point in points.items():
        judged = sample.judgements(scores, _let_through(sample, scores, point))
        number, right = len(judged.right), int(judged.right.sum())
        error = calibration_error(judged)
        measured[name] = {
            "mentions": number,
            "precision": round(right / number, 4),
            "recall": round(right / sample.gold, 4),
            "F1": round(2 * right / (number + sample.gold), 4),
            "ECE": round(error.error, 4),
            "low": round(error.low, 4),
            "high": round(error.high, 4),
            "equal-mass ECE": round(calibration_error(judged, equal_mass=True, samples=1).error, 4),
            "Brier": round(brier_score(judged.scores, judged.right), 4),
        }
    return measured


def _rivals(sample: Sample) -> dict[str, dict[str, float]]:
    """Return how well each way of calibrating does on what the balanced point lets through, over several foldings."""
    columns = {name: FEATURES.index(name) for name in FEATURES}
    without = sample.rows.copy()
    without[:, [columns[name] for name in _EVIDENCE]] = 0
    logit = sample.rows.copy()
    both = [columns["log score"], columns["log doubt"]]
    logit[:, both] = logit[:, both].sum(axis=1, keepdims=True) / 2
    plain = logit.copy()
    plain[:, [columns[name] for name in _EVIDENCE]] = 0
    tables = {"logit": plain, "logit, evidence": logit, "beta": without, "beta, evidence (used)": sample.rows}
    rivals: dict[str, list[numpy.ndarray]] = {"none": [sample.raw]}
    for name, rows in tables.items():
        rivals[name] = [cross_validated_scores(rows, sample.right, sample.messages, seed=seed) for seed in range(5)]
    rivals["isotonic"] = [_isotonic(sample, seed) for seed in range(5)]
    rivals["beta, evidence (used), by event"] = [
        cross_validated_scores(sample.rows, sample.right, sample.events, folds=len(set(sample.events)))
    ]
    return {name: _quality(sample, scores) for name, scores in rivals.items()}


def _isotonic(sample: Sample, seed: int) -> numpy.ndarray:
    """Return cross-validated scores of isotonic regression (Zadrozny and Elkan 2002) on the tagger's score alone."""
    from scipy.optimize import isotonic_regression

    fold_of, scores = fold_numbers(sample.messages, seed=seed), numpy.empty(len(sample.raw))
    for fold in range(fold_of.max() + 1):
        own = fold_of == fold
        order = numpy.argsort(sample.raw[~own])
        steps = isotonic_regression(sample.right[~own][order].astype(float)).x
        scores[own] = numpy.interp(sample.raw[own], sample.raw[~own][order], steps)
    return scores


def _quality(sample: Sample, foldings: Sequence[numpy.ndarray]) -> dict[str, float]:
    own = ~sample.doubtful
    right = sample.right[own]
    errors = [
        (
            expected_calibration_error(scores[own], right),
            expected_calibration_error(scores[own], right, equal_mass=True),
            brier_score(scores[own], right),
        )
        for scores in foldings
    ]
    means = numpy.mean(errors, axis=0)
    return {name: round(float(value), 4) for name, value in zip(("ECE", "equal-mass ECE", "Brier"), means, strict=True)}


def _reliability(
    sample: Sample, scores: numpy.ndarray, points: dict[str, OperatingPoint]
) -> dict[str, list[dict[str, float]]]:
    tables = {}
    for name in (BALANCED, "high-recall"):
        judged = sample.judgements(scores, _let_through(sample, scores, points[name]))
        bins = reliability_table(judged.scores, judged.right)
        tables[name] = [{key: round(value, 4) for key, value in asdict(each).items()} for each in bins]
    return tables


def _show(result: dict[str, object]) -> None:
    for name, value in result.items():
        if isinstance(value, dict) and value and all(isinstance(each, dict) for each in value.values()):
            click.echo(f"\n{name}\n" + format_table([{"": key, **row} for key, row in value.items()]))
        elif isinstance(value, dict) and name == "reliability":
            for point, rows in value.items():
                click.echo(f"\nreliability, {point}\n" + format_table(rows))
        else:
            click.echo(f"{name}: {value}")


def _write(model: Path, calibrator: Calibrator, points: dict[str, OperatingPoint], fitted_on: str) -> None:
    write_calibration(model, Calibration(calibrator, fitted_on, points))
    click.echo(f"\nWritten to {model}")


if __name__ == "__main__":
    main()
