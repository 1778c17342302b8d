"""Scores that mean what they say: the calibrator, its fitting, its file in the model, and the operating points."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Match, NameFacts, NameKind, PlaceKind, normalize_name, tokenize
from lmr_hybrid import Mention, ModelError, Recognizer
from lmr_hybrid.calibration import (
    BALANCED,
    FEATURES,
    Calibration,
    Calibrator,
    OperatingPoint,
    feature_row,
    read_calibration,
    write_calibration,
)
from lmr_hybrid.calibration.fitting import cross_validated_scores, fit_calibrator, fold_numbers, least_score_for
from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch, UnknownOperatingPoint
from lmr_hybrid.evaluation import expected_calibration_error
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import Draft, Evidence, Thresholds
from lmr_hybrid.tagging.decoding import TaggedSpan, TagProbabilities
from lmr_hybrid.tagging.model_folder import read_model
from lmr_hybrid.tagging.tagger import Tagger

TEXTS = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    "Praying for everyone tonight",
    "The road from Houston to New York is closed.",
    "Water and food for Marsh Town and Guayaqil now",
]
coefficients = st.floats(-5, 5)
scores = st.floats(0, 1)


def calibrator(**changes: float) -> Calibrator:
    """Return the calibrator that leaves every score as it is, but for the changes."""
    names = {name.replace(" ", "_"): name for name in FEATURES}
    identity = dict.fromkeys(FEATURES, 0.0) | {"log score": 1.0, "log doubt": 1.0}
    return Calibrator(identity | {names[name]: value for name, value in changes.items()})


def evidence(text: str, *matches: tuple[str, float]) -> Evidence:
    """Return evidence with matches, each a name and its Zipf frequency; nothing here asks the tagger."""
    tokens = tokenize(text)
    found = []
    for name, english in matches:
        start = text.index(name)
        inside = [number for number, token in enumerate(tokens) if start <= token.start < start + len(name)]
        facts = NameFacts((PlaceKind.CITY,), (NameKind.NAME,), 1, 0.5, english)
        found.append(Match(start, start + len(name), inside[0], inside[-1], normalize_name(name), facts))
    nothing = TagProbabilities(numpy.zeros((len(tokens), 5), "f4"), numpy.zeros((len(tokens), 1), "f4"))
    return Evidence(text, tokens, found, nothing, ("City/town",))


def draft(first: int, last: int, score: float) -> Draft:
    return Draft(TaggedSpan(first, last, "City/town", score))


def rows_of(values: Sequence[float]) -> numpy.ndarray:
    given_ = evidence("In Paris")
    return numpy.array([feature_row(given_, draft(1, 1, value)) for value in values])


@given(st.floats(0.0001, 0.9999))
def test_equal_weights_and_no_evidence_leave_a_score_as_it_is(score: float) -> None:
    assert calibrator().probability(evidence("In Paris"), draft(1, 1, score)) == pytest.approx(score)


@given(scores, scores, coefficients, st.floats(0, 5), st.floats(0, 5), coefficients)
def test_a_surer_tagger_never_lowers_a_probability(
    one: float, other: float, intercept: float, log_score: float, log_doubt: float, known: float
) -> None:
    used = calibrator(intercept=intercept, log_score=log_score, log_doubt=log_doubt, known=known)
    low, high = sorted((one, other))
    given_ = evidence("In Paris", ("Paris", 4.0))
    first, second = (used.probability(given_, draft(1, 1, score)) for score in (low, high))
    assert 0 <= first <= second + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("first", "last", "known", "rare", "further"),
    [(1, 1, 1, 1, 0), (3, 3, 1, 0, 0), (5, 6, 0, 0, 1), (3, 6, 0, 0, 3), (1, 6, 0, 0, 3)],
    ids=["rare", "known", "unknown", "four tokens", "many tokens"],
)
def test_evidence_counts(first: int, last: int, known: int, rare: int, further: int) -> None:
    given_ = evidence("In Kaikoura or Reading , Marsh Town", ("Kaikoura", 2.0), ("Reading", 5.0))
    row = dict(zip(FEATURES, feature_row(given_, draft(first, last, 0.8)), strict=True))
    assert (row["known"], row["rare"], row["further tokens"]) == (known, rare, further)
    assert (row["intercept"], row["log score"]) == (1, pytest.approx(numpy.log(0.8)))
    assert row["log doubt"] == pytest.approx(-numpy.log(0.2))


def test_a_probability_by_hand() -> None:
    used = calibrator(intercept=-1, log_score=0.5, log_doubt=2, known=0.4, rare=0.3, further_tokens=0.1)
    given_ = evidence("In New Kaikoura", ("New Kaikoura", 2.0))
    logit = -1 + 0.5 * numpy.log(0.8) - 2 * numpy.log(0.2) + 0.4 + 0.3 + 0.1
    assert used.probability(given_, draft(1, 2, 0.8)) == pytest.approx(1 / (1 + numpy.exp(-logit)))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"log score": -0.1}, "must not be below 0"),
        ({"known": float("nan")}, "finite"),
        ({"weather": 1.0}, "unknown or missing coefficients: weather"),
    ],
)
def test_a_calibrator_that_cannot_be_is_refused(wrong: dict[str, float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Calibrator({**calibrator().coefficients, **wrong})


def drawn(number: int, *, seed: int = 3) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Return rows of an overconfident tagger, the scores it gave, and what came true."""
    generator = numpy.random.default_rng(seed)
    given_ = generator.uniform(0.02, 0.98, number)
    true = 1 / (1 + numpy.exp(-(0.5 * numpy.log(given_ / (1 - given_)) - 0.4)))
    return rows_of(given_), given_, generator.uniform(size=number) < true


