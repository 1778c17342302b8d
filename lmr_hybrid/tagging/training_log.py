"""How a training went: a row every so many steps, as CSV and as curves."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

_INK, _LOSS, _RATE = "#333333", "#4477aa", "#bbbbbb"
_SCORES = {"precision": "#66ccee", "recall": "#ccbb44", "f1": "#aa3377"}


@dataclass(frozen=True, slots=True)
class LogRow:
    """What was seen up to a step, counted from 1 over all epochs; `loss` is the mean since the row before.

    `seconds` is the time trained, pauses left out. The scores, of the averaged weights on the dev corpus, are there
    only at the end of an epoch.
    """

    epoch: int
    step: int
    loss: float
    encoder_learning_rate: float
    head_learning_rate: float
    seconds: float
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


def csv_text(rows: Sequence[LogRow]) -> str:
    """Return the rows as CSV under a line of their fields' names; a score that was not measured is empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [field.name for field in fields(LogRow)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _plain(value) for name, value in asdict(row).items()})
    return stream.getvalue()


def _plain(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def write_curves(rows: Sequence[LogRow], path: Path) -> None:
    """Draw loss and learning rate, and the scores where any were measured, over the steps; the suffix decides how."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scored = [row for row in rows if row.f1 is not None]
    with mpl.rc_context({"svg.hashsalt": "lmr_hybrid", "font.size": 9}):
        figure = Figure(figsize=(7, 5.4 if scored else 3), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(2 if scored else 1, 1, squeeze=False)[:, 0]
        steps = [row.step for row in rows]
        axes[0].plot(steps, [row.loss for row in rows], color=_LOSS)
        axes[0].set(ylabel="loss", yscale="log", xlabel="" if scored else "step")
        axes[0].yaxis.label.set_color(_LOSS)
        rates = axes[0].twinx()
        rates.plot(steps, [row.encoder_learning_rate for row in rows], color=_RATE)
        rates.set(ylabel="learning rate of the encoder", ylim=(0, None))
        if scored:
            for name, color in _SCORES.items():
                label = "F1" if name == "f1" else name
                values = [getattr(row, name) for row in scored]
                axes[1].plot([row.step for row in scored], values, color=color, marker="o", markersize=3, label=label)
            axes[1].set(xlabel="step", ylabel="dev, exact spans", xlim=axes[0].get_xlim())
            axes[1].legend(frameon=False, loc="lower right")
        for each in (*axes, rates):
            each.spines["top"].set_visible(False)
            each.tick_params(colors=_INK)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
