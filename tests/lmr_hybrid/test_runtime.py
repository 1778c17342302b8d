"""The exported tagger says what the reference says, starts without it, and is refused where it cannot be used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lmr_hybrid
from gazetteer import Gazetteer, tokenize
from lmr_hybrid import Recognizer
from lmr_hybrid.cli import main
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch, ModelNotExportable, OutputError, RuntimeNotFound
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.exporting import PRECISIONS, Precision, export_model
from lmr_hybrid.tagging.exporting.ranges import Range
from lmr_hybrid.tagging.exporting.weights import Linear
from lmr_hybrid.tagging.features import COLUMNS
from lmr_hybrid.tagging.opening import EXPORTED_FOLDER, open_tagger
from lmr_hybrid.tagging.preprocessing import Preprocessing, printable
from lmr_hybrid.tagging.pruning import prune_model
from lmr_hybrid.tagging.runtime import ExportedTagger
from lmr_hybrid.tagging.tagger import Tagger

#: What float32 leaves to the order in which numbers are added.
EXACT = 1e-4
TEXTS = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    "",
    "#Kerala shelters are open, @user says https://t.co/x1",
    " \n\t",
    "The road from New York to Grand Bahama is closed. " * 3,
    "🌊🌊 🏳️‍🌈 👩‍👩‍👧 in Paris",
    "\x00 \x01\x07 \x7f",
    "a" * 500 + " Paris",
    "\u0301 \u200d \u202e \ufeff \ufffd \U000e0001",
    "\u0301 Paris \u0301",
    "क्ष नमस्ते 東京都 مرحبا Straße Ａｂｃ ﬁre İstanbul",
    "[CLS] [PAD] <s> <pad> [SEP] [UNK] ##ing",
]


def scores(tagger: Tagger, texts: list[str], gazetteer: Gazetteer) -> list[numpy.ndarray]:
    """Return the reference's probabilities of each text's tokens, in float32 whatever the processor has."""
    import torch

    found = []
    tagger.network.eval()
    for text in texts:
        sentence, _ = tagger.prepare(tokenize(text), gazetteer.matches(text))
        with torch.no_grad():
            found.append(tagger.network.forward(*tagger.network._prepare_tensors([sentence])).softmax(dim=-1).numpy())
    return found


def exported_scores(tagger: ExportedTagger, texts: list[str], gazetteer: Gazetteer) -> list[numpy.ndarray]:
    from lmr_hybrid.tagging.preprocessing import show

    entries = [(tokenize(text), gazetteer.matches(text)) for text in texts]
    return tagger.probabilities([(show(*entry, tagger.config.preprocessing), *entry) for entry in entries])


def check_parity(reference: Tagger, exported: ExportedTagger, texts: list[str], gazetteer: Gazetteer) -> None:
    texts = [text for text in texts if tokenize(text)]
    expected, found = scores(reference, texts, gazetteer), exported_scores(exported, texts, gazetteer)
    for text, one, other in zip(texts, expected, found, strict=True):
        assert one.shape == other.shape, text
        assert numpy.abs(one - other).max() < EXACT, text


@pytest.fixture(scope="module")
def reference(toy_model: Path) -> Tagger:
    return Tagger.load(toy_model)


@pytest.fixture(scope="module", params=PRECISIONS)
def any_exported(
    request: pytest.FixtureRequest,
    toy_model: Path,
    toy_corpus: list[Message],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("exported") / request.param
    export_model(toy_model, folder, precision=request.param, texts=texts_for(request.param, toy_corpus))
    return folder


def texts_for(precision: Precision, corpus: list[Message]) -> list[str]:
    return [message.text for message in corpus[:60]] if precision == "int8-static" else []


@pytest.fixture(scope="module")
def exported_folder(toy_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "float32"
    export_model(toy_model, folder, precision="float32")
    return folder


@pytest.fixture(scope="module")
def exported(exported_folder: Path) -> ExportedTagger:
    return ExportedTagger.load(exported_folder)


def test_texts_are_tagged_as_by_the_reference(
    reference: Tagger, exported: ExportedTagger, toy_gazetteer: Gazetteer
) -> None:
    check_parity(reference, exported, TEXTS, toy_gazetteer)


@pytest.mark.parametrize("length", [250, 509, 510, 511, 637, 638, 764, 765, 900, 1500])
def test_texts_of_more_pieces_than_the_encoder_takes(
    reference: Tagger, exported: ExportedTagger, toy_gazetteer: Gazetteer, length: int
) -> None:
    # Each letter is a word of one piece, but for every tenth, which has three.
    text = " ".join("xyz" if number % 10 == 9 else "qwertuiopasdfghjklcvbnm"[number % 23] for number in range(length))
    check_parity(reference, exported, [text], toy_gazetteer)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_any_text_is_tagged_as_by_the_reference(
    reference: Tagger, exported: ExportedTagger, toy_gazetteer: Gazetteer, text: str
) -> None:
    check_parity(reference, exported, [text, f"Paris {text} in Texas"], toy_gazetteer)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=1, max_size=700))
def test_pieces_are_those_that_flair_makes(reference: Tagger, exported: ExportedTagger, words: list[str]) -> None:
    from flair.data import Sentence

    encoder = reference.network.embeddings.embeddings[0]
    # As `prepare_sentence` shows them to the reference.
    tensors = encoder.prepare_tensors([Sentence([printable(word) for word in words])])
    batch = exported._pieces.batch(exported._pieces.split([words]))
    windows = numpy.split(numpy.array(batch.pieces), numpy.cumsum(batch.lengths)[:-1])
    assert len(windows) == len(tensors["input_ids"])
    for window, ids, mask in zip(windows, tensors["input_ids"], tensors["attention_mask"], strict=True):
        assert window.tolist() == ids[mask.bool()].tolist()
    if len(windows) == 1:
        of_words = tensors["word_ids"][0].tolist()
        firsts = [of_words.index(number) if number in of_words else -1 for number in range(len(words))]
        assert batch.words[:-1] == firsts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=1), min_size=2))
def test_words_are_split_together_as_each_by_itself(exported: ExportedTagger, texts: list[list[str]]) -> None:
    tokenizer = exported._pieces._tokenizer
    alone = [
        [
            tuple(tokenizer.encode([printable(word)], is_pretokenized=True, add_special_tokens=False).ids)
            for word in words
        ]
        for words in texts
    ]
    assert exported._pieces.split(texts) == alone


def test_a_batch_is_tagged_like_its_texts_one_by_one(exported: ExportedTagger, toy_gazetteer: Gazetteer) -> None:
    batch = [(tokenize(text), toy_gazetteer.matches(text)) for text in TEXTS]
    together = exported.predict(batch)
    assert [len(each.positions) for each in together] == [len(tokens) for tokens, _ in batch]
    for entry, result in zip(batch, together, strict=True):
        (alone,) = exported.predict([entry])
        assert result.positions == pytest.approx(alone.positions, abs=EXACT)
        assert result.types == pytest.approx(alone.types, abs=EXACT)


def test_no_text_depends_on_its_neighbours(any_exported: Path, toy_gazetteer: Gazetteer) -> None:
    tagger = ExportedTagger.load(any_exported)
    batch = [(tokenize(text), toy_gazetteer.matches(text)) for text in TEXTS if tokenize(text)]
    for entry, together in zip(batch, tagger.predict(batch), strict=True):
        assert together.positions == pytest.approx(tagger.predict([entry])[0].positions, abs=0.005)


@pytest.mark.parametrize("threads", [2, 3, 40])
def test_threads_share_a_batch_without_mixing_it_up(
    exported_folder: Path, exported: ExportedTagger, toy_gazetteer: Gazetteer, threads: int
) -> None:
    batch = [(tokenize(text), toy_gazetteer.matches(text)) for text in TEXTS * 3]
    several = ExportedTagger.load(exported_folder, threads=threads)
    for one, other in zip(exported.predict(batch), several.predict(batch), strict=True):
        assert one.positions == pytest.approx(other.positions, abs=EXACT)


_FORKED = """
import os, sys
from lmr_hybrid import Recognizer
recognizer = Recognizer(model=sys.argv[1], gazetteers=[], runtime="onnx")
texts = ["Flooding in Freeport, power out near Lucayan Harbour"] * 100
found = list(recognizer.recognize_many(texts))
child = os.fork()
if not child:
    os._exit(list(recognizer.recognize_many(texts)) != found)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork processes")
