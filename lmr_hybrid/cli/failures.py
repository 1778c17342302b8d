"""Expected failures on the command line: one line that says what was wrong and what to do, exit status 2."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from gazetteer import GazetteerError
from lmr_hybrid.errors import LmrError

#: Of a name that is too long to be one, so much is shown.
_SHOWN = 60


class _Failure(click.ClickException):
    exit_code = 2


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (LmrError, GazetteerError) as error:
        raise _Failure(" ".join(str(error).split())) from error
    except OSError as error:
        # Asking whether there is such a file is enough to raise it, and anything may ask.
        if error.errno != errno.ENAMETOOLONG:
            raise
        shown = " ".join(str(error.filename)[:_SHOWN].split())
        remedy = "Give the path of a file or folder; a message itself is what python -m lmr_hybrid explain takes"
        raise _Failure(f"{shown}…: is too long to be a path. {remedy}") from error


class ExpectedFailure(click.Command):
    """A command whose expected failures are one line and exit status 2, never a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        with _one_line():
            return super().invoke(context)


class ExpectedFailures(click.Group):
    """A group of commands whose expected failures are one line and exit status 2, never a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the chosen command."""
        with _one_line():
            return super().invoke(context)
