"""The dump and its companions as DuckDB tables: places, their alternate names, and the units that they lie in.

The columns are those of https://download.geonames.org/export/dump/readme.txt.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gazetteer.places import NAME_KINDS, NameKind
from gazetteer.sources.delimited import tab_separated
from gazetteer.sources.spellings import LONGEST_NAME, MOST_PEOPLE

if TYPE_CHECKING:
    import duckdb

PLACE_COLUMNS = (
    "geonameid",
    "name",
    "asciiname",
    "alternatenames",
    "latitude",
    "longitude",
    "feature_class",
    "feature_code",
    "country_code",
    "cc2",
    "admin1_code",
    "admin2_code",
    "admin3_code",
    "admin4_code",
    "population",
    "elevation",
    "dem",
    "timezone",
    "modification_date",
)
ALTERNATE_COLUMNS = (
    "alternate_name_id",
    "geonameid",
    "isolanguage",
    "alternate_name",
    "is_preferred_name",
    "is_short_name",
    "is_colloquial",
    "is_historic",
)
ADMIN_COLUMNS = ("codes", "name", "asciiname", "geonameid")

#: Control characters and the like, which garble what they stand in, and white space of every sort.
_SPACES = r"[\p{Cc}\p{Co}\p{Z}]+"

#: Which rows of `places` can be used.
USABLE = (
    f"id IS NOT NULL AND name <> '' AND length(name) <= {LONGEST_NAME} AND abs(latitude) <= 90 "
    "AND abs(longitude) <= 180 AND repeated IS NULL"
)
#: Why the others cannot; the first reason that holds counts.
_REASONS = """
SELECT CASE
    WHEN id IS NULL THEN 'rows without an id'
    WHEN name = '' OR length(name) > {longest_name} THEN 'rows without a name'
    WHEN repeated THEN 'rows with an id that an earlier row has'
    ELSE 'rows without coordinates in range'
END AS reason, count(*) FROM places WHERE NOT coalesce({usable}, false) GROUP BY ALL ORDER BY ALL
"""

_CLEAN = "CREATE MACRO clean(text) AS trim(regexp_replace(coalesce(text, ''), '{spaces}', ' ', 'g'))"

_PLACES = """
CREATE TABLE places AS SELECT
    try_cast(geonameid AS BIGINT) AS id, clean(name) AS name, clean(asciiname) AS asciiname, alternatenames,
    try_cast(latitude AS DOUBLE) AS latitude, try_cast(longitude AS DOUBLE) AS longitude,
    coalesce(feature_class, '') AS feature_class, coalesce(feature_code, '') AS feature_code,
    CASE WHEN regexp_full_match(country_code, '[A-Z][A-Z]') THEN country_code ELSE '' END AS country,
    coalesce(admin1_code, '') AS admin1, coalesce(admin2_code, '') AS admin2,
    CASE WHEN try_cast(population AS UBIGINT) <= {most_people} THEN population::UBIGINT ELSE 0 END AS population,
    NULL::BOOLEAN AS repeated
FROM {table}
"""

_REPEATED = """
UPDATE places SET repeated = true FROM (
    SELECT id AS repeated_id, min(rowid) AS first FROM places WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1
) WHERE id = repeated_id AND rowid > first
"""

#: The administrative units by their codes. Of several for one code the one of most people holds: the first of a
#: country's codes is the independent state, of which GeoNames has one a country.
_UNITS = """
CREATE TABLE countries AS
    SELECT country, arg_min(id, (feature_code <> 'PCLI', feature_code, -population::BIGINT, id)) AS id FROM places
    WHERE feature_class = 'A' AND regexp_full_match(feature_code, 'PCL[DFISX]*') AND country <> '' AND {usable}
    GROUP BY ALL;
CREATE TABLE admin1s AS
    SELECT country, admin1, arg_min(id, (-population::BIGINT, id)) AS id FROM places
    WHERE feature_class = 'A' AND feature_code = 'ADM1' AND admin1 <> '' AND {usable} GROUP BY ALL;
CREATE TABLE admin2s AS
    SELECT country, admin1, admin2, arg_min(id, (-population::BIGINT, id)) AS id FROM places
    WHERE feature_class = 'A' AND feature_code = 'ADM2' AND admin2 <> '' AND {usable} GROUP BY ALL;
"""

#: GeoNames' own tables of codes hold where the rows of the dump disagree with them.
_ADMIN_CODES = """
CREATE OR REPLACE TEMP TABLE stated AS
    SELECT parts, id FROM places JOIN (
        SELECT string_split(codes, '.') AS parts, try_cast(geonameid AS BIGINT) AS id FROM {table}
    ) USING (id) WHERE {usable} AND feature_class = 'A';
