"""What the tagger is shown of the gazetteer: less than it knows, or as if a gazetteer of the region stood beside it.

The gazetteer of the world has no streets and few buildings. Training must show them all the same, or those columns mean
nothing when a user adds a regional gazetteer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from gazetteer import Match, NameFacts, NameKind, PlaceKind, Token, normalize_name
from lmr_hybrid.augmentation.config import AugmentationConfig
from lmr_hybrid.place_types import KINDS_OF_TYPE

#: What a region's namesakes of ordinary words are: streets and shops far more often than anything else.
_NOISE_KINDS = (
    *[PlaceKind.ROAD] * 5,
    *[PlaceKind.HUMAN_POI] * 6,
    *[PlaceKind.NATURAL_POI] * 2,
    *[PlaceKind.NEIGHBOURHOOD] * 2,
    PlaceKind.CITY,
)
#: About what a gazetteer says of a minor place of each kind; of all others 0.05.
_IMPORTANCE = {
    PlaceKind.CONTINENT: 0.66,
    PlaceKind.COUNTRY: 0.6,
    PlaceKind.STATE: 0.5,
    PlaceKind.COUNTY: 0.35,
    PlaceKind.DISTRICT: 0.25,
    PlaceKind.CITY: 0.25,
    PlaceKind.ISLAND: 0.3,
    PlaceKind.NEIGHBOURHOOD: 0.15,
    PlaceKind.NATURAL_POI: 0.15,
}
_ORDER = {kind: number for number, kind in enumerate(PlaceKind)}


def show_hits(
    tokens: Sequence[Token],
    matches: Sequence[Match],
    spans: Sequence[tuple[int, int, str]],
    *,
    config: AugmentationConfig,
    generator: random.Random,
) -> list[Match]:
    """Return the matches to show of a message whose gold spans are (first token, last token, type), inclusive."""
    if generator.random() < config.gazetteer_dropout:
        return []
    shown = [match for match in matches if generator.random() >= config.match_dropout]
    if generator.random() < config.region:
        shown = _with_region(tokens, shown, spans, config, generator)
    return shown


def _with_region(
    tokens: Sequence[Token],
    matches: Sequence[Match],
    spans: Sequence[tuple[int, int, str]],
    config: AugmentationConfig,
    generator: random.Random,
) -> list[Match]:
    by_span = {(match.first_token, match.last_token): match for match in matches}
    for first, last, type_ in spans:
        if generator.random() < config.region_recall:
            kinds = KINDS_OF_TYPE.get(type_, (PlaceKind.OTHER,))
            _add(by_span, tokens, _without_house_number(tokens, first, last), last, kinds[0], generator)
    for index, token in enumerate(tokens):
        if token.word and generator.random() < config.region_noise:
            last = min(len(tokens) - 1, index + generator.choice((0, 0, 0, 1)))
            if tokens[last].word:
                _add(by_span, tokens, index, last, generator.choice(_NOISE_KINDS), generator)
    return sorted(by_span.values(), key=lambda match: (match.start, -match.end))


def _without_house_number(tokens: Sequence[Token], first: int, last: int) -> int:
    """Gazetteers hold streets, not addresses."""
    return first + 1 if first < last and tokens[first].text.isdigit() else first


def _add(
    by_span: dict[tuple[int, int], Match],
    tokens: Sequence[Token],
    first: int,
    last: int,
    kind: PlaceKind,
    generator: random.Random,
) -> None:
    """Let one more place bear the name that tokens `first` to `last` make."""
    known = by_span.get((first, last))
    if known is not None:
        kinds = tuple(sorted({*known.facts.kinds, kind}, key=_ORDER.__getitem__))
        name_kinds = tuple(dict.fromkeys((NameKind.NAME, *known.facts.name_kinds)))
        facts = replace(known.facts, kinds=kinds, name_kinds=name_kinds, place_count=known.facts.place_count + 1)
        by_span[first, last] = replace(known, facts=facts)
        return
    from wordfreq import zipf_frequency

    name = normalize_name(" ".join(token.text for token in tokens[first : last + 1]))
    if not name:
        return
    name_kind = NameKind.NAME if generator.random() < 0.7 else NameKind.VARIANT
    facts = NameFacts(
        kinds=(kind,),
        name_kinds=(name_kind,),
        place_count=1 + int(generator.expovariate(1.0)),
        importance=_IMPORTANCE.get(kind, 0.05) * generator.uniform(1.0, 1.5),
        english_frequency=min((zipf_frequency(word, "en") for word in name.split()), default=0.0),
    )
    by_span[first, last] = Match(tokens[first].start, tokens[last].end, first, last, name, facts)
