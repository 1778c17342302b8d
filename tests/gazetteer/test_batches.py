"""Many texts at once: the same matches as one by one, whatever the texts hold and however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.batches import BatchMatcher, filter_of
from gazetteer.compiled import FILTER_FILE, CompiledGazetteer
from gazetteer.gazetteer import Gazetteer
from gazetteer.manifest import Manifest
from gazetteer.places import Match, NameKind, Place, PlaceKind, make_match
from gazetteer.text import tokenize

Compile = Callable[..., CompiledGazetteer]
OpenNames = Callable[[Sequence[str], Path], Gazetteer]

SYMBOLS = "‘’“”–—…•€£₹°©®™\u00a0"
#: Those that stand for symbols beyond ASCII, those that end a text, and white space, among them.
CONTROLS = "".join(map(chr, range(32))) + "\x7f\x85"
NAMES = ["kerala", "new york", "york", "st john s", "tokyo", "東京", "new york city", "izmir", "केरल", "a", "york new"]
NAMES += ["2", "s", "new york city hall", "city hall", "hall kerala", "cote d ivoire"]
WORDS = [
    "new",
    "York",
    "YORK",
    "yor",
    "Kerala",
    "kérala",
    "st",
    "s",
    "la",
    "a",
    "2nd",
    "İzmir",
    "ß",
    "東京",
    "केर",
    "hall",
]
BETWEEN = [
    " ",
    "  ",
    "-",
    "'",
    "’",
    ". ",
    ", ",
    " #",
    "🌊",
    "\u200b",
    "\n",
    "/",
    "&",
    "--",
    "…",
    "\u0301",
    " \ufe0f",
    "_",
]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*WORDS, *BETWEEN, "New York City", "york-new", "x" * 120, "z " * 600]),
        st.sampled_from([*SYMBOLS, *CONTROLS, "…" * 2, "…•", "’\x01", "!!"]),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)


@pytest.fixture(scope="session")
def open_names(compile_places: Compile) -> OpenNames:
    """A function that compiles one place with all of these names and opens it."""

    def open_(names: Sequence[str], folder: Path) -> Gazetteer:
        place = Place(id="test:1", name="Somewhere", kind=PlaceKind.CITY, latitude=1.5, longitude=1.5)
        compiled = compile_places(folder, [(place, [(name, NameKind.NAME, "") for name in names])])
        box = (2.0, 1.0, 2.0, 1.0)
        manifest = Manifest(sources=(), counts={}, bounding_box=box, matcher="trie", compiled="", files={})
        return Gazetteer([(manifest, compiled)])

    return open_


@pytest.fixture(scope="module")
def gazetteer(open_names: OpenNames, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    return open_names(NAMES, tmp_path_factory.mktemp("batches"))


@given(st.lists(TEXTS, max_size=8))
def test_many_texts_have_the_matches_of_each(gazetteer: Gazetteer, texts: list[str]) -> None:
    assert list(gazetteer.matches_many(texts)) == list(map(gazetteer.matches, texts))
    assert list(gazetteer.match_many(texts)) == list(map(gazetteer.match, texts))


def test_symbols_and_controls_count_as_tokens_as_in_one_text(gazetteer: Gazetteer) -> None:
    texts = [f"{one}{other}York{one} {other}St.{one}John{other}s" for one in SYMBOLS for other in SYMBOLS + CONTROLS]
    texts += [f"{one}{other}York" for one in CONTROLS for other in CONTROLS]
    assert list(gazetteer.match_many(texts)) == list(map(gazetteer.match, texts))
    for text, matches in zip(texts, gazetteer.match_many(texts), strict=True):
        for match in matches:
            assert tokenize(text)[match.first_token].start == match.start


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 500])
def test_texts_in_any_number_keep_their_order(gazetteer: Gazetteer, count: int) -> None:
    texts = [("York " * (number % 3) + "東京" * (number % 2) + "x" * number * 4) for number in range(count)]
    assert list(gazetteer.match_many(texts)) == list(map(gazetteer.match, texts))
    assert list(gazetteer.match_many(tuple(texts))) == list(map(gazetteer.match, texts))


def test_no_name_goes_on_in_the_next_text(gazetteer: Gazetteer) -> None:
    assert [[match.name for match in found] for found in gazetteer.match_many(["New", "York City", "", "Hall"])] == [
        [],
        ["york"],
        [],
        [],
    ]


def test_texts_that_are_still_arriving_are_not_waited_for(gazetteer: Gazetteer) -> None:
    taken = []

    def arriving() -> Iterator[str]:
        for number in range(10):
            taken.append(number)
            yield "York"

    next(gazetteer.match_many(arriving()))
    assert taken == [0]


@given(
    st.lists(
        st.lists(st.sampled_from([*"abcdef", "ж", "東京", "new"]), min_size=1, max_size=4).map(" ".join), min_size=1
    )
)
def test_the_filter_holds_every_name(
    open_names: OpenNames, tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    unique = sorted(set(names))
    bits = filter_of(unique)
    assert bits.dtype == numpy.uint8
    assert len(bits).bit_count() == 1
    found = open_names(unique, tmp_path_factory.mktemp("filter"))
    for name, matches in zip(unique, found.match_many(unique), strict=True):
        assert [match.name for match in matches] == [name]


def test_the_filter_tells_most_words_to_be_in_no_name() -> None:
    bits = filter_of([f"name{number}" for number in range(20_000)] + [f"two w{number}" for number in range(20_000)])
    assert 0.02 < float(numpy.bitwise_count(bits).mean()) / 8 < 0.07
    assert len(bits) <= 40_000 * 4


@pytest.mark.parametrize(
    "bits", [numpy.zeros(100, numpy.uint8), numpy.zeros(0, numpy.uint8), numpy.zeros(128, numpy.uint16)]
)
def test_what_is_no_filter_is_refused(tmp_path: Path, open_names: OpenNames, bits: numpy.ndarray) -> None:
    open_names(NAMES, tmp_path / "compiled")
    numpy.save(tmp_path / "compiled" / FILTER_FILE, bits)
    with pytest.raises(ValueError, match="filter"):
        CompiledGazetteer(tmp_path / "compiled", matcher="trie")


def test_a_folder_without_the_filter_finds_the_same(tmp_path: Path, open_names: OpenNames) -> None:
    texts = ["Flood in New York…", "Kerala"]
    expected = list(open_names(["kerala", "new york"], tmp_path).match_many(texts))
    (tmp_path / FILTER_FILE).unlink()
    compiled = CompiledGazetteer(tmp_path, matcher="trie")
    assert compiled.batches is None
    assert expected == [[Match(9, 17, 2, 3, "new york", compiled.entry(compiled.key("new york") or 0)[1])], expected[1]]


def test_a_match_made_sooner_is_a_match(gazetteer: Gazetteer) -> None:
    [found] = gazetteer.match("York")
    made = make_match(0, 4, 0, 0, "york", found.facts)
    assert type(made) is Match
    assert (made, hash(made), repr(made), asdict(made)) == (found, hash(found), repr(found), asdict(found))
    with pytest.raises(AttributeError):
        made.start = 1  # type: ignore[misc]


def test_one_gazetteer_with_a_trie_matches_in_batches(gazetteer: Gazetteer) -> None:
    assert isinstance(gazetteer._layer.batches, BatchMatcher)
