"""Printing what messages and gazetteers hold, which is more than some terminals and pipes are set up for."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lmr_hybrid.errors import OutputError


def echo(text: str, *, nl: bool = True) -> None:
    """Print `text` to standard output: in UTF-8 where that is set to an encoding that lacks letters of it.

    Raises `OutputError` as `writing_to_standard_output` does.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with writing_to_standard_output():
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            click.echo(text.encode("utf-8", "replace"), nl=nl)
        else:
            click.echo(text, nl=nl)


@contextmanager
def writing_to_standard_output() -> Iterator[None]:
    """Turn a failure to write, such as a full disk, into `OutputError`; that nobody reads on is none."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError("standard output", problem, "Send it where there is room") from error
