"""A saved model -> a folder that runs without PyTorch, compared with the model before it is put into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Literal, get_args

import numpy

from gazetteer import tokenize
from lmr_hybrid.errors import ModelNotExportable, OutputError
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.exporting.graph import Rounding
from lmr_hybrid.tagging.exporting.tagger_graph import build_graph
from lmr_hybrid.tagging.exporting.weights import REMEDY, Weights, read_encoder, read_head
from lmr_hybrid.tagging.model_folder import (
    CONFIG_FILE,
    ENCODER_FOLDER,
    WEIGHTS_FILE,
    ExportedForm,
    SavedModel,
    read_model,
    write_config,
)
from lmr_hybrid.tagging.runtime import EXPORT_VERSION, GRAPH_FILE, TOKENIZER_FILE, ExportedTagger
from lmr_hybrid.tagging.tagger import Tagger

Precision = Literal["int8", "int8-fast", "float32"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
#: What Flair is told that every tokenizer's limit is.
_LONGEST_WINDOW = 512
_CALIBRATION_FILE = "calibration.json"
#: How far the probabilities of an exported model may be off on average, and still be those of the model.
_TOLERANCES: dict[Precision, float] = {"int8": 0.02, "int8-fast": 0.02, "float32": 1e-4}
_ROUNDINGS: dict[Precision, Rounding | None] = {"int8": "row", "int8-fast": "run", "float32": None}
_SAMPLE = (
    "Flooding in Freeport, power out near Lucayan Harbour",
    "RT @user: #Kerala needs water 🌊 https://t.co/x1 …",
    "The road from New York to Grand Bahama is closed. Caño Martín Peña, Straße 12, 東京都",
)


def export_model(folder: str | Path, output: str | Path, *, precision: Precision = "int8") -> float:
    """Write the exported form of a saved model, the folder `output`, which must be new, empty or an exported model.

    "int8" rounds the large matrices, and what they are multiplied with, to 8 bits; "int8-fast" rounds the latter more
    coarsely, by a scale that all texts of a run share, so that a text's scores depend on its neighbours a little;
    "float32" leaves the weights as they are. Returns how far the probabilities of a few texts are off on average.

    Raises `ModelNotFound`, `ModelFormatMismatch` or `ModelCorrupt`, `ModelNotExportable` for an encoder or a setting
    that the exported runtime does not know, and `OutputError`.
    """
    folder, output = Path(folder), Path(output)
    reference = Tagger.load(folder)
    model = read_model(folder)
    _refuse_output(output)
    graph, window = _graph(folder, model.tagger, precision)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as temporary:
            built = Path(temporary) / "model"
            _write(
                built,
                folder,
                model,
                graph,
                ExportedForm(EXPORT_VERSION, precision, window, model.files[WEIGHTS_FILE], tuple(reference.tags)),
            )
            difference = _difference(reference, ExportedTagger.load(built))
            if not difference <= _TOLERANCES[precision]:
                problem = f"would say something else once exported (probabilities are off by {difference:.2g})"
                raise ModelNotExportable(folder, problem, REMEDY)
            _replace(output, built, Path(temporary) / "old")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(output, problem, "Choose another folder by -o") from error
    return difference


def _graph(folder: Path, config: TaggerConfig, precision: Precision) -> tuple[bytes, int]:
    """Return the bytes of the graph and how many pieces its encoder takes at once."""
    if config.subtoken_pooling != "first":
        problem = (
            f"has the pooling {config.subtoken_pooling}; only words that their first piece stands for are exported"
        )
        raise ModelNotExportable(folder, problem, REMEDY)
    if not (folder / ENCODER_FOLDER / TOKENIZER_FILE).exists():
        raise ModelNotExportable(folder, f"has no {ENCODER_FOLDER}/{TOKENIZER_FILE}", REMEDY)
    configuration = json.loads((folder / ENCODER_FOLDER / "config.json").read_text(encoding="utf-8"))
    weights = Weights(folder / WEIGHTS_FILE)
    encoder, head = read_encoder(weights, configuration, folder), read_head(weights)
    count = len(encoder.layers) + 1
    layers = range(count) if config.layers == "all" else [int(number) for number in config.layers.split(",")]
    graph = build_graph(
        encoder, head, layers=layers, columns=len(config.feature_columns), rounding=_ROUNDINGS[precision]
    )
    return graph, min(_LONGEST_WINDOW, len(encoder.positions))


def _write(built: Path, folder: Path, model: SavedModel, graph: bytes, form: ExportedForm) -> None:
    built.mkdir()
    (built / GRAPH_FILE).write_bytes(graph)
    shutil.copyfile(folder / ENCODER_FOLDER / TOKENIZER_FILE, built / TOKENIZER_FILE)
    if _CALIBRATION_FILE in model.files:
        shutil.copyfile(folder / _CALIBRATION_FILE, built / _CALIBRATION_FILE)
    write_config(built, model.tagger, sorted(built.iterdir()), exported=form, thresholds=model.thresholds)


def _difference(reference: Tagger, exported: ExportedTagger) -> float:
    """Return the mean difference of all probabilities on a few texts, in float32."""
    import torch

    texts = [(tokenize(text), ()) for text in _SAMPLE]
    prepared = [reference.prepare(*text) for text in texts]
    with torch.no_grad():
        expected = reference.network.forward(
            *reference.network._prepare_tensors([sentence for sentence, _ in prepared])
        )
    probabilities = expected.float().softmax(dim=-1).cpu().numpy()
    found = exported.probabilities([(view, *text) for (_, view), text in zip(prepared, texts, strict=True)])
    return float(numpy.abs(numpy.concatenate(found) - probabilities).mean())


def _refuse_output(output: Path) -> None:
    """Raise before anything is computed where something else than an exported model would be overwritten."""
    if not output.exists():
        return
    remedy = "Remove it or choose another folder by -o"
    if not output.is_dir():
        raise OutputError(output, "is not a folder", remedy)
    if any(output.iterdir()):
        try:
            exported = "exported" in json.loads((output / CONFIG_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            exported = False
        if not exported:
            raise OutputError(output, "holds something else than an exported model", remedy)


def _replace(output: Path, built: Path, old: Path) -> None:
    if output.exists():
        output.rename(old)
    built.rename(output)
