"""From a corpus to a finished model folder: examples, training, scores after each epoch, model card."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gazetteer import Gazetteer
from lmr_hybrid.augmentation import AugmentationConfig, Augmenter, NamePool
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.evaluation import Scores
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.decoding import decode
from lmr_hybrid.tagging.examples import AugmentedEpochs, Example, count_hidden_spans, make_examples
from lmr_hybrid.tagging.model_card import model_card
from lmr_hybrid.tagging.preprocessing import AS_WRITTEN
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.training import train

_BATCH = 64
_DEFAULT_AUGMENTATION = AugmentationConfig()


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
    report: Callable[[str], object] = lambda _line: None,
) -> None:
    """Train on `messages` and write the model folder `output` when all is done.

    `report` is told one line an epoch. Raises `TrainingError` where the encoder or the output cannot be used.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise TrainingError(output, "exists", "Remove it or choose another name by -o")
    used = gazetteer if tagger_config.gazetteer_features else Gazetteer([])
    pool = NamePool(gazetteer.all_places() if augmentation.names else ())
    augmenter = Augmenter(augmentation, gazetteer=gazetteer, pool=pool)
    epochs = AugmentedEpochs(messages, used, augmenter, seed=training_config.seed, epochs=training_config.epochs)
    dev_examples = make_examples(dev, used)
    _seed(training_config.seed)
    try:
        tagger = Tagger.create(encoder, tagger_config)
    # What transformers raises for a folder that holds something else shares no base class below Exception.
    except Exception as error:
        remedy = "Give a folder in Hugging Face format, or a name where there is a network"
        raise TrainingError(f"encoder {encoder}", f"cannot be loaded ({error})", remedy) from error
    if tagger_config.preprocessing != AS_WRITTEN:
        hidden = count_hidden_spans(make_examples(messages, used), tagger_config.preprocessing)
        report(f"preprocessing hides {hidden} of the mentions to learn from")
    started, scores = time.monotonic(), Scores(0, 0, 0)

    def after_epoch(epoch: int, loss: float) -> None:
        nonlocal scores
        line = f"epoch {epoch}/{training_config.epochs}  loss {loss:.4f}"
        if dev_examples:
            scores = score(tagger, dev_examples)
            line += f"  dev precision {scores.precision:.4f}  recall {scores.recall:.4f}  F1 {scores.f1:.4f}"
        report(line)

    train(tagger, epochs, training_config, after_epoch=after_epoch)
    card = model_card(
        encoder=Path(encoder).name,
        corpus=f"{len(messages)} messages with {sum(len(message.mentions) for message in messages)} mentions",
        features=used.attribution or "none",
        scores={"precision": scores.precision, "recall": scores.recall, "F1": scores.f1} if dev_examples else {},
        seconds=time.monotonic() - started,
        tagger=tagger_config,
        training=training_config,
    )
    _write(tagger, card, output)


def _seed(seed: int) -> None:
    """Make the first weights of the layers that are not pretrained the same each time."""
    import torch

    torch.manual_seed(seed)


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


def _write(tagger: Tagger, card: str, output: Path) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as temporary:
            folder = Path(temporary) / "model"
            tagger.save(folder)
            (folder / "README.md").write_text(card, encoding="utf-8")
            if output.exists():
                output.rmdir()
            folder.rename(output)
    except OSError as error:
        raise TrainingError(output, f"cannot be written ({error.strerror or error})", "Choose another by -o") from error
