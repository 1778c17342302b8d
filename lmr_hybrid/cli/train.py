"""`python -m lmr_hybrid train`: a model from an annotated corpus, or from a file of settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click

from lmr_hybrid.augmentation import AugmentationConfig
from lmr_hybrid.cli.printing import echo
from lmr_hybrid.errors import SettingsError
from lmr_hybrid.settings import toml_text
from lmr_hybrid.tagging.config import Execution, TrainingConfig
from lmr_hybrid.tagging.preprocessing import Preprocessing

_Command = Callable[..., Any]
_AUGMENTATION = {
    "gazetteer_dropout": "Probability that a message is shown without any gazetteer match.",
    "match_dropout": "Probability that one match is withheld.",
}


def _training_options(command: _Command) -> _Command:
    """Give a command an option for every field of `TrainingConfig` and `Execution`, without a default of its own."""
    for kind in (Execution, TrainingConfig):
        hints = get_type_hints(kind, include_extras=True)
        for field in reversed(fields(kind)):
            type_, limits = get_args(hints[field.name])
            command = _option(field.name, type_, limits.help, field.default)(command)
    return command


def _option(name: str, type_: Any, help_: str, default: object) -> Callable[[_Command], _Command]:
    """Return an option whose value, if it is given, is checked with the file's."""
    flag = f"--{name.replace('_', '-')}"
    if type_ is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=f"{help_}  [default: {default}]")
    choices = get_args(type_)
    texts = choices and all(isinstance(choice, str) for choice in choices)
    kind = click.Choice(choices) if texts else int if type_ is int else str if type_ is str else float
    shown = f"  [default: {default}]" if default is not None else ""
    return click.option(flag, name, type=kind, help=help_ + shown)


def _augmentation_options(command: _Command) -> _Command:
    for name, help_ in reversed(_AUGMENTATION.items()):
        command = _option(name, float, help_, getattr(AugmentationConfig(), name))(command)
    return command


@click.command(short_help="Train a model on an annotated corpus.")
@click.argument("corpus", metavar="CONFIG.toml|CORPUS", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The model folder to write.")
@click.option("--encoder", help="A pretrained encoder: a folder in Hugging Face format, or a name on the hub.")
@click.option("--dev", type=click.Path(path_type=Path), help="A corpus to score on after each epoch, never trained on.")
@click.option(
    "--preprocess",
    multiple=True,
    type=click.Choice([field.name for field in fields(Preprocessing)]),
    help="Change what the encoder is shown of a text; give one or several.",
)
@click.option(
    "--gazetteer",
    "gazetteers",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A gazetteer folder, preferred over the embedded gazetteer of the world. May be given several times.",
)
@click.option("--world/--no-world", default=None, help="Use the embedded gazetteer of the world as well.")
@click.option("--features/--no-features", default=None, help="Give the tagger gazetteer features.")
@_augmentation_options
@_training_options
@click.option("--restart", is_flag=True, help="Discard the checkpoint of an unfinished training and begin anew.")
@click.option("--print-config", is_flag=True, help="Only print the settings as a TOML file, all of them.")
def train(
    corpus: Path,
    output: Path | None,
    encoder: str | None,
    dev: Path | None,
    gazetteers: Sequence[Path],
    world: bool | None,
    features: bool | None,
    preprocess: Sequence[str],
    restart: bool,
    print_config: bool,
    **options: Any,
) -> None:
    """Train a model as a TOML file says, or on a CORPUS: an IDRISI folder (its train split), a .jsonl file, or a file
    of CoNLL columns (BIO, BIOES or BILOU). Options override the file.

    \b
    The least that a file says:
      output = "my-model"
      [data]
      train = ["my-corpus.jsonl"]
      dev = "my-dev.jsonl"
      [tagger]
      encoder = "sentence-transformers/all-MiniLM-L6-v2"
    \b
    The same without a file:
      python -m lmr_hybrid train my-corpus.jsonl --dev my-dev.jsonl -o my-model \\
          --encoder sentence-transformers/all-MiniLM-L6-v2

    Killed or interrupted, the same command goes on from the last checkpoint in OUTPUT.training. The finished model
    holds its settings (training.toml), a log (training.csv) and its curves (training.svg). docs/training.md says what
    every setting does.
    """
    from lmr_hybrid.training_run import run_training
    from lmr_hybrid.training_settings import as_tables, load_settings, make_settings

    changes = _tables(
        options, encoder=encoder, dev=dev, gazetteers=gazetteers, world=world, features=features, preprocess=preprocess
    )
    if corpus.suffix == ".toml":
        settings = load_settings(corpus, changes, output=output)
    elif not encoder:
        remedy = "Give it by --encoder: a folder in Hugging Face format, or a name on the hub"
        raise SettingsError("the command line", "names no encoder", remedy)
    else:
        changes.setdefault("data", {})["train"] = str(corpus.absolute())
        settings = make_settings(changes, output=output, source="the command line")
    if print_config:
        echo(toml_text(as_tables(settings)), nl=False)
    else:
        run_training(settings, restart=restart, report=echo)


def _tables(
    options: dict[str, Any],
    *,
    encoder: str | None,
    dev: Path | None,
    gazetteers: Sequence[Path],
    world: bool | None,
    features: bool | None,
    preprocess: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """Return what the options say, as the tables of a file would."""
    tables: dict[str, dict[str, Any]] = {
        "data": {"dev": str(dev.absolute()) if dev else None},
        "tagger": {
            "encoder": _absolute_folder(encoder),
            "gazetteer_features": features,
            "preprocessing": dict.fromkeys(preprocess, True) or None,
        },
        "training": {name: value for name, value in options.items() if name not in _AUGMENTATION},
        "augmentation": {name: options[name] for name in _AUGMENTATION},
        "gazetteer": {"folders": [str(each.absolute()) for each in gazetteers] or None, "world": world},
    }
    given = {
        section: {name: value for name, value in table.items() if value is not None}
        for section, table in tables.items()
    }
    return {section: table for section, table in given.items() if table}


def _absolute_folder(encoder: str | None) -> str | None:
    """Make a folder's path absolute, so that the settings hold anywhere; a hub's name stays as it is."""
    return str(Path(encoder).absolute()) if encoder and Path(encoder).exists() else encoder
