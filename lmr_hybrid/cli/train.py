"""`python -m lmr_hybrid train`: a model from an annotated corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from lmr_hybrid.augmentation import AugmentationConfig
from lmr_hybrid.cli.options import gazetteer_option, layers, world_option
from lmr_hybrid.corpora import Message, read_corpus
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.preprocessing import Preprocessing

_DEFAULTS = {field.name: field.default for config in (TrainingConfig, AugmentationConfig) for field in fields(config)}


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The model folder to write.")
@click.option(
    "--encoder",
    required=True,
    help="A pretrained encoder: a folder in Hugging Face format, or a name where there is a network.",
)
@click.option("--dev", type=click.Path(path_type=Path), help="A corpus to score on after each epoch, never trained on.")
@gazetteer_option
@world_option
@click.option("--features/--no-features", default=True, show_default=True, help="Give the tagger gazetteer features.")
@click.option(
    "--preprocess",
    multiple=True,
    type=click.Choice([field.name for field in fields(Preprocessing)]),
    help="Change what the encoder is shown of a text; give one or several.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=_DEFAULTS["epochs"], show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=_DEFAULTS["batch_size"], show_default=True)
@click.option("--encoder-learning-rate", type=float, default=_DEFAULTS["encoder_learning_rate"], show_default=True)
@click.option("--head-learning-rate", type=float, default=_DEFAULTS["head_learning_rate"], show_default=True)
@click.option(
    "--gazetteer-dropout",
    type=click.FloatRange(0, 1),
    default=_DEFAULTS["gazetteer_dropout"],
    show_default=True,
    help="Probability that a message is shown without any gazetteer match.",
)
@click.option(
    "--match-dropout",
    type=click.FloatRange(0, 1),
    default=_DEFAULTS["match_dropout"],
    show_default=True,
    help="Probability that one match is withheld.",
)
@click.option("--seed", type=int, default=_DEFAULTS["seed"], show_default=True)
def train(
    corpus: Path,
    output: Path,
    encoder: str,
    dev: Path | None,
    gazetteers: Sequence[Path],
    world: bool,
    features: bool,
    preprocess: Sequence[str],
    gazetteer_dropout: float,
    match_dropout: float,
    **settings: Any,
) -> None:
    """Train a model on CORPUS: an IDRISI folder (its train split), a .jsonl file, or a file of CoNLL columns.

    \b
    The embedded model was trained by:
      python -m lmr_hybrid train idrisi-r/EN/gold-random-json --dev idrisi-r/EN/gold-random-json \\
          --encoder path/to/all-MiniLM-L6-v2 -o small
    """
    from gazetteer import Gazetteer
    from lmr_hybrid.recognizer import resolve
    from lmr_hybrid.tagging.train_model import train_model

    messages = read_corpus(corpus, split="train")
    train_model(
        messages,
        output,
        encoder=encoder,
        gazetteer=Gazetteer.open(*map(resolve, layers(gazetteers, world=world))),
        dev=read_corpus(dev, split="dev") if dev else [],
        tagger_config=TaggerConfig(
            types=_types(messages),
            gazetteer_features=features,
            preprocessing=Preprocessing(**dict.fromkeys(preprocess, True)),
        ),
        training_config=TrainingConfig(**settings),
        augmentation=AugmentationConfig(gazetteer_dropout=gazetteer_dropout, match_dropout=match_dropout),
        report=click.echo,
    )


def _types(messages: Sequence[Message]) -> tuple[str, ...]:
    from lmr_hybrid.corpora import TYPES

    found = {mention.type for message in messages for mention in message.mentions}
    return TYPES if found <= set(TYPES) else tuple(sorted(found))
