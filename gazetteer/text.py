"""The one tokeniser and normaliser, used when a gazetteer is built and when a text is matched.

A token is a word (letters, digits and the marks that belong to them) or a symbol (a run of one repeated character
that is neither part of a word nor white space). Every token knows where it stands in the text exactly as the caller
gave it; nothing is ever deleted from that text. What a word is and what may join two of them is said here only: texts
are split into pieces, a gap and a word by turns, of which both the tokens and the words for a matcher are made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Any, TypeVar

import regex

#: Characters with no width of their own that people and phones leave inside words: soft hyphen, zero-width space,
#: joiners, direction marks, word joiner, byte-order mark.
_INVISIBLE = "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
#: The apostrophe that Unicode counts as a letter separates words as the other apostrophes do.
_LETTER = r"[\p{L}\p{N}--\u02bc]"
_PART = rf"[{_LETTER}\p{{M}}]"
_WORD = regex.compile(rf"({_LETTER}{_PART}*+(?:[{_INVISIBLE}]++{_PART}++)*+)", regex.VERSION1)
#: The same for a text without any other letters, marks and invisible characters; measured: a fourth of the time.
_ASCII_WORD = re.compile("([A-Za-z0-9]+)")
_SYMBOL = regex.compile(rf"([^\s{_INVISIBLE}])\1*", regex.VERSION1)
#: What may stand between two words of one name: spaces, a hyphen, an apostrophe, an abbreviation's full stop, a slash.
_JOINER = regex.compile(rf"[\s{_INVISIBLE}]*+[-\u2010-\u2015'\u2018\u2019\u02bc`´./&]?+[\s{_INVISIBLE}]*+")
#: What normalising removes: the marks that Latin, Greek and Cyrillic letters decompose into, the Hawaiian ʻokina, the
#: apostrophe in ŉ, keycaps, variation selectors and their like, everything that compatibility folding brings into a
#: word but that no word consists of, and marks left without a letter before them.
_IDLE = r"[\u0300-\u036f\u02bb\u02bc\p{Me}\p{Default_Ignorable_Code_Point}]|[^\p{L}\p{N}\p{M}]"
_DROPPED = regex.compile(rf"^(?:{_IDLE}|\p{{M}})+|(?:{_IDLE})+")
#: Letters that Unicode does not decompose but that people type without their stroke or ligature.
_FOLDED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "ŧ": "t"}
)


_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or symbol at `text[start:end]`; `word` is its normalised form, "" for a symbol."""

    text: str
    start: int
    end: int
    word: str


class _Draft:
    """A token that is being made. Its slots are those of `Token`."""

    __slots__ = ("end", "start", "text", "word")

    def __init__(self, text: str, start: int, end: int, word: str) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.word = word


def _make_token(text: str, start: int, end: int, word: str) -> Token:
    """Return `Token(text, …)`, in a third of the time: a frozen class sets each field by way of a function."""
    draft: Any = _Draft(text, start, end, word)
    draft.__class__ = Token
    token: Token = draft
    return token


def normalize_word(word: str) -> str:
    """Return the form under which a word is compared: compatibility-folded, caseless, without accents or invisibles.

    Marks are dropped only from alphabets in which people drop them (Latin, Greek, Cyrillic); the vowel signs of
    Devanagari, Arabic and their like carry the word and stay. Unicode Standard, section 3.13 (compatibility caseless
    matching) and Annex 15 (NFKD).
    """
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold()).translate(_FOLDED)
    return unicodedata.normalize("NFC", _DROPPED.sub("", decomposed)) or word


def tokenize(text: str) -> list[Token]:
    """Split `text` into words and symbols with their offsets; linear in the length of the text."""
    tokens, end = [], 0
    for index, piece in enumerate(split_pieces(text)):
        start, end = end, end + len(piece)
        if index % 2:
            tokens.append(_make_token(piece, start, end, _units[piece]))
        elif piece and piece != " ":
            for symbol, first, last in _symbols[piece]:
                tokens.append(_make_token(symbol, start + first, start + last, ""))
    return tokens


