"""README and docs are true: the README's code runs as it stands, figures are those of the committed results."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmr_hybrid.recognizer import DEFAULT_MODEL

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_first_example_runs_word_for_word(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Freeport 12 20 City/town")
    assert any("Freeport BS" in line for line in lines)
    assert lines[-1] == "{'text': 'Stay safe', 'mentions': []}"


def test_figures_are_those_of_the_committed_result() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from update_readme import (
            picture,
            results,
            updated,
            updated_accuracy,
            updated_audit,
            updated_building,
            updated_linking,
            updated_runtimes,
            updated_scores,
            updated_speed,
        )
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    record = json.loads((ROOT / "benchmarks/results/idrisi.json").read_text(encoding="utf-8"))
    assert updated(README, record) == README
    building = (ROOT / "docs/building.md").read_text(encoding="utf-8")
    record = json.loads((ROOT / "benchmarks/results/build.json").read_text(encoding="utf-8"))
    assert updated_building(building, record) == building
    assert "FIGURES" not in building
    page = (ROOT / "docs/corpus-audit.md").read_text(encoding="utf-8")
    record = json.loads((ROOT / "benchmarks/results/audit.json").read_text(encoding="utf-8"))
    assert updated_audit(page, record) == page
    assert page.count("<!-- figures: ") == len(re.findall(r"^\| ---", page, re.MULTILINE)) == 6
    page = (ROOT / "docs/accuracy.md").read_text(encoding="utf-8")
    assert updated_accuracy(page, results()) == page
    assert page.count("<!-- figures: ") == len(re.findall(r"^\| ---", page, re.MULTILINE)) > 0
    scores = (ROOT / "docs/scores.md").read_text(encoding="utf-8")
    record = json.loads((ROOT / "benchmarks/results/calibration.json").read_text(encoding="utf-8"))
    assert updated_scores(scores, record) == scores
    assert scores.count("<!-- figures: ") == 3
    embedded = json.loads((DEFAULT_MODEL / "calibration.json").read_text(encoding="utf-8"))
    assert all(record[name] == embedded[name] for name in ("coefficients", "operating_points"))
    page = (ROOT / "docs/linking.md").read_text(encoding="utf-8")
    record = json.loads((ROOT / "benchmarks/results/linking.json").read_text(encoding="utf-8"))
    assert updated_linking(page, record) == page
    assert updated_linking(README, record) == README
    assert page.count("<!-- figures: ") == len(re.findall(r"^\| ---", page, re.MULTILINE)) == 6
    assert "FIGURES" not in scores
    page = (ROOT / "docs/speed.md").read_text(encoding="utf-8")
    record = json.loads((ROOT / "benchmarks/results/throughput.json").read_text(encoding="utf-8"))
    assert updated_speed(page, record) == page
    assert updated_speed(page, results()["throughput_avx2"], name="throughput_avx2") == page
    assert updated_runtimes(page, results()["runtime"]) == page
    assert page.count("<!-- figures: ") == 9
    assert "to be measured" not in page
    assert picture(record) == (ROOT / "docs/accuracy-speed.svg").read_text(encoding="utf-8")


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^make (\w+)", README, re.MULTILINE))
    assert targets == {"demo", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
