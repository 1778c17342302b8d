"""Several trained models -> one whose weights are their mean, which takes no longer to ask than any of them.

The uniform "soup" of Wortsman et al., Model soups: averaging weights of multiple fine-tuned models improves accuracy
without increasing inference time, ICML 2022. It works where all were trained from the same beginning.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from lmr_hybrid.errors import ModelCorrupt, ModelsDiffer
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.model_card import averaged_model_card
from lmr_hybrid.tagging.model_folder import ENCODER_FOLDER, REMEDY, WEIGHTS_FILE, SavedModel, read_model, write_config
from lmr_hybrid.tagging.model_output import check_new_model, new_model

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    _Weights = dict[str, NDArray[numpy.floating]]

#: Settings that say nothing of what the weights are for.
_FOR_TRAINING = {"dropout", "kept_layers"}


def average_models(folders: Sequence[Path], output: Path) -> None:
    """Write the mean of trained models, at least two, into the folder `output`, which must be new or empty.

    Its settings and thresholds are those of the first; it has neither scores nor a calibration until it is measured.
    Raises `ModelsDiffer` where they are not models of one make, `ModelNotFound`, `ModelFormatMismatch` or
    `ModelCorrupt` where one cannot be read, and `OutputError`.
    """
    if len(folders) < 2:
        raise ValueError("a mean is of at least two models")
    check_new_model(output)
    models = [read_model(folder) for folder in folders]
    for folder, model in zip(folders, models, strict=True):
        _check_make(folder, model, first=folders[0], expected=models[0])
    weights = _mean(folders)
    with new_model(output) as built:
        _write(built, folders, models, weights)


def _check_make(folder: Path, model: SavedModel, *, first: Path, expected: SavedModel) -> None:
    """Raise `ModelsDiffer` where a model is exported, or not of the make of the first."""
    if model.exported is not None:
        raise ModelsDiffer(folder, "is an exported model", "Give the one that it was exported from")
    remedy = "Give models of the same settings, trained from the same beginning by different seeds"
    names = {field.name for field in fields(TaggerConfig)} - _FOR_TRAINING
    if other := sorted(name for name in names if getattr(model.tagger, name) != getattr(expected.tagger, name)):
        raise ModelsDiffer(folder, f"has other settings of the tagger than {first}: {', '.join(other)}", remedy)
    if _encoder_files(model) != _encoder_files(expected):
        raise ModelsDiffer(folder, f"has another encoder than {first}", remedy)


def _encoder_files(model: SavedModel) -> dict[str, str]:
    return {name: checksum for name, checksum in model.files.items() if name.startswith(f"{ENCODER_FOLDER}/")}


def _mean(folders: Sequence[Path]) -> _Weights:
    """Return the mean of each tensor of models; raises `ModelsDiffer` where they do not have the same tensors."""
    import numpy

    first = _read(folders[0])
    sums = {name: value.astype(numpy.float64) for name, value in first.items()}
    for folder in folders[1:]:
        weights = _read(folder)
        if {name: value.shape for name, value in weights.items()} != {name: each.shape for name, each in sums.items()}:
            problem = f"has tensors of other names or shapes than {folders[0]}"
            raise ModelsDiffer(folder, problem, "Give models of the same encoder and settings")
        for name, value in weights.items():
            sums[name] = sums[name] + value
    return {name: (total / len(folders)).astype(first[name].dtype) for name, total in sums.items()}


def _read(folder: Path) -> _Weights:
    from safetensors.numpy import load_file

    try:
        weights: _Weights = load_file(folder / WEIGHTS_FILE)
    # What its reader raises for a garbled file shares no base class below Exception.
    except Exception as error:
        raise ModelCorrupt(folder / WEIGHTS_FILE, f"cannot be read ({error})", REMEDY) from error
    return weights


def _write(built: Path, folders: Sequence[Path], models: Sequence[SavedModel], weights: _Weights) -> None:
    from safetensors.numpy import save_file

    shutil.copytree(folders[0] / ENCODER_FOLDER, built / ENCODER_FOLDER)
    save_file(weights, built / WEIGHTS_FILE)
    files = [built / WEIGHTS_FILE, *sorted((built / ENCODER_FOLDER).iterdir())]
    write_config(built, models[0].tagger, files, thresholds=models[0].thresholds)
    sources = [(folder.name, model.files[WEIGHTS_FILE]) for folder, model in zip(folders, models, strict=True)]
    (built / "README.md").write_text(averaged_model_card(sources, tagger=models[0].tagger), encoding="utf-8")
