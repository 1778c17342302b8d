"""A recipe: TOML on disk, frozen dataclasses in hand, every key checked on the way."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from systems.errors import RecipeError

#: The one type of a system that only tells places from other words.
LOC = "LOC"
_SHARE = {"least": 0.0, "most": 1.0}
_POSITIVE = {"least": 1}
_NOT_NEGATIVE = {"least": 0.0}


@dataclass(frozen=True, slots=True)
class Embedding:
    """Pretrained weights that stand for a word; `source` is a folder, a file, or a name in the hub of its kind.

    `words` are static vectors, `characters` a Flair language model (both fixed), `transformer` an encoder that is
    trained along; the keys below `source` are for the latter alone.
    """

    kind: Literal["words", "characters", "transformer"]
    source: str
    layers: str = "-1"
    subtoken_pooling: Literal["first", "last", "first_last", "mean"] = "first"
    context: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """What stands between the embeddings and the tags, under the names of Flair's `SequenceTagger`; shares in 0..1."""

    rnn: bool
    crf: bool
    reproject_embeddings: bool
    hidden_size: int = field(default=256, metadata=_POSITIVE)
    dropout: float = field(default=0.0, metadata=_SHARE)
    word_dropout: float = field(default=0.05, metadata=_SHARE)
    locked_dropout: float = field(default=0.5, metadata=_SHARE)


@dataclass(frozen=True, slots=True)
class Training:
    """How Flair's `ModelTrainer` trains; `method` is the name of the one that is called.

    `anneal` halves the rate (by `anneal_factor`) after `patience` epochs without progress, and ends below
    `min_learning_rate`; `linear` and `one-cycle` warm up over `warmup_share` of the steps. `selection_share` of the
    training messages are held out to anneal the rate and choose the epoch, so that dev is looked at once, at the end;
    with 0 the last epoch is taken.
    """

    method: Literal["train", "fine_tune"]
    learning_rate: float = field(metadata={"above": 0.0})
    batch_size: int = field(metadata=_POSITIVE)
    epochs: int = field(metadata=_POSITIVE)
    optimizer: Literal["SGD", "AdamW"]
    schedule: Literal["anneal", "linear", "one-cycle"]
    anneal_factor: float = field(default=0.5, metadata=_SHARE)
    patience: int = field(default=3, metadata=_NOT_NEGATIVE)
    min_learning_rate: float = field(default=1e-4, metadata=_NOT_NEGATIVE)
    warmup_share: float = field(default=0.1, metadata=_SHARE)
    weight_decay: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    selection_share: float = field(default=0.0, metadata={"least": 0.0, "most": 0.5})


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is trained on beside the corpus of the run: files below the folder of the corpora.

    `only_messages_with_places` leaves out the training messages that name no place.
    """

    auxiliary: tuple[str, ...] = ()
    only_messages_with_places: bool = False


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """A finished tagger, and which of its labels mean which of our types; its other labels are not places."""

    library: Literal["flair", "transformers"]
    source: str
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A system: either trained here (`embeddings`, `layers`, `training`) or finished (`zero_shot`).

    `locations_only` collapses all types, gold ones too, to `LOC`; else the twelve are told apart.
    """

    summary: str
    locations_only: bool = False
    corpus: Corpus = Corpus()
    embeddings: dict[str, Embedding] = field(default_factory=dict)
    layers: Layers | None = None
    training: Training | None = None
    zero_shot: ZeroShot | None = None

    def sources(self) -> dict[str, str]:
        """Return every source of pretrained weights under the key that holds it."""
        found = {f"embeddings.{name}.source": embedding.source for name, embedding in self.embeddings.items()}
        return found | ({"zero_shot.source": self.zero_shot.source} if self.zero_shot else {})


