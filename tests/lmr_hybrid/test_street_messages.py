"""Made-up messages: exact offsets whatever the spelling, the guideline of annotation, variety and determinism."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer import Gazetteer
from lmr_hybrid.augmentation.settings import LOCALES
from lmr_hybrid.augmentation.street_messages import StreetMessages, fill_template, parse_template, read_templates
from lmr_hybrid.augmentation.street_names import StreetNames
from lmr_hybrid.corpora import TYPES, Message
from lmr_hybrid.errors import TrainingError


@pytest.fixture(scope="session")
def names(toy_gazetteer: Gazetteer) -> StreetNames:
    return StreetNames(toy_gazetteer)


@pytest.fixture(scope="session")
def street_messages(names: StreetNames) -> StreetMessages:
    return StreetMessages(names)


@pytest.fixture(scope="session")
def thousand(street_messages: StreetMessages) -> list[Message]:
    generator = random.Random(11)
    return [street_messages.sample(generator) for _ in range(1_000)]


def _drawn(names: StreetNames, template: str, count: int = 40) -> list[Message]:
    messages = StreetMessages(names, templates=(parse_template(template, locale="american"),))
    generator = random.Random(8)
    return [messages.sample(generator) for _ in range(count)]


def test_the_templates_are_many_and_all_different() -> None:
    templates = read_templates()
    assert len(templates) >= 350
    assert len({template.text for template in templates}) == len(templates)
    assert {template.locale for template in templates} == {"any", *LOCALES}
    assert len({template.register for template in templates}) >= 15


def test_a_template_is_its_segments_and_fills(names: StreetNames) -> None:
    for template in read_templates():
        assert "".join(segment.text for segment in template.segments) == template.text
        filled = fill_template(template, names.start(random.Random(1), template.locale))
        assert not any(brace in segment.text for segment in filled for brace in "{}"), template.text


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**64))
def test_offsets_are_exact_and_mentions_are_whole_words_apart(street_messages: StreetMessages, seed: int) -> None:
    message = street_messages.sample(random.Random(seed))
    end = 0
    for mention in message.mentions:
        assert message.text[mention.start : mention.end] == mention.text
        assert mention.text == mention.text.strip() != ""
        assert mention.type in TYPES
        assert mention.start >= end
        end = mention.end
        assert not message.text[max(0, mention.start - 1) : mention.start].isalnum()
        assert not message.text[end : end + 1].isalnum()


def test_the_same_seed_gives_the_same_messages(toy_gazetteer: Gazetteer, thousand: list[Message]) -> None:
    again, generator = StreetMessages(StreetNames(toy_gazetteer)), random.Random(11)
    assert [again.sample(generator) for _ in range(100)] == thousand[:100]


def test_messages_hardly_ever_repeat(thousand: list[Message]) -> None:
    assert len({message.text for message in thousand}) > 950
    assert len({message.id for message in thousand}) == 1_000


def test_one_message_in_five_names_no_place(thousand: list[Message], names: StreetNames) -> None:
    assert 150 < sum(not message.mentions for message in thousand) < 250
    never, always = StreetMessages(names, empty_share=0.0), StreetMessages(names, empty_share=1.0)
    assert all(never.sample(random.Random(seed)).mentions for seed in range(50))
    assert not any(always.sample(random.Random(seed)).mentions for seed in range(50))


def test_streets_lead_and_every_fine_type_occurs(thousand: list[Message]) -> None:
    counts = Counter(mention.type for message in thousand for mention in message.mentions)
    assert counts.most_common(1)[0][0] == "Road/street"
    fine = ("Human-made Point-of-Interest", "Natural Point-of-Interest", "Neighborhood", "City/town")
    assert all(counts[type_] > 50 for type_ in fine)


def test_messages_are_written_in_many_ways(thousand: list[Message]) -> None:
    assert sum(message.text.isupper() for message in thousand) > 20
    assert sum(message.text.islower() for message in thousand) > 60


@pytest.mark.parametrize(
    ("template", "types"),
    [
        ("fire at {address} {unit}", ["Road/street"]),
        ("crash {street} & {street}", ["Road/street", "Road/street"]),
        ("{highway} {direction} at {mile}, {exit}", ["Road/street"]),
        ("Shelter: {school}, {address}, {city}, {state_code} {zip}", [
            "Human-made Point-of-Interest", "Road/street", "City/town", "State",
        ]),
        ("#{highway_hashtag} #{city_hashtag} #{trap_hashtag}", ["Road/street", "City/town"]),
        ("{hundred} block of {street}", ["Road/street"]),
        ("{storm} in {county} says {person}", ["County"]),
    ],
)  # fmt: skip
def test_the_guideline_is_kept(names: StreetNames, template: str, types: list[str]) -> None:
    for message in _drawn(names, template):
        assert [mention.type for mention in message.mentions] == types


def test_the_article_is_no_part_of_a_name(names: StreetNames) -> None:
    messages = _drawn(names, "the bridge over {highway} and near {region}", 200)
    mentions = [mention.text.lower() for message in messages for mention in message.mentions]
    assert not any(mention.startswith("the ") for mention in mentions)
    assert "turnpike" in mentions


def test_slots_in_capitals_are_filled_in_capitals(names: StreetNames) -> None:
    spelt = [message for message in _drawn(names, "WATER OVER {STREET}") if "WATER" in message.text]
    assert len(spelt) > 20
    assert all(mention.text.isupper() for message in spelt for mention in message.mentions)


def test_a_sentence_ends_with_one_full_stop(names: StreetNames) -> None:
    assert not any(".." in message.text for message in _drawn(names, "Crash at {street}. Stay away.", 200))


@pytest.mark.parametrize(("template", "problem"), [("at {volcano_lair}", "nothing fills"), ("at {street", "brace")])
def test_bad_templates_are_refused(names: StreetNames, template: str, problem: str) -> None:
    with pytest.raises(TrainingError, match=problem):
        StreetMessages(names, templates=(parse_template(template),))


def test_no_templates_are_refused(names: StreetNames) -> None:
    with pytest.raises(TrainingError, match="at least one"):
        StreetMessages(names, templates=())
