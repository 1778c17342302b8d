"""Names as an Aho-Corasick automaton: every name in a text found in one pass over its words.

Names and texts are both written with two symbols a word, the first and the second out of alphabets that share none. So
a hit always covers whole words, and in a tenth of the nodes that an automaton of characters would need. `iter` reports
every hit; `iter_long` would drop some (pyahocorasick issue 189), so choosing among overlapping hits is left to
`gazetteer.matching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gazetteer.text import LONGEST_REMEMBERED
from gazetteer.trie import map_trie, write_trie

if TYPE_CHECKING:
    import ahocorasick
    import marisa_trie

#: The first symbol of the first alphabet; what lies below stands for the words that are in no name.
_FIRST_SYMBOL = 0x100
_UNKNOWN = "\0\0"
#: How many words of texts are remembered with their symbols; some 10 MB at the most.
_MOST_WORDS = 65_536


class AutomatonMatcher:
    """Finds names by an Aho-Corasick automaton (Aho and Corasick, 1975); for the names of a region."""

    kind: ClassVar[str] = "automaton"

    def __init__(self, automaton: ahocorasick.Automaton, words: marisa_trie.Trie, word_counts: Sequence[int]) -> None:
        self._automaton = automaton
        self._symbols = _Symbols(words)
        self._word_counts = word_counts

    @staticmethod
    def compile(names: Sequence[str], numbers: Sequence[int], path: Path, words_path: Path) -> None:
        """Write the automaton of normalised `names` with their `numbers` to `path`, and their words to `words_path`."""
        import ahocorasick

        symbols = _Symbols(write_trie(sorted({word for name in names for word in name.split(" ")}), words_path))
        automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        # A node's children are searched in the order in which they came: most words of a text are in no name, and with
        # this first child of the root, which no text ever follows further, they cost least. Measured: a third less.
        automaton.add_word(f"{_UNKNOWN[0]}\1", 0)
        for name, number in zip(names, numbers, strict=True):
            automaton.add_word("".join(map(symbols.__getitem__, name.split(" "))), number)
        automaton.make_automaton()
        automaton.save(str(path))

    @classmethod
    def load(cls, path: Path, words_path: Path, word_counts: Sequence[int]) -> AutomatonMatcher:
        """Read what `compile` wrote; `word_counts` holds the number of words of each name, by its number.

        Raises `OSError` or `ValueError` where the files are not such. No object is made of what they hold but numbers.
        """
        import ahocorasick

        words = map_trie(words_path)
        try:
            automaton = ahocorasick.load(str(path), _no_objects)
        except MemoryError as error:  # a garbled size
            raise ValueError(f"{path.name} is not an automaton") from error
        if automaton.store != ahocorasick.STORE_INTS or automaton.kind != ahocorasick.AHOCORASICK:
            raise ValueError(f"{path.name} is not an automaton of integers")
        return cls(automaton, words, word_counts)

    def search(self, words: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return `(first word, last word, number of the name)` for every name that lies in a sequence of words.

        They come in order of start, shortest first.
        """
        word_counts = self._word_counts
        hits = []
        for position, number in self._automaton.iter("".join(map(self._symbols.__getitem__, words))):
            last = position >> 1
            hits.append((last + 1 - word_counts[number], last, number))
        hits.sort()
        return hits


class _Symbols(dict[str, str]):
    """The two symbols of each word, looked up when it is first asked for."""

    def __init__(self, words: marisa_trie.Trie) -> None:
        super().__init__()
        self._words = words
        self._base = isqrt(len(words)) + 1

    def __missing__(self, word: str) -> str:
        number = self._words.get(word, -1)
        high, low = divmod(number, self._base)
        symbols = chr(_FIRST_SYMBOL + high) + chr(_FIRST_SYMBOL + self._base + low) if number >= 0 else _UNKNOWN
        if len(word) <= LONGEST_REMEMBERED:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = symbols
        return symbols


def _no_objects(_: bytes) -> object:
    raise ValueError("an automaton of integers holds no serialised objects")
