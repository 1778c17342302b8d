"""What befalls builds and updates: death at any moment, full disks, garbage, odd data, several at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
import pytest
from osm_map import TOWN_BOUNDARY, Thing, node, relation, way, write_changes, write_extract

from gazetteer import (
    BuildError,
    Gazetteer,
    NameKind,
    Place,
    PlaceKind,
    PlaceName,
    SourceError,
    SourceUnreadable,
    build_gazetteer,
    update_gazetteer,
)
from gazetteer.sources import SourceDescription
from gazetteer.sources.osm import OsmSource
from gazetteer.sources.osm import extracts as osm_extracts

ROOT = Path(__file__).resolve().parents[2]
MONACO = ROOT / "gazetteer/data/monaco.osm.pbf"
#: Places that each update renames, all at once.
PLACES = range(901, 921)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor limits nor kill -9")


def state(number: int) -> list[Thing]:
    """Return the places in the state of this number."""
    return [
        node(each, (5, 5), number + 1, name=f"State {number}", alt_name=f"P{each}", place="town") for each in PLACES
    ]


def state_of(gazetteer: Gazetteer) -> str:
    """Return the state that all places are in."""
    [found] = {place.name for each in PLACES for place in gazetteer.places(f"P{each}")}
    assert gazetteer.match(f"near {found}")[0].facts.place_count == len(PLACES)
    return found


def is_clean(folder: Path) -> None:
    """Check that nothing lies beside or within a gazetteer but itself."""
    hidden = [path.name for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.")]
    assert hidden == []
    manifest = Gazetteer.open(folder).manifests[0]
    within = {path.name for path in folder.iterdir()}
    assert within <= {"manifest.json", "places.duckdb", "places.duckdb.wal", "writer.lock", manifest.compiled}


def passes_running(folder: Path) -> list[str]:
    """Return the command lines of processes that still read for a build of a gazetteer."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "osm.passes" in command and f"{folder.parent}/" in command:
            found.append(command)
    return found


# Death

#: Builds or updates again and again in processes of its own, and kills each after one of the delays.
KILLED = """
import os, signal, sys, time
from pathlib import Path
import duckdb, osmium, pyarrow.compute, scipy.sparse.csgraph, scipy.spatial, shapely, wordfreq
from gazetteer import Gazetteer, build_gazetteer, update_gazetteer
from gazetteer.sources.osm import OsmSource, source
what, folder, first, second, delays, small = sys.argv[1:]
folder = Path(folder)
source.SMALL_FILE = int(small)
for number, delay in enumerate(map(float, delays.split(","))):
    child = os.fork()
    if not child:
        if what == "build":
            build_gazetteer([OsmSource(Path((first, second)[number % 2]))], folder)
        else:
            update_gazetteer(folder, [Path(path) for path in (first, second)[:1 + number % 2]])
        os._exit(0)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    gazetteer = Gazetteer.open(folder)
    print(gazetteer.manifests[0].counts["places"], *{place.name for place in gazetteer.places("P901")}, flush=True)
"""


def kill(what: str, folder: Path, first: Path, second: Path, delays: list[float], small: int = 10**9) -> list[str]:
    """Return what a reader found after each death: how many places, and the state of one."""
    command = [sys.executable, "-c", KILLED, what, folder, first, second, ",".join(map(str, delays)), small]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(delays)
    return lines


def monaco_with(path: Path, number: int) -> Path:
    """Write the extract of Monaco together with the places in a state."""
    with osmium.SimpleWriter(path) as writer:
        for each in osmium.FileProcessor(MONACO):
            writer.add(each)
        for thing in state(number):
            assert thing.position
            location = thing.position[1], thing.position[0]
            writer.add_node(osmium.osm.mutable.Node(id=thing.id, version=1, location=location, tags=dict(thing.tags)))
    return path


@pytest.fixture(scope="module")
def two_extracts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("extracts")
    return monaco_with(folder / "0.osm.pbf", 0), monaco_with(folder / "1.osm.pbf", 1)


