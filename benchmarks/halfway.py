"""Is the embedded model, halfway between one training and the next, better than either?

    python benchmarks/halfway.py [--teachers teachers]

The folder holds `written`, the model before everyday messages were learnt from, and `everyday`, the one after, both
made and exported as docs/training.md says; the weights of the embedded model are their mean. Scores the whole
recogniser, with the thresholds of the embedded model, on the corpora of teaching.py, and what the embedded model is
better by than each of the two, with its interval by a bootstrap over messages. Writes results/halfway.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from record import write_result
from teaching import corpora, teachers_option

from lmr_hybrid import Recognition, Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import evaluate, f1_difference, format_table
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.reconcile import read_thresholds

_BEFORE, _AFTER, _EMBEDDED = "without everyday messages", "taught by them", "embedded, the mean of both"


@click.command()
@teachers_option
def main(teachers: Path) -> None:
    """Score the embedded model and the two that it is the mean of."""
    thresholds = read_thresholds(DEFAULT_MODEL)
    folders = {_BEFORE: teachers / "written", _AFTER: teachers / "everyday", _EMBEDDED: DEFAULT_MODEL}
    try:
        recognizers = {name: Recognizer(model=folder, thresholds=thresholds) for name, folder in folders.items()}
    except LmrError as error:
        raise click.ClickException(str(error)) from error
    rows = [row for corpus, messages in corpora().items() for row in _rows(corpus, messages, recognizers)]
    click.echo(format_table(rows))
    write_result("halfway", {"seed": {"bootstrap": 0}, "rows": rows})


def _rows(corpus: str, messages: Sequence[Message], recognizers: Mapping[str, Recognizer]) -> list[dict[str, Any]]:
    """Return a row a model, those before the embedded one with what it gains."""
    texts = [message.text for message in messages]
    found = {name: list(recognizer.recognize_many(texts)) for name, recognizer in recognizers.items()}
    return [
        {"corpus": corpus, "messages": len(messages), "model": name, **_scores(messages, each, found[_EMBEDDED])}
        for name, each in found.items()
    ]


def _scores(messages: Sequence[Message], found: Sequence[Recognition], best: Sequence[Recognition]) -> dict[str, float]:
    report = evaluate(messages, found)
    gained = f1_difference(messages, [each.mentions for each in best], [each.mentions for each in found])
    return {
        "precision": report.exact.precision,
        "recall": report.exact.recall,
        "F1": report.exact.f1,
        "typed F1": report.typed.f1,
        "gained": gained.f1,
        "low": gained.low,
        "high": gained.high,
    }


if __name__ == "__main__":
    main()
