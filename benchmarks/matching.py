"""How fast are names found in texts, how soon is a gazetteer ready, and what memory does it take?

    python benchmarks/matching.py

A million names are made out of the embedded world gazetteer's: all of these, and combinations of two and three of their
words, drawn as often as the names use them (Zipf), and of new words besides. Gazetteers of growing parts of them are
compiled with either matcher, and each is opened in new processes. The texts are IDRISI-R's train tweets where the
corpus is at hand, else sentences made of the world's names, no two the same. `match_many` is given them as one list.

- "first_pass": once over all texts, none of which the process has seen. Before it come 500 other texts (of dev), as a
  process that stays up has some behind it; what it remembers of their words and names is kept.
- "texts_per_second": the median of five more passes over the same texts; "overlapping" is `matches_many` over them.
- "alone": the first pass of another new process in which the texts come from a generator, and so one by one.

Rates are per second of processor time of the one thread that there is. "Resident" is taken after all passes; most of
it is the mapped files, which processes share; "private" is the rest. "Open" includes the checksums of all files.
Writes results/matching.json.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from typing import Any

import click
import numpy
import pyarrow
from record import data_folder, write_result

from gazetteer import WORLD, Gazetteer
from gazetteer.compiled import CompiledGazetteer, compiled_files
from gazetteer.compiling import compile_gazetteer
from gazetteer.fuzzy import FUZZY_FILES, FuzzyIndex
from gazetteer.manifest import checksum, write_manifest
from gazetteer.places import KINDS, NAME_KINDS, PARENT_BASES, NameKind, PlaceKind

NEW_WORDS = 105_000
WARM_UP = 500
COMPILED = "compiled"
_SIZES = (("automaton", 50_000), ("automaton", 100_000), ("automaton", 200_000), ("automaton", 400_000))
_TRIES = (("trie", 50_000), ("trie", 200_000), ("trie", 1_000_000))
_TEMPLATES = (
    "RT @user_{i}: Flooding in {a}, power out near {b} #{c} https://t.co/x{i}",
    "Prayers for the people of #{a} and {b}. Donate to the relief fund now!",
    "My family of 4 needs water and food, we are stuck on {b} since last night… please help",
    "The Governor of {a} has declared a state of emergency after the storm hit {c} and {b} — more than 100 dead",
)
_PROGRAM = """
import json, sys, time
started = time.perf_counter()
from gazetteer import Gazetteer
imported, imported_cpu = time.perf_counter(), time.process_time()
opened = Gazetteer.open(sys.argv[1])
opened.match("Flood in Houston")
ready, ready_cpu = time.perf_counter(), time.process_time()
warm_up, texts = json.load(open(sys.argv[2]))
alone = sys.argv[3] == "alone"
for matches in opened.match_many(iter(warm_up) if alone else warm_up):
    pass
rates = []
found = 0
for number in range(1 if alone else 6):
    before = time.process_time()
    for matches in opened.match_many(iter(texts) if alone else texts):
        found += len(matches)
    rates.append(len(texts) / (time.process_time() - before))
if alone:
    print(json.dumps({"texts_per_second_first_pass_alone": rates[0]}))
    sys.exit()
before = time.process_time()
for matches in opened.matches_many(texts):
    pass
