"""How well are location mentions found in IDRISI-R's dev tweets, and what does each part add?

    python benchmarks/idrisi.py [--plain path/to/model-trained-without-features]

Without `--plain` the row of that tagger, which no gazetteer touches, is taken over from the last result, and the result
says so. Prints the table of systems and the ablation of the rules, and writes results/idrisi.json. The embedded model
was trained on IDRISI's train split alone; its epochs and thresholds were chosen on dev, so these are dev scores.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from record import RESULTS, data_folder, write_result

from gazetteer import WORLD, Gazetteer, Match, PlaceKind
from lmr_hybrid import Mention, Recognition, Recognizer
from lmr_hybrid.corpora import Message, read_idrisi
from lmr_hybrid.evaluation import Report, evaluate, f1_difference, format_table
from lmr_hybrid.place_types import TYPE_OF_KIND
from lmr_hybrid.reconcile import RULES
from lmr_hybrid.tagging.config import TrainingConfig

_CERTAIN_KINDS = {PlaceKind.COUNTRY, PlaceKind.STATE, PlaceKind.CONTINENT}
#: For the bare look-up: a name that is no country, state or continent must be rarer than this in English (Zipf).
_RARE = 3.5
_PLAIN = "tagger trained without gazetteer"


@click.command()
@click.option("--plain", type=click.Path(path_type=Path), help="A model trained with --no-features, for its row.")
def main(plain: Path | None) -> None:
    """Score every system on IDRISI-R dev."""
    messages = read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "dev")
    systems: dict[str, Callable[[], list[Recognition]]] = {"gazetteer only": lambda: _look_up(messages)}
    if plain:
        systems[_PLAIN] = lambda: _recognize(messages, Recognizer(model=plain, rules=()))
    systems |= {
        "tagger, gazetteer withheld": lambda: _recognize(messages, Recognizer(gazetteers=(), rules=())),
        "tagger with gazetteer features": lambda: _recognize(messages, Recognizer(rules=())),
        "tagger + reconciler (Recognizer)": lambda: _recognize(messages, Recognizer()),
    }
    reports, recognitions, seconds = {}, {}, {}
    for name, system in systems.items():
        started = time.perf_counter()
        recognitions[name] = system()
        seconds[name] = time.perf_counter() - started
        reports[name] = evaluate(messages, recognitions[name])
    rows = [_row(name, report) for name, report in reports.items()]
    former, date = ([], "") if plain else _former_plain_row()
    rows[1:1] = former
    final = reports["tagger + reconciler (Recognizer)"]
    ablation = _ablate(messages, final)
    differences = {
        name: f1_difference(messages, _mentions(recognitions["tagger + reconciler (Recognizer)"]), _mentions(other))
        for name, other in recognitions.items()
    }
    click.echo(format_table(rows))
    click.echo("\n" + format_table(ablation))
    click.echo("\nThe recogniser, per type:\n" + format_table(_rows_by_type(final)))
    click.echo("\nThe recogniser, per protocol and event:\n" + format_table(final.rows()))
    write_result(
        "idrisi",
        {
            "corpus": f"IDRISI-R EN, random split, dev: {len(messages)} tweets",
            "seed": {"training": TrainingConfig().seed, "bootstrap": 0},
            "systems": rows,
            "taken_over_from_the_result_of": {_PLAIN: date} if former else {},
            "seconds": {name: round(value, 1) for name, value in seconds.items()},
            "recognizer_minus": {
                name: {"f1": round(each.f1, 4), "low": round(each.low, 4), "high": round(each.high, 4)}
                for name, each in differences.items()
            },
            "rules": ablation,
            "reports": {name: report.to_dict() for name, report in reports.items()},
        },
    )


def _former_plain_row() -> tuple[list[dict[str, object]], str]:
    """Return the plain tagger's row in the last result and when it was measured; no row without a result."""
    path = RESULTS / "idrisi.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"systems": [], "date": ""}
    date = record.get("taken_over_from_the_result_of", {}).get(_PLAIN, record["date"])
    return [row for row in record["systems"] if row["system"] == _PLAIN], date


def _recognize(messages: Sequence[Message], recognizer: Recognizer) -> list[Recognition]:
    return list(recognizer.recognize_many(message.text for message in messages))


def _mentions(recognitions: Sequence[Recognition]) -> list[tuple[Mention, ...]]:
    return [recognition.mentions for recognition in recognitions]


def _look_up(messages: Sequence[Message]) -> list[Recognition]:
    gazetteer = Gazetteer.open(WORLD)
    return [
        Recognition(
            message.text,
            tuple(_mention(message.text, match) for match in gazetteer.match(message.text) if _is_sure(match)),
        )
        for message in messages
    ]


def _is_sure(match: Match) -> bool:
    return match.facts.english_frequency < _RARE or not _CERTAIN_KINDS.isdisjoint(match.facts.kinds)


def _mention(text: str, match: Match) -> Mention:
    return Mention(text[match.start : match.end], match.start, match.end, TYPE_OF_KIND[match.facts.kinds[0]], 1.0)


def _row(name: str, report: Report) -> dict[str, object]:
    return {
        "system": name,
        "precision": report.exact.precision,
        "recall": report.exact.recall,
        "F1": report.exact.f1,
        "typed F1": report.typed.f1,
        "IDRISI F1": report.idrisi.f1,
        "word error rate": report.words.rate,
    }


def _rows_by_type(report: Report) -> list[dict[str, object]]:
    return [
        {
            "type": type_,
            "mentions": scores.true_positives + scores.false_negatives,
            "span recall": report.recall_by_type.get(type_, 0.0),
            "typed precision": scores.precision,
            "typed recall": scores.recall,
            "typed F1": scores.f1,
        }
        for type_, scores in report.by_type.items()
    ]


def _ablate(messages: Sequence[Message], final: Report) -> list[dict[str, object]]:
    """Return what each rule adds: the F1 of all rules less that of all but this one, in points."""
    recognizer = Recognizer()
    evidence = list(recognizer.examine(message.text for message in messages))
    rows = []
    for left_out in RULES:
        recognizer.rules = [name for name in RULES if name != left_out]
        report = evaluate(messages, [recognizer.conclude(each) for each in evidence])
        rows.append(
            {
                "rule": left_out,
                "adds F1 points": 100 * (final.exact.f1 - report.exact.f1),
                "adds typed F1 points": 100 * (final.typed.f1 - report.typed.f1),
            }
        )
    return rows


if __name__ == "__main__":
    main()
