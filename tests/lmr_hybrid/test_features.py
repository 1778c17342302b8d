"""The feature rows: what every column says, by examples worked out by hand."""

from __future__ import annotations

from math import log2

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Match, NameFacts, NameKind, PlaceKind, normalize_name, tokenize
from lmr_hybrid.tagging.features import COLUMNS, WIDTH, feature_rows

CITY = PlaceKind.CITY
POSITION_COLUMNS = [column for column in COLUMNS if column[:2] in ("B:", "I:", "E:", "S:")]


def match_of(
    text: str,
    name: str,
    *,
    kinds: tuple[PlaceKind, ...] = (CITY,),
    name_kinds: tuple[NameKind, ...] = (NameKind.NAME,),
    count: int = 1,
    importance: float = 0.5,
    english: float = 4.0,
) -> Match:
    """Return the match of `name` where it first stands in `text`."""
    tokens = tokenize(text)
    start = text.index(name)
    inside = [number for number, token in enumerate(tokens) if start <= token.start < start + len(name)]
    facts = NameFacts(kinds, name_kinds, count, importance, english)
    return Match(start, start + len(name), inside[0], inside[-1], normalize_name(name), facts)


def rows_of(text: str, *matches: Match) -> list[dict[str, float]]:
    rows = feature_rows(tokenize(text), matches)
    assert rows.dtype == numpy.float32
    return [dict(zip(COLUMNS, map(float, row), strict=True)) for row in rows]


def switched_on(row: dict[str, float], *prefixes: str) -> set[str]:
    return {column for column, value in row.items() if value and column.startswith(prefixes)}


def test_columns_are_named_once_and_counted_by_the_width() -> None:
    assert len(set(COLUMNS)) == len(COLUMNS) == WIDTH
    assert len(POSITION_COLUMNS) == 4 * len(PlaceKind)
    assert feature_rows([], []).shape == (0, WIDTH)
    assert feature_rows(tokenize("To Paris!"), []).shape == (3, WIDTH)


def test_column_order_is_part_of_the_model_format() -> None:
    assert COLUMNS[0] == "B:continent"
    assert COLUMNS[3 * len(PlaceKind)] == "S:continent"
    assert COLUMNS[48:52] == ("any:begin", "any:inside", "any:end", "match:places")
    assert COLUMNS[70:72] == ("context:in handle or address", "in:continent")
    assert COLUMNS[-1] == "text:no capital"


def test_position_in_a_match_stands_under_every_kind() -> None:
    text = "In Bay of Pigs and Lima"
    long = match_of(text, "Bay of Pigs", kinds=(PlaceKind.ISLAND, PlaceKind.NATURAL_POI))
    rows = rows_of(text, long, match_of(text, "Lima"))
    marked = [switched_on(row, "B:", "I:", "E:", "S:") for row in rows]
    assert marked == [
        set(),
        {"B:island", "B:natural point of interest"},
        {"I:island", "I:natural point of interest"},
        {"E:island", "E:natural point of interest"},
        set(),
        {"S:city"},
    ]


def test_any_columns_also_know_the_matches_that_lost() -> None:
    text = "New York City"
    rows = rows_of(text, match_of(text, "New York City"), match_of(text, "York", kinds=(PlaceKind.COUNTY,)))
    assert [switched_on(row, "any:") for row in rows] == [
        {"any:begin", "any:inside"},
        {"any:begin", "any:inside", "any:end"},
        {"any:inside", "any:end"},
    ]
    assert not any(row["S:county"] for row in rows)


def test_kinds_of_all_matches_that_hold_a_token() -> None:
    text = "near New York City"
    rows = rows_of(
        text,
        match_of(text, "New York City"),
        match_of(text, "New York", kinds=(PlaceKind.STATE,)),
        match_of(text, "York", kinds=(PlaceKind.COUNTY, PlaceKind.CITY)),
    )
    assert [switched_on(row, "in:") for row in rows] == [
        set(),
        {"in:city", "in:state"},
        {"in:city", "in:state", "in:county"},
        {"in:city"},
    ]
    assert not any(row["I:state"] for row in rows)


