"""How fast does a gazetteer build from an OSM extract, what memory and disk does it take, and how does that grow?

    python benchmarks/build.py --extract 150=large150.osm.pbf --extract 600=large600.osm.pbf

Extracts that are not given are made (`large_extract.py`; 600 MB take some 20 minutes). Beside it, on the same machine
and in turn with it: reading the extract and keeping nothing, which is the least that a reader through pyosmium takes,
and other tools for names out of extracts. These are installed into a virtual environment of their own. Every run is a
new process, and the extract is in the system's cache. Linux only; writes results/build.json.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from build_growth import extrapolated, growth
from large_extract import write_large_extract
from measured_process import HOW_MEASURED, Measured, run_measured
from record import write_result
from rival_environment import PIP_INSTALL, rival_interpreter, rival_variables

ROOT = Path(__file__).parents[1]
RIVALS = Path(__file__).parent / "rivals"
RIVAL_PACKAGES = ("quackosm==0.19.0", "duckdb==1.5.5", "duckdb-extension-spatial==1.5.5", "duckdb-extensions==1.5.5")
CEILING, OURS, QUACKOSM, READ_OSM = "reading only", "lmr_hybrid", "QuackOSM", "DuckDB ST_ReadOSM"
TOOLS = {
    CEILING: "pyosmium's FileProcessor over the whole file with a KeyFilter that nothing passes. Keeps nothing.",
    OURS: "build_gazetteer: every named node, way and relation as a place with kind, all names and their spellings, "
    "one point, importance and parent; segments of a road merged; index of names, matcher and index of like names; a "
    "store for updates.",
    QUACKOSM: "convert_pbf_to_parquet(tags_filter={'name': True}, keep_all_tags=True), all else by default: full "
    "geometries and tags of objects with the tag `name` as sorted GeoParquet. No kinds, no other names, no roads "
    "merged, no parents, no index of names, nothing that finds a name in a text.",
    READ_OSM: "ST_ReadOSM of DuckDB's extension spatial: id and tags of objects with the tag `name` as Parquet. No "
    "geometry (nodes' coordinates are left out, ways and relations have none), and nothing of what QuackOSM lacks.",
}
#: Up to this many megabytes an extract is measured three times by default, above it once.
_THRICE = 300.0


def rivals_python(folder: Path) -> tuple[Path, str]:
    """Return the interpreter of a virtual environment with the rivals, made where it is not there, and what failed."""
    return rival_interpreter(folder, [[*PIP_INSTALL, *RIVAL_PACKAGES], [str(RIVALS / "install_spatial.py")]])


def _command(tool: str, extract: Path, folder: Path, python: Path) -> list[str]:
    if tool == CEILING:
        return [sys.executable, str(RIVALS / "read_only.py"), str(extract)]
    if tool == OURS:
        command = [sys.executable, "-m", "lmr_hybrid.build_gazetteer", str(extract)]
        return [*command, "-o", str(folder / "built.gazetteer"), "--quiet"]
    script = {QUACKOSM: "quackosm_to_parquet.py", READ_OSM: "duckdb_read_osm.py"}[tool]
    return [str(python), str(RIVALS / script), str(extract), str(folder)]


def measure(tool: str, extract: Path, work: Path, rivals: Path, python: Path, limit: float) -> dict[str, Any]:
    """Run a tool once; return what it took, or with it why it failed."""
    ours = tool in (CEILING, OURS)
    with tempfile.TemporaryDirectory(prefix="build.", dir=work) as scratch:
        folder = Path(scratch) / "written"
        folder.mkdir()
        environment = dict(os.environ) if ours else rival_variables(rivals)
        command = _command(tool, extract, folder, python)
        measured = run_measured(command, folder, environment=environment, current=ROOT, limit=limit)
        return {"tool": tool} | _row(measured, folder, extract)


def _row(measured: Measured, folder: Path, extract: Path) -> dict[str, Any]:
    row = {name: value for name, value in asdict(measured).items() if name not in ("printed", "error")}
    if not measured.node_index_mb:
        del row["node_index_mb"]
    if measured.error:
        return row | {"error": measured.error}
    row["mb_per_second"] = round(extract.stat().st_size / 1e6 / measured.seconds, 3)
    row |= measured.printed
    manifest = folder / "built.gazetteer" / "manifest.json"
    if manifest.exists():
        made = json.loads(manifest.read_text(encoding="utf-8"))
        compiled = sum(path.stat().st_size for path in (manifest.parent / made["compiled"]).iterdir())
        row |= made["counts"] | {"matcher": made["matcher"], "compiled_mb": round(compiled / 1e6, 1)}
    return row


def measure_size(
    extract: Path, repeat: int, work: Path, rivals: Path, python: Path, failure: str, limit: float
) -> dict[str, Any]:
    """Return what all tools take for one extract, `repeat` times in turn."""
    with extract.open("rb") as content:  # into the system's cache
        while content.read(1 << 24):
            pass
    runs = []
    for number in range(repeat):
        for tool in TOOLS:
            if failure and tool in (QUACKOSM, READ_OSM):
                run: dict[str, Any] = {"tool": tool, "error": f"not installed: {failure}"}
            else:
                run = measure(tool, extract, work, rivals, python, limit)
            click.echo(json.dumps(run))
            runs.append({"round": number, **run})
    summary = {tool: _summary([run for run in runs if run["tool"] == tool]) for tool in TOOLS}
    return {
        "extract_mb": round(extract.stat().st_size / 1e6, 1),
        "summary": summary,
        "ratios_of_seconds": {f"{OURS} / {tool}": _ratios(runs, tool) for tool in TOOLS if tool != OURS},
        "runs": runs,
    }


def _summary(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return median, least and most of what runs of one tool took, or why they failed."""
    errors = [run["error"] for run in runs if "error" in run]
    done = [run for run in runs if "error" not in run]
    failed: dict[str, Any] = {"failed": len(errors), "error": errors[0]} if errors else {}
    if not done:
        return failed
    numbers = [name for name, value in done[0].items() if isinstance(value, (int, float)) and name != "round"]
    return failed | {name: _spread([run[name] for run in done]) for name in numbers}