def test_a_forked_process_tags_as_well(exported_folder: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", _FORKED, str(exported_folder)]
    # Threads do not survive a fork: whoever waits for those of the other process waits for ever.
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "2"}, timeout=120)


def test_nothing_to_tag(exported: ExportedTagger) -> None:
    assert exported.predict([]) == []
    (result,) = exported.predict([([], [])])
    assert result.positions.shape == (0, 5)


def test_mentions_are_those_of_the_reference(
    any_exported: Path, recognizer: Recognizer, toy_gazetteer_folder: Path, toy_corpus: list[Message]
) -> None:
    runs_exported = Recognizer(model=any_exported, gazetteers=[toy_gazetteer_folder])
    texts = [message.text for message in toy_corpus]
    differing = 0
    for one, other in zip(recognizer.recognize_many(texts), runs_exported.recognize_many(texts), strict=True):
        differing += [(m.text, m.start, m.type) for m in one.mentions] != [
            (m.text, m.start, m.type) for m in other.mentions
        ]
    assert differing <= len(texts) // 50


_CONFIG = TaggerConfig(types=("City/town", "State"), feature_size=8)


@pytest.mark.parametrize(
    "config",
    [
        replace(_CONFIG, gazetteer_features=False),
        replace(_CONFIG, gate=True, injection=True),
        replace(_CONFIG, feature_columns=(COLUMNS[70], COLUMNS[3], COLUMNS[50])),
        replace(_CONFIG, layers="-2"),
        replace(_CONFIG, layers="0,-1"),
        replace(_CONFIG, layers="all"),
        replace(
            _CONFIG, preprocessing=Preprocessing(segment_hashtags=True, mask_urls=True, remove_question_marks=True)
        ),
    ],
    ids=["no features", "gate and injection", "chosen columns", "other layer", "layers", "all layers", "preprocessing"],
)
def test_every_setting_is_honoured(
    toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path, config: TaggerConfig
) -> None:
    shaken(Tagger.create(toy_encoder, config)).save(tmp_path / "model", half=False)
    export_model(tmp_path / "model", tmp_path / "exported", precision="float32")
    exported = ExportedTagger.load(tmp_path / "exported")
    assert exported.config == config
    check_parity(Tagger.load(tmp_path / "model"), exported, [*TEXTS, "so #FloodsInKerala ? wow"], toy_gazetteer)


