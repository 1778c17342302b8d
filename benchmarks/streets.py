"""How well are streets and buildings found in messages full of them, and what do gazetteers of the region add?

    python benchmarks/streets.py [--model path/to/model] [--gazetteers folder]

Scores the recogniser on the set of street_messages.py: with the gazetteer of the world alone, with those of the
extracts that the names came from, and the tagger without rules on both. Prints the tables and writes
results/streets.json. The gazetteers are built in `--gazetteers` and kept there, or else in a temporary folder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from record import data_folder, write_result
from street_messages import read_templates, street_messages

from gazetteer import GazetteerError, build_gazetteer
from gazetteer.sources.osm import OsmSource
from lmr_hybrid import Mention, Recognition, Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import Difference, Report, evaluate, f1_difference, format_table, recall_by_type
from lmr_hybrid.reconcile import RULES

_PATH = click.Path(path_type=Path)
_WORLD = "recognizer, world"
_REGIONAL = "recognizer, world and region"
#: What a gazetteer of the world does not hold.
_LOCAL_TYPES = ("Road/street", "Human-made Point-of-Interest", "Neighborhood", "Natural Point-of-Interest")

#: Events whose region, or a part of it, there is an extract of; no made-up training message uses its names.
REGION_OF_EVENT = {
    "hurricane_dorian_2019": "bahamas",
    "midwestern_us_floods_2019": "columbus",
    "maryland_floods_2018": "baltimore",
}


@click.command()
@click.option("--model", type=_PATH, help="A model folder; by default the embedded model.")
@click.option("--gazetteers", type=_PATH, help="Where to build the regions' gazetteers, or to find them built.")
@click.option("--seed", default=0, show_default=True, help="Of the messages; results are reported on 0.")
def main(model: Path | None, gazetteers: Path | None, seed: int) -> None:
    """Score the recogniser on the street test set."""
    keep: AbstractContextManager[Path | str] = nullcontext(gazetteers) if gazetteers else TemporaryDirectory()
    try:
        messages = street_messages(data_folder() / "osm", seed=seed)
        with keep as folder:
            recognitions = _recognitions(messages, model, list(region_gazetteers(Path(folder)).values()))
    except (GazetteerError, LmrError) as error:
        raise click.ClickException(str(error)) from error
    reports = {name: evaluate(messages, each) for name, each in recognitions.items()}
    rows = [_row(name, report, f1_interval(messages, recognitions[name])) for name, report in reports.items()]
    types = _rows_by_type(messages, reports)
    extracts = _rows_by_extract(messages, recognitions)
    added = f1_difference(messages, _spans(recognitions[_REGIONAL]), _spans(recognitions[_WORLD]))
    click.echo(format_table(rows))
    click.echo("\nShare of the mentions found, by type:\n" + format_table(types, digits=3))
    click.echo("\nShare of the streets and buildings found, by extract:\n" + format_table(extracts, digits=3))
    click.echo(f"\nThe regions' gazetteers add {100 * added.f1:.1f} points of F1 {_interval(added, 100)}")
    write_result(
        "streets",
        {
            "corpus": f"street messages: {len(messages)}, of which without a place "
            f"{sum(not message.mentions for message in messages)}",
            "attribution": "names in the messages © OpenStreetMap contributors, ODbL 1.0",
            "model": model.name if model else "embedded",
            "seed": {"messages": seed, "bootstrap": 0},
            "systems": rows,
            "recall_by_type": types,
            "recall_by_extract": extracts,
            "regional_gazetteers_add": _rounded(added),
            "reports": {name: report.to_dict() for name, report in reports.items()},
        },
    )


def region_gazetteers(folder: Path) -> dict[str, Path]:
    """Return the gazetteers of the regions in `folder`, by region; those that are not there yet are built.

    Raises `gazetteer.GazetteerError` where an extract cannot be read or the folder not be written.
    """
    outputs = {}
    folder.mkdir(parents=True, exist_ok=True)
    for region, rules in read_templates().regions.items():
        output = folder / f"{region}.gazetteer"
        if not output.exists():
            build_gazetteer([OsmSource(data_folder() / "osm" / rules["extract"])], output)
        outputs[region] = output
    return outputs


def f1_interval(messages: Sequence[Message], recognitions: Sequence[Recognition]) -> Difference:
    """Return exact F1 with its bootstrap interval: what it is better by than a system that finds nothing."""
    return f1_difference(messages, _spans(recognitions), [()] * len(messages))


def _recognitions(
    messages: Sequence[Message], model: Path | None, regional: Sequence[Path]
) -> dict[str, list[Recognition]]:
    systems: dict[str, tuple[Collection[str], Sequence[str | Path]]] = {
        "tagger without rules, world": ((), ("world",)),
        _WORLD: (tuple(RULES), ("world",)),
        "tagger without rules, world and region": ((), (*regional, "world")),
        _REGIONAL: (tuple(RULES), (*regional, "world")),
    }
    texts = [message.text for message in messages]
    return {
        name: list(Recognizer(model=model, gazetteers=gazetteers, rules=rules).recognize_many(texts))
        for name, (rules, gazetteers) in systems.items()
    }


def _spans(recognitions: Sequence[Recognition]) -> list[tuple[Mention, ...]]:
    return [recognition.mentions for recognition in recognitions]


def _row(name: str, report: Report, interval: Difference) -> dict[str, object]:
    return {
        "system": name,
        "precision": report.exact.precision,
        "recall": report.exact.recall,
        "F1": report.exact.f1,
        "95 %": _interval(interval, 1),
        "typed F1": report.typed.f1,
        "overlap F1": report.partial.overlap.f1,
    }


def _rows_by_type(messages: Sequence[Message], reports: dict[str, Report]) -> list[dict[str, object]]:
    types = sorted({mention.type for message in messages for mention in message.mentions})
    return [
        {
            "type": type_,
            "mentions": sum(mention.type == type_ for message in messages for mention in message.mentions),
            **{name: report.recall_by_type[type_] for name, report in reports.items()},
        }
        for type_ in types
    ]


def _rows_by_extract(
    messages: Sequence[Message], recognitions: dict[str, list[Recognition]]
) -> list[dict[str, object]]:
    """Return for each extract, and for streets and for buildings, the share that the recogniser finds."""
    rows: list[dict[str, object]] = []
    for extract in sorted({message.event for message in messages}):
        own = [index for index, message in enumerate(messages) if message.event == extract]
        gold = [messages[index] for index in own]
        for type_ in _LOCAL_TYPES:
            number = sum(mention.type == type_ for message in gold for mention in message.mentions)
            if number:
                found = {
                    name: recall_by_type(gold, _spans([recognitions[name][index] for index in own]))[type_]
                    for name in (_WORLD, _REGIONAL)
                }
                rows.append({"extract": extract, "type": type_, "mentions": number, **found})
    return rows


def _interval(difference: Difference, scale: int) -> str:
    digits = 1 if scale > 1 else 3
    return f"[{scale * difference.low:.{digits}f}, {scale * difference.high:.{digits}f}]"


def _rounded(difference: Difference) -> dict[str, float]:
    return {"f1": round(difference.f1, 4), "low": round(difference.low, 4), "high": round(difference.high, 4)}


if __name__ == "__main__":
    main()
