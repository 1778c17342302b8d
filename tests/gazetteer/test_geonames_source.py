"""GeoNames dumps: kinds, names, parents, and every way in which a file can be bad."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazetteer import Gazetteer, build_gazetteer
from gazetteer.errors import NoNamedPlaces, SourceNotFound, SourceUnreadable
from gazetteer.importance import importance
from gazetteer.places import KINDS, NAME_KINDS, NameKind, PlaceKind
from gazetteer.sources import Batch
from gazetteer.sources.entries import name_schema, place_schema
from gazetteer.sources.geonames import GeonamesSource, batches
from gazetteer.sources.geonames.codes import kind_of

Names = set[tuple[str, NameKind, str]]


def row(
    number: object,
    name: str,
    feature: str = "P.PPL",
    country: str = "FR",
    admin1: str = "",
    admin2: str = "",
    **others: object,
) -> str:
    feature_class, code = feature.split(".")
    given = {
        "ascii": name,
        "listed": "",
        "latitude": 48.5,
        "longitude": 2.25,
        "people": 0,
        "day": "2024-05-01",
    } | others
    fields = [number, name, given["ascii"], given["listed"], given["latitude"], given["longitude"], feature_class, code]
    fields += [country, "", admin1, admin2, "", "", given["people"], "", "30", "Europe/Paris", given["day"]]
    return "\t".join(map(str, fields))


FRANCE = [
    row(3017382, "Republic of France", "A.PCLI", admin1="00", listed="France,FR", people=66_987_244),
    row(3012874, "Île-de-France", "A.ADM1", admin1="11", ascii="Ile-de-France"),
    row(2968815, "Paris", "A.ADM2", admin1="11", admin2="75", people=2_165_423),
    row(2988507, "Paris", "P.PPLC", admin1="11", admin2="75", listed="Lutece,Parigi,Париж", people=2_138_551),
    row(6455259, "Paris 1er", "P.PPLX", admin1="11", admin2="99"),
    row(1, "Elsewhere", admin1="77"),
    row(2, "Ghost Town", "P.PPLQ", admin1="11", people=900),
    row(3, "Europe", "L.CONT", country=""),
]
ALTERNATES = [
    (1, 2988507, "it", "Parigi"),
    (2, 2988507, "la", "Lutetia", "", "", "", "1"),
    (3, 2988507, "en", "City of Paris", "1"),
    (4, 2988507, "en", "Paname", "", "1"),
    (5, 2988507, "iata", "PAR"),
    (6, 2988507, "abbr", "PRS"),
    (7, 2988507, "wkdt", "Q90"),
    (8, 2988507, "link", "https://en.wikipedia.org/wiki/Paris"),
    (9, 2988507, "post", "75000"),
    (10, 2988507, "unlc", "FRPAR"),
    (11, 2988507, "zh-Hant", "巴黎"),
    (12, 424242, "en", "Nowhere in the dump"),
    (13, 1, "wkdt", "no item"),
    (14, 2, "fr", "Ville fantôme"),
]


def write(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


@pytest.fixture
def france(tmp_path: Path) -> Path:
    return write(tmp_path / "FR.txt", *FRANCE)


@pytest.fixture
def alternates(tmp_path: Path) -> Path:
    lines = ("\t".join(map(str, [*fields, *[""] * (10 - len(fields))])) for fields in ALTERNATES)
    return write(tmp_path / "alternateNamesV2.txt", *lines)


def places(source: GeonamesSource) -> dict[str, dict[str, Any]]:
    return {
        place["id"].removeprefix("geonames:"): place for batch in source.read() for place in batch.places.to_pylist()
    }


def names(source: GeonamesSource) -> dict[str, Names]:
    found: dict[str, Names] = {}
    for batch in source.read():
        ids = batch.places["id"].to_pylist()
        for name in batch.names.to_pylist():
            of_place = found.setdefault(ids[name["place"]].removeprefix("geonames:"), set())
            key = name["text"], NAME_KINDS[name["kind"]], name["language"]
            assert key not in of_place, "each name once"
            of_place.add(key)
    return found


def test_places_as_the_dump_has_them(france: Path) -> None:
    [batch] = GeonamesSource(france).read()
    assert (batch.places.schema, batch.names.schema) == (place_schema(), name_schema())
    assert batch.places["name"].to_pylist() == [line.split("\t")[1] for line in FRANCE]
    paris = places(GeonamesSource(france))["2988507"]
    assert (paris["latitude"], paris["longitude"], paris["population"]) == (48.5, 2.25, 2_138_551)
    assert (paris["country"], paris["admin1"], KINDS[paris["kind"]]) == ("FR", "11", PlaceKind.CITY)
    assert paris["importance"] == pytest.approx(importance(PlaceKind.CITY, 2_138_551))


def test_parents_are_the_smallest_unit_whose_code_is_stated(france: Path) -> None:
    parents = {
        number: place["parent"].removeprefix("geonames:") for number, place in places(GeonamesSource(france)).items()
    }
    assert parents == {
        "3017382": "",
        "3012874": "3017382",
        "2968815": "3012874",
        "2988507": "2968815",
        "6455259": "3012874",
        "1": "3017382",
        "2": "3012874",
        "3": "",
    }
    bases = {place["parent_basis"] for place in places(GeonamesSource(france)).values() if place["parent"]}
    assert bases == {1}


def test_no_unit_lies_in_one_of_its_own_rank(tmp_path: Path) -> None:
    odd = [row(1, "One", "A.ADM1", admin1="11", admin2="75"), row(2, "Two", "A.ADM2", admin1="11", admin2="75")]
    found = places(GeonamesSource(write(tmp_path / "FR.txt", *odd)))
    assert [place["parent"] for place in found.values()] == ["", "geonames:1"]


def test_admin_codes_say_which_row_a_code_is(france: Path, tmp_path: Path) -> None:
    first = write(tmp_path / "admin1CodesASCII.txt", "FR.77\tElsewhere\tElsewhere\t3012874", "FR.1\tGone\tGone\t99")
    second = write(tmp_path / "admin2Codes.txt", "FR.11.99\tParis\tParis\t2968815")
    found = places(GeonamesSource(france, admin_codes=(first, second)))
    assert found["1"]["parent"] == "geonames:3012874"
    assert found["6455259"]["parent"] == "geonames:2968815"
    assert found["2988507"]["parent"] == "geonames:2968815"


def test_names_without_a_table_of_them(france: Path) -> None:
    found = names(GeonamesSource(france))
    listed = {(text, NameKind.ALTERNATIVE, "") for text in ("Lutece", "Parigi", "Париж")}
    assert found["2988507"] == {("Paris", NameKind.NAME, ""), *listed}
    assert found["3012874"] == {("Île-de-France", NameKind.NAME, ""), ("Ile-de-France", NameKind.ALTERNATIVE, "")}


def test_names_have_languages_and_kinds_with_a_table_of_them(france: Path, alternates: Path) -> None:
    source = GeonamesSource(france, alternate_names=alternates)
    assert names(source)["2988507"] == {
        ("Paris", NameKind.NAME, ""),
        ("Parigi", NameKind.ALTERNATIVE, "it"),
        ("Lutetia", NameKind.OLD, "la"),
        ("City of Paris", NameKind.OFFICIAL, "en"),
        ("Paname", NameKind.SHORT, "en"),
        ("PAR", NameKind.REFERENCE, ""),
        ("PRS", NameKind.ABBREVIATION, ""),
        ("巴黎", NameKind.ALTERNATIVE, "zh-Hant"),
    }
    assert names(source)["2"] == {("Ghost Town", NameKind.OLD, ""), ("Ville fantôme", NameKind.OLD, "fr")}
    found = places(source)
    assert (found["2988507"]["wikidata"], found["1"]["wikidata"]) == ("Q90", "")
    assert found["2988507"]["importance"] == pytest.approx(importance(PlaceKind.CITY, 2_138_551) + 0.05)


def test_a_place_of_the_past_weighs_half(france: Path) -> None:
    assert places(GeonamesSource(france))["2"]["importance"] == pytest.approx(
        importance(PlaceKind.CITY, 900) / 2, abs=1e-4
    )


@pytest.mark.parametrize(
    ("feature", "country", "kind", "past"),
    [
        ("A.PCLI", "FR", PlaceKind.COUNTRY, False),
        ("A.ADM1", "US", PlaceKind.STATE, False),
        ("A.ADM1H", "US", PlaceKind.STATE, True),
        ("A.ADM2", "US", PlaceKind.COUNTY, False),
        ("A.ADM3", "FR", PlaceKind.DISTRICT, False),
        ("A.ADM3", "IT", PlaceKind.CITY, False),
        ("A.ZN", "", PlaceKind.OTHER, False),
        ("L.CONT", "", PlaceKind.CONTINENT, False),
        ("L.PRK", "US", PlaceKind.NATURAL_POI, False),
        ("P.PPLX", "US", PlaceKind.NEIGHBOURHOOD, False),
        ("P.PPLH", "US", PlaceKind.CITY, True),
        ("T.ISLS", "BS", PlaceKind.ISLAND, False),
        ("T.MT", "", PlaceKind.NATURAL_POI, False),
        ("R.ST", "", PlaceKind.ROAD, False),
        ("S.SCH", "", PlaceKind.HUMAN_POI, False),
        ("S.MNQ", "", PlaceKind.HUMAN_POI, True),
        ("S.PRKHQ", "", PlaceKind.HUMAN_POI, False),
        ("U.TRGU", "", PlaceKind.NATURAL_POI, False),
        (".", "", PlaceKind.OTHER, False),
        ("?.NEW", "", PlaceKind.OTHER, False),
    ],
)
def test_kinds_of_feature_codes(feature: str, country: str, kind: PlaceKind, past: bool) -> None:
    assert kind_of(*feature.split("."), country) == (kind, past)


def test_batches_hold_every_place_once(france: Path, alternates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = GeonamesSource(france, alternate_names=alternates)
    whole, all_names = places(source), names(source)
    monkeypatch.setattr(batches, "_ROWS", 3)
    assert len(list(source.read())) == 3
    assert (places(source), names(source)) == (whole, all_names)


def pack(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zipped_files_give_the_same(france: Path, alternates: Path, tmp_path: Path) -> None:
    readme = {"readme.txt": "Read me"}
    dump = pack(tmp_path / "FR.zip", **{"FR.txt": france.read_bytes()}, **readme)
    codes = {"iso-languagecodes.txt": "ISO 639-3"}
    table = pack(tmp_path / "alternateNamesV2.zip", **{"alternateNamesV2.txt": alternates.read_bytes()}, **codes)
    plain, zipped = GeonamesSource(france, alternate_names=alternates), GeonamesSource(dump, alternate_names=table)
    assert (places(plain), names(plain)) == (places(zipped), names(zipped))


def test_description(france: Path, alternates: Path, tmp_path: Path) -> None:
    description = GeonamesSource(france).describe()
    assert (description.name, description.data_date, description.licence) == ("FR.txt", "2024-05-01", "CC-BY-4.0")
    assert "GeoNames" in description.attribution
    checksums = {
        description.checksum,
        GeonamesSource(france, alternate_names=alternates).describe().checksum,
        GeonamesSource(write(tmp_path / "other.txt", *FRANCE[1:])).describe().checksum,
    }
    assert len(checksums) == 3
    with zipfile.ZipFile(tmp_path / "FR.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("FR.txt", (2024, 6, 30, 1, 2, 4)), france.read_bytes())
    assert GeonamesSource(tmp_path / "FR.zip").describe().data_date == "2024-06-30"


def test_a_place_of_several_dumps_is_one(france: Path, tmp_path: Path) -> None:
    cities = write(tmp_path / "cities500.txt", row(2988507, "Paris (again)"), row(5, "Lyon"))
    build_gazetteer([GeonamesSource(france), GeonamesSource(cities)], tmp_path / "g")
    gazetteer = Gazetteer.open(tmp_path / "g")
    assert [place.parent for place in gazetteer.places("Paris")] == ["geonames:2968815", "geonames:3012874"]
    assert [place.id for place in gazetteer.places("Lyon")] == ["geonames:5"]
    assert not gazetteer.places("Paris again")


@pytest.mark.parametrize("name", ["a*b[1]?{x}.txt", "it's.txt", "Südtirol 2.txt"])
def test_any_file_name_will_do(name: str, tmp_path: Path) -> None:
    assert len(places(GeonamesSource(write(tmp_path / name, *FRANCE)))) == len(FRANCE)
    assert GeonamesSource(tmp_path / name).describe().data_date == "2024-05-01"


GOOD = row(1, "Good").encode()


@pytest.mark.parametrize(
    ("content", "count", "reason"),
    [
        (b"\xef\xbb\xbf" + GOOD, 1, ""),
        (GOOD + b"\r\n" + row(2, "Also").encode() + b"\r\n", 2, ""),
        (GOOD + b"\n\n\n" + row(2, "Also").encode(), 2, ""),
        (GOOD + b"\n" + row(2, "Bad \xff".replace("\xff", "#")).encode().replace(b"#", b"\xff"), 1, "invalid encoding"),
        (GOOD + b"\n2\tTruncated\tTrunc", 1, "missing columns"),
        (GOOD + b"\n" + row(2, "A\rB", ascii="A").encode() + b"\n" + row(3, "Fine").encode(), 2, "missing columns"),
        (GOOD + b"\n" + row(2, "x" * 3_000_000).encode() + b"\n" + row(3, "Fine").encode(), 2, "line size"),
        (GOOD + b"\n" + row(2, "x" * 400).encode(), 1, "rows without a name: 1"),
        (GOOD + b"\n" + row(2, " \u3000 ").encode(), 1, "rows without a name: 1"),
        (GOOD + b"\n" + row(2, "Pole", latitude=91).encode(), 1, "coordinates in range: 1"),
        (GOOD + b"\n" + row(2, "Nowhere", longitude="nan").encode(), 1, "coordinates in range: 1"),
        (GOOD + b"\n" + row(2, "Nowhere", latitude="").encode(), 1, "coordinates in range: 1"),
        (GOOD + b"\n" + row("x", "Nobody").encode(), 1, "without an id: 1"),
        (GOOD + b"\n" + row(1, "Again").encode(), 1, "that an earlier row has: 1"),
        (GOOD + b"\n" + row(2, "Crowded", people=99_999_999_999).encode(), 2, ""),
        (GOOD + b"\n" + row(2, "Quoted", ascii='"Quo', listed="\"it's").encode(), 2, ""),
    ],
)
def test_bad_rows_are_left_out_and_told(
    content: bytes, count: int, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "XX.txt").write_bytes(content)
    assert len(places(GeonamesSource(tmp_path / "XX.txt"))) == count
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == bool(reason)
    assert all(reason in warning for warning in warnings)


def test_zero_bytes_and_control_characters_leave_names(tmp_path: Path) -> None:
    path = write(tmp_path / "XX.txt", row(1, "New\0 \x0bYork\u2028", ascii="New York"))
    assert names(GeonamesSource(path)) == {"1": {("New York", NameKind.NAME, "")}}


_FIELD = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_FIELD, min_size=1, max_size=20))
def test_any_text_passes_through(texts: list[str], tmp_path: Path) -> None:
    path = write(tmp_path / "XX.txt", *(row(number, f"N{text}", listed=text) for number, text in enumerate(texts)))
    found = places(GeonamesSource(path))
    assert list(found) == [str(number) for number in range(len(texts))]
    for batch in GeonamesSource(path).read():
        assert set(batch.names["place"].to_pylist()) == set(range(len(texts)))


def zip_without_text(path: Path) -> None:
    pack(path, **{"notes.doc": "nothing"})


def zip_of_two(path: Path) -> None:
    pack(path, **{"a.txt": "a", "b.txt": "b"})


def zip_bomb(path: Path) -> None:
    pack(path, **{"XX.txt": b"0" * (80 << 20)})


def zip_cut_short(path: Path) -> None:
    pack(path, **{"XX.txt": "\n".join(FRANCE)})
    path.write_bytes(path.read_bytes()[:-30])


def zip_garbled(path: Path) -> None:
    pack(path, **{"XX.txt": "\n".join(FRANCE)})
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(bytes(content))


def zip_encrypted(path: Path) -> None:
    pack(path, **{"XX.txt": "\n".join(FRANCE)})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (zip_without_text, "notes.doc"),
        (zip_of_two, "a.txt, b.txt"),
        (zip_bomb, "would unpack"),
        (zip_cut_short, "cannot be unpacked"),
        (zip_garbled, "cannot be unpacked"),
        (zip_encrypted, "cannot be unpacked"),
        (lambda path: path.write_bytes(b""), "cannot be unpacked"),
        (lambda path: path.write_bytes(b"\xff" * 1000), "cannot be unpacked"),
    ],
)
def test_a_bad_archive_is_unreadable(spoil: Callable[[Path], object], words: str, tmp_path: Path) -> None:
    spoil(tmp_path / "XX.zip")
    with pytest.raises(SourceUnreadable, match=words) as caught:
        list(GeonamesSource(tmp_path / "XX.zip").read())
    assert caught.value.path == tmp_path / "XX.zip"
    assert caught.value.remedy


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = pack(inner / "XX.zip", **{"../../escaped.txt": "\n".join(FRANCE)})
    assert len(places(GeonamesSource(path))) == len(FRANCE)
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["XX.zip"]


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", SourceUnreadable, "empty"),
        (b"\nx\n", SourceUnreadable, "empty"),
        (b"name,lat,lon\n", SourceUnreadable, "1 tab-separated columns, not 19"),
        (b"a\tb\tc\n", SourceUnreadable, "3 tab-separated columns, not 19"),
        (GOOD + b"\tmore\n", SourceUnreadable, "20 tab-separated columns, not 19"),
        (b"\t" * 18 + b"\n", NoNamedPlaces, "without an id"),
        (row(1, "").encode() + b"\n", NoNamedPlaces, "rows without a name: 1"),
        (GOOD.replace(b"Good", b"B\xfcd") + b"\n", SourceUnreadable, "invalid encoding: 1"),
        (b"\xff\xfe" + row(1, "Wide").encode("utf-16-le"), SourceUnreadable, "."),
    ],
)
def test_a_bad_dump_is_one_error(content: bytes, error: type[Exception], words: str, tmp_path: Path) -> None:
    path = tmp_path / "XX.txt"
    path.write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        list(GeonamesSource(path).read())
    assert str(path) in str(caught.value)


def test_companions_are_checked_at_once(france: Path, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.txt", "1\t2")
    for source in (GeonamesSource(france, alternate_names=bad), GeonamesSource(france, admin_codes=(bad,))):
        with pytest.raises(SourceUnreadable, match=r"bad\.txt: its first line has 2"):
            source.read()
        with pytest.raises(SourceUnreadable):
            source.describe()


@pytest.mark.parametrize("name", ["none.txt", "none.zip", ""])
def test_what_is_no_file_is_not_found(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        GeonamesSource(tmp_path / name).read()
    with pytest.raises(SourceNotFound):
        GeonamesSource(tmp_path / name).describe()


def test_nothing_temporary_stays(france: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    reader: Iterator[Batch] = GeonamesSource(france).read()
    next(reader)
    assert list(temporary.iterdir())
    del reader
    assert not list(temporary.iterdir())
