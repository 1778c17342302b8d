"""A training's state on disk: killed at any moment, it goes on from there as if nothing had happened.

One safetensors file holds everything: tensors (weights, moments of the optimizer, averages, states of the random
generators) and, as its metadata, one JSON text (position, settings, log). It is written beside its name and renamed, so
that there is always one whole checkpoint, the former or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lmr_hybrid.errors import TrainingError
from lmr_hybrid.tagging.config import Execution
from lmr_hybrid.tagging.optimization import Precision, WeightAverage
from lmr_hybrid.tagging.training_log import LogRow

if TYPE_CHECKING:
    import torch

#: Raised whenever an older reader would misread a newer checkpoint, or the other way round.
_FORMAT = 1
_FILE = "checkpoint.safetensors"
_RESTART = "or give --restart to discard it"


@dataclass(slots=True)
class Progress:
    """How far a training is: `epoch` (from 1) is under way and `batch` batches of it are done, `step` of all epochs.

    `epoch_loss` sums the losses of the epoch, `recent_loss` those of the `recent_steps` since the last row of the log.
    """

    epoch: int = 1
    batch: int = 0
    step: int = 0
    epoch_loss: float = 0.0
    recent_loss: float = 0.0
    recent_steps: int = 0
    seconds: float = 0.0
    rows: list[LogRow] = field(default_factory=list)


@dataclass(slots=True)
class TrainingState:
    """All that changes while a tagger is trained."""

    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    schedule: Any
    precision: Precision
    average: WeightAverage
    progress: Progress


class Checkpoints:
    """The checkpoints of one training in `folder`, one at a time.

    `settings` are what decides which weights come out; a checkpoint of others is refused.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], execution: Execution) -> None:
        self.folder = folder
        self._settings = json.loads(json.dumps(settings))
        self._execution = execution
        self._saved = time.monotonic()

    def save_if_due(self, state: TrainingState) -> None:
        """Save where the last time is as long ago as `Execution` says."""
        every = self._execution.checkpoint_steps
        minutes = self._execution.checkpoint_minutes
        if every:
            due = state.progress.step % every == 0
        else:
            due = minutes > 0 and time.monotonic() - self._saved >= minutes * 60
        if due:
            self.save(state)

    def save(self, state: TrainingState) -> None:
        """Write the state. Raises `TrainingError` where there is no room or no right to."""
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        progress = {**asdict(state.progress), "rows": [asdict(row) for row in state.progress.rows]}
        groups = [{**group, "params": []} for group in state.optimizer.state_dict()["param_groups"]]
        facts = {
            "format": _FORMAT,
            "settings": self._settings,
            "progress": progress,
            "groups": groups,
            "schedule": state.schedule.state_dict(),
            "scaler": state.precision.scaler.state_dict(),
            "updates": state.average.updates,
        }
        temporary = self.folder / f".{_FILE}.tmp"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            save_file(_tensors(state), temporary, {"state": json.dumps(facts)})
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.replace(self.folder / _FILE)
        except (OSError, SafetensorError) as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            problem = f"a checkpoint cannot be written ({getattr(error, 'strerror', None) or error})"
            raise TrainingError(self.folder, problem, "Make room, or choose another output by -o") from error
        self._saved = time.monotonic()

    def restore(self, state: TrainingState) -> bool:
        """Put the saved state in `state`; tell whether there was any.

        Raises `TrainingError` for a checkpoint of another training, or one that cannot be read.
        """
        path = self.folder / _FILE
        if not path.exists():
            return False
        facts, tensors = _read(path)
        self._check(facts)
        try:
            _restore(state, facts, tensors)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise TrainingError(path, f"does not fit this training ({error})", f"Remove it, {_RESTART}") from error
        return True

    def discard(self) -> None:
        """Remove the folder with all it holds."""
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            problem = f"cannot be removed ({error.strerror or error})"
            raise TrainingError(self.folder, problem, "Remove it yourself") from error

    def _check(self, facts: Mapping[str, Any]) -> None:
        """Refuse a checkpoint of another training and say in what they differ."""
        if facts.get("format") != _FORMAT:
            problem = f"holds a checkpoint of format {facts.get('format')}, this version reads {_FORMAT}"
            raise TrainingError(self.folder, problem, f"Go on with the version that wrote it, {_RESTART}")
        before, now = _flat(facts["settings"]), _flat(self._settings)
        differences = [
            f"{name} was {before.get(name)}, is {now.get(name)}"
            for name in dict.fromkeys([*before, *now])
            if before.get(name) != now.get(name)
        ]
        if differences:
            problem = f"holds an unfinished training with other settings: {'; '.join(differences)}"
            raise TrainingError(self.folder, problem, f"Start it with the former settings, {_RESTART}")


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()["state"])
            # A tensor of its own each: what is mapped would change with the file.
            return facts, {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise TrainingError(path, f"cannot be read ({error})", f"Copy it again, {_RESTART}") from error


def _tensors(state: TrainingState) -> dict[str, torch.Tensor]:
    import torch

    tensors = {f"weights/{name}": value for name, value in state.network.state_dict().items()}
    for number, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{number}/{name}": value for name, value in moments.items()}
    tensors |= {f"average/{number}": value for number, value in enumerate(state.average.values)}
    tensors["random/cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors |= {f"random/cuda/{number}": value for number, value in enumerate(torch.cuda.get_rng_state_all())}
    return {name: value.detach().contiguous() for name, value in tensors.items()}


def _restore(state: TrainingState, facts: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
    import torch

    parts: dict[str, dict[str, torch.Tensor]] = {"weights": {}, "optimizer": {}, "average": {}, "random": {}}
    for name, value in tensors.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = value
    state.network.load_state_dict(parts["weights"])
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in parts["optimizer"].items():
        number, _, moment = name.partition("/")
        moments.setdefault(int(number), {})[moment] = value
    groups = state.optimizer.state_dict()["param_groups"]
    saved = [{**group, "params": own["params"]} for own, group in zip(groups, facts["groups"], strict=True)]
    state.optimizer.load_state_dict({"state": moments, "param_groups": saved})
    state.schedule.load_state_dict(facts["schedule"])
    state.precision.scaler.load_state_dict(facts["scaler"])
    for position, average in enumerate(state.average.values):
        average.copy_(parts["average"][str(position)])
    state.average.updates = facts["updates"]
    torch.set_rng_state(parts["random"].pop("cpu"))
    if torch.cuda.is_available() and parts["random"]:
        torch.cuda.set_rng_state_all([parts["random"][f"cuda/{each}"] for each in range(len(parts["random"]))])
    progress = facts["progress"]
    state.progress = Progress(**{**progress, "rows": [LogRow(**row) for row in progress["rows"]]})
