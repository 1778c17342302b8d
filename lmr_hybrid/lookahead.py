"""Work begun before its turn, results in their turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
#: How many texts are tagged together unless the caller says otherwise: of more, none is tagged much sooner.
BATCH_SIZE = 128


def one_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items in order, each after the next has been made; what making one raises is raised in its turn."""
    iterator = iter(items)
    held: list[Item] = []
    while True:
        try:
            item = next(iterator)
        except StopIteration:
            yield from held
            return
        except Exception:
            yield from held
            raise
        before, held = held, [item]
        yield from before
