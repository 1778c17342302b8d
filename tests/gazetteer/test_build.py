"""From a source to an open gazetteer, and what is left when a build goes wrong."""

from __future__ import annotations

import errno
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gazetteer import (
    BuildError,
    Gazetteer,
    NameKind,
    NoNamedPlaces,
    Place,
    PlaceKind,
    PlaceName,
    SourceError,
    SourceUnreadable,
    build_gazetteer,
)
from gazetteer.sources import SourceDescription

Entry = tuple[Place, tuple[PlaceName, ...]]


class Places:
    """A source that yields what it was given."""

    def __init__(self, *entries: Entry, name: str = "places", attribution: str = "© someone") -> None:
        self.entries = entries
        self.name = name
        self.attribution = attribution

    def describe(self) -> SourceDescription:
        return SourceDescription(self.name, "sha256:0", "2024-05-01", "CC0", self.attribution)

    def read(self) -> Iterator[Entry]:
        yield from self.entries


class Failing(Places):
    """A source that yields all it has and then raises."""

    def __init__(self, *entries: Entry, error: BaseException) -> None:
        super().__init__(*entries)
        self.error = error

    def read(self) -> Iterator[Entry]:
        yield from super().read()
        raise self.error


def place(
    identifier: str,
    *names: str | tuple[str, NameKind],
    kind: PlaceKind = PlaceKind.CITY,
    importance: float = 0.5,
    latitude: float = 10.0,
    longitude: float = 76.0,
) -> Entry:
    pairs = [(name, NameKind.NAME) if isinstance(name, str) else name for name in names]
    made = Place(identifier, pairs[0][0], kind, latitude, longitude, importance=importance)
    return made, tuple(PlaceName(identifier, text, name_kind) for text, name_kind in pairs)


WORLD = Places(
    place("a:1", "Kerala", ("Keralam", NameKind.OFFICIAL), kind=PlaceKind.STATE, importance=0.75),
    place("a:2", "Paris", kind=PlaceKind.CITY, importance=0.9, latitude=48.85, longitude=2.35),
    place("a:3", "Paris", kind=PlaceKind.CITY, importance=0.25, latitude=33.66, longitude=-95.55),
    place("a:4", "Old Mill", ("Paris", NameKind.ALTERNATIVE), kind=PlaceKind.HUMAN_POI, importance=0.05),
    place("a:5", "St. Louis", importance=0.5),
    place("a:6", "Of"),
    place("a:7", "Kaikōura", latitude=-42.4, longitude=173.68),
    place("a:8", "New York City"),
    place("a:9", "Saintlouis", importance=0.125),
)


