"""How common a word is in English, to tell a name from a word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache


@cache
def _shares() -> Mapping[str, float]:
    from wordfreq import get_frequency_dict

    shares: Mapping[str, float] = get_frequency_dict("en")
    return shares


def is_rarer(word: str, zipf: float) -> bool:
    """Tell whether a normalised word is rarer in English than this Zipf frequency (wordfreq; Speer 2022).

    The Zipf frequency is the logarithm of a word's occurrences in a thousand million words (van Heuven et al. 2014).
    """
    return _shares().get(word, 0.0) < 10 ** (zipf - 9)
