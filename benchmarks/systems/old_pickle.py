"""Weights out of a pickled model of an old Flair, without running anything that the pickle names.

Such a file was written by `torch.save` in the format before zip archives, with pickle protocol 4, which the loader
behind `torch.load(weights_only=True)` does not read. So it is read by `torch.load` with an unpickler of our own: what
makes up tensors and plain containers is let through, by name; the classes that the model was made of are replaced by
`Inert`, which holds attributes and can do nothing; any other name ends the reading.
"""

from __future__ import annotations

import pickle
import types
import warnings
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

from systems.errors import WeightsUnreachable

_REPLACED = {
    ("flair.data", "Dictionary"),
    ("flair.embeddings.token", "FlairEmbeddings"),
    ("flair.embeddings.token", "StackedEmbeddings"),
    ("flair.models.language_model", "LanguageModel"),
    ("torch.nn.modules.dropout", "Dropout"),
    ("torch.nn.modules.linear", "Linear"),
    ("torch.nn.modules.rnn", "LSTM"),
    ("torch.nn.modules.sparse", "Embedding"),
}


class Inert:
    """Stands for an object of any replaced class: its attributes, and no behaviour."""

    dump_patches = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what a name in the pickle may stand for."""
        import torch

        let_through: dict[tuple[str, str], Any] = {
            ("builtins", "int"): int,
            ("collections", "OrderedDict"): OrderedDict,
            ("collections", "defaultdict"): defaultdict,
            ("torch", "FloatStorage"): torch.FloatStorage,
            ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
            ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
        }
        if (module, name) in let_through:
            return let_through[module, name]
        if (module, name) in _REPLACED:
            return Inert
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no weights need")


def read_old_pickle(path: Path) -> dict[str, Any]:
    """Return the state that an old Flair saved, its modules as `Inert` objects.

    Raises:
        WeightsUnreachable: the file is no such pickle, or it asks for something other than weights and their modules.
    """
    import torch

    reader = types.ModuleType("weights_only_pickle")
    reader.Unpickler = _Unpickler  # type: ignore[attr-defined]
    reader.load = lambda stream, **_: _Unpickler(stream).load()  # type: ignore[attr-defined]
    try:
        with warnings.catch_warnings():
            # Torch compares the sources of the modules' classes with those stored; ours are others on purpose.
            warnings.simplefilter("ignore")
            state = torch.load(path, map_location="cpu", pickle_module=reader, weights_only=False)
    except (pickle.UnpicklingError, RuntimeError, EOFError, AttributeError, KeyError, ValueError) as error:
        problem = f"is not a model that an old Flair saved ({error})"
        raise WeightsUnreachable(path, problem, "Download the package again") from error
    if not isinstance(state, dict):
        raise WeightsUnreachable(path, "is not a model that an old Flair saved", "Download the package again")
    return state