def joinable(gap: str) -> bool:
    """Tell whether two neighbouring words may belong to one name, judging by what stands between them."""
    return gap.isspace() or _JOINER.fullmatch(gap) is not None


def normalize_name(name: str) -> str:
    """Return a name as its normalised words with one space between them; "" where it holds no word."""
    if name.isascii():
        return " ".join(_ASCII_WORD.findall(name.lower()))
    return " ".join(map(normalize_word, split_pieces(name)[1::2]))


def holds_word(text: str) -> bool:
    """Tell whether `normalize_name` would leave anything of a text."""
    return _WORD.search(text) is not None


def split_pieces(text: str) -> list[str]:
    """Cut `text` into a gap, a word, a gap, … and a last gap; gaps may be empty, and the pieces join to the text."""
    return (_ASCII_WORD if text.isascii() else _WORD).split(text)


def pieces_of(text: str, tokens: Sequence[Token]) -> list[str]:
    """Return `split_pieces(text)` from the tokens of the text, without reading it again."""
    pieces: list[str] = []
    end = 0
    for token in tokens:
        if token.word:
            pieces += text[end : token.start], token.text
            end = token.end
    return [*pieces, text[end:]]


#: Stands among the words of a text where a gap ends every name. It is not, and is not part of, any normalised word.
BREAK = " "
#: No longer piece or word is remembered: texts of endless words must not fill the memory.
LONGEST_REMEMBERED = 100
_MOST_PIECES = 65_536


class Remembered(dict[str, _Value]):
    """What `judge` says of each word or gap, looked up at the speed of a dictionary; after 65,536 all are forgotten."""

    def __init__(self, judge: Callable[[str], _Value]) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, piece: str) -> _Value:
        value = self._judge(piece)
        self.remember(piece, value)
        return value

    def remember(self, piece: str, value: _Value) -> None:
        """Keep what is known of a word or gap by other means than `judge`."""
        if len(piece) <= LONGEST_REMEMBERED:
            if len(self) >= _MOST_PIECES:
                self.clear()
            self[piece] = value


def _unit(piece: str) -> str:
    """Return what a piece is to a matcher: a normalised word, "" for a gap that may lie within a name, else `BREAK`."""
    # The first asks of most new words what the second would, in a third of the time.
    if (piece.isascii() and piece.isalnum()) or _WORD.match(piece):
        return normalize_word(piece)
    return "" if joinable(piece) else BREAK


def _symbols_in(gap: str) -> tuple[tuple[str, int, int], ...]:
    """Return the symbols in a gap, each with where it starts and ends in it."""
    return tuple((found[0], *found.span()) for found in _SYMBOL.finditer(gap))


def _token_count(gap: str) -> int:
    """Return the number of tokens in a gap and the word after it."""
    return len(_SYMBOL.findall(gap)) + 1


_units = Remembered(_unit)
_symbols = Remembered(_symbols_in)
_token_counts = Remembered(_token_count)


class WordSequence:
    """The words of a text as a matcher searches them, and the way back from these to the text.

    `words` are normalised, with `BREAK` wherever no name can go on. Everything is made by loops in C, for it is made of
    every text: a loop in Python would take longer than all matching.
    """

    __slots__ = ("_pieces", "_units", "words")

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        self._units = list(map(_units.__getitem__, pieces))
        self.words = list(filter(None, self._units))

    def positions(self) -> tuple[list[int], list[int], list[int]]:
        """Return which piece each of `words` is, where each piece starts, and which token each word among them is.

        A word that is piece p stands at `starts[p]:starts[p + 1]` in the text, and is token `tokens[(p + 1) // 2]`.
        """
        pieces = list(compress(range(len(self._units)), self._units))
        starts = list(accumulate(map(len, self._pieces), initial=0))
        tokens = list(accumulate(map(_token_counts.__getitem__, self._pieces[::2]), initial=-1))
        return pieces, starts, tokens
