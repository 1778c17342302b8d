"""One experiment: a tagger trained as told, kept in a folder so that an interrupted benchmark goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from record import data_folder
from streets import region_gazetteers

from gazetteer import WORLD, Gazetteer
from lmr_hybrid.augmentation import AugmentationConfig, Augmenter, NamePool, StreetMessages, StreetNames
from lmr_hybrid.corpora import TYPES, Message, read_idrisi
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.distillation import Ensemble, TaughtEpochs
from lmr_hybrid.tagging.examples import AugmentedEpochs
from lmr_hybrid.tagging.features import COLUMNS
from lmr_hybrid.tagging.opening import open_tagger
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.training import Epochs, train

#: The columns that no gazetteer fills.
SPELLING_COLUMNS = tuple(column for column in COLUMNS if column.startswith(("case:", "context:", "text:")))


@dataclass(frozen=True, slots=True)
class Experiment:
    """How a tagger is trained.

    `encoder` may be a model folder, `teachers` are others; `excluded` are the countries whose names augmentation must
    not use.
    """

    encoder: str
    tagger: TaggerConfig = field(default_factory=lambda: TaggerConfig(types=TYPES))
    training: TrainingConfig = field(default_factory=TrainingConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    excluded: tuple[str, ...] = ()
    teachers: tuple[Path, ...] = ()

    def without_gazetteer(self) -> Experiment:
        """Return the same experiment but for what the tagger is told of the gazetteer; it still sees the spelling."""
        return replace(self, tagger=replace(self.tagger, feature_columns=SPELLING_COLUMNS))


def idrisi(split: str) -> list[Message]:
    """Return a split of IDRISI-R English."""
    return read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", split)


def train_once(experiment: Experiment, messages: Sequence[Message], work: Path) -> Path:
    """Train on `messages` and return the model folder within `work`; one that is there already is not trained again."""
    folder = work / _key(experiment, messages)
    if folder.exists():
        return folder
    world = Gazetteer.open(WORLD)
    sees_gazetteer = set(experiment.tagger.feature_columns) - set(SPELLING_COLUMNS)
    epochs: Epochs = AugmentedEpochs(
        messages,
        world if sees_gazetteer else Gazetteer([]),
        _augmenter(experiment.augmentation, world, experiment.excluded, work),
        seed=experiment.training.seed,
        epochs=experiment.training.epochs,
    )
    tagger = _untrained(experiment)
    if experiment.teachers:
        teacher = Ensemble([open_tagger(folder) for folder in experiment.teachers])
        epochs = TaughtEpochs(epochs, teacher, tagger.tags)
    train(tagger, epochs, experiment.training)
    work.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_suffix(".unfinished")
    tagger.save(unfinished)
    unfinished.rename(folder)
    return folder


def _key(experiment: Experiment, messages: Sequence[Message]) -> str:
    """Name what decides which weights come out: settings that are not the default, so that new ones change no name."""
    default = Experiment(experiment.encoder)
    told = {
        name: _changes(asdict(getattr(experiment, name)), asdict(getattr(default, name)))
        for name in ("tagger", "training", "augmentation")
    }
    names = {"encoder": Path(experiment.encoder).name, "teachers": [folder.name for folder in experiment.teachers]}
    described = [told, names, sorted(experiment.excluded), [message.id for message in messages]]
    return sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]


def _changes(settings: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value != default[name]}


def _untrained(experiment: Experiment) -> Tagger:
    import torch

    torch.manual_seed(experiment.training.seed)
    return Tagger.create(experiment.encoder, experiment.tagger)


def _augmenter(config: AugmentationConfig, world: Gazetteer, excluded: Collection[str], work: Path) -> Augmenter:
    streets = None
    if config.streets:
        # No name of the regions that the street-level test messages are set in is used in training.
        withheld = Gazetteer.open(*region_gazetteers(work).values())
        streets = StreetMessages(StreetNames(world, withheld=withheld, excluded=excluded))
    return Augmenter(config, gazetteer=world, pool=NamePool(world.all_places(), excluded=excluded), streets=streets)
