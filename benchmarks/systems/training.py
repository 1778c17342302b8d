"""A recipe's tagger, trained by Flair's own trainer."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lmr_hybrid.corpora import TYPES, Message
from lmr_hybrid.errors import TrainingError
from systems.config import LOC, Recipe, Training
from systems.embeddings import build_embeddings
from systems.messages import Messages
from systems.sentences import TAG_TYPE, tokenised

if TYPE_CHECKING:
    from flair.data import Sentence
    from flair.models import SequenceTagger


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained tagger, with the mean loss of each epoch and, where an epoch was chosen, its score on the held-out."""

    network: SequenceTagger
    losses: tuple[float, ...]
    selection_f1: tuple[float, ...]


def train(recipe: Recipe, messages: Messages, *, seed: int, report: Callable[[str], object]) -> Trained:
    """Build and train the tagger that a recipe describes; `report` is told of each epoch.

    Raises:
        TrainingError: there is no mention to learn from.
        WeightsUnreachable: pretrained weights are neither here nor to be fetched.
    """
    import flair
    from flair.data import Corpus
    from flair.datasets import FlairDatapointDataset
    from flair.trainers import ModelTrainer

    assert recipe.training is not None
    if not any(message.mentions for message in messages.train):
        raise TrainingError("the training messages", "name no place", "Train on more of the corpus")
    flair.set_seed(seed)
    network = build_tagger(recipe)
    corpus = Corpus(
        train=FlairDatapointDataset(_sentences(messages.train)),
        dev=FlairDatapointDataset(_sentences(messages.selection)) if messages.selection else None,
        sample_missing_splits=False,
        name="recipe",
    )
    history = _history(report)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Flair's trainer makes a gradient scaler, used or not, in a way that torch has come to warn about.
        warnings.simplefilter("ignore", FutureWarning)
        trainer = ModelTrainer(network, corpus)
        getattr(trainer, recipe.training.method)(folder, **_arguments(recipe, folder, history))
    network.eval()
    losses, f1 = (tuple(history.metric_history[name]) for name in ("losses", "selection_f1"))
    return Trained(network, losses, f1)


def types_of(recipe: Recipe) -> tuple[str, ...]:
    """Return the types that a recipe's tagger tells apart."""
    return (LOC,) if recipe.locations_only else TYPES


def build_tagger(recipe: Recipe) -> SequenceTagger:
    """Return the untrained tagger of a recipe."""
    from flair.data import Dictionary
    from flair.models import SequenceTagger

    assert recipe.layers is not None
    dictionary = Dictionary(add_unk=False)
    dictionary.span_labels = True
    for type_ in types_of(recipe):
        dictionary.add_item(type_)
    layers = asdict(recipe.layers)
    return SequenceTagger(
        embeddings=build_embeddings(recipe),
        tag_dictionary=dictionary,
        tag_type=TAG_TYPE,
        use_rnn=layers.pop("rnn"),
        use_crf=layers.pop("crf"),
        **layers,
    )


def _sentences(messages: Sequence[Message]) -> list[Sentence]:
    from flair.data import Sentence

    made = [each.sentence for each in tokenised(messages, labelled=True) if each.tokens]
    # What stands before and after a sentence is its context, for the encoders that look at it; in prediction Flair
    # sets it by itself, as it does in training with the corpora that it reads by itself.
    Sentence.set_context_for_sentences(made)
    return made


def _arguments(recipe: Recipe, folder: str, history: Any) -> dict[str, Any]:
    import torch

    training = recipe.training
    assert training is not None
    trained_along = any(embedding.kind == "transformer" for embedding in recipe.embeddings.values())
    return {
        "learning_rate": training.learning_rate,
        "mini_batch_size": training.batch_size,
        "eval_batch_size": 32,
        "max_epochs": training.epochs,
        "optimizer": {"SGD": torch.optim.SGD, "AdamW": torch.optim.AdamW}[training.optimizer],
        "weight_decay": training.weight_decay,
        "plugins": [history, _scheduler(training, folder)],
        "attach_default_scheduler": False,
        "use_final_model_for_eval": training.selection_share == 0,
        # Fixed embeddings are the same in every epoch, and to make them takes most of the time.
        "embeddings_storage_mode": "none" if trained_along else "cpu",
        "save_final_model": False,
        "create_file_logs": False,
        "create_loss_file": False,
        **_precision(training),
    }


def _precision(training: Training) -> dict[str, Any]:
    """Have `fine_tune` use bfloat16 where a CPU multiplies its matrices natively, and automatic precision on a GPU."""
    import flair
    import torch

    if training.method == "train":
        return {}
    device = torch.device(flair.device)
    on_cpu = device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()
    return {"use_amp": bool(on_cpu or device.type == "cuda")}


def _scheduler(training: Training, folder: str) -> Any:
    from flair.trainers.plugins import AnnealingPlugin, LinearSchedulerPlugin

    if training.schedule == "anneal":
        return AnnealingPlugin(
            base_path=folder,
            anneal_factor=training.anneal_factor,
            patience=training.patience,
            min_learning_rate=training.min_learning_rate,
            initial_extra_patience=0,
            anneal_with_restarts=False,
        )
    if training.schedule == "linear":
        return LinearSchedulerPlugin(warmup_fraction=training.warmup_share)
    return _one_cycle(training)


def _one_cycle(training: Training) -> Any:
    """Return a plugin that raises and lowers the rate by a cosine over all steps (Smith and Topin 2018)."""
    from flair.trainers.plugins import LinearSchedulerPlugin, TrainerPlugin
    from torch.optim.lr_scheduler import OneCycleLR

    class OneCycle(LinearSchedulerPlugin):  # type: ignore[misc]
        @TrainerPlugin.hook  # type: ignore[untyped-decorator]
        def after_setup(self, dataset_size: int, mini_batch_size: int, max_epochs: int, **_: Any) -> None:
            self.scheduler = OneCycleLR(
                self.trainer.optimizer,
                max_lr=training.learning_rate,
                total_steps=-(-dataset_size // mini_batch_size) * max_epochs + 1,
                pct_start=training.warmup_share,
            )
            self.store_learning_rate()

    return OneCycle(warmup_fraction=training.warmup_share)


def _history(report: Callable[[str], object]) -> Any:
    from flair.trainers.plugins import MetricHistoryPlugin, TrainerPlugin

    class History(MetricHistoryPlugin):  # type: ignore[misc]
        @TrainerPlugin.hook  # type: ignore[untyped-decorator]
        def after_evaluation(self, epoch: int, **_: Any) -> None:
            f1 = self.metric_history["selection_f1"]
            held_out = f", F1 on the held-out share {f1[-1]:.4f}" if f1 else ""
            report(f"epoch {epoch}: loss {self.metric_history['losses'][-1]:.4f}{held_out}")

    return History({("train", "loss"): "losses", ("dev", "score"): "selection_f1"})
