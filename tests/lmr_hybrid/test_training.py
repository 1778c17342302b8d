"""Training as a product: repeated, interrupted, resumed, logged, and told by options what to do."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result

from gazetteer import WORLD, Gazetteer
from lmr_hybrid.augmentation import NONE
from lmr_hybrid.cli import main
from lmr_hybrid.corpora import TYPES, Message, align, spans_to_bioes
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.config import Execution, TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.examples import make_examples
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.optimization import (
    Precision,
    freeze_embeddings,
    make_optimizer,
    make_schedule,
    set_encoder_dropout,
)
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.train_model import train_model
from lmr_hybrid.training_run import run_training
from lmr_hybrid.training_settings import load_settings, make_settings

ROOT = Path(__file__).resolve().parents[2]


def checksum(model: Path) -> str:
    return sha256((model / "weights.safetensors").read_bytes()).hexdigest()


def bio(messages: Sequence[Message]) -> str:
    """Write messages as CoNLL columns in BIO, the scheme without ends."""
    lines = []
    for message in messages:
        alignment = align(message)
        tags = spans_to_bioes(alignment.spans, len(alignment.tokens))
        for token, tag in zip(alignment.tokens, tags, strict=True):
            lines.append(f"{token.text}\t{tag.replace('S-', 'B-').replace('E-', 'I-')}")
        lines.append("")
    return "\n".join(lines)


@pytest.fixture
def config_file(
    tmp_path: Path, toy_corpus: list[Message], toy_encoder: Path, toy_gazetteer_folder: Path, monkeypatch
) -> Path:
    """A file of settings beside a BIO corpus of the user's own."""
    monkeypatch.setenv("TOY_ENCODERS", str(toy_encoder.parent))
    (tmp_path / "train.conll").write_text(bio(toy_corpus[:40]), encoding="utf-8")
    (tmp_path / "dev.conll").write_text(bio(toy_corpus[40:60]), encoding="utf-8")
    path = tmp_path / "toy.toml"
    path.write_text(
        f"""
output = "model"
[data]
train = ["train.conll"]
dev = "dev.conll"
[tagger]
encoder = "${{TOY_ENCODERS}}/{toy_encoder.name}"
feature_size = 8
[training]
epochs = 2
batch_size = 2
threads = 1
[augmentation]
streets = 0.0
[gazetteer]
folders = ["{toy_gazetteer_folder.as_posix()}"]
world = false
""",
        encoding="utf-8",
    )
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, arguments)])


