"""The options of `recognize` that are for files and folders of messages, and what it does with them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import click
from click.core import ParameterSource

from lmr_hybrid.cli.options import Decorator
from lmr_hybrid.errors import InputError, OutputError
from lmr_hybrid.jobs import JobSettings, RecognizerChoice, run_job
from lmr_hybrid.jobs.kinds import KINDS, PART_KINDS, Kind, PartKind, compression_of, kind_of
from lmr_hybrid.jobs.parts import REJECTS

_ENGINES = ("local", "ray")


@dataclass(frozen=True, slots=True)
class JobOptions:
    """What the options say; `kind` and `to` are None where they were not given, `given` names those that were."""

    text_column: str
    kind: Kind | None
    to: PartKind | None
    part_rows: int
    restart: bool
    engine: str
    workers: int | None
    gpus_per_worker: float
    given: frozenset[str] = frozenset()


def job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a job to a command, which gets them as one argument `job`."""

    @functools.wraps(command)
    def collected(**arguments: Any) -> Any:
        source = click.get_current_context().get_parameter_source
        chosen = {field.name: arguments.pop(field.name) for field in fields(JobOptions) if field.name in arguments}
        given = frozenset(name for name in chosen if source(name) is ParameterSource.COMMANDLINE)
        return command(job=JobOptions(**chosen, given=given), **arguments)

    decorated: Callable[..., Any] = collected
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--text-column", default="text", show_default=True, metavar="NAME", help="The column or key of the messages."
    ),
    click.option(
        "--format",
        "kind",
        type=click.Choice(KINDS),
        help="What the files are; by default what their names say. text: one message a line.",
    ),
    click.option(
        "--to", type=click.Choice(PART_KINDS), help="The form of the results in a folder.  [default: parquet]"
    ),
    click.option(
        "--part-rows",
        type=click.IntRange(min=1),
        default=10_000,
        show_default=True,
        help="Rows in a part of the results: what is held in memory, and done again after a kill.",
    ),
    click.option("--restart", is_flag=True, help="Begin anew, removing the results that are in the folder."),
    click.option(
        "--engine",
        type=click.Choice(_ENGINES),
        default="local",
        show_default=True,
        help="ray: on the Ray cluster that RAY_ADDRESS names, else with several workers on this machine.",
    ),
    click.option(
        "--workers", type=click.IntRange(min=1), help="Workers on Ray; by default as many as it has room for."
    ),
    click.option(
        "--gpus-per-worker",
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        help="GPUs that each worker on Ray takes; 0.5 lets two share one.",
    ),
)


def is_job(messages: str, job: JobOptions) -> bool:
    """Tell whether messages are read as a job: all but standard input and one file of plain text."""
    # Only words of the path: nothing is opened.
    if messages == "-":
        _refuse(job, "files and folders; standard input has one message a line")
        return False
    if _is_job_in_any_format(messages, job) or (job.kind or kind_of(messages) or "text") != "text":
        return True
    _refuse(job, "folders and files with columns; --to jsonl has them for a file with one message a line, too")
    return False


def _is_job_in_any_format(messages: str, job: JobOptions) -> bool:
    """Tell whether messages are read as a job whatever their format."""
    return bool(job.to) or "://" in messages or Path(messages).is_dir() or compression_of(messages) is not None


def _refuse(job: JobOptions, what: str) -> None:
    """Raise `click.UsageError` where options were given that are for something else than plain text."""
    names = [name for name in job.given if (name, job.kind) != ("kind", "text")]
    if names:
        options = ", ".join("--format" if name == "kind" else f"--{name.replace('_', '-')}" for name in sorted(names))
        raise click.UsageError(f"{options}: only for {what}.")


@contextmanager
def _saying_how_to_go_on() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped. The same command goes on where it was.", err=True)
        raise


def run(
    messages: str,
    output: str,
    *,
    job: JobOptions,
    choice: RecognizerChoice,
    batch_size: int,
    near: tuple[float, float] | None,
    countries: Sequence[str],
    region: tuple[float, float, float, float] | None,
) -> None:
    """Run a job; say on standard error what was left out. Exit status 1 where a file could not be read to its end."""
    if output == "-":
        by_name = job.kind is None and not _is_job_in_any_format(messages, job)
        plain = ", or say --format text if it is plain text" if by_name else ""
        raise InputError(messages, "is read as a job, whose results are a folder", f"Name that folder with -o{plain}")
    if not output:
        raise OutputError("-o", "names no folder", "Name the folder of the results")
    if job.engine != "ray" and (named := sorted({"workers", "gpus_per_worker"} & job.given)):
        options = ", ".join(f"--{name.replace('_', '-')}" for name in named)
        raise click.UsageError(f"{options}: only for Ray; add --engine ray, or leave it out for one local worker.")
    with _saying_how_to_go_on():
        report = run_job(
            messages,
            output,
            choice=choice,
            settings=JobSettings(
                text_column=job.text_column,
                kind=job.kind,
                to=job.to or "parquet",
                part_rows=job.part_rows,
                batch_size=batch_size,
                near=near,
                countries=tuple(countries),
                region=region,
            ),
            engine=cast(Any, job.engine),
            workers=job.workers,
            gpus_per_worker=job.gpus_per_worker,
            restart=job.restart,
        )
    if report.rejected:
        click.echo(
            f"Warning: {report.rejected} of {report.rows} rows could not be recognised; "
            f"{output.rstrip('/')}/{REJECTS} says which and why.",
            err=True,
        )
    for name, problem in report.unread:
        click.echo(
            f"Error: {name}: {problem}. Mend it and start the same job again; the other files are done.", err=True
        )
    if report.unread:
        raise click.exceptions.Exit(1)
