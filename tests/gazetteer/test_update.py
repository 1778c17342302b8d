"""Updates by change files: the same places as a new build gives, whatever comes when, or one error and no change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osm_map import TAKEN, TOWN_BOUNDARY, Thing, node, relation, way, write_changes, write_extract

from gazetteer import (
    BuildError,
    Gazetteer,
    GazetteerCorrupt,
    GazetteerError,
    GazetteerNotFound,
    NoNamedPlaces,
    Selection,
    SourceNotFound,
    SourceUnreadable,
    UpdateError,
    build_gazetteer,
    update_gazetteer,
)
from gazetteer.sources.osm import OsmSource
from gazetteer.sources.table import TableSource

ROOT = Path(__file__).resolve().parents[2]
EARLIER = "2019-06-01T00:00:00Z"
#: Something is always left, for a gazetteer without places cannot be.
ANCHOR = node(500, (5, 5), name="Anchor", place="town")


def build(folder: Path, things: Sequence[Thing], **options: Any) -> Path:
    extract = write_extract(folder.with_suffix(".osm"), things, box=options.pop("box", ""))
    build_gazetteer([OsmSource(extract)], folder, **options)
    return folder


def update(folder: Path, *things: Thing, **options: Any) -> Any:
    changes = write_changes(folder.with_name("changes.osc.gz"), things)
    return update_gazetteer(folder, [changes], **options)


def stored(folder: Path) -> tuple[list[Any], list[Any]]:
    """Return all places of the store, each with the id of its parent, and all names, in their order."""
    with duckdb.connect(str(folder / "places.duckdb"), read_only=True) as connection:
        places = connection.execute(
            """SELECT p.* EXCLUDE (parent), above.id FROM places p LEFT JOIN places above ON above.place = p.parent
            ORDER BY p.place"""
        ).fetchall()
        names = connection.execute("SELECT * FROM names ORDER BY place, rowid").fetchall()
    return places, names


def answers(folder: Path) -> dict[str, Any]:
    """Return what a reader is told of every name."""
    gazetteer = Gazetteer.open(folder)
    names = sorted({name for _, _, name, _, _ in stored(folder)[1]})
    return {
        name: (
            gazetteer.facts(name),
            [(place, gazetteer.parents(place)) for place in gazetteer.places(name)],
            gazetteer.matches(f"near {name} now"),
        )
        for name in names
    }


def ids(folder: Path, name: str) -> list[str]:
    return [place.id for place in Gazetteer.open(folder).places(name)]


# Any history of changes

_NAMES = st.sampled_from([{}, {"name": "Oak"}, {"name": "Elm"}, {"name": "Ash", "alt_name": "Oak;Fir"}])
_NODE_TAGS = st.sampled_from([{}, {"place": "town"}, {"place": "state", "ISO3166-2": "XX-A"}, {"shop": "yes"}])
_WAY_TAGS = st.sampled_from([{"highway": "residential", "ref": "B 1"}, {"natural": "water"}, TOWN_BOUNDARY, {}])
_RELATION_TAGS = st.sampled_from([TOWN_BOUNDARY, {**TOWN_BOUNDARY, "admin_level": "4"}, {"type": "site"}])
#: The last of each is in no extract.
_NODE_IDS, _WAY_IDS, _RELATION_IDS = st.integers(1, 7), st.integers(11, 15), st.integers(21, 25)
_REFS = st.one_of(
    st.lists(_NODE_IDS, max_size=5), st.lists(_NODE_IDS, min_size=3, max_size=4).map(lambda refs: [*refs, refs[0]])
)
_MEMBERS = st.lists(
    st.one_of(
        st.tuples(st.just("way"), _WAY_IDS, st.sampled_from(["outer", "inner"])),
        st.tuples(st.just("node"), _NODE_IDS, st.sampled_from(["label", "admin_centre", ""])),
        st.tuples(st.just("relation"), _RELATION_IDS, st.just("")),
    ),
    max_size=4,
)
_NODES = st.builds(
    lambda number, x, y, tags, names: Thing("node", number, tags={**tags, **names}, position=(y / 50, x / 50)),
    st.integers(1, 6),
    st.integers(0, 5),
    st.integers(0, 5),
    _NODE_TAGS,
    _NAMES,
)
_WAYS = st.builds(
    lambda number, refs, tags, names: Thing("way", number, tags={**tags, **names}, refs=refs),
    st.integers(11, 14),
    _REFS,
    _WAY_TAGS,
    _NAMES,
)
_RELATIONS = st.builds(
    lambda number, members, tags, names: Thing("relation", number, tags={**tags, **names}, members=members),
    st.integers(21, 24),
    _MEMBERS,
    _RELATION_TAGS,
    _NAMES,
)
_THINGS = st.one_of(_NODES, _WAYS, _RELATIONS)
_ORDER = ("node", "way", "relation")


def histories(
    first: Sequence[Thing], later: Sequence[tuple[Thing, bool]]
) -> tuple[list[Thing], list[Thing], list[Thing]]:
    """Return the extract, every later version of its objects, and what the extract would be after all of these."""
    now = {(thing.type, thing.id): replace(thing, made=EARLIER) for thing in first}
    extract = sorted(now.values(), key=lambda thing: (_ORDER.index(thing.type), thing.id))
    changes = []
    for thing, deleted in later:
        before = now.get((thing.type, thing.id))
        if deleted and (before is None or before.deleted):
            continue
        version = before.version + 1 if before else 1
        thing = Thing(thing.type, thing.id, version, deleted=True) if deleted else replace(thing, version=version)
        now[thing.type, thing.id] = thing
        changes.append(thing)
    final = sorted(now.values(), key=lambda thing: (_ORDER.index(thing.type), thing.id))
    return extract, changes, [thing for thing in final if not thing.deleted]


@pytest.mark.slow
@given(
    st.lists(_THINGS, min_size=6, max_size=14),
    st.lists(st.tuples(_THINGS, st.sampled_from([False, False, True])), min_size=1, max_size=8),
    st.data(),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_updated_gazetteer_is_what_a_build_of_the_newer_map_would_be(
    tmp_path_factory: pytest.TempPathFactory, first: list[Thing], later: list[tuple[Thing, bool]], data: st.DataObject
) -> None:
    extract, changes, final = histories(first, later)
    tmp_path = tmp_path_factory.mktemp("history")
    folder = build(tmp_path / "updated", [*extract, ANCHOR])
    rebuilt = build(tmp_path / "rebuilt", [*final, ANCHOR])
    shuffled = data.draw(st.permutations([*changes, *changes[:2]]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    files = [write_changes(tmp_path / f"{number}.osc", part) for number, part in enumerate(parts)]
    middle = data.draw(st.integers(0, len(files)))
    for some in (files[:middle], files[middle:]):
        if some:
            update_gazetteer(folder, some)
    assert stored(folder) == stored(rebuilt)
    assert answers(folder) == answers(rebuilt)


# What the gazetteer did not know


UNNAMED = [
    node(1, (1, 1)),
    node(2, (1, 1.2)),
    way(11, [1, 2], highway="residential"),
    node(3, (2, 2)),
    relation(21, [("node", 3, "")], type="site"),
    ANCHOR,
]
NAMED_WAY = way(11, [1, 2], 2, highway="residential", name="High Street")


def test_a_way_named_later_is_found_through_the_extract_of_the_build(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    done = update(folder, NAMED_WAY)
    assert done.without_coordinates == 0
    [street] = Gazetteer.open(folder).places("High Street")
    assert (street.latitude, street.longitude) == pytest.approx((1, 1.1), abs=1e-6)


def test_without_the_extract_it_is_counted_and_found_once_there_is_one(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    moved = (tmp_path / "g.osm").rename(tmp_path / "elsewhere.osm")
    done = update(folder, NAMED_WAY)
    assert (done.without_coordinates, done.waiting) == (1, 1)
    assert ids(folder, "High Street") == []
    done = update(folder, NAMED_WAY, extracts=[moved])
    assert (done.changes.known, done.without_coordinates, done.waiting) == (1, 0, 0)
    assert ids(folder, "High Street") == ["osm:way/11"]


def test_what_the_extract_itself_cuts_off_does_not_wait_for_it(tmp_path: Path) -> None:
    cut = way(12, [98, 99], highway="residential", name="Border Road")
    folder = build(tmp_path / "g", [*UNNAMED, cut])
    shop = node(501, (6, 6), shop="yes", name="Shop")
    done = update(folder, shop, extracts=[tmp_path / "g.osm"])
    assert (done.without_coordinates, done.waiting) == (1, 0)
    also_cut = way(13, [97, 96], highway="residential", name="Border Street")
    done = update(folder, also_cut, extracts=[tmp_path / "g.osm"])
    assert (done.without_coordinates, done.waiting) == (2, 0)
    (tmp_path / "g.osm").unlink()
    done = update(folder, NAMED_WAY)
    assert (done.without_coordinates, done.waiting) == (3, 1)
    # It still waits when something else has changed.
    assert update(folder, replace(shop, version=2)).waiting == 1


def test_an_extract_that_is_not_what_it_was_is_not_used(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    write_extract(tmp_path / "g.osm", [node(1, (9, 9)), node(2, (9, 9)), *UNNAMED[2:]])
    assert update(folder, NAMED_WAY).without_coordinates == 1


def test_a_relation_without_a_name_is_found_once_a_named_one_holds_it(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    outer = relation(22, [("relation", 21, "")], type="site", historic="castle", name="Castle")
    assert update(folder, outer).without_coordinates == 0
    [castle] = Gazetteer.open(folder).places("Castle")
    assert (castle.latitude, castle.longitude) == pytest.approx((2, 2))


def test_a_deleted_relation_within_another_says_nothing_more(tmp_path: Path) -> None:
    inner = relation(21, [("node", 3, "")], type="site", name="Inner")
    outer = relation(22, [("relation", 21, "")], type="site", name="Outer")
    folder = build(tmp_path / "g", [node(3, (2, 2)), inner, outer, ANCHOR])
    # Some tools write what was deleted as a whole.
    done = update(folder, replace(inner, version=2, deleted=True))
    assert (done.changes.deleted, done.without_coordinates) == (1, 1)
    assert (ids(folder, "Inner"), ids(folder, "Outer")) == ([], [])


def test_what_no_extract_holds_is_not_looked_for_twice(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    lost = relation(22, [("relation", 99, ""), ("node", 98, "")], type="site", name="Lost")
    assert update(folder, lost).without_coordinates == 1
    assert update(folder, node(98, (3, 3))).without_coordinates == 0
    assert ids(folder, "Lost") == ["osm:relation/22"]


# What comes late


def town(version: int, name: str, **options: Any) -> Thing:
    return replace(node(1, (1, 1), version, name=name, place="town"), **options)


@pytest.mark.parametrize(
    ("known", "late"),
    [
        (town(3, "New"), town(2, "Old")),
        (town(3, "New"), Thing("node", 1, 2, deleted=True)),
        (Thing("node", 1, 3, deleted=True), town(2, "Old")),
        (Thing("node", 1, 3, deleted=True), town(3, "Old")),
    ],
)
def test_what_is_older_changes_nothing(tmp_path: Path, known: Thing, late: Thing) -> None:
    folder = build(tmp_path / "g", [town(1, "First", made=EARLIER), ANCHOR])
    update(folder, known)
    before = stored(folder)
    done = update(folder, late)
    assert done.changes.known == 1
    assert stored(folder) == before
    assert ids(folder, "Old") == []


@pytest.mark.parametrize("version", [1, 2])
def test_a_deletion_may_carry_the_version_that_it_deletes(tmp_path: Path, version: int) -> None:
    folder = build(tmp_path / "g", [town(1, "First", made=EARLIER), ANCHOR])
    assert update(folder, Thing("node", 1, version, deleted=True)).changes.deleted == 1
    assert ids(folder, "First") == []


def test_what_is_created_before_its_deletion_was_known_stays_deleted(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    update(folder, Thing("node", 1, 2, deleted=True))
    assert update(folder, town(1, "First")).changes.known == 1
    assert ids(folder, "First") == []


def test_changes_from_before_the_extract_do_not_move_its_nodes(tmp_path: Path) -> None:
    street = way(11, [1, 2], highway="residential", name="High Street")
    folder = build(tmp_path / "g", [node(1, (1, 1), 4), node(2, (1, 1.2), 4), street])
    done = update(folder, replace(node(1, (3, 3), 3), made=EARLIER), replace(node(2, (3, 3), 4), made=TAKEN))
    assert done.changes.known == 2
    assert Gazetteer.open(folder).places("High Street")[0].latitude == pytest.approx(1)
    update(folder, node(1, (1.2, 1.2), 5))
    assert Gazetteer.open(folder).places("High Street")[0].latitude == pytest.approx(1.1)


# Where

BOX = '<bounds minlat="0" minlon="0" maxlat="10" maxlon="10"/>'
FAR = node(7, (40, 40), name="Far", place="town")


def test_nodes_beyond_the_box_of_the_extract_are_left_out(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR], box=BOX)
    changes = update(folder, FAR, node(8, (10.05, 5), name="Edge", place="town")).changes
    assert (changes.created, changes.outside) == (1, 1)
    assert (ids(folder, "Far"), ids(folder, "Edge")) == ([], ["osm:node/8"])
    assert update(folder, FAR, anywhere=True).changes.created == 1
    assert ids(folder, "Far") == ["osm:node/7"]


def test_an_extract_without_a_box_takes_all(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    assert update(folder, FAR).changes.outside == 0
    assert ids(folder, "Far") == ["osm:node/7"]


# What the build chose

TOWNS = [
    node(1, (1, 1), 2, **{"name": "Wien", "name:en": "Vienna", "name:fr": "Vienne", "place": "city"}),
    node(2, (1, 1), 2, name="Café", amenity="cafe"),
    node(3, (9, 9), 2, name="Graz", place="city"),
]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"languages": "en"}, {"Wien", "Vienna", "Café", "Graz"}),
        ({"kinds": "city"}, {"Wien", "Vienna", "Vienne", "Graz"}),
        ({"box": "0,0,6,6"}, {"Wien", "Vienna", "Vienne", "Café"}),
    ],
)
def test_what_the_build_kept_an_update_keeps(tmp_path: Path, parts: dict[str, str], found: set[str]) -> None:
    folder = build(tmp_path / "g", [ANCHOR], selection=Selection.parse(**parts))
    update(folder, *TOWNS)
    every = ("Wien", "Vienna", "Vienne", "Café", "Graz")
    assert {name for name in every if ids(folder, name)} == found


@pytest.mark.parametrize(("asked", "then"), [("trie", "trie"), ("automaton", "automaton"), (None, "automaton")])
def test_the_matcher_stays(tmp_path: Path, asked: str | None, then: str) -> None:
    folder = build(tmp_path / "g", [ANCHOR], matcher=asked)
    assert update(folder, *TOWNS).manifest.matcher == then == Gazetteer.open(folder).manifests[0].matcher


def test_the_date_of_the_data_is_that_of_the_newest_change(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    newest = replace(TOWNS[0], made="2021-02-03T04:05:06Z")
    assert update(folder, newest, TOWNS[1]).manifest.sources[0].data_date == "2021-02-03T04:05:06Z"
    assert update(folder, TOWNS[2]).manifest.sources[0].data_date == "2021-02-03T04:05:06Z"


def test_places_of_other_sources_stay_as_they_are(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("id,name,kind,latitude,longitude\n1,Depot,city,5,5\n", "utf-8")
    extract = write_extract(tmp_path / "g.osm", [ANCHOR])
    build_gazetteer([TableSource(table), OsmSource(extract)], tmp_path / "g")
    before = ids(tmp_path / "g", "Depot")
    update(tmp_path / "g", Thing("node", 500, 2, deleted=True))
    assert len(before) == 1
    assert (ids(tmp_path / "g", "Depot"), ids(tmp_path / "g", "Anchor")) == (before, [])


@pytest.mark.parametrize(
    "change",
    [node(3, (7, 5), name="Otherton", place="town"), Thing("node", 501, 2, deleted=True)],
    ids=["a place before the parent", "the parent goes"],
)
def test_places_of_other_sources_are_given_their_parents_anew(tmp_path: Path, change: Thing) -> None:
    table = TableSource(tmp_path / "own.csv")
    table.path.write_text(
        "id,name,kind,latitude,longitude,parent\n1,Depot,shelter,5,6,\n2,Gate,shelter,5,6,1\n", "utf-8"
    )
    town = node(501, (5, 6), name="Freeport", place="town")
    kept = [] if change.deleted else [change, town]
    for name, things in (("g", [ANCHOR, town]), ("new", [ANCHOR, *kept])):
        build_gazetteer([table, OsmSource(write_extract(tmp_path / f"{name}.osm", things))], tmp_path / name)
    update(tmp_path / "g", change)
    assert stored(tmp_path / "g") == stored(tmp_path / "new")
    assert answers(tmp_path / "g") == answers(tmp_path / "new")


def test_an_update_that_leaves_no_place_is_refused(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    before = stored(folder)
    with pytest.raises(NoNamedPlaces):
        update(folder, Thing("node", 500, 2, deleted=True))
    assert stored(folder) == before


def test_nothing_changed_changes_nothing(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    before = stored(folder)
    assert update(folder).changes.known == 0
    assert stored(folder) == before


# What cannot be read


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.suffix in (".json", ".npy", ".trie")}


def still_works(folder: Path, before: dict[str, bytes]) -> None:
    assert content(folder) == before
    assert ids(folder, "Anchor") == ["osm:node/500"]
    assert {path.name for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.")} == set()
    update(folder, node(7, (3, 3), name="Later Town", place="town"))
    assert ids(folder, "Later Town") == ["osm:node/7"]


GOOD = (
    b'<osmChange version="0.6"><create><node id="8" version="1" lat="1" lon="1"><tag k="name" v="A"/></node></create>'
)
BAD_CHANGES: dict[str, tuple[str, bytes, type[GazetteerError]]] = {
    "empty": ("a.osc", b"", SourceUnreadable),
    "text": ("a.osc", b"dear", SourceUnreadable),
    "half": ("a.osc", GOOD, SourceUnreadable),
    "no end tag": ("a.osc", GOOD + b"<modify></osmChange>", SourceUnreadable),
    "not gzip": ("a.osc.gz", GOOD, SourceUnreadable),
    "not bzip2": ("a.osc.bz2", GOOD, SourceUnreadable),
    "wrong root": ("a.osc", b"<html></html>", SourceUnreadable),
    "an extract": ("a.osc", b'<osm version="0.6"></osm>', SourceUnreadable),
    "bad id": ("a.osc", GOOD.replace(b'"8"', b'"x"') + b"</osmChange>", SourceUnreadable),
    "bad coordinate": ("a.osc", GOOD.replace(b'lat="1"', b'lat="north"') + b"</osmChange>", SourceUnreadable),
    "bad text": ("a.osc", GOOD.replace(b'"A"', b'"\xff\xfe"') + b"</osmChange>", SourceUnreadable),
    "wrong suffix": ("a.xml", GOOD + b"</osmChange>", SourceUnreadable),
}


@pytest.mark.parametrize(("name", "bytes_", "kind"), BAD_CHANGES.values(), ids=BAD_CHANGES)
def test_changes_that_cannot_be_read_change_nothing(
    tmp_path: Path, name: str, bytes_: bytes, kind: type[GazetteerError]
) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    before = content(folder)
    path = tmp_path / name
    path.write_bytes(bytes_)
    good = write_changes(tmp_path / "good.osc", [town(2, "Good")])
    with pytest.raises(kind) as caught:
        update_gazetteer(folder, [good, path])
    assert caught.value.path == path
    assert ids(folder, "Good") == []
    still_works(folder, before)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_changes_change_nothing(tmp_path: Path, share: float) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    before = content(folder)
    path = write_changes(tmp_path / "a.osc.gz", [node(n, (1, 1), name=f"Town {n * 7919}") for n in range(1, 500)])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(SourceUnreadable):
        update_gazetteer(folder, [path])
    still_works(folder, before)


def test_missing_files_change_nothing(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    before = content(folder)
    with pytest.raises(SourceNotFound):
        update_gazetteer(folder, [tmp_path / "nowhere.osc"])
    with pytest.raises(SourceNotFound):
        update(folder, NAMED_WAY, extracts=[tmp_path / "nowhere.osm"])
    (tmp_path / "bad.osm").write_text("dear")
    with pytest.raises(SourceUnreadable):
        update(folder, NAMED_WAY, extracts=[tmp_path / "bad.osm"])
    still_works(folder, before)


def test_an_update_by_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        update_gazetteer(build(tmp_path / "g", [ANCHOR]), [])


def test_what_cannot_be_updated_says_why(tmp_path: Path) -> None:
    compact = build(tmp_path / "compact", [ANCHOR], compact=True)
    with pytest.raises(UpdateError, match="holds no store"):
        update(compact, *TOWNS)
    table = tmp_path / "own.csv"
    table.write_text("id,name,kind,latitude,longitude\n1,Depot,city,5,5\n", "utf-8")
    build_gazetteer([TableSource(table)], tmp_path / "table")
    with pytest.raises(UpdateError, match="was not built from OpenStreetMap"):
        update(tmp_path / "table", *TOWNS)
    with pytest.raises(GazetteerNotFound):
        update(tmp_path / "nowhere", *TOWNS)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("damage", ["empty", "text", "half", "hole", "other"])
def test_a_damaged_store_is_one_error_and_readers_do_not_mind(tmp_path: Path, damage: str) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    before, store = content(folder), folder / "places.duckdb"
    whole = store.read_bytes()
    if damage == "other":
        store.unlink()
        duckdb.connect(str(store)).execute("CREATE TABLE other (a INTEGER)").close()
    else:
        half, hole = whole[: len(whole) // 2], whole[:12288] + bytes(len(whole) - 12288)
        store.write_bytes({"empty": b"", "text": b"dear" * 9999, "half": half, "hole": hole}[damage])
    with pytest.raises(GazetteerCorrupt) as caught:
        update(folder, *TOWNS)
    assert caught.value.path == store
    assert content(folder) == before
    assert ids(folder, "Anchor") == ["osm:node/500"]
    (folder / "places.duckdb.wal").unlink(missing_ok=True)
    store.write_bytes(whole)
    still_works(folder, before)


def test_a_store_that_somebody_looks_into_is_not_called_damaged(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", [ANCHOR])
    look = "import duckdb, sys; store = duckdb.connect(sys.argv[1], read_only=True); print(flush=True); input()"
    command = [sys.executable, "-c", look, str(folder / "places.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        with pytest.raises(BuildError):
            update(folder, *TOWNS)
        process.stdin.write(b"\n")
    still_works(folder, content(folder))


# The command


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lmr_hybrid", "gazetteer", "update", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", UNNAMED)
    changes = write_changes(tmp_path / "1.osc.gz", [NAMED_WAY, replace(ANCHOR, version=2)])
    done = run(folder, changes)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 objects created, 1 modified, 0 deleted" in done.stdout
    assert ids(folder, "High Street") == ["osm:way/11"]
    bad = run(folder, tmp_path / "nowhere.osc")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "nowhere.osc: there is no such file" in bad.stderr
    assert len(bad.stderr.splitlines()) == 1