DELETE FROM admin1s USING stated WHERE len(parts) = 2 AND country = parts[1] AND admin1 = parts[2];
INSERT INTO admin1s SELECT parts[1], parts[2], min(id) FROM stated WHERE len(parts) = 2 GROUP BY ALL;
DELETE FROM admin2s
    USING stated WHERE len(parts) = 3 AND country = parts[1] AND admin1 = parts[2] AND admin2 = parts[3];
INSERT INTO admin2s SELECT parts[1], parts[2], parts[3], min(id) FROM stated WHERE len(parts) = 3 GROUP BY ALL;
"""

#: Joined and sorted in two steps, as each may fill the memory that DuckDB is allowed (12 million places, 17 million
#: names). Languages that are none are kinds of codes: link, post, unlc, tcid, phon. "fr_1793" is the French of the
#: Revolution.
_ALTERNATES = """
SET preserve_insertion_order = false;
CREATE TABLE unsorted AS
WITH given AS (
    SELECT
        places.rowid AS place_row, try_cast(alternate_name_id AS BIGINT) AS sequence, clean(alternate_name) AS text,
        coalesce(isolanguage, '') AS code,
        is_preferred_name = '1' AS preferred, is_short_name = '1' AS short, is_historic = '1' AS historic
    FROM {table} AS given JOIN places ON places.id = try_cast(given.geonameid AS BIGINT) WHERE {usable}
)
SELECT
    place_row, text, code = 'wkdt' AS is_item, sequence,
    (CASE
        WHEN code IN ('iata', 'icao') THEN {reference}
        WHEN code = 'abbr' THEN {abbreviation}
        WHEN historic OR code = 'fr_1793' THEN {old}
        WHEN short THEN {short}
        WHEN preferred THEN {official}
        ELSE {alternative}
    END)::UTINYINT AS kind,
    CASE
        WHEN code IN ('iata', 'icao', 'abbr') THEN ''
        WHEN code = 'piny' THEN 'zh-Latn-pinyin'
        WHEN code = 'fr_1793' THEN 'fr'
        ELSE code
    END AS language
FROM given
WHERE text <> '' AND length(text) <= {longest_name} AND (
    code IN ('', 'iata', 'icao', 'abbr', 'piny', 'fr_1793')
    OR (code = 'wkdt' AND regexp_full_match(text, 'Q[1-9][0-9]*'))
    OR regexp_full_match(code, '[a-z][a-z][a-z]?(-[A-Za-z0-9]+)*')
);
CREATE TABLE alternates AS SELECT * FROM unsorted ORDER BY place_row;
DROP TABLE unsorted;
SET preserve_insertion_order = true
"""


def create_places(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, int]:
    """Create the table `places` out of the dump; return how many of its rows cannot be used, by reason."""
    connection.execute(_filled(_CLEAN))
    connection.execute(_filled(_PLACES, table=tab_separated(path, PLACE_COLUMNS)))
    connection.execute(_REPEATED)
    return dict(connection.execute(_filled(_REASONS)).fetchall())


def create_units(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables `countries`, `admin1s` and `admin2s`: the id of the place that bears a code."""
    connection.execute(_filled(_UNITS))


def add_admin_codes(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Correct `admin1s` and `admin2s` by an `admin1CodesASCII.txt` or `admin2Codes.txt`."""
    connection.execute(_filled(_ADMIN_CODES, table=tab_separated(path, ADMIN_COLUMNS)))


def create_alternates(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Create the table `alternates`, in the order of the places, out of an `alternateNamesV2.txt`."""
    numbers = {
        "reference": NameKind.REFERENCE,
        "abbreviation": NameKind.ABBREVIATION,
        "old": NameKind.OLD,
        "short": NameKind.SHORT,
        "official": NameKind.OFFICIAL,
        "alternative": NameKind.ALTERNATIVE,
    }
    codes = {label: NAME_KINDS.index(kind) for label, kind in numbers.items()}
    connection.execute(_filled(_ALTERNATES, table=tab_separated(path, ALTERNATE_COLUMNS), **codes))


def _filled(statement: str, **values: object) -> str:
    """Return a statement with its blanks filled, by `values` and by what is the same for all."""
    return statement.format(usable=USABLE, longest_name=LONGEST_NAME, most_people=MOST_PEOPLE, spaces=_SPACES, **values)
