"""Columns of messages in tables: one row a mention, in a table of the same family."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import duckdb
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmr_hybrid import NotText, Recognition, Recognizer
from lmr_hybrid.errors import ColumnNotFound, InputError, NotATable
from lmr_hybrid.mention import Candidate, Mention
from lmr_hybrid.output import mention_schema, to_arrow
from lmr_hybrid.output.plain_text import without_surrogates
from lmr_hybrid.tables import recognize_table

TEXTS = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    None,
    "Praying for everyone tonight",
    "",
    "The road from Houston to Marsh Town is closed.",
]
FOUND = [(0, "Freeport"), (0, "Lucayan Harbour"), (4, "Houston"), (4, "Marsh Town")]
#: Names one place, which no gazetteer of the toy recogniser holds.
UNPLACED = "The road to Marsh Town is closed."
FLAT = [
    "place_id",
    "place_name",
    "kind",
    "latitude",
    "longitude",
    "country",
    "admin1",
    "candidate_score",
    "approximate",
]


def found(table: pyarrow.Table) -> list[tuple[int, str]]:
    return list(zip(table["row"].to_pylist(), table["mention"].to_pylist(), strict=True))


# --- recognitions as an Arrow table


def test_a_table_holds_what_the_recognitions_hold(recognizer: Recognizer) -> None:
    recognitions = [recognizer.recognize(text or "") for text in [*TEXTS, UNPLACED]]
    rows = to_arrow(recognitions).to_pylist()
    mentions = [(number, mention) for number, one in enumerate(recognitions) for mention in one.mentions]
    assert len(rows) == len(mentions) == 5
    for row, (number, mention) in zip(rows, mentions, strict=True):
        (wanted,) = Recognition("", (mention,)).to_dict()["mentions"]
        best = (asdict(mention.candidates[0]) if mention.candidates else {}).get
        names = ("id", "name", "kind", "latitude", "longitude", "country", "admin1", "score", "approximate")
        assert [row[name] for name in FLAT] == list(map(best, names))
        kept = {name: value for name, value in row.items() if name not in [*FLAT, "row"]}
        assert {"mention" if name == "text" else name: value for name, value in wanted.items()} == kept
        assert row["row"] == number


def test_the_columns_are_always_the_same() -> None:
    empty = to_arrow([Recognition("nothing")])
    assert (empty.num_rows, empty.schema) == (0, mention_schema())
    assert empty.schema.metadata is None
    full = to_arrow([Recognition("x", (Mention("x", 0, 1, "Other locations", 0.5),))], attribution="© all")
    assert full.schema == mention_schema()
    assert full.schema.metadata == {b"attribution": "© all".encode()}
    candidate = full.schema.field("candidates").type.value_type
    assert [field.name for field in candidate] == list(Candidate.__dataclass_fields__)


def test_more_mentions_than_fit_a_batch_all_arrive() -> None:
    text = "x" * 5
    mentions = tuple(Mention("x", start, start + 1, "Other locations", 0.5) for start in range(5))
    table = to_arrow(Recognition(text, mentions) for _ in range(1000))
    assert table.num_rows == 5000
    assert table["row"].to_pylist() == [row for row in range(1000) for _ in range(5)]


def test_what_arrow_cannot_hold_is_replaced() -> None:
    place = Candidate("\ud800", "a\udc00b", "city", float("nan"), float("inf"), "", "", 0.5)
    mention = Mention("\ud83dx", 0, 2, "\udc00", 0.5, ("\udc00",), (), (place,))
    (row,) = to_arrow([Recognition("\ud83dx", (mention,))], attribution="\udc00").to_pylist()
    assert (row["mention"], row["place_id"], row["place_name"]) == ("\ufffdx", "\ufffd", "a\ufffdb")
    assert (row["latitude"], row["longitude"]) == (None, None)
    assert row["sources"] == ["\ufffd"]


# --- Arrow in, Arrow out


@pytest.mark.parametrize(
    "make",
    [
        lambda table: table,
        lambda table: table.to_reader(max_chunksize=2),
        lambda table: table.to_batches()[0],
        lambda table: table.cast(pyarrow.schema([("text", pyarrow.large_string())])),
        lambda table: pyarrow.table({"text": table["text"].dictionary_encode()}),
        lambda table: pyarrow.table({"id": range(5), "text": table["text"].cast(pyarrow.string_view())}),
        lambda table: duckdb.from_arrow(table).project("1 AS id, text"),
    ],
    ids=["table", "reader", "batch", "large strings", "dictionary", "views", "relation of DuckDB"],
)
def test_every_kind_of_arrow_table_is_read(recognizer: Recognizer, make) -> None:
    result = recognizer.recognize_table(make(pyarrow.table({"text": TEXTS})), "text", batch_size=2)
    assert isinstance(result, pyarrow.Table)
    assert found(result) == FOUND
    assert result.schema == mention_schema()
    assert result.schema.metadata == {b"attribution": recognizer.gazetteer.attribution.encode()}


def test_a_stream_is_read_as_it_is_worked_on() -> None:
    schema = pyarrow.schema([("text", pyarrow.string())])
    events: list[str] = []

    def batches() -> Iterator[pyarrow.RecordBatch]:
        for number in range(3):
            events.append("read")
            yield pyarrow.record_batch({"text": [f"{number}a", None, f"{number}b"]}, schema)

    def recognize(texts: Iterable[str]) -> Iterator[Recognition]:
        for text in texts:
            events.append(text)
            yield Recognition(text, (Mention(text, 0, 2, "Other locations", 0.5),))

    stream = pyarrow.RecordBatchReader.from_batches(schema, batches())
    result = recognize_table(stream, "text", recognize=recognize)
    assert events == ["read", "0a", "0b", "read", "1a", "1b", "read", "2a", "2b"]
    assert result["row"].to_pylist() == [0, 2, 3, 5, 6, 8]


@pytest.mark.parametrize("texts", [[], [None, None]])
def test_no_text_no_mention(recognizer: Recognizer, texts: list[None]) -> None:
    for type_ in (pyarrow.string(), pyarrow.null()):
        result = recognizer.recognize_table(pyarrow.table({"text": pyarrow.array(texts, type_)}), "text")
        assert (result.num_rows, result.schema) == (0, mention_schema())


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (pyarrow.table({"id": ["1"], "message": ["x"]}), ColumnNotFound, "column 'text': .* 'id', 'message'"),
        (pyarrow.table({}), ColumnNotFound, "none at all"),
        (pyarrow.table({f"c{number}": [1] for number in range(90)}), ColumnNotFound, r"'c19' and 70 more$"),
        (pyarrow.table([["x"], ["y"]], names=["text", "text"]), InputError, "name of 2 columns"),
        (pyarrow.table({"text": [1, 2]}), NotText, "column 'text': is of type int64, not string. Cast"),
        (pyarrow.table({"text": [b"x"]}), NotText, "binary"),
        (pyarrow.chunked_array([["x"]]), NotATable, "ChunkedArray: is no table. Give a pandas DataFrame"),
        (["x"], NotATable, "list: is no table"),
        (None, NotATable, "NoneType"),
    ],
    ids=[
        *("no such column", "no column", "many columns", "twice", "numbers", "bytes"),
        *("an array", "a list", "nothing"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_remedy(recognizer: Recognizer, table, error, words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        recognizer.recognize_table(table, "text")
    assert caught.value.remedy in str(caught.value)


def spoilt(values: list[bytes | None]) -> pyarrow.Array:
    """Return bytes, whatever they are, as an array that claims to be of strings."""
    array = pyarrow.array(values, pyarrow.binary())
    return pyarrow.Array.from_buffers(pyarrow.string(), len(array), array.buffers())


@pytest.mark.parametrize("wrap", [lambda array: array, lambda array: array.dictionary_encode()])
def test_strings_that_are_no_text_are_named_by_their_row(recognizer: Recognizer, wrap) -> None:
    column = wrap(spoilt([b"Flooding in Paris", None] * 600 + [b"So hot in Houst\xff\xfen"]))
    table = pyarrow.table({"text": pyarrow.chunked_array([column[:5], column[5:]])})
    problem = r"column 'text', row 1200: is not UTF-8 \(invalid start byte at byte 15\)\. Cast the column to binary"
    with pytest.raises(NotText, match=problem):
        recognizer.recognize_table(table, "text")


def test_texts_before_one_that_is_none_are_recognised() -> None:
    seen: list[str] = []

    def recognize(texts: Iterable[str]) -> Iterator[Recognition]:
        for text in texts:
            seen.append(text)
            yield Recognition(text)

    with pytest.raises(NotText, match="row 2"):
        recognize_table(pyarrow.table({"text": spoilt([b"a", b"b", b"\xc3", b"c"])}), "text", recognize=recognize)
    assert seen == ["a", "b"]


def test_the_errors_are_those_that_python_has_for_it(recognizer: Recognizer) -> None:
    with pytest.raises(LookupError):
        recognizer.recognize_table(pyarrow.table({}), "text")
    with pytest.raises(TypeError):
        recognizer.recognize_table(3, "text")
    with pytest.raises(ValueError, match="batch_size"):
        recognizer.recognize_table(pyarrow.table({"text": TEXTS}), "text", batch_size=0)


def test_progress_is_shown_where_it_is_asked_for(recognizer: Recognizer, capsys: pytest.CaptureFixture[str]) -> None:
    table = pyarrow.table({"text": TEXTS})
    recognizer.recognize_table(table, "text")
    recognizer.recognize_table(table, "text", progress=False)
    assert capsys.readouterr() == ("", "")

    def slow() -> Iterator[pyarrow.RecordBatch]:
        from time import sleep

        for batch in table.to_batches(max_chunksize=2):
            sleep(0.5)
            yield batch

    recognizer.recognize_table(pyarrow.RecordBatchReader.from_batches(table.schema, slow()), "text", progress=True)
    assert "recognizing" in capsys.readouterr().err


# --- pandas in, pandas out


@pytest.fixture
def pandas():
    return pytest.importorskip("pandas")


def test_a_frame_gives_a_frame_that_joins(pandas, recognizer: Recognizer) -> None:
    frame = pandas.DataFrame({"id": [*"abcde"], "text": TEXTS}, index=pandas.Index([*"vwxyz"], name="key"))
    mentions = recognizer.recognize_table(frame, "text", batch_size=2)
    assert list(mentions.columns) == mention_schema().names
    assert list(zip(mentions["row"], mentions["mention"], strict=True)) == FOUND
    assert (list(mentions.index), mentions.index.name) == ([*"vvzz"], "key")
    assert mentions.attrs == {"attribution": recognizer.gazetteer.attribution}
    joined = frame.join(mentions)
    assert list(joined["id"]) == [*"aabcdee"]
    there = joined.dropna(subset="mention")
    assert [
        text[start:end]
        for text, start, end in zip(there["text"], *there[["start", "end"]].astype(int).T.values, strict=True)
    ] == [text for _, text in FOUND]


def test_a_frame_holds_plain_lists_and_dicts(pandas, recognizer: Recognizer) -> None:
    texts = [*TEXTS, UNPLACED]
    mentions = recognizer.recognize_table(pandas.DataFrame({"text": texts}), "text")
    wanted = recognizer.recognize_table(pyarrow.table({"text": texts}), "text")
    for name in ("sources", "rules", "candidates"):
        assert mentions[name].tolist() == wanted[name].to_pylist()
    assert isinstance(mentions["candidates"].iloc[0][0], dict)
    assert mentions["latitude"].isna().tolist() == [False, False, False, False, True]
    assert mentions["place_id"].isna().tolist() == [False, False, False, False, True]
    assert mentions["approximate"].tolist() == [False, False, False, True, None]


def test_a_frame_without_mentions_has_the_same_columns(pandas, recognizer: Recognizer) -> None:
    keys = pandas.MultiIndex.from_product([["a", "b"], [1, 2]], names=["one", "two"])
    frame = pandas.DataFrame({"text": ["x", None, pandas.NA, float("nan")]}, index=keys)
    empty = recognizer.recognize_table(frame, "text")
    full = recognizer.recognize_table(pandas.DataFrame({"text": TEXTS}), "text")
    assert len(empty) == 0
    assert empty.index.names == ["one", "two"]
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert frame.join(empty)["mention"].isna().all()


@pytest.mark.parametrize("dtype", ["object", "string", "category", "str"])
def test_missing_values_of_every_kind_name_nothing(pandas, recognizer: Recognizer, dtype: str) -> None:
    texts = pandas.Series(["Flooding in Paris", None, "So hot in Houston"]).astype(dtype)
    mentions = recognizer.recognize_table(pandas.DataFrame({"text": texts}), "text")
    assert list(mentions["row"]) == [0, 2]
    numbers = pandas.DataFrame({"text": [float("nan")] * 2})
    assert recognizer.recognize_table(numbers, "text").empty


@pytest.mark.parametrize("wrong", [b"x", 3, ["x"], {}])
def test_what_is_no_text_is_named_before_any_work(pandas, recognizer: Recognizer, wrong: object) -> None:
    frame = pandas.DataFrame({"text": ["Flooding in Paris", None, wrong]}, index=[10, 20, 30], dtype=object)
    with pytest.raises(NotText, match=rf"column 'text', row 2 \(index 30\): is {type(wrong).__name__}, not str"):
        recognizer.recognize_table(frame, "text")


def test_columns_of_a_frame_that_cannot_be_read(pandas, recognizer: Recognizer) -> None:
    frame = pandas.DataFrame([["x", "y", "z"]], columns=["text", "text", 7])
    with pytest.raises(InputError, match="name of 2 columns"):
        recognizer.recognize_table(frame, "text")
    with pytest.raises(ColumnNotFound, match=r"column 'no'.*'text', 'text', 7"):
        recognizer.recognize_table(frame, "no")
    assert recognizer.recognize_table(frame, 7).empty
    with pytest.raises(NotATable, match="Series"):
        recognizer.recognize_table(frame[7], 7)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.text(alphabet=st.characters(exclude_categories=[]), max_size=20), max_size=4))
def test_any_text_keeps_its_offsets(pandas, recognizer: Recognizer, texts: list[str | None]) -> None:
    texts = [None if text is None else text + " in Paris" for text in texts]
    mentions = recognizer.recognize_table(pandas.DataFrame({"text": pandas.Series(texts, dtype=object)}), "text")
    assert set(mentions["row"]) == {row for row, text in enumerate(texts) if text is not None}
    for row, start, end, text in zip(*(mentions[name] for name in ("row", "start", "end", "mention")), strict=True):
        assert without_surrogates(texts[row][start:end]) == text


def test_pandas_is_not_imported_for_arrow(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    assert found(recognizer.recognize_table(pyarrow.table({"text": TEXTS}), "text")) == FOUND
    assert "pandas" not in sys.modules
