"""From a corpus to a finished model folder: examples, training, scores after each epoch, log, model card."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gazetteer import Gazetteer
from lmr_hybrid.augmentation import AugmentationConfig, Augmenter, MessageMaker, NamePool
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.evaluation import Scores
from lmr_hybrid.output.atomic import write_text_atomically
from lmr_hybrid.settings import toml_text
from lmr_hybrid.tagging.checkpoint import Checkpoints
from lmr_hybrid.tagging.config import Execution, TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.decoding import decode
from lmr_hybrid.tagging.distillation import Ensemble, TaughtEpochs, annotate
from lmr_hybrid.tagging.examples import AugmentedEpochs, Example, JoinedEpochs, count_hidden_spans, make_examples
from lmr_hybrid.tagging.model_card import DataSummary, describe_hardware, model_card
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, checksum, is_model_folder
from lmr_hybrid.tagging.opening import AnyTagger, open_tagger
from lmr_hybrid.tagging.other_guidelines import agreed
from lmr_hybrid.tagging.preprocessing import AS_WRITTEN
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.training import Epochs, train
from lmr_hybrid.tagging.training_log import LogRow, csv_text, write_curves

_BATCH = 64
_DEFAULT_AUGMENTATION = AugmentationConfig()
_DEFAULT_EXECUTION = Execution()


def train_model(
    messages: Sequence[Message],
    output: Path,
    *,
    encoder: str,
    gazetteer: Gazetteer,
    dev: Sequence[Message] = (),
    tagger_config: TaggerConfig,
    training_config: TrainingConfig,
    augmentation: AugmentationConfig = _DEFAULT_AUGMENTATION,
    streets: MessageMaker | None = None,
    teachers: Sequence[Path] = (),
    unlabelled: Sequence[Message] = (),
    other_guidelines: Sequence[Message] = (),
    as_annotated: Sequence[Message] = (),
    execution: Execution = _DEFAULT_EXECUTION,
    data: Mapping[str, Sequence[DataSummary]] | None = None,
    settings: Mapping[str, Any] | None = None,
    restart: bool = False,
    report: Callable[[str], object] = lambda _line: None,
) -> None:
    """Train on `messages` and write the model folder `output` when all is done.

    Until then the folder `output` + ".training" holds a checkpoint and the log; the same call goes on from there,
    with `restart` it begins anew. `data` names the corpora by use for the model card, and `settings`, tables that
    repeat the training, go to the model's `training.toml`. The models in the folders `teachers` teach beside the
    annotations, and annotate the texts of `unlabelled`; of the messages `other_guidelines`, those are learnt from on
    which their annotators and the teachers agree, and those of `as_annotated` as they are, without the teachers.
    `report` is told one line an epoch.

    Raises `TrainingError` where the encoder, the output or the checkpoint cannot be used.
    """
    _refuse_output(output)
    _choose_device(execution)
    teacher = _open_teachers(teachers)
    messages = _without_some_empty(messages, training_config)
    tables = {
        "tagger": {"encoder": encoder, **asdict(tagger_config)},
        "training": asdict(training_config),
        "augmentation": asdict(augmentation),
    }
    corpora = _checksums(
        train=messages,
        dev=dev,
        unlabelled=unlabelled,
        other_guidelines=other_guidelines,
        as_annotated=as_annotated,
    )
    decisive = {**tables, **corpora, **_origins(teachers, gazetteer, settings or {})}
    checkpoints = Checkpoints(run_folder(output), decisive, execution)
    if restart:
        checkpoints.discard()
    used = gazetteer if tagger_config.gazetteer_features else Gazetteer([])
    tagger = _new_tagger(encoder, tagger_config, training_config.seed)
    if teacher and unlabelled:
        messages = [*messages, *annotate(unlabelled, teacher, used)]
    lessons = _Lessons(gazetteer, used, training_config, augmentation, teacher, report)
    epochs = lessons.epochs(messages, other_guidelines, as_annotated, tags=tagger.tags, streets=streets)
    dev_examples = make_examples(dev, used)
    if tagger_config.preprocessing != AS_WRITTEN:
        hidden = count_hidden_spans(make_examples(messages, used), tagger_config.preprocessing)
        report(f"preprocessing hides {hidden} of the mentions to learn from")
    rows = train(
        tagger,
        epochs,
        training_config,
        evaluate=lambda: score(tagger, dev_examples) if dev_examples else None,
        after_epoch=partial(_tell_and_log, run_folder(output), training_config, report),
        checkpoints=checkpoints,
    )
    card = model_card(
        encoder=_described(encoder, tagger_config),
        teachers=len(teachers),
        data=data or {"train": [DataSummary.of("messages", messages)], "dev": [DataSummary.of("messages", dev)]},
        features=used.attribution or "none",
        scores=_scores(rows[-1]),
        seconds=rows[-1].seconds,
        hardware=describe_hardware(),
        tagger=tagger_config,
        settings=tables,
    )
    _write(tagger, output, card=card, settings=toml_text(settings or tables), rows=rows)
    checkpoints.discard()


@dataclass(frozen=True, slots=True)
class _Lessons:
    """What messages are turned into to be learnt from.

    `used` is the gazetteer that the tagger is shown, `gazetteer` the one that augmentation takes names from.
    """

    gazetteer: Gazetteer
    used: Gazetteer
    config: TrainingConfig
    augmentation: AugmentationConfig
    teacher: AnyTagger | None
    report: Callable[[str], object]

    def epochs(
        self,
        messages: Sequence[Message],
        other_guidelines: Sequence[Message],
        as_annotated: Sequence[Message],
        *,
        tags: Sequence[str],
        streets: MessageMaker | None,
    ) -> Epochs:
        """Return the examples of each epoch, with what the teacher thinks of them, if there is one."""
        pool = NamePool(self.gazetteer.all_places() if self.augmentation.names else ())
        augmenter = Augmenter(self.augmentation, gazetteer=self.gazetteer, pool=pool, streets=streets)
        own = self._augmented(messages, augmenter)
        if self.teacher is None:
            return own
        taught = TaughtEpochs(own, self.teacher, tags)
        untaught = list(as_annotated)
        if other_guidelines:
            # Of these the teachers have said what they know; where they were contradicted they must not teach.
            kept = agreed(other_guidelines, self.teacher, self.used, seed=self.config.seed)
            self.report(
                f"of {len(other_guidelines)} messages annotated by other guidelines, {len(kept)} are learnt from"
            )
            untaught += kept
        if not untaught:
            return taught
        plain = Augmenter(self.augmentation, gazetteer=self.gazetteer, pool=pool)
        return JoinedEpochs(taught, self._augmented(untaught, plain))

    def _augmented(self, messages: Sequence[Message], augmenter: Augmenter) -> AugmentedEpochs:
        return AugmentedEpochs(messages, self.used, augmenter, seed=self.config.seed, epochs=self.config.epochs)


def _checksums(**corpora: Sequence[Message]) -> dict[str, str]:
    return {use.replace("_", " "): DataSummary.of("", messages).checksum for use, messages in corpora.items()}


def _origins(teachers: Sequence[Path], gazetteer: Gazetteer, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides the weights beside settings and corpora."""
    return {
        "teachers": [checksum(folder / CONFIG_FILE) for folder in teachers],
        # The name of a gazetteer's compiled files is made of their checksums.
        "gazetteers": [manifest.compiled for manifest in gazetteer.manifests],
        "gazetteer": settings.get("gazetteer"),
    }


