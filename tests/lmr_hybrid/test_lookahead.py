"""Work is begun one item ahead, and everything still comes in its turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmr_hybrid.lookahead import one_ahead


@given(st.lists(st.integers()))
def test_items_come_in_order_and_one_is_made_ahead(items: list[int]) -> None:
    made = 0

    def make() -> Iterator[int]:
        nonlocal made
        for item in items:
            made += 1
            yield item

    found = []
    for number, item in enumerate(one_ahead(make())):
        found.append(item)
        assert made == min(len(items), number + 2)
    assert found == items


@given(st.integers(0, 5))
def test_what_making_an_item_raises_comes_after_those_before_it(number: int) -> None:
    def make() -> Iterator[int]:
        yield from range(number)
        raise OSError("no more")

    items = one_ahead(make())
    assert [next(items) for _ in range(number)] == list(range(number))
    with pytest.raises(OSError, match="no more"):
        next(items)


def test_an_interruption_does_not_wait_its_turn() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(one_ahead(make()))
