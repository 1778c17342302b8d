"""Names with an article, "The Bahamas", where the message's annotators would mark "Bahamas"."""

from __future__ import annotations

from collections.abc import Sequence

from gazetteer import Match

_ARTICLE = "the "


def without_articles(matches: Sequence[Match]) -> list[Match]:
    """Leave out the matches that begin with "the" where the rest is a name as well known.

    OpenStreetMap has "The Bahamas" beside "Bahamas"; two names that differ by the article would make the tagger unsure
    where the mention starts. "The Hague" stays, as the other Hagues are smaller.
    """
    if not any(match.name.startswith(_ARTICLE) for match in matches):
        return list(matches)
    known = {(match.first_token, match.last_token): match.facts.importance for match in matches}
    return [
        match
        for match in matches
        if not match.name.startswith(_ARTICLE)
        or known.get((match.first_token + 1, match.last_token), -1.0) < match.facts.importance
    ]
