"""The one tokeniser and normaliser, used when a gazetteer is built and when a text is matched.

A token is a word (letters, digits and the marks that belong to them) or a symbol (a run of one repeated character
that is neither part of a word nor white space). Every token knows where it stands in the text exactly as the caller
gave it; nothing is ever deleted from that text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

#: Characters with no width of their own that people and phones leave inside words: soft hyphen, zero-width space,
#: joiners, direction marks, word joiner, byte-order mark.
_INVISIBLE = "\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
#: The apostrophe that Unicode counts as a letter separates words as the other apostrophes do.
_LETTER = r"[\p{L}\p{N}--\u02bc]"
_PART = rf"[{_LETTER}\p{{M}}]"
_TOKEN = regex.compile(
    rf"(?P<word>{_LETTER}(?:{_PART}|[{_INVISIBLE}]++(?={_PART}))*)|(?P<symbol>[^\s{_INVISIBLE}])(?P=symbol)*",
    regex.VERSION1,
)
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


@dataclass(frozen=True, slots=True)
class Token:
    """A word or symbol at `text[start:end]`; `word` is its normalised form, "" for a symbol."""

    text: str
    start: int
    end: int
    word: str


@lru_cache(maxsize=65_536)
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
    tokens = []
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        surface = found.group()
        tokens.append(Token(surface, start, end, normalize_word(surface) if found.lastgroup == "word" else ""))
    return tokens


def joinable(text: str, left: Token, right: Token) -> bool:
    """Tell whether two neighbouring words may belong to one name, judging by what stands between them."""
    return text[left.end : right.start].isspace() or _JOINER.fullmatch(text, left.end, right.start) is not None


def normalize_name(name: str) -> str:
    """Return a name as its normalised words with one space between them; "" where it holds no word."""
    return " ".join(token.word for token in tokenize(name) if token.word)


def word_runs(text: str, tokens: Sequence[Token]) -> list[list[int]]:
    """Group the indices of word tokens into the longest runs within which a name may lie."""
    runs: list[list[int]] = []
    for index, token in enumerate(tokens):
        if not token.word:
            continue
        if runs and joinable(text, tokens[runs[-1][-1]], token):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs
