"""Augmentation: changed texts keep their mentions, names go only where they fit, and a seed decides everything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gazetteer import Gazetteer, NameFacts, NameKind, Place, PlaceKind, normalize_name, tokenize
from lmr_hybrid.augmentation import NONE, AugmentationConfig, Augmenter, NamePool
from lmr_hybrid.augmentation.edits import Edit, apply_edits
from lmr_hybrid.augmentation.hits import show_hits
from lmr_hybrid.augmentation.replacement import replace_names
from lmr_hybrid.augmentation.surface import SURFACE_CHANGES
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.place_types import KINDS_OF_TYPE

CITY = "City/town"
PIECES = st.text(max_size=8) | st.sampled_from(
    [
        " ",
        "#",
        "@",
        "//",
        "RT ",
        "https://t.co/x",
        "'",
        "’",
        "Ünter",
        "ǅ",
        "İ",
        "ß",
        "नमस्ते",
        "🌊",
        "e\u0301",
        "#KeralaFloods",
    ]
)
NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["Port-au-Prince", "St. Louis", "Queen's Park", "ΌΣΟΣ", "USA"]
)


def marked(text: str, *types: str, event: str = "toy") -> Message:
    """Return the message whose mentions stand in square brackets in `text`."""
    plain, mentions = "", []
    for number, part in enumerate(text.replace("]", "[").split("[")):
        if number % 2:
            type_ = types[number // 2] if types else CITY
            mentions.append(GoldMention(part, len(plain), len(plain) + len(part), type_))
        plain += part
    return Message("1", event, plain, tuple(mentions))


def brackets(message: Message) -> str:
    """Return the text with its mentions in square brackets."""
    text = message.text
    for mention in reversed(message.mentions):
        text = f"{text[: mention.start]}[{text[mention.start : mention.end]}]{text[mention.end :]}"
    return text


def check_offsets(message: Message) -> None:
    position = 0
    for mention in message.mentions:
        assert mention.start >= position
        assert mention.text
        assert message.text[mention.start : mention.end] == mention.text
        position = mention.end


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Messages of any text, with mentions anywhere in it, also glued to words and to each other."""
    text, mentions = draw(PIECES), []
    for name, after in draw(st.lists(st.tuples(NAMES, PIECES), max_size=4)):
        mentions.append(
            GoldMention(name, len(text), len(text) + len(name), draw(st.sampled_from(sorted(KINDS_OF_TYPE))))
        )
        text += name + after
    return Message("1", "toy", text + draw(st.just("") | st.text(min_size=30, max_size=60)), tuple(mentions))


@st.composite
def edited(draw: st.DrawFn) -> tuple[Message, list[Edit], str, list[str]]:
    """A message, edits in any order, the text that they make, and what becomes of each mention."""
    before, after, edits, mentions, changed = "", "", [], [], []

    def add(old: str, new: str | None) -> str:
        nonlocal before, after
        if new is not None:
            edits.append(Edit(len(before), len(before) + len(old), new))
        made = old if new is None else new
        before, after = before + old, after + made
        return made

    part = st.tuples(st.text(min_size=1, max_size=3), st.none() | st.text(max_size=3))
    for is_mention, kept in draw(st.lists(st.tuples(st.booleans(), st.lists(part, max_size=3)), max_size=4)):
        start = len(before)
        made = "".join(add(old, new) for old, new in kept)
        if is_mention and kept:
            mentions.append(GoldMention(before[start:], start, len(before), CITY))
            changed.append(made)
    return (
        Message("1", "toy", before, tuple(mentions)),
        draw(st.permutations(edits)),
        after,
        [name for name in changed if name],
    )


@given(edited())
def test_edits_change_the_text_and_move_the_mentions(case: tuple[Message, list[Edit], str, list[str]]) -> None:
    message, edits, text, names = case
    changed = apply_edits(message, edits)
    assert changed.text == text
    assert [mention.text for mention in changed.mentions] == names
    check_offsets(changed)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Edit(3, 3, "#"), "in #[Lima] now"),
        (Edit(7, 7, "!"), "in [Lima]! now"),
        (Edit(5, 5, "-"), "in [Li-ma] now"),
        (Edit(3, 7, "Rome"), "in [Rome] now"),
        (Edit(3, 7, ""), "in  now"),
        (Edit(0, 3, ""), "[Lima] now"),
        (Edit(7, 11, ""), "in [Lima]"),
    ],
)
def test_one_edit_about_a_mention(edit: Edit, expected: str) -> None:
    changed = apply_edits(marked("in [Lima] now"), [edit])
    assert brackets(changed) == expected
    check_offsets(changed)