def test_fitting_mends_an_overconfident_tagger() -> None:
    rows, _, right = drawn(4_000)
    fitted = fit_calibrator(rows, right)
    later_rows, later_raw, later_right = drawn(4_000, seed=4)
    assert expected_calibration_error(later_raw, later_right) > 0.1
    assert expected_calibration_error(fitted.probabilities(later_rows), later_right) < 0.03
    assert fitted.coefficients["log score"] == pytest.approx(0.5, abs=0.15)
    assert fitted.coefficients["log doubt"] == pytest.approx(0.5, abs=0.15)


def test_fitting_weighs_evidence() -> None:
    rows, _, right = drawn(2_000)
    known = numpy.random.default_rng(5).uniform(size=2_000) < numpy.where(right, 0.8, 0.3)
    rows[:, FEATURES.index("known")] = known
    # The odds of being known are 4 among the right and 3/7 among the wrong.
    assert fit_calibrator(rows, right).coefficients["known"] == pytest.approx(numpy.log(4 / (3 / 7)), abs=0.3)


def test_a_tagger_that_is_wrong_where_it_is_sure_is_not_turned_round() -> None:
    rows, raw, _ = drawn(500)
    fitted = fit_calibrator(rows, raw < 0.5)
    assert (fitted.coefficients["log score"], fitted.coefficients["log doubt"]) == (0, 0)


def test_a_penalty_holds_coefficients_back() -> None:
    rows, _, right = drawn(100)
    free, held = fit_calibrator(rows, right, penalty=0.0), fit_calibrator(rows, right, penalty=1_000.0)
    assert held.coefficients["log doubt"] < free.coefficients["log doubt"] / 2


def test_a_held_out_score_does_not_depend_on_its_own_outcome() -> None:
    rows, _, right = drawn(200)
    groups = numpy.arange(200) // 4
    scores_ = cross_validated_scores(rows, right, groups)
    fold = fold_numbers(groups) == 0
    other = cross_validated_scores(rows, numpy.where(fold, ~right, right), groups)
    assert scores_[fold].tolist() == other[fold].tolist()
    assert scores_[~fold].tolist() != other[~fold].tolist()


@given(st.lists(st.integers(0, 30), min_size=2).filter(lambda groups: len(set(groups)) > 1), st.integers(2, 12))
def test_groups_stay_together_and_folds_are_even(groups: list[int], folds: int) -> None:
    numbers = fold_numbers(groups, folds=folds)
    fold_of = dict(zip(groups, numbers.tolist(), strict=True))
    assert [fold_of[group] for group in groups] == numbers.tolist()
    sizes = numpy.bincount(list(fold_of.values()))
    assert len(sizes) == min(folds, len(fold_of))
    assert sizes.max() - sizes.min() <= 1