def run_folder(output: Path) -> Path:
    """Return the folder that holds a training until its model is written."""
    return output.with_name(f"{output.name}.training")


def score(tagger: Tagger, examples: Sequence[Example]) -> Scores:
    """Return the exact span scores, types ignored, of the tagger alone."""
    total = Scores(0, 0, 0)
    ordered = sorted(examples, key=lambda example: len(example.tokens))
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        predictions = tagger.predict([(example.tokens, example.matches) for example in batch])
        for example, probabilities in zip(batch, predictions, strict=True):
            found = {(span.first_token, span.last_token) for span in decode(probabilities, tagger.config.types)}
            gold = {(first, last) for first, last, _ in example.spans}
            total += Scores(len(found & gold), len(found - gold), len(gold - found))
    return total


def _refuse_output(output: Path) -> None:
    """Raise before anything is computed where the model could not be written after it."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise TrainingError(output, "exists", "Remove it or choose another name by -o")
    try:
        # Folders above it are made with what is first written: a training that cannot start leaves none.
        there = next(folder for folder in output.parents if folder.exists() or folder.is_symlink())
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=there):
            pass
    except OSError as error:
        raise _unwritable(output, error) from error


def _unwritable(output: Path, error: OSError) -> TrainingError:
    return TrainingError(output, f"cannot be written ({error.strerror or error})", "Choose another by -o")


def _choose_device(execution: Execution) -> None:
    import flair
    import torch

    if execution.threads:
        torch.set_num_threads(execution.threads)
    if execution.device == "auto":
        return
    try:
        device = torch.device(execution.device)
        # Fails where there is no such device.
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        problem = f"cannot be used ({str(error).splitlines()[0]})"
        raise TrainingError(f"device {execution.device}", problem, "Give auto, cpu, or the name of a GPU") from error
    flair.device = device


def _described(encoder: str, config: TaggerConfig) -> str:
    name = f"that of the model {Path(encoder).name}" if is_model_folder(Path(encoder)) else Path(encoder).name
    return f"{name}, its layers {config.kept_layers}" if config.kept_layers else name


def _open_teachers(folders: Sequence[Path]) -> AnyTagger | None:
    return Ensemble([open_tagger(folder) for folder in folders]) if folders else None


def _without_some_empty(messages: Sequence[Message], config: TrainingConfig) -> Sequence[Message]:
    """Leave out messages without mention until the share that is wanted stays, the same ones for a seed."""
    empty = [number for number, message in enumerate(messages) if not message.mentions]
    generator = random.Random(f"empty {config.seed}")  # noqa: S311 - reproducible, no secrets
    dropped = set(generator.sample(empty, len(empty) - round(len(empty) * config.keep_empty)))
    return [message for number, message in enumerate(messages) if number not in dropped]


def _new_tagger(encoder: str, config: TaggerConfig, seed: int) -> Tagger:
    import torch

    if Path(encoder).is_dir() and not (Path(encoder) / "config.json").exists():
        raise TrainingError(f"encoder {encoder}", "holds no config.json", "Give a folder in Hugging Face format")
    # The first weights of the layers that are not pretrained.
    torch.manual_seed(seed)
    try:
        if not Path(encoder).is_absolute() and not Path(encoder).exists():
            _ask_hub(encoder)
        return Tagger.create(encoder, config)
    # What transformers raises for a folder that holds something else shares no base class below Exception.
    except Exception as error:
        remedy = "Give a folder in Hugging Face format, or a name where there is a network"
        raise TrainingError(f"encoder {encoder}", f"cannot be loaded ({error})", remedy) from error


def _ask_hub(name: str) -> None:
    """Ask the hub once for an encoder that is not cached: without a network, transformers asks for a minute."""
    from huggingface_hub import HfApi
    from transformers.utils import cached_file

    try:
        cached_file(name, "config.json", local_files_only=True)
        return
    except OSError:
        pass
    try:
        HfApi().model_info(name, timeout=10)
    # The hub's client raises another library's errors from one version to the next.
    except Exception as error:
        raise ConnectionError(f"no such folder here, and the hub was asked in vain: {type(error).__name__}") from error


def _tell_and_log(
    folder: Path, config: TrainingConfig, report: Callable[[str], object], rows: Sequence[LogRow], loss: float
) -> None:
    report(_line(rows[-1], loss, config))
    try:
        _keep_log(rows, folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _line(row: LogRow, loss: float, config: TrainingConfig) -> str:
    line = f"epoch {row.epoch}/{config.epochs}  loss {loss:.4f}"
    scores = _scores(row)
    return line + ("  dev " + "  ".join(f"{name} {value:.4f}" for name, value in scores.items()) if scores else "")


def _scores(row: LogRow) -> dict[str, float]:
    scores = {"precision": row.precision, "recall": row.recall, "F1": row.f1}
    return {name: value for name, value in scores.items() if value is not None}


def _keep_log(rows: Sequence[LogRow], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_text_atomically(folder / "training.csv", csv_text(rows))
    write_curves(rows, folder / "training.svg")


def _write(tagger: Tagger, output: Path, *, card: str, settings: str, rows: Sequence[LogRow]) -> None:
    """Write the model in the run folder, where what a kill leaves is found again, and rename it."""
    folder = run_folder(output) / "model"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        tagger.save(folder)
        (folder / "README.md").write_text(card, encoding="utf-8")
        (folder / "training.toml").write_text(settings, encoding="utf-8")
        _keep_log(rows, folder)
        if output.exists():
            output.rmdir()
        folder.rename(output)
    except OSError as error:
        raise _unwritable(output, error) from error
