"""CoNLL columns: one token a line with its tag in the last column, a blank line between sentences."""

from __future__ import annotations

from pathlib import Path

from lmr_hybrid.corpora.json_lines import numbered_lines
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.corpora.tag_scheme import bioes_to_spans, split_tag
from lmr_hybrid.errors import CorpusMalformed


def read_columns(path: str | Path) -> list[list[tuple[int, str, str]]]:
    """Return each sentence as (line number, first column, last column); `-DOCSTART-` lines count as blank.

    Columns are parted by tabs where a line has one, else by white space.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line has a single column, or is not UTF-8.
    """
    path = Path(path)
    sentences: list[list[tuple[int, str, str]]] = [[]]
    for number, line in numbered_lines(path):
        if not line.strip() or line.startswith("-DOCSTART-"):
            if sentences[-1]:
                sentences.append([])
            continue
        columns = [column.strip() for column in line.split("\t")] if "\t" in line else line.split()
        if len(columns) < 2 or not columns[0] or not columns[-1]:
            remedy = "Each line must be a token and, in the last column, its tag"
            raise CorpusMalformed(path, number, f"{line!r} is not a token and a tag", remedy)
        sentences[-1].append((number, columns[0], columns[-1]))
    return sentences if sentences[-1] else sentences[:-1]


def read_conll(path: str | Path, *, event: str | None = None) -> list[Message]:
    """Read sentences tagged in IOB, IOBES/BIOES or BILOU (see `bioes_to_spans`) as messages.

    A message's text is its tokens joined by single spaces, and the offsets of its mentions are exact in it. Its id is
    the line of its first token; its event is `event`, by default the file's name without suffix.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line is not a token and a tag.
    """
    path = Path(path)
    return [
        message_of_columns(sentence, path=path, event=path.stem if event is None else event)
        for sentence in read_columns(path)
    ]


def message_of_columns(sentence: list[tuple[int, str, str]], *, path: Path, event: str) -> Message:
    """Return a sentence of `read_columns` as a message. Raises `CorpusMalformed` where a tag is none."""
    starts, position = [], 0
    for number, token, tag in sentence:
        try:
            split_tag(tag)
        except ValueError as error:
            raise CorpusMalformed(path, number, str(error), "Correct the tag in the last column") from error
        starts.append(position)
        position += len(token) + 1
    text = " ".join(token for _, token, _ in sentence)
    mentions = []
    for first, last, type_ in bioes_to_spans([tag for _, _, tag in sentence]):
        start, end = starts[first], starts[last] + len(sentence[last][1])
        mentions.append(GoldMention(text[start:end], start, end, type_))
    return Message(str(sentence[0][0]), event, text, tuple(mentions))
