from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lmr_hybrid.corpora import (
    TYPE_OF_CODE,
    TYPES,
    GoldMention,
    Message,
    align,
    bioes_to_spans,
    read_conll,
    read_corpus,
    read_idrisi,
    read_idrisi_bilou,
    read_idrisi_jsonl,
    read_plain_jsonl,
)
from lmr_hybrid.corpora.audit import read_subject
from lmr_hybrid.corpora.idrisi_d import read_idrisi_d
from lmr_hybrid.errors import CorpusError, CorpusMalformed, CorpusNotFound, LmrError

TWEET: dict[str, Any] = {
    "tweet_id": "7",
    "text": "From Ohio to Málaga 🌊",
    "location_mentions": [
        {"text": "Málaga", "type": "City/town", "start_offset": 13, "end_offset": 19},
        {"text": "Ohio", "type": "State", "start_offset": 5, "end_offset": 9},
    ],
}


def _write_tweets(path: Path, *tweets: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(tweet, ensure_ascii=False) + "\n" for tweet in tweets), encoding="utf-8")
    return path


def _changed(**mention: object) -> dict[str, Any]:
    return {**TWEET, "location_mentions": [{**TWEET["location_mentions"][1], **mention}]}


def test_idrisi_tweet(tmp_path: Path) -> None:
    path = _write_tweets(tmp_path / "ohio_floods" / "train.jsonl", TWEET)
    assert read_idrisi_jsonl(path) == [
        Message(
            "7",
            "ohio_floods",
            "From Ohio to Málaga 🌊",
            (GoldMention("Ohio", 5, 9, "State"), GoldMention("Málaga", 13, 19, "City/town")),
        )
    ]


def test_idrisi_split_is_sorted_by_event(tmp_path: Path) -> None:
    for event in ("b_flood", "a_fire", "c_quake"):
        _write_tweets(tmp_path / event / "dev.jsonl", {**TWEET, "tweet_id": f"{event} 2"}, {**TWEET, "tweet_id": "1"})
    _write_tweets(tmp_path / "b_flood" / "train.jsonl", TWEET)
    found = [(message.event, message.id) for message in read_idrisi(tmp_path, "dev")]
    assert found == [(event, id_) for event in ("a_fire", "b_flood", "c_quake") for id_ in (f"{event} 2", "1")]
    assert [message.event for message in read_idrisi(tmp_path, "train")] == ["b_flood"]


def test_a_line_break_of_unicode_does_not_end_a_line(tmp_path: Path) -> None:
    text = "Ohio\u2028\x85\x0cnow"
    mention = {"text": "Ohio", "type": "State", "start_offset": 0, "end_offset": 4}
    path = _write_tweets(tmp_path / "e" / "x.jsonl", {"tweet_id": "1", "text": text, "location_mentions": [mention]})
    assert [message.text for message in read_idrisi_jsonl(path)] == [text]


def test_an_end_past_the_text_is_drawn_back(tmp_path: Path) -> None:
    mention = {"text": "🇺🇸", "type": "Country", "start_offset": 3, "end_offset": 7}
    tweet = {"tweet_id": "1", "text": "in 🇺🇸", "location_mentions": [mention]}
    (message,) = read_idrisi_jsonl(_write_tweets(tmp_path / "e" / "x.jsonl", tweet))
    assert message.mentions == (GoldMention("🇺🇸", 3, 5, "Country"),)


