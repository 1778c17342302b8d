"""How fast are a million names looked through for a misspelt one, how often is the right one found, at what size?

    python benchmarks/fuzzy.py

The names are those of the embedded gazetteer of the world and, up to the number wanted, two or three of their words as
they come. Runs on one core; writes results/fuzzy.json.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy
from misspell import KINDS_OF_SLIP, misspellings
from record import write_result
from wordfreq import top_n_list

from gazetteer import WORLD
from gazetteer.compiled import CompiledGazetteer
from gazetteer.fuzzy import FUZZY_FILES, FuzzyIndex
from gazetteer.manifest import read_manifest

SEED = 3
LEAST_SCORE = 85.0
TOPS = (1, 3, 10)
_BANDS = ((6, 7), (8, 10), (11, 15), (16, 40))
_HOW_COUNTED = (
    "Queries come of names of at least 6 letters, spaces apart, and are no names of the index. The name meant "
    "is found among the top k if its score is at least 85 and fewer than k names have a higher one, so that of names "
    "equally near each counts; 'strict' counts it only if it is among the k returned, where equals are in alphabetical "
    "order. 'two slips' are two of insert, delete, replace and swap, 2 apart by optimal string alignment; 'sound and "
    "slip' is a spelling by ear and one of those."
)
_FRESH = """
import json, sys, time
from pathlib import Path
import numpy, rapidfuzz.process, rapidfuzz.distance
from gazetteer.fuzzy import FuzzyIndex
def resident():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
queries = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
before = resident()
started = time.perf_counter()
index = FuzzyIndex.open(Path(sys.argv[1]))
opened = time.perf_counter() - started
for query in queries:
    index.lookup(query, limit=3, least_score=85.0)
print(json.dumps([1000 * opened, resident() - before]))
"""


@click.command()
@click.option("--names", "count", type=click.IntRange(min=10_000), default=1_000_000, show_default=True)
@click.option("--samples", type=click.IntRange(min=50), default=1_000, show_default=True, help="Queries of each kind.")
@click.option("--repeat", type=click.IntRange(min=1), default=5, show_default=True, help="Runs of each timing.")
def main(count: int, samples: int, repeat: int) -> None:
    """Measure times, sizes and recall."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    names, of_world = some_names(count)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        compiling = [_seconds(lambda: FuzzyIndex.compile(names, folder)) for _ in range(repeat)]
        size = sum((folder / file).stat().st_size for file in FUZZY_FILES) / 1e6
        index = FuzzyIndex.open(folder)
        recall = {
            "all names": _recall(index, names, names, samples),
            "names of the embedded gazetteer": _recall(index, names, names[:of_world], samples),
        }
        misspelt = [query for _, query in misspellings(names, "one slip", samples, seed=SEED)]
        misspelt += [query for _, query in misspellings(names[:of_world], "one slip", samples, seed=SEED)]
        queries = {"misspelt names": misspelt, "phrases": _phrases(len(misspelt))}
        times = {kind: _times(index, each, repeat) for kind, each in queries.items()}
        mixed = [query for pair in zip(*queries.values(), strict=True) for query in pair]
        many = [_seconds(lambda: index.lookup_many(mixed, limit=3, least_score=LEAST_SCORE)) for _ in range(repeat)]
        opening, resident = zip(*(_fresh(folder, mixed[:1_000]) for _ in range(repeat)), strict=True)
    result = {
        "names": {"all": len(names), "of the embedded gazetteer": of_world},
        "seed": SEED,
        "packages": {package: version(package) for package in ("numpy", "rapidfuzz")},
        "compile_seconds": _spread(compiling),
        "megabytes_on_disk": round(size, 1),
        "open_milliseconds": _spread(opening),
        "megabytes_added_resident_by_1000_queries": _spread(resident),
        "milliseconds_a_query": {
            **times,
            "both in one batch of lookup_many": _spread([1000 * each / len(mixed) for each in many]),
        },
        "recall_counted": _HOW_COUNTED,
        "recall": recall,
    }
    write_result("fuzzy", result)
    click.echo(json.dumps({key: result[key] for key in result if not key.startswith("recall")}, indent=1))
    for of_names, kinds in recall.items():
        click.echo(f"\n{of_names}")
        for kind, row in kinds.items():
            click.echo(f"  {kind:<34}" + "  ".join(f"{name} {value}" for name, value in row.items()))


def some_names(count: int) -> tuple[list[str], int]:
    """Return `count` different normalised names, the same in every run, and how many at the start are of the world."""
    manifest = read_manifest(WORLD)
    names = sorted(set(CompiledGazetteer(WORLD / manifest.compiled, matcher=manifest.matcher).names()))[:count]
    of_world, known = len(names), set(names)
    words = [word for name in names for word in name.split(" ")]
    draw = random.Random(SEED)
    while len(names) < count:
        name = " ".join(draw.choices(words, k=draw.choice((2, 3))))
        if name not in known:
            known.add(name)
            names.append(name)
    return names, of_world


def _phrases(count: int) -> list[str]:
    """Return one to three frequent English words in a row, as they come; few of them are like a name."""
    words = [word for word in top_n_list("en", 8_000) if word.isascii() and word.isalpha()]
    draw = random.Random(SEED)
    return [" ".join(draw.choices(words, k=draw.choice((1, 2, 3)))) for _ in range(count)]


def _recall(index: FuzzyIndex, names: Sequence[str], meant: Sequence[str], samples: int) -> dict[str, dict[str, float]]:
    known, rows = set(names), {}
    for kind in KINDS_OF_SLIP:
        pairs = [pair for pair in misspellings(meant, kind, samples, seed=SEED) if pair[1] not in known]
        if len(pairs) < 50:
            continue
        ranks = [(name, *_ranks(index, name, query)) for name, query in pairs]
        rows[kind] = _row(ranks)
        if kind in ("one slip", "two slips"):
            for low, high in _BANDS:
                band = [rank for rank in ranks if low <= len(rank[0].replace(" ", "")) <= high]
                rows[f"{kind}, {low} to {high} letters"] = _row(band)
    return rows


def _ranks(index: FuzzyIndex, name: str, query: str) -> tuple[float, float]:
    """Return how many names are better than the one meant, and how many come before it; infinite if it is not found."""
    found = index.lookup(query, limit=10_000, least_score=LEAST_SCORE)
    at = next((at for at, match in enumerate(found) if match.name == name), None)
    if at is None:
        return float("inf"), float("inf")
    return sum(match.score > found[at].score for match in found), at


def _row(ranks: Sequence[tuple[str, float, float]]) -> dict[str, float]:
    count = max(1, len(ranks))
    row: dict[str, float] = {"queries": len(ranks)}
    row |= {f"top {top}": round(sum(better < top for _, better, _ in ranks) / count, 4) for top in TOPS}
    row |= {f"top {top} strict": round(sum(before < top for _, _, before in ranks) / count, 4) for top in TOPS}
    return row


def _times(index: FuzzyIndex, queries: Sequence[str], repeat: int) -> dict[str, dict[str, float]]:
    percentiles: dict[str, list[float]] = {"median": [], "99th percentile": [], "longest": []}
    for _ in range(repeat):
        taken = []
        for query in queries:
            started = time.perf_counter()
            index.lookup(query, limit=3, least_score=LEAST_SCORE)
            taken.append(1000 * (time.perf_counter() - started))
        for name, value in zip(percentiles, numpy.percentile(taken, [50, 99, 100]), strict=True):
            percentiles[name].append(float(value))
    return {name: _spread(values) for name, values in percentiles.items()}


def _fresh(folder: Path, queries: Sequence[str]) -> tuple[float, float]:
    """Return the milliseconds of opening and the megabytes that queries add, in a new process."""
    (folder / "queries.json").write_text(json.dumps(queries), encoding="utf-8")
    command = [sys.executable, "-W", "error", "-c", _FRESH, str(folder), str(folder / "queries.json")]
    opened, resident = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return opened, resident


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


if __name__ == "__main__":
    main()