@pytest.fixture(scope="module", params=[False, True], ids=["automaton", "compact"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = tmp_path_factory.mktemp("world") / "world.gazetteer"
    build_gazetteer([WORLD], folder, compact=request.param)
    return Gazetteer.open(folder)


def build(folder: Path, *entries: Entry) -> Path:
    build_gazetteer([Places(*entries)], folder)
    return folder


def ids(gazetteer: Gazetteer, name: str) -> list[str]:
    return [found.id for found in gazetteer.places(name)]


def test_facts_are_those_of_all_places_that_bear_the_name(world: Gazetteer) -> None:
    facts = world.facts("PARIS")
    assert facts is not None
    assert facts.place_count == 3
    assert facts.kinds == (PlaceKind.CITY, PlaceKind.HUMAN_POI)
    assert facts.name_kinds == (NameKind.NAME, NameKind.ALTERNATIVE)
    assert facts.importance == pytest.approx(0.9)


def test_facts_of_a_name_that_nobody_bears(world: Gazetteer) -> None:
    assert world.facts("Atlantis") is None
    assert world.facts("New York") is None
    assert world.facts("Paris Kerala") is None
    assert world.places("Old Paris") == []
    assert world.facts("!!!") is None
    assert world.facts("") is None
    assert world.places("Atlantis") == []


def test_a_match_carries_the_facts_of_its_name(world: Gazetteer) -> None:
    [match] = world.match("Floods in #Kérala!")
    assert match.name == "kerala"
    assert match.facts == world.facts("Kerala")
    assert match.facts.kinds == (PlaceKind.STATE,)


def test_english_words_are_more_frequent_than_rare_names(world: Gazetteer) -> None:
    frequencies = [facts.english_frequency for name in ("of", "paris", "kaikoura") if (facts := world.facts(name))]
    assert frequencies == sorted(frequencies, reverse=True)
    assert len(set(frequencies)) == 3
    assert frequencies[0] > 5 > frequencies[1] > 3 > frequencies[2]


def test_a_name_is_as_frequent_as_its_rarest_word(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("a:1", "Of Kaikōura"), place("a:2", "Kaikōura"))
    gazetteer = Gazetteer.open(folder)
    long, short = gazetteer.facts("of kaikoura"), gazetteer.facts("kaikoura")
    assert long is not None
    assert short is not None
    assert long.english_frequency == short.english_frequency


def test_places_come_back_whole_and_best_first(world: Gazetteer) -> None:
    assert world.places("Keralam") == [WORLD.entries[0][0]]
    assert [found.importance for found in world.places("Paris")] == [0.9, 0.25, 0.05]
    assert ids(world, "Paris") == ["a:2", "a:3", "a:4"]
    assert len(world.places("Paris", limit=2)) == 2


def test_abbreviations_stand_for_their_words(world: Gazetteer) -> None:
    facts = world.facts("Saint Louis")
    assert facts is not None
    assert facts.name_kinds == (NameKind.VARIANT,)
    assert ids(world, "Saint Louis") == ["a:5"]
    assert ids(world, "St Louis") == ["a:5"]


def test_the_hashtag_form_is_a_variant(world: Gazetteer) -> None:
    [match] = world.match("#NewYorkCity")
    assert match.facts.name_kinds == (NameKind.VARIANT,)
    assert ids(world, "newyorkcity") == ["a:8"]


def test_who_bears_a_name_comes_before_who_bears_a_variant(tmp_path: Path) -> None:
    entries = place("a:1", "Saint Louis", importance=0.9), place("a:2", "Saintlouis", importance=0.1)
    gazetteer = Gazetteer.open(build(tmp_path / "g", *entries))
    assert ids(gazetteer, "saintlouis") == ["a:2", "a:1"]
    facts = gazetteer.facts("saintlouis")
    assert facts is not None
    assert facts.name_kinds == (NameKind.NAME, NameKind.VARIANT)


def test_the_manifest_describes_the_build(tmp_path: Path) -> None:
    manifest = build_gazetteer([WORLD], tmp_path / "g")
    assert manifest == Gazetteer.open(tmp_path / "g").manifests[0]
    assert manifest.sources == (WORLD.describe(),)
    assert manifest.counts["places"] == len(WORLD.entries)
    assert manifest.bounding_box == (-95.55, -42.4, 173.68, 48.85)
    assert manifest.attribution == "© someone"


def test_compact_leaves_out_the_store_and_gives_the_same_answers(tmp_path: Path) -> None:
    build_gazetteer([WORLD], tmp_path / "full", compact=False)
    build_gazetteer([WORLD], tmp_path / "compact", compact=True)
    assert (tmp_path / "full/places.duckdb").exists()
    assert not (tmp_path / "compact/places.duckdb").exists()
    full, compact = Gazetteer.open(tmp_path / "full"), Gazetteer.open(tmp_path / "compact")
    assert (full.manifests[0].matcher, compact.manifests[0].matcher) == ("automaton", "trie")
    text = "Paris of Kerala: St. Louis, saint-louis, #NewYorkCity in Kaikoura, Old Mill"
    assert full.matches(text) == compact.matches(text)
    assert len(full.matches(text)) == 8
    for name in ("Paris", "Keralam", "Saint Louis", "nowhere"):
        assert (full.facts(name), full.places(name)) == (compact.facts(name), compact.places(name))
    assert full.fuzzy("Kaikura") == compact.fuzzy("Kaikura") != []
    assert full.coordinates() == compact.coordinates()


def test_several_sources_make_one_gazetteer(tmp_path: Path) -> None:
    first, second = Places(place("a:1", "Kerala"), name="one"), Places(place("b:1", "Kerala"), name="two")
    manifest = build_gazetteer([first, second], tmp_path / "g")
    assert [source.name for source in manifest.sources] == ["one", "two"]
    assert ids(Gazetteer.open(tmp_path / "g"), "Kerala") == ["a:1", "b:1"]


def test_several_gazetteers_behave_as_one_and_the_first_is_preferred(tmp_path: Path) -> None:
    low = place("low:1", "Kerala", ("Kerala", NameKind.SHORT), kind=PlaceKind.ROAD, importance=0.1)
    build_gazetteer([Places(low, attribution="© low")], tmp_path / "low")
    high = place("high:1", "Kerala", kind=PlaceKind.STATE, importance=0.8), place("high:2", "Goa")
    build_gazetteer([Places(*high, attribution="© high")], tmp_path / "high", compact=True)
    both = Gazetteer.open(tmp_path / "low", tmp_path / "high")
    assert ids(both, "Kerala") == ["low:1", "high:1"]
    assert ids(Gazetteer.open(tmp_path / "high", tmp_path / "low"), "Kerala") == ["high:1", "low:1"]
    [kerala, goa] = both.match("Kerala, Goa")
    assert kerala.facts == both.facts("kerala")
    assert kerala.facts.place_count == 2
    assert kerala.facts.kinds == (PlaceKind.STATE, PlaceKind.ROAD)
    assert kerala.facts.importance == pytest.approx(0.8)
    assert goa.facts.place_count == 1
    assert both.attribution == "© low; © high"
    build_gazetteer([Places(low, attribution="")], tmp_path / "own")
    assert Gazetteer.open(tmp_path / "own", tmp_path / "high").attribution == "© high"
    assert [match.name for match in both.fuzzy("Keralla")] == ["kerala"]
    assert len(both.coordinates(limit=2)) == 2


def test_many_misspelt_names_are_looked_up_in_all_gazetteers_at_once(tmp_path: Path) -> None:
    for name, places in (("south", ["Kerala", "Kottayam"]), ("north", ["Keralla", "Srinagar"])):
        build_gazetteer([Places(*(place(f"{name}:{each}", each) for each in places))], tmp_path / name)
    both = Gazetteer.open(tmp_path / "south", tmp_path / "north")
    asked = ["KERALA!", "Srinagr", "", "Kotayam", "nothing like it"]
    found = both.fuzzy_many(asked)
    assert [[match.name for match in each] for each in found] == [
        ["kerala", "keralla"],
        ["srinagar"],
        [],
        ["kottayam"],
        [],
    ]
    assert found == [both.fuzzy(name) for name in asked]


def test_a_name_of_very_many_words(tmp_path: Path) -> None:
    name = " ".join(f"w{number}" for number in range(400))
    gazetteer = Gazetteer.open(build(tmp_path / "g", place("a:1", name)))
    assert [match.last_token for match in gazetteer.match(name)] == [399]


def test_places_without_a_word_in_their_names_are_left_out(tmp_path: Path) -> None:
    manifest = build_gazetteer([Places(place("a:1", "★"), place("a:2", "Kerala"), place("a:3", ""))], tmp_path / "g")
    assert manifest.counts["places"] == 1
    assert ids(Gazetteer.open(tmp_path / "g"), "Kerala") == ["a:2"]


@pytest.mark.parametrize("entries", [(), (place("a:1", "★"),)], ids=["no places", "no words"])
def test_a_source_without_named_places_is_refused(tmp_path: Path, entries: tuple[Entry, ...]) -> None:
    with pytest.raises(NoNamedPlaces, match=r"^empty source: holds no named place"):
        build_gazetteer([WORLD, Places(*entries, name="empty source")], tmp_path / "g")
    assert list(tmp_path.iterdir()) == []


def test_a_build_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one source"):
        build_gazetteer([], tmp_path / "g")


@pytest.mark.parametrize("error", [SourceUnreadable("in.pbf", "is garbled", "Mend it"), RuntimeError(), MemoryError()])
def test_a_source_that_fails_leaves_nothing_behind(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        build_gazetteer([Failing(*WORLD.entries, error=error)], tmp_path / "g")
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_fails_leaves_the_older_gazetteer_as_it_was(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("old:1", "Kerala"))
    with pytest.raises(KeyboardInterrupt):
        build_gazetteer([Failing(place("new:1", "Kerala"), error=KeyboardInterrupt())], folder)
    assert list(tmp_path.iterdir()) == [folder]
    assert ids(Gazetteer.open(folder), "Kerala") == ["old:1"]


def test_an_input_that_fails_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    error = OSError(errno.EIO, "Input/output error")
    with pytest.raises(SourceError, match=r"^places: cannot be read \(Input/output error\)"):
        build_gazetteer([Failing(*WORLD.entries, error=error)], tmp_path / "g")


def test_a_new_build_replaces_the_older_gazetteer(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("old:1", "Kerala"))
    build(folder, place("new:1", "Goa"))
    gazetteer = Gazetteer.open(folder)
    assert (ids(gazetteer, "Kerala"), ids(gazetteer, "Goa")) == ([], ["new:1"])
    assert list(tmp_path.iterdir()) == [folder]


def test_a_broken_gazetteer_can_be_built_again(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("old:1", "Kerala"))
    (folder / "manifest.json").write_text("garbage")
    next(folder.glob("compiled-*/names.npy")).unlink()
    build(folder, place("new:1", "Kerala"))
    assert ids(Gazetteer.open(folder), "Kerala") == ["new:1"]


def test_a_damaged_file_is_mended_by_building_the_same_again(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("a:1", "Kerala"))
    for spoil in (Path.unlink, lambda path: path.write_bytes(b"?")):
        spoil(next(folder.glob("compiled-*/places.npy")))
        build(folder, place("a:1", "Kerala"))
        assert ids(Gazetteer.open(folder), "Kerala") == ["a:1"]
        assert len(list(folder.glob("compiled-*"))) == 1


def test_an_empty_folder_may_become_a_gazetteer(tmp_path: Path) -> None:
    (tmp_path / "g").mkdir()
    assert ids(Gazetteer.open(build(tmp_path / "g", place("a:1", "Kerala"))), "Kerala") == ["a:1"]


def test_an_existing_gazetteer_is_kept_where_overwriting_is_forbidden(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("old:1", "Kerala"))
    with pytest.raises(BuildError, match="exists"):
        build_gazetteer([WORLD], folder, overwrite=False)
    assert ids(Gazetteer.open(folder), "Kerala") == ["old:1"]


def test_missing_parent_folders_are_made(tmp_path: Path) -> None:
    assert Gazetteer.open(build(tmp_path / "a/b/g", place("a:1", "Kerala")))


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "letter.txt"
    output.write_text("dear")
    with pytest.raises(BuildError, match=r"letter\.txt: exists and is not a gazetteer"):
        build_gazetteer([WORLD], output)
    assert output.read_text() == "dear"


@pytest.mark.parametrize("other", [["letter.txt"], ["manifest.json", "letter.txt"], ["places.parquet"]])
def test_a_folder_that_holds_other_things_is_not_replaced(tmp_path: Path, other: list[str]) -> None:
    output = tmp_path / "folder"
    output.mkdir()
    for name in other:
        (output / name).write_text("{}")
    with pytest.raises(BuildError, match="folder: exists and is not a gazetteer"):
        build_gazetteer([WORLD], output)
    assert sorted(path.name for path in output.iterdir()) == sorted(other)
    assert list(tmp_path.iterdir()) == [output]


def test_below_a_file_nothing_can_be_built(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    output = tmp_path / "file" / "g"
    with pytest.raises(BuildError, match=r"cannot be written \(.*-o$") as caught:
        build_gazetteer([WORLD], output)
    assert caught.value.path == output


def test_a_name_that_the_system_refuses_is_a_build_error(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot be written"):
        build_gazetteer([WORLD], tmp_path / ("g" * 300))


SCRIPT = """
import resource, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from gazetteer.automaton import AutomatonMatcher
from gazetteer.trie import write_trie
from test_build import BuildError, Places, build_gazetteer, place

class Slow(Places):
    def read(self):
        yield from super().read()
        Path(sys.argv[2]).touch()
        time.sleep(600)

"""


def script(body: str, *arguments: Path) -> list[str]:
    return [sys.executable, "-c", SCRIPT.format(tests=str(Path(__file__).parent)) + body, *map(str, arguments)]


def build_and_kill(folder: Path) -> None:
    marker = folder.with_name("marker")
    body = "build_gazetteer([Slow(place('new:1', 'Kerala'))], Path(sys.argv[1]))"
    with subprocess.Popen(script(body, folder, marker)) as process:
        while not marker.exists():
            assert process.poll() is None, "the build ended before it could be killed"
            select.select([], [], [], 0.01)
        process.send_signal(signal.SIGKILL)
    marker.unlink()


def scratch_folders(folder: Path) -> list[Path]:
    return [path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.")]


def test_a_killed_build_leaves_the_older_gazetteer_and_the_next_removes_its_litter(tmp_path: Path) -> None:
    folder = build(tmp_path / "g", place("old:1", "Kerala"))
    build_and_kill(folder)
    assert ids(Gazetteer.open(folder), "Kerala") == ["old:1"]
    assert len(scratch_folders(folder)) == 1
    build(tmp_path / "other", place("a:1", "Kerala"))
    assert len(scratch_folders(folder)) == 1
    build(folder, place("newer:1", "Kerala"))
    assert ids(Gazetteer.open(folder), "Kerala") == ["newer:1"]
    assert scratch_folders(folder) == []


def test_the_folder_of_a_running_build_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "g"

    class Meanwhile(Places):
        def read(self) -> Iterator[Entry]:
            yield from super().read()
            build(folder, place("inner:1", "Kerala"))
            assert len(scratch_folders(folder)) == 1

    build_gazetteer([Meanwhile(place("outer:1", "Kerala"))], folder)
    assert ids(Gazetteer.open(folder), "Kerala") == ["outer:1"]
    assert scratch_folders(folder) == []


def test_hidden_folders_that_no_build_made_are_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / ".g.backup_1"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    build(tmp_path / "g", place("a:1", "Kerala"))
    assert (mine / "letter.txt").read_text() == "dear"


NO_ROOM = """
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
names = [f"place {number * 7919}" for number in range(20_000)]
try:
    ATTEMPT
except FAILURE as error:
    print("Failed as it should:", error)
"""
ATTEMPTS = {
    "build": ("build_gazetteer([Places(*(place(name, name) for name in names))], Path(sys.argv[1]))", "BuildError"),
    "automaton": ("AutomatonMatcher.compile(names, range(20_000), Path(sys.argv[1]), Path(sys.argv[2]))", "OSError"),
    "trie": ("write_trie(names, Path(sys.argv[1]))", "OSError"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize(("attempt", "failure"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_full_disk_is_noticed(tmp_path: Path, attempt: str, failure: str) -> None:
    body = NO_ROOM.replace("ATTEMPT", attempt).replace("FAILURE", failure)
    result = subprocess.run(script(body, tmp_path / "g", tmp_path / "w"), capture_output=True, text=True, check=True)
    assert "Failed as it should" in result.stdout
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