def _ratios(runs: Sequence[Mapping[str, Any]], tool: str) -> dict[str, float] | None:
    """Return our seconds over those of a tool, round by round; None where either failed throughout."""
    of_tool, ours = (
        {run["round"]: run["seconds"] for run in runs if run["tool"] == each and "error" not in run}
        for each in (tool, OURS)
    )
    common = sorted(set(of_tool) & set(ours))
    return _spread([ours[number] / of_tool[number] for number in common]) if common else None


def _spread(values: Sequence[float]) -> dict[str, float]:
    found = (statistics.median(values), min(values), max(values))
    return dict(zip(("median", "least", "most"), (round(value, 3) for value in found), strict=True))


def _extract(given: str) -> tuple[float, Path | None]:
    """Return the megabytes and the file of `150=large.osm.pbf`, or the megabytes of `150`."""
    megabytes, _, path = given.partition("=")
    try:
        size = float(megabytes)
    except ValueError:
        raise click.BadParameter(f"{given!r} is not like 150 or 150=large.osm.pbf") from None
    if path and not Path(path).is_file():
        raise click.BadParameter(f"there is no file {path}")
    return size, Path(path).resolve() if path else None


@contextmanager
def _folder(given: Path | None, within: Path) -> Iterator[Path]:
    """Yield a folder that stays where it is given, else one that is removed at the end."""
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="rivals.", dir=within) as folder:
            yield Path(folder)


@click.command()
@click.option(
    "--extract",
    "extracts",
    multiple=True,
    default=("150", "600"),
    metavar="MB[=FILE]",
    show_default=True,
    help="An extract of about so many megabytes, made unless the file is given; several times for several.",
)
@click.option("--repeat", type=click.IntRange(min=1), help="Rounds at each size; default 3 up to 300 MB, else 1.")
@click.option("--rivals-venv", type=click.Path(path_type=Path), help="Virtual environment of the rivals, kept.")
@click.option("--work", type=click.Path(path_type=Path), help="Where to write meanwhile; default the system's folder.")
@click.option("--limit", type=float, default=7_200.0, show_default=True, help="Seconds after which a run is killed.")
def main(
    extracts: Sequence[str], repeat: int | None, rivals_venv: Path | None, work: Path | None, limit: float
) -> None:
    """Measure all tools on extracts of growing sizes."""
    given = sorted((_extract(each) for each in extracts), key=lambda pair: pair[0])
    if work:
        work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="build.", dir=work) as made,
        _folder(rivals_venv, Path(made)) as rivals,
    ):
        python, failure = rivals_python(rivals)
        sizes = []
        for megabytes, file in given:
            extract = file or Path(made) / f"large{megabytes:g}.osm.pbf"
            if file is None:
                write_large_extract(extract, megabytes)
            rounds = repeat or (3 if megabytes <= _THRICE else 1)
            sizes.append(measure_size(extract, rounds, Path(made), rivals, python, failure, limit))
    result = {
        "extracts": "copies of small real extracts moved side by side, new ids, half of the names respelt "
        "(benchmarks/large_extract.py), read from the system's cache",
        "tools": TOOLS,
        "rival_packages": RIVAL_PACKAGES,
        "how_measured": HOW_MEASURED | {"ratios_of_seconds": "of the same round; the tools ran in turn"},
        "sizes": sizes,
        "growth": growth(sizes, tuple(TOOLS)),
        "extrapolated": extrapolated(sizes, OURS),
    }
    click.echo(json.dumps({name: result[name] for name in ("growth", "extrapolated")}, indent=1))
    write_result("build", result)


if __name__ == "__main__":
    main()