@pytest.mark.parametrize("edit", [Edit(2, 4, "x"), Edit(6, 8, "x"), Edit(2, 8, "x"), Edit(3, 8, ""), Edit(2, 7, "")])
def test_an_edit_over_an_end_of_a_mention_is_refused(edit: Edit) -> None:
    with pytest.raises(ValueError, match="crosses an end of the mention 'Lima'"):
        apply_edits(marked("in [Lima] now"), [edit])


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="the edits at 0 and 1 overlap"):
        apply_edits(marked("in [Lima]"), [Edit(1, 2, "x"), Edit(0, 2, "y")])


@pytest.mark.parametrize("name", sorted(SURFACE_CHANGES))
@given(message=messages(), seed=st.integers(0, 20))
def test_no_spelling_loses_or_moves_a_mention(name: str, message: Message, seed: int) -> None:
    changed = SURFACE_CHANGES[name](message, random.Random(seed))
    check_offsets(changed)
    assert [mention.type for mention in changed.mentions] == [
        mention.type for mention in message.mentions[: len(changed.mentions)]
    ]
    if name == "truncated":
        kept = message.mentions[: len(changed.mentions)]
        assert changed.mentions == kept
        assert changed.text.removesuffix("…").rstrip(" .") in message.text
        assert len(changed.text) <= len(message.text) + len("...")
    else:
        assert len(changed.mentions) == len(message.mentions)
    assert changed == SURFACE_CHANGES[name](message, random.Random(seed))


def outcomes(name: str, message: Message) -> set[str]:
    return {brackets(SURFACE_CHANGES[name](message, random.Random(seed))) for seed in range(60)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in [Port-au-Prince] now", {"in #[PortAuPrince] now", "in #[portauprince] now"}),
        ("in [new york] now", {"in #[newyork] now"}),
        ("near [Queen's Park].", {"near #[QueensPark].", "near #[queenspark]."}),
        ("in [नई दिल्ली] now", {"in #[नईदिल्ली] now"}),
        ("pray for #[USVirginIslands]", {"pray for [US Virgin Islands]"}),
        ("pray for #[FortMcMurray]", {"pray for [Fort McMurray]"}),
        ("pray for #[MéxicoCity]", {"pray for [México City]"}),
        ("pray for #[kerala]", {"pray for [kerala]"}),
        ("at [1500 Main Street]", {"at [1500 Main Street]"}),
        ("[Kerala]Floods", {"[Kerala]Floods"}),
        ("#[Kerala]Floods", {"#[Kerala]Floods"}),
        ("by @[Kerala] and", {"by @[Kerala] and"}),
        ("x#[Kerala]", {"x#[Kerala]"}),
        ("[🏳️]", {"[🏳️]"}),
        ("no place", {"no place"}),
    ],
)
def test_hashtags(text: str, expected: set[str]) -> None:
    assert outcomes("hashtag", marked(text)) == expected


def test_a_typo_is_one_slip_within_a_name() -> None:
    slips = outcomes("typo", marked("To [New York] and [Lima]"))
    assert {"To [New Yrok] and [Lima]", "To [New Yrk] and [Lima]", "To [New Yoork] and [Lima]"} <= slips
    assert all(slip.startswith("To [N") and slip.endswith("] and [Lima]") for slip in slips)
    assert not any("NN" in slip or "YY" in slip for slip in slips)


def test_cases_leave_addresses_and_letters_without_a_counterpart() -> None:
    message = marked("Flooding in [Gießen] @User https://t.co/aB")
    assert outcomes("upper", message) == {"FLOODING IN [GIEßEN] @User https://t.co/aB"}
    assert outcomes("lower", message) == {"flooding in [gießen] @User https://t.co/aB"}


def test_apostrophes_at_the_end_of_a_mention_stay() -> None:
    message = marked("Don't leave [Ecuador]'s [Queen's Park]")
    assert outcomes("apostrophe", message) == {"Dont leave [Ecuador]'s [Queens Park]"}


def test_a_retweet_begins_once() -> None:
    once = SURFACE_CHANGES["retweet"](marked("in [Lima]"), random.Random(1))
    assert once.text.startswith("RT @")
    assert once.text.endswith(": in Lima")
    assert SURFACE_CHANGES["retweet"](once, random.Random(2)) == once


