"""Names for slots: the rules hold together, regions give real names, and what is withheld never comes."""

from __future__ import annotations

import random
import tomllib

import pytest

from gazetteer import Gazetteer, PlaceKind
from lmr_hybrid.augmentation.settings import COUNTRIES_OF_LOCALE, LOCALES
from lmr_hybrid.augmentation.street_names import TYPE_OF_SLOT, WORDS, StreetNames
from lmr_hybrid.corpora import TYPES
from lmr_hybrid.errors import TrainingError

_CITIES = ("Ashford", "Bellport", "Chandra", "Dunedon", "Escolta", "Falmouth", "Gweru", "Huaca", "Isola")


@pytest.fixture(scope="session")
def world(make_gazetteer) -> Gazetteer:
    """A city of every locale, with the country it lies in."""
    places = []
    for number, (locale, city) in enumerate(zip(LOCALES, _CITIES, strict=True)):
        code = COUNTRIES_OF_LOCALE[locale][0]
        places.append((f"{code}-country", f"{city}land", PlaceKind.COUNTRY, 10.0 * number, 5.0, code, "", 1_000_000))
        places.append((f"{code}-city", city, PlaceKind.CITY, 10.0 * number, 5.0, code, "TX", 50_000))
    return Gazetteer.open(make_gazetteer(*places, name="locales"))


@pytest.fixture(scope="session")
def region(make_gazetteer) -> Gazetteer:
    places = [(f"road-{n}", f"Zxroad{n} Street", PlaceKind.ROAD, 1.0, n / 100) for n in range(12)]
    places += [(f"school-{n}", f"Zxname{n} School", PlaceKind.HUMAN_POI, 1.0, n / 100) for n in range(12)]
    places += [(f"bench-{n}", f"Zxthing {n}", PlaceKind.HUMAN_POI, 1.0, n / 100) for n in range(12)]
    return Gazetteer.open(make_gazetteer(*places, name="region"))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_rule_of_every_locale_can_be_completed(world: Gazetteer, locale: str) -> None:
    names = StreetNames(world)
    rules = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    generator = random.Random(3)
    for rule in {**rules["common"], **rules[locale]}:
        for _ in range(10):
            filled = names.start(generator, locale).draw(rule)
            assert filled.strip() == filled != ""
            assert not set("{}<>") & set(filled), (rule, filled)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_wording_refers_to_rules_that_exist(world: Gazetteer, locale: str) -> None:
    names = StreetNames(world)
    rules = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    generator = random.Random(1)
    for wordings in {**rules["common"], **rules[locale]}.values():
        for wording in wordings:
            assert names._complete(wording, names.start(generator, locale))


def test_a_locale_has_no_rule_that_the_common_ones_cannot_stand_in_for_in_a_slot(world: Gazetteer) -> None:
    names = StreetNames(world)
    for slot in TYPE_OF_SLOT:
        for locale in LOCALES:
            assert names.start(random.Random(2), locale).fill(slot)


def test_slots_have_types_of_the_corpus() -> None:
    assert set(TYPE_OF_SLOT.values()) <= set(TYPES)


def test_addresses_are_a_number_and_a_street(world: Gazetteer) -> None:
    names = StreetNames(world)
    generator = random.Random(4)
    for _ in range(50):
        number, _, street = names.start(generator, "american").fill("address").partition(" ")
        assert number.isdigit()
        assert street


def test_a_message_names_its_city_first_and_nothing_twice(world: Gazetteer) -> None:
    filling = StreetNames(world).start(random.Random(5), "indian")
    assert filling.fill("city") == "Chandra"
    streets = [filling.fill("street") for _ in range(12)]
    assert len(set(streets)) == 12


def test_hashtags_are_one_word_and_traps_go_on_after_the_place(world: Gazetteer) -> None:
    names = StreetNames(world)
    generator = random.Random(6)
    for _ in range(50):
        filling = names.start(generator, "american")
        assert filling.fill("highway_hashtag").isalnum()
        trap = filling.fill("trap_hashtag")
        assert trap.startswith("Ashford")
        assert trap != "Ashford"


def test_half_of_the_streets_and_schools_are_real_where_a_region_is_given(world: Gazetteer, region: Gazetteer) -> None:
    generator = random.Random(7)
    names = StreetNames(world, region)
    for slot in ("street", "school"):
        real = sum("Zx" in names.start(generator, "american").fill(slot) for _ in range(400))
        assert 120 < real < 280
    assert not any("thing" in names.start(generator, "american").fill("school") for _ in range(50))


def test_a_share_of_one_takes_all_names_from_the_region(world: Gazetteer, region: Gazetteer) -> None:
    names = StreetNames(world, region, real_share=1.0)
    drawn = [names.start(random.Random(seed), "american").fill("street") for seed in range(60)]
    assert all(name.startswith("Zxroad") for name in drawn)
    assert {name.split(" ")[1] for name in drawn} >= {"Street", "St", "St."}


def test_what_is_withheld_never_comes(world: Gazetteer, region: Gazetteer) -> None:
    names = StreetNames(world, region, withheld=region)
    drawn = [names.start(random.Random(seed), "american").fill("address") for seed in range(200)]
    assert not any("Zx" in name for name in drawn)


def test_accents_of_indian_names_are_left_out_and_others_often(make_gazetteer) -> None:
    folder = make_gazetteer(
        ("mustafabad", "Mustafābād", PlaceKind.CITY, 28.7, 77.3, "IN", "07", 100_000),
        ("riviere", "Grande Rivière", PlaceKind.CITY, 10.8, -61.0, "TT", "", 1_000),
        name="accents",
    )
    names = StreetNames(Gazetteer.open(folder))
    generator = random.Random(9)
    assert {names.start(generator, "indian").fill("city") for _ in range(20)} == {"Mustafabad"}
    assert {names.start(generator, "caribbean").fill("city") for _ in range(40)} == {"Grande Rivière", "Grande Riviere"}


def test_regions_kept_for_measuring_name_no_city(make_gazetteer) -> None:
    folder = make_gazetteer(
        ("columbus", "Columbus", PlaceKind.CITY, 39.96, -83.0, "US", "OH", 900_000),
        ("nassau", "Nassau", PlaceKind.CITY, 25.06, -77.35, "BS", "", 250_000),
        ("dayton", "Dayton", PlaceKind.CITY, 39.76, -84.19, "US", "OH", 137_000),
        name="kept-out",
    )
    names = StreetNames(Gazetteer.open(folder))
    assert {names.start(random.Random(seed)).fill("city") for seed in range(40)} == {"Dayton"}


def test_a_world_without_cities_and_an_unknown_slot_are_refused(world: Gazetteer, region: Gazetteer) -> None:
    with pytest.raises(TrainingError, match="Give the world gazetteer"):
        StreetNames(region)
    with pytest.raises(TrainingError, match="no slot"):
        StreetNames(world).start(random.Random(0)).fill("volcano_lair")
