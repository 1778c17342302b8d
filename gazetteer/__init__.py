"""Place names: from an OpenStreetMap extract to matches in a text. Needs no neural network."""

from typing import TYPE_CHECKING, Any

from gazetteer.errors import (
    BuildError,
    FormatMismatch,
    GazetteerCorrupt,
    GazetteerError,
    GazetteerNotFound,
    GazetteerUnreadable,
    NoNamedPlaces,
    SelectionError,
    SourceError,
    SourceNotFound,
    SourceUnreadable,
    UpdateError,
)
from gazetteer.fuzzy import FuzzyMatch
from gazetteer.gazetteer import WORLD, Gazetteer
from gazetteer.labels import unite_labels
from gazetteer.matching import leftmost_longest
from gazetteer.places import Match, NameFacts, NameKind, ParentBasis, Place, PlaceKind, PlaceName
from gazetteer.selection import Selection
from gazetteer.text import Token, normalize_name, tokenize

if TYPE_CHECKING:
    from gazetteer.build import build_gazetteer
    from gazetteer.update import Update, update_gazetteer

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
    "ParentBasis",
    "Place",
    "PlaceKind",
    "PlaceName",
    "Selection",
    "SelectionError",
    "SourceError",
    "SourceNotFound",
    "SourceUnreadable",
    "Token",
    "Update",
    "UpdateError",
    "build_gazetteer",
    "leftmost_longest",
    "normalize_name",
    "tokenize",
    "unite_labels",
    "update_gazetteer",
]


def __getattr__(name: str) -> Any:
    # Building brings half of the libraries along, which opening and matching do without.
    if name == "build_gazetteer":
        from gazetteer.build import build_gazetteer

        return build_gazetteer
    if name in ("Update", "update_gazetteer"):
        from gazetteer import update

        return getattr(update, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