def test_a_cut_leaves_mentions_whole_and_hashtags_out() -> None:
    message = marked("Many more people than anybody had thought need help #KeralaFloods in [Tiruvannamalai]")
    for cut in outcomes("truncated", message):
        assert "[Tiruvannamalai]" in cut or "Tir" not in cut
        assert "#KeralaFloods" in cut or "#" not in cut
    assert outcomes("truncated", marked("in [Lima]")) == {"in [Lima]"}


def places(*, country: str = "AA") -> Iterator[Place]:
    """Twenty-five made-up places of each of a few kinds."""
    kinds = {
        PlaceKind.COUNTRY: "land",
        PlaceKind.STATE: "ia",
        PlaceKind.CITY: "ville",
        PlaceKind.COUNTY: "shire County",
    }
    for kind, ending in kinds.items():
        for number in range(25):
            name = f"{'BCDFGHKLMNPRSTVWZJQXYKLMN'[number]}{'aeiou'[number % 5]}r{'aeiou'[number // 5]}{ending}"
            yield Place(f"toy:{kind}/{number}", name, kind, 0.0, 0.0, country, importance=number / 25)


@pytest.fixture(scope="module")
def pool() -> NamePool:
    return NamePool([*places(), Place("toy:zurich", "Zürich Airfield", PlaceKind.CITY, 0.0, 0.0)])


@pytest.fixture
def rename(pool: NamePool, toy_gazetteer: Gazetteer) -> Callable[..., Message]:
    def renamed(message: Message, seed: int = 1, *, replaced: float = 1.0, invented: float = 0.0) -> Message:
        generator = random.Random(seed)
        changed = replace_names(
            message, pool=pool, gazetteer=toy_gazetteer, replaced=replaced, invented=invented, generator=generator
        )
        check_offsets(changed)
        return changed

    return renamed


@pytest.mark.parametrize("seed", range(20))
def test_one_name_gets_one_other_name_however_it_is_written(rename: Callable[..., Message], seed: int) -> None:
    message = marked("[New York], #[NewYork], [NEW YORK] and #[newyork] but [Houston]")
    first, hashtag, capitals, small, other = (mention.text for mention in rename(message, seed).mentions)
    assert first != "New York"
    assert normalize_name(hashtag) == normalize_name(first).replace(" ", "")
    assert capitals == first.upper()
    assert small == hashtag.lower()
    assert other != "Houston"


@given(message=messages(), seed=st.integers(0, 20))
def test_any_message_may_be_renamed(pool: NamePool, toy_gazetteer: Gazetteer, message: Message, seed: int) -> None:
    changed = replace_names(
        message, pool=pool, gazetteer=toy_gazetteer, replaced=0.6, invented=0.4, generator=random.Random(seed)
    )
    check_offsets(changed)
    assert [mention.type for mention in changed.mentions] == [mention.type for mention in message.mentions]


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("[Italian] help", "Country"),
        ("[USA] helps", "Country"),
        ("[FEMA] helps", "Country"),
        ("[Northern Texas]", "State"),
        ("[NorthTexas]", "State"),
        ("#[northtexas]", "State"),
        ("[island of Cyprus]", "Country"),
        ("[19 Colusa Street]", CITY),
        ("[Goa]", "State"),
        ("[Lima. 🌊]", CITY),
    ],
)
def test_what_stays_as_it_is(rename: Callable[..., Message], text: str, type_: str) -> None:
    message = marked(text, type_)
    assert {rename(message, seed) for seed in range(10)} == {message}


def test_a_name_that_only_begins_like_a_direction_is_one(rename: Callable[..., Message]) -> None:
    assert rename(marked("in [Northampton]")).text != "in Northampton"


def test_possessives_and_counties_stay_such(rename: Callable[..., Message]) -> None:
    for seed in range(10):
        assert rename(marked("[Ecuadors] coast", "Country"), seed).text.endswith("lands coast")
        assert rename(marked("in [Harris County]", "County"), seed).text.endswith("shire County")
        assert rename(marked("in #[HarrisCounty]", "County"), seed).text.endswith("shireCounty")
        assert rename(marked("in [Bladen] and", "County"), seed).text.endswith("shire and")


def test_an_invented_name_keeps_the_words_that_say_what_it_is(rename: Callable[..., Message]) -> None:
    message = marked("at [Hoggard High School]", "Human-made Point-of-Interest")
    assert rename(message) == message  # The pool has no such places.
    words = rename(message, replaced=0.0, invented=1.0).mentions[0].text.split()
    assert words[1:] == ["High", "School"]
    assert words[0] != "Hoggard"
    third = marked("on [Third Street]", "Road/street")
    assert rename(third, replaced=0.0, invented=1.0) == third