def test_nothing_can_be_fitted_on_nothing() -> None:
    with pytest.raises(ValueError, match="at least one mention"):
        fit_calibrator([], [])
    with pytest.raises(ValueError, match="rows must have shape"):
        fit_calibrator([[1.0, 2.0]], [True])
    with pytest.raises(ValueError, match="at least two folds"):
        fold_numbers([1, 1, 1])


def test_the_least_score_by_hand() -> None:
    values, right = [0.2, 0.4, 0.6, 0.8], [False, True, False, True]
    assert least_score_for(values, right, precision=0.5) == 0
    assert least_score_for(values, right, precision=0.6) == pytest.approx(0.21)
    assert least_score_for(values, right, precision=0.9) == pytest.approx(0.61)
    assert least_score_for(values, [False] * 4, precision=0.9) == 1


@given(st.lists(st.tuples(scores, st.booleans()), min_size=1, max_size=40), st.floats(0.1, 1))
def test_the_least_score_gives_the_precision(pairs: list[tuple[float, bool]], precision: float) -> None:
    least = least_score_for(*zip(*pairs, strict=True), precision=precision)
    kept = [right for score, right in pairs if score >= least]
    assert least == 1 or sum(kept) / len(kept) >= precision


POINTS = {"high-recall": OperatingPoint(-25.0, 0.0), "high-precision": OperatingPoint(0.0, 0.999)}
FITTED = Calibration(calibrator(intercept=-2.0, known=3.0), "toy messages", POINTS)


@pytest.fixture
def copied_model(toy_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_model, tmp_path / "copy"))


@pytest.fixture(scope="module")
def calibrated_model(toy_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(toy_model, tmp_path_factory.mktemp("calibrated") / "model"))
    write_calibration(folder, FITTED)
    return folder


def test_a_calibration_goes_into_the_model_and_comes_back(copied_model: Path) -> None:
    before = json.loads((copied_model / "config.json").read_text())
    assert read_calibration(copied_model) is None
    for calibration in (replace(FITTED, fitted_on="something else"), FITTED):
        write_calibration(copied_model, calibration)
        assert read_calibration(copied_model) == calibration
    after = json.loads((copied_model / "config.json").read_text())
    assert after["files"].pop("calibration.json").startswith("sha256:")
    assert after == before
    read_model(copied_model)


def test_balanced_is_always_there_and_always_the_same() -> None:
    assert FITTED.operating_points[BALANCED] == OperatingPoint(0.0, 0.0)
    with pytest.raises(ValueError, match="balanced is fixed"):
        Calibration(calibrator(), "x", {BALANCED: OperatingPoint(0.0, 0.3)})
    with pytest.raises(ValueError, match="outside_bias must be 0 or less"):
        OperatingPoint(0.5)


def test_a_calibration_that_is_not_listed_does_not_count(copied_model: Path, calibrated_model: Path) -> None:
    shutil.copy(calibrated_model / "calibration.json", copied_model)
    assert read_calibration(copied_model) is None


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{}")], ids=["missing", "changed"])
def test_a_spoilt_calibration_is_refused(copied_model: Path, spoil: Callable[[Path], object]) -> None:
    write_calibration(copied_model, FITTED)
    spoil(copied_model / "calibration.json")
    with pytest.raises(ModelCorrupt, match=r"calibration\.json"):
        Tagger.load(copied_model)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"format_version": 2}, ModelFormatMismatch),
        ({"coefficients": {"weather": 1}}, ModelCorrupt),
        ({"coefficients": [1, 2]}, ModelCorrupt),
        ({"operating_points": {"mine": {"outside_bias": 3}}}, ModelCorrupt),
        ({"operating_points": {"mine": {"colour": "red"}}}, ModelCorrupt),
    ],
    ids=["another version", "unknown coefficient", "no names", "impossible point", "unknown setting"],
)
def test_a_calibration_that_makes_no_sense_is_refused(
    copied_model: Path, changes: dict[str, object], error: type[ModelError]
) -> None:
    write_calibration(copied_model, FITTED)
    path = copied_model / "calibration.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(error) as caught:
        read_calibration(copied_model)
    assert type(caught.value) is error
    assert caught.value.subject == path


