"""From a training's settings to its model: corpora read and checked, gazetteers opened, the tagger trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from gazetteer import WORLD, Gazetteer
from lmr_hybrid.augmentation import StreetMessages, StreetNames
from lmr_hybrid.corpora import TYPES, Message, drop_near_duplicates, read_corpus
from lmr_hybrid.errors import TrainingError
from lmr_hybrid.recognizer import WORLD_NAME, resolve
from lmr_hybrid.tagging.model_card import DataSummary
from lmr_hybrid.training_settings import TrainingSettings, as_tables


def run_training(settings: TrainingSettings, *, restart: bool, report: Callable[[str], object]) -> None:
    """Train as `settings` say. Raises `LmrError` or `gazetteer.GazetteerError` for all that can be expected to fail."""
    from lmr_hybrid.tagging.train_model import train_model

    data = settings.data
    train, dev = _read(data.train, "train"), _read(data.dev, "dev")
    every_dev = [message for messages in dev.values() for message in messages]
    auxiliary = _read(data.auxiliary, "train")
    if data.drop_near_duplicates and every_dev:
        auxiliary = {
            name: list(drop_near_duplicates(messages, of=every_dev).kept) for name, messages in auxiliary.items()
        }
    unlabelled = {
        path: [replace(message, mentions=()) for message in messages]
        for path, messages in _for_teachers(settings, "unlabelled", every_dev).items()
    }
    other_guidelines = _for_teachers(settings, "other_guidelines", every_dev)
    as_annotated = _for_teachers(settings, "as_annotated", every_dev)
    messages = [message for corpus in (train, auxiliary) for each in corpus.values() for message in each]
    annotated = [message for each in as_annotated.values() for message in each]
    config = replace(settings.tagger, types=_types([*messages, *annotated], settings.tagger.types))
    train_model(
        messages,
        settings.output,
        encoder=settings.encoder,
        gazetteer=_open_gazetteers(settings),
        dev=every_dev,
        tagger_config=config,
        training_config=settings.training,
        augmentation=settings.augmentation,
        streets=_streets(settings),
        teachers=[Path(folder) for folder in settings.distillation.teachers],
        unlabelled=[message for texts in unlabelled.values() for message in texts],
        other_guidelines=[message for each in other_guidelines.values() for message in each],
        as_annotated=annotated,
        execution=settings.execution,
        data={
            "train": _summaries(train),
            "auxiliary, without near-duplicates of dev" if data.drop_near_duplicates else "auxiliary": _summaries(
                auxiliary
            ),
            **({"unlabelled, annotated by the teachers": _summaries(unlabelled)} if unlabelled else {}),
            **(
                {"by other guidelines, where the teachers agree": _summaries(other_guidelines)}
                if other_guidelines
                else {}
            ),
            **({"as annotated, beside the teachers": _summaries(as_annotated)} if as_annotated else {}),
            "dev": _summaries(dev),
        },
        settings=as_tables(settings),
        restart=restart,
        report=report,
    )


def _read(paths: Sequence[str], split: str) -> dict[str, list[Message]]:
    return {path: read_corpus(Path(path), split=split) for path in paths}


def _for_teachers(settings: TrainingSettings, use: str, dev: Sequence[Message]) -> dict[str, list[Message]]:
    """Return corpora of `[distillation]`, without texts of dev. Raises `TrainingError` without a teacher."""
    paths = getattr(settings.distillation, use)
    if paths and not settings.distillation.teachers:
        problem = "names texts and no teachers"
        remedy = "Give teachers, the folders of trained models, or name the corpora in [data] auxiliary"
        raise TrainingError(f"[distillation] {use}", problem, remedy)
    corpora = _read(paths, "train")
    return {path: list(drop_near_duplicates(messages, of=dev).kept) for path, messages in corpora.items()}


def _summaries(corpora: dict[str, list[Message]]) -> list[DataSummary]:
    """Sum corpora up under the last parts of their paths, which say nothing of this machine."""
    return [DataSummary.of("/".join(Path(path).parts[-2:]), messages) for path, messages in corpora.items()]


def _types(messages: Sequence[Message], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types to tell apart: those wanted, else IDRISI's twelve where they do, else those found."""
    found = {mention.type for message in messages for mention in message.mentions}
    if not wanted:
        return TYPES if found <= set(TYPES) else tuple(sorted(found))
    if missing := sorted(found - set(wanted)):
        problem = f"the corpora have mentions of other types: {', '.join(missing)}"
        raise TrainingError("[tagger] types", problem, "Add them, or leave types out")
    return wanted


def _open_gazetteers(settings: TrainingSettings) -> Gazetteer:
    names = [*settings.gazetteer.folders, *([WORLD_NAME] if settings.gazetteer.world else [])]
    return Gazetteer.open(*map(resolve, names))


def _streets(settings: TrainingSettings) -> StreetMessages | None:
    """Return the maker of street-level messages where any are wanted; they are set in cities of the whole world."""
    if not settings.augmentation.streets:
        return None
    regional = Gazetteer.open(*settings.gazetteer.folders) if settings.gazetteer.folders else None
    withheld = Gazetteer.open(*settings.gazetteer.withheld) if settings.gazetteer.withheld else None
    return StreetMessages(StreetNames(Gazetteer.open(WORLD), regional, withheld=withheld))
