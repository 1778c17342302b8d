"""`python -m lmr_hybrid recognize`: messages in, JSON Lines out; files and folders with columns go to `job_options`."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TextIO, cast

import click
from tqdm import tqdm

from lmr_hybrid.cli import job_options
from lmr_hybrid.cli.job_options import JobOptions
from lmr_hybrid.cli.message_lines import open_messages
from lmr_hybrid.cli.options import check_context, check_outputs, context_options, recognizer_options
from lmr_hybrid.cli.printing import echo, writing_to_standard_output
from lmr_hybrid.errors import OutputError
from lmr_hybrid.jobs import RecognizerChoice
from lmr_hybrid.lookahead import BATCH_SIZE
from lmr_hybrid.mention import Recognition
from lmr_hybrid.output import table_lines, write_geojson, write_html, write_json_lines
from lmr_hybrid.output.atomic import open_atomically

_LOG = logging.getLogger(__name__)


@click.command(short_help="Find the places that messages name.")
@click.argument("messages", default="-")
@recognizer_options
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="PATH",
    help="Where the JSON Lines go; by default standard output. For files with columns: the folder of the results.",
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page with text and map.")
@click.option("--geojson", type=click.Path(path_type=Path, dir_okay=False), help="Also write a GeoJSON file.")
@click.option("--table", is_flag=True, help="Print lines for reading; JSON Lines then go to --output only.")
@context_options
@click.option(
    "--together", is_flag=True, help="The messages are about one event; all are read before the first is placed."
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=BATCH_SIZE, show_default=True, help="Messages at a time."
)
@job_options.job_options
def recognize(
    messages: str,
    choice: RecognizerChoice,
    output: str,
    html: Path | None,
    geojson: Path | None,
    table: bool,
    near: tuple[float, float] | None,
    countries: Sequence[str],
    region: tuple[float, float, float, float] | None,
    together: bool,
    batch_size: int,
    job: JobOptions,
) -> None:
    """Find the places that MESSAGES name: a file with one message a line, or standard input.

    Prints one JSON object a line, in the order of the messages: the text, and its mentions with offsets, type, score
    and candidate places.

    \b
    MESSAGES may also be a file with columns, a folder of files, or a URL (s3://...):
      JSON Lines, CSV, TSV, Parquet, also with .gz, .bz2, .zst or .lz4
    The results are then parts in the folder that -o names, with all columns carried along:
      python -m lmr_hybrid recognize tweets/ --text-column full_text -o mentions/
    Killed, the same command goes on where it was. Rows that cannot be read are listed in mentions/_rejects.
    """
    check_context(near, countries, region)
    if job_options.is_job(messages, job):
        if html or geojson or table or together:
            raise click.UsageError("--html, --geojson, --table and --together are for one file with a message a line.")
        job_options.run(
            messages,
            output,
            job=job,
            choice=choice,
            batch_size=batch_size,
            near=near,
            countries=countries,
            region=region,
        )
        return
    if output.endswith(("/", os.sep)):
        remedy = "Name a file, or give --to jsonl or --to parquet for a folder"
        raise OutputError(output, "names a folder, but one file with a message a line gives one file", remedy)
    written = {"-o": None if output == "-" else Path(output), "--html": html, "--geojson": geojson}
    check_outputs(written, read=() if messages == "-" else [Path(messages)], choice=choice)
    with open_messages(messages) as lines:
        recognizer = choice.open()
        to_terminal = output == "-"
        shown = tqdm(lines, desc="recognizing", unit=" messages", disable=True if to_terminal or table else None)
        recognitions = recognizer.recognize_many(
            shown, batch_size=batch_size, together=together, near=near, countries=countries, region=region
        )
        recognitions = _counted(recognitions)
        kept: list[Recognition] = []
        if html or geojson:
            recognitions = _keep(recognitions, kept)
        if table:
            recognitions = _print(recognitions)
        if table and to_terminal:
            for _ in recognitions:
                pass
        else:
            opened: AbstractContextManager[TextIO] = _standard_output() if to_terminal else open_atomically(output)
            with opened as stream:
                write_json_lines(recognitions, stream)
        if lines.spoilt:
            problem = f"of the messages {lines.spoilt} are not UTF-8, and hold U+FFFD for what is not"
            click.echo(f"Warning: {problem}. Convert {messages} to UTF-8.", err=True)
        attribution = recognizer.gazetteer.attribution
        if html:
            write_html(kept, html, attribution=attribution, backdrop=recognizer.gazetteer.coordinates())
        if geojson:
            write_geojson(kept, geojson, attribution=attribution)


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    if sys.stdout is None:
        raise OutputError("standard output", "is closed", "Name a file with -o")
    with writing_to_standard_output(), click.open_file("-", "w", encoding="utf-8") as stream:
        try:
            yield cast(TextIO, stream)
        finally:
            # It may be a wrapper of click's own, which nobody else flushes.
            stream.flush()


def _counted(recognitions: Iterator[Recognition]) -> Iterator[Recognition]:
    """Log in the end how many there were."""
    started, messages, mentions = time.monotonic(), 0, 0
    for recognition in recognitions:
        messages, mentions = messages + 1, mentions + len(recognition.mentions)
        yield recognition
    _LOG.info("%d messages, %d mentions, in %.2f s", messages, mentions, time.monotonic() - started)


def _keep(recognitions: Iterator[Recognition], kept: list[Recognition]) -> Iterator[Recognition]:
    for recognition in recognitions:
        kept.append(recognition)
        yield recognition


def _print(recognitions: Iterator[Recognition]) -> Iterator[Recognition]:
    for recognition in recognitions:
        for line in table_lines(recognition):
            echo(line)
        yield recognition
