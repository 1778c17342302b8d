"""What in IDRISI-R contradicts itself, and how much of dev stands in what may be trained on?

    python benchmarks/audit.py

Audits train, dev and both together as `python -m lmr_hybrid audit-corpus` does, counts the near-duplicates of dev in
train and in the other corpora, and writes results/audit.json: surface forms and counts, no texts. Nothing is random.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import click
from record import data_folder, write_result

from lmr_hybrid.corpora import Message, drop_near_duplicates, read_idrisi, read_plain_jsonl
from lmr_hybrid.corpora.audit import SPLITS, audit, read_subject
from lmr_hybrid.corpora.json_lines import read_objects
from lmr_hybrid.output.audit_text import audit_lines

_MOST_ROWS = 40


@click.command()
def main() -> None:
    """Audit IDRISI-R English, random split."""
    folder = data_folder() / "idrisi-r/EN"
    reports, seconds = {}, {}
    for split in (*SPLITS, "all"):
        started = time.perf_counter()
        report = audit(read_subject(folder / "gold-random-json", split=split, bilou=folder / "gold-random-bilou"))
        seconds[split] = round(time.perf_counter() - started, 1)
        reports[split] = report.to_dict(most_rows=_MOST_ROWS)
    for line in audit_lines(report):
        click.echo(line)
    write_result(
        "audit",
        {
            "corpus": "IDRISI-R EN, random split",
            "seed": None,
            "seconds": seconds,
            "near_duplicates_of_dev": list(_near_duplicates(data_folder())),
            "reports": reports,
        },
    )


def _near_duplicates(data: Path) -> Iterable[dict[str, str | int]]:
    """Yield, for each collection beside dev, how many of its texts a training must not see."""
    dev = read_idrisi(data / "idrisi-r/EN/gold-random-json", "dev")
    texts = [message.text for message in dev]
    collections: dict[str, list[str]] = {
        "IDRISI-R train": _texts(read_idrisi(data / "idrisi-r/EN/gold-random-json", "train")),
        "IDRISI-D": [
            str(found["text"]) for path in sorted(data.glob("idrisi-d/EN/*/*.jsonl")) for _, found in read_objects(path)
        ],
        "Broad Twitter Corpus": _texts(read_plain_jsonl(data / "btc/btc.jsonl")),
        "WNUT 2017": _texts(read_plain_jsonl(data / "wnut17/wnut17.jsonl")),
    }
    for name, items in collections.items():
        counts = drop_near_duplicates(items, of=texts).counts()
        of_dev = drop_near_duplicates(texts, of=items).counts()
        yield {
            "collection": name,
            "texts": len(items),
            "near-duplicates of dev": counts["dropped"],
            "with the very same text": counts["dropped_same_text"],
            "of so many dev tweets": of_dev["dropped"],
        }


def _texts(messages: Iterable[Message]) -> list[str]:
    return [message.text for message in messages]


if __name__ == "__main__":
    main()
