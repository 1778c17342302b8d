"""Misspelt names find the name that was meant."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from gazetteer.fuzzy import FUZZY_FILES, FuzzyIndex, FuzzyMatch
from gazetteer.fuzzy.sound import code_points, letters_of, sounds_of, strings_of

LONG = ["kathmandu", "thiruvananthapuram", "christchurch", "new orleans", "puerto rico", "kaikoura", "alappuzha"]
SHORT = ["goa", "york", "rome", "bali"]
FOREIGN = ["തിരുവനന്തപുരം", "สมุทรปราการ", "نيويورك الشرقية", "санкт петербург", "𐐀𐐁𐐂𐐃𐐄𐐅𐐆"]
#: The letters that the rules of sound are about, and a few others.
HEARD = "acehkpqwyz"


def index_of(*names: str) -> FuzzyIndex:
    with TemporaryDirectory() as folder:
        FuzzyIndex.compile(names, Path(folder))
        return FuzzyIndex.open(Path(folder))


def found(index: FuzzyIndex, name: str, *, limit: int = 1_000, least_score: float = 85.0) -> list[str]:
    return [match.name for match in index.lookup(name, limit=limit, least_score=least_score)]


def slips(name: str, letters: str) -> Iterator[str]:
    for at in range(len(name) + 1):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
        for letter in letters:
            yield name[:at] + letter + name[at:]
            yield name[:at] + letter + name[at + 1 :]


def like(left: str, right: str) -> float:
    return 100 * (1 - OSA.distance(left, right) / (len(left) + len(right)))


def sounds(*names: str) -> list[str]:
    return strings_of(sounds_of(letters_of(code_points(names))))


INDEX = index_of(*LONG, *SHORT, *FOREIGN)


@pytest.mark.parametrize("name", [*LONG, *FOREIGN])
def test_every_single_slip_finds_the_name_first(name: str) -> None:
    for misspelling in set(slips(name, string.ascii_lowercase + "ാ")):
        assert found(INDEX, misspelling)[:1] == [name], misspelling


@given(st.lists(st.text(HEARD, min_size=6, max_size=14), min_size=1, max_size=5, unique=True))
def test_every_single_slip_finds_a_name_of_six_letters_whatever_its_sound(names: list[str]) -> None:
    index = index_of(*names)
    misspelt = list(slips(names[0], HEARD + " "))
    for misspelling, matches in zip(misspelt, index.lookup_many(misspelt, limit=10, least_score=85), strict=True):
        assert names[0] in [match.name for match in matches], misspelling


@given(st.text("ceh", min_size=5, max_size=9), st.lists(st.text("ceh ", min_size=1, max_size=9), unique=True))
def test_the_names_at_one_slip_are_those_of_a_search_of_all(query: str, names: list[str]) -> None:
    near = {name for name in names if len(name.replace(" ", "")) >= 5 and OSA.distance(name, query) <= 1}
    matches = index_of(*names).lookup(query, limit=1_000, least_score=0)
    assert near <= {match.name for match in matches}
    for match in matches:
        spelling, hearing = like(match.name, query), 100.0
        if any(sounds(match.name, query)):
            hearing = like(*sounds(match.name, query))
        assert match.score == pytest.approx(max(spelling, (spelling + hearing) / 2))


@given(st.text(string.ascii_lowercase + " ", max_size=20))
def test_answers_are_few_good_and_best_first(name: str) -> None:
    matches = INDEX.lookup(name, limit=2, least_score=50.0)
    assert len(matches) <= 2
    assert all(50 <= match.score <= 100 for match in matches)
    assert matches == sorted(matches, key=lambda match: (-match.score, match.name))


@pytest.mark.parametrize(
    ("name", "misspelling"),
    [
        ("philadelphia", "filadelfia"),
        ("kathmandu", "khatmanddu"),
        ("new orleans", "neworleans"),
        ("kaikoura", "kai koura"),
        ("mississippi", "misisipi"),
        ("alappuzha", "alapusa"),
        ("wellington", "velington"),
        ("cincinnati", "sinsinnati"),
        ("leicester", "liecester"),
        ("thiruvananthapuram", "tiruvanantapuram"),
    ],
)
def test_names_spelt_by_ear_are_found(name: str, misspelling: str) -> None:
    assert found(index_of(name, *LONG), misspelling)[:1] == [name]


def test_what_nobody_hears_counts_half() -> None:
    index = index_of("freeport")
    [unheard] = index.lookup("freport", limit=1, least_score=0)
    [heard] = index.lookup("freepott", limit=1, least_score=0)
    assert unheard.score == pytest.approx(100 - 100 / 15 / 2)
    assert heard.score == pytest.approx(100 - 100 / 16)


def test_repeated_digits_are_not_one() -> None:
    assert sounds("route 1100", "route 10") == ["route1100", "route10"]


def test_the_name_itself_scores_a_hundred() -> None:
    assert INDEX.lookup("kathmandu", limit=1, least_score=100.0) == [FuzzyMatch("kathmandu", 100.0)]


@pytest.mark.parametrize("name", ["", " ", "g", "goa", "goaa", "yorkk", "romme", "balii", "bal", "rom", "y o r k"])
def test_short_names_are_not_guessed(name: str) -> None:
    assert INDEX.lookup(name, limit=3, least_score=0.0) == []


def test_nothing_is_like_a_strange_word() -> None:
    assert INDEX.lookup("qwertzuiop", limit=3, least_score=50.0) == []


def test_the_best_comes_first() -> None:
    index = index_of("springfield", "springfields", "springfiield", "springville")
    matches = index.lookup("springfield", limit=10, least_score=60.0)
    assert [match.name for match in matches] == ["springfield", "springfiield", "springfields", "springville"]
    assert [match.score for match in matches] == sorted((match.score for match in matches), reverse=True)


def test_among_equals_the_first_in_the_alphabet_is_kept() -> None:
    names = [f"spring{letter}ield" for letter in string.ascii_lowercase if letter not in "fh"]
    index = index_of(*reversed(names))
    assert found(index, "springfield", limit=3) == ["springaield", "springbield", "springcield"]
    assert found(index, "springfield") == names


def test_the_least_score_is_kept() -> None:
    assert INDEX.lookup("kathmandx", limit=3, least_score=95.0) == []
    assert found(INDEX, "kathmandx", least_score=94.0) == ["kathmandu"]


def test_no_names_and_no_limit() -> None:
    assert index_of().lookup("kathmandu", limit=3, least_score=0) == []
    assert index_of().lookup_many(["kathmandu"], limit=3, least_score=0) == [[]]
    assert index_of("").lookup("kathmandu", limit=3, least_score=0) == []
    assert INDEX.lookup("kathmandu", limit=0, least_score=0) == []
    assert INDEX.lookup_many([], limit=3, least_score=0) == []


def test_letters_that_nobody_hears_make_a_name_all_the_same() -> None:
    index = index_of("hhhhhh", "eeeeee")
    assert found(index, "hhhhhhh") == ["hhhhhh"]
    assert found(index, "eeeeeee") == ["eeeeee"]


def test_a_name_is_one_line() -> None:
    with pytest.raises(ValueError, match="line"):
        index_of("kath\nmandu")


def test_very_long_names_and_queries_are_left_out_and_cost_nothing() -> None:
    longest = "".join(random.Random(1).choices(string.ascii_lowercase, k=128))
    index = index_of(*LONG, longest, longest + "x", " ".join(LONG * 50))
    assert found(index, longest) == [longest]
    started = time.perf_counter()
    for query in ("kathmandu " * 1_000, "a" * 10_000, " ".join(LONG * 50), "ab" * 64):
        assert found(index, query) == []
    assert time.perf_counter() - started < 1


def test_the_work_is_bounded_where_very_many_names_are_alike() -> None:
    letters = string.ascii_lowercase
    names = [f"santa maria {a}{b}{c}{d}" for a in letters[:12] for b in letters for c in letters for d in letters[:10]]
    index = index_of(*names)
    queries = ["santa maria bcde", "santa maria bxxcd", "sant maria abcd", "santa marai acza"]
    started = time.perf_counter()
    each = [index.lookup(query, limit=5, least_score=85) for query in queries]
    assert time.perf_counter() - started < 1
    assert each[0][0] == FuzzyMatch("santa maria bcde", 100.0)
    assert each == index.lookup_many(queries, limit=5, least_score=85)


@given(
    st.lists(st.one_of(st.text("achp 1é市", max_size=12), st.sampled_from([*LONG, *FOREIGN, "katmandoo"])), max_size=8)
)
def test_many_at_once_are_what_they_are_one_by_one(queries: list[str]) -> None:
    index = index_of(*LONG, *FOREIGN, "capac", "cappac", "pacha 11", "héé市市市", "haapachaa")
    each = [index.lookup(query, limit=3, least_score=40) for query in queries]
    assert index.lookup_many(queries, limit=3, least_score=40) == each


def test_many_at_once_from_duckdb_and_arrow() -> None:
    queries = ["katmandu", None, "new orlean", "katmandu"]
    names = [["kathmandu"], [], ["new orleans"], ["kathmandu"]]
    column = pyarrow.array(queries)
    with duckdb.connect() as connection:
        relation = connection.from_arrow(pyarrow.table({"name": column, "other": [1, 2, 3, 4]}))
        for given_as in (column, pyarrow.chunked_array([column]), relation):
            matches = INDEX.lookup_many(given_as, limit=3, least_score=85)
            assert [[match.name for match in each] for each in matches] == names


def test_more_queries_than_one_batch() -> None:
    queries = [f"kathmandu{number}" for number in range(4_500)]
    matches = INDEX.lookup_many(queries, limit=1, least_score=70)
    assert matches == [INDEX.lookup(query, limit=1, least_score=70) for query in queries]
    assert [bool(each) for each in matches[:10]] == [True] * 10


def test_the_files_are_the_same_in_every_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gazetteer.fuzzy import FuzzyIndex; "
        "FuzzyIndex.compile(sys.argv[2:], Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / seed), *LONG, *FOREIGN]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"})
    for file in FUZZY_FILES:
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()
    assert sorted(path.name for path in (tmp_path / "1").iterdir()) == sorted(FUZZY_FILES)
    assert found(FuzzyIndex.open(tmp_path / "1"), "katmandu") == ["kathmandu"]