def test_a_users_bio_corpus_trains_with_no_code_and_the_model_repeats_itself(config_file: Path) -> None:
    done = run(config_file)
    assert done.exit_code == 0, done.output
    model = config_file.parent / "model"
    assert {path.name for path in config_file.parent.iterdir()} == {
        "model",
        "toy.toml",
        "train.conll",
        "dev.conll",
    }
    assert Tagger.load(model).config.types == TYPES
    card = (model / "README.md").read_text(encoding="utf-8")
    for words in ("train.conll: 40 messages", "dev.conll: 20 messages", "sha256:", "1 threads", "seed 1", "- F1: "):
        assert words in card
    assert str(config_file.parent) not in card.partition("## Settings")[0]

    with (model / "training.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 41)]
    assert [row["step"] for row in rows if row["f1"]] == ["20", "40"]
    rates = [float(row["encoder_learning_rate"]) for row in rows]
    assert rates.index(max(rates)) == 4
    assert (model / "training.svg").read_text(encoding="utf-8").startswith("<?xml")

    again = config_file.parent / "elsewhere" / "again"
    assert run(model / "training.toml", "-o", again).exit_code == 0
    assert checksum(again) == checksum(model)


def test_options_override_the_file(config_file: Path) -> None:
    shown = run(config_file, "--seed", "5", "--print-config", "--world", "--no-features").stdout
    assert "seed = 5" in shown
    assert "world = true" in shown
    assert "gazetteer_features = false" in shown
    assert "epochs = 2" in shown
    (config_file.parent / "all.toml").write_text(shown, encoding="utf-8")
    assert run(config_file.parent / "all.toml", "--print-config").stdout == shown
    assert not (config_file.parent / "model").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("epochs", "epoch", ["[training]", "'epoch'", "Did you mean epochs?", "batch_size"]),
        ("[tagger]", "[taggers]", ["'taggers'", "tagger"]),
        ("epochs = 2", "epochs = 0", ["[training] epochs = 0", "1 or more"]),
        ("epochs = 2", "epochs = 2.5", ["epochs = 2.5", "a whole number"]),
        ("epochs = 2", "label_smoothing = 2", ["label_smoothing = 2", "between 0 and 0.9"]),
        ("epochs = 2", "schedule = 'square'", ["linear, cosine, one-cycle"]),
        ("epochs = 2", "device = 'cuda:77'", ["cuda:77", "cannot be used"]),
        ("world = false", "world = 'no'", ["[gazetteer] world", "true or false"]),
        ("${TOY_ENCODERS}", "${NO_SUCH_VARIABLE}", ["NO_SUCH_VARIABLE", "not set"]),
        ("encoder = ", "# encoder = ", ["[tagger] lacks encoder"]),
        ('train = ["train.conll"]', 'train = ["none.conll"]', ["none.conll", "no such file"]),
        ("${TOY_ENCODERS}/", "./no-such-folder/", ["no-such-folder", "cannot be loaded"]),
        ("${TOY_ENCODERS}/", "no-such-user-of-tests/", ["no-such-user-of-tests/", "the hub was asked in vain"]),
        ('output = "model"', 'output = "dev.conll/model"', ["cannot be written"]),
        ("[data]", "[data", ["is not TOML", "line 3"]),
        ("feature_size = 8", 'types = ["State"]', ["other types", "City/town"]),
    ],
)
def test_wrong_settings_are_one_line(config_file: Path, old: str, new: str, words: list[str]) -> None:
    text = config_file.read_text(encoding="utf-8")
    assert old in text
    config_file.write_text(text.replace(old, new), encoding="utf-8")
    result = run(config_file)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert all(word in result.stderr for word in words), result.stderr
    assert not (config_file.parent / "model").exists()


def test_a_diverging_training_ends_with_a_word(interrupted) -> None:
    with pytest.raises(TrainingError, match="diverged"):
        interrupted(restart=True, batch_size=1, encoder_learning_rate=1e30, head_learning_rate=1e30)