@posix
@pytest.mark.slow
@pytest.mark.parametrize(("small", "deaths"), [(10**9, 12), (0, 8)], ids=["in process", "passes"])
def test_a_build_that_is_killed_leaves_the_old_or_the_new(
    tmp_path: Path, two_extracts: tuple[Path, Path], small: int, deaths: int
) -> None:
    folder = tmp_path / "g"
    whole = build_gazetteer([OsmSource(two_extracts[0])], folder).counts["places"]
    chance = random.Random(small)
    delays = [chance.uniform(0.01, 1.8) for _ in range(deaths)]
    found = kill("build", folder, *two_extracts, delays, small)
    assert set(found) <= {f"{whole} State 0", f"{whole} State 1"}
    if sys.platform == "linux":
        assert passes_running(folder) == []
    build_gazetteer([OsmSource(two_extracts[1])], folder)
    assert state_of(Gazetteer.open(folder)) == "State 1"
    # A build that was killed before it had locked its folder is told by the age of that.
    for hidden in tmp_path.glob(".g.*"):
        assert not (hidden / "build.lock").exists()
        os.utime(hidden, (0, 0))
    build_gazetteer([OsmSource(two_extracts[1])], folder)
    is_clean(folder)


@posix
@pytest.mark.slow
def test_an_update_that_is_killed_leaves_the_old_or_the_new(tmp_path: Path, two_extracts: tuple[Path, Path]) -> None:
    folder = tmp_path / "g"
    whole = build_gazetteer([OsmSource(two_extracts[0])], folder).counts["places"]
    changes = write_changes(tmp_path / "1.osc", state(1)), write_changes(tmp_path / "2.osc", state(2))
    chance = random.Random(3)
    found = kill("update", folder, *changes, [chance.uniform(0.01, 1.4) for _ in range(12)])
    assert set(found) <= {f"{whole} State {number}" for number in range(3)}
    states = [line.split()[-1] for line in found]
    assert states == sorted(states)
    update_gazetteer(folder, changes)
    assert state_of(Gazetteer.open(folder)) == "State 2"
    for hidden in tmp_path.glob(".g.*"):
        os.utime(hidden, (0, 0))
    update_gazetteer(folder, changes)
    is_clean(folder)


@posix
def test_a_folder_without_a_lock_is_removed_once_it_is_old(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "g.osm", state(0))
    old, new = tmp_path / ".g.aaaaaaaa", tmp_path / ".g.bbbbbbbb"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (time.time() - 120,) * 2)
    build_gazetteer([OsmSource(extract)], tmp_path / "g")
    assert (old.exists(), new.exists()) == (False, True)


# Full disks

NO_ROOM = """
import resource, sys
from pathlib import Path
from gazetteer import BuildError, build_gazetteer, update_gazetteer
from gazetteer.sources.osm import OsmSource, source
what, folder, path, small = sys.argv[1:]
source.SMALL_FILE = int(small)
for limit in (1_000, 20_000, 100_000, 400_000, 1_000_000, 2_000_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        if what == "build":
            build_gazetteer([OsmSource(Path(path))], Path(folder))
        else:
            update_gazetteer(Path(folder), [Path(path)])
        print("done")
    except BuildError as error:
        print(error)
"""


@posix
@pytest.mark.slow
@pytest.mark.parametrize("what", ["build", "build by passes", "update"])
def test_a_full_disk_leaves_the_old_gazetteer(tmp_path: Path, two_extracts: tuple[Path, Path], what: str) -> None:
    folder = tmp_path / "g"
    build_gazetteer([OsmSource(two_extracts[0])], folder)
    path = write_changes(tmp_path / "1.osc", state(1)) if what == "update" else two_extracts[1]
    small = 0 if "passes" in what else 10**9
    command = [sys.executable, "-c", NO_ROOM, what.split()[0], folder, path, small]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    results = done.stdout.splitlines()
    assert len(results) == 6
    assert all("g: cannot be written (" in result for result in results if result != "done")
    assert results[0] != "done"
    if "done" not in results:
        assert state_of(Gazetteer.open(folder)) == "State 0"
    is_clean(folder)
    update_gazetteer(folder, [write_changes(tmp_path / "2.osc", state(2))])
    assert state_of(Gazetteer.open(folder)) == "State 2"
    is_clean(folder)


# Garbage

BUILD_ALL = """
import sys
from pathlib import Path
from gazetteer import SourceError, build_gazetteer, update_gazetteer
from gazetteer.sources.osm import OsmSource
what, folder, *paths = sys.argv[1:]
for path in map(Path, paths):
    try:
        if what == "build":
            build_gazetteer([OsmSource(path)], Path(folder))
        else:
            update_gazetteer(Path(folder), [path])
        print("done", flush=True)
    except SourceError as error:
        assert error.path == path, error
        print("refused", flush=True)
"""


def garbled(content: bytes, chance: np.random.Generator) -> bytes:
    """Return content cut short, with a changed byte, with noise, or with a hole."""
    where, length = int(chance.integers(1, len(content) - 1)), int(chance.integers(1, 50))
    return [
        content[:where],
        content[:where] + bytes([content[where] ^ int(chance.integers(1, 256))]) + content[where + 1 :],
        content[:where] + chance.bytes(length) + content[where + length :],
        content[:where] + content[where + length :],
    ][int(chance.integers(4))]


