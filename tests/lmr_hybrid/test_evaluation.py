from __future__ import annotations

import csv
import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.errors import OutputError
from lmr_hybrid.evaluation import (
    Averages,
    PartialScores,
    Scores,
    WordErrors,
    evaluate,
    exact_scores,
    f1_difference,
    format_table,
    idrisi_scores,
    idrisi_scores_by_event,
    macro_average,
    partial_scores,
    recall_by_type,
    scores_by_event,
    scores_by_type,
    submission,
    word_errors,
)
from lmr_hybrid.evaluation.idrisi_protocol import comparable
from lmr_hybrid.mention import Mention, Recognition

TEXT = "Paris, New York and Lima in Ohio"
PARIS, NEW_YORK, YORK, LIMA, OHIO = (0, 5), (7, 15), (11, 15), (20, 24), (28, 32)


def _mentions(*spans: tuple[int, int], type_: str = "City/town", text: str = TEXT) -> tuple[GoldMention, ...]:
    return tuple(GoldMention(text[start:end], start, end, type_) for start, end in spans)


def _message(*spans: tuple[int, int], event: str = "e", text: str = TEXT) -> Message:
    return Message("1", event, text, _mentions(*spans, text=text))


@st.composite
def annotated(draw: st.DrawFn) -> tuple[GoldMention, ...]:
    spans, position = [], 0
    for _ in range(draw(st.integers(0, 4))):
        start = position + draw(st.integers(0, 4))
        end = start + draw(st.integers(1, 6))
        if end > len(TEXT):
            break
        spans.append(GoldMention(TEXT[start:end], start, end, draw(st.sampled_from(["State", "Country"]))))
        position = end
    return tuple(spans)


PAIRS = st.lists(st.tuples(annotated(), annotated()), min_size=1, max_size=6)
Drawn = list[tuple[tuple[GoldMention, ...], tuple[GoldMention, ...]]]


def _messages(mentions: list[tuple[GoldMention, ...]]) -> list[Message]:
    return [Message(str(index), f"event {index % 2}", TEXT, each) for index, each in enumerate(mentions)]


@given(st.lists(annotated(), min_size=1, max_size=6))
def test_a_perfect_prediction_scores_one_everywhere(mentions: list[tuple[GoldMention, ...]]) -> None:
    messages = _messages(mentions)
    for typed in (False, True):
        scores = exact_scores(messages, mentions, typed=typed)
        assert (scores.precision, scores.recall, scores.f1) == (1, 1, 1)
        assert partial_scores(messages, mentions, typed=typed).f1 == 1
    assert macro_average(scores_by_event(messages, mentions).values()) == Averages(1, 1, 1)
    assert idrisi_scores(messages, mentions) == Averages(1, 1, 1)
    assert word_errors(messages, mentions).edits == 0
    assert set(recall_by_type(messages, mentions).values()) <= {1.0}


@given(PAIRS, st.booleans())
def test_swapping_gold_and_predicted_swaps_precision_and_recall(drawn: Drawn, typed: bool) -> None:
    left, right = [a for a, _ in drawn], [b for _, b in drawn]
    there = exact_scores(_messages(left), right, typed=typed)
    back = exact_scores(_messages(right), left, typed=typed)
    assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)
    partial, laitrap = (
        partial_scores(_messages(left), right, typed=typed),
        partial_scores(_messages(right), left, typed=typed),
    )
    assert (partial.precision, partial.recall, partial.f1) == (laitrap.recall, laitrap.precision, laitrap.f1)
    assert idrisi_scores(_messages(left), right).f1 == pytest.approx(idrisi_scores(_messages(right), left).f1)


@given(PAIRS, st.booleans())
def test_counts_add_up_whichever_way_they_are_taken(drawn: Drawn, typed: bool) -> None:
    messages, predicted = _messages([a for a, _ in drawn]), [b for _, b in drawn]
    scores = exact_scores(messages, predicted, typed=typed)
    assert scores.true_positives + scores.false_negatives == sum(len(a) for a, _ in drawn)
    assert scores.true_positives + scores.false_positives == sum(len(b) for _, b in drawn)
    by_event = scores_by_event(messages, predicted, typed=typed)
    assert sum(by_event.values(), Scores(0, 0, 0)) == scores
    by_type = scores_by_type(messages, predicted)
    assert sum(by_type.values(), Scores(0, 0, 0)) == exact_scores(messages, predicted, typed=True)
    partial = partial_scores(messages, predicted, typed=typed)
    assert partial.exact == scores.true_positives
    assert partial.partial + partial.spurious == scores.false_positives
    assert partial.partial + partial.missing == scores.false_negatives


