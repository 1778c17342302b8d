"""Reading a corpus for an audit: what the strict readers refuse in an annotation becomes a finding.

A file that is no corpus at all (no JSON, no text, a key missing) is refused here, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lmr_hybrid.corpora.any_format import corpus_files, has_location_mentions
from lmr_hybrid.corpora.audit.finding import Finding
from lmr_hybrid.corpora.audit.subject import Entry, Subject, TaggedFile, TaggedSentence
from lmr_hybrid.corpora.conll import message_of_columns, read_columns
from lmr_hybrid.corpora.idrisi import IDRISI_KEYS, TYPE_OF_CODE, TYPES, split_files
from lmr_hybrid.corpora.json_lines import MentionKeys, message_from, read_objects
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.corpora.plain_jsonl import PLAIN_KEYS
from lmr_hybrid.corpora.tag_scheme import split_tag
from lmr_hybrid.errors import CorpusMalformed, CorpusNotFound

#: IDRISI's splits that are handed out, in the order of an audit.
SPLITS = ("train", "dev")


def read_subject(path: str | Path, *, split: str = "all", bilou: str | Path | None = None) -> Subject:
    """Read an IDRISI folder (its `split`, or "all" that it holds), IDRISI's or plain JSON Lines, or CoNLL columns.

    `bilou` is the folder with the same tweets as BILOU, laid out as the IDRISI folder is.

    Raises:
        CorpusNotFound: there is no such file, folder or split, or `bilou` is given for something else than a folder.
        CorpusMalformed: a line breaks the format in another way than by an annotation.
    """
    path = Path(path)
    if path.is_dir():
        return _read_folder(path, split=split, bilou=None if bilou is None else Path(bilou))
    if bilou is not None:
        problem = "is no IDRISI folder, so its messages have no BILOU files"
        raise CorpusNotFound(path, problem, "Give the folder of events, or leave out the BILOU folder")
    if path.suffix in (".jsonl", ".json"):
        entries, faults = _read_json(path, split="", event=path.stem)
        return Subject(entries, faults, (), compared=False)
    return _read_columns(path)


def subject_files(path: Path, *, split: str, bilou: Path | None) -> list[Path]:
    """Return the files that `read_subject` reads."""
    files = [file for name in _splits(split) for file in corpus_files(path, split=name)]
    return [*files, *(_as_bilou(file, bilou) for file in files if bilou is not None)]


def _splits(split: str) -> tuple[str, ...]:
    return SPLITS if split == "all" else (split,)


def _as_bilou(path: Path, folder: Path) -> Path:
    """Return the file that has the messages of one of an IDRISI folder as BILOU."""
    return folder / path.parent.name / f"{path.stem}.txt"


def _read_folder(folder: Path, *, split: str, bilou: Path | None) -> Subject:
    entries: list[Entry] = []
    faults: list[Finding] = []
    tagged: list[TaggedFile] = []
    for name in _splits(split):
        for path in split_files(folder, name):
            found, wrong = _read_json(path, split=name, event=path.resolve().parent.name)
            entries += found
            faults += wrong
            if bilou is not None:
                tagged.append(read_tagged(_as_bilou(path, bilou), split=name, event=path.resolve().parent.name))
    if not entries:
        problem = f"no <event>/{'train' if split == 'all' else split}.jsonl with messages in it"
        raise CorpusNotFound(folder, problem, "Give IDRISI's folder of events, such as idrisi-r/EN/gold-random-json")
    return Subject(entries, faults, tagged, compared=bilou is not None)


def read_tagged(path: Path, *, split: str, event: str) -> TaggedFile:
    """Read a file of columns as it stands, but for IDRISI's type codes, which become the full names.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line is not a token and a tag.
    """
    sentences = [
        TaggedSentence(
            line=sentence[0][0],
            tokens=tuple(token for _, token, _ in sentence),
            tags=tuple(_spelt_out(tag) for _, _, tag in sentence),
        )
        for sentence in read_columns(path)
    ]
    return TaggedFile(path, split, event, tuple(sentences))


def is_tag(tag: str) -> bool:
    """Tell whether a tag belongs to any of the schemes that the project reads."""
    try:
        split_tag(tag)
    except ValueError:
        return False
    return True


def _spelt_out(tag: str) -> str:
    prefix, hyphen, code = tag.partition("-")
    return f"{prefix}{hyphen}{TYPE_OF_CODE.get(code, code)}"


def _read_columns(path: Path) -> Subject:
    entries = []
    for sentence in read_columns(path):
        # Tags that are none are left to the check of tags, which sees the file as it stands.
        readable = [(line, token, tag if is_tag(tag) else "O") for line, token, tag in sentence]
        entries.append(Entry(message_of_columns(readable, path=path, event=path.stem), split=""))
    return Subject(entries, (), (read_tagged(path, split="", event=path.stem),), compared=False)


def _read_json(path: Path, *, split: str, event: str) -> tuple[list[Entry], list[Finding]]:
    idrisi = has_location_mentions(path)
    keys, types = (IDRISI_KEYS, TYPES) if idrisi else (PLAIN_KEYS, ())
    entries: list[Entry] = []
    faults: list[Finding] = []
    for line, data in read_objects(path):
        own = event if idrisi else str(data.get("event", event))
        listed = data.get(keys.mentions)
        shape = {**data, keys.mentions: []} if isinstance(listed, list) else data
        bare = message_from(shape, path=path, line=line, event=own, keys=keys)
        mentions = []
        for raw in listed if isinstance(listed, list) else ():
            try:
                one = {**data, keys.mentions: [raw]}
                mention = message_from(one, path=path, line=line, event=own, keys=keys).mentions[0]
            except CorpusMalformed as error:
                faults.append(_unreadable(bare, raw, split=split, detail=error.problem))
                continue
            mentions.append(mention)
            faults += _doubtful(bare, mention, raw, split=split, keys=keys, types=types)
        mentions.sort(key=lambda mention: (mention.start, mention.end))
        message = Message(bare.id, bare.event, bare.text, tuple(mentions))
        entries.append(Entry(message, split=split))
    return entries, faults


def _unreadable(message: Message, raw: Any, *, split: str, detail: str) -> Finding:
    text = raw.get("text") if isinstance(raw, dict) else None
    return Finding(
        "unreadable mention",
        split,
        message.event,
        message.id,
        None,
        None,
        text if isinstance(text, str) else "",
        detail,
    )


def _doubtful(
    message: Message, mention: GoldMention, raw: dict[str, Any], *, split: str, keys: MentionKeys, types: Sequence[str]
) -> Iterator[Finding]:
    where = (split, message.event, message.id, mention.start, mention.end, mention.text)
    if raw[keys.end] != mention.end:
        yield Finding("end past the text", *where, f"said to end at {raw[keys.end]}, the text does at {mention.end}")
    if types and mention.type not in types:
        yield Finding("unknown type", *where, f"{mention.type!r} is none of IDRISI's types")
