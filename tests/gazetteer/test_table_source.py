"""Tables of places: CSV, TSV, Parquet and GeoJSON, with usual and unusual columns, sound and garbled."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from gazetteer import build_gazetteer
from gazetteer.errors import BuildError, NoNamedPlaces, SourceError, SourceNotFound, SourceUnreadable
from gazetteer.importance import importance
from gazetteer.places import NameKind, ParentBasis, Place, PlaceKind, PlaceName
from gazetteer.sources.kind_words import kind_named
from gazetteer.sources.table import Columns, TableSource
from gazetteer.text import normalize_name

Entries = dict[str, tuple[Place, tuple[PlaceName, ...]]]


def entries(path: Path, **options: Any) -> Entries:
    read = list(TableSource(path, **options).read())
    by_id = {place.id: (place, names) for place, names in read}
    assert len(by_id) == len(read)
    return by_id


def table(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


FULL = """id,name,name:fr,name:xx-nonsense!,names,lat,lon,type,country,admin1,population,wikidata,parent
7,Freeport,Port-Franc,no,"Free Port; FPO;Freeport",26.53,-78.70,Town,bs,FP,"26,910",https://www.wikidata.org/entity/Q1017,8
8,Grand Bahama,,,,26.65,-78.32,ISLAND,BHS,,51368.0,Q499,
9,Sir Jack Hayward High,,,,26.55,-78.66,high school,Bahamas,,,none,9
"""


def test_every_column(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = entries(table(tmp_path / "bahamas.csv", FULL))
    place, names = found["bahamas:7"]
    assert place == Place(
        "bahamas:7",
        "Freeport",
        PlaceKind.CITY,
        26.53,
        -78.70,
        country="BS",
        admin1="FP",
        population=26_910,
        importance=round(importance(PlaceKind.CITY, 26_910) + 0.05, 4),
        wikidata="Q1017",
        parent="bahamas:8",
        parent_basis=ParentBasis.STATED,
    )
    assert names == (
        PlaceName("bahamas:7", "Freeport"),
        PlaceName("bahamas:7", "Port-Franc", NameKind.ALTERNATIVE, "fr"),
        PlaceName("bahamas:7", "Free Port", NameKind.ALTERNATIVE),
        PlaceName("bahamas:7", "FPO", NameKind.ALTERNATIVE),
    )
    island, school = found["bahamas:8"][0], found["bahamas:9"][0]
    assert (island.kind, island.population, island.parent, island.parent_basis) == (PlaceKind.ISLAND, 51_368, "", None)
    assert (school.kind, school.country, school.wikidata, school.parent) == (PlaceKind.OTHER, "", "", "")
    assert island.country == "BS"
    assert "1 rows of an unknown kind, among them 'high school' (1)" in caplog.text
    assert "1 rows whose country is no ISO 3166-1 code, among them 'Bahamas' (1)" in caplog.text


@pytest.mark.parametrize(
    "header",
    [
        "name,latitude,longitude",
        "NAME,Lat,Lng",
        " Name ,LAT,Long",
        "place_name;y;x",
        "Place-Name\tLatitude\tLON",
        "title|decimalLatitude|decimalLongitude",
        '"name","lat","lon"',
    ],
)
def test_usual_columns_are_found(header: str, tmp_path: Path) -> None:
    delimiter = max(",;\t|", key=header.count)
    path = table(tmp_path / "t.csv", f"{header}\n{delimiter.join(('Kochi', '9.94', '76.26'))}\n")
    place, _ = entries(path)["t:1"]
    assert (place.name, place.latitude, place.longitude, place.kind) == ("Kochi", 9.94, 76.26, PlaceKind.OTHER)


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = table(tmp_path / "orte.csv", "name;Ort;Breite;Länge;lat\nx;Köln;50,94;−6,96;0\n")
    columns = Columns(name="Ort", latitude="Breite", longitude="Länge", names="name")
    [(place, names)] = entries(path, columns=columns, kind=PlaceKind.CITY).values()
    assert (place.name, place.latitude, place.longitude, place.kind) == ("Köln", 50.94, -6.96, PlaceKind.CITY)
    assert [name.text for name in names] == ["Köln", "x"]


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        ("place,lat,lon", Columns(), "no column for the name. Say which column it is; there are 'place', 'lat', 'lon'"),
        ("name,north,east", Columns(), "no column for the latitude and the longitude"),
        ("name,lat,lon", Columns(kind="sort"), "no column 'sort'"),
        ("name,lat,lon", Columns(name="lat"), "no column for the latitude"),
        ("name,name,lat,lon", Columns(), "several columns 'name'"),
    ],
)
def test_missing_columns_are_told_with_those_there_are(
    header: str, columns: Columns, words: str, tmp_path: Path
) -> None:
    path = table(tmp_path / "t.csv", f"{header}\n1,2,3\n")
    with pytest.raises(SourceUnreadable) as caught:
        entries(path, columns=columns)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_formats_give_the_same(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(FULL)))
    tabs = "\n".join("\t".join(row.values()) for row in [dict(zip(rows[0], rows[0], strict=True)), *rows])
    wanted = entries(table(tmp_path / "bahamas.csv", FULL))
    assert entries(table(tmp_path / "bahamas.tsv", tabs)) == wanted
    assert entries(table(tmp_path / "bahamas.csv.gz", gzip.compress(FULL.encode()))) == wanted
    assert entries(table(tmp_path / "BAHAMAS.CSV", b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())).keys() == {
        key.replace("bahamas", "BAHAMAS") for key in wanted
    }
    (tmp_path / "wide").mkdir()
    assert entries(table(tmp_path / "wide" / "bahamas.csv", FULL.encode("utf-16"))) == wanted
    typed = [{**row, "lat": float(row["lat"]), "lon": float(row["lon"]), "id": int(row["id"])} for row in rows]
    typed = [
        {**row, "names": row["names"].split(";"), "parent": None if not row["parent"] else float(row["parent"])}
        for row in typed
    ]
    parquet.write_table(pyarrow.Table.from_pylist(typed), tmp_path / "bahamas.parquet")
    assert entries(tmp_path / "bahamas.parquet") == wanted
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {key: value for key, value in row.items() if key not in ("lat", "lon", "id")},
        }
        for row in typed
    ]
    collection = json.dumps({"type": "FeatureCollection", "features": features}, indent=1)
    assert entries(table(tmp_path / "bahamas.geojson", collection)) == wanted
    lines = "\n".join(map(json.dumps, features))
    assert entries(table(tmp_path / "bahamas.geojsonl", lines + "\n\n")) == wanted
    sequence = "".join(f"\x1e{json.dumps(feature)}\n" for feature in features)
    assert entries(table(tmp_path / "bahamas.geojsonseq", sequence)) == wanted


def feature(geometry: object, name: str = "Thing") -> str:
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": {"name": name}})


@pytest.mark.parametrize(
    ("geometry", "where"),
    [
        ({"type": "Point", "coordinates": [7.4, 43.7, 12.0]}, (43.7, 7.4)),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [2, 4]]}, (2.0, 1.0)),
        ({"type": "LineString", "coordinates": [[0, 0], [0, 2]]}, (1.0, 0.0)),
        ({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]]}, (1.0, 2.0)),
        (
            {
                "type": "MultiPolygon",
                "coordinates": [
                    [[[178, -18], [180, -18], [180, -16], [178, -16], [178, -18]]],
                    [[[-180, -18], [-178, -18], [-178, -16], [-180, -16], [-180, -18]]],
                ],
            },
            (-17.0, 180.0),
        ),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [3, 5]}]}, (5.0, 3.0)),
    ],
)
def test_where_a_geometry_lies(geometry: Mapping[str, Any], where: tuple[float, float], tmp_path: Path) -> None:
    place, _ = entries(table(tmp_path / "t.geojson", feature(geometry)))["t:1"]
    assert (place.latitude, place.longitude) == pytest.approx(where)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "Point",
        {},
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": ["7", "43"]},
        {"type": "Point", "coordinates": [700_000, 4_000_000]},
        {"type": "Point", "coordinates": [float("nan"), 1]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0]]]},
        {"type": "LineString", "coordinates": [[0, 0], ["a", "b"]]},
        {"type": "LineString", "coordinates": {"a": 1}},
        {"type": "LineString", "coordinates": [[0, 0], [float("inf"), 1]]},
        {"type": "Circle", "coordinates": [0, 0]},
    ],
)
def test_a_geometry_that_lies_nowhere_is_left_out(geometry: object, tmp_path: Path) -> None:
    good = feature({"type": "Point", "coordinates": [1, 2]})
    assert list(entries(table(tmp_path / "t.geojsonl", f"{good}\n{feature(geometry)}\n"))) == ["t:1"]
    with pytest.raises(NoNamedPlaces, match="features without a geometry in range: 1"):
        entries(table(tmp_path / "t.geojson", feature(geometry)))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2,,1,1", "rows without a name: 1"),
        (b"2,...,1,1", "rows without a name: 1"),
        (b"2,B,,1", "coordinates in range: 1"),
        (b"2,B,north,1", "coordinates in range: 1"),
        (b"2,B,nan,1", "coordinates in range: 1"),
        (b"2,B,91,1", "coordinates in range: 1"),
        (b"2,B,1,-180.1", "coordinates in range: 1"),
        (b"1,B,1,1", "an earlier row has: 1"),
        (b"2,B,1", "wrong number of columns: 1"),
        (b"2,B,1,1,1", "wrong number of columns: 1"),
        (b"2,B\xff,1,1", "no UTF-8: 1"),
    ],
)
def test_bad_rows_are_left_out_and_told(
    row: bytes, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = table(tmp_path / "t.csv", b"id,name,lat,lon\n1,A,0,0\n" + row + b"\n\n3,C,0,0\n")
    assert list(entries(path)) == ["t:1", "t:3"]
    assert reason in caplog.text
    if row != b"1,B,1,1":
        with pytest.raises(NoNamedPlaces) as caught:
            entries(table(path, b"id,name,lat,lon\n" + row))
        assert reason in str(caught.value)
        assert caught.value.path == path


def test_two_tables_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shelters.csv").write_text("name,lat,lon\nHall,1,1\n", encoding="utf-8")
    tables = [TableSource(tmp_path / folder / "shelters.csv") for folder in ("a", "b")]
    with pytest.raises(BuildError, match=r"two tables named 'shelters'.*Rename"):
        build_gazetteer(tables, tmp_path / "both.gazetteer")
    assert not (tmp_path / "both.gazetteer").exists()


@pytest.mark.parametrize("name", ["osm.csv", "osm:own.csv", "geonames.tsv.gz", "world.geojson"])
def test_a_table_named_like_another_source_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"ids like those of another source.*Rename"):
        build_gazetteer([TableSource(tmp_path / name)], tmp_path / "own.gazetteer")


def test_control_characters_leave_names(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", 'name,lat,lon\n"New\0 \n York",1,1\n')
    assert entries(path)["t:1"][0].name == "New York"


def test_half_a_character_is_replaced(tmp_path: Path) -> None:
    half, point = "x\ud800", {"type": "Point", "coordinates": [1, 2]}
    properties = {"name": half, "state": half, "parent": "y\udfff", "type": half}
    content = json.dumps({"type": "Feature", "id": half, "geometry": point, "properties": properties})
    [(place, _)] = entries(table(tmp_path / "t.geojson", content)).values()
    assert (place.id, place.name, place.admin1, place.parent) == ("t:x\ufffd", "x\ufffd", "x\ufffd", "t:y\ufffd")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b""),
        ("t.csv", b"\n\n"),
        ("t.csv", b"\0\0\0\0"),
        ("t.csv", b"name,lat,lon\n" + b'"' + b"x" * 2_000_000),
        ("t.csv", b"name,lat,lon\n" + b"x" * 17_000_000),
        ("t.csv", b"\xff\xfe" + b"n\0a\0m\0e\0,\0l\0a\0t\0,\0l\0o\0n\0\n\0\x00\xd8\x00\xd8\n"),
        ("t.csv", b"name,lat,lon\n"),
        ("t.csv.gz", b"name,lat,lon\nA,1,1\n"),
        ("t.csv.gz", gzip.compress(b"name,lat,lon\n" + b"A,1,1\n" * 100)[:-20]),
        ("t.parquet", b"PAR1 and nothing else PAR1"),
        ("t.parquet", b""),
        ("t.geojson", b""),
        ("t.geojson", b"{"),
        ("t.geojson", b"[]"),
        ("t.geojson", b"{}"),
        ("t.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("t.geojson", b'{"type": "FeatureCollection", "features": [1, null, "x", {}]}'),
        ("t.geojson", b'{"type": "FeatureCollection", "features": {"a": 1}}'),
        ("t.geojson", b"[" * 200_000),
        ("t.geojson", b'{"type": "Feature", "id": ' + b"9" * 10_000 + b"}"),
        ("t.geojson", b'{"a": "\xff"}'),
        ("t.geojsonl", feature({"type": "Point", "coordinates": [1, 2]}).encode() + b"\n{broken\n"),
        ("t.xlsx", b"PK"),
    ],
)
def test_a_bad_table_is_one_error(name: str, content: bytes, tmp_path: Path) -> None:
    path = table(tmp_path / name, content)
    with pytest.raises(SourceError) as caught:
        entries(path)
    assert isinstance(caught.value, SourceUnreadable | NoNamedPlaces)
    assert caught.value.path == path
    assert caught.value.remedy


def test_the_limit_on_fields_is_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    entries(table(tmp_path / "t.csv", "name,lat,lon\nA,1,1\n"))
    assert csv.field_size_limit() == before


def test_description(tmp_path: Path) -> None:
    source = TableSource(table(tmp_path / "t.csv", FULL), licence="CC0-1.0", attribution="the clerk")
    description = source.describe()
    assert (description.name, description.licence, description.attribution) == ("t.csv", "CC0-1.0", "the clerk")
    table(tmp_path / "t.csv", FULL + "\n")
    assert source.describe().checksum != description.checksum
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SourceNotFound):
            TableSource(path).describe()
        with pytest.raises(SourceNotFound):
            list(TableSource(path).read())


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(_TEXT, _TEXT, _TEXT), min_size=1, max_size=10))
def test_any_text_survives_csv(rows: list[tuple[str, str, str]], tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "names", "lat", "lon", "type"])
        writer.writerows([f"N {name}", names, 1, 2, kind] for name, names, kind in rows)
    found = entries(tmp_path / "t.csv")
    assert len(found) == len(rows)
    for _, names in found.values():
        assert all(normalize_name(name.text) for name in names)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), suffix=st.sampled_from([".csv", ".tsv", ".geojson", ".parquet", ".csv.gz"]))
def test_any_bytes_are_a_table_or_an_error_of_ours(content: bytes, suffix: str, tmp_path: Path) -> None:
    start = b"name,lat,lon\n" if suffix == ".csv" else b""
    with suppress(SourceError):
        entries(table(tmp_path / f"t{suffix}", start + content))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("city", PlaceKind.CITY),
        ("Towns", PlaceKind.CITY),
        ("Cities", PlaceKind.CITY),
        ("City/town", PlaceKind.CITY),
        ("Neighborhood", PlaceKind.NEIGHBOURHOOD),
        ("Road/street", PlaceKind.ROAD),
        ("human_poi", PlaceKind.HUMAN_POI),
        ("Human-made Point-of-Interest", PlaceKind.HUMAN_POI),
        ("Natural Point-of-Interest", PlaceKind.NATURAL_POI),
        ("Other locations", PlaceKind.OTHER),
        ("  School ", PlaceKind.HUMAN_POI),
        ("churches", PlaceKind.HUMAN_POI),
        ("dragon", None),
        ("", None),
    ],
)
def test_words_for_kinds(word: str, kind: PlaceKind | None) -> None:
    assert kind_named(word) is kind


@pytest.mark.parametrize("kind", PlaceKind)
def test_every_kind_is_known_by_its_value_and_name(kind: PlaceKind) -> None:
    assert kind_named(kind.value) is kind
    assert kind_named(kind.name) is kind
