"""Accuracy against speed as a picture, from what `throughput.py` measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from math import log10
from typing import Any

#: Dark on light, on a ground of its own: it reads the same on pages light and dark.
_GROUND, _INK, _GRID = "#fbfaf7", "#1f2328", "#d5d2ca"
#: Okabe and Ito's blue and vermilion, told apart by all, and besides by their shapes.
_STYLES = {"ours": ("#0072b2", "o", 95), "same model": ("#0072b2", "s", 55), "others": ("#d55e00", "^", 55)}
_NAMES = {"ours": "lmr_hybrid", "same model": "the same model on Flair", "others": "others"}
_SIZE = (7.6, 4.4)
#: Points: the size of a name, and how far from the middle of its mark the middle of the name may stand.
_TEXT = 8.5
_OFFSETS = (13, -13, 24, -24, 35, -35)


def picture(record: Mapping[str, Any]) -> str:
    """Return an SVG of exact F1 against texts a second, one mark a system, the same bytes for the same result."""
    import matplotlib

    settings = {"svg.hashsalt": "accuracy-speed", "svg.fonttype": "path", "font.size": 10, "text.color": _INK}
    with matplotlib.rc_context(settings):
        from matplotlib.figure import Figure

        figure = Figure(figsize=_SIZE, facecolor=_GROUND, layout="constrained")
        axes = figure.add_subplot(facecolor=_GROUND)
        _draw(axes, record)
        stream = StringIO()
        title = "Exact F1 on IDRISI-R dev against texts a second"
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _draw(axes: Any, record: Mapping[str, Any]) -> None:
    rows = {name: row for name, row in record["systems"].items() if "error" not in row}
    for group, (colour, shape, size) in _STYLES.items():
        own = [row for name, row in rows.items() if _group(name) == group]
        rates = [row["texts a second"] for row in own]
        middle, scores = [rate["median"] for rate in rates], [row["F1"] for row in own]
        spread = [
            [rate["median"] - rate["least"] for rate in rates],
            [rate["most"] - rate["median"] for rate in rates],
        ]
        axes.errorbar(middle, scores, xerr=spread, fmt="none", ecolor=colour, elinewidth=1.2, capsize=3)
        axes.scatter(middle, scores, c=colour, marker=shape, s=size, label=_NAMES[group], zorder=3, edgecolors=_INK)
    axes.set_xscale("log")
    axes.margins(x=0.2, y=0.14)
    _label(axes, rows)
    axes.set_xlabel(f"texts a second on {record['cores']} cores (logarithmic)")
    axes.set_ylabel("exact F1, IDRISI-R dev")
    axes.xaxis.set_major_formatter(lambda value, _position: f"{value:,.0f}")
    axes.grid(visible=True, color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower left")


def _label(axes: Any, rows: Mapping[str, Any]) -> None:
    """Write the name of each system above or below its mark, as near as leaves all names and marks legible."""
    # Before it is drawn, about how many points a power of ten and the whole of F1 take.
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    width, height = _SIZE[0] * 72 * 0.9 / log10(right / left), _SIZE[1] * 72 * 0.85 / (high - low)
    marks = {name: (log10(row["texts a second"]["median"]) * width, row["F1"] * height) for name, row in rows.items()}
    taken = [(x - 6, x + 6, y - 6, y + 6) for x, y in marks.values()]
    for name, (x, y) in sorted(marks.items(), key=lambda item: item[1]):
        half = len(_short(name)) * _TEXT * 0.31
        offset = next(
            (offset for offset in _OFFSETS if not any(map(_overlaps(x - half, x + half, y + offset), taken))),
            _OFFSETS[0],
        )
        taken.append((x - half, x + half, y + offset - _TEXT / 2, y + offset + _TEXT / 2))
        axes.annotate(
            _short(name),
            (rows[name]["texts a second"]["median"], rows[name]["F1"]),
            xytext=(0, offset),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=_TEXT,
            fontweight="bold" if _group(name) == "ours" else "normal",
        )


def _overlaps(left: float, right: float, middle: float) -> Callable[[tuple[float, float, float, float]], bool]:
    bottom, top = middle - _TEXT / 2, middle + _TEXT / 2
    return lambda box: left < box[1] and right > box[0] and bottom < box[3] and top > box[2]


def _group(name: str) -> str:
    if name == "lmr_hybrid":
        return "ours"
    return "same model" if "lair" in name else "others"


def _short(name: str) -> str:
    return name.replace("en_core_web_", "").replace(", entities only", " NER").replace(", 2 processes", " ×2")
