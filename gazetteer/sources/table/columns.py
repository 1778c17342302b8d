"""Which column of a table holds what: as the user says, or by the names that such columns usually have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from gazetteer.errors import SourceUnreadable
from gazetteer.sources.spellings import language_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The names of a table's columns; None is found by its usual names, or is not there.

    `names` holds further names, a list or separated by semicolons. `parent` holds the id of another row.
    """

    name: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    id: str | None = None
    kind: str | None = None
    names: str | None = None
    country: str | None = None
    admin1: str | None = None
    population: str | None = None
    wikidata: str | None = None
    parent: str | None = None


#: Usual names, the surest first, in lower case with underscores.
_USUAL: dict[str, str] = {
    "name": "name place_name placename full_name toponym title label",
    "latitude": "latitude lat decimal_latitude decimallatitude lat_dd point_y y",
    "longitude": "longitude lon lng long decimal_longitude decimallongitude lon_dd long_dd point_x x",
    "id": "id osm_id geonameid geoname_id place_id fid gid uid @id",
    "kind": "kind type category class place_type feature_type fclass place",
    "names": "names alternate_names alternatenames alternative_names alt_names alt_name aliases other_names",
    "country": "country_code countrycode iso_a2 iso2 iso_3166_1 country cc",
    "admin1": "admin1 admin1_code admin1code adm1 state province region",
    "population": "population pop pop_max population_total",
    "wikidata": "wikidata wikidata_id wikidataid qid",
    "parent": "parent parent_id",
}
FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Columns))


def find_columns(path: Path, given: Columns, present: Sequence[str], *, located: bool) -> Columns:
    """Return `given` completed by what the columns `present` are called.

    `located` says that the coordinates come from elsewhere. Raises SourceUnreadable where a column that was asked for,
    or one that is needed, is missing.
    """
    usual = {_plain(column): column for column in reversed(present)}
    found: dict[str, str | None] = {}
    for field in FIELDS:
        asked = getattr(given, field)
        if asked is not None and asked not in present:
            raise _missing(path, f"it has no column {asked!r}", present)
        # A column that was said to hold one thing does not also hold another.
        others = {getattr(given, other) for other in FIELDS if other != field}
        candidates = (usual.get(word) for word in _USUAL[field].split())
        found[field] = asked or next((column for column in candidates if column and column not in others), None)
    needed = ("name",) if located else ("name", "latitude", "longitude")
    missing = [field for field in needed if found[field] is None]
    if missing:
        raise _missing(path, f"it has no column for the {' and the '.join(missing)}", present)
    return Columns(**found)


def language_columns(present: Sequence[str]) -> dict[str, str]:
    """Return the columns such as `name:fr` with their languages."""
    languages = {column: language_of(column[5:].strip()) for column in present if column.lower().startswith("name:")}
    return {column: language for column, language in languages.items() if language}


def _missing(path: Path, problem: str, present: Sequence[str]) -> SourceUnreadable:
    held = ", ".join(repr(column) for column in present[:40]) or "none"
    return SourceUnreadable(path, problem, f"Say which column it is; there are {held}")


def _plain(column: str) -> str:
    return "_".join(column.strip().casefold().replace("-", " ").split())
