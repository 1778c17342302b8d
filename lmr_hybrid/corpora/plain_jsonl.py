"""The project's plain JSON Lines: one message an object, with the keys `text` and `mentions`, mostly `id`."""

from __future__ import annotations

from pathlib import Path

from lmr_hybrid.corpora.json_lines import MentionKeys, message_from, read_objects
from lmr_hybrid.corpora.message import Message

PLAIN_KEYS = MentionKeys(id="id", mentions="mentions", start="start", end="end", numbered=True)


def read_plain_jsonl(path: str | Path, *, split: str | None = None, event: str | None = None) -> list[Message]:
    """Read messages in file order; each mention has the keys `start`, `end`, `type` and `text`.

    Holds the Broad Twitter Corpus and WNUT 2017 as prepared for the project. With `split`, only the lines whose key
    `split` equals it. A message's event is its line's `event`, else `event`, else the file's name without suffix, and
    its id is its line's `id`, else the number of the line.
    Types are the corpus's own ("LOC", "location"), not IDRISI's twelve.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line breaks the format, or a mention's offsets do not give its text.
    """
    path = Path(path)
    default = path.stem if event is None else event
    return [
        message_from(data, path=path, line=line, event=str(data.get("event", default)), keys=PLAIN_KEYS)
        for line, data in read_objects(path)
        if split is None or data.get("split") == split
    ]
