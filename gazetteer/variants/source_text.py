"""Spellings that show only in the text a source gives, for normalising hides what they are made from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from gazetteer.text import normalize_name

#: How German and the Scandinavian languages write their letters where a keyboard lacks them.
_RESPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_BRACKETED = regex.compile(r"\s*\([^()]*\)\s*")


def source_variants(text: str) -> Iterator[str]:
    """Yield the normalised spellings of a name that its normal form no longer tells: at most four, none twice.

    "Zürich" is also typed "Zuerich", "Turks & Caicos" with "and", and "Nassau (Bahamas)" without what is in brackets.
    """
    if text.isascii() and "&" not in text and "(" not in text:
        return
    normalized = normalize_name(text)
    seen = {normalized, ""}
    composed = unicodedata.normalize("NFC", text).lower()
    unbracketed = _BRACKETED.sub(" ", composed) if "(" in composed else composed
    for spelling in (
        composed.translate(_RESPELT),
        composed.replace("&", " and "),
        unbracketed,
        unbracketed.translate(_RESPELT),
    ):
        variant = normalize_name(spelling) if spelling != composed else ""
        if variant not in seen:
            seen.add(variant)
            yield variant
