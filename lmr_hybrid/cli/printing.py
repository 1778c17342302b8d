"""Printing what messages and gazetteers hold, which is more than some terminals and pipes are set up for."""

from __future__ import annotations

import sys

import click


def echo(text: str, *, nl: bool = True) -> None:
    """Print `text` to standard output: in UTF-8 where that is set to an encoding that lacks letters of it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        click.echo(text.encode("utf-8", "replace"), nl=nl)
    else:
        click.echo(text, nl=nl)
