"""What a command takes: time, processor time, memory of the whole tree of processes, and disk meanwhile. Linux only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Seconds from one look at the memory to the next, and from one look at the disk to the next.
MEMORY_INTERVAL, DISK_INTERVAL = 0.05, 0.25
HOW_MEASURED = {
    "seconds": "wall time from the start of the process to its end, start of the interpreter and imports included",
    "cpu_seconds": "user and system time of the process and of the children that it waited for (wait4)",
    "peak_rss_mb": f"greatest sum of VmRSS over the process and its descendants, seen every {MEMORY_INTERVAL} s; "
    "mapped files count, such as osmium's coordinates of nodes, which the system can drop at any time, and pages that "
    "two processes share count twice",
    "peak_anonymous_mb": "the same of RssAnon and RssShmem: memory that no file backs, which must be there",
    "peak_disk_mb": f"greatest allocated size of the folder that it writes to, seen every {DISK_INTERVAL} s: result "
    "and everything temporary",
    "result_mb": "allocated size of that folder afterwards",
    "mb_per_second": "10^6 bytes of the extract per second of wall time",
    "load_average_before": "of the last minute when the run began, on the whole machine; in a row of runs, mostly the "
    "run before",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took, in seconds and 10^6 bytes; `printed` is the JSON object that it printed last, if any.

    `error` is what it said in the end where it failed, "" where it did not.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    peak_anonymous_mb: float
    peak_disk_mb: float
    result_mb: float
    node_index_mb: float
    load_average_before: float
    printed: Mapping[str, Any]
    error: str


def run_measured(
    command: Sequence[str], folder: Path, *, environment: Mapping[str, str], current: Path, limit: float
) -> Measured:
    """Run a command that writes to `folder` only, killing it after `limit` seconds."""
    load, started = os.getloadavg()[0], time.perf_counter()
    with (
        (folder.parent / "stdout").open("w+", encoding="utf-8") as stdout,
        (folder.parent / "stderr").open("w+", encoding="utf-8") as stderr,
    ):
        process = subprocess.Popen(
            command, stdout=stdout, stderr=stderr, env=dict(environment), cwd=current, start_new_session=True
        )
        waiter = _Waiter(process.pid)
        waiter.start()
        rss = anonymous = disk = index = 0
        next_disk = 0.0
        while waiter.is_alive():
            now = time.perf_counter() - started
            if now > limit:
                os.killpg(process.pid, signal.SIGKILL)
            rss, anonymous = (max(pair) for pair in zip((rss, anonymous), _memory(process.pid), strict=True))
            if now >= next_disk:
                disk, index = (max(pair) for pair in zip((disk, index), _disk(folder), strict=True))
                next_disk = now + DISK_INTERVAL
            waiter.join(MEMORY_INTERVAL)
        process.returncode = waiter.status
        printed, complaint = (_content(file) for file in (stdout, stderr))
    result = _disk(folder)[0]
    return Measured(
        seconds=round(waiter.ended - started, 3),
        cpu_seconds=round(waiter.cpu_seconds, 3),
        peak_rss_mb=round(rss / 1e6, 1),
        peak_anonymous_mb=round(anonymous / 1e6, 1),
        peak_disk_mb=round(max(disk, result) / 1e6, 1),
        result_mb=round(result / 1e6, 1),
        node_index_mb=round(index / 1e6, 1),
        load_average_before=round(load, 2),
        printed=_last_object(printed) if not waiter.status else {},
        error=_failure(waiter, complaint, started, limit),
    )


class _Waiter(threading.Thread):
    """Waits for a process, to the moment, and keeps what the system tells of it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.status, self.ended, self.cpu_seconds = 0, 0.0, 0.0

    def run(self) -> None:
        _, status, usage = os.wait4(self._pid, 0)
        self.ended = time.perf_counter()
        self.status = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime


def _memory(pid: int) -> tuple[int, int]:
    """Return the bytes of a process and its descendants that are resident, and of these the ones no file backs."""
    rss = anonymous = 0
    for each in _tree(pid):
        try:
            lines = Path(f"/proc/{each}/status").read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        if "VmRSS" in fields:  # a process that has ended and not been waited for has none
            rss += int(fields["VmRSS"][0]) * 1024
            anonymous += (int(fields["RssAnon"][0]) + int(fields["RssShmem"][0])) * 1024
    return rss, anonymous


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _disk(folder: Path) -> tuple[int, int]:
    """Return the bytes allocated under a folder, and the length of the longest index of coordinates there."""
    total = index = 0
    for path in _files(folder):
        try:
            status = path.stat(follow_symlinks=False)
        except OSError:
            continue
        total += status.st_blocks * 512
        if path.suffix == ".index":
            index = max(index, status.st_size)
    return total, index


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        else:
            yield Path(entry.path)


def _content(file: Any) -> str:
    file.seek(0)
    return str(file.read())


def _last_object(text: str) -> Mapping[str, Any]:
    lines = text.strip().splitlines()
    try:
        found = json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _failure(waiter: _Waiter, complaint: str, started: float, limit: float) -> str:
    if not waiter.status:
        return ""
    if waiter.ended - started > limit:
        return f"killed after {limit:.0f} s"
    lines = [line for line in complaint.strip().splitlines() if line.strip()]
    return f"exit status {waiter.status}: {' / '.join(lines[-3:])}"[:1_000]