@pytest.mark.parametrize(
    ("tweet", "said"),
    [
        (_changed(start_offset=4), "'Ohi"),
        (_changed(start_offset=-17, end_offset=-13), "message 7"),
        (_changed(end_offset=5), "5..5"),
        (_changed(start_offset=90, end_offset=94), "90..94"),
        (_changed(text="", start_offset=90, end_offset=94), "90..94"),
        (_changed(start_offset="5"), "'5'..9"),
        (_changed(type=None), "message 7: the mention 'Ohio' has null for a type"),
        (_changed(type=""), "the mention 'Ohio' has \"\" for a type"),
        (_changed(type=["State"]), "the mention 'Ohio' has [\"State\"] for a type"),
        (_changed(type="Planet"), "Planet"),
        ({**TWEET, "location_mentions": [{"text": "Ohio"}]}, "start_offset"),
        ({**TWEET, "location_mentions": ["Ohio"]}, "not an object"),
        ({**TWEET, "location_mentions": None}, "a list"),
        ({**TWEET, "text": 5}, "a string"),
        ({"text": "Ohio", "location_mentions": []}, "tweet_id"),
        ([TWEET], "a JSON list"),
    ],
)
def test_a_malformed_tweet_is_named(tmp_path: Path, tweet: object, said: str) -> None:
    path = _write_tweets(tmp_path / "e" / "x.jsonl", TWEET, tweet)
    with pytest.raises(CorpusMalformed) as raised:
        read_idrisi_jsonl(path)
    assert (raised.value.path, raised.value.line) == (path, 2)
    assert str(path) in str(raised.value)
    assert "line 2" in str(raised.value)
    assert said in raised.value.problem
    assert ("offsets" in raised.value.remedy) == (" is said to stand at " in raised.value.problem)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"tweet_id": ', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"tweet_id": ' + b"1" * 5_000 + b"}", "not JSON"),
        (b'{"text": "\xff"}', "not UTF-8"),
    ],
    ids=["cut off", "too deep", "too long a number", "not UTF-8"],
)
def test_bytes_that_are_no_json(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n\n" + raw)
    with pytest.raises(CorpusMalformed, match=said) as raised:
        read_idrisi_jsonl(path)
    assert raised.value.line == 3


def test_json_that_is_nested_too_deep_is_no_corpus(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"[" * 200_000)
    with pytest.raises(CorpusMalformed, match="line 1: not JSON"):
        read_corpus(path, split="dev")


def test_a_byte_order_mark_is_no_part_of_a_corpus(tmp_path: Path) -> None:
    columns = tmp_path / "x.conll"
    for before in ("", "\n"):
        columns.write_text(f"{before}Flooding\tO\nOhio\tS-LOC\n", encoding="utf-8-sig")
        assert [message.text for message in read_corpus(columns, split="dev")] == ["Flooding Ohio"]
    tweets = tmp_path / "x.jsonl"
    tweets.write_text(json.dumps(TWEET), encoding="utf-8-sig")
    assert read_corpus(tweets, split="dev") == read_idrisi_jsonl(tweets)
    assert [message.text for message in read_idrisi_jsonl(tweets)] == [TWEET["text"]]


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CorpusNotFound, match="no such file"):
        read_idrisi_jsonl(tmp_path / "none.jsonl")
    with pytest.raises(CorpusNotFound, match="no such file"):
        read_plain_jsonl(tmp_path)
    with pytest.raises(CorpusNotFound, match="no such folder"):
        read_idrisi(tmp_path / "none", "train")
    with pytest.raises(CorpusNotFound, match=r"dev\.jsonl"):
        read_idrisi(tmp_path, "dev")
    assert issubclass(CorpusNotFound, CorpusError)
    assert issubclass(CorpusError, LmrError)


