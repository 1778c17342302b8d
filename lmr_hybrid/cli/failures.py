"""Expected failures on the command line: one line that says what was wrong and what to do, exit status 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from gazetteer import GazetteerError
from lmr_hybrid.errors import LmrError


class _Failure(click.ClickException):
    exit_code = 2


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (LmrError, GazetteerError) as error:
        raise _Failure(" ".join(str(error).split())) from error


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
