"""What does exporting a model gain, and what does it cost? The runtimes side by side, in turns, in one run.

    python benchmarks/runtime.py [--model path/to/model] [--work folder] [--rounds 3] [--texts 512]

Exports the model into the work folder, in every precision, unless a former run has. Then, of each runtime: the time of
a new process to its first mention and what that holds in memory, the size on disk, the time of one text and of many,
where that time goes, the scores on IDRISI-R dev, and in how many of its texts the mentions are not those of the
reference, in their spans or in their types. "Processor" seconds are hardly touched by other work on the machine; the
others are by the clock. Writes results/runtime.json.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from record import data_folder, write_result

from gazetteer import WORLD, Gazetteer, tokenize
from lmr_hybrid import Recognition, Recognizer
from lmr_hybrid.corpora import Message, read_idrisi
from lmr_hybrid.errors import ModelError
from lmr_hybrid.evaluation import evaluate
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.exporting import PRECISIONS, export_model
from lmr_hybrid.tagging.features import feature_rows
from lmr_hybrid.tagging.model_folder import WEIGHTS_FILE, read_model
from lmr_hybrid.tagging.opening import Runtime

_FLAIR = "flair"
_START = """
import json, re, sys, time
from lmr_hybrid import Recognizer
recognizer = Recognizer(model=sys.argv[1], runtime=sys.argv[2])
assert recognizer.recognize("Flood in Houston").mentions
print(json.dumps({
    "processor seconds": time.process_time(),
    # The peak that getrusage gives begins with that of the process by which this one was started.
    "memory MB": int(re.findall(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[0]) / 1024,
}))
"""
_ONE = "Flooding in Freeport, power out near Lucayan Harbour #Bahamas"


@click.command()
@click.option("--model", type=click.Path(path_type=Path), default=DEFAULT_MODEL, help="A saved model.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("runtime.work"), show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--texts", type=click.IntRange(min=1), default=512, show_default=True, help="Texts a round.")
@click.option("--scores/--no-scores", default=True, help="Also score all of dev.")
def main(model: Path, work: Path, rounds: int, texts: int, scores: bool) -> None:
    """Compare the runtimes."""
    systems: dict[str, tuple[Path, Runtime]] = {_FLAIR: (model, "flair")}
    train = _texts(read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "train"))
    for precision in PRECISIONS:
        folder = work / precision
        if not _is_exported(model, folder):
            export_model(model, folder, precision=precision, texts=train, gazetteer=Gazetteer.open(WORLD))
        systems[precision] = (folder, "onnx")
    starts = _starts(systems, rounds)
    recognizers = {name: Recognizer(model=folder, runtime=way) for name, (folder, way) in systems.items()}
    messages = read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "dev")
    sample = [message.text for message in messages[:: max(1, len(messages) // texts)]][:texts]
    rates: dict[str, list[dict[str, float]]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name, recognizer in recognizers.items():
            rates[name].append(_rate(recognizer, sample))
    found = {name: list(each.recognize_many(_texts(messages))) for name, each in recognizers.items()} if scores else {}
    rows = {
        name: {
            "start": _summary(starts[name]),
            "MB on disk": round(_size(folder), 1),
            "speed": _summary(rates[name]),
            "milliseconds a text": profile(recognizers[name], sample),
            **(_scores(messages, found[name], found[_FLAIR]) if scores else {}),
        }
        for name, (folder, _) in systems.items()
    }
    for name, row in rows.items():
        click.echo(f"{name}: {json.dumps(row, indent=2)}")
    write_result("runtime", {"texts": len(sample), "rounds": rounds, "seed": None, "runtimes": rows})


def profile(recognizer: Recognizer, texts: Sequence[str]) -> dict[str, float]:
    """Return the processor milliseconds that a text takes at each stage."""
    before = time.process_time()
    tokens = [tokenize(text) for text in texts]
    tokenized = time.process_time()
    matches = [recognizer.gazetteer.matches(*each) for each in zip(texts, tokens, strict=True)]
    matched = time.process_time()
    for each in zip(tokens, matches, strict=True):
        feature_rows(*each)
    featured = time.process_time()
    evidence = list(recognizer.examine(texts))
    examined = time.process_time()
    for one in evidence:
        recognizer.conclude(one)
    spent = {
        "tokenise": tokenized - before,
        "match": matched - tokenized,
        "features": featured - matched,
        "pieces and network": (examined - featured) - (featured - before),
        "rules, score and linking": time.process_time() - examined,
    }
    return {stage: round(1000 * seconds / len(texts), 3) for stage, seconds in spent.items()}


def _is_exported(model: Path, folder: Path) -> bool:
    """Tell whether a former run left the export of these weights."""
    try:
        exported = read_model(folder).exported
    except ModelError:
        return False
    return exported is not None and exported.exported_from == read_model(model).files[WEIGHTS_FILE]


def _starts(systems: dict[str, tuple[Path, Runtime]], rounds: int) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name, (folder, way) in systems.items():
            command = [sys.executable, "-c", _START, str(folder), way]
            before = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - before
            found[name].append({"seconds": seconds, **json.loads(done.stdout.splitlines()[-1])})
    return found


def _rate(recognizer: Recognizer, texts: Sequence[str]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    for _ in recognizer.recognize_many(texts):
        pass
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    times = []
    for _ in range(50):
        before = time.process_time()
        recognizer.recognize(_ONE)
        times.append(time.process_time() - before)
    return {
        "texts a second": len(texts) / wall,
        "texts a processor second": len(texts) / processor,
        "one text, processor milliseconds": 1000 * statistics.median(times),
    }


def _summary(runs: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "median": round(statistics.median(run[name] for run in runs), 3),
            "least": round(min(run[name] for run in runs), 3),
            "most": round(max(run[name] for run in runs), 3),
        }
        for name in runs[0]
    }


def _size(folder: Path) -> float:
    """Return the megabytes of what running the model needs."""
    needed = {".safetensors", ".onnx", ".json", ".txt"}
    return sum(file.stat().st_size for file in folder.rglob("*") if file.suffix in needed) / 1e6


def _scores(
    messages: Sequence[Message], found: Sequence[Recognition], reference: Sequence[Recognition]
) -> dict[str, float]:
    report = evaluate(messages, found)
    pairs = [[_mentions(each) for each in pair] for pair in zip(found, reference, strict=True)]
    return {
        "F1": round(report.exact.f1, 4),
        "typed F1": round(report.typed.f1, 4),
        "texts": len(messages),
        "texts with other spans": sum(
            {span[:2] for span in one} != {span[:2] for span in other} for one, other in pairs
        ),
        "texts with other mentions": sum(one != other for one, other in pairs),
    }


def _mentions(recognition: Recognition) -> list[tuple[int, int, str]]:
    return [(mention.start, mention.end, mention.type) for mention in recognition.mentions]


def _texts(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


if __name__ == "__main__":
    main()
