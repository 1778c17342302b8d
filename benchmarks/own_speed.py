"""Where our own time goes, measured in a process of its own; `throughput.py` runs it.

    python own_speed.py core|gpu INPUT.json OUTPUT.json

The input is that of `annotators.py`. The output is empty where there is no GPU.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from runtime import profile

from gazetteer import tokenize
from lmr_hybrid import Recognizer
from lmr_hybrid.tagging.runtime import ExportedTagger

#: Characters of the texts that tell how the time grows with length.
LENGTHS = (100, 1_000, 10_000, 100_000)


class _Clocked:
    """An ONNX Runtime session that counts the processor seconds spent in it."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.seconds = 0.0

    def run(self, *arguments: Any) -> Any:
        before = time.thread_time()
        try:
            return self._session.run(*arguments)
        finally:
            self.seconds += time.thread_time() - before


def core(given: dict[str, Any]) -> dict[str, Any]:
    """Return the milliseconds of texts, one by one and together, with and without the network, and by length."""
    texts: list[str] = given["texts"]
    recognizer = Recognizer(model=given["model"])
    _run(recognizer, given["warm_up"])
    half = len(texts) // 2
    new, seen = (beyond_the_network(recognizer, texts[:half]) for _ in range(2))
    return {
        **new,
        **{f"{name}, of texts seen before": value for name, value in seen.items()},
        "stages": profile(recognizer, texts[half:]),
        "one text": one_by_one(recognizer, texts),
        "lengths": [by_length(recognizer, texts, length) for length in LENGTHS],
    }


def beyond_the_network(recognizer: Recognizer, texts: Sequence[str]) -> dict[str, float]:
    """Return the processor milliseconds a text in the network and in all else."""
    tagger: Any = recognizer._tagger
    if not isinstance(tagger, ExportedTagger):
        return {}
    session = tagger._session
    tagger._session = clocked = _Clocked(session)
    seconds = _run(recognizer, texts)
    tagger._session = session
    return {
        "network, ms": 1000 * clocked.seconds / len(texts),
        "all else, ms": 1000 * (seconds - clocked.seconds) / len(texts),
    }


def one_by_one(recognizer: Recognizer, texts: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds by the clock of one text at a time: of half of them it is less, of one in 100 more."""
    times = []
    for text in texts:
        before = time.perf_counter()
        recognizer.recognize(text)
        times.append(1000 * (time.perf_counter() - before))
    return {"median, ms": float(numpy.median(times)), "p99, ms": float(numpy.percentile(times, 99))}


def by_length(recognizer: Recognizer, texts: Sequence[str], length: int) -> dict[str, float]:
    """Return what a text of so many characters takes, made of the texts one behind another."""
    text = "\n".join(texts)
    text = (text * (length // len(text) + 1))[:length]
    tokens = len(tokenize(text))
    repeat = max(1, 3_000 // length)
    seconds = sorted(_run(recognizer, [text]) for _ in range(2 * repeat + 1))[repeat]
    return {
        "characters": length,
        "tokens": tokens,
        "ms": 1000 * seconds,
        "microseconds a token": 1_000_000 * seconds / tokens,
    }


def gpu(given: dict[str, Any], *, batch_size: int = 512) -> dict[str, Any]:
    """Return texts a second of the reference on a GPU and the share of its matrix rate; nothing where there is none."""
    import torch

    if not torch.cuda.is_available():
        return {}
    texts: list[str] = given["texts"]
    recognizer = Recognizer(model=given["model"], runtime="flair")
    tagger: Any = recognizer._tagger
    many = [text for _ in range(max(1, 20_000 // len(texts))) for text in texts]
    list(recognizer.recognize_many(many[: 4 * batch_size], batch_size=batch_size))
    before = time.perf_counter()
    found = sum(1 for _ in recognizer.recognize_many(many, batch_size=batch_size))
    rate = found / (time.perf_counter() - before)
    encoder = tagger.network.embeddings.embeddings[0]
    pieces = numpy.mean([len(encoder.tokenizer(text).input_ids) for text in texts])
    weights = sum(module.weight.numel() for module in tagger.network.modules() if isinstance(module, torch.nn.Linear))
    return {
        "device": torch.cuda.get_device_name(),
        "texts a second": rate,
        "share of the matrix rate": 2 * weights * float(pieces) * rate / _matrix_rate(),
    }


def _matrix_rate(size: int = 8_192, repeat: int = 20) -> float:
    """Return the operations a second of large bfloat16 matrix products on the GPU."""
    import torch

    matrix = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    matrix @ matrix
    torch.cuda.synchronize()
    before = time.perf_counter()
    for _ in range(repeat):
        matrix @ matrix
    torch.cuda.synchronize()
    return 2 * size**3 * repeat / (time.perf_counter() - before)


def _run(recognizer: Recognizer, texts: Sequence[str]) -> float:
    """Return the processor seconds that texts take."""
    before = time.process_time()
    for _ in recognizer.recognize_many(texts):
        pass
    return time.process_time() - before


MEASURES = {"core": core, "gpu": gpu}

if __name__ == "__main__":
    content = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    Path(sys.argv[3]).write_text(json.dumps(MEASURES[sys.argv[1]](content)), encoding="utf-8")