def shaken(tagger: Tagger) -> Tagger:
    """Give layers that begin at zero something to say."""
    import torch

    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in tagger.network.parameters():
            parameter += torch.randn_like(parameter) * 0.1
    return tagger


def _small(name: str, **settings: Any) -> Any:
    import transformers

    common = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    return getattr(transformers, f"{name}Model")(getattr(transformers, f"{name}Config")(**{**common, **settings}))


@pytest.fixture
def make_encoder(toy_encoder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Make an untrained encoder of another architecture, with the word pieces of the toy encoder."""

    def make(name: str, **settings: Any) -> Path:
        import torch
        from transformers import BertTokenizerFast

        torch.manual_seed(1)
        folder = tmp_path / "encoder"
        folder.mkdir()
        pieces = (toy_encoder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        if settings.get("pad_token_id") == 1:
            pieces[:2] = reversed(pieces[:2])
        (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
        BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=512).save_pretrained(folder)
        _small(name, vocab_size=len(pieces), **settings).save_pretrained(folder)
        return folder

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("MPNet", {"max_position_embeddings": 514, "pad_token_id": 1}),
        ("Roberta", {"max_position_embeddings": 514, "pad_token_id": 1, "type_vocab_size": 1}),
        ("Electra", {"embedding_size": 16}),
        ("DistilBert", {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48}),
        ("Bert", {"hidden_act": "gelu_new"}),
        ("Bert", {"hidden_act": "relu"}),
    ],
    ids=["MPNet", "RoBERTa", "ELECTRA", "DistilBERT", "tanh", "ReLU"],
)
def test_architectures(
    make_encoder: Callable[..., Path],
    toy_gazetteer: Gazetteer,
    toy_corpus: list[Message],
    tmp_path: Path,
    name: str,
    config: dict[str, Any],
) -> None:
    shaken(Tagger.create(make_encoder(name, **config), _CONFIG)).save(tmp_path / "model", half=False)
    export_model(tmp_path / "model", tmp_path / "exported", precision="float32")
    exported = ExportedTagger.load(tmp_path / "exported")
    # Long enough for all of MPNet's distances; letters of the alphabet are pieces of the toy tokenizer.
    long = " ".join("abcdefghijklmnopqrstuvwxyz"[number % 26] for number in range(300))
    check_parity(Tagger.load(tmp_path / "model"), exported, [*TEXTS, long], toy_gazetteer)
    # And with fewer neurons, chosen by a single message, which is not padded.
    prune_model(tmp_path / "model", tmp_path / "narrow", neurons=24, messages=toy_corpus[:1], gazetteer=toy_gazetteer)
    export_model(tmp_path / "narrow", tmp_path / "narrow" / "exported", precision="float32")
    narrow = ExportedTagger.load(tmp_path / "narrow" / "exported")
    check_parity(Tagger.load(tmp_path / "narrow"), narrow, TEXTS, toy_gazetteer)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "deberta"}, "architecture deberta"),
        ({"hidden_act": "silu"}, "activation silu"),
        ({"position_embedding_type": "relative_key"}, "relative_key"),
    ],
)
def test_an_unknown_encoder_is_refused_by_name(toy_model: Path, change: dict[str, str], words: str) -> None:
    from lmr_hybrid.tagging.exporting.weights import Weights, read_encoder

    config = json.loads((toy_model / "encoder" / "config.json").read_text(encoding="utf-8"))
    with pytest.raises(ModelNotExportable, match=words):
        read_encoder(Weights(toy_model / "weights.safetensors"), {**config, **change}, toy_model)


def test_another_pooling_is_refused(toy_encoder: Path, tmp_path: Path) -> None:
    Tagger.create(toy_encoder, replace(_CONFIG, subtoken_pooling="mean")).save(tmp_path / "model")
    with pytest.raises(ModelNotExportable, match="pooling mean"):
        export_model(tmp_path / "model", tmp_path / "exported")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_with_an_exported_form_runs_that(toy_model: Path, exported_folder: Path, tmp_path: Path) -> None:
    both = Path(shutil.copytree(toy_model, tmp_path / "model"))
    assert isinstance(open_tagger(both), Tagger)
    with pytest.raises(RuntimeNotFound, match="lmr_hybrid export"):
        open_tagger(both, "onnx")
    shutil.copytree(exported_folder, both / EXPORTED_FOLDER)
    assert isinstance(open_tagger(both), ExportedTagger)
    assert isinstance(open_tagger(both, "flair"), Tagger)
    assert isinstance(open_tagger(exported_folder), ExportedTagger)
    with pytest.raises(RuntimeNotFound, match="does not run on Flair"):
        open_tagger(exported_folder, "flair")
    with pytest.raises(ValueError, match="no such runtime: 'torch'; there are auto, onnx, flair"):
        open_tagger(both, "torch")  # type: ignore[arg-type]


def test_an_exported_form_of_other_weights_is_refused(toy_model: Path, exported_folder: Path, tmp_path: Path) -> None:
    both = Path(shutil.copytree(toy_model, tmp_path / "model"))
    shutil.copytree(exported_folder, both / EXPORTED_FOLDER)
    Tagger.load(toy_model).save(both, half=False)
    with pytest.raises(ModelCorrupt, match="other weights"):
        open_tagger(both)
    assert isinstance(open_tagger(both, "flair"), Tagger)


_FIRST_MENTION = """
import sys
from pathlib import Path
import lmr_hybrid.recognizer
lmr_hybrid.recognizer.DEFAULT_MODEL = Path(sys.argv[1])
recognizer = lmr_hybrid.Recognizer()
print([mention.text for mention in recognizer.recognize("Flooding in Houston").mentions])
print(sorted(name for name in ("torch", "flair", "transformers", "onnx") if name in sys.modules))
"""


@pytest.fixture(params=["beside", "instead"])
def embedded(request: pytest.FixtureRequest, toy_model: Path, exported_folder: Path, tmp_path: Path) -> Path:
    """A model folder that holds the exported form beside the weights, or instead of them."""
    folder = tmp_path / "small"
    if request.param == "beside":
        shutil.copytree(toy_model, folder)
    else:
        folder.mkdir()
        (folder / "README.md").write_text("# What it was trained on", encoding="utf-8")
    shutil.copytree(exported_folder, folder / EXPORTED_FOLDER)
    return folder


@pytest.mark.slow
def test_an_embedded_model_runs_without_the_libraries_it_was_trained_with(embedded: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _FIRST_MENTION, str(embedded)], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["['Houston']", "[]"]


def test_a_model_without_its_weights_says_what_to_do(
    exported_folder: Path, toy_gazetteer_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(exported_folder, tmp_path / "small" / EXPORTED_FOLDER)
    for folder in (tmp_path / "small", tmp_path / "small" / EXPORTED_FOLDER):
        assert isinstance(open_tagger(folder), ExportedTagger)
        assert isinstance(open_tagger(folder, "onnx"), ExportedTagger)
        with pytest.raises(RuntimeNotFound, match="Give the folder that it was exported from"):
            Recognizer(model=folder, gazetteers=[toy_gazetteer_folder], runtime="flair")
        result = CliRunner().invoke(
            main, ["recognize", "-", "--model", str(folder), "--runtime", "flair"], input="Flood in Houston"
        )
        assert result.exit_code != 0
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.splitlines()) == 1


def test_every_file_of_an_embedded_model_is_installed() -> None:
    root = Path(lmr_hybrid.__file__).parent
    settings_ = ConfigParser()
    settings_.read(root.parent / "setup.cfg", encoding="utf-8")
    patterns = settings_["options.package_data"]["lmr_hybrid"].split(", ")
    installed = {path for pattern in patterns for path in root.glob(pattern)}
    model = root / "models" / "small"
    exported = [model / EXPORTED_FOLDER / name for name in ("config.json", "model.onnx", "tokenizer.json")]
    for path in (*exported, *(path for path in model.rglob("*") if path.is_file())):
        assert path in installed or any(path.relative_to(root).match(pattern) for pattern in patterns), path


def edit(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        for name, value in changes.items():
            data["exported"][name] = value
        path.write_text(json.dumps(data), encoding="utf-8")

    return change


def garble(name: str) -> Callable[[Path], None]:
    """Overwrite a file, and list it in the configuration as it now is."""

    def spoil(folder: Path) -> None:
        from lmr_hybrid.tagging.model_folder import checksum

        (folder / name).write_bytes(b"\x81" * 100)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        config["files"][name] = checksum(folder / name)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    return spoil


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), ModelCorrupt),
        (lambda folder: (folder / "model.onnx").write_bytes(b"short"), ModelCorrupt),
        (garble("model.onnx"), ModelCorrupt),
        (garble("tokenizer.json"), ModelCorrupt),
        (edit(format_version=99), ModelFormatMismatch),
        (edit(colour="red"), ModelCorrupt),
    ],
    ids=["no graph", "truncated graph", "garbled graph", "garbled tokenizer", "another version", "unknown setting"],
)
def test_a_spoilt_export_is_refused(
    exported_folder: Path, tmp_path: Path, spoil: Callable[[Path], object], error: type[Exception]
) -> None:
    copy = Path(shutil.copytree(exported_folder, tmp_path / "copy"))
    spoil(copy)
    with pytest.raises(error) as caught:
        open_tagger(copy)
    assert str(copy) in str(caught.value)


def test_the_command_exports_into_the_model_folder(toy_model: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(toy_model, tmp_path / "model"))
    for _ in range(2):
        result = CliRunner().invoke(main, ["export", str(model), "--precision", "float32"])
        assert result.exit_code == 0, result.output
        assert str(model / EXPORTED_FOLDER) in result.stdout
    assert {path.name for path in (model / EXPORTED_FOLDER).iterdir()} == {
        "config.json",
        "model.onnx",
        "tokenizer.json",
    }
    assert not list(model.glob(".*"))
    assert isinstance(open_tagger(model), ExportedTagger)


def test_the_command_takes_texts_of_a_corpus(toy_model: Path, toy_corpus: list[Message], tmp_path: Path) -> None:
    corpus = tmp_path / "messages.jsonl"
    corpus.write_text(
        "".join(
            json.dumps({"id": message.id, "text": message.text, "mentions": []}) + "\n" for message in toy_corpus[:60]
        ),
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, ["export", str(toy_model), "--texts", str(corpus), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "int8-static" in result.stdout
    tagger = ExportedTagger.load(tmp_path / "out")
    assert tagger.form.precision == "int8-static"
    (tagged,) = tagger.predict([(tokenize("Flooding in Houston"), ())])
    assert tagged.positions[2].argmax() != 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--precision", "int8-static"], "go together"),
        (["--precision", "float32", "--texts", "messages.jsonl"], "go together"),
        (["--texts", "nowhere.jsonl"], "nowhere.jsonl"),
        (["--texts", "wordless.jsonl"], "no word"),
    ],
)
def test_texts_that_cannot_be_used_are_refused(
    toy_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wordless.jsonl").write_text(json.dumps({"id": "1", "text": " ", "mentions": []}), encoding="utf-8")
    result = CliRunner().invoke(main, ["export", str(toy_model), "-o", "out", *options])
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not Path("out").exists()


@settings(max_examples=100, deadline=None)
@given(data=st.data(), normalized=st.booleans(), columns=st.integers(1, 6))
def test_fixed_rounding_keeps_what_was_seen(data: st.DataObject, normalized: bool, columns: int) -> None:
    numbers = st.floats(-1000, 1000, width=32)
    rows = numpy.array(data.draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), min_size=1)))
    weight = data.draw(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=columns, max_size=columns))
    layer = Linear(numpy.array(weight, numpy.float32), numpy.zeros(3, numpy.float32))
    rounding = Range(layer, normalized, [rows.min(axis=0)], [rows.max(axis=0)]).rounding()
    assert 0 <= rounding.zero <= 255
    assert (rounding.divisors is not None) == normalized
    divisors = numpy.ones(columns) if rounding.divisors is None else rounding.divisors
    steps = numpy.rint(rows / divisors / rounding.step) + rounding.zero
    # The zero is rounded, too, so that what lies outermost may be cut by half a step.
    assert steps.min() >= -1
    assert steps.max() <= 256
    back = (numpy.clip(steps, 0, 255) - rounding.zero) * rounding.step * divisors
    assert (numpy.abs(back - rows) <= 1.01 * rounding.step * divisors + 1e-9).all()


def test_what_else_is_there_is_not_overwritten(toy_model: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("keep me", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(OutputError, match="something else"):
            export_model(toy_model, tmp_path)
        # Nested deeper than can be read.
        (tmp_path / "config.json").write_text("[" * 200_000, encoding="utf-8")
    result = CliRunner().invoke(main, ["export", str(toy_model), "-o", str(tmp_path / "notes.txt")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "keep me"


@pytest.mark.slow
def test_an_exported_model_runs_without_the_libraries_it_was_trained_with(
    exported_folder: Path, toy_gazetteer_folder: Path, tmp_path: Path
) -> None:
    script = f"""
import sys
from lmr_hybrid import Recognizer
recognizer = Recognizer(model={str(exported_folder)!r}, gazetteers=[{str(toy_gazetteer_folder)!r}])
print([mention.text for mention in recognizer.recognize("Flooding in Houston").mentions])
heavy = {{"torch", "flair", "transformers", "onnx", "pandas", "scipy", "sklearn", "matplotlib", "duckdb", "pyarrow"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path, env=os.environ
    )
    assert done.stdout.splitlines() == ["['Houston']", "[]"]
    assert done.stderr == ""
