"""Jobs: every kind of file in, parts and rejects out, on the command line and from Python."""

from __future__ import annotations

import bz2
import codecs
import csv
import datetime
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import fsspec
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from fsspec import AbstractFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jobs_toys import ROOT, message, parts_in, places_in, rejects_of, rows_of, write_lines

from lmr_hybrid import Recognizer
from lmr_hybrid.cli import main
from lmr_hybrid.errors import InputError, JobMismatch, OutputError
from lmr_hybrid.jobs import JobReport, JobSettings, RecognizerChoice, run_job

Run = Callable[..., JobReport]


@pytest.fixture(scope="module")
def choice(toy_model: Path, toy_gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> RecognizerChoice:
    from lmr_hybrid.tagging.exporting import export_model

    folder = tmp_path_factory.mktemp("exported") / "toy"
    export_model(toy_model, folder, precision="float32")
    return RecognizerChoice(model=str(folder), gazetteers=(str(toy_gazetteer_folder),))


@pytest.fixture(scope="module")
def run(choice: RecognizerChoice) -> Run:
    """Run a job with the toy model; what is not a job's own argument is one of its settings."""

    def start(messages: str | Path, output: str | Path, *, restart: bool = False, **chosen: Any) -> JobReport:
        return run_job(messages, output, choice=choice, settings=JobSettings(**chosen), restart=restart)

    return start


@pytest.fixture(scope="module")
def command(choice: RecognizerChoice) -> Callable[..., Result]:
    options = ["--model", str(choice.model), "--gazetteer", choice.gazetteers[0], "--no-world"]

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["recognize", *map(str, arguments), *options])

    return invoke


# --- kinds of files


def test_json_lines_come_out_with_all_their_columns(run: Run, tmp_path: Path) -> None:
    objects = [
        {"id": number, "text": message(number), "user": {"name": "é"}, "weight": 1 if number % 2 else 0.5}
        for number in range(25)
    ]
    report = run(write_lines(tmp_path / "m.jsonl", objects), tmp_path / "out", part_rows=10)
    assert (report.rows, report.rejected, report.resumed, report.unread) == (25, 0, 0, ())
    rows = rows_of(tmp_path / "out")
    assert [(row["source_file"], row["source_row"]) for row in rows] == [("m.jsonl", number) for number in range(25)]
    assert [row["id"] for row in rows] == list(range(25))
    assert [row["weight"] for row in rows] == [each["weight"] for each in objects]
    assert json.loads(rows[3]["user"]) == {"name": "é"}
    assert [places_in(row)[:1] for row in rows[:2]] == [["Freeport"], ["Houston"]]
    assert rows[0]["mentions"][0]["candidates"][0]["id"] == "toy:freeport-bs"
    assert sorted(path.name for path in (tmp_path / "out").glob("part-*")) == [
        "part-00000-000000000000-000000000010.parquet",
        "part-00000-000000000010-000000000020.parquet",
        "part-00000-000000000020-000000000025-end.parquet",
    ]


def test_results_equal_those_of_the_recognizer(run: Run, choice: RecognizerChoice, tmp_path: Path) -> None:
    texts = [message(number) for number in range(20)]
    run(write_lines(tmp_path / "m.jsonl", ({"text": text} for text in texts)), tmp_path / "out", to="jsonl")
    opened: Recognizer = choice.open()
    assert rows_of(tmp_path / "out") == [
        {"source_file": "m.jsonl", "source_row": row, **recognition.to_dict()}
        for row, recognition in enumerate(opened.recognize_many(texts))
    ]


@pytest.mark.parametrize("to", ["parquet", "jsonl"])
def test_parquet_keeps_its_types(run: Run, tmp_path: Path, to: str) -> None:
    when = datetime.datetime(2017, 8, 27, 12, tzinfo=datetime.UTC)
    table = pyarrow.table(
        {
            "id": pyarrow.array(range(50), pyarrow.int32()),
            "text": pyarrow.array([message(number) for number in range(50)]).dictionary_encode(),
            "when": pyarrow.array([when] * 50, pyarrow.timestamp("us", "UTC")),
            "raw": [b"\xff"] * 50,
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "m.parquet", row_group_size=7)
    report = run(tmp_path / "m.parquet", tmp_path / "out", part_rows=20, to=to)
    rows = rows_of(tmp_path / "out")
    assert (report.rows, len(rows), parts_in(tmp_path / "out")) == (50, 50, 3)
    assert [row["id"] for row in rows] == list(range(50))
    assert [row["source_row"] for row in rows] == list(range(50))
    assert rows[7]["when"] == (when if to == "parquet" else "2017-08-27T12:00:00+00:00")
    assert rows[7]["raw"] == (b"\xff" if to == "parquet" else "/w==")
    assert all(places_in(row) for row in rows)
    if to == "parquet":
        schema = pyarrow.dataset.dataset(tmp_path / "out").schema
        assert schema.field("id").type == pyarrow.int32()
        assert schema.metadata[b"attribution"] == b"toy data"


def test_csv_is_carried_as_it_stands(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "m.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([["id", "full text"], ["007", "Help\nin Houston"], ["", 'He said "Kerala", twice']])
    run(tmp_path / "m.csv", tmp_path / "out", text_column="full text")
    rows = rows_of(tmp_path / "out")
    assert [(row["id"], row["full text"]) for row in rows] == [
        ("007", "Help\nin Houston"),
        ("", 'He said "Kerala", twice'),
    ]
    assert [places_in(row) for row in rows] == [["Houston"], ["Kerala"]]


def compressed(content: bytes, ending: str) -> bytes:
    """Compress in two pieces: such files may be made by putting others together."""
    pack = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".zst": lambda piece: pyarrow.compress(piece, "zstd", asbytes=True),
    }[ending]
    middle = len(content) // 2
    return pack(content[:middle]) + pack(content[middle:])


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".zst"])
def test_compressed_files_give_what_plain_ones_do(run: Run, tmp_path: Path, ending: str) -> None:
    content = write_lines(tmp_path / "m.jsonl", ({"text": message(number)} for number in range(300))).read_bytes()
    (tmp_path / f"m.jsonl{ending}").write_bytes(compressed(content, ending))
    run(tmp_path / f"m.jsonl{ending}", tmp_path / "packed", to="jsonl")
    run(tmp_path / "m.jsonl", tmp_path / "plain", to="jsonl")
    packed, plain = (rows_of(tmp_path / name) for name in ("packed", "plain"))
    assert len(packed) == 300
    assert [{**row, "source_file": ""} for row in packed] == [{**row, "source_file": ""} for row in plain]


