"""JSON Lines, checked: what every reader of JSON corpora needs in order to name the line that is wrong."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.errors import CorpusMalformed, CorpusNotFound


@dataclass(frozen=True, slots=True)
class MentionKeys:
    """Under which keys a corpus keeps a message's id, the list of its mentions, and a mention's start and end.

    `numbered` says that a message without an id has the number of its line.
    """

    id: str
    mentions: str
    start: str
    end: str
    numbered: bool = False


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file without their line ends, numbered from 1.

    Only a line feed (or carriage return and line feed) ends a line: tweets hold other characters that `str.splitlines`
    breaks at. A byte order mark before the first is no part of it.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line is not UTF-8.
    """
    if not path.is_file():
        raise CorpusNotFound(path, "no such file", "Give the path of an existing corpus file")
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                content = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
                yield number, content.decode("utf-8").removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                raise CorpusMalformed(
                    path, number, f"not UTF-8 ({error.reason})", "Convert the file to UTF-8"
                ) from error


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number and JSON object, passing over blank lines.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line is not UTF-8, not JSON, or holds something other than an object.
    """
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        # Numbers of thousands of digits and lists within lists without end are JSON, but not to Python.
        except (ValueError, RecursionError) as error:
            raise CorpusMalformed(path, number, f"not JSON ({error})", "Each line must be one JSON object") from error
        if not isinstance(found, dict):
            problem = f"a JSON {type(found).__name__} where an object is expected"
            raise CorpusMalformed(path, number, problem, "Each line must be one JSON object")
        yield number, found


def message_from(data: dict[str, Any], *, path: Path, line: int, event: str, keys: MentionKeys) -> Message:
    """Build a message from a line's object, its mentions sorted by `start`, and check that each is where it says.

    Raises:
        CorpusMalformed: a key is missing, a value has the wrong type, or a mention's offsets do not give its text.
    """
    remedy = "Correct the line or leave it out"
    known = {keys.id: line, **data} if keys.numbered else data
    try:
        identifier, text, listed = str(known[keys.id]), known["text"], known[keys.mentions]
    except KeyError as error:
        of = f" of message {known[keys.id]}" if keys.id in known else ""
        problem = f"key {error}{of} is missing, there is {', '.join(map(repr, data)) or 'none'}"
        raise CorpusMalformed(path, line, problem, remedy) from error
    if not isinstance(text, str) or not isinstance(listed, list):
        problem = f'"text" must be a string and "{keys.mentions}" a list (message {identifier})'
        raise CorpusMalformed(path, line, problem, remedy)
    try:
        mentions = [GoldMention(m["text"], m[keys.start], m[keys.end], m["type"]) for m in listed]
    except (KeyError, TypeError) as error:
        problem = f"a mention has no key {error}" if isinstance(error, KeyError) else "a mention is not an object"
        raise CorpusMalformed(path, line, f"{problem} (message {identifier})", remedy) from error
    checked = [_checked(mention, text, path=path, line=line, identifier=identifier) for mention in mentions]
    return Message(identifier, event, text, tuple(sorted(checked, key=lambda mention: (mention.start, mention.end))))


def _checked(mention: GoldMention, text: str, *, path: Path, line: int, identifier: str) -> GoldMention:
    start, end = mention.start, mention.end
    if not isinstance(mention.type, str) or not mention.type:
        problem = f"message {identifier}: the mention {mention.text!r} has {json.dumps(mention.type)} for a type"
        raise CorpusMalformed(path, line, problem, "Give it a type, a string that is not empty")
    integers = type(start) is int and type(end) is int
    if integers and 0 <= start < end and mention.text and text[start:end] == mention.text:
        # A slice may reach past the end of a text, and one of IDRISI's does; comparing offsets needs the true end.
        return replace(mention, end=start + len(mention.text))
    there = repr(text[start:end]) if integers and 0 <= start <= end else "nothing"
    raise CorpusMalformed(
        path,
        line,
        f"message {identifier}: the mention {mention.text!r} ({mention.type}) is said to stand at "
        f"{start!r}..{end!r}, where the text has {there}",
        "Correct the offsets: Python string indices, start inclusive, end exclusive",
    )
