"""A file, or standard input, with one message a line."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import click

from lmr_hybrid.errors import InputError


class MessageLines:
    """The messages in a stream as a job would read them: only a line feed, or a carriage return before it, ends one.

    `spoilt` counts those so far that are no UTF-8; what cannot be read of them is U+FFFD.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.spoilt = 0

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._stream):
            content = line if number else line.removeprefix(codecs.BOM_UTF8)
            content = content.removesuffix(b"\n").removesuffix(b"\r")
            try:
                yield content.decode("utf-8")
            except UnicodeDecodeError:
                self.spoilt += 1
                yield content.decode("utf-8", "replace")


@contextmanager
def open_messages(path: str) -> Iterator[MessageLines]:
    """Open a file of messages, or standard input for "-". Raises `InputError`."""
    remedy = "Give a text file with one message a line, or - for standard input"
    if path == "-" and sys.stdin is None:
        raise InputError("standard input", "is closed", remedy)
    try:
        stream = click.open_file(path, "rb")
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror or error})", remedy) from error
    with stream:
        yield MessageLines(cast(BinaryIO, stream))