@pytest.fixture(scope="module")
def found(calibrated_model: Path, toy_gazetteer_folder: Path) -> dict[str, list[set[Mention]]]:
    """What each operating point finds in each text, without candidates, which depend on the other mentions."""
    results = {}
    for point in ("high-recall", BALANCED, "high-precision"):
        opened = Recognizer(model=calibrated_model, gazetteers=[toy_gazetteer_folder], operating_point=point)
        results[point] = [
            {replace(mention, candidates=()) for mention in recognition.mentions}
            for recognition in opened.recognize_many(TEXTS)
        ]
    return results


def test_operating_points_are_nested(found: dict[str, list[set[Mention]]]) -> None:
    pairs = zip(found["high-precision"], found[BALANCED], found["high-recall"], strict=True)
    assert all(precise <= balanced <= wide for precise, balanced, wide in pairs)
    counts = [sum(map(len, found[point])) for point in ("high-precision", BALANCED, "high-recall")]
    assert counts[0] < counts[1] < counts[2]
    added = [wide - balanced for wide, balanced in zip(found["high-recall"], found[BALANCED], strict=True)]
    assert all(mention.rules[0] == "add_doubtful" for mentions in added for mention in mentions)


def test_high_precision_is_a_least_score(found: dict[str, list[set[Mention]]]) -> None:
    least = POINTS["high-precision"].least_score
    kept = [{mention for mention in mentions if mention.score >= least} for mentions in found[BALANCED]]
    assert kept == found["high-precision"]


def test_calibration_changes_scores_and_nothing_else(
    found: dict[str, list[set[Mention]]], recognizer: Recognizer
) -> None:
    for text, mentions in zip(TEXTS, found[BALANCED], strict=True):
        plain = recognizer.recognize(text).mentions
        assert {replace(mention, candidates=(), score=0.0) for mention in plain} == {
            replace(mention, score=0.0) for mention in mentions
        }
        now = {mention.start: mention.score for mention in mentions}
        # The toy calibrator adds 3 - 2 to the logit of a known name and takes 2 from that of any other.
        for mention in plain:
            known = "gazetteer" in mention.sources
            assert (now[mention.start] > mention.score) == known or mention.score > 0.9999


def test_an_unknown_operating_point_is_refused_and_the_known_are_named(
    toy_model: Path, calibrated_model: Path, toy_gazetteer_folder: Path
) -> None:
    with pytest.raises(
        ValueError, match=r"no operating point 'best'.* balanced, high-recall, high-precision"
    ) as caught:
        Recognizer(model=calibrated_model, gazetteers=[toy_gazetteer_folder], operating_point="best")
    assert isinstance(caught.value, UnknownOperatingPoint)
    with pytest.raises(ModelError, match=r"'high-recall'\. Choose one that it has: balanced$"):
        Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder], operating_point="high-recall")


def test_given_thresholds_are_used_as_they_are(calibrated_model: Path, toy_gazetteer_folder: Path) -> None:
    lines = Thresholds(unknown=0.9)
    opened = Recognizer(
        model=calibrated_model, gazetteers=[toy_gazetteer_folder], thresholds=lines, operating_point="high-recall"
    )
    assert opened.thresholds == lines
    assert opened.recognize(TEXTS[1]).mentions == ()


def test_the_embedded_model_is_calibrated() -> None:
    calibration = read_calibration(DEFAULT_MODEL)
    assert calibration is not None
    assert set(calibration.operating_points) == {"high-recall", "balanced", "high-precision"}
    assert calibration.operating_points["high-recall"].outside_bias < 0
    assert calibration.operating_points["high-precision"].least_score > 0.5
    low, high = calibration.calibrator.probabilities(rows_of([0.3, 0.95]))
    assert low < 0.5 < high
