"""Texts longer than the encoder sees at once: what is named at a seam is found as it would be anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import tokenize
from lmr_hybrid import Recognition, Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.reconcile import Thresholds
from lmr_hybrid.segments import CONTEXT, LONGEST, SHORTEST, split_into_segments
from lmr_hybrid.tagging.exporting import export_model

#: Of one piece each, and no sentence ends with them: a seam may be anywhere.
FILLER = ["so", "much", "water", "we", "are", "safe", "now", "thank", "you", "all", "please", "help", "the", "people"]
#: No gazetteer knows the second: nothing but the tagger keeps it together.
PLANTED = ("Flooding in {} , power out", "Power is out near {} since last night", "The road from {} to Paris is closed")
NAMES = ("Lucayan Harbour", "Marsh Town", "Grand Bahama", "Houston")


@pytest.fixture(scope="module", params=["flair", "onnx"])
def any_recognizer(
    request: pytest.FixtureRequest,
    toy_model: Path,
    toy_gazetteer_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Recognizer:
    model = toy_model
    if request.param == "onnx":
        model = tmp_path_factory.mktemp("exported") / "model"
        export_model(toy_model, model, precision="float32")
    # What the tagger finds is to be kept, however little it is sure of a name that no gazetteer knows.
    return Recognizer(model=model, gazetteers=[toy_gazetteer_folder], thresholds=Thresholds(unknown=0.5))


def found(recognition: Recognition, *, shift: int = 0) -> list[tuple[str, int, int, str]]:
    return [(each.text, each.start + shift, each.end + shift, each.type) for each in recognition.mentions]


def filler(number: int) -> str:
    return "".join(f"{FILLER[index % len(FILLER)]} " for index in range(number))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    before=st.integers(LONGEST - 12, LONGEST + 2) | st.integers(0, 3 * LONGEST),
    after=st.integers(CONTEXT, 2 * LONGEST),
    template=st.sampled_from(PLANTED),
    name=st.sampled_from(NAMES),
)
def test_a_mention_at_a_seam_is_found_where_it_stands(
    any_recognizer: Recognizer, before: int, after: int, template: str, name: str
) -> None:
    planted = template.format(name) + " "
    near = filler(before)[-len(filler(CONTEXT)) :]
    long = any_recognizer.recognize(filler(before) + planted + filler(after))
    alone = any_recognizer.recognize(near + planted + filler(CONTEXT))
    assert (name, len(near) + template.index("{}")) in [(each.text, each.start) for each in alone.mentions]
    assert found(long) == found(alone, shift=len(filler(before)) - len(near))
    assert all(long.text[each.start : each.end] == each.text for each in long.mentions)


def test_a_name_that_no_gazetteer_knows_lies_across_a_seam(any_recognizer: Recognizer) -> None:
    # The seam comes after exactly so many tokens, as no sentence ends before.
    start = filler(LONGEST - 3) + "Flooding in Marsh"
    text = f"{start} Town , power out {filler(LONGEST)}"
    tokens = tokenize(text)
    segments = list(split_into_segments(tokens, any_recognizer.gazetteer.matches(text)))
    assert tokens[segments[1].first + segments[1].own_first].text == "Town"
    (mention,) = any_recognizer.recognize(text).mentions
    assert (mention.text, mention.start) == ("Marsh Town", len(start) - len("Marsh"))


@pytest.mark.parametrize(
    "word", ["#" * 20_000, "a" * 20_000, "x" + "\u0301" * 20_000], ids=["symbols", "letters", "marks"]
)
def test_a_word_without_end_costs_no_more_than_a_word(any_recognizer: Recognizer, word: str) -> None:
    long, short = (any_recognizer.recognize(f"{each} flooding in Paris") for each in (word, word[:100]))
    assert [(each.text, each.score) for each in long.mentions] == [(each.text, each.score) for each in short.mentions]
    assert [each.text for each in long.mentions] == ["Paris"]


@pytest.mark.parametrize("separator", ["\n", " ", "  ", " | "])
def test_messages_glued_together_hold_the_mentions_of_each(
    any_recognizer: Recognizer, toy_corpus: list[Message], separator: str
) -> None:
    texts = [message.text for message in toy_corpus]
    expected = []
    position = 0
    for recognition in any_recognizer.recognize_many(texts):
        expected += [(text, start, end) for text, start, end, _ in found(recognition, shift=position)]
        position += len(recognition.text) + len(separator)
    together = any_recognizer.recognize(separator.join(texts))
    assert len(tokenize(together.text)) > 4 * SHORTEST
    assert [(each.text, each.start, each.end) for each in together.mentions] == expected
