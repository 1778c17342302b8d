"""A saved model -> a folder that runs without PyTorch, compared with the model before it is put into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.articles import without_articles
from lmr_hybrid.errors import ModelNotExportable, OutputError
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.exporting.graph import FixedRounding, Graph
from lmr_hybrid.tagging.exporting.ranges import WatchingGraph, WatchingSession
from lmr_hybrid.tagging.exporting.tagger_graph import build_graph
from lmr_hybrid.tagging.exporting.weights import REMEDY, Encoder, Head, Weights, read_encoder, read_head
from lmr_hybrid.tagging.model_folder import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    ENCODER_FOLDER,
    WEIGHTS_FILE,
    ExportedForm,
    SavedModel,
    read_model,
    write_config,
)
from lmr_hybrid.tagging.pieces import PieceMaker
from lmr_hybrid.tagging.runtime import EXPORT_VERSION, GRAPH_FILE, TOKENIZER_FILE, ExportedTagger, open_session
from lmr_hybrid.tagging.tagger import Tagger

Precision = Literal["int8", "int8-static", "float32"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
#: What Flair is told that every tokenizer's limit is.
_LONGEST_WINDOW = 512
#: How far the probabilities of an exported model may be off on average, and still be those of the model.
_TOLERANCES: dict[Precision, float] = {"int8": 0.02, "int8-static": 0.02, "float32": 1e-4}
#: About so many texts tell as much as all.
_MOST_TEXTS = 2_000
_BATCH = 64
#: The tokens of a text and its matches.
_Example = tuple[Sequence[Token], Sequence[Match]]
_SAMPLE = (
    "Flooding in Freeport, power out near Lucayan Harbour",
    "RT @user: #Kerala needs water 🌊 https://t.co/x1 …",
    "The road from New York to Grand Bahama is closed. Caño Martín Peña, Straße 12, 東京都",
)


@dataclass(frozen=True, slots=True)
class _Network:
    """All that a graph is built from; `window` is how many pieces the encoder takes at once."""

    encoder: Encoder
    head: Head
    layers: Sequence[int]
    columns: int
    window: int

    def build(self, graph: Graph) -> bytes:
        """Return the bytes of the graph, which is empty before."""
        return build_graph(graph, self.encoder, self.head, layers=self.layers, columns=self.columns)


def export_model(
    folder: str | Path,
    output: str | Path,
    *,
    precision: Precision = "int8",
    texts: Sequence[str] = (),
    gazetteer: Gazetteer | None = None,
) -> float:
    """Write the exported form of a saved model, the folder `output`, which must be new, empty or an exported model.

    "int8" rounds the large matrices, and what they are multiplied with, to 8 bits, the latter by scales made anew for
    each row; "int8-static" fixes these scales by what the model makes of `texts`, messages like those to come with what
    `gazetteer` knows of them; "float32" leaves the weights as they are. In none does a text's result depend on its
    neighbours. Returns how far the probabilities of a few texts are off on average.

    Raises `ModelNotFound`, `ModelFormatMismatch` or `ModelCorrupt`, `ModelNotExportable` for an encoder or a setting
    that the exported runtime does not know or where "int8-static" is given no word, and `OutputError`.
    """
    folder, output = Path(folder), Path(output)
    if precision == "int8-static" and not any(map(tokenize, texts)):
        problem = "needs texts to fix its scales by, and there is no word in those given"
        raise ModelNotExportable(folder, problem, "Give messages like those to come, or export it as int8")
    reference = Tagger.load(folder)
    model = read_model(folder)
    _refuse_output(output)
    network = _read_network(folder, model.tagger)
    form = ExportedForm(EXPORT_VERSION, precision, network.window, model.files[WEIGHTS_FILE], tuple(reference.tags))
    if precision == "float32":
        graph = network.build(Graph())
    elif precision == "int8":
        graph = network.build(Graph("row"))
    else:
        some = texts[:: max(1, len(texts) // _MOST_TEXTS)]
        examples = [_example(text, gazetteer) for text in some]
        graph = network.build(Graph(_fixed_roundings(network, folder, model.tagger, form, examples)))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as temporary:
            built = Path(temporary) / "model"
            _write(built, folder, model, graph, form)
            difference = _difference(reference, ExportedTagger.load(built))
            if not difference <= _TOLERANCES[precision]:
                problem = f"would say something else once exported (probabilities are off by {difference:.2g})"
                raise ModelNotExportable(folder, problem, REMEDY)
            _replace(output, built, Path(temporary) / "old")
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(output, problem, "Choose another folder by -o") from error
    return difference


def _read_network(folder: Path, config: TaggerConfig) -> _Network:
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
    return _Network(encoder, head, layers, len(config.feature_columns), min(_LONGEST_WINDOW, len(encoder.positions)))


def _example(text: str, gazetteer: Gazetteer | None) -> _Example:
    tokens = tokenize(text)
    return tokens, without_articles(gazetteer.matches(text, tokens)) if gazetteer else ()


def _fixed_roundings(
    network: _Network,
    folder: Path,
    config: TaggerConfig,
    form: ExportedForm,
    examples: Sequence[_Example],
) -> dict[str, FixedRounding]:
    """Return the rounding of what each linear layer is given, by what the unrounded model makes of the examples."""
    graph = WatchingGraph()
    session = WatchingSession(open_session(network.build(graph)), graph.ranges)
    pieces = PieceMaker.load(folder / ENCODER_FOLDER / TOKENIZER_FILE, network.window)
    tagger = ExportedTagger(session, pieces, config, form, threads=1)
    for start in range(0, len(examples), _BATCH):
        tagger.predict(examples[start : start + _BATCH])
    return {name: range_.rounding() for name, range_ in graph.ranges.items()}


def _write(built: Path, folder: Path, model: SavedModel, graph: bytes, form: ExportedForm) -> None:
    built.mkdir()
    (built / GRAPH_FILE).write_bytes(graph)
    shutil.copyfile(folder / ENCODER_FOLDER / TOKENIZER_FILE, built / TOKENIZER_FILE)
    if CALIBRATION_FILE in model.files:
        shutil.copyfile(folder / CALIBRATION_FILE, built / CALIBRATION_FILE)
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
        except (OSError, ValueError, RecursionError, TypeError):
            exported = False
        if not exported:
            raise OutputError(output, "holds something else than an exported model", remedy)


def _replace(output: Path, built: Path, old: Path) -> None:
    if output.exists():
        output.rename(old)
    built.rename(output)
