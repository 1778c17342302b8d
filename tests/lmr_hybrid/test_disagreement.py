from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import tokenize
from lmr_hybrid.corpora import GoldMention, Message, align
from lmr_hybrid.corpora.disagreement import Doubt, HeldOutPrediction, find_disagreement


def _message(text: str, *marked: str, type_: str = "City/town") -> Message:
    """A message in which each of the marked names is annotated where it first stands."""
    starts = {name: text.index(name) for name in marked}
    mentions = [GoldMention(name, start, start + len(name), type_) for name, start in starts.items()]
    return Message(text, "event", text, tuple(sorted(mentions, key=lambda mention: mention.start)))


def _prediction(message: Message, **scores: float) -> HeldOutPrediction:
    """What a model says that gives these words these probabilities, and nothing to all others."""
    tokens = tokenize(message.text)
    location = [scores.get(token.text, 0.01) for token in tokens]
    spans = [(index, index, location[index]) for index, token in enumerate(tokens) if token.text in scores]
    return HeldOutPrediction(spans, location)


_HOUSTON = [_message(f"Rain number {number} in Houston", "Houston") for number in range(4)]
_AGREED = [_prediction(message, Houston=0.99) for message in _HOUSTON]


def test_a_missed_mention_of_a_form_annotated_often() -> None:
    missed = _message("So hot in HOUSTON today")
    found = find_disagreement(
        [*_HOUSTON, missed], [*_AGREED, _prediction(missed, HOUSTON=0.95)], doubt=Doubt(annotated_at_least=4)
    )
    (suspicion,) = found.suspicions
    assert (suspicion.kind, suspicion.index, suspicion.text, suspicion.type) == ("missed", 4, "HOUSTON", "City/town")
    assert (suspicion.annotated, suspicion.unannotated, suspicion.confidence) == (4, 0, 0.95)
    assert found.relabelled == (*_HOUSTON, replace(missed, mentions=(GoldMention("HOUSTON", 10, 17, "City/town"),)))
    assert found.weights[4] == pytest.approx((1, 1, 1, 0.05, 1))
    assert found.weights[:4] == ((1.0,) * 5,) * 4


@pytest.mark.parametrize(
    ("text", "score", "doubt"),
    [
        ("So hot in Houston today", 0.89, Doubt(annotated_at_least=4)),
        ("So hot in Houston today", 0.95, Doubt(annotated_at_least=5)),
        ("So hot says @Houston today", 0.95, Doubt(annotated_at_least=4)),
        ("So hot in Dallas today", 0.95, Doubt(annotated_at_least=0)),
    ],
    ids=["not sure", "not annotated often", "a handle", "never annotated"],
)
def test_what_is_not_missed(text: str, score: float, doubt: Doubt) -> None:
    message = _message(text)
    name = "Dallas" if "Dallas" in text else "Houston"
    found = find_disagreement([*_HOUSTON, message], [*_AGREED, _prediction(message, **{name: score})], doubt=doubt)
    assert found.suspicions == ()
    assert found.relabelled == (*_HOUSTON, message)


def test_a_form_that_is_mostly_left_out_is_no_missed_one_where_that_is_asked_for() -> None:
    messages = [*_HOUSTON, *(_message(f"Storm {number} Houston") for number in range(6))]
    predictions = [*_AGREED, *(_prediction(message, Houston=0.95) for message in messages[4:])]
    asked = Doubt(annotated_at_least=4)
    assert len(find_disagreement(messages, predictions, doubt=asked).suspicions) == 6
    asked = replace(asked, missed_share=0.5)
    assert find_disagreement(messages, predictions, doubt=asked).suspicions == ()


