"""Words -> word pieces, in windows that fit the encoder, as the arrays that an exported graph takes.

The same pieces as Flair's `TransformerWordEmbeddings` makes with long sentences allowed: a text of more pieces than
the encoder takes is seen through windows that overlap by half, and each word as the window shows it in which it lies
nearest the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

from gazetteer.text import LONGEST_REMEMBERED, Remembered
from lmr_hybrid.tagging.preprocessing import printable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_NONE = -1


@dataclass(slots=True)
class PieceBatch:
    """The pieces of a batch of texts, one behind another; `exporting/tagger_graph.py` says what each list is.

    `words` counts a row of zeros behind the words of each text. `owners` are words, and `counts` how many pieces in
    turn are of each.
    """

    pieces: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def words_of_pieces(self) -> NDArray[numpy.int64]:
        """Return the word that each piece is of."""
        return numpy.repeat(numpy.array(self.owners), self.counts)

    def arrays(self) -> dict[str, NDArray[numpy.int64] | NDArray[numpy.int32]]:
        """Return what every graph asks of the pieces, by the names of its inputs."""
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

    def split(self, texts: Sequence[Sequence[str]]) -> list[list[tuple[int, ...]]]:
        """Return the pieces of each token of each text, of its printable characters."""
        known = self._pieces_of
        unknown = {word for word in chain.from_iterable(texts) if word not in known}
        # Together they take a fifth of the time that they take one by one. Longer ones would not be remembered.
        if new := [word for word in unknown if len(word) <= LONGEST_REMEMBERED]:
            for word, pieces in zip(new, self._split_words(new), strict=True):
                known.remember(word, pieces)
        return [list(map(known.__getitem__, words)) for words in texts]

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
        return self._split_words([word])[0]

    def _split_words(self, words: Sequence[str]) -> list[tuple[int, ...]]:
        shown = list(map(printable, words))
        encoding = self._tokenizer.encode(shown, is_pretokenized=True, add_special_tokens=False)
        pieces: list[list[int]] = [[] for _ in words]
        for number, piece in zip(encoding.word_ids, encoding.ids, strict=True):
            pieces[number].append(piece)
        return list(map(tuple, pieces))

    def _add_whole(self, batch: PieceBatch, split: Sequence[Sequence[int]], counts: Sequence[int]) -> None:
        before, first_word = len(batch.pieces), len(batch.words)
        batch.pieces += self._begin
        batch.pieces += chain.from_iterable(split)
        batch.pieces += self._end
        batch.lengths.append(len(batch.pieces) - before)
        words = list(accumulate(counts[:-1], initial=before + len(self._begin)))
        if 0 in counts:
            words = [first if count else _NONE for first, count in zip(words, counts, strict=True)]
        batch.words += words
        batch.words.append(_NONE)
        zeros = first_word + len(split)
        batch.owners += [zeros, *range(first_word, zeros), zeros]
        batch.counts += [len(self._begin), *counts, len(self._end)]

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
            batch.owners.append(zeros)
            batch.counts.append(len(own))
        for first, count in zip(accumulate(counts, initial=0), counts, strict=False):
            window = min(max(0, (first - self._margin) // self._step), len(begins) - 1)
            batch.words.append(begins[window] + first - window * self._step if count else _NONE)
        batch.words.append(_NONE)
