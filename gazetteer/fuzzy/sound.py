"""How a name sounds, roughly: the letters that people who spell by ear leave alone, as arrays of code points.

The rules are few and look one letter ahead at most, so that one slip of typing never changes more than two letters of
the sound. They are the first steps of Metaphone (Philips 1990, "Hanging on the Metaphone", Computer Language 7(12)),
but keep the vowels, for in names of places those tell more than they confuse:

- spaces are left out;
- a letter repeated is one letter, but not a digit;
- ph is f; c and q are k; z is s; w is v; y is i;
- any other h is silent.

Letters that are not ASCII stand for themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

Codes = NDArray[numpy.uint32]
#: Stands after every name in an array of several; no normalised name holds it.
END = ord("\n")
_SPACE, _NINE, _H, _P = map(ord, " 9hp")
#: Letters that sound like others, and these.
HEARD_AS = str.maketrans("qzwyc", "ksvik")
_SOUNDS = numpy.arange(128, dtype=numpy.uint32)
_SOUNDS[list(HEARD_AS)] = list(HEARD_AS.values())


def code_points(names: Sequence[str]) -> Codes:
    """Return the code points of all names, `END` after each. Raises ValueError where a name holds a line's end."""
    text = "\n".join(names) + "\n" if names else ""
    if text.count("\n") != len(names):
        raise ValueError("A name with a line's end in it is not normalised")
    return numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), numpy.uint32)


def letters_of(codes: Codes) -> Codes:
    """Return the code points without the spaces."""
    letters: Codes = codes[codes != _SPACE]
    return letters


def sounds_of(letters: Codes) -> Codes:
    """Return how names sound, given the letters of `letters_of`; `END` after each as before."""
    # Before the rules, lest a letter between two of a pair make both of them sound anew.
    letters = _without_repeats(letters)
    following = numpy.empty_like(letters)
    following[:-1] = letters[1:]
    following[-1:] = END
    sounds = _SOUNDS.take(letters, mode="clip")
    foreign = numpy.flatnonzero(letters >= len(_SOUNDS))
    sounds[foreign] = letters[foreign]
    sounds[(letters == _P) & (following == _H)] = ord("f")
    return _without_repeats(sounds[letters != _H])


def strings_of(codes: Codes) -> list[str]:
    """Return the names whose code points these are, each ended by `END`."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass").split("\n")[:-1]


def _without_repeats(sounds: Codes) -> Codes:
    kept = numpy.ones(len(sounds), bool)
    # Up to the nine are digits, END, and nothing else that a word consists of.
    kept[1:] = (sounds[1:] != sounds[:-1]) | (sounds[1:] <= _NINE)
    return sounds[kept]