overlapping = len(texts) / (time.process_time() - before)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "import_seconds": imported - started,
    "open_seconds": ready - imported,
    "open_cpu_seconds": ready_cpu - imported_cpu,
    "texts_per_second_first_pass": rates[0],
    "texts_per_second": sorted(rates[1:])[2],
    "texts_per_second_overlapping": overlapping,
    "matches_per_text": found / len(texts) / 6,
    "resident_mb": int(status["VmRSS"].split()[0]) / 1024,
    "resident_private_mb": int(status["RssAnon"].split()[0]) / 1024,
    "peak_resident_mb": int(status["VmHWM"].split()[0]) / 1024,
}))
"""


def made_names(known: list[str], count: int) -> list[str]:
    """Return `count` names in random order, the known ones and combinations of their words, always the same ones."""
    generator = numpy.random.default_rng(0)
    uses = Counter(word for name in known for word in name.split(" "))
    words = sorted(uses, key=lambda word: (-uses[word], word))
    halves = [word for word in words if len(word) >= 4]
    new: dict[str, None] = {}
    while len(new) < NEW_WORDS:
        first, second = (halves[number] for number in generator.integers(len(halves), size=2))
        word = first[: len(first) // 2 + 1] + second[len(second) // 2 :]
        if word not in uses:
            new[word] = None
    words += new
    weights = numpy.array([uses.get(word, 1) for word in words], float)
    weights /= weights.sum()
    names = dict.fromkeys(known)
    while len(names) < count:
        drawn = generator.choice(len(words), size=(100_000, 3), p=weights).tolist()
        for numbers, length in zip(drawn, generator.integers(2, 4, size=len(drawn)).tolist(), strict=True):
            names[" ".join(words[number] for number in numbers[:length])] = None
    chosen = list(islice(names, count))
    return [chosen[number] for number in generator.permutation(count).tolist()]


def tables(world: CompiledGazetteer, names: list[str]) -> tuple[pyarrow.Table, pyarrow.Table]:
    """Return the tables of places and names from which a gazetteer of `names` is compiled.

    The names that the world gazetteer lacks are roads, each with one place.
    """
    generator = numpy.random.default_rng(1)
    places: list[dict[str, Any]] = []
    rows_of: dict[int, int] = {}
    summary = []
    chosen = set(names)
    for name in sorted(names):
        key = world.key(name)
        if key is None:
            longitude, latitude = generator.uniform(-180, 180), generator.uniform(-60, 70)
            identifier = f"osm:way/{1_000_000_007 + 911 * len(places)}"
            places.append(_row(identifier, name.title(), PlaceKind.ROAD, latitude, longitude, importance=0.05))
            own = [len(places) - 1]
            kinds, name_kinds, importance, derived_from = [PlaceKind.ROAD], [NameKind.NAME], 0.05, ""
        else:
            own = []
            for row in world.rows(key).tolist():
                if row not in rows_of:
                    rows_of[row] = len(places)
                    place = world.place(row)
                    more: dict[str, Any] = {
                        "country": place.country,
                        "admin1": place.admin1,
                        "population": place.population,
                    }
                    more |= {"importance": place.importance, "wikidata": place.wikidata}
                    places.append(_row(place.id, place.name, place.kind, place.latitude, place.longitude, **more))
                own.append(rows_of[row])
            facts = world.entry(key)[1]
            kinds, name_kinds, importance = list(facts.kinds), list(facts.name_kinds), facts.importance
            derived_from = facts.derived_from if facts.derived_from in chosen else ""
        summary.append(
            {
                "name": name,
                "places": own,
                "kinds": [KINDS.index(kind) for kind in kinds],
                "name_kinds": [NAME_KINDS.index(kind) for kind in name_kinds],
                "importance": importance,
                "derived_from": derived_from,
            }
        )
    for number, made in enumerate(places[1:], 1):  # any parents will do, for their width on disk
        made["parent"], made["parent_basis"] = number // 40, len(PARENT_BASES)
    return pyarrow.Table.from_pylist(places, _PLACES), pyarrow.Table.from_pylist(summary, _NAMES)


_PLACES = pyarrow.schema(
    [
        *((name, pyarrow.string()) for name in ("id", "name", "country", "admin1", "wikidata")),
        *((name, pyarrow.float64()) for name in ("latitude", "longitude")),
        *((name, pyarrow.uint8()) for name in ("kind", "parent_basis")),
        ("population", pyarrow.uint64()),
        ("importance", pyarrow.float32()),
        ("parent", pyarrow.uint32()),
    ]
)
_NAMES = pyarrow.schema(
    [
        ("name", pyarrow.string()),
        ("places", pyarrow.list_(pyarrow.uint32())),
        ("kinds", pyarrow.list_(pyarrow.uint8())),
        ("name_kinds", pyarrow.list_(pyarrow.uint8())),
        ("importance", pyarrow.float32()),
        ("derived_from", pyarrow.string()),
    ]
)


def _row(
    identifier: str, name: str, kind: PlaceKind, latitude: float, longitude: float, **more: str | float
) -> dict[str, Any]:
    blank = {"country": "", "admin1": "", "wikidata": "", "population": 0, "parent": None, "parent_basis": 0}
    located = {"latitude": latitude, "longitude": longitude}
    return blank | {"id": identifier, "name": name, "kind": KINDS.index(kind)} | located | more


def texts_to_match(world: CompiledGazetteer) -> tuple[str, list[str], list[str]]:
    """Return what the texts are, those to warm up with, and those to measure with, all different."""
    train, warm_up = _tweets("train"), _tweets("dev")
    if train:
        seen = set(train)
        others = [text for text in dict.fromkeys(warm_up) if text not in seen]
        return "IDRISI-R English, random split, train", others[:WARM_UP], list(dict.fromkeys(train))
    names = [world.place(row).name for row in islice(world.best_rows(), 3_000)]
    rows = product(range(len(names) // 6), enumerate(_TEMPLATES))
    texts = [
        template.format(i=number, a=names[number], b=names[-number - 1], c=names[number + kind].replace(" ", ""))
        for number, (kind, template) in rows
    ]
    return "sentences made of the world gazetteer's names", texts[:WARM_UP], texts[WARM_UP:]


def _tweets(split: str) -> list[str]:
    files = sorted((data_folder() / "idrisi-r" / "EN" / "gold-random-json").glob(f"*/{split}.jsonl"))
    lines = (line for path in files for line in path.read_text(encoding="utf-8").splitlines())
    return [json.loads(line)["text"] for line in lines]


def measure(folder: Path, texts: Path, repeat: int) -> dict[str, float]:
    """Return the medians of what `repeat` new processes measure."""
    command = [sys.executable, "-c", _PROGRAM, str(folder), str(texts)]
    runs = []
    for _ in range(repeat):
        outputs = [
            subprocess.run([*command, way], check=True, capture_output=True).stdout for way in ("together", "alone")
        ]
        runs.append(json.loads(outputs[0]) | json.loads(outputs[1]))
    return {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}


@click.command()
@click.option("--repeat", type=click.IntRange(min=1), default=5, show_default=True, help="Number of new processes.")
def main(repeat: int) -> None:
    """Compile gazetteers of several sizes and measure each in new processes."""
    [manifest] = Gazetteer.open(WORLD).manifests
    world = CompiledGazetteer(WORLD / manifest.compiled, matcher=manifest.matcher)
    kind, warm_up, texts = texts_to_match(world)
    names = made_names(sorted(world.spellings()), max(size for _, size in _TRIES))
    results = []
    with tempfile.TemporaryDirectory(prefix="matching.") as work:
        text_file = Path(work) / "texts.json"
        text_file.write_text(json.dumps([warm_up, texts]), encoding="utf-8")
        for matcher, size in (*_SIZES, *_TRIES):
            folder = Path(work) / f"{matcher}{size}"
            compiled = folder / COMPILED
            compiled.mkdir(parents=True)
            places, summary = tables(world, names[:size])
            before = time.process_time()
            compile_gazetteer(places, summary, compiled, matcher=matcher)
            seconds = time.process_time() - before
            FuzzyIndex.compile(names[:size], compiled)
            files = {name: checksum(compiled / name) for name in (*compiled_files(matcher), *FUZZY_FILES)}
            counts = {"places": len(places), "names": len(summary)}
            about = replace(manifest, matcher=matcher, compiled=COMPILED, files=files, counts=counts)
            write_manifest(about, folder)
            measured: dict[str, object] = {
                "matcher": matcher,
                "names": size,
                "distinct_words": len({word for name in names[:size] for word in name.split(" ")}),
                "compile_cpu_seconds": round(seconds, 3),
                "folder_mb": round(sum(path.stat().st_size for path in compiled.iterdir()) / 1e6, 1),
            }
            measured |= measure(folder, text_file, repeat)
            click.echo(json.dumps(measured))
            results.append(measured)
        embedded = {"matcher": manifest.matcher, "names": manifest.counts["names"], **measure(WORLD, text_file, repeat)}
    click.echo(json.dumps(embedded))
    result = {
        "processes": repeat,
        "texts": kind,
        "text_count": len(texts),
        "warm_up_count": len(warm_up),
        "made": results,
        "embedded world": embedded,
    }
    write_result("matching", result)


if __name__ == "__main__":
    main()