@pytest.mark.parametrize(
    ("name", "encoder", "teachers"),
    [
        ("teacher", "/encoders/all-MiniLM-L6-v2", ()),
        ("pupil", "/teachers/1", ("/teachers/1", "/teachers/2")),
        ("base", "/encoders/all-mpnet-base-v2", ()),
        ("small", "/teachers/pupil", ("/teachers/base", "/teachers/pupil")),
    ],
)
def test_the_settings_of_our_models_are_valid(
    name: str, encoder: str, teachers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DATA", "ENCODERS", "GAZETTEERS", "TEACHERS"):
        monkeypatch.setenv(f"LMR_{variable}", f"/{variable.lower()}")
    settings = load_settings(ROOT / "benchmarks" / "configs" / f"{name}.toml", {}, output=Path("model"))
    assert settings.data.train == settings.data.dev == ("/data/idrisi-r/EN/gold-random-json",)
    assert settings.encoder == encoder
    assert settings.distillation.teachers == teachers


def test_every_setting_of_a_training_is_documented() -> None:
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    names = [field.name for kind in (TrainingConfig, Execution) for field in fields(kind)]
    assert [name for name in names if f"| `{name}` |" not in page] == []


def test_without_output_there_is_no_training(config_file: Path) -> None:
    result = run(config_file.parent / "train.conll", "--encoder", "any")
    assert result.exit_code == 2
    assert "-o" in result.stderr


@pytest.mark.slow
def test_killed_and_started_again_it_ends_with_the_same_weights(config_file: Path) -> None:
    folder = config_file.parent
    command = [sys.executable, "-m", "lmr_hybrid", "train", str(config_file), "--checkpoint-steps", "7"]
    whole = subprocess.run([*command, "-o", str(folder / "whole")], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr
    checkpoint = folder / "model.training" / "checkpoint.safetensors"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 240
        while not checkpoint.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
    assert not (folder / "model").exists()
    resumed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert resumed.returncode == 0, resumed.stderr
    assert checksum(folder / "model") == checksum(folder / "whole")
    assert not checkpoint.parent.exists()

    def steps(model: str) -> list[str]:
        with (folder / model / "training.csv").open(encoding="utf-8", newline="") as stream:
            return [f"{row['step']} {row['loss']} {row['f1']}" for row in csv.DictReader(stream)]

    assert steps("model") == steps("whole")


class Interrupted(Exception):
    pass


def stop_in_second_epoch(line: str) -> None:
    if line.startswith("epoch 2"):
        raise Interrupted


@pytest.fixture
def interrupted(toy_corpus: list[Message], toy_encoder: Path, toy_gazetteer: Gazetteer, tmp_path: Path) -> Any:
    """Return a function that trains `tmp_path / "model"`; it has been interrupted after its first epoch."""

    def start(
        restart: bool = False,
        report=lambda _: None,
        output: str = "model",
        gazetteer: Gazetteer = toy_gazetteer,
        **changes: Any,
    ) -> list[str]:
        lines: list[str] = []
        train_model(
            toy_corpus[:12],
            tmp_path / output,
            encoder=str(toy_encoder),
            gazetteer=gazetteer,
            tagger_config=TaggerConfig(types=TYPES, feature_size=8),
            training_config=replace(TrainingConfig(epochs=2, batch_size=4, average_decay=0.5), **changes),
            augmentation=replace(NONE, match_dropout=0.5),
            execution=Execution(checkpoint_minutes=0),
            restart=restart,
            report=lambda line: (lines.append(line), report(line)),
        )
        return lines

    with pytest.raises(Interrupted):
        start(report=stop_in_second_epoch)
    return start


def test_a_training_goes_on_after_its_last_epoch(interrupted, tmp_path: Path) -> None:
    assert {path.name for path in (tmp_path / "model.training").iterdir()} == {
        "checkpoint.safetensors",
        "training.csv",
        "training.svg",
    }
    assert [line[:9] for line in interrupted()] == ["epoch 2/2"]
    assert [line[:9] for line in interrupted(output="whole")] == ["epoch 1/2", "epoch 2/2"]
    assert checksum(tmp_path / "model") == checksum(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"model", "whole"}


@pytest.mark.parametrize(
    "changes",
    [{"schedule": "cosine", "freeze_embeddings": True}, {"schedule": "one-cycle", "layer_decay": 0.8}],
    ids=["cosine", "one-cycle"],
)
def test_whatever_the_optimization_it_goes_on(interrupted, tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(Interrupted):
        interrupted(restart=True, report=stop_in_second_epoch, **changes)
    assert [line[:9] for line in interrupted(**changes)] == ["epoch 2/2"]
    interrupted(output="whole", **changes)
    assert checksum(tmp_path / "model") == checksum(tmp_path / "whole")


def test_a_checkpoint_of_other_settings_is_refused(interrupted, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"training\.weight_decay was 0\.01, is 0\.02.*--restart"):
        interrupted(weight_decay=0.02)
    assert [line[:9] for line in interrupted(restart=True, weight_decay=0.02)] == ["epoch 1/2", "epoch 2/2"]
    assert not (tmp_path / "model.training").exists()


def test_a_checkpoint_of_another_gazetteer_is_refused(interrupted) -> None:
    with pytest.raises(TrainingError, match=r"gazetteers.*--restart"):
        interrupted(gazetteer=Gazetteer.open(WORLD))


def test_steps_are_in_bfloat16_only_where_the_processor_multiplies_it() -> None:
    native = bool(torch.cpu._is_avx512_bf16_supported())
    precision = Precision(torch.device("cpu"), TrainingConfig())
    with precision._autocast:
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if native else torch.float32)
    assert not precision.scaler.is_enabled()


@pytest.mark.parametrize("content", [b"", b"garbled" * 100])
def test_a_garbled_checkpoint_is_refused(interrupted, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.training" / "checkpoint.safetensors").write_bytes(content)
    with pytest.raises(TrainingError, match="cannot be read"):
        interrupted()


@pytest.fixture
def fresh(toy_encoder: Path) -> Tagger:
    return Tagger.create(toy_encoder, TaggerConfig(types=TYPES, feature_size=8))


def test_learning_rates_fall_from_layer_to_layer(fresh: Tagger) -> None:
    config = TrainingConfig(encoder_learning_rate=0.1, head_learning_rate=0.5, layer_decay=0.5)
    groups = make_optimizer(fresh, config).param_groups
    assert [group["lr"] for group in groups] == [0.1, 0.05, 0.025, 0.5]
    names = {id(parameter): name for name, parameter in fresh.network.named_parameters()}
    places = [{names[id(parameter)] for parameter in group["params"]} for group in groups]
    assert all(".layer.1." in name or "pooler" in name for name in places[0])
    assert all(".layer.0." in name for name in places[1])
    assert all(".embeddings." in name for name in places[2])
    assert sum(map(len, places)) == len(names)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "one-cycle"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 10])
def test_schedules_stay_below_their_peak(fresh: Tagger, schedule: Any, warmup: float, steps: int) -> None:
    config = TrainingConfig(encoder_learning_rate=0.1, schedule=schedule, warmup_share=warmup)
    optimizer = make_optimizer(fresh, config)
    plan = make_schedule(optimizer, config, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        plan.step()
    assert all(0 <= rate <= 0.1 for rate in rates)
    if steps == 10 and warmup < 1:
        peak = rates.index(max(rates))
        assert rates[:peak] == sorted(rates[:peak])
        assert rates[peak:] == sorted(rates[peak:], reverse=True)
        assert rates[-1] < 0.05


def test_frozen_embeddings_are_not_trained(fresh: Tagger) -> None:
    everything = sum(len(group["params"]) for group in make_optimizer(fresh, TrainingConfig()).param_groups)
    freeze_embeddings(fresh)
    assert sum(len(group["params"]) for group in make_optimizer(fresh, TrainingConfig()).param_groups) == everything - 1


def test_encoder_dropout_reaches_all_layers_but_the_attention(fresh: Tagger) -> None:
    encoder = fresh.network.embeddings.embeddings[0].model
    set_encoder_dropout(fresh, 0.3)
    assert encoder.encoder.layer[1].output.dropout.p == 0.3
    assert encoder.embeddings.dropout.p == 0.3
    assert encoder.encoder.layer[0].attention.self.dropout.p == 0
    set_encoder_dropout(fresh, 0)
    with pytest.raises(TrainingError, match="no dropout"):
        set_encoder_dropout(fresh, 0.1)


def test_smoothed_labels_cost_a_tagger_that_is_sure(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer
) -> None:
    tagger = Tagger.load(toy_model)
    examples = make_examples(toy_corpus[:8], toy_gazetteer, progress=False)
    with torch.no_grad():
        plain, smoothed = (float(tagging_loss(tagger, examples, label_smoothing=share)) for share in (0.0, 0.1))
    assert smoothed > plain + 0.1


def test_empty_messages_are_left_out_as_asked(interrupted, tmp_path: Path) -> None:
    interrupted(restart=True, keep_empty=0.0)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "messages: 12 messages" not in card


def test_auxiliary_messages_that_dev_says_too_are_dropped(
    config_file: Path, toy_corpus: list[Message], toy_encoder: Path
) -> None:
    folder = config_file.parent
    dev, other = toy_corpus[40:44], toy_corpus[70:80]
    said = {message.text for message in dev}
    repeated = [message for message in dev if message.text in said]
    (folder / "dev.conll").write_text(bio(dev), encoding="utf-8")
    (folder / "more.conll").write_text(bio([*repeated, *(m for m in other if m.text not in said)]), encoding="utf-8")
    tables = {
        "data": {
            "train": [str(folder / "train.conll")],
            "auxiliary": [str(folder / "more.conll")],
            "dev": str(folder / "dev.conll"),
        },
        "tagger": {"encoder": str(toy_encoder), "gazetteer_features": False},
        "training": {"epochs": 1, "checkpoint_minutes": 0},
        "gazetteer": {"world": False},
    }
    run_training(
        make_settings(tables, output=folder / "model", source="test"), restart=False, report=lambda _line: None
    )
    kept = sum(message.text not in said for message in other)
    assert f"more.conll: {kept} messages" in (folder / "model" / "README.md").read_text(encoding="utf-8")
