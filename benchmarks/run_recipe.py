"""How good are the field's own systems on IDRISI-R's dev tweets, all scored alike?

    python benchmarks/run_recipe.py flair-stack --encoder weights
    python benchmarks/run_recipe.py zero-shot-bert-base-ner itu-winner --device cuda
    python benchmarks/run_recipe.py

A recipe is a file of recipes/ or the path of another. Runs those named, writes results/recipes/<name>.json for each and
prints the table of all that were ever run; without a name, only the table. Training never sees dev; where an epoch must
be chosen, a share of the training tweets chooses it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from record import RESULTS, data_folder, write_result
from systems.config import Recipe, parse_override, read_recipe
from systems.weights import placed

from lmr_hybrid.cli.failures import ExpectedFailure
from lmr_hybrid.evaluation import format_table

if TYPE_CHECKING:
    import torch

_RECIPES = Path(__file__).parent / "recipes"
_KEPT = RESULTS / "recipes"


@click.command(cls=ExpectedFailure)
@click.argument("recipes", nargs=-1)
@click.option("--corpus", type=click.Path(path_type=Path), help="By default IDRISI-R EN, random split, in LMR_DATA.")
@click.option(
    "--encoder",
    help="Pretrained weights in place of the recipe's: a folder, file or hub name; for a recipe with several, a folder "
    "that holds each under its name (convert_weights.py makes one for flair-stack).",
)
@click.option(
    "--override",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value for a key of the recipe, such as embeddings.words.source=/a/folder. May be repeated.",
)
@click.option("--epochs", type=click.IntRange(min=1), help="In place of the recipe's.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="A trial on so many messages of each split. Its result is kept only where --results says so.",
)
@click.option("--seed", "seeds", type=int, multiple=True, default=(1,), show_default=True, help="May be repeated.")
@click.option("--device", default="cpu", show_default=True, help="As torch names it: cpu, cuda, cuda:1.")
@click.option(
    "--results", type=click.Path(path_type=Path, file_okay=False), help=f"By default {_KEPT.name}/ of results/."
)
def main(
    recipes: Sequence[str],
    corpus: Path | None,
    encoder: str | None,
    overrides: Sequence[str],
    epochs: int | None,
    limit: int | None,
    seeds: Sequence[int],
    device: str,
    results: Path | None,
) -> None:
    """Run RECIPES, each one of recipes/ or a path, and print the table of all results."""
    values = dict(parse_override(each) for each in overrides)
    opened = {Path(name).stem: _opened(name, values, encoder=encoder, epochs=epochs) for name in recipes}
    rows = []
    for name, recipe in opened.items():
        result = _run(name, recipe, corpus=corpus, limit=limit, seeds=seeds, device=device)
        rows.append(result["row"])
        if results or limit is None:
            click.echo(f"Written: {write_result(name, result, folder=results or _KEPT)}")
    click.echo(format_table(rows if limit is not None and not results else _all_rows(results or _KEPT)))


def _opened(name: str, overrides: dict[str, Any], *, encoder: str | None, epochs: int | None) -> Recipe:
    path = Path(name) if name.endswith(".toml") else _RECIPES / f"{name}.toml"
    recipe = read_recipe(path, overrides)
    values = dict(overrides)
    if encoder:
        sources = recipe.sources()
        given = {key: placed(source, encoder, alone=len(sources) == 1) for key, source in sources.items()}
        values = given | values
    if epochs and recipe.training:
        values["training.epochs"] = epochs
    return read_recipe(path, values)


def _run(
    name: str, recipe: Recipe, *, corpus: Path | None, limit: int | None, seeds: Sequence[int], device: str
) -> dict[str, Any]:
    import flair
    from systems.messages import gather
    from systems.running import result_of, run_recipe

    # Flair tells at length what it builds; an epoch is one line of ours.
    logging.getLogger("flair").setLevel(logging.WARNING)
    flair.device = _device(device)
    folder = corpus or data_folder() / "idrisi-r/EN/gold-random-json"
    runs = []
    # A finished tagger is the same with every seed.
    for seed in seeds if recipe.training else seeds[:1]:
        messages = gather(recipe, folder, data=data_folder(), limit=limit, seed=seed)
        click.echo(f"{name}, seed {seed}: {len(messages.train)} messages to train on, {len(messages.dev)} to score")
        runs.append(run_recipe(recipe, messages, seed=seed, device=device, report=click.echo))
    said = f"{folder.parent.name}/{folder.name}" + (f", {limit} messages a split" if limit is not None else "")
    return result_of(name, recipe, messages, runs, said)


def _device(name: str) -> torch.device:
    import torch

    try:
        # Only a number put there tells whether the device is there at all.
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        problem = f"{name}: {next(iter(str(error).splitlines()), 'is not there')}"
        raise click.BadParameter(problem, param_hint="--device") from error


def _all_rows(folder: Path) -> list[dict[str, Any]]:
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return sorted((result["row"] for result in results), key=lambda row: -row["F1"])


if __name__ == "__main__":
    main()