@given(PAIRS, st.booleans())
def test_asking_for_less_never_scores_less(drawn: Drawn, typed: bool) -> None:
    messages, predicted = _messages([a for a, _ in drawn]), [b for _, b in drawn]
    exact = exact_scores(messages, predicted, typed=typed).f1
    partial = partial_scores(messages, predicted, typed=typed)
    assert exact <= partial.f1 <= partial.overlap.f1
    assert exact_scores(messages, predicted, typed=True).f1 <= exact_scores(messages, predicted).f1


def test_exact_scores_by_hand() -> None:
    scores = exact_scores([_message(PARIS, NEW_YORK, LIMA)], [_mentions(PARIS, YORK, OHIO, LIMA)])
    assert scores == Scores(true_positives=2, false_positives=2, false_negatives=1)
    assert scores.precision == 0.5
    assert scores.recall == pytest.approx(2 / 3)
    assert scores.f1 == pytest.approx(4 / 7)


def test_a_span_predicted_twice_is_right_once() -> None:
    assert exact_scores([_message(PARIS)], [_mentions(PARIS, PARIS)]) == Scores(1, 1, 0)


def test_a_wrong_type_counts_only_when_typed() -> None:
    gold, predicted = [_message(PARIS, LIMA)], [_mentions(PARIS) + _mentions(LIMA, type_="State")]
    assert exact_scores(gold, predicted) == Scores(2, 0, 0)
    assert exact_scores(gold, predicted, typed=True) == Scores(1, 1, 1)
    assert scores_by_type(gold, predicted) == {"City/town": Scores(1, 0, 1), "State": Scores(0, 1, 0)}
    assert recall_by_type(gold, predicted) == {"City/town": 1.0}


def test_recall_by_type_by_hand() -> None:
    gold = [Message("1", "e", TEXT, _mentions(PARIS, LIMA) + _mentions(OHIO, type_="State"))]
    assert recall_by_type(gold, [_mentions(PARIS, YORK)]) == {"City/town": 0.5, "State": 0.0}


def test_one_span_recalls_one_of_two_mentions_at_the_same_place() -> None:
    gold = [Message("1", "e", TEXT, _mentions(PARIS) + _mentions(PARIS, type_="State"))]
    assert recall_by_type(gold, [_mentions(PARIS)]) == {"City/town": 1.0, "State": 0.0}


@pytest.mark.parametrize(
    ("counts", "rates"),
    [((0, 0, 0), (1, 1, 1)), ((0, 2, 0), (0, 0, 0)), ((0, 0, 2), (0, 0, 0)), ((0, 1, 1), (0, 0, 0))],
)
def test_division_by_nothing(counts: tuple[int, int, int], rates: tuple[int, int, int]) -> None:
    scores = Scores(*counts)
    assert (scores.precision, scores.recall, scores.f1) == rates


def test_macro_average_gives_each_event_the_same_weight() -> None:
    gold = [_message(PARIS, event="small"), *[_message(LIMA, event="large")] * 3]
    predicted = [_mentions(PARIS), *[_mentions(OHIO, LIMA)] * 3]
    by_event = scores_by_event(gold, predicted)
    assert by_event == {"large": Scores(3, 3, 0), "small": Scores(1, 0, 0)}
    assert list(by_event) == ["large", "small"]
    average = macro_average(by_event.values())
    assert (average.precision, average.recall) == (0.75, 1)
    assert average.f1 == pytest.approx((2 / 3 + 1) / 2)
    with pytest.raises(ValueError, match="nothing to average"):
        macro_average([])


def test_partial_scores_by_hand() -> None:
    gold, predicted = [_message(PARIS, NEW_YORK, OHIO)], [_mentions(PARIS, YORK, LIMA)]
    scores = partial_scores(gold, predicted)
    assert scores == PartialScores(exact=1, partial=1, spurious=1, missing=1)
    assert scores.precision == scores.recall == scores.f1 == 0.5
    assert scores.overlap == Scores(2, 1, 1)


def test_one_long_span_stands_for_one_mention() -> None:
    assert partial_scores([_message(PARIS, NEW_YORK, LIMA)], [_mentions((0, 24))]) == PartialScores(0, 1, 0, 2)
    assert partial_scores([_message((0, 24))], [_mentions(PARIS, NEW_YORK, LIMA)]) == PartialScores(0, 1, 2, 0)


def test_neighbours_that_only_touch_do_not_overlap() -> None:
    assert partial_scores([_message((0, 5))], [_mentions((5, 7))]) == PartialScores(0, 0, 1, 1)


def test_partial_of_another_type_is_no_counterpart_when_typed() -> None:
    gold, predicted = [_message(NEW_YORK)], [_mentions(YORK, type_="State")]
    assert partial_scores(gold, predicted) == PartialScores(0, 1, 0, 0)
    assert partial_scores(gold, predicted, typed=True) == PartialScores(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("mention", "compared"),
    [("#New York's", "newyorks"), ("St.-Martin_2", "stmartin_2"), ("Málaga", "málaga"), ("🇺🇸", "")],
)
def test_what_idrisi_compares(mention: str, compared: str) -> None:
    assert comparable(mention) == compared


