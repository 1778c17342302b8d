"""Does a score mean what it says? The measures, against examples worked by hand and in general."""

from __future__ import annotations

from itertools import pairwise

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.evaluation import (
    Judgements,
    brier_score,
    calibration_error,
    expected_calibration_error,
    judge,
    reliability_table,
)
from lmr_hybrid.mention import Mention

TEXT = "Paris, New York and Lima in Ohio"

judged = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
sizes = st.integers(1, 20)


def judgements(pairs: list[tuple[float, bool]], messages: list[int] | None = None) -> Judgements:
    scores, right = zip(*pairs, strict=True)
    numbers = list(range(len(pairs))) if messages is None else messages
    return Judgements(numpy.array(scores), numpy.array(right), numpy.array(numbers))


def test_a_mention_is_right_where_its_ends_are() -> None:
    messages = [
        Message("1", "e", TEXT, (GoldMention("Paris", 0, 5, "City/town"), GoldMention("New York", 7, 15, "State"))),
        Message("2", "e", TEXT),
        Message("3", "e", TEXT, (GoldMention("Ohio", 28, 32, "State"),)),
    ]
    found = [
        [Mention("Paris", 0, 5, "Island", 0.9), Mention("York", 11, 15, "State", 0.4)],
        [],
        [Mention("Ohio", 28, 32, "State", 0.8)],
    ]
    judged_ = judge(messages, found)
    assert judged_.scores.tolist() == [0.9, 0.4, 0.8]
    assert judged_.right.tolist() == [True, False, True]
    assert judged_.messages.tolist() == [0, 0, 2]
    with pytest.raises(ValueError, match="3 messages but predictions for 2"):
        judge(messages, found[:2])


def test_equal_widths_by_hand() -> None:
    # Two bins: (0, 0.5] holds 0.1 and 0.5, one of them right; (0.5, 1] holds three, two right.
    scores, right = [0.1, 0.5, 0.6, 0.9, 0.9], [False, True, True, True, False]
    low, high = reliability_table(scores, right, bins=2)
    assert (low.low, low.high, low.number) == (0, 0.5, 2)
    assert (low.mean_score, low.share_right) == pytest.approx((0.3, 0.5))
    assert (high.low, high.high, high.number) == (0.5, 1, 3)
    assert (high.mean_score, high.share_right) == pytest.approx((0.8, 2 / 3))
    # 2/5 * 0.2 + 3/5 * 0.1333
    assert expected_calibration_error(scores, right, bins=2) == pytest.approx(0.16)


def test_equal_masses_by_hand() -> None:
    # Two bins of two: 0.7 and 0.8, none right; 0.9 and 1.0, both right. Of equal width all four would share a bin.
    scores, right = [1.0, 0.7, 0.9, 0.8], [True, False, True, False]
    low, high = reliability_table(scores, right, bins=2, equal_mass=True)
    assert (low.low, low.high, low.number, low.share_right) == (0.7, 0.8, 2, 0)
    assert (high.low, high.high, high.number, high.share_right) == (0.9, 1.0, 2, 1)
    assert expected_calibration_error(scores, right, bins=2, equal_mass=True) == pytest.approx(0.4)
    assert expected_calibration_error(scores, right, bins=2) == pytest.approx(0.35)


def test_the_brier_score_by_hand() -> None:
    assert brier_score([0.9, 0.4, 1.0], [True, True, False]) == pytest.approx((0.01 + 0.36 + 1) / 3)


def test_nothing_found_is_no_error() -> None:
    assert expected_calibration_error([], []) == 0
    assert expected_calibration_error([], [], equal_mass=True) == 0
    assert brier_score([], []) == 0
    assert reliability_table([], []) == []


@given(judged, sizes, st.booleans())
def test_bins_hold_every_mention_once(pairs: list[tuple[float, bool]], bins: int, equal_mass: bool) -> None:
    scores, right = zip(*pairs, strict=True)
    table = reliability_table(scores, right, bins=bins, equal_mass=equal_mass)
    assert len(table) <= bins
    assert sum(each.number for each in table) == len(pairs)
    assert sum(each.number * each.share_right for each in table) == pytest.approx(sum(right))
    assert sum(each.number * each.mean_score for each in table) == pytest.approx(sum(scores))
    assert all(each.low - 1e-9 <= each.mean_score <= each.high + 1e-9 for each in table)
    assert all(left.high <= right.low for left, right in pairwise(table))


@given(judged, sizes, st.booleans(), st.randoms())
def test_the_error_is_a_share_and_does_not_depend_on_order(pairs, bins: int, equal_mass: bool, random) -> None:
    error = expected_calibration_error(*zip(*pairs, strict=True), bins=bins, equal_mass=equal_mass)
    shuffled = random.sample(pairs, len(pairs))
    assert 0 <= error <= 1
    other = expected_calibration_error(*zip(*shuffled, strict=True), bins=bins, equal_mass=equal_mass)
    assert other == pytest.approx(error)
    # One bin measures only how far the mean score is off, which no finer bins can undercut.
    scores, right = zip(*pairs, strict=True)
    assert error >= abs(numpy.mean(scores) - numpy.mean(right)) - 1e-9


@given(st.lists(st.booleans(), min_size=1), st.booleans())
def test_certainties_that_come_true_have_no_error(right: list[bool], equal_mass: bool) -> None:
    scores = [float(each) for each in right]
    assert expected_calibration_error(scores, right, equal_mass=equal_mass) == 0
    assert expected_calibration_error([1 - score for score in scores], right, equal_mass=equal_mass) == 1
    assert brier_score(scores, right) == 0


def test_the_interval_is_as_sure_as_there_are_messages() -> None:
    generator = numpy.random.default_rng(1)
    scores = generator.uniform(0.5, 1, 2_000)
    right = generator.uniform(size=2_000) < scores - 0.1
    many = calibration_error(judgements(list(zip(scores, right, strict=True))), samples=300)
    few = calibration_error(judgements(list(zip(scores[:100], right[:100], strict=True))), samples=300)
    assert many.low < many.error < many.high
    assert many.error == pytest.approx(0.1, abs=0.03)
    assert many.high - many.low < (few.high - few.low) / 2
    assert calibration_error(judgements(list(zip(scores, right, strict=True))), samples=300) == many


def test_mentions_of_one_message_are_drawn_together() -> None:
    # All in one message: every resample is the sample itself.
    pairs = [(0.9, True), (0.8, False), (0.3, False)]
    together = calibration_error(judgements(pairs, [4, 4, 4]), samples=50)
    assert together.low == pytest.approx(together.error)
    assert together.high == pytest.approx(together.error)
    apart = calibration_error(judgements(pairs), samples=50)
    assert apart.low < apart.high


@pytest.mark.parametrize("scores", [[1.1, 0.5], [-0.1, 0.5], [float("nan"), 0.5]])
def test_what_is_no_probability_is_refused(scores: list[float]) -> None:
    with pytest.raises(ValueError, match="scores must be in 0"):
        expected_calibration_error(scores, [True, False])


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        reliability_table([0.5], [True, False])
    with pytest.raises(ValueError, match="bins must be positive, not 0"):
        reliability_table([0.5], [True], bins=0)
    with pytest.raises(ValueError, match="at least one mention"):
        calibration_error(Judgements(numpy.array([]), numpy.array([]), numpy.array([])))
    with pytest.raises(ValueError, match="level between 0 and 1"):
        calibration_error(judgements([(0.5, True)]), level=1)
