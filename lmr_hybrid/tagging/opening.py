"""Which tagger a model folder is opened with: the exported one where there is any, else the reference."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from gazetteer import Match, Token
from lmr_hybrid.errors import ModelCorrupt
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.decoding import TagProbabilities
from lmr_hybrid.tagging.model_folder import CONFIG_FILE, WEIGHTS_FILE

#: "auto": "onnx" where the model is exported, else "flair".
Runtime = Literal["auto", "onnx", "flair"]
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)
#: Where a model folder keeps its exported form.
EXPORTED_FOLDER = "exported"


class AnyTagger(Protocol):
    """What tags texts: `tagger.Tagger`, the reference, and `runtime.ExportedTagger`, made of one."""

    config: TaggerConfig

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        """Return what the tagger thinks of each token of each text, given with all its matches."""

    def begin(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> Callable[[], list[TagProbabilities]]:
        """Begin `predict` where it can run beside Python, and return what waits for the end of it."""


def open_tagger(folder: str | Path, runtime: Runtime = "auto") -> AnyTagger:
    """Open a model folder: saved, exported, saved with its exported form in `exported`, or holding that alone.

    Raises `ModelNotFound`, `ModelFormatMismatch` or `ModelCorrupt`, and `RuntimeNotFound` where the model cannot be
    run in the way that is asked for.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"no such runtime: {runtime!r}; there are {', '.join(RUNTIMES)}")
    folder = model_folder(folder)
    exported = None if runtime == "flair" else _exported_form(folder)
    if runtime == "flair" or (runtime == "auto" and exported is None):
        from lmr_hybrid.tagging.tagger import Tagger

        return Tagger.load(folder)
    from lmr_hybrid.tagging.runtime import ExportedTagger

    return ExportedTagger.load(exported or folder)


def model_folder(folder: str | Path) -> Path:
    """Return where a model's configuration is: in `folder`, or in its `exported` where that is all there is of it."""
    folder = Path(folder)
    inner = folder / EXPORTED_FOLDER
    return inner if _has_config(inner) and not _has_config(folder) else folder


def _has_config(folder: Path) -> bool:
    try:
        return (folder / CONFIG_FILE).exists()
    except PermissionError:
        # Whoever opens the folder says so.
        return True


def _exported_form(folder: Path) -> Path | None:
    """Return the folder of a model's exported form, None where it has none; nothing else is checked."""
    config = _peek(folder)
    if "exported" in config:
        return folder
    inner = folder / EXPORTED_FOLDER
    if not _has_config(inner):
        return None
    with suppress(KeyError, TypeError):
        if _peek(inner)["exported"]["exported_from"] != config["files"][WEIGHTS_FILE]:
            remedy = f"Export the model again with python -m lmr_hybrid export {folder} -o {inner}, or remove that"
            raise ModelCorrupt(inner, "was exported from other weights than the folder holds", remedy)
    return inner


def _peek(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        # Whoever opens the folder says what is wrong with it.
        return {}
    return data if isinstance(data, dict) else {}
