"""Jobs that are killed go on without losing or repeating a row, and take no more memory for more input."""

from __future__ import annotations

import gzip
import json
import random
import signal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from jobs_toys import message, parts_in, places_in, rejects_of, rows_of, start, wait_until, write_lines

PROGRAM = Path(__file__).with_name("job_program.py")
PART_ROWS = 40


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of JSON Lines, some broken, compressed CSV and Parquet: 2,600 rows."""
    folder = tmp_path_factory.mktemp("messages")
    lines = [b"{broken" if n % 97 == 5 else {"id": str(n), "text": message(n)} for n in range(1200)]
    write_lines(folder / "a.jsonl", lines)
    rows = "".join(f"{n},{message(n)!r}\n" if n % 89 else f"{n}\n" for n in range(700)).replace("'", '"')
    (folder / "b.csv.gz").write_bytes(gzip.compress(f"id,text\n{rows}".encode()))
    table = pyarrow.table({"id": list(map(str, range(700))), "text": [message(n) for n in range(700)]})
    pyarrow.parquet.write_table(table, folder / "c.parquet", row_group_size=150)
    return folder


def run_to_end(*arguments: str | Path) -> list[int]:
    process = start([PROGRAM, *arguments])
    printed, complaint = process.communicate(timeout=300)
    assert process.returncode == 0, complaint
    return [int(number) for number in printed.split()]


@pytest.mark.slow
@pytest.mark.parametrize("to", ["parquet", "jsonl"])
def test_killed_at_many_moments_no_row_is_lost_or_comes_twice(messages: Path, tmp_path: Path, to: str) -> None:
    run_to_end(messages, tmp_path / "whole", str(PART_ROWS), to)
    out = tmp_path / "out"
    generator = random.Random(5)
    kills = 0
    for target in (0, 1, 9, 23, 24, 40):
        process = start([PROGRAM, messages, out, str(PART_ROWS), to, "0.01"])
        there = wait_until(lambda: out.exists() and parts_in(out) >= target, alive=process)  # noqa: B023
        # Somewhere in the middle of a part: being recognised, or half written.
        wait_until(lambda: False, seconds=generator.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += there and process.returncode == -signal.SIGKILL
    assert kills == 6
    assert not (out / "_SUCCESS").exists()
    rows, resumed, _ = run_to_end(messages, out, str(PART_ROWS), to)
    assert (rows, resumed >= 40 * PART_ROWS - 2 * PART_ROWS) == (2600, True)
    assert rows_of(out) == rows_of(tmp_path / "whole")
    assert rejects_of(out) == rejects_of(tmp_path / "whole")
    keys = [(row["source_file"], row["source_row"]) for row in rows_of(out)]
    assert len(set(keys)) == len(keys) == 2600 - len(rejects_of(out))
    assert all(places_in(row) for row in rows_of(out))
    assert not [path for path in out.rglob(".*") if path.suffix == ".tmp"]
    assert json.loads((out / "_SUCCESS").read_text(encoding="utf-8"))["rows"] == 2600


@pytest.mark.slow
def test_the_command_goes_on_after_a_kill(toy_model: Path, toy_gazetteer_folder: Path, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "m.jsonl", ({"text": message(n)} for n in range(600)))
    options = ["--model", toy_model, "--gazetteer", toy_gazetteer_folder, "--no-world", "--part-rows", "20"]
    arguments = ["-m", "lmr_hybrid", "recognize", path, *options, "--to", "jsonl", "-o"]
    out = tmp_path / "out"
    process = start([*arguments, out])
    assert wait_until(lambda: out.exists() and parts_in(out) >= 5, alive=process), process.communicate()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = parts_in(out)
    assert 5 <= done < 30
    kept = {part: part.stat().st_mtime_ns for part in out.glob("part-*")}
    process = start([*arguments, out])
    assert process.communicate(timeout=300) == ("", "")
    assert process.returncode == 0
    assert [row["source_row"] for row in rows_of(out)] == list(range(600))
    assert {part: part.stat().st_mtime_ns for part in kept} == kept


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "parquet"])
def test_six_times_the_input_takes_no_more_memory(tmp_path: Path, kind: str) -> None:
    peaks = {}
    for rows in (5_000, 30_000):
        path = tmp_path / f"{rows}.{kind}"
        texts = (f"{message(n)} {'water ' * 400}" for n in range(rows))
        if kind == "parquet":
            pyarrow.parquet.write_table(pyarrow.table({"text": list(texts)}), path, row_group_size=1_000)
        else:
            content = write_lines(tmp_path / "plain", ({"text": text} for text in texts)).read_bytes()
            path.write_bytes(gzip.compress(content, 1) if kind.endswith("gz") else content)
        done, _, peaks[rows] = run_to_end(path, tmp_path / f"out-{rows}", "500", "jsonl")
        assert done == rows
    # In kilobytes. The larger input is 60 MB longer; what is left to chance is the allocator's.
    assert peaks[30_000] - peaks[5_000] < 25_000, peaks
