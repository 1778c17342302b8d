"""How long does a user wait for the first mention in a new process, and for the next ones?

    python benchmarks/start.py

Every figure is the median of several new processes. Writes results/start.json.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import click
from record import write_result

_PROGRAM = """
import json, time
started = time.perf_counter()
from gazetteer import WORLD, Gazetteer
imported = time.perf_counter()
Gazetteer.open(WORLD).match("Flood in Houston")
opened = time.perf_counter()
from lmr_hybrid import Recognizer
recognizer = Recognizer()
recognizer.recognize("Flood in Houston")
first = time.perf_counter()
times = []
for _ in range(30):
    before = time.perf_counter()
    recognizer.recognize("Flooding in Freeport, power out near Lucayan Harbour #Bahamas")
    times.append(time.perf_counter() - before)
print(json.dumps({
    "import gazetteer": imported - started,
    "open world gazetteer and match": opened - imported,
    "first mention, all imports included": first - started,
    "one more text": sorted(times)[len(times) // 2],
}))
"""


@click.command()
@click.option("--repeat", type=click.IntRange(min=1), default=5, show_default=True, help="Number of new processes.")
def main(repeat: int) -> None:
    """Time new processes."""
    command = [sys.executable, "-c", _PROGRAM]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        for _ in range(repeat)
    ]
    seconds = {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}
    for name, value in seconds.items():
        click.echo(f"{value:8.3f} s  {name}")
    write_result("start", {"processes": repeat, "median_seconds": seconds})


if __name__ == "__main__":
    main()
