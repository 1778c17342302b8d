"""The public face: what `Recognizer` promises, on a toy model and a toy gazetteer."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice, pairwise, repeat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import GazetteerCorrupt, GazetteerNotFound, PlaceKind
from lmr_hybrid import NotText, Recognition, Recognizer
from lmr_hybrid.corpora import TYPES
from lmr_hybrid.errors import ModelNotFound
from lmr_hybrid.reconcile import RULES

TEXTS = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    "",
    "Praying for everyone tonight",
    "#Kerala shelters are open, @user says https://t.co/x1",
    " \t ",
    "The road from Houston to New York is closed.",
    "Power is out near Paris since last night!",
]


def check(recognition: Recognition, text: str) -> None:
    assert recognition.text == text
    for mention in recognition.mentions:
        assert text[mention.start : mention.end] == mention.text != ""
        assert mention.type in TYPES
        assert 0 <= mention.score <= 1
        assert mention.sources
        assert set(mention.sources) <= {"neural", "gazetteer", "fuzzy"}
        assert set(mention.rules) <= set(RULES)
    assert all(left.end <= right.start for left, right in pairwise(recognition.mentions))


def named(recognition: Recognition) -> list[tuple[str, str]]:
    return [(mention.text, mention.type) for mention in recognition.mentions]


def test_places_are_found_typed_and_placed(recognizer: Recognizer) -> None:
    recognition = recognizer.recognize(TEXTS[0])
    check(recognition, TEXTS[0])
    assert named(recognition) == [("Freeport", "City/town"), ("Lucayan Harbour", "Human-made Point-of-Interest")]
    town, harbour = recognition.mentions
    assert town.candidates[0].id == "toy:freeport-bs"
    assert harbour.candidates[0].id == "toy:harbour"
    assert (harbour.candidates[0].latitude, harbour.candidates[0].longitude) == (26.52, -78.77)


def test_sources_say_who_supports_a_mention(recognizer: Recognizer) -> None:
    recognition = recognizer.recognize("The road from Houston to Marsh Town is closed.")
    assert {mention.text: mention.sources for mention in recognition.mentions} == {
        "Houston": ("neural", "gazetteer"),
        "Marsh Town": ("neural",),
    }


def test_a_misspelt_name_is_supported_by_likeness(recognizer: Recognizer) -> None:
    (mention,) = recognizer.recognize("Flooding in Guayaqil").mentions
    assert mention.sources == ("neural", "fuzzy")
    assert mention.candidates[0].id == "toy:guayaquil"


def test_a_name_that_is_hardly_like_another_does_not_support_it(recognizer: Recognizer) -> None:
    (mention,) = recognizer.recognize("Flooding in Guayaqil").mentions
    assert "fuzzy" in mention.sources
    lax, strict = (replace(recognizer.thresholds, alike=alike) for alike in (85.0, 99.0))
    copy = pickle.loads(pickle.dumps(recognizer))
    copy.thresholds = lax
    assert copy.recognize("Flooding in Guayaqil").mentions[0].sources == ("neural", "fuzzy")
    copy.thresholds = strict
    assert [each.sources for each in copy.recognize("Flooding in Guayaqil").mentions] in ([], [("neural",)])


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000", "\u200b\ufeff"])
def test_a_text_without_words_names_nothing(recognizer: Recognizer, text: str) -> None:
    assert recognizer.recognize(text) == Recognition(text=text, mentions=())


pieces = st.sampled_from(["Paris", "New York", "Flooding in ", "#Kerala", "St. Louis", "🌊", "\x00", "é", " ", ", "])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80) | st.lists(pieces, max_size=8).map("".join))
def test_any_text_keeps_the_promises(recognizer: Recognizer, text: str) -> None:
    check(recognizer.recognize(text), text)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 1000])
def test_batches_make_no_difference(recognizer: Recognizer, batch_size: int) -> None:
    one_by_one = [recognizer.recognize(text) for text in TEXTS]
    together = list(recognizer.recognize_many(TEXTS, batch_size=batch_size))
    assert [recognition.text for recognition in together] == TEXTS
    assert [named(recognition) for recognition in together] == [named(recognition) for recognition in one_by_one]
    for one, other in zip(one_by_one, together, strict=True):
        scores = [mention.score for mention in one.mentions]
        assert [mention.score for mention in other.mentions] == pytest.approx(scores, abs=0.03)


@pytest.mark.parametrize(("batch_size", "ahead"), [(1, 0), (2, 2), (3, 3)])
def test_texts_are_read_no_further_than_a_batch_ahead(recognizer: Recognizer, batch_size: int, ahead: int) -> None:
    read = 0

    def texts() -> Iterator[str]:
        nonlocal read
        for text in TEXTS:
            read += 1
            yield text

    results = recognizer.recognize_many(texts(), batch_size=batch_size)
    assert read == 0
    for number, text in enumerate(TEXTS):
        assert next(results).text == text
        batches = number // batch_size + 1
        assert read == min(len(TEXTS), batches * batch_size + ahead)
    assert next(results, None) is None


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_what_goes_wrong_with_reading_comes_in_its_turn(recognizer: Recognizer, batch_size: int) -> None:
    def texts() -> Iterator[str]:
        yield from TEXTS[:5]
        raise OSError("the line is dead")

    results = recognizer.recognize_many(texts(), batch_size=batch_size)
    assert [recognition.text for recognition in islice(results, 5)] == TEXTS[:5]
    with pytest.raises(OSError, match="the line is dead"):
        next(results)


@pytest.mark.parametrize("wrong", [None, b"Paris", 7])
def test_what_is_no_text_comes_in_its_turn(recognizer: Recognizer, wrong: object) -> None:
    results = recognizer.recognize_many([*TEXTS[:3], wrong, TEXTS[3]], batch_size=64)  # type: ignore[list-item]
    assert [recognition.text for recognition in islice(results, 3)] == TEXTS[:3]
    with pytest.raises(NotText, match="text number 3"):
        next(results)


@pytest.mark.parametrize("text", ["Flooding in Paris", b"Flooding in Paris"])
def test_one_text_is_not_taken_for_many(recognizer: Recognizer, text: str) -> None:
    with pytest.raises(TypeError, match="single text"):
        recognizer.recognize_many(text)


def test_a_pickled_recognizer_is_opened_anew(toy_model: Path, toy_gazetteer_folder: Path) -> None:
    opened = Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder], rules=("drop_doubtful",))
    again = pickle.loads(pickle.dumps(opened))
    assert (again.rules, again.thresholds) == (opened.rules, opened.thresholds)
    assert list(again.recognize_many(TEXTS)) == list(opened.recognize_many(TEXTS))


def test_several_streams_at_once_do_not_mix(recognizer: Recognizer) -> None:
    streams = [recognizer.recognize_many(TEXTS[number:] * 2, batch_size=number + 1) for number in range(3)]
    for number, recognitions in enumerate(zip(*streams, strict=False)):
        for first, recognition in enumerate(recognitions):
            own = TEXTS[first:]
            check(recognition, own[number % len(own)])


def test_an_endless_stream_is_no_problem(recognizer: Recognizer) -> None:
    results = islice(recognizer.recognize_many(repeat("Flooding in Paris"), batch_size=3), 4)
    assert [named(recognition) for recognition in results] == [[("Paris", "City/town")]] * 4
    numbered = recognizer.recognize_many(f"Flooding in Paris {number}" for number in count())
    assert next(numbered).text == "Flooding in Paris 0"


def test_no_texts_no_results(recognizer: Recognizer) -> None:
    assert list(recognizer.recognize_many([])) == []


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_holds_at_least_one_text(recognizer: Recognizer, batch_size: int) -> None:
    with pytest.raises(ValueError, match="batch_size"):
        recognizer.recognize_many(TEXTS, batch_size=batch_size)


@pytest.mark.parametrize("wrong", [b"Paris", None, 3.5, float("nan"), ["Paris"]])
def test_what_is_no_text_is_refused_with_its_position(recognizer: Recognizer, wrong: object) -> None:
    results = recognizer.recognize_many(["Flooding in Paris", "fine", wrong], batch_size=2)
    assert len(list(islice(results, 2))) == 2
    with pytest.raises(NotText, match=rf"text number 2: is {type(wrong).__name__}, not str") as caught:
        next(results)
    assert isinstance(caught.value, TypeError)
    with pytest.raises(NotText, match="text number 0"):
        recognizer.recognize(wrong)


@pytest.mark.slow
def test_a_million_characters(recognizer: Recognizer) -> None:
    filler = "So much water. We are safe now, thank you all! "
    planted = "Flooding in Freeport, power out near Lucayan Harbour"
    text = filler * ((1_000_000 - len(planted)) // len(filler) + 1) + planted
    assert len(text) >= 1_000_000
    recognition = recognizer.recognize(text)
    check(recognition, text)
    assert named(recognition) == [("Freeport", "City/town"), ("Lucayan Harbour", "Human-made Point-of-Interest")]
    assert recognition.mentions[-1].end == len(text)


@pytest.mark.slow
def test_a_long_text_full_of_places(recognizer: Recognizer) -> None:
    text = "Flooding in Houston, power out near Lake Conroe. " * 2_000
    recognition = recognizer.recognize(text)
    check(recognition, text)
    assert len(recognition.mentions) == 4_000


def test_results_survive_json(recognizer: Recognizer) -> None:
    for recognition in recognizer.recognize_many([*TEXTS, "Überflutung in Paris 🌊"]):
        assert Recognition.from_dict(json.loads(json.dumps(recognition.to_dict()))) == recognition


def test_rules_can_be_left_out(toy_model: Path, toy_gazetteer_folder: Path) -> None:
    bare = Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder], rules=())
    assert all(not mention.rules for result in bare.recognize_many(TEXTS) for mention in result.mentions)


def test_gazetteers_stand_in_order_of_preference(toy_model: Path, make_gazetteer) -> None:
    one = make_gazetteer(("one", "Paris", PlaceKind.CITY, 1.0, 1.0), name="one")
    two = make_gazetteer(("two", "Paris", PlaceKind.CITY, 2.0, 2.0), name="two")
    for folders, expected in (([one, two], ["toy:one", "toy:two"]), ([str(two), str(one)], ["toy:two", "toy:one"])):
        (mention,) = Recognizer(model=toy_model, gazetteers=folders).recognize("Flooding in Paris").mentions
        assert [candidate.id for candidate in mention.candidates] == expected


def test_without_any_gazetteer_the_tagger_works_alone(toy_model: Path) -> None:
    (mention,) = Recognizer(model=toy_model, gazetteers=[]).recognize("Flooding in Houston").mentions
    assert (mention.text, mention.sources, mention.candidates) == ("Houston", ("neural",), ())


def test_unusable_folders_are_named(toy_model: Path, toy_gazetteer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(GazetteerNotFound, match=r"nowhere\.gazetteer"):
        Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder, tmp_path / "nowhere.gazetteer"])
    with pytest.raises(ModelNotFound, match="nothing"):
        Recognizer(model=tmp_path / "nothing", gazetteers=[toy_gazetteer_folder])
    broken = tmp_path / "broken.gazetteer"
    broken.mkdir()
    (broken / "manifest.json").write_text("{}")
    with pytest.raises(GazetteerCorrupt, match=r"broken\.gazetteer"):
        Recognizer(model=toy_model, gazetteers=[broken])


def test_one_path_is_no_list_of_gazetteers(toy_gazetteer_folder: Path) -> None:
    with pytest.raises(TypeError, match="give a list"):
        Recognizer(gazetteers=str(toy_gazetteer_folder))


def test_an_unknown_rule_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(ValueError, match="no such rules: guess; there are drop_symbols"):
        Recognizer(rules=["guess"])


@pytest.mark.slow
def test_the_embedded_defaults_work_out_of_the_box() -> None:
    text = "Flooding in Freeport, Bahamas. Praying for Puerto Rico and #Kerala"
    recognition = Recognizer().recognize(text)
    check(recognition, text)
    assert [mention.text for mention in recognition.mentions] == ["Freeport", "Bahamas", "Puerto Rico", "Kerala"]
    assert [mention.candidates[0].country for mention in recognition.mentions if mention.candidates][:2] == ["BS", "BS"]
