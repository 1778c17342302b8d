"""The street test set: its templates are sound, and what is made of them is what the guideline promises."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmr_hybrid.corpora import TYPES, GoldMention, Message, read_corpus

ROOT = Path(__file__).parents[1]
EXTRACTS = Path(os.environ.get("LMR_DATA", ROOT.parent / "shared" / "data")) / "osm"

sys.path.insert(0, str(ROOT / "benchmarks"))
try:
    import street_messages
    import street_names
    import streets
finally:
    sys.path.remove(str(ROOT / "benchmarks"))

FILE = street_messages.read_templates()
WITH_SLOTS = [template for template in FILE.templates if template.slots]
needs_extracts = pytest.mark.skipif(
    not all((EXTRACTS / rules["extract"]).is_file() for rules in FILE.regions.values()),
    reason="the extracts of the test regions are not there (LMR_DATA)",
)


def _made_up_names(seed: int) -> street_messages.Names:
    """Names for every slot, for tests that need no extract."""
    spots = {
        slot: [street_names.Spot(f"{name} {slot.title()}", (40.0 + number / 100, -83.0)) for number, name in _NUMBERED]
        for slot in FILE.slots
    }
    return street_messages.Names(spots, random.Random(seed))


_NUMBERED = list(enumerate(("North Elm", "Saint Ives", "Quay", "O'Neil", "Áine", "Mc Adam", "Beta", "Gamma")))


def test_no_template_stands_twice_in_the_file() -> None:
    assert [text for text, count in Counter(each.text for each in FILE.templates).items() if count > 1] == []


def test_there_are_templates_enough_for_400_messages() -> None:
    assert len(FILE.templates) > 250
    assert len(FILE.templates) + len(WITH_SLOTS) >= 400


@pytest.mark.parametrize("template", FILE.templates, ids=lambda each: each.text[:40])
def test_every_template_can_be_filled(template: street_messages.Template) -> None:
    assert template.case in ("", "upper", "lower")
    assert template.regions or not template.slots
    for region in template.regions or ("",):
        names = _made_up_names(0) if region else None
        text, mentions = street_messages.fill(template, FILE, region, names, random.Random(0))
        assert not set("{}|") & set(text)
        assert {mention.type for mention in mentions} <= set(TYPES)
        assert len(mentions) == sum(slot != "zip" for slot in template.slots) + template.text.count("|")


def test_a_slot_that_does_not_exist_is_reported_with_its_template() -> None:
    template = street_messages.Template("Fire at {castle}", "citizen", ("columbus",))
    with pytest.raises(ValueError, match=r"castle.*Fire at"):
        street_messages.fill(template, FILE, "columbus", _made_up_names(0), random.Random(0))


def test_a_variant_or_type_that_does_not_exist_is_reported() -> None:
    for text, problem in (("Fire at {street.shouted}", "shouted"), ("Fire at [Elm|road]", "road")):
        with pytest.raises(ValueError, match=problem):
            street_messages.fill(
                street_messages.Template(text, "citizen", ("columbus",)),
                FILE,
                "columbus",
                _made_up_names(0),
                random.Random(0),
            )


@given(
    pieces=st.lists(st.text(st.characters(exclude_characters="{}[]|\\"), max_size=12), min_size=1, max_size=6),
    slots=st.lists(st.sampled_from(["{street}", "{street.house.abbreviated}", "{park.hashtag}", "[Elm|street]"])),
    seed=st.integers(0, 1000),
)
def test_offsets_are_those_of_the_mentions(pieces: list[str], slots: list[str], seed: int) -> None:
    text = "".join(piece + slot for piece, slot in zip(pieces, slots, strict=False)) + "".join(pieces[len(slots) :])
    template = street_messages.Template(text, "citizen", ("columbus",))
    filled, mentions = street_messages.fill(template, FILE, "columbus", _made_up_names(seed), random.Random(seed))
    assert [filled[each.start : each.end] for each in mentions] == [each.text for each in mentions]
    assert len(mentions) == min(len(pieces), len(slots))


@pytest.mark.parametrize(
    ("name", "variants", "expected"),
    [
        ("North High Street", ["abbreviated"], "N High St"),
        ("North High Street", ["dotted"], "N. High St."),
        ("North High Street", ["bare"], "High"),
        ("Leesburg Court North", ["abbreviated"], "Leesburg Ct N"),
        ("North Avenue", ["abbreviated"], "North Ave"),
        ("Saint Road", ["bare", "upper"], "SAINT"),
        ("H Street", ["bare"], "H Street"),
        ("5th Avenue", ["abbreviated", "lower"], "5th ave"),
        ("Queen's Highway", ["hashtag"], "QueensHighway"),
    ],
)
def test_names_are_written_as_people_write_them(name: str, variants: list[str], expected: str) -> None:
    assert street_names.written(name, variants, random.Random(0)) == expected


@given(seed=st.integers(0, 10_000))
def test_a_house_number_stands_before_the_name_and_a_typo_changes_it(seed: int) -> None:
    number, _, street = street_names.written("Main Street", ["house"], random.Random(seed)).partition(" ")
    assert number.isdigit()
    assert street == "Main Street"
    misspelt = street_names.written("Brandywine Road", ["typo"], random.Random(seed))
    assert misspelt.endswith(" Road")
    assert set(misspelt) <= set("Brandywine Road")
    assert len(misspelt) in (14, 15)


def test_the_nearest_names_are_taken_and_the_listed_ones() -> None:
    here = [street_names.Spot(f"Street {number}", (number / 10, 0.0)) for number in range(10)]
    listed = street_names.Spot("I-70")
    chosen = street_names.near([listed, *here], (0.52, 0.0), at_most=3)
    assert {spot.name for spot in chosen} == {"I-70", "Street 4", "Street 5", "Street 6"}


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return street_messages.street_messages(EXTRACTS)


@needs_extracts
def test_the_set_is_large_and_one_message_in_six_names_no_place(messages: list[Message]) -> None:
    assert len(messages) >= 400
    assert len({message.id for message in messages}) == len(messages)
    assert 0.14 <= sum(not message.mentions for message in messages) / len(messages) <= 0.20
    assert {message.event for message in messages} == {*FILE.regions, "elsewhere", "no place"}


@needs_extracts
@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_any_seed_gives_a_sound_set(seed: int) -> None:
    spots = _spots()
    names = {region: street_messages.Names(each, random.Random(seed)) for region, each in spots.items()}
    made = list(street_messages.make(FILE, names, random.Random(seed)))
    assert len(made) == len(FILE.templates) + len(WITH_SLOTS) * (street_messages.USES - 1)
    for message in made:
        assert not set("{}|") & set(message.text)
        last = 0
        for mention in message.mentions:
            assert last <= mention.start < mention.end <= len(message.text)
            assert message.text[mention.start : mention.end] == mention.text == mention.text.strip()
            last = mention.end


@cache
def _spots() -> dict[str, dict[str, list[street_names.Spot]]]:
    return {
        region: street_names.read_spots(EXTRACTS / rules["extract"], rules, FILE.slots)
        for region, rules in FILE.regions.items()
    }


@needs_extracts
def test_every_slot_has_names_enough_in_the_regions_that_use_it() -> None:
    for template in WITH_SLOTS:
        for region in template.regions:
            for slot, count in Counter(slot for slot in template.slots if slot != "zip").items():
                assert len(_spots()[region][slot]) >= count, (region, slot)


@needs_extracts
@pytest.mark.slow
def test_the_command_writes_the_same_corpus_each_time_and_it_can_be_read(
    tmp_path: Path, messages: list[Message]
) -> None:
    path = tmp_path / "streets.jsonl"
    done = _run("-o", str(path), data=EXTRACTS.parent)
    assert done.returncode == 0, done.stderr
    assert read_corpus(path, split="dev") == messages
    assert done.stdout.startswith(f"{len(messages)} messages, ")


def test_the_command_says_where_it_looked_for_extracts(tmp_path: Path) -> None:
    done = _run("-o", str(tmp_path / "streets.jsonl"), data=tmp_path)
    assert done.returncode == 1
    assert "LMR_DATA" in done.stderr
    assert "columbus" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def _run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LMR_DATA": str(data), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "benchmarks" / "street_messages.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)


def test_the_interval_of_a_score_holds_the_score() -> None:
    from lmr_hybrid import Mention, Recognition

    gold = [Message(str(number), "e", "Main St", (GoldMention("Main St", 0, 7, "Road/street"),)) for number in range(9)]
    found = (Mention("Main St", 0, 7, "Road/street", 1.0),)
    recognitions = [Recognition("Main St", found if number % 3 else ()) for number in range(9)]
    interval = streets.f1_interval(gold, recognitions)
    assert interval.f1 == pytest.approx(0.8)
    assert interval.low < 0.8 < interval.high
