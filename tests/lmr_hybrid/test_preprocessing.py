"""What the encoder is shown of a text, and the way back: by hand, in all combinations, in a tagger, in training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import Gazetteer, tokenize
from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import GoldMention, Message, bioes_to_spans, spans_to_bioes
from lmr_hybrid.errors import ModelCorrupt
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.decoding import POSITIONS, TagProbabilities, decode, summarize
from lmr_hybrid.tagging.embeddings import prepare_sentence
from lmr_hybrid.tagging.examples import count_hidden_spans, make_examples
from lmr_hybrid.tagging.features import feature_rows
from lmr_hybrid.tagging.hashtags import split_hashtag
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.model_folder import read_model
from lmr_hybrid.tagging.preprocessing import _MARKED, AS_WRITTEN, Preprocessing, View, find_handles, show
from lmr_hybrid.tagging.tagger import Tagger, fastest_precision
from lmr_hybrid.tagging.train_model import train_model

SWITCHES = [field.name for field in fields(Preprocessing)]
ALL = Preprocessing(**dict.fromkeys(SWITCHES, True))
TYPES = ("City/town", "State")
TAGS = ["O", *(f"{position}-{type_}" for type_ in TYPES for position in "BIES")]
PIECES = [
    *("#PrayForKerala", "#keralafloods", "#New_York", "##Paris", "#9", "#Houston", "# "),
    *(
        "@user_1",
        "RT @abc:",
        "RT @abc : ",
        "a@b.org",
        "@",
        ".@me",
        "https://t.co/x1",
        "https…",
        "www.b.org/?q=#x@y",
        "t.co/a",
    ),
    *("?", "???", "the", "of", "IN", "New York", "Paris", "Main Street", ",", ".", "🌊", "\u0301", "İ", "\u200bTexas"),
]
texts = st.lists(
    st.tuples(st.sampled_from(PIECES) | st.text(max_size=4), st.sampled_from(["", " ", " ", "\n\n"])), max_size=9
).map(lambda pieces: "".join(piece + gap for piece, gap in pieces))
switches = st.builds(Preprocessing, **dict.fromkeys(SWITCHES, st.booleans()))
#: The first hashtag that is split reads wordfreq's list.
without_deadline = settings(deadline=None)
with_session_fixtures = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def seen(text: str, preprocessing: Preprocessing, gazetteer: Gazetteer | None = None) -> View:
    return show(tokenize(text), gazetteer.matches(text) if gazetteer else [], preprocessing)


def certain(spans: Sequence[tuple[int, int, str]], length: int) -> TagProbabilities:
    """Return the probabilities of a tagger that is sure of these spans."""
    rows = numpy.zeros((length, len(TAGS)), numpy.float32)
    rows[range(length), [TAGS.index(tag) for tag in spans_to_bioes(spans, length)]] = 1
    return summarize(rows, TAGS, TYPES)


@pytest.mark.parametrize(
    ("switch", "text", "shown"),
    [
        ("lower_case", "Rain in NYC", "rain in nyc"),
        ("remove_hash", "#Kerala ##flood C#x # 1 #1 &#39;", "Kerala flood C # x # 1 # 1 & # 39 ;"),
        ("remove_question_marks", "Where? In Paris??? ?", "Where In Paris"),
        ("remove_stop_words", "the Rain IN a City of us, I say", "Rain IN City us , say"),
        ("remove_stop_words", "The Road to Main Street and the Gulf Coast", "Road Main Street Gulf Coast"),
        ("remove_urls", "See https://t.co/x1, www.b.org/?q=#x@y. or bit.ly/a-b", "See , . or"),
        ("remove_urls", "Paris https://t.co/x#Kerala http://b.org) https…", "Paris # Kerala ) …"),
        ("remove_urls", "in Houston.Texas or he/she http", "in Houston . Texas or he / she http"),
        ("remove_handles", "RT @a_b: hi @c: .@d a@b.org @ Paris", "hi : . a @ b . org @ Paris"),
        ("mask_urls", "See https://t.co/x1, and www.b.org", "See http , and http"),
        ("mask_handles", "RT @a_b: hi @c", "RT @user : hi @user"),
        ("segment_hashtags", "#PrayForKerala ThisToo", "# Pray For Kerala ThisToo"),
        ("segment_hashtags", "#keralafloods #New_York2018 #NYC", "# kerala floods # New _ York 2018 # NYC"),
    ],
)
def test_what_each_switch_shows(switch: str, text: str, shown: str, toy_gazetteer: Gazetteer) -> None:
    view = seen(text, Preprocessing(**{switch: True}), toy_gazetteer)
    assert " ".join(token.text for token in view.shown) == shown


def test_stop_words_in_a_match_stay(make_gazetteer) -> None:
    from gazetteer import PlaceKind

    gazetteer = Gazetteer.open(make_gazetteer(("man", "Isle of Man", PlaceKind.ISLAND)))
    view = seen("Flooding on the Isle of Man of all places", Preprocessing(remove_stop_words=True), gazetteer)
    assert [token.text for token in view.shown] == ["Flooding", "Isle", "of", "Man", "all", "places"]


def test_removing_goes_before_masking() -> None:
    view = seen("RT @a: see https://t.co/x", Preprocessing(remove_handles=True, mask_handles=True, mask_urls=True))
    assert [token.text for token in view.shown] == ["see", "http"]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("PrayForKerala", "Pray For Kerala"),
        ("keralafloods", "kerala floods"),
        ("HURRICANEHARVEY", "HURRICANE HARVEY"),
        ("NYCFloods2018", "NYC Floods 2018"),
        ("Donate4Kerala", "Donate 4 Kerala"),
        ("EarthquakeinPakistan", "Earthquake in Pakistan"),
        ("Guayaquil", "Guayaquil"),
        ("Chengannur", "Chengannur"),
        ("chimanimani", "chimanimani"),
        ("cycloneidai", "cyclone idai"),
        ("ndma", "ndma"),
        ("Jose\u0301Garci\u0301a", "Jose\u0301 Garci\u0301a"),
        ("東京都", "東京都"),
        ("x" * 5_000, "x" * 5_000),
    ],
)
def test_hashtags_are_split_into_words(word: str, parts: str) -> None:
    assert " ".join(split_hashtag(word)) == parts


@without_deadline
@given(st.text(min_size=1))
def test_the_parts_of_a_hashtag_join_to_it(word: str) -> None:
    parts = split_hashtag(word)
    assert "".join(parts) == word
    assert all(parts)


def test_parts_and_masks_know_their_offsets() -> None:
    text = "Oh @user_1 #keralafloods"
    view = seen(text, Preprocessing(segment_hashtags=True, mask_handles=True))
    stretches = [text[token.start : token.end] for token in view.shown]
    assert stretches == ["Oh", "@user_1", "#", "kerala", "floods"]


@without_deadline
@given(text=texts)
def test_shown_tokens_are_in_order_and_of_their_token(text: str) -> None:
    tokens = tokenize(text)
    for flags in product((False, True), repeat=len(SWITCHES)):
        view = show(tokens, [], Preprocessing(*flags))
        assert list(view.origins) == sorted(view.origins)
        assert bool(view.shown) == bool(tokens)
        for number in view.speaking:
            token, origin = view.shown[number], tokens[view.origins[number]]
            assert origin.start <= token.start <= token.end <= origin.end
            assert token.text.lower() == text[token.start : token.end].lower()


@without_deadline
@given(
    st.lists(st.sampled_from(["@", "@ab", "_", "RT ", "RT", ":", " :", " ", "ab", "é", "#", "https://t.co/", ".co/"]))
)
def test_names_of_users_are_found_as_among_all_else(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = [found.span() for found in _MARKED.finditer(text) if found.lastgroup == "handle"]
    assert find_handles(text) == expected


@without_deadline
@given(text=texts, preprocessing=switches, data=st.data())
def test_spans_come_back_as_they_went(text: str, preprocessing: Preprocessing, data: st.DataObject) -> None:
    tokens = tokenize(text)
    tags = data.draw(st.lists(st.sampled_from(TAGS), min_size=len(tokens), max_size=len(tokens)))
    spans = bioes_to_spans(tags)
    view = show(tokens, [], preprocessing)
    visible = {view.origins[number] for number in view.speaking}
    own = [([index for index in range(first, last + 1) if index in visible], type_) for first, last, type_ in spans]
    expected = [(indexes[0], indexes[-1], type_) for indexes, type_ in own if indexes]
    projected = view.project(spans)
    restored = view.restore(certain(projected, len(view.shown)), TYPES)
    assert [(each.first_token, each.last_token, each.type) for each in decode(restored, TYPES)] == expected


@without_deadline
@given(text=texts, preprocessing=switches, seed=st.integers(0, 99))
def test_hidden_tokens_are_o_or_inside_a_span(text: str, preprocessing: Preprocessing, seed: int) -> None:
    tokens = tokenize(text)
    view = show(tokens, [], preprocessing)
    rows = numpy.random.default_rng(seed).dirichlet(numpy.ones(len(TAGS)), len(view.shown)).astype(numpy.float32)
    restored = view.restore(summarize(rows, TAGS, TYPES), TYPES)
    assert restored.positions.shape == (len(tokens), len(POSITIONS))
    assert restored.positions.sum(axis=1) == pytest.approx(numpy.ones(len(tokens)), abs=1e-4)
    assert restored.types.sum(axis=1) == pytest.approx(1 - restored.positions[:, 0], abs=1e-4)
    spans = decode(restored, TYPES)
    inside = {index for span in spans for index in range(span.first_token + 1, span.last_token)}
    for index in set(range(len(tokens))) - {view.origins[number] for number in view.speaking}:
        row = restored.positions[index].tolist()
        assert row == ([0, 0, 1, 0, 0] if index in inside else [1, 0, 0, 0, 0])


def test_a_part_of_a_hashtag_is_no_mention() -> None:
    view = seen("#KeralaFloods #NewYork", Preprocessing(segment_hashtags=True))
    assert [token.text for token in view.shown] == ["#", "Kerala", "Floods", "#", "New", "York"]
    part, whole = certain([(1, 1, "State")], 6), certain([(4, 5, "City/town")], 6)
    assert decode(view.restore(part, TYPES), TYPES) == []
    (span,) = decode(view.restore(whole, TYPES), TYPES)
    assert (span.first_token, span.last_token, span.type) == (3, 3, "City/town")
    assert span.score == pytest.approx(1, abs=1e-3)


def test_a_span_over_a_hidden_token_stays_one() -> None:
    text = "Bank of @x Houston and @y"
    view = seen(text, Preprocessing(remove_stop_words=True, remove_handles=True))
    assert view.project([(0, 4, "City/town"), (6, 7, "State")]) == [(0, 1, "City/town")]
    message = Message("1", "e", text, (GoldMention("@y", 23, 25, "State"), GoldMention("Houston", 11, 18, "State")))
    examples = make_examples([message], Gazetteer([]))
    assert count_hidden_spans(examples, AS_WRITTEN) == 0
    assert count_hidden_spans(examples, Preprocessing(remove_handles=True)) == 1


@pytest.fixture(scope="module")
def tagger(toy_model: Path) -> Tagger:
    return Tagger.load(toy_model)


def switched(tagger: Tagger, preprocessing: Preprocessing) -> Tagger:
    return Tagger(tagger.network, replace(tagger.config, preprocessing=preprocessing))


@with_session_fixtures
@given(messages=st.lists(texts, max_size=3), preprocessing=switches)
def test_a_tagger_says_something_of_each_token(
    tagger: Tagger, toy_gazetteer: Gazetteer, messages: list[str], preprocessing: Preprocessing
) -> None:
    batch = [(tokenize(text), toy_gazetteer.matches(text)) for text in messages]
    results = switched(tagger, preprocessing).predict(batch)
    assert [len(result.positions) for result in results] == [len(tokens) for tokens, _ in batch]
    for (tokens, matches), result in zip(batch, results, strict=True):
        assert result.positions.sum(axis=1) == pytest.approx(numpy.ones(len(tokens)), abs=1e-2)
        view = show(tokens, matches, preprocessing)
        hidden = sorted(set(range(len(tokens))) - {view.origins[number] for number in view.speaking})
        assert numpy.isin(result.positions[hidden], (0, 1)).all()


@with_session_fixtures
@given(text=texts)
def test_without_switches_nothing_changes(tagger: Tagger, toy_gazetteer: Gazetteer, text: str) -> None:
    import torch

    tokens, matches = tokenize(text), toy_gazetteer.matches(text)
    (result,) = tagger.predict([(tokens, matches)])
    if not tokens:
        assert not len(result.positions)
        return
    with torch.no_grad(), fastest_precision(torch.device("cpu")):
        sentence = prepare_sentence(tokens, feature_rows(tokens, matches))
        scores = tagger.network.forward(*tagger.network._prepare_tensors([sentence])).float().softmax(dim=-1)
    direct = summarize(scores.numpy(), tagger.tags, tagger.config.types)
    assert numpy.array_equal(result.positions, direct.positions)
    assert numpy.array_equal(result.types, direct.types)


def test_the_switches_are_saved_with_the_model(toy_encoder: Path, tmp_path: Path) -> None:
    chosen = Preprocessing(remove_urls=True, segment_hashtags=True)
    Tagger.create(toy_encoder, TaggerConfig(types=TYPES, preprocessing=chosen)).save(tmp_path / "model")
    assert read_model(tmp_path / "model").tagger.preprocessing == chosen
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    del config["tagger"]["preprocessing"]
    path.write_text(json.dumps(config), encoding="utf-8")
    assert Tagger.load(tmp_path / "model").config.preprocessing == AS_WRITTEN
    config["tagger"]["preprocessing"] = {"remove_vowels": True}
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="remove_vowels"):
        Tagger.load(tmp_path / "model")


def test_the_embedded_model_is_shown_all_but_the_names_of_users() -> None:
    assert read_model(DEFAULT_MODEL).tagger.preprocessing == Preprocessing(remove_handles=True)


def test_a_hidden_token_weighs_nothing(tagger: Tagger, toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    preprocessed = switched(tagger, replace(ALL, mask_urls=False, mask_handles=False))
    (example,) = make_examples([Message("1", "e", "@user in Paris https://t.co/x1 ?", ())], toy_gazetteer)
    length = len(example.tokens)
    paris = [token.text for token in example.tokens].index("Paris")
    alone = numpy.zeros(length, numpy.float32)
    alone[paris] = 1
    losses = []
    for weights in (None, alone, numpy.ones(length, numpy.float32)):
        targets = numpy.full((length, len(tagger.tags)), 1 / len(tagger.tags), numpy.float32)
        losses.append(tagging_loss(preprocessed, [replace(example, weights=weights, targets=targets)]).item())
    assert losses[0] > 0.1
    assert losses == [pytest.approx(losses[0], rel=1e-4)] * 3
    assert numpy.isfinite(tagging_loss(preprocessed, make_examples(toy_corpus[:8], toy_gazetteer)).item())


@pytest.mark.slow
def test_training_with_every_switch(
    toy_corpus: list[Message],
    toy_encoder: Path,
    toy_gazetteer: Gazetteer,
    toy_gazetteer_folder: Path,
    tmp_path: Path,
) -> None:
    mention = GoldMention("@user", 0, 5, "State")
    lines: list[str] = []
    train_model(
        [*toy_corpus, Message("handle", "toy", "@user please call", (mention,)), Message("empty", "toy", "@user ?")],
        tmp_path / "model",
        encoder=str(toy_encoder),
        gazetteer=toy_gazetteer,
        tagger_config=TaggerConfig(
            types=tuple(sorted({each.type for message in toy_corpus for each in message.mentions})),
            feature_size=32,
            preprocessing=ALL,
        ),
        training_config=TrainingConfig(
            epochs=20, batch_size=16, encoder_learning_rate=2e-3, head_learning_rate=5e-3, average_decay=0.9
        ),
        report=lines.append,
    )
    assert lines[0] == "preprocessing hides 1 of the mentions to learn from"
    recognizer = Recognizer(model=tmp_path / "model", gazetteers=[toy_gazetteer_folder], rules=())
    text = "#Houston shelters are open, @user says https://t.co/x1"
    assert [(each.text, each.start) for each in recognizer.recognize(text).mentions] == [("Houston", 1)]
    assert recognizer.recognize("@user ?").mentions == ()
