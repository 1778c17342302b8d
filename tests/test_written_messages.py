"""The messages that were written to be learnt from, and what they must not hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lmr_hybrid.corpora import TYPES, align, drop_near_duplicates, read_corpus

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"

sys.path.insert(0, str(BENCHMARKS))
try:
    import marked_messages
    import written_messages
finally:
    sys.path.remove(str(BENCHMARKS))

BY_SUBJECT = {
    subject: [each.message for each in marked_messages.read_messages(path)]
    for subject, path in written_messages.MESSAGES.items()
}
WRITTEN = [message for messages in BY_SUBJECT.values() for message in messages]
#: What the street-level messages are tested on.
WITHHELD = re.compile(r"(?i)\b(columbus|baltimore|bahamas?|nassau|freeport|abacos?)\b")


def test_marks_become_mentions_and_leave_the_text(tmp_path: Path) -> None:
    file = tmp_path / "messages.txt"
    file.write_text("Rain in [Paris|T|FR], [TX|S] 😔\n#[Fiji|-|-] or [Suva|T|-]?\n", encoding="utf-8")
    first, second = marked_messages.read_messages(file)
    assert first.message.text == "Rain in Paris, TX 😔"
    assert [(mention.text, mention.type) for mention in first.message.mentions] == [
        ("Paris", "City/town"),
        ("TX", "State"),
    ]
    assert first.regions == {(8, 13): "FR"}
    assert second.message.text == "#Fiji or Suva?"
    assert [mention.text for mention in second.message.mentions] == ["Suva"]
    assert (second.not_judged, second.regions) == ({(1, 5)}, {})


def test_every_mark_is_read_and_every_mention_lies_on_words() -> None:
    assert {mention.type for message in WRITTEN for mention in message.mentions} == set(TYPES)
    assert not [message.text for message in WRITTEN if set("[]|") & set(message.text)]
    assert not [message.text for message in WRITTEN if align(message).lost]


def test_none_says_what_is_tested() -> None:
    tested = [
        each.message
        for name in ("worldwide_messages.txt", "little_known_messages.txt", "posted_messages.txt")
        for each in marked_messages.read_messages(BENCHMARKS / name)
    ]
    assert len(drop_near_duplicates(WRITTEN, of=tested).kept) == len(WRITTEN)
    assert not [message.text for message in WRITTEN if WITHHELD.search(message.text)]


@pytest.mark.parametrize("subject", BY_SUBJECT)
def test_the_script_writes_what_training_reads(subject: str, tmp_path: Path) -> None:
    script = BENCHMARKS / "written_messages.py"
    output = tmp_path / "written.jsonl"
    done = subprocess.run([sys.executable, script, subject, "-o", output], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{len(BY_SUBJECT[subject])} messages")
    assert read_corpus(output, split="train") == BY_SUBJECT[subject]


def test_no_two_are_the_same() -> None:
    assert len({message.text for message in WRITTEN}) == len(WRITTEN)