def test_invented_names_are_nobodys(pool: NamePool) -> None:
    generator = random.Random(1)
    invented = {pool.invent(generator) for _ in range(200)}
    assert len(invented) > 20
    assert all(name.isalpha() and name.istitle() for name in invented)
    assert not invented & {place.name for place in places()}
    assert NamePool([]).invent(generator).isalpha()


def drawn(pool: NamePool, *kinds: PlaceKind, number: int = 500) -> set[str | None]:
    generator = random.Random(1)
    return {pool.draw(kinds, generator) for _ in range(number)}


def test_names_are_of_the_first_kind_that_has_enough(pool: NamePool) -> None:
    assert all(
        (name and name.endswith("ville")) or name in ("Zürich Airfield", "Zurich Airfield")
        for name in drawn(pool, PlaceKind.ROAD, PlaceKind.CITY)
    )
    assert drawn(pool, PlaceKind.ROAD) == {None}
    few = NamePool([Place(f"toy:{n}", f"Ab{'c' * n}", PlaceKind.ISLAND, 0.0, 0.0) for n in range(19)])
    assert drawn(few, PlaceKind.ISLAND) == {None}


def test_names_of_excluded_countries_and_their_namesakes_are_never_drawn() -> None:
    own = list(places())
    foreign = [
        Place("toy:1", own[50].name, PlaceKind.CITY, 0.0, 0.0, "XX", importance=1.0),
        Place("toy:2", "Xanadu Bay", PlaceKind.CITY, 0.0, 0.0, "XX", importance=1.0),
        Place("toy:3", "Zurich Airfield", PlaceKind.CITY, 0.0, 0.0, "XX"),
        Place("toy:4", "Zürich Airfield", PlaceKind.CITY, 0.0, 0.0, "AA"),
    ]
    kept = {place.name for place in own[51:75]}
    assert drawn(NamePool([*own, *foreign], excluded=["XX"]), PlaceKind.CITY, number=3000) == kept
    assert drawn(NamePool([*own, *foreign]), PlaceKind.CITY, number=3000) == kept | {
        own[50].name,
        *("Xanadu Bay", "Zurich Airfield", "Zürich Airfield"),
    }


@pytest.mark.parametrize(
    "name", ["Comuna Godeni", "Arzamasskiy Rayon", "İkizdere İlçesi", "Ninohe-gun", "Western", "Baraland"]
)
def test_registers_words_and_misleading_names_are_not_drawn(name: str) -> None:
    odd = Place("toy:odd", name, PlaceKind.COUNTY, 0.0, 0.0, importance=0.5)
    assert name not in drawn(NamePool([*places(), odd]), PlaceKind.COUNTY)


ROADS = "Road/street"
TEXT = "Water in 12 Main Street, Freeport and #Kerala"


def facts(*kinds: PlaceKind, count: int = 1) -> NameFacts:
    return NameFacts(kinds, (NameKind.NAME,), count, 0.5, 3.0)


def shown(text: str, spans: Sequence[tuple[int, int, str]], gazetteer: Gazetteer, seed: int, **config: float) -> list:
    tokens = tokenize(text)
    return show_hits(
        tokens, gazetteer.matches(text), spans, config=replace(NONE, **config), generator=random.Random(seed)
    )


def test_without_probabilities_all_hits_are_shown(toy_gazetteer: Gazetteer) -> None:
    assert shown(TEXT, [(2, 4, ROADS)], toy_gazetteer, 1) == toy_gazetteer.matches(TEXT) != []


@pytest.mark.parametrize(
    "config", [{"gazetteer_dropout": 1.0, "region": 1.0, "region_recall": 1.0}, {"match_dropout": 1.0}]
)
def test_dropout(toy_gazetteer: Gazetteer, config: dict[str, float]) -> None:
    assert shown(TEXT, [(2, 4, ROADS)], toy_gazetteer, 1, **config) == []


def test_half_the_matches_are_dropped_at_one_half(toy_gazetteer: Gazetteer) -> None:
    text = "Paris " * 400
    assert 150 < len(shown(text, [], toy_gazetteer, 1, match_dropout=0.5)) < 250


