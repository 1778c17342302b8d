"""Tables for the pages in docs/."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_FIGURES = re.compile(
    r"(<!-- figures: benchmarks/results/(\w+)(?:\.json|/), (\w+) -->\n)(?:.*?\n)??(<!-- /figures -->)", re.DOTALL
)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table without a newline at its end."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_figures(page: str, table: Callable[[str, str], str | None]) -> str:
    """Return a page with what `table` makes of each of its blocks, empty ones too, by result and name.

    A block is between `<!-- figures: benchmarks/results/RESULT.json, NAME -->` and `<!-- /figures -->`; where `table`
    returns None it stays as it is.
    """

    def replaced(block: re.Match[str]) -> str:
        begin, result, name, end = block.groups()
        made = table(result, name)
        return block[0] if made is None else f"{begin}{made}\n{end}"

    return _FIGURES.sub(replaced, page)


def with_result(
    page: str, result: str, record: Mapping[str, Any], tables: Mapping[str, Callable[[Mapping[str, Any]], str]]
) -> str:
    """Return a page with the tables of one result, of which `record` is what `tables` are made from."""
    return with_figures(page, lambda each, name: tables[name](record) if each == result else None)
