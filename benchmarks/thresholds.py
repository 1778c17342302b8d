"""Where should the rules draw their lines? Tries each threshold on IDRISI-R dev, the others as they are.

    python benchmarks/thresholds.py

Prints the F1 at each value tried, and writes results/thresholds.json. A value in the middle of a flat stretch, not the
single best one, is written by hand into `lmr_hybrid/reconcile/rules.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click
from record import data_folder, write_result

from lmr_hybrid import Mention, Recognizer
from lmr_hybrid.corpora import Message, read_idrisi
from lmr_hybrid.evaluation import exact_scores
from lmr_hybrid.reconcile import Evidence, Thresholds, reconcile

_GRID: dict[str, tuple[float, ...]] = {
    "likely_rare": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "known": (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7),
    "unknown": (0.0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75),
    "known_rare": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    "rare": (0.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0),
}


@click.command()
def main() -> None:
    """Vary each threshold."""
    messages = read_idrisi(data_folder() / "idrisi-r/EN/gold-random-json", "dev")
    evidence = list(Recognizer().examine(message.text for message in messages))
    used, tried = Thresholds(), {}
    for name, values in _GRID.items():
        scores = {value: _f1(messages, evidence, replace(used, **{name: value})) for value in values}
        tried[name] = {"used": getattr(used, name), "F1": {str(value): round(f1, 4) for value, f1 in scores.items()}}
        click.echo(f"{name:<12} {getattr(used, name):<5} " + "  ".join(f"{v}: {f1:.4f}" for v, f1 in scores.items()))
    write_result("thresholds", {"thresholds": tried})


def _f1(messages: Sequence[Message], evidence: Sequence[Evidence], thresholds: Thresholds) -> float:
    return exact_scores(messages, [_mentions(each, thresholds) for each in evidence]).f1


def _mentions(evidence: Evidence, thresholds: Thresholds) -> list[Mention]:
    tokens = evidence.tokens
    spans = [
        (tokens[draft.first].start, tokens[draft.last].end, draft.span.type)
        for draft in reconcile(evidence, thresholds=thresholds)
    ]
    return [Mention(evidence.text[start:end], start, end, type_, 1.0) for start, end, type_ in spans]


if __name__ == "__main__":
    main()
