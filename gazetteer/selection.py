"""Which part of the sources a gazetteer keeps: languages, kinds of place, an area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import regex

from gazetteer.areas import Area, BoundingBox, Outline, read_outline
from gazetteer.errors import SelectionError
from gazetteer.places import KINDS, PlaceKind
from gazetteer.sources import Batch
from gazetteer.sources.kind_words import kind_named

if TYPE_CHECKING:
    import pyarrow

_LANGUAGE = regex.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of the sources that is kept; None keeps everything.

    A name is kept if its language is one of `languages` or a narrower one ("en" keeps "en-GB"; RFC 4647, 3.3.1), or if
    it has none, as the name on the spot has in most sources. A place is kept if it is of one of `kinds`, lies in `area`
    or on its border, and has a name left.
    """

    languages: frozenset[str] | None = None
    kinds: frozenset[PlaceKind] | None = None
    area: Area | None = None

    @classmethod
    def parse(
        cls,
        *,
        languages: str | None = None,
        kinds: str | None = None,
        box: str | None = None,
        outline: Path | None = None,
    ) -> Self:
        """Return the selection that a user describes; raises SelectionError.

        `languages` and `kinds` are separated by commas, `box` is west,south,east,north in degrees, `outline` a GeoJSON
        or osmosis `.poly` file. A box and an outline cannot both be given.
        """
        if box is not None and outline is not None:
            raise SelectionError(outline, "a bounding box is given besides this outline", "Give only one of them")
        area: Area | None = BoundingBox.parse(box) if box is not None else None
        return cls(
            languages=None if languages is None else frozenset(map(_language, _parts(languages, "languages"))),
            kinds=None if kinds is None else frozenset(map(_kind, _parts(kinds, "kinds"))),
            area=area if outline is None else read_outline(Path(outline)),
        )

    @property
    def keeps_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.languages is None and self.kinds is None and self.area is None

    def apply(self, batch: Batch) -> Batch:
        """Return what of a batch is kept, in its order."""
        if self.keeps_everything:
            return batch
        wanted = np.ones(batch.places.num_rows, dtype=np.bool_)
        if self.kinds is not None:
            wanted &= np.isin(batch.places["kind"].to_numpy(), [KINDS.index(kind) for kind in self.kinds])
        if self.area is not None:
            longitudes, latitudes = (batch.places[axis].to_numpy() for axis in ("longitude", "latitude"))
            wanted &= self.area.contains(longitudes, latitudes)
        rows = batch.names["place"].to_numpy()
        kept_names = wanted[rows] & self._keeps_languages(batch.names["language"])
        named = np.zeros(len(wanted), dtype=np.bool_)
        named[rows[kept_names]] = True
        return _filtered(batch, named, kept_names)

    def _keeps_languages(self, column: pyarrow.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Return for each name whether its language is kept."""
        if self.languages is None:
            return np.ones(len(column), dtype=np.bool_)
        codes = column.combine_chunks().dictionary_encode()
        keeps = np.array([self._keeps_language(code) for code in codes.dictionary.to_pylist()], dtype=np.bool_)
        return np.asarray(keeps[codes.indices.to_numpy()]) if len(column) else np.zeros(0, dtype=np.bool_)

    def _keeps_language(self, code: str) -> bool:
        subtags = code.lower().replace("_", "-").split("-")
        wanted = {language.lower() for language in self.languages or ()}
        return not code or any("-".join(subtags[:length]) in wanted for length in range(1, len(subtags) + 1))

    def to_dict(self) -> dict[str, Any]:
        """Return the selection as JSON knows it, for `from_dict`; what keeps everything is left out."""
        kept: dict[str, Any] = {}
        if self.languages is not None:
            kept["languages"] = sorted(self.languages)
        if self.kinds is not None:
            kept["kinds"] = [kind.value for kind in KINDS if kind in self.kinds]
        if isinstance(self.area, BoundingBox):
            kept["box"] = list(self.area.edges())
        elif self.area is not None:
            kept["outline"] = self.area.wkt
        return kept

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Return what `to_dict` made; raises SelectionError where it was not made by that."""
        try:
            return cls(
                languages=frozenset(map(_language, given["languages"])) if "languages" in given else None,
                kinds=frozenset(map(PlaceKind, given["kinds"])) if "kinds" in given else None,
                area=_area(given),
            )
        except (TypeError, ValueError, AttributeError) as failure:
            remedy = "Build the gazetteer again"
            raise SelectionError("selection", f"it cannot be understood ({failure})", remedy) from failure


def _area(given: Mapping[str, Any]) -> Area | None:
    if "box" in given:
        return BoundingBox(*given["box"])
    return Outline(given["outline"]) if "outline" in given else None


def _filtered(batch: Batch, places: npt.NDArray[np.bool_], names: npt.NDArray[np.bool_]) -> Batch:
    """Return a batch with the places and names of the given rows; every place of a kept name is kept."""
    import pyarrow

    if places.all() and names.all():
        return batch
    numbers = (np.cumsum(places) - 1).astype(np.uint32)
    kept = batch.names.filter(pyarrow.array(names))
    rows = pyarrow.array(numbers[kept["place"].to_numpy()], pyarrow.uint32())
    kept = kept.set_column(kept.column_names.index("place"), "place", rows)
    return Batch(batch.places.filter(pyarrow.array(places)), kept)


def _parts(text: str, what: str) -> Iterable[str]:
    parts = [part for each in text.split(",") if (part := each.strip())]
    if not parts:
        raise SelectionError(text or what, f"it names no {what}", "Separate them by commas")
    return parts


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise SelectionError(text, "it is no language", "Give codes such as en, fr or zh-Hant, separated by commas")
    return text


def _kind(text: str) -> PlaceKind:
    kind = kind_named(text)
    if kind is None:
        known = ", ".join(each.name.lower() for each in PlaceKind)
        raise SelectionError(text, "it is no kind of place", f"Kinds are {known}, separated by commas")
    return kind
