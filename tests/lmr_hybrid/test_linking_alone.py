"""A mention that stands alone in its message takes a short way to the same places."""

from __future__ import annotations

import pytest

from gazetteer import Gazetteer
from lmr_hybrid.linking import EventShares, Linker, Query


@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("type_", ["City/town", "State", "Road/street"])
@pytest.mark.parametrize("text", ["Paris", "paris", "New York", "the Bahamas", "Guayaqil", "Nowhere at all", ""])
def test_a_mention_alone_has_the_candidates_of_the_long_way(
    toy_gazetteer: Gazetteer, text: str, type_: str, limit: int
) -> None:
    linker = Linker(toy_gazetteer)
    query = Query(text, type_)
    # An event of which nothing is known is the same as none, but it is not taken for none.
    expected = Linker(toy_gazetteer).link([query], event=EventShares(), limit=limit)
    assert linker.link([query], limit=limit) == linker.link([query], limit=limit) == expected