def run_all(what: str, folder: Path, paths: list[Path]) -> list[str]:
    # In a process of its own, with a limit: a deadlock or a crash in osmium fails this test and spares the others.
    command = [sys.executable, "-c", BUILD_ALL, what, str(folder), *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    results = done.stdout.split()
    assert len(results) == len(paths)
    return results


@pytest.mark.slow
def test_garbled_extracts_are_built_or_refused(tmp_path: Path) -> None:
    content, chance, paths = MONACO.read_bytes(), np.random.default_rng(11), []
    for number in range(30):
        paths.append(tmp_path / f"{number}.osm.pbf")
        paths[-1].write_bytes(garbled(content, chance))
    folder = tmp_path / "g"
    results = run_all("build", folder, paths)
    assert results.count("refused") > 20
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert folder.exists() == ("done" in results)


@pytest.mark.slow
def test_garbled_changes_are_taken_or_refused(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    build_gazetteer([OsmSource(write_extract(tmp_path / "g.osm", state(0)))], folder)
    things = [*state(1)[:4], way(7, [901, 902], name="Road", highway="path"), relation(8, [("way", 7, "")], name="R")]
    content, chance, paths = write_changes(tmp_path / "a.osc", things).read_bytes(), np.random.default_rng(5), []
    for number in range(80):
        paths.append(tmp_path / f"{number}.osc")
        paths[-1].write_bytes(garbled(content, chance))
    results = run_all("update", folder, paths)
    assert results.count("refused") > 20
    is_clean(folder)
    update_gazetteer(folder, [write_changes(tmp_path / "b.osc", state(2_000_000_000))])
    assert Gazetteer.open(folder).places("P910")[0].name == "State 2000000000"


# Odd data


def outcome(folder: Path, things: list[Thing]) -> Gazetteer | None:
    """Build, or be refused as a source that cannot be read; then the same as an update of something else."""
    extract = write_extract(folder.with_suffix(".osm"), [*things, *state(0)])
    blamed = []
    try:
        build_gazetteer([OsmSource(extract)], folder)
    except SourceError as error:
        blamed.append(error.path)
    build_gazetteer([OsmSource(write_extract(folder.with_suffix(".osm"), state(0)))], folder.with_name("updated"))
    changes = write_changes(folder.with_name("changes.osc"), things)
    try:
        update_gazetteer(folder.with_name("updated"), [changes])
    except SourceError as error:
        blamed.append(error.path)
    assert blamed in ([], [extract, changes])
    assert folder.exists() == (not blamed)
    return Gazetteer.open(folder) if folder.exists() else None


@pytest.mark.parametrize("big", [1 << 45, (1 << 63) - 2, -1, -(1 << 62)])
def test_ids_of_any_size_are_built_and_updated(tmp_path: Path, big: int) -> None:
    things = [
        node(big, (1, 1), name="Far Town", place="town"),
        node(7, (1, 3)),
        way(big, [big, 7], name="Far Way", highway="path"),
        way(8, [big, 7]),
        relation(big, [("way", 8, "outer"), ("relation", big, "")], **TOWN_BOUNDARY, name="Far Area"),
    ]
    assert outcome(tmp_path / "g", things)
    for folder in (tmp_path / "g", tmp_path / "updated"):
        gazetteer = Gazetteer.open(folder)
        for name, type_ in (("Far Town", "node"), ("Far Way", "way"), ("Far Area", "relation")):
            assert [place.id for place in gazetteer.places(name)] == [f"osm:{type_}/{big}"]


def test_the_largest_id_is_built_and_refused_in_changes(tmp_path: Path) -> None:
    # Written without XML, which osmium reads only up to 2^63 - 2.
    big = (1 << 63) - 1
    with osmium.SimpleWriter(tmp_path / "big.osm.pbf") as writer:
        writer.add_node(osmium.osm.mutable.Node(id=big, location=(2, 1), tags={"name": "Far", "place": "town"}))
    build_gazetteer([OsmSource(tmp_path / "big.osm.pbf")], tmp_path / "g")
    with pytest.raises(SourceUnreadable, match=str(big)):
        update_gazetteer(
            tmp_path / "g", [write_changes(tmp_path / "1.osc", [way(1, [big, 901], name="Road", highway="path")])]
        )
    update_gazetteer(tmp_path / "g", [write_changes(tmp_path / "1.osc", state(1))])
    assert Gazetteer.open(tmp_path / "g").places("Far")[0].id == f"osm:node/{big}"
    assert state_of(Gazetteer.open(tmp_path / "g")) == "State 1"


ODD_NAMES = {
    "10 kB": "x" * 10_000,
    "10 kB of words": "word " * 2_000,
    "control": "Bell\u0085\u009fTown",
    "right to left": "\u202eبيروت\u202c Beirut\u200f",
    "not characters": "Odd \ufffe\uffff Town",
    "private": "Odd \ue000\U0010fffd Town",
    "joined": "e" + "\u0301" * 200 + " Town",
    "quotes": "O'Odd\"; DROP TABLE places; -- % , = @ \\ Town",
    "escaped": "%20%,%41%=x@%zz%",
    "emoji": "🏴\U000e0067\U000e0062\U000e007f Town 👨‍👩‍👧",
}
#: osmium takes no value of more than 1,024 bytes, and XML has no U+FFFE and U+FFFF.
REFUSED = {"10 kB", "10 kB of words", "not characters"}


@pytest.mark.parametrize(
    ("name", "refused"), [(name, label in REFUSED) for label, name in ODD_NAMES.items()], ids=ODD_NAMES
)
def test_odd_names_are_built_or_refused(tmp_path: Path, name: str, refused: bool) -> None:
    assert (outcome(tmp_path / "g", [node(1, (1, 1), name=name, place="town")]) is None) == refused
    for folder in () if refused else ("g", "updated"):
        # A semicolon ends the first of several names.
        places = Gazetteer.open(tmp_path / folder).places(name.split(";")[0])
        assert [place.id for place in places] == ["osm:node/1"]


class OddSource:
    """A source of one place that bears names no file could."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def describe(self) -> SourceDescription:
        return SourceDescription("odd", "sha256:0", "", "CC0", "© someone")

    def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
        names = tuple(PlaceName("odd:1", name, NameKind.NAME) for name in self.names)
        yield Place("odd:1", self.names[0], PlaceKind.CITY, 1, 1), names


@pytest.mark.parametrize("name", ["Nul\x00Town", "\x00Town", "Town\x1f", "a" * 100_000])
def test_a_source_may_give_any_text(tmp_path: Path, name: str) -> None:
    build_gazetteer([OddSource(name, "Plain Town")], tmp_path / "g")
    gazetteer = Gazetteer.open(tmp_path / "g")
    assert gazetteer.places("Plain Town")[0].name == name
    assert gazetteer.places(name)[0].id == "odd:1"


@pytest.mark.parametrize("keys", [1, 300])
def test_very_many_names_on_one_object(tmp_path: Path, keys: int) -> None:
    # A value has 1,024 bytes at most, or osmium refuses it.
    letters = "abcdefghijklmnopqrstuvwxyz"
    codes = [f"{a}{b}" for a in letters for b in letters][:keys]
    tags = {f"alt_name:{code}": ";".join(f"{code}{n:x}" for n in range(4_096, 4_096 + 140)) for code in codes}
    if keys == 1:
        tags = {"alt_name": ";".join(f"n{number}" for number in range(10_000))}
    gazetteer = outcome(tmp_path / "g", [node(1, (1, 1), name="Many Names", place="town", **tags)])
    assert (gazetteer is None) == (keys == 1)
    if gazetteer:
        assert gazetteer.manifests[0].counts["spellings"] > 300 * 140
        assert gazetteer.places(f"{codes[-1]}1000")[0].name == "Many Names"


def test_more_names_than_sixteen_bits_can_count(tmp_path: Path) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    codes = [f"{a}{b}" for a in letters for b in letters][:330]
    tags = {
        f"alt_name:{code}": ";".join(f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)) for code in codes
    }
    gazetteer = outcome(tmp_path / "g", [node(1, (1, 1), name="Many Names", place="town", **tags)])
    assert gazetteer
    assert gazetteer.manifests[0].counts["spellings"] > 1 << 16


def test_ways_without_nodes_and_relations_within_themselves(tmp_path: Path) -> None:
    tags = {"type": "site", "historic": "castle"}
    things = [
        node(1, (1, 1)),
        way(11, [1, 98, 99], name="Half Way", highway="path"),
        way(12, [98, 99], name="Lost Way", highway="path"),
        way(13, [], name="Empty Way", highway="path"),
        relation(21, [("relation", 21, ""), ("node", 1, "")], name="Self", **tags),
        relation(22, [("relation", 23, "")], name="Ring A", **tags),
        relation(23, [("relation", 22, ""), ("node", 1, "")], name="Ring B", **tags),
        relation(24, [], name="Empty Relation", **tags),
    ]
    assert outcome(tmp_path / "g", things)
    for folder in (tmp_path / "g", tmp_path / "updated"):
        gazetteer = Gazetteer.open(folder)
        found = {name for thing in things if (name := thing.tags.get("name")) and gazetteer.places(name)}
        assert found == {"Half Way", "Self", "Ring A", "Ring B"}


# Several at once

READER = """
import sys
from pathlib import Path
from gazetteer import Gazetteer
folder, stop = map(Path, sys.argv[1:])
held, seen = Gazetteer.open(folder), []
first = {place.name for number in range(901, 921) for place in held.places(f"P{number}")}
print("ready", flush=True)
while not stop.exists() or not seen:
    gazetteer = Gazetteer.open(folder)
    [state] = {place.name for number in range(901, 921) for place in gazetteer.places(f"P{number}")}
    [match] = gazetteer.match(f"near {state}")
    assert match.facts.place_count == 20, match
    assert {place.name for number in range(901, 921) for place in held.places(f"P{number}")} == first
    seen.append(int(state.split()[1]))
assert seen == sorted(seen), seen
print(len(seen), len(set(seen)), flush=True)
"""


@pytest.mark.slow
def test_readers_see_one_state_or_the_next_while_updates_go_on(tmp_path: Path) -> None:
    folder, stop = tmp_path / "g", tmp_path / "stop"
    build_gazetteer([OsmSource(write_extract(tmp_path / "g.osm", state(0)))], folder)
    command = [sys.executable, "-c", READER, str(folder), str(stop)]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "ready\n"
        for number in range(1, 16):
            update_gazetteer(folder, [write_changes(tmp_path / "changes.osc", state(number))])
            assert state_of(Gazetteer.open(folder)) == f"State {number}"
    finally:
        stop.touch()
        results = [reader.communicate(timeout=60)[0].split() for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0]
    assert all(int(opened) >= int(states) > 1 for opened, states in results)
    is_clean(folder)


@posix
def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    extract = write_extract(tmp_path / "g.osm", state(0))
    build_gazetteer([OsmSource(extract)], folder)
    changes = write_changes(tmp_path / "1.osc", state(1))

    class Meanwhile(OddSource):
        def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
            yield from super().read()
            with pytest.raises(BuildError, match="is being written by another process"):
                update_gazetteer(folder, [changes])
            with pytest.raises(BuildError, match="is being written by another process"):
                build_gazetteer([OsmSource(extract)], folder)

    build_gazetteer([Meanwhile("Elsewhere"), OsmSource(extract)], folder)
    assert Gazetteer.open(folder).places("Elsewhere")
    update_gazetteer(folder, [changes])
    assert state_of(Gazetteer.open(folder)) == "State 1"
    is_clean(folder)


# Passes in processes of their own


def test_passes_of_their_own_give_the_same_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    within = build_gazetteer([OsmSource(MONACO)], tmp_path / "within")
    monkeypatch.setattr(osm_extracts, "SMALL_FILE", 0)
    without = build_gazetteer([OsmSource(MONACO)], tmp_path / "without")
    assert without.counts == within.counts
    # The automaton's library writes the same words in another way each time.
    assert {**without.files, "names.automaton": ""} == {**within.files, "names.automaton": ""}


def test_passes_of_their_own_look_up_what_an_update_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osm_extracts, "SMALL_FILE", 0)
    things = [node(1, (1, 1)), node(2, (1, 1.2)), way(11, [1, 2]), *state(0)]
    build_gazetteer([OsmSource(write_extract(tmp_path / "g.osm", things))], tmp_path / "g")
    changes = [
        way(11, [1, 2], 2, highway="path", name="New Way"),
        relation(21, [("way", 11, "")], type="site", name="R"),
    ]
    assert not update_gazetteer(tmp_path / "g", [write_changes(tmp_path / "1.osc", changes)]).without_coordinates
    assert Gazetteer.open(tmp_path / "g").places("New Way")


@pytest.mark.parametrize("share", [0.0001, 0.5, 0.999])
def test_what_passes_of_their_own_cannot_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr(osm_extracts, "SMALL_FILE", 0)
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(MONACO.read_bytes()[: int(MONACO.stat().st_size * share)])
    with pytest.raises(SourceUnreadable, match="cannot be read as OSM data") as caught:
        build_gazetteer([OsmSource(MONACO), OsmSource(path)], tmp_path / "g")
    assert caught.value.path == path
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert passes_running(tmp_path / "g") == []