def test_idrisi_bilou_becomes_bioes_with_full_types(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("in O\nNew B-CITY\nYork I-CITY\nCity L-CITY\n\n\n# O\nUS U-CTRY\n", encoding="utf-8")
    assert read_idrisi_bilou(path) == [
        [("in", "O"), ("New", "B-City/town"), ("York", "I-City/town"), ("City", "E-City/town")],
        [("#", "O"), ("US", "S-Country")],
    ]


@pytest.mark.parametrize("line", ["Ohio", "Ohio U-PLANET", "Ohio U", "Ohio Q-STAT"])
def test_malformed_bilou_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "train.txt"
    path.write_text(f"in O\n\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusMalformed) as raised:
        read_idrisi_bilou(path)
    assert raised.value.line == 3


@pytest.mark.parametrize("tags", ["O B-LOC I-LOC O", "O I-LOC I-LOC O", "O B-LOC E-LOC O", "O B-LOC L-LOC O"])
def test_conll_in_every_scheme(tmp_path: Path, tags: str) -> None:
    path = tmp_path / "news.conll"
    lines = [f"{token} NN x {tag}" for token, tag in zip(["in", "São", "Paulo", "."], tags.split(), strict=True)]
    path.write_text("-DOCSTART- -X- O O\n\n" + "\n".join(lines) + "\n\nRio\tB-LOC\r\n", encoding="utf-8")
    first, second = read_conll(path)
    assert first == Message("3", "news", "in São Paulo .", (GoldMention("São Paulo", 3, 12, "LOC"),))
    assert second == Message("8", "news", "Rio", (GoldMention("Rio", 0, 3, "LOC"),))


def test_conll_with_tabs_keeps_spaces_in_a_column(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("1 000\tO\nRoad\tU-Human-made Point-of-Interest", encoding="utf-8")
    (message,) = read_conll(path, event="fire")
    assert message.text == "1 000 Road"
    assert message.event == "fire"
    assert message.mentions == (GoldMention("Road", 6, 10, "Human-made Point-of-Interest"),)


def test_columns_with_the_codes_of_idrisi_get_its_types(tmp_path: Path) -> None:
    path = tmp_path / "dev.txt"
    path.write_text("New B-CITY\nYork L-CITY\n\n# O\nUS U-CTRY\n", encoding="utf-8")
    messages = read_corpus(path, split="dev")
    assert [(m.text, m.type) for message in messages for m in message.mentions] == [
        ("New York", "City/town"),
        ("US", "Country"),
    ]
    # What has other types besides is no file of IDRISI's.
    path.write_text("Ohio U-ST\n\nRio U-LOC\n", encoding="utf-8")
    assert [m.type for message in read_corpus(path, split="dev") for m in message.mentions] == ["ST", "LOC"]


@pytest.mark.parametrize("line", ["alone", "token LOC", "\tO"])
def test_malformed_conll_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.conll"
    path.write_text(f"in O\n{line}\n", encoding="utf-8")
    with pytest.raises(CorpusMalformed) as raised:
        read_conll(path)
    assert raised.value.line == 2


def test_plain_jsonl_by_split_and_event(tmp_path: Path) -> None:
    mention = {"start": 3, "end": 6, "type": "LOC", "text": "Rio"}
    lines = [
        {"id": 1, "split": "a", "text": "in Rio", "mentions": [mention]},
        {"id": 2, "split": "b", "text": "nowhere", "mentions": []},
        {"id": 3, "split": "b", "event": "own", "text": "nowhere", "mentions": []},
    ]
    path = _write_tweets(tmp_path / "tweets.jsonl", *lines)
    assert read_plain_jsonl(path, split="a") == [Message("1", "tweets", "in Rio", (GoldMention("Rio", 3, 6, "LOC"),))]
    assert [(m.id, m.event) for m in read_plain_jsonl(path, event="x")] == [("1", "x"), ("2", "x"), ("3", "own")]


def test_a_plain_message_without_id_has_the_number_of_its_line(tmp_path: Path) -> None:
    path = _write_tweets(tmp_path / "t.jsonl", {"text": "a", "mentions": []}, {"id": "x", "text": "b", "mentions": []})
    assert [message.id for message in read_plain_jsonl(path)] == ["1", "x"]
    assert [entry.message.id for entry in read_subject(path).entries] == ["1", "x"]
    _write_tweets(path, {"mentions": []})
    with pytest.raises(CorpusMalformed, match="key 'text' of message 1 is missing, there is 'mentions'"):
        read_plain_jsonl(path)


def test_plain_jsonl_checks_offsets(tmp_path: Path) -> None:
    mention = {"start": 2, "end": 5, "type": "LOC", "text": "Rio"}
    path = _write_tweets(tmp_path / "t.jsonl", {"id": "q-9", "text": "in Rio", "mentions": [mention]})
    with pytest.raises(CorpusMalformed, match="q-9"):
        read_plain_jsonl(path)


@pytest.fixture(scope="module")
def data() -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("LMR_DATA", root / "../shared/data")).resolve()
    if not (folder / "idrisi-r").is_dir():
        pytest.skip(f"the shared corpora are not at {folder}: set LMR_DATA")
    return folder


@pytest.mark.parametrize(("split", "tweets", "mentions"), [("train", 14_392, 15_363), ("dev", 2_056, 2_194)])
def test_idrisi_counts_and_alignment(data: Path, split: Any, tweets: int, mentions: int) -> None:
    messages = read_idrisi(data / "idrisi-r/EN/gold-random-json", split)
    assert len(messages) == tweets
    assert sum(len(message.mentions) for message in messages) == mentions
    assert len({message.event for message in messages}) == 19
    assert {mention.type for message in messages for mention in message.mentions} == set(TYPES)
    alignments = [align(message) for message in messages]
    assert sum(len(alignment.spans) for alignment in alignments) == mentions
    assert not [mention for alignment in alignments for mention in (*alignment.inexact, *alignment.lost)]


def test_idrisi_json_and_bilou_agree_but_for_two_spans(data: Path) -> None:
    differences = []
    for path in sorted((data / "idrisi-r/EN/gold-random-bilou").glob("*/*.txt")):
        messages = read_idrisi_jsonl(data / "idrisi-r/EN/gold-random-json" / path.parent.name / f"{path.stem}.jsonl")
        for message, tweet in zip(messages, read_idrisi_bilou(path), strict=True):
            in_json = {
                (len("".join(message.text[: m.start].split())), "".join(m.text.split()), m.type)
                for m in message.mentions
            }
            tokens = [token for token, _ in tweet]
            assert "".join(tokens) == "".join(message.text.split())
            in_bilou = {
                (len("".join(tokens[:first])), "".join(tokens[first : last + 1]), type_)
                for first, last, type_ in bioes_to_spans([tag for _, tag in tweet])
            }
            differences += in_json ^ in_bilou
    assert sorted(differences) == [(3, "Nebraska", "State"), (57, "Nebraska", "State")]


def test_the_type_codes_are_those_of_the_corpus(data: Path) -> None:
    tags = (data / "idrisi-r/EN/gold-random-bilou").glob("*/train.txt")
    codes = {line.split("-")[-1] for path in tags for line in path.read_text("utf-8").split("\n") if "-" in line[-7:]}
    assert codes >= set(TYPE_OF_CODE)


@pytest.mark.parametrize(("name", "tweets", "mentions"), [("btc", 9_339, 2_822), ("wnut17", 5_690, 772)])
def test_other_corpora_counts(data: Path, name: str, tweets: int, mentions: int) -> None:
    messages = read_plain_jsonl(data / name / f"{name}.jsonl")
    assert (len(messages), sum(len(message.mentions) for message in messages)) == (tweets, mentions)
    assert {message.event for message in messages} == {name}


LINKED: dict[str, Any] = {
    "tweet_id": "8",
    "text": "Help #Ohio, help Ohio",
    "location_mentions": [
        {
            "text": "Ohio",
            "type": "State",
            "start_offset": 5,
            "end_offset": 9,
            "osm": {
                "osm_type": "relation",
                "osm_id": 162061,
                "lat": "40.2",
                "lon": "-82.7",
                "boundingbox": ["38.4", "42.3", "-84.8", "-80.5"],
                "display_name": "Ohio, United States",
            },
        }
    ],
}


def test_linked_mentions_stand_where_their_text_is_nearest(tmp_path: Path) -> None:
    beside = json.loads(json.dumps(LINKED))
    beside["location_mentions"][0] |= {"start_offset": 18, "end_offset": 22}
    astray = json.loads(json.dumps(LINKED))
    astray["location_mentions"][0] |= {"start_offset": 60, "end_offset": 64}
    _write_tweets(tmp_path / "flood/train.jsonl", LINKED, beside, astray)
    corpus = read_idrisi_d(tmp_path)
    spans = [[(mention.start, mention.end) for mention in each.message.mentions] for each in corpus.messages]
    assert spans == [[(6, 10)], [(17, 21)], []]
    assert (corpus.moved, corpus.lost) == (2, 1)
    (place,) = corpus.messages[0].places
    assert (place.id, place.latitude, place.longitude) == ("osm:relation/162061", 40.2, -82.7)
    assert place.bounds == (-84.8, 38.4, -80.5, 42.3), "west, south, east, north"
    assert corpus.messages[0].message.event == "flood"


def test_a_tweet_that_is_not_linked_is_named(tmp_path: Path) -> None:
    path = _write_tweets(tmp_path / "flood/train.jsonl", LINKED, TWEET)
    with pytest.raises(CorpusMalformed, match="not a tweet of IDRISI-D") as caught:
        read_idrisi_d(tmp_path)
    assert (caught.value.path, caught.value.line) == (path, 2)
    with pytest.raises(CorpusNotFound, match="no such folder"):
        read_idrisi_d(tmp_path / "nowhere")
