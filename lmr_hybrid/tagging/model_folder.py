"""What every model folder holds, saved or exported: its configuration, and the checksums of its files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch, ModelNotFound
from lmr_hybrid.tagging.config import FORMAT_VERSION, TaggerConfig
from lmr_hybrid.tagging.features import COLUMNS
from lmr_hybrid.tagging.preprocessing import Preprocessing

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
CALIBRATION_FILE = "calibration.json"
ENCODER_FOLDER = "encoder"
REMEDY = "Copy the model folder again, or train a model with python -m lmr_hybrid train"


@dataclass(frozen=True, slots=True)
class ExportedForm:
    """What only an exported model has.

    `tags` are in the order of the graph's scores, `window` is how many word pieces the encoder takes at once,
    `exported_from` is the checksum of the weights that it was made of.
    """

    format_version: int
    precision: str
    window: int
    exported_from: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A model's configuration.

    `files` are the checksums, `exported` is None for the model as it was trained. `thresholds` are those of the
    reconciler that the configuration names, see `lmr_hybrid.reconcile.read_thresholds`.
    """

    tagger: TaggerConfig
    files: Mapping[str, str]
    exported: ExportedForm | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)


def is_model_folder(folder: Path) -> bool:
    """Tell whether a folder is meant to be one of this package's models, whole or not, and not an encoder's."""
    try:
        return "tagger" in json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, TypeError):
        return False


def write_config(
    folder: Path,
    config: TaggerConfig,
    files: Iterable[Path],
    *,
    exported: ExportedForm | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> None:
    """Write a model's `config.json`, with the checksums of `files` in its folder and the reconciler's `thresholds`."""
    data: dict[str, Any] = {"format_version": FORMAT_VERSION, "tagger": asdict(config)}
    if exported is not None:
        data["exported"] = asdict(exported)
    if thresholds:
        data["thresholds"] = dict(thresholds)
    data["files"] = {file.relative_to(folder).as_posix(): checksum(file) for file in files}
    (folder / CONFIG_FILE).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def read_model(folder: Path) -> SavedModel:
    """Read a model's `config.json` and check that the files it lists are there and unchanged.

    Raises `ModelNotFound`, `ModelFormatMismatch` or `ModelCorrupt`.
    """
    path = folder / CONFIG_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["format_version"]
    except (FileNotFoundError, NotADirectoryError):
        problem = "is not a model folder" if folder.exists() else "does not exist"
        raise ModelNotFound(folder, problem, "Give a folder that python -m lmr_hybrid train wrote") from None
    except OSError as error:
        raise ModelCorrupt(path, f"cannot be read ({error.strerror})", REMEDY) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelCorrupt(path, f"is not a model's configuration ({error})", REMEDY) from None
    if version != FORMAT_VERSION:
        problem = f"has format {version}, this version reads format {FORMAT_VERSION}"
        raise ModelFormatMismatch(folder, problem, REMEDY)
    try:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["tagger"].items()
        }
        # Models from before there was any preprocessing do not name it.
        values["preprocessing"] = Preprocessing(**values.get("preprocessing", {}))
        config = TaggerConfig(**values)
        files = dict(data["files"])
        thresholds = dict(data.get("thresholds", {}))
        exported = data.get("exported")
        form = None if exported is None else ExportedForm(**{**exported, "tags": tuple(exported["tags"])})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelCorrupt(path, f"is not a model's configuration ({error})", REMEDY) from None
    if unknown := set(config.feature_columns) - set(COLUMNS):
        problem = f"was trained on gazetteer features that this version lacks: {', '.join(sorted(unknown))}"
        raise ModelFormatMismatch(folder, problem, REMEDY)
    for name, expected in files.items():
        try:
            found = checksum(folder / name)
        except FileNotFoundError:
            raise ModelCorrupt(folder / name, "is missing", REMEDY) from None
        except OSError as error:
            raise ModelCorrupt(folder / name, f"cannot be read ({error.strerror})", REMEDY) from None
        if found != expected:
            raise ModelCorrupt(folder / name, "is not the file the configuration lists", REMEDY)
    return SavedModel(config, files, form, thresholds)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file of a model, as it is; raises `ModelCorrupt` where there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelCorrupt(path, f"cannot be read ({error})", REMEDY) from None
    if not isinstance(data, dict):
        raise ModelCorrupt(path, "is not an object", REMEDY)
    return data


def checksum(path: Path) -> str:
    """Return a file's checksum as configurations write it."""
    with path.open("rb") as stream:
        return f"sha256:{file_digest(stream, 'sha256').hexdigest()}"