def test_idrisi_protocol_by_hand() -> None:
    text = "Ohio OHIO, Lima"
    gold = [
        _message((0, 4), (5, 9), event="a", text=text),  # ohio twice
        _message(event="a", text=text),
        _message((11, 15), event="b", text=text),
        _message(event="b", text=text),
    ]
    predicted = [
        _mentions((5, 9), (11, 15), text=text),  # one ohio of two, and lima: P = R = F1 = 1/2
        (),  # neither side: 1
        (),  # one side: 0
        _mentions((0, 4), text=text),  # one side: 0
    ]
    assert idrisi_scores_by_event(gold, predicted) == {"a": Averages(0.75, 0.75, 0.75), "b": Averages(0, 0, 0)}
    assert idrisi_scores(gold, predicted) == Averages(0.375, 0.375, 0.375)


def test_idrisi_protocol_looks_at_names_not_places() -> None:
    text = "Lima, lima!"
    gold, predicted = [_message((0, 4), text=text)], [_mentions((6, 10), text=text)]
    assert idrisi_scores(gold, predicted).f1 == 1
    assert exact_scores(gold, predicted).f1 == 0


def test_idrisi_precision_and_recall_differ() -> None:
    averages = idrisi_scores([_message(PARIS, NEW_YORK, LIMA)], [_mentions(PARIS)])
    assert (averages.precision, averages.recall, averages.f1) == (1, pytest.approx(1 / 3), 0.5)


def test_word_error_rate_by_hand() -> None:
    gold = [_message(PARIS, NEW_YORK), _message(), _message(LIMA)]
    # "New York Paris" -> "Paris York": two edits of three words; "" -> "Ohio": one of none; "Lima" -> "": one of one.
    errors = word_errors(gold, [_mentions(PARIS, YORK), _mentions(OHIO), ()])
    assert errors == WordErrors(edits=2 + 1 + 1, words=4)
    assert errors.rate == 1.0


def test_word_error_rate_counts_a_mention_once_and_in_any_order() -> None:
    text = "Lima Ohio Lima"
    gold = [_message((0, 4), (5, 9), (10, 14), text=text)]
    assert word_errors(gold, [_mentions((10, 14), (5, 9), text=text)]) == WordErrors(0, 2)


def test_word_error_rate_of_empty_references() -> None:
    assert word_errors([_message()], [()]).rate == 0
    assert word_errors([_message()], [_mentions(NEW_YORK)]).rate == 2


def test_bootstrap_of_a_clear_and_of_no_difference() -> None:
    gold = [_message(PARIS)] * 60
    half = [_mentions(PARIS) if index % 2 else () for index in range(60)]
    better = f1_difference(gold, [_mentions(PARIS)] * 60, half, samples=500)
    assert better.f1 == pytest.approx(1 - 2 / 3)
    assert 0 < better.low < better.f1 < better.high < 1
    same = f1_difference(gold, half, half, samples=500)
    assert (same.f1, same.low, same.high) == (0, 0, 0)


def test_bootstrap_interval_matches_the_binomial_it_estimates() -> None:
    # F1 against perfection with recall r and no false positives is 2r / (1 + r); r's interval is the binomial one.
    number = 400
    gold = [_message(PARIS)] * number
    half = [_mentions(PARIS) if index % 2 else () for index in range(number)]
    found = f1_difference(gold, half, [()] * number, samples=4_000, seed=3)
    margin = 1.96 * math.sqrt(0.25 / number)
    low, high = (2 * r / (1 + r) for r in (0.5 - margin, 0.5 + margin))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))


@given(PAIRS, st.integers(0, 5))
def test_bootstrap_is_repeatable_and_antisymmetric(drawn: Drawn, seed: int) -> None:
    messages, first, second = _messages([a for a, _ in drawn]), [b for _, b in drawn], [a[:1] for a, _ in drawn]
    there = f1_difference(messages, first, second, samples=50, seed=seed)
    assert there == f1_difference(messages, first, second, samples=50, seed=seed)
    back = f1_difference(messages, second, first, samples=50, seed=seed)
    assert (back.f1, back.low, back.high) == pytest.approx((-there.f1, -there.high, -there.low))
    assert there.low <= there.high


