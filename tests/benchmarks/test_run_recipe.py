"""Every recipe, run from the command line on weights made on the spot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from run_recipe import main

from lmr_hybrid.corpora import TYPES

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "run_recipe.py"


@pytest.fixture(autouse=True)
def _corpora(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMR_DATA", str(data))


def run(name: str, *options: str | Path, results: Path) -> Result:
    return CliRunner().invoke(main, [name, "--results", str(results), *map(str, options)])


def result_of(name: str, *options: str | Path, results: Path) -> dict[str, Any]:
    result = run(name, *options, results=results)
    assert result.exit_code == 0, result.output + repr(result.exception)
    assert any(line.split()[:1] == [name] for line in result.stdout.splitlines())
    found: dict[str, Any] = json.loads((results / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "trained_on"),
    [("flair-stack", 108), ("flair-stack-no-reprojection", 108), ("flair-stack-only-with-places", 70)],
)
def test_the_stack_and_its_variants(name: str, trained_on: int, stack: Path, tmp_path: Path) -> None:
    found = result_of(name, "--encoder", stack, "--epochs", "1", "--seed", "5", results=tmp_path)
    assert found["messages"]["selection"] == 12
    assert found["messages"]["dev"] == 30
    trained = found["messages"]["train"]
    assert trained == trained_on if trained_on == 108 else 60 < trained < 100
    (ran,) = found["runs"]
    assert (ran["seed"], len(ran["losses"]), len(ran["selection_f1"])) == (5, 1, 1)
    assert ran["embedding_length"] == 6 + 8 + 8
    assert set(ran["report"]["by_type"]) <= set(TYPES)
    # Where the weights lie on this machine is nobody's business.
    assert str(stack) not in json.dumps(found)
    assert found["settings"]["embeddings"]["words"]["source"] == "glove"


@pytest.mark.slow
def test_fine_tuning_learns_and_seeds_are_averaged(toy_encoder: Path, tmp_path: Path) -> None:
    options = ("--encoder", toy_encoder, "--epochs", "5", "--override", "training.learning_rate=3e-3")
    found = result_of("transformer-fine-tune", *options, "--seed", "1", "--seed", "2", results=tmp_path)
    scores = []
    for ran in found["runs"]:
        assert ran["losses"][-1] < ran["losses"][0] / 2
        scores.append(ran["report"]["exact"]["f1"])
        events = [each["f1"] for each in ran["report"]["by_event"].values()]
        assert ran["report"]["macro"]["f1"] == pytest.approx(sum(events) / 2)
        types = [each["f1"] for each in ran["report"]["by_type"].values()]
        assert ran["report"]["macro_types"]["f1"] == pytest.approx(sum(types) / len(types))
    assert found["row"]["F1"] == pytest.approx(sum(scores) / 2)
    assert min(scores) > 0.6


@pytest.mark.slow
def test_the_winner_knows_one_type_and_never_sees_dev(toy_encoder: Path, tmp_path: Path) -> None:
    found = result_of("itu-winner", "--encoder", toy_encoder, "--epochs", "1", results=tmp_path)
    assert found["messages"]["train"] == 121
    assert found["messages"]["auxiliary near-duplicates of dev left out"] == 1
    assert set(found["runs"][0]["report"]["by_type"]) == {"LOC"}
    assert "typed F1" not in found["row"]


@pytest.mark.parametrize("name", ["zero-shot-bert-base-ner", "zero-shot-affiliation-locations"])
def test_finished_taggers_of_transformers(name: str, classifier: Path, tmp_path: Path) -> None:
    found = result_of(name, "--encoder", classifier, "--seed", "1", "--seed", "2", results=tmp_path)
    assert found["messages"]["train"] == 0
    (ran,) = found["runs"]
    report = ran["report"]
    assert set(report["by_type"]) == {"LOC"}
    # The head is untrained: it marks something or other, and of that at least persons must not be counted.
    persons = result_of(name, "--encoder", classifier, "--override", "zero_shot.labels.PER=LOC", results=tmp_path)
    both = persons["runs"][0]["report"]["exact"]
    marked = [each["true_positives"] + each["false_positives"] for each in (report["exact"], both)]
    assert marked[0] < marked[1]


@pytest.mark.parametrize("name", ["zero-shot-flair-ner-english", "zero-shot-flair-ner-english-large"])
def test_finished_taggers_of_flair(name: str, flair_tagger: Path, tmp_path: Path) -> None:
    labels = ("--override", "zero_shot.labels.PER=LOC")
    found = result_of(name, "--encoder", flair_tagger, *labels, "--limit", "20", results=tmp_path)
    assert found["messages"]["dev"] == 20
    exact = found["runs"][0]["report"]["exact"]
    assert exact["true_positives"] + exact["false_positives"] > 0


def test_a_trial_is_printed_and_not_kept(classifier: Path) -> None:
    options = ["zero-shot-bert-base-ner", "--encoder", str(classifier), "--limit", "5"]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    assert "zero-shot-bert-base-ner" in result.stdout.splitlines()[-1]
    assert "Written" not in result.stdout


def test_without_a_recipe_the_table_of_all_results_is_printed(classifier: Path, tmp_path: Path) -> None:
    names = ["zero-shot-bert-base-ner", "zero-shot-affiliation-locations"]
    for name in names:
        result_of(name, "--encoder", classifier, "--limit", "5", results=tmp_path)
    table = CliRunner().invoke(main, ["--results", str(tmp_path)]).stdout
    assert {line.split()[0] for line in table.splitlines()[2:]} == set(names)


def failure(name: str, *options: str | Path, results: Path) -> str:
    result = run(name, *options, results=results)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    return line


def test_labels_that_the_model_does_not_know_are_named(classifier: Path, tmp_path: Path) -> None:
    options = ("--encoder", classifier, "--override", "zero_shot.labels={GPE='LOC'}")
    line = failure("zero-shot-bert-base-ner", *options, results=tmp_path)
    assert "knows none of GPE" in line
    assert "LOC" in line
    assert "PER" in line


def test_failures_are_one_line(tmp_path: Path) -> None:
    assert "flair-stack" in failure("none-such", results=tmp_path)
    assert "training.epoch: unknown key" in failure("itu-winner", "--override", "training.epoch=1", results=tmp_path)
    assert "wnut17.jsonl" in failure("itu-winner", "--override", 'corpus.auxiliary=["wnut17.jsonl"]', results=tmp_path)
    assert "no-corpus" in failure("flair-stack", "--corpus", tmp_path / "no-corpus", results=tmp_path)
    (tmp_path / "weights" / "glove").mkdir(parents=True)
    line = failure("flair-stack", "--encoder", tmp_path / "weights", results=tmp_path)
    assert "embeddings.words.source" in line
    assert "cannot be loaded" in line
    line = failure("transformer-fine-tune", "--encoder", tmp_path / "away", results=tmp_path)
    assert "no such folder or file" in line
    result = run("flair-stack", "--device", "abacus", results=tmp_path)
    assert result.exit_code == 2
    assert "abacus" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["itu-winner", "zero-shot-flair-ner-english"])
def test_a_hub_name_without_a_network_is_one_line_in_a_real_process(name: str, data: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(SCRIPT), name, "--results", str(tmp_path / "results")],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(SCRIPT.parents[1]),
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": str(tmp_path),
            "FLAIR_CACHE_ROOT": str(tmp_path),
            "LMR_DATA": str(data),
        },
        timeout=300,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    line = result.stderr.splitlines()[-1]
    wanted = {"itu-winner": "tner/deberta-v3-large-ontonotes5"}.get(name, "flair/ner-english")
    assert all(word in line for word in [wanted, "no network", "no such model", "--encoder"]), line
    assert not (tmp_path / "results").exists()
