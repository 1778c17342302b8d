"""The command line: `python -m lmr_hybrid recognize`, `train`, `evaluate` and more."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lmr_hybrid.cli.audit_corpus import audit_corpus
from lmr_hybrid.cli.average import average
from lmr_hybrid.cli.evaluate import evaluate
from lmr_hybrid.cli.explain import explain
from lmr_hybrid.cli.export import export
from lmr_hybrid.cli.failures import ExpectedFailures
from lmr_hybrid.cli.gazetteer import gazetteer
from lmr_hybrid.cli.prune import prune
from lmr_hybrid.cli.recognize import recognize
from lmr_hybrid.cli.train import train

__all__ = ["main"]


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Have SIGTERM end a command as Ctrl-C does, so that what is half written is removed; other threads cannot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: object) -> None:
        # As a shell tells of a command that the signal ended.
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.group(cls=ExpectedFailures, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lmr_hybrid")
@click.option("-v", "--verbose", is_flag=True, help="Say on standard error what is being done.")
@click.pass_context
def main(context: click.Context, verbose: bool) -> None:
    """Find which places short messages name, exactly where in the text, and where on the map.

    \b
    A first try:
      echo "Flooding in Freeport, power out near Lucayan Harbour" | python -m lmr_hybrid recognize
    \b
    With the streets and buildings of your region:
      python -m lmr_hybrid.build_gazetteer region.osm.pbf
      python -m lmr_hybrid recognize messages.txt --gazetteer region.gazetteer > mentions.jsonl
    \b
    Why a place is found, or is not:
      python -m lmr_hybrid explain "Flooding in Freeport"
    """
    context.with_resource(_ending_in_order())
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")


for command in (recognize, explain, train, average, prune, export, evaluate, audit_corpus, gazetteer):
    main.add_command(command)
