"""A recipe, run and scored with each seed, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from lmr_hybrid.evaluation import Report, evaluate
from systems.config import Recipe
from systems.messages import Messages
from systems.sentences import LabelledSpan, recognition, tagged
from systems.training import train, types_of
from systems.zero_shot import ask

_RATES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a recipe: its scores on dev, how the loss went, how many seconds training and tagging took.

    `embedding_length` is how many numbers the embeddings give a word: it tells weights of one name apart by their size.
    It is 0 for a finished tagger.
    """

    seed: int
    report: Report
    losses: tuple[float, ...]
    selection_f1: tuple[float, ...]
    embedding_length: int
    training_seconds: float
    tagging_seconds: float


def run_recipe(recipe: Recipe, messages: Messages, *, seed: int, device: str, report: Callable[[str], object]) -> Run:
    """Train where the recipe says so, tag dev, and score it with the project's own scorer.

    Raises `RecipeError`, `WeightsUnreachable` or `TrainingError`.
    """
    started = time.perf_counter()
    losses: tuple[float, ...] = ()
    selection_f1: tuple[float, ...] = ()
    embedding_length = 0
    if recipe.zero_shot:
        trained_at = started
        spans = ask(recipe.zero_shot, messages.dev, device=device)
        labels: Mapping[str, str] = recipe.zero_shot.labels
    else:
        trained = train(recipe, messages, seed=seed, report=report)
        losses, selection_f1 = trained.losses, trained.selection_f1
        embedding_length = trained.network.embeddings.embedding_length
        trained_at = time.perf_counter()
        spans = tagged(messages.dev, trained.network, batch_size=32)
        labels = {type_: type_ for type_ in types_of(recipe)}
    return Run(
        seed=seed,
        report=score(messages, spans, labels),
        losses=losses,
        selection_f1=selection_f1,
        embedding_length=embedding_length,
        training_seconds=round(trained_at - started, 1),
        tagging_seconds=round(time.perf_counter() - trained_at, 1),
    )


def score(messages: Messages, spans: Iterable[Sequence[LabelledSpan]], labels: Mapping[str, str]) -> Report:
    """Return the scores of labelled spans on dev, labels mapped to types."""
    found = [recognition(message.text, each, labels) for message, each in zip(messages.dev, spans, strict=True)]
    return evaluate(messages.dev, found)


def result_of(name: str, recipe: Recipe, messages: Messages, runs: Sequence[Run], corpus: str) -> dict[str, Any]:
    """Return what is kept of a recipe's runs, ready for JSON."""
    return {
        "recipe": name,
        "summary": recipe.summary,
        "settings": _settings(recipe),
        "corpus": corpus,
        "messages": {
            "train": len(messages.train),
            "selection": len(messages.selection),
            "dev": len(messages.dev),
            "auxiliary near-duplicates of dev left out": messages.near_duplicates,
        },
        "row": row_of(name, recipe, runs),
        "runs": [
            {
                "seed": run.seed,
                "losses": [round(loss, 5) for loss in run.losses],
                "selection_f1": [round(f1, 4) for f1 in run.selection_f1],
                "embedding_length": run.embedding_length,
                "training_seconds": run.training_seconds,
                "tagging_seconds": run.tagging_seconds,
                "report": run.report.to_dict(),
            }
            for run in runs
        ],
    }


def _settings(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe's values, and of weights in local files the name alone: where they lie says nothing elsewhere."""
    settings = asdict(recipe)
    for table in (*settings["embeddings"].values(), *filter(None, [settings["zero_shot"]])):
        path = Path(table["source"])
        table["source"] = path.resolve().name if path.exists() else table["source"]
    return settings


def row_of(name: str, recipe: Recipe, runs: Sequence[Run]) -> dict[str, Any]:
    """Return a recipe's row of the table: means over seeds of micro and macro averages, 0..1."""
    reports = [run.report for run in runs]
    exact = {rate: mean(getattr(report.exact, rate) for report in reports) for rate in _RATES}
    row: dict[str, Any] = {
        "recipe": name,
        "seeds": len(runs),
        "precision": exact["precision"],
        "recall": exact["recall"],
        "F1": exact["f1"],
        "F1 sd": stdev(report.exact.f1 for report in reports) if len(reports) > 1 else "",
        "events": mean(report.macro.f1 for report in reports),
    }
    if not recipe.locations_only:
        row["typed F1"] = mean(report.typed.f1 for report in reports)
        row["types"] = mean(report.macro_types.f1 for report in reports)
    row["word error rate"] = mean(report.words.rate for report in reports)
    row["minutes"] = round(mean(run.training_seconds + run.tagging_seconds for run in runs) / 60, 1)
    return row
