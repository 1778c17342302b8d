"""Names as a memory-mapped MARISA trie: the dictionary between names and their numbers, and a matcher.

The file is mapped, not read: opening it is a look at its checksum, and processes share its pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gazetteer.text import BREAK, LONGEST_REMEMBERED

if TYPE_CHECKING:
    import marisa_trie

_SPACE = " "
#: How many steps from a word to the next are remembered; some 20 MB at the most.
_MOST_STEPS = 100_000


def write_trie(keys: Sequence[str], path: Path) -> marisa_trie.Trie:
    """Write the trie of `keys` to `path` and return it."""
    import marisa_trie

    trie = marisa_trie.Trie(keys)
    # Not its own `save`: that takes a full disk for success.
    path.write_bytes(trie.tobytes())
    return trie


def map_trie(path: Path) -> marisa_trie.Trie:
    """Map what `write_trie` wrote. Raises `OSError` or `ValueError` where it is no such file."""
    import marisa_trie

    try:
        return marisa_trie.Trie().mmap(str(path))
    except RuntimeError as error:
        raise ValueError(f"{path.name} is not a trie ({error})") from error


#: What a node of the trie is between two words: the number of the name that ends there, -1 where none does, and the
#: words with which longer names go on, None where there are none.
_Node = tuple[int, "_Steps | None"]


class TrieMatcher:
    """Finds names by walking a MARISA trie (Yata, 2011) from each word of a text; for gazetteers of any size.

    Texts repeat their words (Zipf's law), so each step from a word to the next that was once looked up in the trie is
    remembered, whether it leads on or not: measured, an eighth of the time of looking them up.
    """

    kind: ClassVar[str] = "trie"

    def __init__(self, names: marisa_trie.Trie) -> None:
        self._names = names
        self._remembered = 0
        #: The node to which each word that names may begin with leads; None for other words.
        self.root = _Steps(self, "")

    def search(self, words: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return `(first word, last word, number of the name)` for every name that lies in a sequence of words.

        They come in order of start, shortest first.
        """
        hits = []
        nodes = list(map(self.root.__getitem__, words))
        for first in compress(range(len(nodes)), nodes):
            last, node = first, nodes[first]
            while node is not None:
                number, steps = node
                if number >= 0:
                    hits.append((first, last, number))
                last += 1
                node = steps[words[last]] if steps is not None and last < len(words) else None
        return hits

    def step(self, name: str) -> _Node | None:
        """Look up the node to which the words of `name` lead; None where no name starts with these words."""
        self._remembered += 1
        if self._remembered > _MOST_STEPS:
            self.root.clear()
            self._remembered = 1
        if next(self._names.iterkeys(name), None) is None:  # so it is with most, and this is one look-up and not two
            return None
        number = self._names.get(name, -1)
        start = name + _SPACE
        longer = next(self._names.iterkeys(start), None) is not None
        return (number, _Steps(self, start) if longer else None) if longer or number >= 0 else None


class _Steps(dict[str, "_Node | None"]):
    """The steps from one node, each looked up when it is first asked for."""

    __slots__ = ("_matcher", "_start")

    def __init__(self, matcher: TrieMatcher, start: str) -> None:
        super().__init__()
        self._matcher = matcher
        self._start = start

    def __missing__(self, word: str) -> _Node | None:
        node = None if word == BREAK else self._matcher.step(self._start + word)
        if len(word) <= LONGEST_REMEMBERED:
            self[word] = node
        return node
