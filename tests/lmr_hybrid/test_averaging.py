"""One model out of several: the mean of their weights, refused where they are not of one make."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from safetensors.numpy import load_file, save_file

from lmr_hybrid import Recognizer
from lmr_hybrid.errors import ModelCorrupt, ModelNotFound, ModelsDiffer, OutputError
from lmr_hybrid.tagging.averaging import average_models
from lmr_hybrid.tagging.exporting import export_model
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, WEIGHTS_FILE, checksum, read_model


def changed(folder: Path, model: Path, *, shift: float = 0.0, drop: str = "", **tagger: object) -> Path:
    """Copy a model with all its weights shifted, one left out, and other settings of the tagger."""
    shutil.copytree(model, folder)
    weights = load_file(folder / WEIGHTS_FILE)
    moved = {
        name: (value + shift).astype(value.dtype) if numpy.issubdtype(value.dtype, numpy.floating) else value
        for name, value in weights.items()
        if not drop or drop not in name
    }
    save_file(moved, folder / WEIGHTS_FILE)
    config = json.loads((folder / CONFIG_FILE).read_text())
    config["tagger"] |= tagger
    config["files"][WEIGHTS_FILE] = checksum(folder / WEIGHTS_FILE)
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    return folder


def test_the_weights_are_the_mean(toy_model: Path, tmp_path: Path) -> None:
    models = [toy_model, *(changed(tmp_path / str(shift), toy_model, shift=shift) for shift in (-0.5, 2))]
    average_models(models, tmp_path / "mean")
    first, mean = load_file(toy_model / WEIGHTS_FILE), load_file(tmp_path / "mean" / WEIGHTS_FILE)
    assert first.keys() == mean.keys()
    for name, value in mean.items():
        assert value.dtype == first[name].dtype
        shift = 0.5 if numpy.issubdtype(value.dtype, numpy.floating) else 0
        assert numpy.allclose(value, first[name] + shift, atol=2e-3)


def test_the_mean_of_a_model_and_itself_answers_as_it_does(
    toy_model: Path, toy_gazetteer_folder: Path, recognizer: Recognizer, tmp_path: Path
) -> None:
    average_models([toy_model, toy_model], tmp_path / "mean")
    text = "Flooding in Freeport, power out near Lucayan Harbour"
    again = Recognizer(model=tmp_path / "mean", gazetteers=[toy_gazetteer_folder])
    assert again.recognize(text).to_dict() == recognizer.recognize(text).to_dict()
    card = (tmp_path / "mean" / "README.md").read_text()
    assert card.count(read_model(toy_model).files[WEIGHTS_FILE]) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"types": ["Country"]}, "other settings"),
        ({"preprocessing": {"remove_handles": True}}, "other settings"),
        ({"drop": "bias"}, "other names or shapes"),
    ],
)
def test_other_makes_are_refused(toy_model: Path, tmp_path: Path, change: dict, words: str) -> None:
    other = changed(tmp_path / "other", toy_model, **change)
    with pytest.raises(ModelsDiffer, match=words):
        average_models([toy_model, other], tmp_path / "mean")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


def test_dropout_is_no_difference(toy_model: Path, tmp_path: Path) -> None:
    average_models([toy_model, changed(tmp_path / "other", toy_model, dropout=0.3)], tmp_path / "mean")
    assert (tmp_path / "mean" / CONFIG_FILE).is_file()


def test_another_encoder_and_an_exported_model_are_refused(toy_model: Path, tmp_path: Path) -> None:
    other = changed(tmp_path / "other", toy_model)
    tokenizer = other / "encoder" / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text() + " ")
    config = json.loads((other / CONFIG_FILE).read_text())
    config["files"]["encoder/tokenizer.json"] = checksum(tokenizer)
    (other / CONFIG_FILE).write_text(json.dumps(config))
    with pytest.raises(ModelsDiffer, match="another encoder"):
        average_models([toy_model, other], tmp_path / "mean")
    export_model(toy_model, tmp_path / "exported", precision="float32")
    with pytest.raises(ModelsDiffer, match="exported"):
        average_models([toy_model, tmp_path / "exported"], tmp_path / "mean")


def test_what_is_no_model_and_what_is_there_already(toy_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        average_models([toy_model, tmp_path / "nothing"], tmp_path / "mean")
    with pytest.raises(ValueError, match="at least two"):
        average_models([toy_model], tmp_path / "mean")
    garbled = changed(tmp_path / "garbled", toy_model)
    (garbled / WEIGHTS_FILE).write_bytes(b"no tensors")
    with pytest.raises(ModelCorrupt):
        average_models([toy_model, garbled], tmp_path / "mean")
    (tmp_path / "mean").mkdir()
    (tmp_path / "mean" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="there already"):
        average_models([toy_model, toy_model], tmp_path / "mean")
    assert (tmp_path / "mean" / "mine.txt").read_text() == "mine"
    with pytest.raises(OutputError, match="cannot be written"):
        average_models([toy_model, toy_model], tmp_path / ("long" * 100))


def test_the_command(toy_model: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lmr_hybrid", "average", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run(toy_model, toy_model, "-o", tmp_path / "mean")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'mean'}: the mean of 2 models\n")
    assert (tmp_path / "mean" / WEIGHTS_FILE).is_file()
    one = run(toy_model, "-o", tmp_path / "other")
    assert one.returncode == 2
    assert "at least two models" in one.stderr
    missing = run(toy_model, tmp_path / "nothing", "-o", tmp_path / "other")
    assert missing.returncode == 2
    assert "nothing: does not exist" in missing.stderr
    assert "Traceback" not in missing.stderr
