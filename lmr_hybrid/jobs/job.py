"""A job from beginning to end: planned, entered or gone on with, run by an engine, reported."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Literal, Protocol, get_args

from lmr_hybrid.errors import InputError, OutputError
from lmr_hybrid.jobs.locations import open_filesystem
from lmr_hybrid.jobs.manifest import enter, finish, manifest_of, refuse_foreign
from lmr_hybrid.jobs.part_writer import Written
from lmr_hybrid.jobs.parts import DoneRows, PartStore
from lmr_hybrid.jobs.plan import JobSettings, Plan, make_plan
from lmr_hybrid.jobs.progress import with_progress
from lmr_hybrid.jobs.recognizer_choice import RecognizerChoice

_LOG = logging.getLogger(__name__)

Engine = Literal["local", "ray"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class JobReport:
    """What came of a job.

    `rows` of the input have been done, `resumed` of them by earlier runs; `rejected` rows are among the rejects.
    `unread` holds, for each file that could not be read to its end, its name and what happened; the job is complete
    where there is none. `seconds` is what this run took.
    """

    rows: int
    resumed: int
    rejected: int
    seconds: float
    unread: Sequence[tuple[str, str]] = ()


def run_job(
    messages: str | Path,
    output: str | Path,
    *,
    choice: RecognizerChoice | None = None,
    settings: JobSettings | None = None,
    engine: Engine = "local",
    workers: int | None = None,
    gpus_per_worker: float = 0.0,
    restart: bool = False,
    progress: bool | None = None,
) -> JobReport:
    """Recognise all messages in a file or folder, or at a URL, and write the results as parts of a folder.

    Started again after it was killed, or had failed, it goes on where it was: each row comes out once. `restart`
    begins anew. `engine` "ray" has `workers` on the Ray cluster that is connected or that RAY_ADDRESS names, else on
    this machine; by default one for each processor, or for each GPU where `gpus_per_worker` is not 0. `progress`
    shows a bar; by default on a terminal only. docs/jobs.md says what is written.

    Raises `InputError` where the messages cannot be read, `OutputError` where the results cannot be written and
    `JobMismatch` where the folder holds those of another input, model or settings; also what `Recognizer` raises, and
    `ValueError` for an unknown engine.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; it must be one of {', '.join(map(repr, ENGINES))}")
    started = time.monotonic()
    source, target = str(messages), str(output)
    choice = choice or RecognizerChoice()
    _keep_apart(source, target, choice)
    plan = make_plan(source, target, choice=choice, settings=settings or JobSettings())
    manifest = manifest_of(plan)
    # Before anything is written: what cannot be opened leaves no trace.
    opened = _open_engine(engine, plan, workers=workers, gpus_per_worker=gpus_per_worker)
    store = PartStore(target)
    refuse_foreign(store)
    if not store.names():
        store.make()
    with store.sole_writer():
        if before := enter(store, manifest, restart=restart):
            return _logged(target, _finished(before, time.monotonic() - started))
        done = store.done()
        parts = opened.run(done)
        unread: dict[str, str] = {}
        for each in with_progress(parts, plan.files, done, progress=progress):
            if isinstance(each, InputError):
                unread[str(each.subject)] = each.problem
        report = _report(store, done, unread, time.monotonic() - started)
        if not unread:
            finish(store, asdict(report))
    return _logged(target, report)


class _OpenedEngine(Protocol):
    def run(self, done: Mapping[int, DoneRows]) -> Iterator[Written | InputError]: ...


def _open_engine(engine: Engine, plan: Plan, *, workers: int | None, gpus_per_worker: float) -> _OpenedEngine:
    if engine == "local":
        from lmr_hybrid.jobs.local_engine import LocalEngine

        return LocalEngine(plan)
    from lmr_hybrid.jobs.ray_engine import RayEngine

    return RayEngine(plan, workers=workers, gpus_per_worker=gpus_per_worker)


def _report(store: PartStore, before: Mapping[int, DoneRows], unread: Mapping[str, str], seconds: float) -> JobReport:
    rows = sum(each.rows for each in store.done().values())
    resumed = sum(each.rows for each in before.values())
    return JobReport(rows, resumed, store.count_rejects(), round(seconds, 3), tuple(unread.items()))


def _finished(report: Mapping[str, Any], seconds: float) -> JobReport:
    return JobReport(report["rows"], report["rows"], report["rejected"], round(seconds, 3))


def _logged(target: str, report: JobReport) -> JobReport:
    told = (report.rows, report.resumed, report.rejected, report.seconds)
    _LOG.info("%s: %d rows, %d of them by earlier runs, %d rejected, in %.2f s", target, *told)
    return report


def _keep_apart(source: str, target: str, choice: RecognizerChoice) -> None:
    """Refuse results among the messages, which the next run would read, and in a model or gazetteer that is used."""
    (system, messages), (other, results) = _place(source), _place(target)
    if system == other and results.is_relative_to(messages):
        raise OutputError(target, "lies in the folder of messages, or is that", "Name a folder elsewhere")
    if isinstance(results, Path) and (folder := choice.folder_around(results)) is not None:
        raise OutputError(target, f"lies in the model or gazetteer {folder}", "Name a folder elsewhere")


def _place(location: str) -> tuple[object, PurePath]:
    """Return the file system of a location and the path in it; on a disk, where links lead elsewhere, a `Path`."""
    import fsspec

    system, path = open_filesystem(location)
    on_disk = isinstance(system, fsspec.get_filesystem_class("file"))
    return system, Path(path).resolve() if on_disk else PurePosixPath(path)