def test_a_folder_is_all_its_files_in_order(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_lines(folder / "b.jsonl", [{"text": "So hot in Houston", "id": 1}])
    write_lines(folder / "a" / "z.ndjson", [{"text": "Flooding in Kerala"}])
    write_lines(folder / "_old" / "x.jsonl", [{"text": "Paris"}])
    (folder / "c.txt").write_text("Flooding in Paris\n\n")
    (folder / "d.tsv").write_text('text\tid\n"Flooding in ""Freeport"""\t2\n')
    (folder / "notes.md").write_text("no messages")
    run(folder, tmp_path / "out", to="jsonl")
    assert [(row["source_file"], row["source_row"], *places_in(row)) for row in rows_of(tmp_path / "out")] == [
        ("a/z.ndjson", 0, "Kerala"),
        ("b.jsonl", 0, "Houston"),
        ("c.txt", 0, "Paris"),
        ("c.txt", 1),
        ("d.tsv", 0, "Freeport"),
    ]


def test_columns_of_all_files_are_in_every_part(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "a.jsonl", [{"text": "Kerala", "n": 1, "only": True}])
    write_lines(tmp_path / "in" / "b.jsonl", [{"text": "Paris", "n": 0.5}])
    write_lines(tmp_path / "in" / "c.jsonl", [{"n": "many", "text": "Houston"}])
    run(tmp_path / "in", tmp_path / "out")
    table = pyarrow.dataset.dataset(tmp_path / "out").to_table()
    assert table.column_names == ["source_file", "source_row", "text", "n", "only", "other_values", "mentions"]
    assert [json.loads(value) for value in table["n"].to_pylist()] == [1, 0.5, "many"]
    assert table["only"].to_pylist() == [True, None, None]


def test_a_value_that_its_column_cannot_hold_is_kept_aside(run: Run, tmp_path: Path) -> None:
    usual = [{"text": "Kerala", "n": 1}] * 1000
    odd = [{"text": "Paris", "n": "x", "new": [1]}, {"text": "Paris", "n": 2**70}, {"text": "Paris", "n": 2}]
    run(write_lines(tmp_path / "m.jsonl", [*usual, *odd]), tmp_path / "out")
    found = [(row["n"], row["other_values"]) for row in rows_of(tmp_path / "out")[999:]]
    assert [(n, other and json.loads(other)) for n, other in found] == [
        (1, None),
        (None, {"n": "x", "new": [1]}),
        (None, {"n": 2**70}),
        (2, None),
    ]


@pytest.mark.parametrize("protocol", ["memory", "file", "mock"])
def test_urls_in_and_out(run: Run, tmp_path: Path, protocol: str) -> None:
    if protocol == "mock":
        # Only Arrow knows it, and each time it is asked for it is empty.
        with pytest.raises(InputError, match="does not exist"):
            run("mock:///nothing.jsonl", tmp_path / "out")
        return
    base = f"memory://{tmp_path.name}" if protocol == "memory" else tmp_path.as_uri()
    for name in ("a", "b"):
        with fsspec.open(f"{base}/in/{name}.jsonl", "wb") as stream:
            stream.write(b'{"text": "Flooding in Kerala"}\n{"text": 1}\n')
    report = run(f"{base}/in", f"{base}/out")
    assert (report.rows, report.rejected) == (4, 2)
    assert run(f"{base}/in", f"{base}/out").resumed == 4
    system, path = fsspec.core.url_to_fs(f"{base}/out")
    table = pyarrow.dataset.dataset(path, filesystem=system).to_table()
    assert [(row["source_file"], *places_in(row)) for row in table.to_pylist()] == [
        ("a.jsonl", "Kerala"),
        ("b.jsonl", "Kerala"),
    ]


# --- rows that cannot be recognised


def test_bad_lines_of_json_are_rejects(run: Run, tmp_path: Path) -> None:
    lines = [
        {"text": "Flooding in Kerala"},
        b"{broken",
        b'{"text": "caf\xff"}',
        {"text": None},
        {"text": ["Paris"]},
        {"id": 3},
        b"",
        b"[1]",
        {"text": "Paris", "mentions": []},
        b"[" * 100_000,
        {"text": "So hot in Houston", "id": 9},
    ]
    report = run(write_lines(tmp_path / "m.jsonl", lines), tmp_path / "out", part_rows=4)
    assert [row["source_row"] for row in rows_of(tmp_path / "out")] == [0, 10]
    rejects = rejects_of(tmp_path / "out")
    assert report.rejected == len(rejects) == 8
    assert [(each["source_row"], each["line"]) for each in rejects] == [(n, n + 1) for n in (1, 2, 3, 4, 5, 7, 8, 9)]
    for each, words in zip(
        rejects,
        ["not JSON", "not UTF-8", "is null", "is a list", "no key", "a list where", "'mentions'", "not JSON"],
        strict=True,
    ):
        assert words in each["reason"], each
    assert rejects[0]["content"] == "{broken"
    assert {each["source_file"] for each in rejects} == {"m.jsonl"}


@pytest.mark.parametrize("to", ["parquet", "jsonl"])
def test_json_that_is_nested_too_deep_is_a_reject(run: Run, tmp_path: Path, to: str) -> None:
    nested = [b"[" * depth + b"]" * depth for depth in (399, 400, 700)]
    lines = [b'{"text": "Kerala", "x": %s}' % each for each in nested]
    flat: dict[str, Any] = {"text": "Paris", "x": [[1]] * 500}
    report = run(write_lines(tmp_path / "m.jsonl", [*lines, flat]), tmp_path / "out", to=to)
    assert (report.rows, report.rejected) == (4, 2)
    assert [row["source_row"] for row in rows_of(tmp_path / "out")] == [0, 3]
    assert {each["reason"] for each in rejects_of(tmp_path / "out")} == {"nested more than 400 levels deep"}


def test_bad_rows_of_csv_are_rejects(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(
        b'id,text\n1,Flooding in Kerala\n2\n3,a,b\n4,caf\xff\n5,"two\nlines"x\n\n6,So hot in Houston\n7,"never closed\n'
    )
    report = run(tmp_path / "m.csv", tmp_path / "out")
    assert [(row["id"], *places_in(row)) for row in rows_of(tmp_path / "out")] == [("1", "Kerala"), ("6", "Houston")]
    rejects = rejects_of(tmp_path / "out")
    assert report.rejected == len(rejects) == 5
    assert [(each["source_row"], each["line"]) for each in rejects] == [(1, 3), (2, 4), (3, 5), (4, 6), (6, 10)]
    for each, words in zip(rejects, ["1 field", "3 fields", "not UTF-8", "not CSV", "not CSV"], strict=True):
        assert words in each["reason"], each
    assert rejects[3]["content"] == '5,"two\nlines"x'
    assert rejects[3]["reason"].endswith("; an open quote takes in the lines 6 to 7")
    assert rejects[4]["content"] == '7,"never closed'
    assert "lines" not in rejects[4]["reason"]


def test_rows_that_an_open_quote_swallows_are_named(run: Run, tmp_path: Path) -> None:
    lines = ["id,text", "1,Houston", '2,"open Houston', "3,Dallas", "4,Austin", "5,Paris"]
    (tmp_path / "m.csv").write_text("".join(f"{line}\n" for line in lines))
    report = run(tmp_path / "m.csv", tmp_path / "out")
    assert (report.rows, report.rejected) == (2, 1)
    [reject] = rejects_of(tmp_path / "out")
    assert (reject["source_row"], reject["line"]) == (1, 3)
    assert reject["reason"] == "not CSV (unexpected end of data); an open quote takes in the lines 3 to 6"
    assert reject["content"] == '2,"open Houston\n3,Dallas\n4,Austin\n5,Paris'


def test_nulls_and_broken_utf_8_in_parquet_are_rejects(run: Run, tmp_path: Path) -> None:
    raw = pyarrow.array([b"Flooding in Kerala", None, b"caf\xff", b"So hot in Houston"])
    texts = pyarrow.StringArray.from_buffers(4, *raw.buffers()[1:], raw.buffers()[0])
    pyarrow.parquet.write_table(pyarrow.table({"text": texts, "id": range(4)}), tmp_path / "m.parquet")
    run(tmp_path / "m.parquet", tmp_path / "out")
    assert [(row["id"], *places_in(row)) for row in rows_of(tmp_path / "out")] == [(0, "Kerala"), (3, "Houston")]
    assert [(each["source_row"], each["reason"]) for each in rejects_of(tmp_path / "out")] == [
        (1, "'text' is null"),
        (2, "not UTF-8"),
    ]


@pytest.mark.parametrize("column", ["broken", "stamp", "day"])
def test_values_of_parquet_that_json_cannot_hold_are_rejects(run: Run, tmp_path: Path, column: str) -> None:
    raw = pyarrow.array([b"caf\xe9", b"one", b"two"])
    values = {
        "broken": pyarrow.StringArray.from_buffers(3, *raw.buffers()[1:]),
        "stamp": pyarrow.array([2**60, 1, 2], pyarrow.timestamp("us")),
        "day": pyarrow.array([5_000_000, 1, 2], pyarrow.date32()),
    }
    table = pyarrow.table({"text": ["Kerala", "Paris", None], column: values[column], "none": pyarrow.nulls(3)})
    pyarrow.parquet.write_table(table, tmp_path / "m.parquet")
    report = run(tmp_path / "m.parquet", tmp_path / "out", to="jsonl")
    assert (report.rows, report.rejected) == (3, 2)
    assert [(row["source_row"], *places_in(row)) for row in rows_of(tmp_path / "out")] == [(1, "Paris")]
    first, second = rejects_of(tmp_path / "out")
    assert (first["source_row"], first["content"], second["source_row"]) == (0, "Kerala", 2)
    assert first["reason"].startswith("cannot be written (")
    # Also where it is the only row of its part.
    assert run(tmp_path / "m.parquet", tmp_path / "alone", to="jsonl", part_rows=1).rejected == 2
    assert rejects_of(tmp_path / "alone") == [first, second]
    assert run(tmp_path / "m.parquet", tmp_path / "typed").rejected == 1


def test_times_in_nanoseconds_keep_all_digits(run: Run, tmp_path: Path) -> None:
    times = pyarrow.array([1, None, 3_600_000_000_002], pyarrow.time64("ns"))
    pyarrow.parquet.write_table(pyarrow.table({"text": ["Kerala"] * 3, "at": times}), tmp_path / "m.parquet")
    run(tmp_path / "m.parquet", tmp_path / "out", to="jsonl")
    assert [row["at"] for row in rows_of(tmp_path / "out")] == ["00:00:00.000000001", None, "01:00:00.000000002"]


def test_a_line_without_end_is_a_reject_and_not_all_of_memory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmr_hybrid.jobs.row_formats.LONGEST_LINE", 1000)
    lines = [{"text": "Kerala"}, {"text": "x" * 5000}, {"text": "Paris"}]
    run(write_lines(tmp_path / "m.jsonl", lines), tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["Kerala", "Paris"]
    assert [each["source_row"] for each in rejects_of(tmp_path / "out")] == [1]


def test_a_text_that_breaks_the_recognizer_is_a_reject(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Recognizer.recognize_many

    def fragile(self: Recognizer, texts: Any, **options: Any) -> Any:
        given = list(texts)
        if any("boom" in text for text in given):
            raise RuntimeError("no such luck")
        return real(self, given, **options)

    monkeypatch.setattr(Recognizer, "recognize_many", fragile)
    lines = [{"text": "Kerala", "id": 1}, {"text": "boom", "id": 2}, {"text": "Paris", "id": 3}]
    run(write_lines(tmp_path / "m.jsonl", lines), tmp_path / "out")
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [1, 3]
    (reject,) = rejects_of(tmp_path / "out")
    assert reject["source_row"] == 1
    assert "no such luck" in reject["reason"]
    with pytest.raises(RuntimeError, match="no such luck"):
        run(write_lines(tmp_path / "all.jsonl", [{"text": "boom"}] * 3), tmp_path / "none")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.one_of(
            st.binary(max_size=12).filter(lambda each: b"\n" not in each),
            st.text(max_size=12).map(lambda text: json.dumps({"text": text}).encode()),
        ),
        max_size=12,
    ),
    part_rows=st.integers(1, 5),
)
@example(lines=[codecs.BOM_UTF8], part_rows=1)
@example(lines=[codecs.BOM_UTF8 + b'{"text": "Kerala"}'], part_rows=1)
def test_every_line_is_a_row_or_a_reject_or_blank(run: Run, tmp_path: Path, lines: list[bytes], part_rows: int) -> None:
    path = write_lines(tmp_path / "any.jsonl", lines)
    run(path, tmp_path / "any", part_rows=part_rows, restart=(tmp_path / "any").exists())
    rows = [row["source_row"] for row in rows_of(tmp_path / "any")]
    rejects = [each["source_row"] for each in rejects_of(tmp_path / "any")]
    assert rows == sorted(rows)
    # A byte order mark at the very beginning says how the file is written, and is no part of its first line.
    shown = [line.removeprefix(codecs.BOM_UTF8) if n == 0 else line for n, line in enumerate(lines)]
    assert sorted(rows + rejects) == [n for n, line in enumerate(shown) if line.removesuffix(b"\r").strip()]


# --- files that cannot be used


def test_a_file_that_is_not_what_it_says_stops_the_job_before_it_begins(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "a.jsonl", [{"text": "Kerala"}])
    (tmp_path / "in" / "b.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match=r"b\.parquet"):
        run(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_breaks_off_leaves_the_others_and_can_be_mended(
    command: Callable[..., Result], tmp_path: Path
) -> None:
    whole = gzip.compress(
        write_lines(tmp_path / "x", ({"text": message(n), "n": os.urandom(99).hex()} for n in range(3000))).read_bytes()
    )
    broken = tmp_path / "in" / "a.jsonl.gz"
    broken.parent.mkdir()
    broken.write_bytes(whole[: len(whole) // 2])
    write_lines(tmp_path / "in" / "b.jsonl", [{"text": "Kerala"}])
    job = (tmp_path / "in", "-o", tmp_path / "out", "--part-rows", "1000", "--to", "jsonl")
    result = command(*job)
    assert result.exit_code == 1, result.output
    assert "a.jsonl.gz: cannot be read to its end" in result.stderr
    rows = rows_of(tmp_path / "out")
    assert rows[-1]["text"] == "Kerala"
    assert len(rows) > 1000
    assert [row["source_row"] for row in rows[:-1]] == list(range(len(rows) - 1))
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    (other,) = (tmp_path / "out").glob("part-00001-*")
    written = other.stat().st_mtime_ns
    broken.write_bytes(whole)
    result = command(*job)
    assert result.exit_code == 0, result.output
    mended = rows_of(tmp_path / "out")
    assert [row["source_row"] for row in mended] == [*range(3000), 0]
    assert json.loads((tmp_path / "out" / "_SUCCESS").read_text())["rows"] == 3001
    assert other.stat().st_mtime_ns == written
    # What has been read to its end is not begun anew unasked.
    write_lines(tmp_path / "in" / "b.jsonl", [{"text": "Paris"}])
    result = command(*job)
    assert result.exit_code == 2
    assert "b.jsonl is changed since" in result.stderr


class Severed(io.BytesIO):
    """Bytes of which a client hands over 40, and then fails in its own way."""

    def read(self, size: int | None = -1, /) -> bytes:
        return self._severed(super().read(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._severed(super().readline(size))

    def _severed(self, found: bytes) -> bytes:
        if self.tell() > 40:
            raise RuntimeError("the token expired\nlooked for here\nand there")
        return found


class Expiring(MemoryFileSystem):
    """The files of `memory://`, of which some break off once they have been opened so often."""

    protocol = "expiring"
    opens: ClassVar[dict[str, int]] = {}

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return MemoryFileSystem._strip_protocol(path.removeprefix("expiring:/"))

    def _open(self, path: str, *arguments: Any, **options: Any) -> Any:
        stream = super()._open(path, *arguments, **options)
        name = PurePosixPath(path).name
        self.opens[name] = self.opens.get(name, 1_000) - 1
        return stream if self.opens[name] >= 0 else Severed(stream.getvalue())


fsspec.register_implementation("expiring", Expiring)


def test_a_remote_file_that_breaks_off_leaves_the_others(command: Callable[..., Result], tmp_path: Path) -> None:
    system = fsspec.filesystem("memory")
    lines = b'{"text": "Flooding in Kerala"}\n'
    folder = f"/{tmp_path.name}/expiring"
    system.pipe({f"{folder}/a.jsonl": lines * 3, f"{folder}/c.jsonl": lines})
    with system.open(f"{folder}/b.parquet", "wb") as stream:
        pyarrow.parquet.write_table(pyarrow.table({"text": ["Fire in Paris"]}), stream)
    # Once for its checksum, and one of them for its columns.
    Expiring.opens.update({"a.jsonl": 1, "b.parquet": 2})
    result = command(f"expiring:/{folder}", "-o", tmp_path / "out", "--to", "jsonl")
    assert result.exit_code == 1, result.output
    assert "a.jsonl: cannot be read to its end (the token expired)" in result.stderr
    assert "b.parquet: cannot be read to its end (the token expired)" in result.stderr
    assert [(row["source_file"], row["source_row"]) for row in rows_of(tmp_path / "out")] == [
        ("a.jsonl", 0),
        ("c.jsonl", 0),
    ]
    Expiring.opens.update({"a.jsonl": 9, "b.parquet": 1})
    result = command(f"expiring:/{folder}", "-o", tmp_path / "other")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert "b.parquet: cannot be read as Parquet (the token expired)" in result.stderr


def test_a_file_that_was_empty_is_read_once_it_has_rows(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "a.jsonl", [{"text": "Flooding in Kerala"}])
    empty = write_lines(tmp_path / "in" / "b.jsonl", [])
    (tmp_path / "in" / "c.csv").write_text("text\n")
    assert run(tmp_path / "in", tmp_path / "out").rows == 1
    write_lines(empty, [{"text": "Fire in Paris"}])
    report = run(tmp_path / "in", tmp_path / "out")
    assert (report.rows, report.resumed) == (2, 1)
    (tmp_path / "in" / "c.csv").write_text("text\nSo hot in Houston\n")
    assert run(tmp_path / "in", tmp_path / "out").rows == 3
    assert [place for row in rows_of(tmp_path / "out") for place in places_in(row)] == ["Kerala", "Paris", "Houston"]
    assert json.loads((tmp_path / "out" / "_SUCCESS").read_text())["rows"] == 3


def test_a_mended_file_with_other_columns_is_another_job(command: Callable[..., Result], tmp_path: Path) -> None:
    lines = [{"text": message(n), "n": os.urandom(99).hex()} for n in range(3000)]
    whole = gzip.compress(write_lines(tmp_path / "x", lines).read_bytes())
    broken = tmp_path / "a.jsonl.gz"
    broken.write_bytes(whole[: len(whole) // 2])
    job = (broken, "-o", tmp_path / "out")
    assert command(*job).exit_code == 1
    write_lines(tmp_path / "y", ({**line, "more": True} for line in lines))
    broken.write_bytes(gzip.compress((tmp_path / "y").read_bytes()))
    result = command(*job)
    assert result.exit_code == 2
    assert "another job: other columns. Start with --restart" in result.stderr
    assert command(*job, "--restart").exit_code == 0
    assert [row["source_row"] for row in rows_of(tmp_path / "out")] == list(range(3000))


def test_columns_of_parquet_that_do_not_go_together_are_named(run: Run, tmp_path: Path) -> None:
    big = 1_234_567_890_123_456_789
    for name, ids in (("a", pyarrow.array([big])), ("b", pyarrow.array([None], pyarrow.float64()))):
        (tmp_path / "in").mkdir(exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.table({"text": ["Paris"], "id": ids}), tmp_path / "in" / f"{name}.parquet")
    with pytest.raises(InputError, match=r"b\.parquet.*'id' is double, in the files before it int64.*--to jsonl"):
        run(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    run(tmp_path / "in", tmp_path / "out", to="jsonl")
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [big, None]


def test_small_integers_and_floating_numbers_of_parquet_go_together(run: Run, tmp_path: Path) -> None:
    for name, weights in (("a", pyarrow.array([2**31 - 1], pyarrow.int32())), ("b", pyarrow.array([0.5]))):
        (tmp_path / "in").mkdir(exist_ok=True)
        table = pyarrow.table({"text": ["Paris"], "weight": weights})
        pyarrow.parquet.write_table(table, tmp_path / "in" / f"{name}.parquet")
    run(tmp_path / "in", tmp_path / "out")
    assert [row["weight"] for row in rows_of(tmp_path / "out")] == [2**31 - 1, 0.5]


def test_a_column_of_nulls_alone_gives_rejects(run: Run, tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"text": pyarrow.nulls(3), "id": [1, 2, 3]}), tmp_path / "m.parquet")
    report = run(tmp_path / "m.parquet", tmp_path / "out")
    assert (report.rows, report.rejected, report.unread) == (3, 3, ())
    assert rows_of(tmp_path / "out") == []


def test_ends_of_lines_within_quotes_are_of_the_field(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b'\xef\xbb\xbfid,text\r\n1,"Flood in\r\nParis"\r\n2,"Fire in\nParis"\r\n3,Kerala')
    run(tmp_path / "m.csv", tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [(row["id"], row["text"]) for row in rows] == [
        ("1", "Flood in\r\nParis"),
        ("2", "Fire in\nParis"),
        ("3", "Kerala"),
    ]
    assert [row["text"][each["start"] : each["end"]] for row in rows for each in row["mentions"]] == [
        each["text"] for row in rows for each in row["mentions"]
    ]


def test_messages_are_the_same_alone_and_in_a_job(run: Run, command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes(b"\xef\xbb\xbfParis is flooded\rKerala\r\n\nHouston \x85 \xe2\x80\xa8 x\r\n")
    alone = [json.loads(line)["text"] for line in command(tmp_path / "m.txt").stdout.splitlines()]
    run(tmp_path / "m.txt", tmp_path / "out", to="jsonl", kind="text")
    rejected = {each["source_row"] for each in rejects_of(tmp_path / "out")}
    assert rejected == {2}
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [
        text for number, text in enumerate(alone) if number not in rejected
    ]
    assert alone == ["Paris is flooded\rKerala", "", "Houston \ufffd \u2028 x"]


def test_a_missing_column_is_named_with_those_that_there_are(command: Callable[..., Result], tmp_path: Path) -> None:
    for name, content in (("m.csv", "id,body\n1,x\n"), ("m.jsonl", '{"id": 1, "body": "x"}\n')):
        (tmp_path / name).write_text(content)
        result = command(tmp_path / name, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert all(word in result.stderr for word in (name, "'text'", "--text-column", "'id', 'body'"))
    pyarrow.parquet.write_table(pyarrow.table({"id": [1]}), tmp_path / "m.parquet")
    assert "it has 'id'" in command(tmp_path / "m.parquet", "-o", tmp_path / "out").stderr
    assert not (tmp_path / "out").exists()


def test_what_is_not_utf_8_is_named_before_anything_is_written(command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"gr\xf6\xdfe,text\n1,Flood in Houston\n")
    (tmp_path / "excel.tsv").write_bytes("größe\ttext\n1\tFlood in Houston\n".encode("utf-16"))
    folder = tmp_path / "in"
    write_lines(folder / "a.jsonl", [{"text": "Paris"}])
    inputs = [tmp_path / "latin.csv", tmp_path / "excel.tsv"]
    if sys.platform == "linux":
        write_lines(folder / os.fsdecode(b"caf\xe9.jsonl"), [{"text": "Kerala"}])
        inputs += [folder, folder / os.fsdecode(b"caf\xe9.jsonl")]
    for each in inputs:
        for to in ("parquet", "jsonl"):
            result = command(each, "--to", to, "-o", tmp_path / "out")
            assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), (each, result.output)
            assert "not UTF-8" in result.stderr
    assert not (tmp_path / "out").exists()


class Unreachable(AbstractFileSystem):
    """A file system whose client fails in its own way, as those of clouds do."""

    protocol = "unreachable"

    def info(self, path: str, **_: Any) -> Any:
        raise RuntimeError(f"no credentials for {path}\nlooked for here\nand there")

    isfile = exists = info


fsspec.register_implementation("unreachable", Unreachable)


def test_what_cannot_begin_is_one_line(
    choice: RecognizerChoice, command: Callable[..., Result], tmp_path: Path
) -> None:
    good = write_lines(tmp_path / "in" / "m.jsonl", [{"text": "Kerala"}])
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "taken.csv").write_text("text,mentions\n")
    (tmp_path / "twice.csv").write_text("text,text\n")
    (tmp_path / "nothing.csv").write_text("")
    twice = pyarrow.table([["Paris"], [1], [2]], names=["text", "a", "a"])
    pyarrow.parquet.write_table(twice, tmp_path / "twice.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"text": [1]}), tmp_path / "numbers.parquet")
    out = ("-o", tmp_path / "out")
    for arguments, words in (
        ((good,), "-o"),
        ((tmp_path / "no.jsonl", *out), "does not exist"),
        ((tmp_path / "empty", *out), "no file of a known kind"),
        (("nope://host/x.jsonl", *out), "nope"),
        (("s3://bucket/x.jsonl", *out), "s3"),
        (("ftp://nohost.invalid/x.jsonl", *out), "ftp://nohost.invalid/x.jsonl"),
        (("github://x/x.jsonl", *out), "'org' and 'repo'"),
        (("unreachable://host/x.jsonl", *out), "no credentials"),
        ((good, "-o", "unreachable://host/out"), "no credentials"),
        ((good, "-o", "github://x/out"), "'org' and 'repo'"),
        ((good, "-o", tmp_path / "full"), "thesis.doc"),
        ((good, "--restart", "-o", tmp_path / "full"), "thesis.doc"),
        ((good, "-o", good), "lies in the folder"),
        ((tmp_path / "in", "-o", tmp_path / "in" / "out"), "lies in the folder"),
        ((tmp_path / "in", "-o", (tmp_path / "in" / "out").as_uri()), "lies in the folder"),
        (((tmp_path / "in").as_uri(), "-o", tmp_path / "link" / "out"), "lies in the folder"),
        (("memory://bucket/in", "-o", "memory://bucket/in/out"), "lies in the folder"),
        ((good, "-o", Path(str(choice.model)) / "out"), "lies in the model or gazetteer"),
        ((good, "-o", (Path(choice.gazetteers[0]) / "out").as_uri()), "lies in the model or gazetteer"),
        ((tmp_path / "taken.csv", *out), "'mentions'"),
        ((tmp_path / "twice.csv", *out), "two columns"),
        ((tmp_path / "twice.parquet", *out), "two columns named 'a'"),
        ((tmp_path / "nothing.csv", *out), "no header"),
        ((tmp_path / "numbers.parquet", *out), "not string"),
    ):
        result = command(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), (arguments, result.output)
        assert len(result.stderr.splitlines()) == 1, result.stderr
        assert words in result.stderr
        assert "and there" not in result.stderr
    assert (tmp_path / "full" / "thesis.doc").read_text() == "mine"
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_none_leaves_nothing(tmp_path: Path) -> None:
    good = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    arguments = ["recognize", str(good), "--no-world", "--model", str(tmp_path / "none"), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert not (tmp_path / "out").exists()


def test_what_may_not_be_read_or_written_is_one_line(
    choice: RecognizerChoice, toy_gazetteer_folder: Path, tmp_path: Path
) -> None:
    good = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    secret, finished = tmp_path / "toy.gazetteer", tmp_path / "finished"
    shutil.copytree(toy_gazetteer_folder, secret)
    run_job(good, finished, choice=choice)
    (secret / "manifest.json").chmod(0)
    (finished / "_lock").chmod(0o444)
    finished.chmod(0o555)
    lowered: list[str] = []
    if os.access(secret / "manifest.json", os.R_OK):
        if shutil.which("setpriv") is None:
            pytest.skip("this user may read everything")
        lowered = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    options = ["--model", str(choice.model), "--no-world", "--gazetteer"]
    for gazetteer, output, words in (
        (toy_gazetteer_folder, finished, "finished: cannot be used (Permission denied)"),
        (secret, tmp_path / "out", "manifest.json: cannot be read (Permission denied)"),
    ):
        arguments = ["recognize", good, "-o", output, *options, gazetteer]
        program = [*lowered, sys.executable, "-m", "lmr_hybrid", *map(str, arguments)]
        result = subprocess.run(program, capture_output=True, text=True, cwd=ROOT, timeout=300)
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1), result.stderr
        assert words in result.stderr
    assert not (tmp_path / "out").exists()


# --- going on


def test_a_job_goes_on_where_it_was(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "a.jsonl", [b"bad" if n == 33 else {"text": message(n)} for n in range(50)])
    pyarrow.parquet.write_table(
        pyarrow.table({"text": [message(n) for n in range(45)]}), tmp_path / "in" / "b.parquet", row_group_size=8
    )
    chosen: dict[str, Any] = {"part_rows": 10, "to": "jsonl"}
    run(tmp_path / "in", tmp_path / "whole", **chosen)
    run(tmp_path / "in", tmp_path / "out", **chosen)
    parts = sorted((tmp_path / "out").glob("part-*"))
    for number in (0, 3, 6, 7, 9):
        parts[number].unlink()
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")}
    (tmp_path / "out" / "_SUCCESS").unlink()
    report = run(tmp_path / "in", tmp_path / "out", **chosen)
    assert (report.rows, report.resumed, report.rejected) == (95, 50, 1)
    assert rows_of(tmp_path / "out") == rows_of(tmp_path / "whole")
    assert rejects_of(tmp_path / "out") == rejects_of(tmp_path / "whole")
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("part-*")}.items()


def test_another_job_is_refused_until_it_is_told_to_begin_anew(
    run: Run, choice: RecognizerChoice, make_gazetteer: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "in" / "m.jsonl", [{"text": message(n), "other": message(n)} for n in range(20)])
    run(tmp_path / "in", tmp_path / "out")
    before = rows_of(tmp_path / "out")
    for chosen, words in (({"part_rows": 5}, "part_rows"), ({"countries": ("BS",)}, "countries")):
        with pytest.raises(JobMismatch, match=words):
            run(tmp_path / "in", tmp_path / "out", **chosen)
    with pytest.raises(JobMismatch, match="text_column"):
        run(tmp_path / "in", tmp_path / "out", text_column="other")
    from gazetteer import PlaceKind

    other = RecognizerChoice(choice.model, (str(make_gazetteer(("x", "Xanadu", PlaceKind.CITY), name="other")),))
    with pytest.raises(JobMismatch, match="another gazetteer"):
        run_job(tmp_path / "in", tmp_path / "out", choice=other)
    changed = path.read_bytes().replace(b"house 3", b"house 9")
    path.write_bytes(changed)
    with pytest.raises(JobMismatch, match=r"m\.jsonl is changed"):
        run(tmp_path / "in", tmp_path / "out")
    write_lines(tmp_path / "in" / "n.jsonl", [{"text": "Kerala"}])
    with pytest.raises(JobMismatch, match=r"n\.jsonl is new"):
        run(tmp_path / "in", tmp_path / "out")
    assert rows_of(tmp_path / "out") == before
    report = run(tmp_path / "in", tmp_path / "out", restart=True, part_rows=5)
    assert (report.rows, report.resumed) == (21, 0)
    assert (len(rows_of(tmp_path / "out")), parts_in(tmp_path / "out")) == (21, 5)
    assert rows_of(tmp_path / "out") != before


def test_neither_the_place_nor_the_batch_size_makes_another_job(run: Run, tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "m.jsonl", [{"text": message(n)} for n in range(20)])
    run(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in").rename(tmp_path / "moved")
    assert run(tmp_path / "moved", tmp_path / "out", batch_size=3).resumed == 20


def test_a_folder_that_is_being_written_is_left_alone(run: Run, tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no locks")
    import fcntl

    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    run(path, tmp_path / "out")
    with (tmp_path / "out" / "_lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="another process"):
            run(path, tmp_path / "out", restart=True)
    assert len(rows_of(tmp_path / "out")) == 1


def test_what_others_are_writing_is_left_alone(run: Run, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    foreign, job, new = (tmp_path / name for name in ("foreign", "job", "new"))
    run(path, job)
    for folder in (foreign, job, new):
        folder.mkdir(exist_ok=True)
        (folder / ".0123456789abcdef.tmp").write_text("begun")
    (foreign / "notes.md").write_text("mine")
    for restart in (False, True):
        with pytest.raises(OutputError, match=r"notes\.md"):
            run(path, foreign, restart=restart)
    assert {each.name for each in foreign.iterdir()} == {"notes.md", ".0123456789abcdef.tmp"}
    with pytest.raises(JobMismatch, match="part_rows"):
        run(path, job, part_rows=5)
    run(path, new)
    assert all((folder / ".0123456789abcdef.tmp").exists() for folder in (job, new))
    # Where the folder is known to be the job's, they are what a killed one had begun.
    run(path, new)
    run(path, job, part_rows=5, restart=True)
    assert not any((folder / ".0123456789abcdef.tmp").exists() for folder in (job, new))


def test_warnings_say_how_many_rows_were_left_out(command: Callable[..., Result], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}, b"{", {"text": "Paris"}])
    result = command(path, "-o", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 of 3 rows" in result.stderr
    assert str(tmp_path / "out" / "_rejects") in result.stderr


def test_settings_are_checked() -> None:
    for wrong in ({"part_rows": 0}, {"part_rows": 1.5}, {"batch_size": 0}, {"batch_size": "2"}, {"near": (95.0, 0.0)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            JobSettings(**wrong)


def test_an_unknown_engine_is_named_with_those_that_there_are(choice: RecognizerChoice, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    with pytest.raises(ValueError, match="engine is 'spark'; it must be one of 'local', 'ray'"):
        run_job(path, tmp_path / "out", choice=choice, engine="spark")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_options_of_ray_are_not_passed_over_without_it(command: Callable[..., Result], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    for option in ("--workers", "--gpus-per-worker"):
        for engine in ([], ["--engine", "local"]):
            result = command(path, "-o", tmp_path / "out", option, "2", *engine)
            assert result.exit_code == 2
            assert f"{option}: only for Ray; add --engine ray" in result.stderr
    assert not (tmp_path / "out").exists()


def test_options_that_do_not_go_together(command: Callable[..., Result], tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", [{"text": "Kerala"}])
    for arguments in ((path, "--table"), (path, "--html", tmp_path / "x.html"), ("-", "--to", "jsonl")):
        assert command(*arguments, "-o", tmp_path / "out").exit_code == 2
