"""Names as a memory-mapped MARISA trie: opens at once and takes a few bytes a name, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import marisa_trie

_BOUNDARY = " "


class TrieMatcher:
    """Finds names by walking a MARISA trie (Yata, 2011) from each word of a text; for gazetteers of the world."""

    kind: ClassVar[str] = "trie"

    def __init__(self, trie: marisa_trie.Trie, longest: int) -> None:
        self._trie = trie
        self._longest = longest

    @staticmethod
    def compile(names: Sequence[str], path: Path) -> list[int]:
        """Write the trie of normalised `names` to `path`; return the number that each name got in it."""
        import marisa_trie

        trie = marisa_trie.Trie([name + _BOUNDARY for name in names])
        path.write_bytes(trie.tobytes())
        return [trie.key_id(name + _BOUNDARY) for name in names]

    @classmethod
    def load(cls, path: Path, word_counts: Sequence[int]) -> TrieMatcher:
        """Map what `compile` wrote; `word_counts` holds the number of words of each name."""
        import marisa_trie

        return cls(marisa_trie.Trie().mmap(str(path)), max(word_counts, default=0))

    def search(self, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Yield `(first word, last word, number of the name)` for every name that lies in a run of words."""
        for first in range(len(words)):
            window = _BOUNDARY.join(words[first : first + self._longest]) + _BOUNDARY
            for name, number in self._trie.iter_prefixes_with_ids(window):
                yield first, first + name.count(_BOUNDARY) - 1, number

    def names(self) -> Iterator[tuple[str, int]]:
        """Yield every name with its number, in no particular order."""
        return ((name.removesuffix(_BOUNDARY), number) for name, number in self._trie.iteritems())