def test_a_higher_level_widens_the_interval() -> None:
    gold = [_message(PARIS)] * 60
    half = [_mentions(PARIS) if index % 2 else () for index in range(60)]
    narrow = f1_difference(gold, half, [()] * 60, level=0.5, samples=500)
    wide = f1_difference(gold, half, [()] * 60, level=0.99, samples=500)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_unusable_arguments_are_refused() -> None:
    gold = [_message(PARIS)]
    for score in (exact_scores, scores_by_event, scores_by_type, recall_by_type, partial_scores, idrisi_scores):
        with pytest.raises(ValueError, match="1 messages but predictions for 2"):
            score(gold, [(), ()])
    with pytest.raises(ValueError, match="1 messages but predictions for 0"):
        word_errors(gold, [])
    with pytest.raises(ValueError, match="samples"):
        f1_difference(gold, [()], [()], samples=0)
    with pytest.raises(ValueError, match="level"):
        f1_difference(gold, [()], [()], level=95)
    with pytest.raises(ValueError, match="nothing to resample"):
        f1_difference([], [], [])


def _recognition(*spans: tuple[int, int], type_: str = "City/town") -> Recognition:
    return Recognition(TEXT, tuple(Mention(TEXT[a:b], a, b, type_, 0.9) for a, b in spans))


def test_report_by_hand() -> None:
    gold = [_message(PARIS, NEW_YORK, event="a"), _message(LIMA, event="b")]
    report = evaluate(gold, [_recognition(PARIS, YORK), _recognition(LIMA, type_="State")])
    found = json.loads(json.dumps(report.to_dict()))
    assert (found["messages"], found["mentions"]) == (2, 3)
    assert found["exact"]["f1"] == pytest.approx(2 / 3)
    assert found["typed"]["f1"] == pytest.approx(1 / 3)
    assert found["overlap"]["f1"] == 1
    assert found["partial"]["partial"] == 1
    assert found["partial"]["f1"] == pytest.approx(5 / 6)
    assert found["macro"]["f1"] == found["idrisi"]["f1"] == 0.75
    assert found["macro_types"]["f1"] == pytest.approx((0.4 + 0.0) / 2)
    assert found["word_error_rate"] == {"edits": 2, "words": 4, "rate": 0.5}
    assert found["by_event"]["b"]["true_positives"] == 1
    assert found["by_type"]["State"]["false_positives"] == 1
    assert found["recall_by_type"] == {"City/town": pytest.approx(2 / 3)}
    rows = {line[:19].strip(): line[19:].split() for line in format_table(report.rows(), digits=2).split("\n")}
    assert rows["exact, typed"] == ["0.33", "0.33", "0.33"]
    assert rows["macro over events"] == ["0.75", "0.75", "0.75"]
    assert rows["macro over types"] == ["0.25", "0.17", "0.20"]
    assert rows["b"] == ["1.00", "1.00", "1.00"]


def test_a_report_without_any_mention_is_perfect() -> None:
    assert evaluate([_message()], [_recognition()]).macro_types == Averages(1, 1, 1)


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_submission_by_hand() -> None:
    text = "Ohio, Lima and Ohio\nNew\nYork"
    messages = [Message("7", "e", text), Message("8", "e", 'Is "Paris, TX" safe?'), Message("9", "e", "Safe")]
    spans = [[(15, 19), (6, 10), (0, 4), (20, 28)], [(4, 13)], []]
    predicted = [
        [GoldMention(message.text[start:end], start, end, "State") for start, end in each]
        for message, each in zip(messages, spans, strict=True)
    ]
    written = submission(messages, predicted)
    assert written.startswith("tweet_id,location\n7,Lima New York Ohio\n")
    assert _rows(written)[1:] == [["7", "Lima New York Ohio"], ["8", "Paris, TX"], ["9", ""]]


@given(PAIRS)
def test_a_submission_holds_the_words_that_the_error_rate_compares(drawn: Drawn) -> None:
    messages, predicted = _messages([gold for gold, _ in drawn]), [found for _, found in drawn]
    header, *rows = _rows(submission(messages, predicted))
    assert header == ["tweet_id", "location"]
    assert [identifier for identifier, _ in rows] == [message.id for message in messages]
    for (_, location), found in zip(rows, predicted, strict=True):
        assert location.split() == [word for name in sorted({each.text for each in found}) for word in name.split()]


def test_a_tweet_cannot_have_two_rows() -> None:
    with pytest.raises(OutputError, match="tweet 1"):
        submission([_message(PARIS), _message(LIMA)], [[], []])


def test_a_recognition_of_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="recognised as 'Lima'"):
        evaluate([_message(PARIS)], [Recognition("Lima")])
    with pytest.raises(ValueError, match="1 messages but predictions for 0"):
        evaluate([_message(PARIS)], [])


def test_table_by_hand() -> None:
    table = format_table([{"event": "flood", "n": 7, "f1": 0.5}, {"event": "fire", "n": 1200, "note": "new"}], digits=2)
    assert table.split("\n") == [
        "event     n    f1  note",
        "-----  ----  ----  ----",
        "flood     7  0.50",
        "fire   1200        new",
    ]
    assert format_table([]) == ""
