"""What the package shows the world."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import lmr_hybrid
from lmr_hybrid import errors


def test_exported_names_are_these() -> None:
    assert lmr_hybrid.__all__ == [
        "Candidate",
        "CorpusError",
        "LmrError",
        "Mention",
        "ModelError",
        "NotText",
        "Recognition",
        "Recognizer",
        "TrainingError",
    ]
    assert all(hasattr(lmr_hybrid, name) for name in lmr_hybrid.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'lmr_hybrid' has no attribute 'Recogniser'"):
        lmr_hybrid.Recogniser  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize(
    "imported", ["import lmr_hybrid", "from lmr_hybrid import Recognizer", "import lmr_hybrid.cli"]
)
def test_importing_brings_no_neural_network(imported: str, tmp_path: Path) -> None:
    script = f"{imported}\nimport sys\nprint(sorted({{'torch', 'flair', 'transformers', 'duckdb'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    branches: list[str] = []
    drawn: dict[str, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.lstrip("│├└─ ").split()
        if not words or words[0] not in dir(errors):
            continue
        depth = line.index(words[0]) // 4
        branches[depth:] = [words[0]]
        drawn[words[0]] = branches[depth - 1] if depth else "Exception"
    actual = {
        name: one.__mro__[1].__name__
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if one.__module__ == errors.__name__
    }
    assert drawn == actual
    assert len(drawn) >= 10


def test_errors_carry_what_they_are_about() -> None:
    error = errors.CorpusMalformed("tweets.jsonl", 3, "is not JSON", "Repair it")
    assert str(error) == "tweets.jsonl: line 3: is not JSON. Repair it"
    assert (error.path, error.line, error.problem, error.remedy) == (
        Path("tweets.jsonl"),
        3,
        "line 3: is not JSON",
        "Repair it",
    )
    assert isinstance(errors.NotText("text number 1", "is bytes, not str", "Decode it"), TypeError)
