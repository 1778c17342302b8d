"""Surface forms of place names: what is one form, and where in a message one stands as whole tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from gazetteer import Token

#: The tokens of a name as they are compared: words caseless and without accents, symbols as they are written.
Form = tuple[str, ...]


def form_of(tokens: Iterable[Token]) -> Form:
    """Return the form that these tokens are: `("houston", ",", "texas")`, whatever the case and white space."""
    return tuple(token.word or token.text for token in tokens)


class FormFinder:
    """Finds where any of a set of forms stands among the tokens of a message."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms = {form for form in forms if form}
        lengths: dict[str, set[int]] = defaultdict(set)
        for form in self._forms:
            lengths[form[0]].add(len(form))
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}

    def occurrences(self, words: Form) -> Iterator[tuple[int, int]]:
        """Yield every (first token, last token), inclusive, by first token and the longest first; they may overlap."""
        for first, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                if first + length <= len(words) and words[first : first + length] in self._forms:
                    yield first, first + length - 1

    def apart(self, words: Form, *, blocked: Collection[int] = ()) -> Iterator[tuple[int, int]]:
        """Yield the leftmost occurrences, of these the longest, none over another nor over a blocked token."""
        end = -1
        for first, last in self.occurrences(words):
            if first > end and not any(index in blocked for index in range(first, last + 1)):
                yield first, last
                end = last
