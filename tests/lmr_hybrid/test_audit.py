"""The corpus audit: each check on a corpus written to contain what it looks for, and on none of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lmr_hybrid.cli import main
from lmr_hybrid.corpora import Message, read_conll
from lmr_hybrid.corpora.audit import CHECKS, Finding, audit, read_subject
from lmr_hybrid.errors import CorpusMalformed, CorpusNotFound
from lmr_hybrid.output.audit_text import TITLES, audit_lines

Mention = tuple[str, str]
Corpus = Callable[..., Path]


def _tweet(identifier: str, text: str, *mentions: Mention | Mapping[str, Any]) -> dict[str, Any]:
    """A tweet of IDRISI's; a (name, type) is annotated where the name first stands after the one before it."""
    listed, position = [], 0
    for mention in mentions:
        if isinstance(mention, Mapping):
            listed.append(mention)
            continue
        start = text.index(mention[0], position)
        position = start + len(mention[0])
        listed.append({"text": mention[0], "type": mention[1], "start_offset": start, "end_offset": position})
    return {"tweet_id": identifier, "text": text, "location_mentions": listed}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Write an IDRISI folder of one event; return the folder."""

    def write(*train: Mapping[str, Any], dev: Sequence[Mapping[str, Any]] = (), event: str = "flood") -> Path:
        folder = tmp_path / "json" / event
        folder.mkdir(parents=True)
        for split, tweets in (("train", train), ("dev", dev)):
            text = "".join(json.dumps(tweet) + "\n" for tweet in tweets)
            (folder / f"{split}.jsonl").write_text(text, encoding="utf-8")
        return folder.parent

    return write


def _section(name: str, path: Path, *, least: int = 2, **options: Any) -> Any:
    return audit(read_subject(path, **options), least=least).sections[name]


def _brief(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.message, finding.text) for finding in findings]


def test_every_check_has_a_title_and_finds_nothing_in_a_clean_corpus(corpus: Corpus) -> None:
    assert list(TITLES) == list(CHECKS)
    folder = corpus(_tweet("1", "Rain in Houston", ("Houston", "City/town")), dev=[_tweet("2", "Sun in Dallas now")])
    report = audit(read_subject(folder), least=1)
    assert list(report.findings()) == []
    text = "\n".join(audit_lines(report))
    assert all(title.format(least=1) in text for title in TITLES.values())
    assert "no BILOU folder given" in text


def test_messages_without_location_by_split_and_event(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "Rain in Houston", ("Houston", "City/town")), _tweet("2", "Rain"), dev=[_tweet("3", "Sun")]
    )
    section = _section("locations", folder)
    assert section.rows == [
        {"split": "train", "event": "flood", "messages": 2, "mentions": 1, "without location": 1, "share": 0.5},
        {"split": "dev", "event": "flood", "messages": 1, "mentions": 0, "without location": 1, "share": 1.0},
    ]
    assert section.counts["share"] == pytest.approx(2 / 3)
    assert [row["split"] for row in _section("locations", folder, split="dev").rows] == ["dev"]


def test_types_used(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "Rain in Houston and Dallas", ("Houston", "City/town"), ("Dallas", "City/town")),
        _tweet("2", "HOUSTON Texas", ("HOUSTON", "City/town"), ("Texas", "State")),
    )
    assert _section("types", folder).rows == [
        {"type": "City/town", "mentions": 3, "share": 0.75, "forms": 2},
        {"type": "State", "mentions": 1, "share": 0.25, "forms": 1},
    ]


def test_unreadable_mentions_are_findings_and_left_out(corpus: Corpus) -> None:
    def mention(**changed: Any) -> dict[str, Any]:
        return {"text": "Ohio", "type": "State", "start_offset": 5, "end_offset": 9, **changed}

    folder = corpus(
        _tweet("1", "From Ohio", mention(), mention(start_offset=4), {"text": "Ohio"}),
        _tweet("2", "From Ohio", mention(type="Planet")),
        _tweet("3", "From Ohio", mention(end_offset=12)),
        {"tweet_id": "4", "text": "From Ohio", "location_mentions": ["Ohio"]},
    )
    subject = read_subject(folder)
    assert [(fault.kind, fault.message) for fault in subject.faults] == [
        ("unreadable mention", "1"),
        ("unreadable mention", "1"),
        ("unknown type", "2"),
        ("end past the text", "3"),
        ("unreadable mention", "4"),
    ]
    assert "4..9" in subject.faults[0].detail
    assert [len(entry.message.mentions) for entry in subject.entries] == [1, 1, 1, 0]


def test_mentions_over_each_other(corpus: Corpus) -> None:
    def mention(text: str, start: int) -> dict[str, Any]:
        return {"text": text, "type": "State", "start_offset": start, "end_offset": start + len(text)}

    folder = corpus(
        _tweet("same", "New York City", mention("New", 0), mention("New", 0)),
        _tweet("nested", "New York City", mention("New York City", 0), mention("York", 4)),
        _tweet("crossing", "New York City", mention("New York", 0), mention("York City", 4)),
        _tweet("apart", "New York City", mention("New York", 0), mention("City", 9)),
    )
    assert _brief(_section("overlaps", folder).findings) == [
        ("annotated twice", "same", "New"),
        ("nested", "nested", "York"),
        ("crossing", "crossing", "York City"),
    ]


def test_mentions_with_odd_edges(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "#KeralaFloods", ("Kerala", "State")),
        _tweet("2", "the U.S. now", ("U.S.", "Country")),
        _tweet("3", "in (Ohio now", ("(Ohio ", "State")),
        _tweet("4", "in Ohio, now", ("Ohio", "State")),
    )
    assert _brief(_section("edges", folder).findings) == [
        ("edge inside a word", "1", "Kerala"),
        ("ends with punctuation", "2", "U.S."),
        ("begins with punctuation", "3", "(Ohio "),
        ("ends with white space", "3", "(Ohio "),
    ]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-CITY L-CITY O U-STAT", []),
        ("O I-CITY L-CITY U-STAT", [("continues nothing", 2)]),
        ("L-CITY O O U-STAT", [("continues nothing", 1)]),
        ("B-CITY O O U-STAT", [("span without end", 2)]),
        ("O U-STAT B-CITY", [("span without end", 3)]),
        ("B-CITY B-CITY L-CITY U-STAT", [("span without end", 2)]),
        ("B-CITY I-STAT L-STAT U-STAT", [("type change inside a span", 2)]),
        ("B-CITY L-STAT X U-STAT", [("type change inside a span", 2), ("not a tag", 3)]),
        # IOB2 and IOB1 have no ends; in IOB1 an I may begin a span.
        ("O B-LOC I-LOC O", []),
        ("B-LOC O I-LOC", [("continues nothing", 3)]),
        ("O I-LOC B-LOC O", []),
        ("O I-LOC I-PER O", [("type change inside a span", 3)]),
    ],
)
def test_malformed_sequences_of_tags(tmp_path: Path, tags: str, found: list[tuple[str, int]]) -> None:
    path = tmp_path / "mine.conll"
    path.write_text("".join(f"w{i} {tag}\n" for i, tag in enumerate(tags.split())), encoding="utf-8")
    section = _section("tags", path)
    assert [
        (each.kind, f"line {line} of" in each.detail) for each, (_, line) in zip(section.findings, found, strict=True)
    ] == [(kind, True) for kind, _ in found]


def test_columns_with_a_tag_that_is_none_are_still_audited(tmp_path: Path) -> None:
    path = tmp_path / "mine.conll"
    path.write_text("Rain O\nin LOC\nOhio B-LOC\n\nSun O\n", encoding="utf-8")
    with pytest.raises(CorpusMalformed):
        read_conll(path)
    report = audit(read_subject(path))
    assert report.sections["locations"].counts["without location"] == 1
    assert [finding.kind for finding in report.findings()] == ["not a tag"]


def test_json_against_bilou(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus(
        _tweet("1", "Rain in New York", ("New York", "City/town")),
        _tweet("2", "Ohio and  Ohio", ("Ohio", "State")),
        _tweet("3", "Sun in Ohio"),
        dev=[_tweet("4", "Sun")],
    )
    bilou = tmp_path / "bilou" / "flood"
    bilou.mkdir(parents=True)
    (bilou / "train.txt").write_text(
        "Rain O\nin O\nNew B-CITY\nYork L-CITY\n\nOhio O\nand O\nOhio U-STAT\n\nSun O\nin O\nUtah O\n", encoding="utf-8"
    )
    (bilou / "dev.txt").write_text("Sun O\n\nSun O\n", encoding="utf-8")
    section = _section("bilou", folder, bilou=bilou.parent)
    assert [(each.kind, each.message, each.start, each.end) for each in section.findings] == [
        ("only in JSON", "2", 0, 4),
        ("only in BILOU", "2", 10, 14),
        ("other text", "3", None, None),
        ("other number of messages", "", None, None),
    ]
    (bilou / "dev.txt").unlink()
    with pytest.raises(CorpusNotFound, match=r"dev\.txt"):
        read_subject(folder, bilou=bilou.parent)


def test_texts_that_stand_twice(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "So much rain in Ohio", ("Ohio", "State")),
        _tweet("2", "So much rain in Ohio"),
        _tweet("3", "Other words stand in here"),
        dev=[
            _tweet("4", "RT @x: so much rain in OHIO!", ("OHIO", "State")),
            _tweet("5", "Other words stand in #here", ("here", "City/town")),
            _tweet("3", "Not seen before at all"),
        ],
    )
    section = _section("duplicates", folder)
    assert [(each.kind, each.message) for each in section.findings] == [
        ("same id", "3"),
        ("same text", "2"),
        ("near-duplicate", "4"),
        ("near-duplicate", "5"),
        ("same text annotated differently", "2"),
        ("near-duplicate annotated differently", "5"),
    ]
    assert section.rows == [
        {"of": "train", "also in": "train", "same text": 1, "near-duplicates": 1},
        {"of": "train", "also in": "dev", "same text": 0, "near-duplicates": 3},
        {"of": "dev", "also in": "train", "same text": 0, "near-duplicates": 2},
        {"of": "dev", "also in": "dev", "same text": 0, "near-duplicates": 0},
    ]


def test_forms_that_also_stand_unannotated(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "Puerto Rico and US", ("Puerto Rico", "Island"), ("US", "Country")),
        _tweet("2", "puerto  rico and US", ("puerto  rico", "Island"), ("US", "Country")),
        _tweet("3", "Puerto Rico and #PuertoRico help us"),
        _tweet("4", "#PuertoRicoStrong #bus #USFlood @PuertoRico_Now t.co/PuertoRico"),
        _tweet("5", "South Puerto Rico", ("South Puerto Rico", "Island")),
    )
    section = _section("unannotated", folder)
    rows = {row["form"]: row for row in section.rows}
    assert rows == {
        "Puerto Rico": {
            "form": "Puerto Rico",
            "annotated": 2,
            "un-annotated": 2,
            "usual spelling": 1,
            "in the text": 1,
            "as a hashtag": 1,
            "in a hashtag": 1,
            "in a handle": 1,
            "in a URL": 1,
        },
        "US": {
            "form": "US",
            "annotated": 2,
            "un-annotated": 1,
            "usual spelling": 0,
            "in the text": 1,
            "as a hashtag": 0,
            "in a hashtag": 1,
            "in a handle": 0,
            "in a URL": 0,
        },
    }
    assert _brief(section.findings) == [
        ("un-annotated form", "3", "PuertoRico"),
        ("un-annotated form", "3", "Puerto Rico"),
        ("un-annotated form", "3", "us"),
    ]
    assert _section("unannotated", folder, least=3).rows == []


def test_symbols_are_no_forms(corpus: Corpus) -> None:
    folder = corpus(*(_tweet(str(number), "at @ now", ("@", "City/town")) for number in range(3)), _tweet("9", "@ us"))
    assert _section("unannotated", folder).findings == []


def test_forms_of_several_types(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "Bahamas", ("Bahamas", "Island")),
        _tweet("2", "BAHAMAS", ("BAHAMAS", "Island")),
        _tweet("3", "bahamas", ("bahamas", "Country")),
        _tweet("4", "Ohio", ("Ohio", "State")),
    )
    section = _section("form_types", folder)
    assert section.rows == [{"form": "Bahamas", "annotated": 3, "other type": 1, "types": "Island 2, Country 1"}]
    assert _brief(section.findings) == [("other type", "3", "bahamas")]


def test_forms_with_several_boundaries(corpus: Corpus) -> None:
    folder = corpus(
        _tweet("1", "Houston, Texas", ("Houston, Texas", "City/town")),
        _tweet("2", "Houston, Texas", ("Houston", "City/town"), ("Texas", "State")),
        _tweet("3", "Northern California", ("Northern California", "State")),
        _tweet("4", "in northern california", ("california", "State")),
        _tweet("5", "again Northern California", ("California", "State")),
        _tweet("6", "New York", ("New York", "State")),
        _tweet("7", "New York City", ("New York City", "City/town")),
        _tweet("8", "so in New York"),
        _tweet("9", "York City and New York City", ("York City", "City/town"), ("New York", "City/town")),
    )
    section = _section("boundaries", folder)
    ways = ("one mention", "only a part", "as several mentions", "across an edge", "rarer way")
    assert {row["form"]: tuple(row[way] for way in ways) for row in section.rows} == {
        "Houston, Texas": (1, 0, 1, 0, 1),
        "Northern California": (1, 2, 0, 0, 1),
        "New York City": (1, 1, 0, 0, 1),
        "York City": (1, 0, 0, 1, 1),
    }
    # Of "Northern California" the single mention of the whole form is the rarer way.
    assert _brief(section.findings) == [
        ("other boundaries", "2", "Houston, Texas"),
        ("other boundaries", "3", "Northern California"),
        ("other boundaries", "9", "New York City"),
        ("other boundaries", "9", "York City"),
    ]


def test_what_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusNotFound):
        read_subject(tmp_path / "none.jsonl")
    with pytest.raises(CorpusNotFound, match=r"train\.jsonl"):
        read_subject(tmp_path)
    (tmp_path / "plain.jsonl").write_text('{"id": 1, "mentions": []}\n', encoding="utf-8")
    with pytest.raises(CorpusMalformed, match="text"):
        read_subject(tmp_path / "plain.jsonl")
    with pytest.raises(CorpusNotFound, match="BILOU"):
        read_subject(tmp_path / "plain.jsonl", bilou=tmp_path)
    with pytest.raises(ValueError, match="least is 0"):
        audit(read_subject(_plain(tmp_path)), least=0)


def _plain(folder: Path) -> Path:
    path = folder / "mine.jsonl"
    mention = {"start": 8, "end": 12, "type": "LOC", "text": "Ohio"}
    lines = [
        {"id": 1, "text": "Rain in Ohio", "mentions": [mention]},
        {"id": 2, "event": "own", "text": "Rain in Ohio", "mentions": []},
        {"id": 3, "text": "So Rain in Ohio", "mentions": [mention]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit-corpus", *map(str, arguments)])


def test_the_command_writes_findings_and_report(tmp_path: Path) -> None:
    findings, report = tmp_path / "findings.jsonl", tmp_path / "report.json"
    result = _run(_plain(tmp_path), "--least", "1", "--findings", findings, "--json", report)
    assert result.exit_code == 0, result.output
    assert "Forms annotated 1 times or more that also stand un-annotated" in result.stdout
    lines = [json.loads(line) for line in findings.read_text(encoding="utf-8").splitlines()]
    assert [(line["kind"], line["message"], line["event"], line["text"]) for line in lines] == [
        ("unreadable mention", "3", "mine", "Ohio"),
        ("same text", "2", "own", ""),
        ("same text annotated differently", "2", "own", ""),
        ("un-annotated form", "2", "own", "Ohio"),
        ("un-annotated form", "3", "mine", "Ohio"),
    ]
    assert set(lines[0]) == {"kind", "split", "event", "message", "start", "end", "text", "detail"}
    told = json.loads(report.read_text(encoding="utf-8"))
    assert sum(section["findings"] for section in told["sections"].values()) == len(lines)
    assert told["sections"]["unannotated"]["counts"]["un-annotated"] == 2


@pytest.mark.parametrize("option", ["--findings", "--json"])
def test_an_audit_does_not_write_over_its_corpus(tmp_path: Path, option: str) -> None:
    corpus = _plain(tmp_path)
    annotated = corpus.read_bytes()
    result = _run(corpus, option, corpus)
    assert result.exit_code == 2
    # Nothing is audited before.
    assert result.stdout == ""
    assert f"is asked for by {option} and is read" in result.stderr
    assert corpus.read_bytes() == annotated


def test_tables_are_cut_on_the_screen_only(corpus: Corpus) -> None:
    names = [f"{letter}town" for letter in "ABCDEFGHIJKLMNOPQRST"]
    tweets = [_tweet(name, f"In {name}", (name, "City/town")) for name in names]
    report = audit(read_subject(corpus(*tweets, *(_tweet(f"o{name}", f"Out {name}") for name in names))), least=1)
    assert "    … and 5 more" in audit_lines(report)
    assert len(report.to_dict()["sections"]["unannotated"]["rows"]) == 20
    cut = report.to_dict(most_rows=3)["sections"]["unannotated"]
    assert (len(cut["rows"]), cut["rows_in_all"]) == (3, 20)


@pytest.mark.slow
def test_an_audit_in_a_real_process(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done, failed = (
        subprocess.run(
            [sys.executable, "-m", "lmr_hybrid", "audit-corpus", path, *more],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        for path, more in ((_plain(tmp_path), []), (tmp_path / "none.jsonl", ["--json", "report.json"]))
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "unreadable mention 1" in done.stdout
    assert (failed.returncode, failed.stdout) == (2, "")
    assert len(failed.stderr.splitlines()) == 1
    assert "none.jsonl" in failed.stderr
    assert not (tmp_path / "report.json").exists()


@pytest.mark.slow
def test_idrisi() -> None:
    root = Path(__file__).resolve().parents[2]
    data = Path(os.environ.get("LMR_DATA", root / "../shared/data")).resolve() / "idrisi-r/EN"
    if not data.is_dir():
        pytest.skip(f"IDRISI-R is not at {data}: set LMR_DATA")
    subject = read_subject(data / "gold-random-json", bilou=data / "gold-random-bilou")
    assert isinstance(subject.entries[0].message, Message)
    sections = audit(subject).sections
    assert dict(sections["locations"].counts) | {"share": 0} == {
        "messages": 16_448,
        "mentions": 17_557,
        "without location": 4_599,
        "share": 0,
    }
    assert _brief(sections["bilou"].findings) == [
        ("only in JSON", "1110662859099377664", "Nebraska"),
        ("only in BILOU", "1110662859099377664", "Nebraska"),
    ]
    assert not [*sections["tags"].findings, *sections["overlaps"].findings]
