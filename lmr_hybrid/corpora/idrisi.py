"""IDRISI-R (Suwaileh, Elsayed and Imran 2023): tweets about disasters with their location mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lmr_hybrid.corpora.conll import read_columns
from lmr_hybrid.corpora.json_lines import MentionKeys, message_from, read_objects
from lmr_hybrid.corpora.message import Message
from lmr_hybrid.corpora.tag_scheme import bilou_to_bioes, split_tag
from lmr_hybrid.errors import CorpusMalformed, CorpusNotFound

#: IDRISI's short type codes (BILOU files) and the full names (JSONL files) that the project uses.
TYPE_OF_CODE = {
    "CTRY": "Country",
    "STAT": "State",
    "CNTY": "County",
    "CITY": "City/town",
    "DIST": "District",
    "NBHD": "Neighborhood",
    "ST": "Road/street",
    "HPOI": "Human-made Point-of-Interest",
    "NPOI": "Natural Point-of-Interest",
    "ISL": "Island",
    "CONT": "Continent",
    "OTHR": "Other locations",
}
#: The twelve types, in a fixed order that models may rely on.
TYPES: tuple[str, ...] = tuple(TYPE_OF_CODE.values())

IDRISI_KEYS = MentionKeys(id="tweet_id", mentions="location_mentions", start="start_offset", end="end_offset")


def read_idrisi_jsonl(path: str | Path) -> list[Message]:
    """Read one JSONL file in file order; the event is the parent folder's name.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line breaks the format, names a thirteenth type, or a mention's offsets do not give its text.
    """
    path = Path(path)
    event = path.resolve().parent.name
    messages = []
    for number, data in read_objects(path):
        message = message_from(data, path=path, line=number, event=event, keys=IDRISI_KEYS)
        for mention in message.mentions:
            if mention.type not in TYPES:
                problem = f"message {message.id}: unknown type {mention.type!r}"
                raise CorpusMalformed(path, number, problem, f"IDRISI's types are {', '.join(TYPES)}")
        messages.append(message)
    return messages


def read_idrisi(folder: str | Path, split: str) -> list[Message]:
    """Read `<folder>/<event>/<split>.jsonl` of every event, sorted by event, each in file order.

    Raises:
        CorpusNotFound: the folder does not exist or holds no such split.
        CorpusMalformed: as in `read_idrisi_jsonl`.
    """
    folder = Path(folder)
    paths = split_files(folder, split)
    if not paths:
        problem = f"no <event>/{split}.jsonl in it" if folder.is_dir() else "no such folder"
        raise CorpusNotFound(folder, problem, "Give IDRISI's folder of events, such as idrisi-r/EN/gold-random-json")
    return [message for path in paths for message in read_idrisi_jsonl(path)]


def split_files(folder: Path, split: str) -> list[Path]:
    """Return `<folder>/<event>/<split>.jsonl` of every event, sorted by event."""
    return sorted(folder.glob(f"*/{split}.jsonl"), key=lambda path: path.parent.name)


def with_full_types(messages: Sequence[Message]) -> list[Message]:
    """Return messages with the full types where all of their mentions have IDRISI's codes, else as they are."""
    if any(mention.type not in TYPE_OF_CODE for message in messages for mention in message.mentions):
        return list(messages)
    return [
        replace(message, mentions=tuple(replace(each, type=TYPE_OF_CODE[each.type]) for each in message.mentions))
        for message in messages
    ]


def read_idrisi_bilou(path: str | Path) -> list[list[tuple[str, str]]]:
    """Read one BILOU file: for each tweet its tokens with their tags, as BIOES over the full type names.

    Raises:
        CorpusNotFound: there is no such file.
        CorpusMalformed: a line is not `token TAG`, or its tag is none of IDRISI's.
    """
    path = Path(path)
    tweets = []
    for sentence in read_columns(path):
        tweet = []
        for number, token, tag in sentence:
            try:
                prefix, code = split_tag(bilou_to_bioes([tag])[0])
                tweet.append((token, f"{prefix}-{TYPE_OF_CODE[code]}" if code else "O"))
            except (ValueError, KeyError) as error:
                remedy = f"Tags are O or B-, I-, L-, U- and one of {', '.join(TYPE_OF_CODE)}"
                raise CorpusMalformed(path, number, f"{tag!r} is no IDRISI tag", remedy) from error
        tweets.append(tweet)
    return tweets
