"""The exported tagger: ONNX Runtime, numpy and `tokenizers`, without PyTorch or Flair."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, Self

import numpy
from numpy.typing import NDArray

from gazetteer import Match, Token
from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch, RuntimeNotFound
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.decoding import TagProbabilities, summarize
from lmr_hybrid.tagging.features import COLUMNS, WIDTH, feature_rows, write_features
from lmr_hybrid.tagging.model_folder import ExportedForm, read_model
from lmr_hybrid.tagging.pieces import PieceMaker
from lmr_hybrid.tagging.preprocessing import View, show

#: Raised whenever an older reader would misread a newer graph, or the other way round.
EXPORT_VERSION = 1
GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
#: About so many pieces a run: what passes between layers then stays near the processor, and Python comes in seldom.
_MOST_PIECES = 256
#: A text as it is shown to the encoder, its tokens and its matches.
_Shown = tuple[View, Sequence[Token], Sequence[Match]]
#: The probabilities of the texts of a run, shape (words, tags), and which rows are of each text.
_Run = tuple[NDArray[numpy.float32], list[slice]]
_REMEDY = "Export the model again with python -m lmr_hybrid export"


class ExportedTagger:
    """A tagger run by ONNX Runtime.

    `threads` is how many processor cores it uses, 0 for all that the process may use (or OMP_NUM_THREADS, where set).
    Each thread has texts of its own, which wastes less than threads that share each matrix product.
    """

    def __init__(
        self, session: Any, pieces: PieceMaker, config: TaggerConfig, form: ExportedForm, *, threads: int = 0
    ) -> None:
        self.config = config
        self.form = form
        self._session = session
        self._pieces = pieces
        self._asked = {value.name for value in session.get_inputs()}
        self._columns = [COLUMNS.index(column) for column in config.feature_columns]
        self._threads = threads or _available_threads()
        self._pool: ThreadPoolExecutor | None = None
        self._pool_of = 0

    @classmethod
    def load(cls, folder: str | Path, *, threads: int = 0) -> Self:
        """Read an exported model's folder.

        Raises `ModelNotFound`, `ModelFormatMismatch`, `ModelCorrupt`, or `RuntimeNotFound` where it is not exported or
        a library is missing.
        """
        folder = Path(folder)
        model = read_model(folder)
        if model.exported is None:
            remedy = f"Export it first: python -m lmr_hybrid export {folder} -o {folder / 'exported'}"
            raise RuntimeNotFound(folder, "is not an exported model", remedy)
        if model.exported.format_version != EXPORT_VERSION:
            problem = f"was exported in format {model.exported.format_version}, this version runs {EXPORT_VERSION}"
            raise ModelFormatMismatch(folder, problem, _REMEDY)
        try:
            session = open_session(folder / GRAPH_FILE)
            pieces = PieceMaker.load(folder / TOKENIZER_FILE, model.exported.window)
        except ImportError as error:
            remedy = "Install onnxruntime and tokenizers, or open the model that it was exported from"
            raise RuntimeNotFound(folder, f"needs a library that is not installed ({error})", remedy) from error
        # What the readers of graphs and tokenizers raise for garbled files shares no base class below Exception.
        except Exception as error:
            raise ModelCorrupt(folder, f"cannot be loaded ({error})", _REMEDY) from error
        return cls(session, pieces, model.tagger, model.exported, threads=threads)

    @property
    def tags(self) -> Sequence[str]:
        """The tags in the order of the graph's scores."""
        return self.form.tags

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        """Return what the tagger thinks of each token of each text; one batch, so mind the memory."""
        return self.begin(texts)()

    def begin(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> Callable[[], list[TagProbabilities]]:
        """Begin `predict` in the tagger's threads, if it has several, and return what waits for the end of it."""
        types = self.config.types
        asked = [number for number, (tokens, _) in enumerate(texts) if tokens]
        shown = [(show(*texts[number], self.config.preprocessing), *texts[number]) for number in asked]
        begun = self._begin(shown)

        def finish() -> list[TagProbabilities]:
            nothing = summarize(numpy.zeros((0, len(self.tags)), numpy.float32), self.tags, types)
            results = [nothing] * len(texts)
            summaries = chain.from_iterable(self._summaries(*run) for run in list(begun))
            for number, (view, _, _), summary in zip(asked, shown, summaries, strict=True):
                results[number] = view.restore(summary, types)
            return results

        return finish

    def probabilities(self, texts: Sequence[_Shown]) -> list[NDArray[numpy.float32]]:
        """Return the probability of each tag for each token shown of each text, shape (tokens, tags)."""
        return [probabilities[rows] for probabilities, own in self._begin(texts) for rows in own]

    def _summaries(self, probabilities: NDArray[numpy.float32], own: Iterable[slice]) -> list[TagProbabilities]:
        """Return what the tagger thinks of each text of a run, given which rows are its own."""
        run = summarize(probabilities, self.tags, self.config.types)
        return [TagProbabilities(run.positions[rows], run.types[rows]) for rows in own]

    def _begin(self, texts: Sequence[_Shown]) -> Iterator[_Run]:
        """Return the probabilities of each run, which the threads compute meanwhile; a single run is not begun yet."""
        split = self._pieces.split([[token.text for token in view.shown] for view, _, _ in texts])
        counts = [sum(map(len, each)) + 1 for each in split]
        runs = max(self._threads, math.ceil(sum(counts) / _MOST_PIECES))
        shares = [slice(*share) for share in _shares(counts, runs)]
        # The network pushes what Python works with out of the processor's caches, so that each has its turn.
        inputs = [self._inputs(split[share], texts[share]) for share in shares]
        lengths = [[len(each) for each in split[share]] for share in shares]
        if self._threads == 1 or len(shares) == 1:
            scores: Iterator[NDArray[numpy.float32]] = map(self._run, inputs)
        else:
            scores = self._own_pool().map(self._run, inputs)
        return zip(map(_softmax, scores), map(_rows_of_texts, lengths), strict=True)

    def _own_pool(self) -> ThreadPoolExecutor:
        """Return the threads of this process: a forked one has none of those of the process that it came from."""
        if self._pool is None or self._pool_of != os.getpid():
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="tagger")
            self._pool_of = os.getpid()
        return self._pool

    def _inputs(self, split: Sequence[Sequence[tuple[int, ...]]], texts: Sequence[_Shown]) -> dict[str, Any]:
        batch = self._pieces.batch(split)
        arrays: dict[str, Any] = batch.arrays()
        if "features" in self._asked:
            arrays["features"] = self._rows(texts, len(batch.words))
        if "words_of_pieces" in self._asked:
            arrays["words_of_pieces"] = batch.words_of_pieces()
        return arrays

    def _run(self, inputs: dict[str, Any]) -> NDArray[numpy.float32]:
        # While it computes, this leaves Python to other threads.
        scores: NDArray[numpy.float32] = self._session.run(None, inputs)[0]
        return scores

    def _rows(self, texts: Sequence[_Shown], count: int) -> NDArray[numpy.float32]:
        rows = numpy.zeros((count, WIDTH), numpy.float32)
        start = 0
        for view, tokens, matches in texts:
            end = start + len(view.shown)
            if view.shown is tokens:
                write_features(rows[start:end], tokens, matches)
            else:
                rows[start:end] = feature_rows(tokens, matches)[list(view.origins)]
            start = end + 1
        return rows if len(self._columns) == WIDTH else rows[:, self._columns]


def open_session(graph: Path | bytes) -> Any:
    """Return ONNX Runtime's session of a graph, a file or its bytes; raises whatever ONNX Runtime does."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Batches differ in shape all the time; memory kept for the shapes of the past would only grow.
    options.enable_mem_pattern = False
    # Fatal ones alone: whatever goes wrong is raised as well.
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _available_threads() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _shares(counts: Sequence[int], runs: int) -> list[tuple[int, int]]:
    """Return where each of at most so many runs of about the same work begins and ends; texts have so many pieces."""
    shares: list[tuple[int, int]] = []
    total, start, before = sum(counts), 0, 0
    for end, count in enumerate(counts, 1):
        before += count
        if end == len(counts) or before * runs >= total * (len(shares) + 1):
            shares.append((start, end))
            start = end
    return shares


def _rows_of_texts(lengths: Sequence[int]) -> list[slice]:
    """Return which rows of a run are of each of its texts, of so many words each."""
    # Behind the words of each text there is a row of zeros.
    starts = accumulate((length + 1 for length in lengths), initial=0)
    return [slice(start, start + length) for start, length in zip(starts, lengths, strict=False)]


def _softmax(scores: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    powers = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: NDArray[numpy.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
