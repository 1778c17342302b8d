"""A model made narrower: the right neurons go, what stays answers nearly as before, and bad input is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer
from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import ModelNotPrunable, OutputError, RuntimeNotFound
from lmr_hybrid.tagging.exporting import export_model
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, read_model
from lmr_hybrid.tagging.pruning import choose_neurons, fit, prune_model


def moments_of(values: numpy.ndarray) -> numpy.ndarray:
    """Return the means of the products of any two columns, the last of which is a constant."""
    values = numpy.hstack([values, numpy.ones((len(values), 1))])
    return values.T @ values / len(values) + 1e-9 * numpy.eye(values.shape[1])


@given(st.integers(0, 1000), st.integers(1, 5))
def test_neurons_that_others_can_replace_go_and_nothing_is_lost(seed: int, spare: int) -> None:
    generator = numpy.random.default_rng(seed)
    free = generator.normal(size=(400, 6))
    # Each of the spare ones is made of two others and a constant.
    made = free @ generator.normal(size=(6, spare)) + generator.normal(size=spare)
    values = numpy.hstack([free, made])
    passed_on = generator.normal(size=(6 + spare + 1, 4))
    moments = moments_of(values)
    kept = choose_neurons(moments, passed_on, 6)
    assert len(kept) == 6
    assert list(kept) == sorted(set(kept))
    fitted, lost = fit(moments, passed_on, kept)
    assert lost < 1e-4
    before = values @ passed_on[:-1] + passed_on[-1]
    after = values[:, kept] @ fitted[:-1] + fitted[-1]
    assert numpy.allclose(before, after, atol=0.05 * numpy.abs(before).max())


@given(st.integers(0, 1000))
def test_of_unrelated_neurons_those_go_that_pass_on_least(seed: int) -> None:
    generator = numpy.random.default_rng(seed)
    moments = numpy.diag([*generator.uniform(0.5, 2, size=8), 1.0])
    passed_on = generator.normal(size=(9, 3))
    share = moments.diagonal()[:-1] * (passed_on[:-1] ** 2).sum(axis=1)
    assert set(choose_neurons(moments, passed_on, 5)) == set(numpy.argsort(share)[3:])


def test_the_pruned_model_is_narrower_and_answers_nearly_as_before(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, toy_gazetteer_folder: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    prune_model(
        toy_model, tmp_path / "narrow", neurons=64, messages=toy_corpus, gazetteer=toy_gazetteer, report=lines.append
    )
    assert [line.split("  ")[0] for line in lines] == ["layer 1/2", "layer 2/2"]
    configuration = json.loads((tmp_path / "narrow" / "encoder" / "config.json").read_text())
    assert configuration["intermediate_size"] == 64
    assert read_model(tmp_path / "narrow").tagger == read_model(toy_model).tagger
    before = Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder])
    after = Recognizer(model=tmp_path / "narrow", gazetteers=[toy_gazetteer_folder])
    texts = [message.text for message in toy_corpus]
    same = sum(
        [(each.start, each.end) for each in one.mentions] == [(each.start, each.end) for each in other.mentions]
        for one, other in zip(before.recognize_many(texts), after.recognize_many(texts), strict=True)
    )
    assert same >= 0.9 * len(texts)


def test_a_pruned_model_is_exported_and_keeps_its_thresholds(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    shutil.copytree(toy_model, tmp_path / "wide")
    config = json.loads((tmp_path / "wide" / CONFIG_FILE).read_text())
    config["thresholds"] = {"unknown": 0.61}
    (tmp_path / "wide" / CONFIG_FILE).write_text(json.dumps(config))
    prune_model(tmp_path / "wide", tmp_path / "narrow", neurons=100, messages=toy_corpus[:20], gazetteer=toy_gazetteer)
    assert read_model(tmp_path / "narrow").thresholds == {"unknown": 0.61}
    assert export_model(tmp_path / "narrow", tmp_path / "exported", precision="float32") < 1e-4


@pytest.mark.parametrize("neurons", [0, 128, 1000])
def test_as_many_neurons_or_none_are_refused(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, tmp_path: Path, neurons: int
) -> None:
    with pytest.raises(ModelNotPrunable, match="Give from 1 to 127"):
        prune_model(toy_model, tmp_path / "new", neurons=neurons, messages=toy_corpus, gazetteer=toy_gazetteer)
    assert not (tmp_path / "new").exists()


def test_no_words_another_architecture_and_what_is_there_are_refused(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotPrunable, match="none has a word"):
        prune_model(toy_model, tmp_path / "new", neurons=64, messages=[], gazetteer=toy_gazetteer)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="there already"):
        prune_model(toy_model, tmp_path / "there", neurons=64, messages=toy_corpus, gazetteer=toy_gazetteer)
    (tmp_path / "file").write_text("")
    for output in (tmp_path / ("long" * 100), tmp_path / "file" / "new"):
        # Known before any of the messages is looked at.
        with pytest.raises(OutputError, match="cannot be written"):
            prune_model(toy_model, output, neurons=64, messages=[], gazetteer=toy_gazetteer)
    export_model(toy_model, tmp_path / "exported", precision="float32")
    with pytest.raises(RuntimeNotFound):
        prune_model(tmp_path / "exported", tmp_path / "new", neurons=64, messages=toy_corpus, gazetteer=toy_gazetteer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exported", "file", "there"]


def test_the_command(toy_model: Path, toy_corpus: list[Message], tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(json.dumps({"text": message.text, "mentions": []}) for message in toy_corpus[:30]))

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lmr_hybrid", "prune", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run(toy_model, "--neurons", 64, "--texts", corpus, "--texts", corpus, "-o", tmp_path / "narrow")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(tmp_path / "narrow")
    assert "layer 2/2  128 neurons -> 64" in done.stdout
    for arguments, words in {
        (toy_model, "--neurons", 128, "--texts", corpus): "Give from 1 to 127",
        (toy_model, "--neurons", 0, "--texts", corpus): "0 is not in the range",
        (toy_model, "--neurons", 64): "Missing option '--texts'",
        (toy_model, "--neurons", 64, "--texts", tmp_path / "nothing"): "nothing",
        (tmp_path / "nothing", "--neurons", 64, "--texts", corpus): "does not exist",
    }.items():
        failed = run(*arguments, "-o", tmp_path / "other")
        assert failed.returncode == 2
        assert words in failed.stderr
        assert "Traceback" not in failed.stderr