def test_a_spurious_mention_of_a_form_mostly_left_out() -> None:
    spurious = _message("Florence hits Wilmington", "Florence", "Wilmington")
    others = [_message(f"Florence is near {number}") for number in range(3)]
    messages = [spurious, *others]
    predictions = [_prediction(message, Wilmington=0.01) for message in messages]
    found = find_disagreement(messages, predictions)
    (suspicion,) = found.suspicions
    assert (suspicion.kind, suspicion.text, suspicion.annotated, suspicion.unannotated) == (
        "spurious",
        "Florence",
        0,
        3,
    )
    assert suspicion.confidence == pytest.approx(0.99)
    assert [mention.text for mention in found.relabelled[0].mentions] == ["Wilmington"]
    assert found.weights[0] == pytest.approx((0.01, 1, 1))
    assert find_disagreement(messages, predictions, doubt=Doubt(least_weight=0.2)).weights[0] == (0.2, 1, 1)


def test_an_annotation_is_not_spurious_if_the_model_gives_it_something() -> None:
    messages = [_message("Florence SC", "Florence"), _message("Florence is near"), _message("Florence is here")]
    predictions = [_prediction(message, Florence=0.06) for message in messages]
    assert find_disagreement(messages, predictions).suspicions == ()


def test_a_form_without_any_other_occurrence_proves_nothing() -> None:
    message = _message("Rain in Marsh Town", "Marsh Town")
    assert find_disagreement([message], [_prediction(message)]).suspicions == ()


def test_predictions_of_other_messages_are_refused() -> None:
    message = _HOUSTON[0]
    with pytest.raises(ValueError, match="1 messages but 0 predictions"):
        find_disagreement([message], [])
    with pytest.raises(ValueError, match="5 tokens but 2 probabilities"):
        find_disagreement([message], [HeldOutPrediction([], [0.1, 0.1])])
    with pytest.raises(ValueError, match=r"\(4, 5\) is no span"):
        find_disagreement([message], [HeldOutPrediction([(4, 5, 1.0)], [0.1] * 5)])


_NAMES = ("Houston", "Dallas", "New York", "York")


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Message, HeldOutPrediction]:
    text, mentions = "", []
    for name in draw(st.lists(st.sampled_from((*_NAMES, "rain", "@york", "#Dallas")), max_size=6)):
        text += " " * bool(text)
        if name in _NAMES and draw(st.booleans()):
            mentions += [GoldMention(name, len(text), len(text) + len(name), "LOC")] * draw(st.integers(1, 2))
        text += name
    tokens = tokenize(text)
    location = draw(st.lists(st.floats(0, 1), min_size=len(tokens), max_size=len(tokens)))
    firsts = st.integers(0, max(0, len(tokens) - 1))
    spans = [
        (first, draw(st.integers(first, min(first + 1, len(tokens) - 1))), draw(st.floats(0, 1)))
        for first in (draw(st.lists(firsts, max_size=4)) if tokens else ())
    ]
    return Message("m", "e", text, tuple(mentions)), HeldOutPrediction(spans, location)


@given(st.lists(_cases(), max_size=5), st.floats(0, 1), st.floats(0, 1))
def test_whatever_is_predicted(cases: list[tuple[Message, HeldOutPrediction]], sure: float, unlikely: float) -> None:
    messages = [message for message, _ in cases]
    doubt = Doubt(sure=sure, unlikely=unlikely, annotated_at_least=1)
    found = find_disagreement(messages, [prediction for _, prediction in cases], doubt=doubt)
    doubted = {
        (each.index, token) for each in found.suspicions for token in range(each.first_token, each.last_token + 1)
    }
    for index, (message, weights, relabelled) in enumerate(zip(messages, found.weights, found.relabelled, strict=True)):
        assert len(weights) == len(tokenize(message.text))
        assert all(0 <= weight <= 1 for weight in weights)
        assert all(weight == 1 for token, weight in enumerate(weights) if (index, token) not in doubted)
        assert all(message.text[each.start : each.end] == each.text for each in relabelled.mentions)
        assert len(align(relabelled).lost) <= len(align(message).lost)
    for each in found.suspicions:
        assert each.annotated >= 0
        assert each.unannotated >= 0
        annotated = (each.start, each.end) in {(m.start, m.end) for m in messages[each.index].mentions}
        assert annotated == (each.kind == "spurious")
