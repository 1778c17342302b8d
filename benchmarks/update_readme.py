"""Write results into the documents: the main ones into the README, all into their pages in docs/, and draw.

python benchmarks/update_readme.py
"""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import click
from accuracy_tables import updated_accuracy
from audit_tables import updated_audit
from build_tables import updated_building
from calibration_tables import updated_scores
from linking_tables import updated_linking
from record import RESULTS
from runtime_tables import updated_runtimes
from throughput_picture import picture
from throughput_tables import updated_speed

README = Path(__file__).parents[1] / "README.md"
BUILDING = Path(__file__).parents[1] / "docs" / "building.md"
ACCURACY = Path(__file__).parents[1] / "docs" / "accuracy.md"
AUDIT = Path(__file__).parents[1] / "docs" / "corpus-audit.md"
SCORES = Path(__file__).parents[1] / "docs" / "scores.md"
LINKING = Path(__file__).parents[1] / "docs" / "linking.md"
SPEED = Path(__file__).parents[1] / "docs" / "speed.md"
PICTURE = Path(__file__).parents[1] / "docs" / "accuracy-speed.svg"
_BLOCK = re.compile(r"(<!-- results: .*? -->\n).*?(\n<!-- /results -->)", re.DOTALL)
_COLUMNS = ("precision", "recall", "F1", "typed F1", "IDRISI F1", "word error rate")


@click.command()
def main() -> None:
    """Replace the blocks between two comments."""
    documents = (
        (README, "idrisi", updated),
        (BUILDING, "build", updated_building),
        (AUDIT, "audit", updated_audit),
        (SCORES, "calibration", updated_scores),
        (LINKING, "linking", updated_linking),
        (README, "linking", updated_linking),
        (SPEED, "throughput", updated_speed),
        (SPEED, "throughput_avx2", partial(updated_speed, name="throughput_avx2")),
        (SPEED, "runtime", updated_runtimes),
    )
    for document, name, update in documents:
        record = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        document.write_text(update(document.read_text(encoding="utf-8"), record), encoding="utf-8")
    PICTURE.write_text(picture(results()["throughput"]), encoding="utf-8")
    ACCURACY.write_text(updated_accuracy(ACCURACY.read_text(encoding="utf-8"), results()), encoding="utf-8")


def results() -> dict[str, dict[str, Any]]:
    """Return all results by the names of their files, those of recipes together."""
    found = {path.stem: _read(path) for path in RESULTS.glob("*.json")}
    return {**found, "recipes": {"recipes": [_read(path) for path in sorted((RESULTS / "recipes").glob("*.json"))]}}


def _read(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def updated(readme: str, record: dict[str, Any]) -> str:
    """Return the README with the table of this result."""
    return _BLOCK.sub(lambda block: block[1] + results_table(record) + block[2], readme)


def results_table(record: dict[str, Any]) -> str:
    """Return the Markdown table of a result of `idrisi.py`."""
    lines = ["| | " + " | ".join(_COLUMNS) + " |", "|---|" + "---|" * len(_COLUMNS)]
    best = max(row["F1"] for row in record["systems"])
    for row in record["systems"]:
        mark = "**" if row["F1"] == best else ""
        figures = (f"{mark}{row[column]:.3f}{mark}" if column == "F1" else f"{row[column]:.3f}" for column in _COLUMNS)
        lines.append(f"| {row['system']} | " + " | ".join(figures) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