@pytest.mark.parametrize(
    ("text", "share", "none"),
    [("FLOOD in 24 h", 5 / 8, 0), ("flood in 24 h!", 0, 1), ("STAY SAFE", 1, 0), ("2019 ...", 0, 1), ("दिल्ली", 0, 1)],
)
def test_capitals_of_the_text_stand_at_every_token(text: str, share: float, none: int) -> None:
    rows = rows_of(text)
    assert [row["text:upper"] for row in rows] == pytest.approx([share] * len(rows))
    assert {row["text:no capital"] for row in rows} == {none}


def test_scalars_of_a_match() -> None:
    text = "near Lake Conroe now"
    rows = rows_of(text, match_of(text, "Lake Conroe", count=8, importance=0.25, english=2.0))
    assert {column: value for column, value in rows[1].items() if column.startswith("match:")} == pytest.approx(
        {
            "match:places": log2(8) / 10,
            "match:importance": 0.25,
            "match:english": 2.0 / 8,
            "match:words": 2 / 5,
            "match:letters": 11 / 20,
            "match:name": 1,
            "match:alternative": 0,
            "match:abbreviation": 0,
            "match:demonym": 0,
            "match:variant only": 0,
        }
    )
    assert rows[1]["match:places"] == rows[2]["match:places"]
    assert not switched_on(rows[0], "match:")
    assert not switched_on(rows[3], "match:")


def test_scalars_stop_at_one() -> None:
    text = "one two three four five six seven"
    row = rows_of(text, match_of(text, text, count=5_000))[0]
    assert row["match:places"] == row["match:words"] == row["match:letters"] == 1


@pytest.mark.parametrize(
    ("name_kinds", "columns"),
    [
        ((NameKind.OFFICIAL,), {"match:name"}),
        ((NameKind.SHORT,), {"match:name"}),
        ((NameKind.OLD,), {"match:alternative"}),
        ((NameKind.REFERENCE,), {"match:alternative"}),
        ((NameKind.ABBREVIATION,), {"match:abbreviation"}),
        ((NameKind.NAME, NameKind.DEMONYM), {"match:name", "match:demonym"}),
        ((NameKind.VARIANT,), {"match:variant only"}),
        ((NameKind.NAME, NameKind.VARIANT), {"match:name"}),
    ],
)
def test_kind_of_name(name_kinds: tuple[NameKind, ...], columns: set[str]) -> None:
    row = rows_of("Lima", match_of("Lima", "Lima", name_kinds=name_kinds))[0]
    assert switched_on(row, "match:") - {f"match:{name}" for name in ("importance", "english", "words", "letters")} == (
        columns
    )


@pytest.mark.parametrize(
    ("word", "columns"),
    [
        ("Paris", {"case:title"}),
        ("PARIS", {"case:upper"}),
        ("A", {"case:title"}),
        ("paris", {"case:lower"}),
        ("pARIS", {"case:mixed"}),
        ("I95", {"case:title", "case:upper", "case:digit"}),
        ("95", {"case:mixed", "case:digit"}),
        ("!!", {"case:symbol"}),
    ],
)
def test_casing(word: str, columns: set[str]) -> None:
    assert switched_on(rows_of(word)[0], "case:") == columns


def test_context_of_hashtags_handles_and_addresses() -> None:
    text = "#Paris # Rome @Lima.x Kochi http://Oslo.no/Bergen Turin"
    contexts = {
        token.text: {column.removeprefix("context:") for column in switched_on(row, "context:")}
        for token, row in zip(tokenize(text), rows_of(text), strict=True)
        if token.text.istitle()
    }
    assert contexts == {
        "Paris": {"after #"},
        "Rome": set(),
        "Lima": {"after @", "in handle or address"},
        "Kochi": set(),
        "Oslo": {"in handle or address"},
        "Bergen": {"in handle or address"},
        "Turin": set(),
    }


def test_only_the_first_token_is_first() -> None:
    assert [row["context:first"] for row in rows_of("Paris, Paris")] == [1, 0, 0]


@given(st.text(max_size=60) | st.lists(st.sampled_from(["Paris", "New", "York", "the", "#", "@", "//", " ", "."])))
def test_any_text_gives_finite_rows_between_zero_and_one(toy_gazetteer, pieces: str | list[str]) -> None:
    text = pieces if isinstance(pieces, str) else " ".join(pieces)
    tokens = tokenize(text)
    rows = feature_rows(tokens, toy_gazetteer.matches(text, tokens))
    assert rows.shape == (len(tokens), WIDTH)
    assert numpy.isfinite(rows).all()
    assert (rows >= 0).all()
    assert (rows <= 1).all()