def read_recipe(path: Path, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe; `overrides` replace or add values under dotted keys, such as `training.epochs`.

    Raises:
        RecipeError: there is no such file, it is not TOML, or a key of it or of the overrides is unknown, missing, of
            another type or out of range; the message names the key and what is allowed.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        known = sorted(each.stem for each in path.parent.glob("*.toml"))
        remedy = f"Recipes there: {', '.join(known)}" if known else "Give the path of a recipe"
        raise RecipeError(path, "cannot be read", remedy) from error
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(path, f"is not TOML ({error})", "Correct it there") from error
    for key, value in (overrides or {}).items():
        _put(table, key, value, path)
    recipe: Recipe = _read(Recipe, table, path, "")
    _check_whole(recipe, path)
    return recipe


def parse_override(text: str) -> tuple[str, Any]:
    """Return the dotted key and the value of `key=value`; a value that is not TOML is a string as it stands.

    Raises:
        RecipeError: there is no `=`, or nothing before it.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(text, "is not key=value", "Write for example training.learning_rate=0.05")
    try:
        parsed = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    return key.strip(), parsed["value"] if parsed.keys() == {"value"} else value


def _put(table: dict[str, Any], dotted: str, value: Any, path: Path) -> None:
    *parents, last = dotted.split(".")
    for number, parent in enumerate(parents):
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            key = ".".join(parents[: number + 1])
            raise RecipeError(path, f"{key}: is a value, so that {dotted} cannot be set", f"Set {key} itself")
    table[last] = value


def _read(cls: type[Any], table: Mapping[str, Any], path: Path, prefix: str) -> Any:
    hints = get_type_hints(cls)
    known = {each.name: each for each in fields(cls)}
    for key in table:
        if key not in known:
            raise RecipeError(path, f"{prefix}{key}: unknown key", f"Allowed here: {', '.join(known)}")
    values = {}
    for name, each in known.items():
        if name in table:
            values[name] = _value(hints[name], table[name], path, f"{prefix}{name}")
            _check_range(values[name], each.metadata, path, f"{prefix}{name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise RecipeError(path, f"{prefix}{name}: missing", f"Give {_allowed(hints[name])}")
    return cls(**values)


def _value(hint: Any, value: Any, path: Path, key: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        hint = next(each for each in arguments if each is not type(None))
        return _value(hint, value, path, key)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return _read(hint, value, path, f"{key}.")
    if origin is dict and isinstance(value, dict):
        return {name: _value(arguments[1], each, path, f"{key}.{name}") for name, each in value.items()}
    if origin is tuple and isinstance(value, list):
        return tuple(_value(arguments[0], each, path, f"{key}[{index}]") for index, each in enumerate(value))
    if origin is Literal and value in arguments:
        return value
    if hint is float and type(value) in (int, float):
        return float(value)
    if hint in (int, bool, str) and type(value) is hint:
        return value
    raise RecipeError(path, f"{key}: is {value!r}", f"Give {_allowed(hint)}")


def _allowed(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _allowed(next(each for each in arguments if each is not type(None)))
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin is tuple:
        return f"a list, each {_allowed(arguments[0])}"
    if origin is dict or is_dataclass(hint):
        return "a table"
    return {int: "a whole number", float: "a number", bool: "true or false", str: "a string"}[hint]


def _check_range(value: Any, limits: Mapping[str, float], path: Path, key: str) -> None:
    least, most, above = limits.get("least"), limits.get("most"), limits.get("above")
    said = [f"at least {least:g}" if least is not None else "", f"at most {most:g}" if most is not None else ""]
    said.append(f"more than {above:g}" if above is not None else "")
    inside = (least is None or value >= least) and (most is None or value <= most) and (above is None or value > above)
    if not inside:
        raise RecipeError(path, f"{key}: is {value!r}", f"Give {' and '.join(filter(None, said))}")


def _check_whole(recipe: Recipe, path: Path) -> None:
    """Check what no key can tell alone: that the recipe makes one system, and that its types can be told apart."""
    trained = {"embeddings": recipe.embeddings, "layers": recipe.layers, "training": recipe.training}
    given = [name for name, value in trained.items() if value]
    if recipe.zero_shot and given:
        raise RecipeError(path, f"{given[0]}: stands beside zero_shot", "Keep one of the two")
    if not recipe.zero_shot and len(given) < len(trained):
        missing = next(name for name in trained if name not in given)
        raise RecipeError(path, f"{missing}: missing", "Give embeddings, layers and training, or zero_shot alone")
    if recipe.training and recipe.training.schedule == "anneal" and not recipe.training.selection_share:
        remedy = "Give it a share of the training messages, such as 0.1, to tell progress by"
        raise RecipeError(path, "training.selection_share: is 0 beside the schedule anneal", remedy)
    if recipe.corpus.auxiliary and not recipe.locations_only:
        remedy = "Set locations_only = true: other corpora do not have the twelve types"
        raise RecipeError(path, "corpus.auxiliary: needs one type for all", remedy)
    if recipe.zero_shot:
        _check_labels(recipe, recipe.zero_shot, path)


def _check_labels(recipe: Recipe, model: ZeroShot, path: Path) -> None:
    from lmr_hybrid.corpora import TYPES

    allowed: Sequence[str] = (LOC,) if recipe.locations_only else TYPES
    if not model.labels:
        raise RecipeError(path, "zero_shot.labels: is empty", f"Map at least one label to one of {', '.join(allowed)}")
    for label, type_ in model.labels.items():
        if type_ not in allowed:
            raise RecipeError(path, f"zero_shot.labels.{label}: is {type_!r}", f"Give one of {', '.join(allowed)}")
