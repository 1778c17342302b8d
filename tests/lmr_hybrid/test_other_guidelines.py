"""What is learnt from a corpus that was annotated by other guidelines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.augmentation import NONE
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.other_guidelines import agreed
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.train_model import train_model


@pytest.fixture(scope="module")
def teacher(toy_model: Path) -> Tagger:
    return Tagger.load(toy_model)


def marked(text: str, *names: str, number: str = "1") -> Message:
    """Return a message in which other guidelines mark these names as locations."""
    starts = [(text.index(name), name) for name in names]
    return Message(
        number, "other", text, tuple(GoldMention(name, start, start + len(name), "LOC") for start, name in starts)
    )


def mentions(messages: list[Message]) -> list[tuple[str, str]]:
    return [(mention.text, mention.type) for message in messages for mention in message.mentions]


def test_where_both_agree_the_type_is_the_teachers(teacher: Tagger, toy_gazetteer: Gazetteer) -> None:
    kept = agreed([marked("Flooding in Houston", "Houston")], teacher, toy_gazetteer, seed=1)
    assert mentions(kept) == [("Houston", "City/town")]


def test_the_hash_of_a_hashtag_makes_no_difference(teacher: Tagger, toy_gazetteer: Gazetteer) -> None:
    message = marked("#Houston shelters are open, @user says https://t.co/x1", "#Houston")
    assert mentions(agreed([message], teacher, toy_gazetteer, seed=1)) == [("Houston", "City/town")]


def test_a_name_that_only_the_teacher_found_is_none_unless_it_is_well_known(teacher: Tagger, make_gazetteer) -> None:
    message = marked("Flooding in Houston")
    (kept,) = agreed([message], teacher, Gazetteer([]), seed=1)
    assert kept == message
    city = Gazetteer.open(make_gazetteer(("1", "Houston", PlaceKind.CITY, 29.8, -95.4, "US", "TX", 2_300_000)))
    village = Gazetteer.open(make_gazetteer(("1", "Houston", PlaceKind.CITY, 29.8, -95.4, "US", "TX", 10)))
    assert agreed([message], teacher, city, seed=1) == []
    assert agreed([message], teacher, village, seed=1) == [message]


@pytest.mark.parametrize(
    "message",
    [
        marked("Praying for everyone tonight", "tonight"),
        marked("Flooding in Houston, power out near Paris", "Houston", "power"),
        marked("Power is out near New York since last night!", "York"),
        marked("Power is out near New York since last night!", "near New York"),
    ],
    ids=["one the teacher lacks", "one more", "a shorter one", "a longer one"],
)
def test_messages_are_left_out_where_the_guidelines_may_differ(
    teacher: Tagger, toy_gazetteer: Gazetteer, message: Message
) -> None:
    assert agreed([message], teacher, toy_gazetteer, seed=1) == []


def test_as_many_messages_without_a_place_are_kept_as_others(teacher: Tagger) -> None:
    nothing = [marked("Praying for everyone tonight", number=str(number)) for number in range(20)]
    places = [marked("Flooding in Houston", "Houston", number=str(100 + number)) for number in range(3)]
    one, same, other = (
        agreed([*nothing, *places, marked(" ")], teacher, Gazetteer([]), seed=seed) for seed in (1, 1, 2)
    )
    assert one == same
    assert len(one) == len(other) == 6
    assert {message.id for message in one} != {message.id for message in other}
    assert sum(bool(message.mentions) for message in one) == 3


@pytest.mark.slow
@pytest.mark.parametrize("use", ["other_guidelines", "as_annotated"])
def test_a_pupil_unlearns_what_other_annotators_contradict(
    toy_model: Path, toy_corpus: list[Message], tmp_path: Path, use: str
) -> None:
    contradicted = [marked("Flooding in Freeport", number=str(number)) for number in range(40)]
    lines: list[object] = []
    train_model(
        toy_corpus[:20],
        tmp_path / "pupil",
        encoder=str(toy_model),
        gazetteer=Gazetteer([]),
        tagger_config=replace(Tagger.load(toy_model).config, dropout=0.0),
        training_config=TrainingConfig(epochs=6, batch_size=4, encoder_learning_rate=1e-3, average_decay=0.0),
        augmentation=NONE,
        teachers=[toy_model],
        report=lines.append,
        **{use: contradicted},
    )
    told = "of 40 messages annotated by other guidelines, 40 are learnt from" in lines
    assert told == (use == "other_guidelines")
    teacher, pupil = Tagger.load(toy_model), Tagger.load(tmp_path / "pupil")
    text = marked("Flooding in Freeport", "Freeport")
    assert agreed([text], teacher, Gazetteer([]), seed=1)
    assert not agreed([text], pupil, Gazetteer([]), seed=1)
