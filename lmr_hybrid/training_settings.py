"""A whole training as settings: read from a TOML file, changed by options, written so that it can be repeated."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from lmr_hybrid.augmentation import AugmentationConfig
from lmr_hybrid.errors import SettingsError
from lmr_hybrid.settings import Limits, read_settings, read_toml, refuse_unknown
from lmr_hybrid.tagging.config import Execution, TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.features import COLUMNS

_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: A hub's name: `bert-base-uncased`, `microsoft/mpnet-base`.
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_SECTIONS = ("data", "tagger", "training", "distillation", "augmentation", "gazetteer")
_PROBABILITY = Limits(0, 1)

#: Tables of settings, each a mapping of names to values.
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class DataSettings:
    """The corpora, each an IDRISI folder, a `.jsonl` file or a file of CoNLL columns.

    `auxiliary` ones are trained on as well, without their near-duplicates of `dev` unless `drop_near_duplicates` is
    off; the corpora of `train` stay as they are.
    """

    train: tuple[str, ...]
    auxiliary: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()
    drop_near_duplicates: bool = True


@dataclass(frozen=True, slots=True)
class GazetteerSettings:
    """The gazetteers whose names the tagger is shown: `folders`, and with `world` the embedded one of the world.

    Made-up street-level messages use none of the names that the gazetteers `withheld` hold, so that recognition can be
    measured there.
    """

    folders: tuple[str, ...] = ()
    world: bool = True
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DistillationSettings:
    """The models that teach: folders, as `train` and `export` write them (exported ones answer sooner).

    `unlabelled` are corpora of which only the texts are used, with the spans that the teachers find in them;
    `other_guidelines` are corpora of which those messages are used on which their annotators and the teachers agree;
    `as_annotated` are corpora that the teachers do not speak of, because their annotators know better.
    """

    teachers: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()
    other_guidelines: tuple[str, ...] = ()
    as_annotated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Everything that a training is started with; paths are absolute, and `tagger.types` empty for those found."""

    output: Path
    encoder: str
    data: DataSettings
    tagger: TaggerConfig
    training: TrainingConfig
    execution: Execution
    distillation: DistillationSettings
    augmentation: AugmentationConfig
    gazetteer: GazetteerSettings


@dataclass(frozen=True, slots=True)
class _Encoder:
    encoder: Annotated[str, Limits(help="A folder in Hugging Face format, or a hub's name.")]


def load_settings(path: Path, changes: Tables, *, output: Path | None = None) -> TrainingSettings:
    """Read a TOML file; `changes` and `output`, from the command line, override it.

    Paths in the file are relative to its folder, and `${NAME}` in them is the environment variable. Raises
    `SettingsError`.
    """
    tables = read_toml(path)
    for name in tables:
        refuse_unknown(name, ("output", *_SECTIONS), source=path, section="")
    written = tables.pop("output", None)
    if written is not None and not isinstance(written, str):
        raise SettingsError(path, f"output = {written!r} is no text", "Give the folder of the model to write")
    if output is None and written is not None:
        output = Path(_resolve(written, path, "output"))
    resolved = {name: _resolve_table(name, table, path) for name, table in tables.items()}
    for name, changed in changes.items():
        table = resolved.get(name, {})
        resolved[name] = {**table, **changed} if isinstance(table, Mapping) else table
    return make_settings(resolved, output=output, source=path)


def make_settings(tables: Mapping[str, Any], *, output: Path | None, source: object) -> TrainingSettings:
    """Check tables whose paths are resolved; `source` names them in errors. Raises `SettingsError`."""
    if output is None:
        raise SettingsError(source, "names no output", 'Give it by -o, or write output = "my-model" at the top')
    encoder, tagger = _parted(tables.get("tagger", {}), (_Encoder, TaggerConfig), source, "tagger")
    training, execution = _parted(tables.get("training", {}), (TrainingConfig, Execution), source, "training")
    return TrainingSettings(
        output=output.absolute(),
        encoder=read_settings(_Encoder, encoder, source=source, section="tagger").encoder,
        data=read_settings(DataSettings, tables.get("data", {}), source=source, section="data"),
        tagger=read_settings(TaggerConfig, {"types": (), **tagger}, source=source, section="tagger"),
        training=read_settings(TrainingConfig, training, source=source, section="training"),
        execution=read_settings(Execution, execution, source=source, section="training"),
        distillation=read_settings(
            DistillationSettings, tables.get("distillation", {}), source=source, section="distillation"
        ),
        augmentation=read_settings(
            AugmentationConfig,
            tables.get("augmentation", {}),
            source=source,
            section="augmentation",
            limits=_PROBABILITY,
        ),
        gazetteer=read_settings(GazetteerSettings, tables.get("gazetteer", {}), source=source, section="gazetteer"),
    )


def as_tables(settings: TrainingSettings) -> dict[str, Any]:
    """Return what `make_settings` makes the same settings of; `toml_text` writes it as a file."""
    tagger = {name: value for name, value in asdict(settings.tagger).items() if value != ()}
    if settings.tagger.feature_columns == COLUMNS:
        del tagger["feature_columns"]
    return {
        "output": str(settings.output),
        "data": asdict(settings.data),
        "tagger": {"encoder": settings.encoder, **tagger},
        "training": {**asdict(settings.training), **asdict(settings.execution)},
        "distillation": asdict(settings.distillation),
        "augmentation": asdict(settings.augmentation),
        "gazetteer": asdict(settings.gazetteer),
    }


def _parted(
    table: object, kinds: tuple[type[Any], type[Any]], source: object, section: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part one table into the settings of two dataclasses."""
    if not isinstance(table, Mapping):
        raise SettingsError(source, f"[{section}] is not a table", f"Write [{section}] on a line of its own")
    first, second = ([field.name for field in fields(kind)] for kind in kinds)
    for name in table:
        refuse_unknown(name, [*first, *second], source=source, section=section)
    return (
        {name: value for name, value in table.items() if name in first},
        {name: value for name, value in table.items() if name in second},
    )


def _resolve_table(section: str, table: Any, file: Path) -> Any:
    """Make the paths of a section absolute; values that are no text are left for the check to refuse."""
    names = {
        "data": ("train", "auxiliary", "dev"),
        "gazetteer": ("folders", "withheld"),
        "tagger": ("encoder",),
        "distillation": ("teachers", "unlabelled", "other_guidelines", "as_annotated"),
    }
    if not isinstance(table, Mapping):
        return table
    resolved = dict(table)
    for name in names.get(section, ()):
        value = table.get(name)
        where = f"[{section}] {name}"
        if isinstance(value, list):
            resolved[name] = [_resolve(each, file, where) if isinstance(each, str) else each for each in value]
        elif isinstance(value, str):
            resolved[name] = _resolve(value, file, where, maybe_hub_name=name == "encoder")
    return resolved


def _resolve(text: str, file: Path, where: str, *, maybe_hub_name: bool = False) -> str:
    """Expand variables and make a path absolute; a hub's name stays as it is unless there is a folder of that name."""

    def variable(found: re.Match[str]) -> str:
        value = os.environ.get(found[1])
        if value is None:
            problem = f"{where} names the environment variable {found[1]}, which is not set"
            raise SettingsError(file, problem, f"Set it: export {found[1]}=...")
        return value

    expanded = _VARIABLE.sub(variable, text)
    path = (file.parent / Path(expanded).expanduser()).absolute()
    return expanded if maybe_hub_name and _HUB_NAME.fullmatch(expanded) and not path.exists() else str(path)
