"""The forms people write for a place are found, and the forms that mean something else are not made."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gazetteer.places import PlaceKind
from gazetteer.text import normalize_name
from gazetteer.variants import MOST_VARIANTS, Variant, VariantRule, source_variants, variants
from gazetteer.variants.words import (
    DIRECTIONS,
    FACILITIES,
    LEADING_FEATURES,
    LEADING_STREET_TYPES,
    NOT_A_NAME,
    ORDINALS,
    SAINTS,
    SPELLINGS,
    STREET_TYPES,
    TRAILING_FEATURES,
)

CITY, COUNTY, COUNTRY, DISTRICT = PlaceKind.CITY, PlaceKind.COUNTY, PlaceKind.COUNTRY, PlaceKind.DISTRICT
STATE, ISLAND, ROAD = PlaceKind.STATE, PlaceKind.ISLAND, PlaceKind.ROAD
BUILDING, NATURE = PlaceKind.HUMAN_POI, PlaceKind.NATURAL_POI

#: Words that some rule turns on, so that made-up names meet the rules, and meet several at once.
TRIGGERS = sorted(
    {
        *STREET_TYPES,
        *LEADING_STREET_TYPES,
        *DIRECTIONS,
        *SAINTS,
        *LEADING_FEATURES,
        *TRAILING_FEATURES,
        *FACILITIES,
        *SPELLINGS,
        *ORDINALS,
        *NOT_A_NAME,
        *(form for table in (STREET_TYPES, DIRECTIONS, SAINTS, ORDINALS) for forms in table.values() for form in forms),
        *("s", "o", "d", "mc", "mac", "mcmurray", "and", "martin", "luther", "king", "jr", "high", "school", "airport"),
        *("us", "i", "i45", "fm", "1960", "45", "6", "co", "rio", "isla", "provincia", "al", "the", "kerala", "東京"),
    }
)
names = st.one_of(
    st.text().map(normalize_name),
    st.lists(st.sampled_from(TRIGGERS), min_size=1, max_size=7).map(" ".join),
).filter(bool)
kinds = st.sampled_from(PlaceKind)


def spellings(name: str, kind: PlaceKind) -> list[str]:
    return [variant.text for variant in variants(name, kind)]


@given(names, kinds)
@example("saint saint saint saint saint street", ROAD)
@example("the and the", CITY)
@example("s s s", COUNTRY)
def test_variants_are_normalised_new_distinct_and_few(name: str, kind: PlaceKind) -> None:
    found = list(variants(name, kind))
    texts = [variant.text for variant in found]
    assert len(found) <= MOST_VARIANTS
    assert len(set(texts)) == len(texts)
    assert name not in texts
    for text in texts:
        assert text
        assert normalize_name(text) == text
    assert found == list(variants(name, kind))


@given(names, kinds)
def test_nothing_is_made_that_is_only_generic_words_digits_or_a_letter(name: str, kind: PlaceKind) -> None:
    for variant in variants(name, kind):
        if variant.rule in (VariantRule.BARE, VariantRule.BARE_OF, VariantRule.ARTICLE, VariantRule.PLURAL):
            words = variant.text.split(" ")
            assert not all(word in NOT_A_NAME or word.isdigit() or len(word) < 2 for word in words)


def test_every_name_can_reach_the_greatest_number_but_no_more() -> None:
    assert len(spellings("north saint mcdonald s street center road avenue", ROAD)) == MOST_VARIANTS


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("main street", "main st", ROAD),
        ("main street north", "main st n", ROAD),
        ("north main street", "n main st", ROAD),
        ("martin luther king boulevard", "martin luther king blvd", ROAD),
        ("5th avenue", "fifth avenue", ROAD),
        ("5th avenue", "fifth ave", ROAD),
        ("20th street", "twentieth st", ROAD),
        ("hardy toll highway", "hardy toll hwy", ROAD),
        ("highway 63", "hwy 63", ROAD),
        ("interstate 45", "i 45", ROAD),
        ("interstate 45", "i45", ROAD),
        ("us route 441", "us 441", ROAD),
        ("county road 12", "cr 12", ROAD),
        ("farm to market road 1960", "fm 1960", ROAD),
        ("farm to market road 1960", "fm1960", ROAD),
        ("state highway 6", "sh 6", ROAD),
        ("state route 315", "sr 315", ROAD),
        ("saint louis", "st louis", CITY),
        ("port saint lucie", "port st lucie", CITY),
        ("sault sainte marie", "sault ste marie", CITY),
        ("saint charles avenue", "st charles ave", ROAD),
        ("fort mcmurray", "ft mcmurray", CITY),
        ("fort mcmurray", "fort mc murray", CITY),
        ("mount saint helens", "mt st helens", NATURE),
        ("stone mountain", "stone mtn", CITY),
        ("colorado springs", "colorado spgs", CITY),
        ("george bush international airport", "george bush intl airport", BUILDING),
        ("marsh harbour", "marsh harbor", CITY),
        ("sports centre", "sports center", BUILDING),
        ("orange county", "orange co", COUNTY),
        ("st marys", "st mary s", CITY),
        ("lake ruth", "ruth lake", NATURE),
        ("river yuna", "yuna river", NATURE),
    ],
)
def test_both_ways(left: str, right: str, kind: PlaceKind) -> None:
    assert right in spellings(left, kind)
    assert left in spellings(right, kind)


@pytest.mark.parametrize(
    ("name", "kind", "variant"),
    [
        ("north carolina", STATE, "n carolina"),
        ("northern ireland", STATE, "n ireland"),
        ("sint maarten", ISLAND, "st maarten"),
        ("sankt gallen", CITY, "st gallen"),
        ("us route 441", ROAD, "hwy 441"),
        ("state highway 6", ROAD, "highway 6"),
        ("maryland route 140", ROAD, "route 140"),
        ("md 140", ROAD, "route 140"),
        ("us 1 north", ROAD, "us1 north"),
        ("avenida ponce de leon", ROAD, "ave ponce de leon"),
        ("dr martin luther king jr boulevard", ROAD, "mlk blvd"),
        ("john f kennedy international airport", BUILDING, "jfk international airport"),
        (
            "george bush intercontinental houston international airport",
            BUILDING,
            "george bush intercontinental houston airport",
        ),
        ("east lombard street", ROAD, "lombard street"),
        ("east lombard street", ROAD, "lombard st"),
        ("lombard street east", ROAD, "lombard street"),
        ("memorial high school", BUILDING, "memorial hs"),
        ("university of houston", BUILDING, "univ of houston"),
        ("st john s", CITY, "st johns"),
        ("st john s county", COUNTY, "st johns co"),
        ("prince george s county", COUNTY, "prince georges county"),
        ("port o connor", CITY, "port oconnor"),
        ("cote d ivoire", COUNTRY, "cote divoire"),
        ("fort mcmurray", CITY, "fort macmurray"),
        ("mc allen", CITY, "mcallen"),
        ("mcallen", CITY, "mc allen"),
        ("trinidad and tobago", COUNTRY, "trinidad tobago"),
        ("the bahamas", COUNTRY, "bahamas"),
        ("al hasakah", CITY, "hasakah"),
        ("city of bogalusa", CITY, "bogalusa"),
        ("democratic socialist republic of sri lanka", COUNTRY, "sri lanka"),
        ("commonwealth of the bahamas", COUNTRY, "bahamas"),
        ("state of tamil nadu", STATE, "tamil nadu"),
        ("gorkha district", DISTRICT, "gorkha"),
        ("provincia de manabi", STATE, "manabi"),
        ("volusia county", COUNTY, "volusia"),
        ("county of volusia", COUNTY, "volusia county"),
        ("county cork", COUNTY, "co cork"),
        ("rio yuna", NATURE, "yuna river"),
        ("isla de vieques", ISLAND, "vieques island"),
        ("cayman islands", ISLAND, "caymans"),
        ("california", STATE, "californias"),
        ("new zealand", COUNTRY, "new zealands"),
        ("fort mcmurray", CITY, "fortmcmurray"),
        ("fort mcmurray", CITY, "ftmcmurray"),
        ("saint louis", CITY, "stlouis"),
        ("new orleans", CITY, "neworleans"),
        ("the bahamas", COUNTRY, "thebahamas"),
        ("winston salem", CITY, "winstonsalem"),
        ("volusia county", COUNTY, "volusiacounty"),
    ],
)
def test_what_people_write(name: str, kind: PlaceKind, variant: str) -> None:
    assert variant in spellings(name, kind)


@pytest.mark.parametrize(
    ("name", "kind", "not_made"),
    [
        ("kansas city", CITY, "kansas"),
        ("mexico city", CITY, "mexico"),
        ("district of columbia", DISTRICT, "columbia"),
        ("orange county", COUNTY, "orange"),
        ("free state", STATE, "free"),
        ("northern region", STATE, "northern"),
        ("municipio heres", COUNTY, "heres"),
        ("isle of man", ISLAND, "man"),
        ("long island", ISLAND, "long"),
        ("christmas island", ISLAND, "christmas"),
        ("the center", CITY, "center"),
        ("the center", CITY, "the centre"),
        ("the power plant", BUILDING, "power plant"),
        ("los angeles", CITY, "angeles"),
        ("la paz", CITY, "paz"),
        ("south east", COUNTY, "s east"),
        ("south east", COUNTY, "southeast"),
        ("court house", CITY, "courthouse"),
        ("south hills", CITY, "shills"),
        ("n djamena", CITY, "north djamena"),
        ("north street", ROAD, "n street"),
        ("north street", ROAD, "street"),
        ("north south street", ROAD, "south street"),
        ("east lombard", ROAD, "lombard"),
        ("east lombard street", CITY, "lombard street"),
        ("a street", ROAD, "a st"),
        ("us route 2", ROAD, "us 2"),
        ("interstate 4", ROAD, "i 4"),
        ("main street", CITY, "main st"),
        ("pt arthur", CITY, "port arthur"),
        ("saint john", ISLAND, "saint johns"),
        ("republic of turkey", COUNTRY, "republic of turkeys"),
        ("kerala state", STATE, "state of kerala"),
        ("red cross", BUILDING, "redcross"),
        ("main street", ROAD, "mainstreet"),
        ("5 1 2 3 4 5", CITY, "512345"),
        ("la ca", CITY, "laca"),
        ("main street", ROAD, "main"),
    ],
)
def test_what_would_mean_something_else_is_not_made(name: str, kind: PlaceKind, not_made: str) -> None:
    assert not_made not in spellings(name, kind)


def test_a_variant_names_its_rule() -> None:
    assert list(variants("orange county", COUNTY)) == [
        Variant("orange co", VariantRule.COUNTY),
        Variant("orangecounty", VariantRule.HASHTAG),
    ]


def test_whole_respellings_come_before_hashtags() -> None:
    rules = [variant.rule for variant in variants("fort mcmurray", CITY)]
    assert rules == sorted(rules, key=lambda rule: rule is VariantRule.HASHTAG)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zürich", ["zuerich"]),
        ("Zu\u0308rich", ["zuerich"]),
        ("ÅRHUS", ["aarhus"]),
        ("Tromsø", ["tromsoe"]),
        ("Turks & Caicos", ["turks and caicos"]),
        ("Nassau (Bahamas)", ["nassau"]),
        ("Köln (Rhein)", ["koeln rhein", "koln", "koeln"]),
        ("São Paulo", []),
        ("Houston", []),
        ("(Houston)", []),
        ("&", ["and"]),
    ],
)
def test_what_only_the_source_text_tells(text: str, expected: list[str]) -> None:
    assert list(source_variants(text)) == expected


@given(st.one_of(st.text(), st.text(st.sampled_from("aöÅø&()  -'\u0308"), max_size=12)))
def test_variants_of_a_source_text_are_normalised_new_distinct_and_few(text: str) -> None:
    found = list(source_variants(text))
    assert len(set(found)) == len(found) <= 4
    for variant in found:
        assert variant
        assert variant != normalize_name(text)
        assert normalize_name(variant) == variant
