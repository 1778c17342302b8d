"""Words -> word pieces, in windows that fit the encoder, as the arrays that an exported graph takes.

The same pieces as Flair's `TransformerWordEmbeddings` makes with long sentences allowed: a text of more pieces than
the encoder takes is seen through windows that overlap by half, and each word as the window shows it in which it lies
nearest the middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

from gazetteer.text import Remembered
from lmr_hybrid.tagging.preprocessing import printable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_NONE = -1


@dataclass(slots=True)
class PieceBatch:
    """The pieces of a batch of texts, one behind another; `exporting/tagger_graph.py` says what each list is.

    `words` and `words_of_pieces` count a row of zeros behind the words of each text.
    """

    pieces: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    words_of_pieces: list[int] = field(default_factory=list)

    def arrays(self) -> dict[str, NDArray[numpy.int64] | NDArray[numpy.int32]]:
        """Return all that a graph asks of the pieces, by the names of its inputs."""
        lengths = numpy.array(self.lengths)
        starts = numpy.cumsum(lengths) - lengths
        longest = int(lengths.max())
        count = len(self.pieces)
        positions = numpy.arange(count) - numpy.repeat(starts, lengths)
        return {
            "pieces": numpy.array(self.pieces),
            "positions": positions,
            # What stands behind a window's end does not matter, but it must be there.
            "padded": numpy.minimum(starts[:, None] + numpy.arange(longest), count - 1),
            "unpadded": numpy.repeat(numpy.arange(len(lengths)) * longest, lengths) + positions,
            "lengths": lengths.astype(numpy.int32),
            "words": numpy.array(self.words),
            "words_of_pieces": numpy.array(self.words_of_pieces),
        }


class PieceMaker:
    """Splits words into pieces, each by itself and hence mostly from memory.

    `window` is how many pieces the encoder sees at once, those that begin and end each text included.
    """

    def __init__(self, tokenizer: Tokenizer, window: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        mask = tokenizer.encode(["a"], is_pretokenized=True).special_tokens_mask
        ids = tokenizer.encode(["a"], is_pretokenized=True).ids
        first, last = mask.index(0), len(mask) - mask[::-1].index(0)
        self._begin, self._end = ids[:first], ids[last:]
        self._inside = window - len(self._begin) - len(self._end)
        # Flair steps on by what fits a window less half a window.
        self._step = self._inside - window // 2
        self._margin = window // 4
        self._tokenizer = tokenizer
        self._pieces_of = Remembered(self._split_word)

    @classmethod
    def load(cls, path: Path, window: int) -> PieceMaker:
        """Read Hugging Face's `tokenizer.json`; raises whatever its reader does."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)), window)

    def split(self, words: Iterable[str]) -> list[tuple[int, ...]]:
        """Return the pieces of each token of a text, of its printable characters."""
        return list(map(self._pieces_of.__getitem__, words))

    def batch(self, texts: Sequence[Sequence[tuple[int, ...]]]) -> PieceBatch:
        """Return the pieces of texts, each as `split` returns it, of at least one token."""
        batch = PieceBatch()
        for split in texts:
            counts = list(map(len, split))
            if sum(counts) <= self._inside:
                self._add_whole(batch, split, counts)
            else:
                self._add_windows(batch, split, counts)
        return batch

    def _split_word(self, word: str) -> tuple[int, ...]:
        word = printable(word)
        return tuple(self._tokenizer.encode([word], is_pretokenized=True, add_special_tokens=False).ids)

    def _add_whole(self, batch: PieceBatch, split: Sequence[Sequence[int]], counts: Sequence[int]) -> None:
        start = len(batch.pieces) + len(self._begin)
        first_word, zeros = len(batch.words), len(batch.words) + len(split)
        before = len(batch.pieces)
        batch.pieces += self._begin
        batch.pieces += chain.from_iterable(split)
        batch.pieces += self._end
        batch.lengths.append(len(batch.pieces) - before)
        starts = accumulate(counts, initial=start)
        batch.words += (first if count else _NONE for first, count in zip(starts, counts, strict=False))
        batch.words.append(_NONE)
        batch.words_of_pieces += [zeros] * len(self._begin)
        for number, count in enumerate(counts, first_word):
            batch.words_of_pieces += [number] * count
        batch.words_of_pieces += [zeros] * len(self._end)

    def _add_windows(self, batch: PieceBatch, split: Sequence[Sequence[int]], counts: Sequence[int]) -> None:
        pieces = list(chain.from_iterable(split))
        zeros = len(batch.words) + len(split)
        begins = []
        for start in range(0, max(1, len(pieces) - self._inside + self._step), self._step):
            begins.append(len(batch.pieces) + len(self._begin))
            own = [*self._begin, *pieces[start : start + self._inside], *self._end]
            batch.pieces += own
            batch.lengths.append(len(own))
            # The reference, too, adds nothing to the input of a text of several windows.
            batch.words_of_pieces += [zeros] * len(own)
        for first, count in zip(accumulate(counts, initial=0), counts, strict=False):
            window = min(max(0, (first - self._margin) // self._step), len(begins) - 1)
            batch.words.append(begins[window] + first - window * self._step if count else _NONE)
        batch.words.append(_NONE)