def test_a_region_knows_every_mention_under_its_kind_and_streets_without_numbers(toy_gazetteer: Gazetteer) -> None:
    spans = [(2, 4, ROADS), (6, 6, "Island"), (9, 9, "State")]
    hits = shown(TEXT, spans, toy_gazetteer, 1, region=1.0, region_recall=1.0)
    known = {(hit.first_token, hit.last_token): hit for hit in hits}
    assert set(known) == {(3, 4), (6, 6), (9, 9)}
    assert known[3, 4].name == "main street"
    assert TEXT[known[3, 4].start : known[3, 4].end] == "Main Street"
    assert PlaceKind.ROAD in known[3, 4].facts.kinds
    # The gazetteer knows the towns; the region adds an island of that name.
    assert known[6, 6].facts.kinds == (PlaceKind.CITY, PlaceKind.ISLAND)
    assert known[6, 6].facts.place_count == 3


def test_what_holds_no_word_is_no_name(toy_gazetteer: Gazetteer) -> None:
    assert shown("🌊 !", [(0, 0, "Country")], toy_gazetteer, 1, region=1.0, region_recall=1.0) == []


@given(message=messages(), seed=st.integers(0, 50))
def test_hits_are_sorted_and_within_the_tokens(toy_gazetteer: Gazetteer, message: Message, seed: int) -> None:
    tokens = tokenize(message.text)
    assume(tokens)
    generator = random.Random(seed)
    first = generator.randrange(len(tokens))
    spans = [(first, generator.randrange(first, len(tokens)), generator.choice(sorted(KINDS_OF_TYPE)))]
    hits = shown(
        message.text, spans, toy_gazetteer, seed, match_dropout=0.3, region=1.0, region_recall=0.7, region_noise=0.3
    )
    assert [(hit.start, -hit.end) for hit in hits] == sorted((hit.start, -hit.end) for hit in hits)
    assert len({(hit.first_token, hit.last_token) for hit in hits}) == len(hits)
    for hit in hits:
        assert 0 <= hit.first_token <= hit.last_token < len(tokens)
        assert (hit.start, hit.end) == (tokens[hit.first_token].start, tokens[hit.last_token].end)
        assert hit.name
        assert 0 <= hit.facts.importance <= 1


class Repeater:
    """Makes up the same message ever again."""

    def sample(self, generator: random.Random) -> Message:
        return marked(f"Water in [Street {generator.randint(1, 9)}]", ROADS)


def test_nothing_is_changed_by_default_of_nothing(toy_gazetteer: Gazetteer, toy_corpus: list[Message]) -> None:
    augmenter = Augmenter(NONE, gazetteer=toy_gazetteer, pool=NamePool([]))
    assert augmenter.messages(toy_corpus, random.Random(1)) == toy_corpus
    assert not any(getattr(NONE, field.name) for field in fields(NONE))


@pytest.mark.parametrize("name", sorted({*SURFACE_CHANGES, "names"}))
def test_every_change_has_its_switch(
    toy_gazetteer: Gazetteer, toy_corpus: list[Message], pool: NamePool, name: str
) -> None:
    config = replace(NONE, **{name: 1.0}, replaced=1.0)
    texts = [message.text + " That's all that we know of it here and now" for message in toy_corpus]
    corpus = [replace(message, text=text) for message, text in zip(toy_corpus, texts, strict=True)]
    changed = Augmenter(config, gazetteer=toy_gazetteer, pool=pool).messages(corpus, random.Random(1))
    differing = [before.text != after.text for before, after in zip(corpus, changed, strict=True)]
    assert sum(differing) > len(corpus) / 2


def test_streets_are_added_as_a_share_of_the_corpus(toy_gazetteer: Gazetteer, toy_corpus: list[Message]) -> None:
    config = replace(NONE, streets=0.1)
    augmenter = Augmenter(config, gazetteer=toy_gazetteer, pool=NamePool([]), streets=Repeater())
    made = augmenter.messages(toy_corpus, random.Random(1))
    assert made[:150] == toy_corpus
    assert len(made) == augmenter.size(150) == 165
    assert all("Street" in message.text for message in made[150:])
    without = Augmenter(config, gazetteer=toy_gazetteer, pool=NamePool([]))
    assert without.messages(toy_corpus, random.Random(1)) == toy_corpus
    assert without.size(150) == 150


def test_default_probabilities_are_such() -> None:
    config = AugmentationConfig()
    shares = [field.name for field in fields(config) if field.name != "plain_epochs"]
    assert all(0 <= getattr(config, name) <= 1 for name in shares)
    assert config.replaced + config.invented <= 1
