"""Thresholds in a model's configuration: written, read, defaulted, refused, carried over, obeyed by both runtimes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lmr_hybrid import Recognizer
from lmr_hybrid.errors import ModelCorrupt
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import Thresholds, read_thresholds, write_thresholds
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, read_model


@pytest.fixture
def model(toy_model: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_model, tmp_path / "model")


def put(model: Path, thresholds: object) -> None:
    path = model / CONFIG_FILE
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "thresholds": thresholds}), encoding="utf-8")


def test_a_model_without_thresholds_has_the_defaults(model: Path) -> None:
    assert "thresholds" not in json.loads((model / CONFIG_FILE).read_text(encoding="utf-8"))
    assert read_thresholds(model) == Thresholds()


def test_what_is_written_is_read_but_for_the_operating_points_bias(model: Path) -> None:
    before = read_model(model)
    write_thresholds(model, Thresholds(unknown=0.9, common=3.0, outside_bias=-2.0))
    assert read_thresholds(model) == Thresholds(unknown=0.9, common=3.0)
    after = read_model(model)
    assert (after.tagger, after.files) == (before.tagger, before.files)
    assert list(json.loads((model / CONFIG_FILE).read_text(encoding="utf-8")))[-1] == "files"


def test_what_is_not_named_has_its_default(model: Path) -> None:
    put(model, {"unknown": 1})
    assert read_thresholds(model) == Thresholds(unknown=1.0)


@pytest.mark.parametrize(
    ("thresholds", "problem"),
    [
        ({"unknow": 0.5}, "no setting 'unknow'"),
        ({"unknown": 1.5}, "unknown = 1.5"),
        ({"unknown": "high"}, 'unknown = "high"'),
        ([0.5], "not a table"),
    ],
    ids=["misspelt", "out of range", "no number", "no table"],
)
def test_unusable_thresholds_are_refused_by_name(model: Path, thresholds: object, problem: str) -> None:
    put(model, thresholds)
    with pytest.raises(ModelCorrupt, match=problem) as caught:
        read_thresholds(model)
    assert caught.value.subject == model / CONFIG_FILE


@pytest.mark.parametrize("text", ["", "[]", None], ids=["empty", "a list", "missing"])
def test_a_folder_without_a_configuration_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / CONFIG_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ModelCorrupt):
        read_thresholds(tmp_path)
    with pytest.raises(ModelCorrupt):
        write_thresholds(tmp_path, Thresholds())


def test_both_runtimes_obey_the_thresholds_of_the_model(model: Path, toy_gazetteer_folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    from lmr_hybrid.tagging.exporting import export_model

    text = "Flooding in Marsh Town"

    def found(folder: Path, runtime: str) -> list[str]:
        recognizer = Recognizer(model=folder, gazetteers=[toy_gazetteer_folder], runtime=runtime)
        return [mention.text for mention in recognizer.recognize(text).mentions]

    assert found(model, "flair") == ["Marsh Town"]
    write_thresholds(model, Thresholds(unknown=1.0))
    export_model(model, model / "exported", precision="float32")
    assert found(model, "flair") == found(model, "onnx") == found(model / "exported", "onnx") == []


def test_the_embedded_model_names_every_threshold() -> None:
    config = json.loads((DEFAULT_MODEL / CONFIG_FILE).read_text(encoding="utf-8"))
    named = {name for name in Thresholds.__dataclass_fields__ if name != "outside_bias"}
    assert set(config["thresholds"]) == named
