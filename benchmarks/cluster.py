"""How fast is a job on Ray with so many workers, and what does Ray cost over the local engine?

    python benchmarks/cluster.py                       # 20,000 messages, the embedded model
    python benchmarks/cluster.py --messages 500 --workers 1 --workers 2 --repeat 1

Each run is a process of its own, and the engines take turns. What starting takes (Ray, the recogniser) is apart from
the rate: the time from the first part to the last. Needs Ray. Writes results/cluster.json.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from record import write_result

_TEXTS = (
    "Flooding in Freeport, power out near Lucayan Harbour #Bahamas",
    "Praying for everyone tonight, stay safe",
    "So much water on Main Street in Houston, the bridge to Galveston is closed #Harvey",
    "RT @user: Quake felt in Wellington and Christchurch, no damage reported yet https://t.co/abc",
)
_PROGRAM = """
import json, sys, time
from pathlib import Path
from lmr_hybrid.jobs import JobSettings, RecognizerChoice, run_job
messages, output, engine, workers, part_rows, model, address = json.loads(sys.argv[1])
started = time.perf_counter()
if engine == "ray":
    import ray
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, **address)
ready = time.perf_counter()
report = run_job(
    messages, output, choice=RecognizerChoice(model=model), settings=JobSettings(part_rows=part_rows),
    engine=engine, workers=workers, progress=False,
)
ended = time.perf_counter()
parts = sorted(path.stat().st_mtime for path in Path(output).glob("part-*"))
print(json.dumps({
    "rows": report.rows,
    "seconds": ended - started,
    "job_seconds": ended - ready,
    "between_parts": parts[-1] - parts[0],
    "parts": len(parts),
}))
"""


def _measure(
    folder: Path, messages: Path, *, engine: str, workers: int, part_rows: int, model: str | None, address: str | None
) -> dict[str, float]:
    output = folder / f"{engine}-{workers}-{len(list(folder.iterdir()))}"
    options = {"_node_ip_address": address} if address else {}
    argument = json.dumps([str(messages), str(output), engine, workers, part_rows, model, options])
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    if engine == "local":
        # Workers on Ray have one thread each.
        environment["OMP_NUM_THREADS"] = "1"
    done = subprocess.run([sys.executable, "-c", _PROGRAM, argument], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise click.ClickException(f"{engine} with {workers} workers failed: {done.stderr.strip()[-500:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    # The first part is done when the clock of the rate starts.
    rows = found["rows"] * (found["parts"] - 1) / found["parts"]
    return {"seconds": found["seconds"], "messages_per_second": rows / max(found["between_parts"], 1e-9)}


def _summary(runs: Sequence[dict[str, float]]) -> dict[str, object]:
    rates = [run["messages_per_second"] for run in runs]
    return {
        "messages_per_second": round(statistics.median(rates), 1),
        "lowest": round(min(rates), 1),
        "highest": round(max(rates), 1),
        "seconds_start_included": round(statistics.median(run["seconds"] for run in runs), 2),
    }


@click.command()
@click.option("--messages", "count", type=click.IntRange(min=8), default=20_000, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), multiple=True, default=(1, 2), show_default=True)
@click.option("--repeat", type=click.IntRange(min=1), default=3, show_default=True, help="Runs of each.")
@click.option("--model", type=click.Path(exists=True, file_okay=False), help="By default the embedded one.")
@click.option("--node-address", metavar="IP", help="The address that Ray on this machine listens at.")
def main(count: int, workers: Sequence[int], repeat: int, model: str | None, node_address: str | None) -> None:
    """Run the same job on the local engine and on Ray with different numbers of workers."""
    systems = [("local", 1), *(("ray", number) for number in workers)]
    part_rows = max(1, count // 40)
    runs: dict[tuple[str, int], list[dict[str, float]]] = {system: [] for system in systems}
    with tempfile.TemporaryDirectory() as name:
        messages = Path(name) / "messages.jsonl"
        lines = (json.dumps({"id": number, "text": _TEXTS[number % len(_TEXTS)]}) for number in range(count))
        messages.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for _ in range(repeat):
            for engine, number in systems:
                options = {"part_rows": part_rows, "model": model, "address": node_address}
                runs[engine, number].append(
                    _measure(Path(name), messages, engine=engine, workers=number, **options)  # type: ignore[arg-type]
                )
    local = _summary(runs["local", 1])
    rate = float(str(local["messages_per_second"]))
    on_ray = []
    for number in workers:
        found = _summary(runs["ray", number])
        efficiency = float(str(found["messages_per_second"])) / (rate * number)
        on_ray.append({"workers": number, **found, "efficiency": round(efficiency, 3)})
    click.echo(f"local, one thread   {rate:10.1f} messages/s")
    for each in on_ray:
        click.echo(f"Ray, {each['workers']:3} workers  {each['messages_per_second']:10.1f} messages/s", nl=False)
        click.echo(f"   {each['efficiency']:.0%} of as many local ones")
    write_result("cluster", {"messages": count, "repeat": repeat, "local": local, "ray": on_ray})


if __name__ == "__main__":
    main()
