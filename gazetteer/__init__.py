"""Place names: from an OpenStreetMap extract to matches in a text. Needs no neural network."""

from gazetteer.build import build_gazetteer
from gazetteer.errors import (
    BuildError,
    FormatMismatch,
    GazetteerCorrupt,
    GazetteerError,
    GazetteerNotFound,
    GazetteerUnreadable,
    NoNamedPlaces,
    SourceError,
    SourceNotFound,
    SourceUnreadable,
)
from gazetteer.fuzzy import FuzzyMatch
from gazetteer.gazetteer import WORLD, Gazetteer
from gazetteer.matching import leftmost_longest
from gazetteer.places import Match, NameFacts, NameKind, Place, PlaceKind, PlaceName
from gazetteer.text import Token, normalize_name, tokenize

__all__ = [
    "WORLD",
    "BuildError",
    "FormatMismatch",
    "FuzzyMatch",
    "Gazetteer",
    "GazetteerCorrupt",
    "GazetteerError",
    "GazetteerNotFound",
    "GazetteerUnreadable",
    "Match",
    "NameFacts",
    "NameKind",
    "NoNamedPlaces",
    "Place",
    "PlaceKind",
    "PlaceName",
    "SourceError",
    "SourceNotFound",
    "SourceUnreadable",
    "Token",
    "build_gazetteer",
    "leftmost_longest",
    "normalize_name",
    "tokenize",
]
