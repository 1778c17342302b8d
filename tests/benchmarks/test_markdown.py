"""The blocks of the pages that hold tables of results."""

from __future__ import annotations

from markdown import with_figures

PAGE = """Before
<!-- figures: benchmarks/results/one.json, rows -->
<!-- /figures -->
between
<!-- figures: benchmarks/results/two.json, rows -->
| old |
| --- |
<!-- /figures -->
<!-- figures: benchmarks/results/recipes/, recipes -->
old
<!-- /figures -->
after
"""


def test_each_block_is_filled_and_nothing_between_them_is_lost() -> None:
    filled = with_figures(PAGE, lambda result, name: f"{name} of {result}")
    assert filled == (
        "Before\n<!-- figures: benchmarks/results/one.json, rows -->\nrows of one\n<!-- /figures -->\nbetween\n"
        "<!-- figures: benchmarks/results/two.json, rows -->\nrows of two\n<!-- /figures -->\n"
        "<!-- figures: benchmarks/results/recipes/, recipes -->\nrecipes of recipes\n<!-- /figures -->\nafter\n"
    )
    assert with_figures(filled, lambda result, name: f"{name} of {result}") == filled


def test_blocks_of_other_results_stay() -> None:
    assert with_figures(PAGE, lambda _result, _name: None) == PAGE
