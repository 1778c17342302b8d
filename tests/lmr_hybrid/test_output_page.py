"""docs/output.md: its tables list what there is, its examples run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from lmr_hybrid import Candidate, Mention, Recognition, output
from lmr_hybrid.output import mention_schema, to_geojson

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_the_columns_of_tables_are_listed() -> None:
    types = re.findall(
        r"^\| `(\w+)` \| (int64|double|bool|string|list of string|list of struct) \|", PAGE, re.MULTILINE
    )
    shown = {"list<item: string>": "list of string", "list<element: string>": "list of string"}
    wanted = [(field.name, shown.get(str(field.type), str(field.type))) for field in mention_schema()]
    assert types == [(name, "list of struct" if type_.startswith("list<") else type_) for name, type_ in wanted]


def test_the_fields_of_candidates_are_listed() -> None:
    assert first_cells("JSON Lines") == [field.name for field in fields(Candidate)]


def test_the_properties_of_features_are_listed() -> None:
    (feature,) = to_geojson([Recognition("x", (Mention("x", 0, 1, "Other locations", 0.5),))])["features"]
    assert first_cells("GeoJSON") == list(feature["properties"])


def test_every_function_is_mentioned() -> None:
    named = set(re.findall(r"`(\w+)[`(]", PAGE))
    # The lines of --table are for the command itself.
    assert set(output.__all__) - {"table_lines"} <= named


@pytest.mark.slow
def test_the_examples_run_word_for_word(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    written = {"mentions.parquet", "mentions.jsonl", "mentions.geojson", "mentions.html"}
    assert {path.name for path in tmp_path.iterdir()} == written
    assert done.stdout.count("Wellington") >= 2
    assert "Freeport" in (tmp_path / "mentions.html").read_text(encoding="utf-8")
