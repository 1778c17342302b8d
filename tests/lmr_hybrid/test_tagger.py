"""The tagger: saved and loaded, trained twice, asked in batches, shown the strangest tokens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import ModelCorrupt, ModelError, ModelFormatMismatch, ModelNotFound, TrainingError
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.config import FORMAT_VERSION, TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.examples import make_examples
from lmr_hybrid.tagging.features import COLUMNS, WIDTH, feature_rows
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.model_folder import is_model_folder, read_model, read_object
from lmr_hybrid.tagging.opening import open_tagger
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.train_model import train_model

TEXTS = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    "",
    "Praying for everyone tonight",
    " \n\t",
    "#Kerala shelters are open",
    "The road from New York to Grand Bahama is closed. " * 3,
]
#: Rounding to bfloat16, where the processor has it, leaves about three digits.
CLOSE = 0.03


@pytest.fixture(scope="module")
def tagger(toy_model: Path) -> Tagger:
    return Tagger.load(toy_model)


@pytest.fixture
def copied_model(toy_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_model, tmp_path / "model"))


def prepared(texts: Sequence[str], gazetteer: Gazetteer) -> list[tuple[list[Token], list[Match]]]:
    return [(tokenize(text), gazetteer.matches(text)) for text in texts]


def check_rows(tagger: Tagger, batch: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> None:
    results = tagger.predict(batch)
    assert len(results) == len(batch)
    for (tokens, _), result in zip(batch, results, strict=True):
        assert result.positions.shape == (len(tokens), 5)
        assert result.types.shape == (len(tokens), len(tagger.config.types))
        assert result.positions.sum(axis=1) == pytest.approx(numpy.ones(len(tokens)), abs=1e-3)


def test_a_tagger_says_the_same_once_saved_and_loaded(
    toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    fresh = Tagger.create(toy_encoder, TaggerConfig(types=("City/town", "State"), feature_size=8))
    fresh.save(tmp_path / "model")
    loaded = Tagger.load(tmp_path / "model")
    assert loaded.config == fresh.config
    batch = prepared(TEXTS, toy_gazetteer)
    for before, after in zip(fresh.predict(batch), loaded.predict(batch), strict=True):
        assert after.positions == pytest.approx(before.positions, abs=CLOSE)
        assert after.types == pytest.approx(before.types, abs=CLOSE)


@pytest.fixture
def joined(toy_encoder: Path) -> Tagger:
    """An untrained tagger whose encoder is told of the features, and decides how much of them passes."""
    import torch

    torch.manual_seed(3)
    config = TaggerConfig(types=("City/town", "State"), feature_size=8, gate=True, injection=True)
    tagger = Tagger.create(toy_encoder, config)
    with torch.no_grad():
        for layer in (gazetteer_part(tagger).window, gazetteer_part(tagger).injection):
            layer.weight.normal_(std=0.3)
    return tagger


def gazetteer_part(tagger: Tagger) -> Any:
    return tagger.network.embeddings.embeddings[1]


def stack(tagger: Tagger, batch: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> numpy.ndarray:
    """Return the stacked embeddings of texts, shape (texts, longest, length)."""
    import torch

    tagger.network.eval()
    with torch.no_grad():
        embedded, _ = tagger.network._prepare_tensors([tagger.prepare(*entry)[0] for entry in batch])
    return embedded.numpy()


def test_gate_and_injection_are_saved_and_loaded(joined: Tagger, toy_gazetteer: Gazetteer, tmp_path: Path) -> None:
    joined.save(tmp_path / "model", half=False)
    loaded = Tagger.load(tmp_path / "model")
    assert loaded.config == joined.config
    # In float32; the bfloat16 of predictions rounds the same numbers differently from run to run.
    batch = prepared([text for text in TEXTS if tokenize(text)], toy_gazetteer)
    assert stack(loaded, batch) == pytest.approx(stack(joined, batch), abs=1e-5)
    for before, after in zip(joined.predict(batch), loaded.predict(batch), strict=True):
        assert after.positions == pytest.approx(before.positions, abs=CLOSE)
        assert after.types == pytest.approx(before.types, abs=CLOSE)


def test_injection_reaches_what_the_encoder_says_of_other_words(joined: Tagger, toy_gazetteer: Gazetteer) -> None:
    text = "Flooding in Freeport, power out near Lucayan Harbour"
    known, unknown = stack(joined, prepared([text], toy_gazetteer)), stack(joined, [(tokenize(text), [])])
    encoded = slice(0, 64)
    differs = numpy.abs(known - unknown)[0, :, encoded].max(axis=1)
    assert (differs > 1e-4).all()


def test_injection_of_nothing_is_no_injection(joined: Tagger, toy_gazetteer: Gazetteer) -> None:
    import torch

    part = gazetteer_part(joined)
    with torch.no_grad():
        part.injection.weight.zero_()
    batch = prepared([text for text in TEXTS if tokenize(text)], toy_gazetteer)
    zero = stack(joined, batch)
    part.injection = None
    assert zero == pytest.approx(stack(joined, batch), abs=1e-5)


def test_a_shut_gate_lets_no_feature_pass(joined: Tagger, toy_gazetteer: Gazetteer) -> None:
    import torch

    batch = prepared(TEXTS[:1], toy_gazetteer)
    gate = gazetteer_part(joined).gate
    shares = []
    with torch.no_grad():
        gate.weight.zero_()
        for bias in (-100.0, 100.0):
            gate.bias.fill_(bias)
            shares.append(numpy.abs(stack(joined, batch)[:, :, 64:]).max())
    assert shares[0] < 1e-6 < 1e-2 < shares[1]


def test_texts_without_matches_pass_gate_and_injection(joined: Tagger, toy_gazetteer: Gazetteer) -> None:
    check_rows(joined, [(tokenize(text), []) for text in TEXTS])
    # A text of more pieces than the encoder takes goes without injection.
    check_rows(joined, prepared(["zyxwvutsr " * 150, "Paris"], toy_gazetteer))


def test_a_batch_with_injection_is_tagged_like_its_texts_one_by_one(joined: Tagger, toy_gazetteer: Gazetteer) -> None:
    batch = prepared([text for text in TEXTS if tokenize(text)], toy_gazetteer)
    together = stack(joined, batch)
    for row, entry in zip(together, batch, strict=True):
        alone = stack(joined, [entry])[0]
        assert row[: len(alone)] == pytest.approx(alone, abs=1e-4)


def test_gate_and_injection_learn(joined: Tagger, toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    messages = [message for message in toy_corpus if {m.type for m in message.mentions} <= set(joined.config.types)]
    joined.network.train()
    tagging_loss(joined, make_examples(messages[:8], toy_gazetteer, progress=False)).backward()
    part = gazetteer_part(joined)
    for parameter in (part.gate.weight, part.injection.weight, part.window.weight):
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0


def test_chosen_columns_are_the_named_ones(toy_encoder: Path, toy_gazetteer: Gazetteer) -> None:
    chosen = ("case:title", "B:city", "in:state", "any:begin")
    config = TaggerConfig(types=("City/town",), feature_size=8, feature_columns=chosen, injection=True)
    tagger = Tagger.create(toy_encoder, config)
    batch = prepared(["Flooding in New York", "Kerala"], toy_gazetteer)
    rows = gazetteer_part(tagger).batch_rows([tagger.prepare(*entry)[0] for entry in batch])
    assert rows.shape == (2, 4, 4)
    for got, (tokens, matches) in zip(rows.numpy(), batch, strict=True):
        everything = feature_rows(tokens, matches)
        expected = numpy.stack([everything[:, COLUMNS.index(column)] for column in chosen], axis=1)
        assert numpy.array_equal(got[: len(tokens)], expected)
        assert not got[len(tokens) :].any()
    assert rows[0, 2].tolist() == [1, 1, 1, 1]
    assert rows[1, 0].tolist() == [1, 0, 1, 1]
    check_rows(tagger, batch)


def test_half_precision_on_disk_is_a_choice(toy_encoder: Path, tmp_path: Path) -> None:
    tagger = Tagger.create(toy_encoder, TaggerConfig(types=("City/town",), gazetteer_features=False))
    sizes = []
    for half in (True, False):
        tagger.save(tmp_path / str(half), half=half)
        sizes.append((tmp_path / str(half) / "weights.safetensors").stat().st_size)
    assert sizes[0] < 0.6 * sizes[1]
    exact = Tagger.load(tmp_path / "False").network.state_dict()
    assert all(exact[name].equal(value) for name, value in tagger.network.state_dict().items())


def test_a_model_folder_holds_no_pickle(toy_model: Path) -> None:
    files = [path for path in toy_model.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".txt", ".md", ".toml", ".csv", ".svg"}
    assert {"config.json", "weights.safetensors", "README.md"} <= {path.name for path in files}
    assert not list(toy_model.parent.glob(".*"))


def test_a_model_card_says_what_it_was_trained_on(toy_model: Path) -> None:
    card = (toy_model / "README.md").read_text(encoding="utf-8")
    assert "150 messages" in card
    assert "toy data" in card
    assert "Not measured" in card


def test_a_batch_is_tagged_like_its_texts_one_by_one(tagger: Tagger, toy_gazetteer: Gazetteer) -> None:
    batch = prepared(TEXTS, toy_gazetteer)
    check_rows(tagger, batch)
    for together, entry in zip(tagger.predict(batch), batch, strict=True):
        (alone,) = tagger.predict([entry])
        assert together.positions == pytest.approx(alone.positions, abs=CLOSE)
        assert together.types == pytest.approx(alone.types, abs=CLOSE)


@pytest.mark.parametrize(
    "more",
    [["zyx " * 90 + "Paris 🌊", "\u0301 Paris \u0301"], ["zyxwvutsr " * 150, "Paris"]],
    ids=["that fit the encoder", "of which one has too many pieces"],
)
def test_embeddings_by_the_batch_are_those_of_flair(tagger: Tagger, toy_gazetteer: Gazetteer, more: list[str]) -> None:
    import torch
    from flair.models import SequenceTagger

    texts = [text for text in [*TEXTS, *more] if tokenize(text)]
    tagger.network.eval()

    def sentences() -> list:
        return [tagger.prepare(*entry)[0] for entry in prepared(texts, toy_gazetteer)]

    with torch.no_grad():
        ours, lengths = tagger.network._prepare_tensors(sentences())
        theirs, flair_lengths = SequenceTagger._prepare_tensors(tagger.network, sentences())
    assert lengths.tolist() == flair_lengths.tolist()
    for one, other, length in zip(ours, theirs, lengths.tolist(), strict=True):
        assert one[:length].numpy() == pytest.approx(other[:length].numpy(), abs=1e-3)


def test_texts_without_tokens(tagger: Tagger) -> None:
    assert tagger.predict([]) == []
    check_rows(tagger, [([], []), ([], [])])


@pytest.mark.parametrize(
    "text",
    [
        "🌊🌊 🏳️‍🌈 👩‍👩‍👧 in Paris",
        "\x00 \x01\x07 \x7f",
        "a" * 500 + " Paris",
        "\u0301 \u200d \u202e \ufeff \ufffd \U000e0001",
        "\ud800 \udfff",
        "".join(map(chr, range(0x0E00, 0x0E7F))),
        "क्ष नमस्ते 東京都 مرحبا",
        "\u2028\u2029\x85",
        " ".join("x" * 90 for _ in range(40)),
    ],
    ids=["emoji", "control", "long", "invisible", "surrogates", "thai", "scripts", "separators", "many pieces"],
)
def test_strange_tokens_are_tagged_like_any_other(tagger: Tagger, toy_gazetteer: Gazetteer, text: str) -> None:
    check_rows(tagger, prepared([text, "Flooding in Paris"], toy_gazetteer))


def spoil_weights(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_weight(folder: Path) -> None:
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def lengthen_tokenizer(folder: Path) -> None:
    with (folder / "encoder" / "tokenizer.json").open("a") as stream:
        stream.write(" ")


def garble(name: str) -> Callable[[Path], None]:
    """Overwrite a file by as many bytes that mean nothing."""

    def spoil(folder: Path) -> None:
        path = folder / name
        path.write_bytes(b"\x81" * path.stat().st_size)

    return spoil


def edit_config(**changes: object) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / "config.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**data, **changes}), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("spoil", "error", "named"),
    [
        (lambda folder: shutil.rmtree(folder), ModelNotFound, ""),
        (lambda folder: (folder / "config.json").unlink(), ModelNotFound, ""),
        (lambda folder: (folder / "config.json").write_text("{not json"), ModelCorrupt, "config.json"),
        (lambda folder: (folder / "config.json").write_text("[]"), ModelCorrupt, "config.json"),
        (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe"), ModelCorrupt, "config.json"),
        (lambda folder: (folder / "config.json").write_text("[" * 200_000), ModelCorrupt, "config.json"),
        (edit_config(tagger={"types": ["A"], "colour": "red"}), ModelCorrupt, "config.json"),
        (edit_config(tagger=None), ModelCorrupt, "config.json"),
        (edit_config(format_version=FORMAT_VERSION + 1), ModelFormatMismatch, ""),
        (edit_config(tagger={"types": ["A"], "feature_columns": ["B:city", "B:volcano"]}), ModelFormatMismatch, ""),
        (lambda folder: (folder / "weights.safetensors").unlink(), ModelCorrupt, "weights.safetensors"),
        (spoil_weights, ModelCorrupt, "weights.safetensors"),
        (flip_a_weight, ModelCorrupt, "weights.safetensors"),
        (garble("weights.safetensors"), ModelCorrupt, "weights.safetensors"),
        (edit_config(tagger={"types": ["A"]}), ModelCorrupt, ""),
        (lambda folder: (folder / "encoder" / "config.json").unlink(), ModelCorrupt, "encoder/config.json"),
        (lengthen_tokenizer, ModelCorrupt, "encoder/tokenizer.json"),
        (garble("encoder/tokenizer.json"), ModelCorrupt, "encoder/tokenizer.json"),
        (garble("encoder/config.json"), ModelCorrupt, "encoder/config.json"),
    ],
    ids=[
        "no folder",
        "no configuration",
        "not JSON",
        "not an object",
        "not text",
        "too deep",
        "unknown setting",
        "no settings",
        "another version",
        "other features",
        "no weights",
        "truncated weights",
        "one bit of the weights",
        "garbled weights",
        "weights of another shape",
        "no encoder",
        "lengthened tokenizer",
        "garbled tokenizer",
        "garbled encoder configuration",
    ],
)
def test_a_spoilt_model_is_refused_by_name(
    copied_model: Path, spoil: Callable[[Path], object], error: type[ModelError], named: str
) -> None:
    spoil(copied_model)
    with pytest.raises(ModelError) as caught:
        Tagger.load(copied_model)
    assert type(caught.value) is error
    assert caught.value.subject == copied_model / named
    assert str(copied_model) in str(caught.value)


def test_what_is_nested_too_deep_is_no_configuration(copied_model: Path) -> None:
    path = copied_model / "config.json"
    path.write_text("[" * 200_000)
    assert not is_model_folder(copied_model)
    for read, subject in ((read_object, path), (open_tagger, copied_model)):
        with pytest.raises(ModelCorrupt, match=r"config\.json"):
            read(subject)


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("I am a file")
    with pytest.raises(ModelNotFound):
        Tagger.load(tmp_path / "model")


def trained(messages: Sequence[Message], folder: Path, encoder: Path, gazetteer: Gazetteer, *, seed: int) -> dict:
    from safetensors.numpy import load_file

    train_model(
        messages,
        folder,
        encoder=str(encoder),
        gazetteer=gazetteer,
        tagger_config=TaggerConfig(types=tuple(sorted({m.type for each in messages for m in each.mentions}))),
        training_config=TrainingConfig(epochs=1, batch_size=4, seed=seed),
    )
    return load_file(folder / "weights.safetensors")


def test_training_is_repeatable_from_its_seed(
    toy_corpus: list[Message], toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    first, second, other = (
        trained(toy_corpus[:12], tmp_path / str(number), toy_encoder, toy_gazetteer, seed=seed)
        for number, seed in enumerate((3, 3, 4))
    )
    assert first.keys() == second.keys()
    assert all(numpy.array_equal(first[name], second[name]) for name in first)
    assert any(not numpy.array_equal(first[name], other[name]) for name in first)


def test_training_reports_scores_on_the_dev_corpus(
    toy_corpus: list[Message], toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    lines: list[str] = []
    train_model(
        toy_corpus[:8],
        tmp_path / "model",
        encoder=str(toy_encoder),
        gazetteer=toy_gazetteer,
        dev=toy_corpus[8:12],
        tagger_config=TaggerConfig(types=tuple({m.type for each in toy_corpus for m in each.mentions})),
        training_config=TrainingConfig(epochs=2),
        report=lines.append,
    )
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert all("F1" in line for line in lines)
    assert "- F1:" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("messages", [[], [Message("1", "e", "No place here")]], ids=["none", "none with a mention"])
def test_training_on_nothing_is_refused(
    messages: list[Message], toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    config = TaggerConfig(types=("City/town",))
    with pytest.raises(TrainingError, match="holds no mention"):
        train_model(
            messages,
            tmp_path / "model",
            encoder=str(toy_encoder),
            gazetteer=toy_gazetteer,
            tagger_config=config,
            training_config=TrainingConfig(),
        )
    assert not list(tmp_path.iterdir())


def test_training_overwrites_nothing(toy_corpus, toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(TrainingError, match="exists"):
        trained(toy_corpus[:4], tmp_path, toy_encoder, toy_gazetteer, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_gazetteer_embedding_reads_a_foreign_sentence(toy_gazetteer: Gazetteer) -> None:
    import torch
    from flair.data import Sentence

    from lmr_hybrid.tagging.embeddings import GazetteerEmbeddings

    text = "Rain in Saint Louis and Houston ."
    embedding = GazetteerEmbeddings(toy_gazetteer, size=16)
    with torch.no_grad():
        # Training starts from zero, where every token looks the same.
        embedding.window.weight.normal_(generator=torch.Generator().manual_seed(1))
    sentence, ignorant = Sentence(text.split()), Sentence(text.split())
    embedding.embed(sentence)
    assert embedding.embedding_length == 16
    assert all(token.embedding.shape == (16,) for token in sentence)

    own = feature_rows(tokenize(text), toy_gazetteer.matches(text))
    values = torch.from_numpy(own.reshape(1, -1, WIDTH)).transpose(1, 2)
    with torch.no_grad():
        expected = embedding.activation(embedding.window(values)).transpose(1, 2)[0]
    for token, row in zip(sentence, expected, strict=True):
        assert token.embedding.detach().numpy() == pytest.approx(row.numpy(), abs=1e-5)

    embedding.gazetteer = None
    embedding.embed(ignorant)
    differs = [not torch.allclose(one.embedding, two.embedding) for one, two in zip(sentence, ignorant, strict=True)]
    # Features reach the neighbours of a name and no further.
    assert differs == [False, True, True, True, True, True, True]


def test_foreign_tokens_of_several_own_tokens_keep_in_step(toy_gazetteer: Gazetteer) -> None:
    from flair.data import Sentence

    from lmr_hybrid.tagging.embeddings import GazetteerEmbeddings

    embedding = GazetteerEmbeddings(toy_gazetteer, size=16)
    rows = embedding._rows(Sentence(["we're", "in", "Houston,", "(now)", "Texas"]))
    single = {name: feature_rows(tokenize(name), toy_gazetteer.matches(name))[0] for name in ("Houston", "Texas")}
    context_free = slice(0, COLUMNS.index("context:after #"))
    assert rows[2, context_free].tolist() == single["Houston"][context_free].tolist()
    assert rows[4, context_free].tolist() == single["Texas"][context_free].tolist()
    assert not rows[1, :48].any()


def test_the_embedded_model_is_whole() -> None:
    assert len(read_model(DEFAULT_MODEL).tagger.types) == 12
    suffixes = {path.suffix for path in DEFAULT_MODEL.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".safetensors", ".onnx", ".txt", ".md", ".toml", ".csv", ".svg"}
