"""Folders that are no gazetteer, are of another format, or are damaged: each is told apart and says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from gazetteer import (
    FormatMismatch,
    Gazetteer,
    GazetteerCorrupt,
    GazetteerNotFound,
    GazetteerUnreadable,
    Place,
    PlaceKind,
    PlaceName,
    build_gazetteer,
)
from gazetteer.compiled import compiled_files
from gazetteer.fuzzy import FUZZY_FILES
from gazetteer.manifest import FORMAT_VERSION
from gazetteer.sources import SourceDescription

FILES = [*compiled_files("automaton"), *FUZZY_FILES]


class OnePlace:
    def describe(self) -> SourceDescription:
        return SourceDescription("one", "sha256:0", "", "CC0", "© someone")

    def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
        yield Place("a:1", "Kerala", PlaceKind.STATE, 10.0, 76.0), (PlaceName("a:1", "Kerala"),)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "kerala.gazetteer"
    build_gazetteer([OnePlace()], folder)
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return copytree(finished, tmp_path / "kerala.gazetteer")


def compiled(folder: Path, name: str) -> Path:
    return folder / name if name == "manifest.json" else next(folder.glob("compiled-*")) / name


def failure(folder: Path, kind: type[GazetteerUnreadable], about: Path) -> str:
    with pytest.raises(GazetteerUnreadable) as caught:
        Gazetteer.open(folder)
    assert type(caught.value) is kind
    assert caught.value.path == about
    message = str(caught.value)
    assert message.startswith(f"{about}: ")
    remedy = "Give a folder that {} wrote" if kind is GazetteerNotFound else "Build it again with {}"
    assert remedy.format("python -m lmr_hybrid.build_gazetteer") in message
    assert "\n" not in message
    return message


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    path = folder / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_an_untouched_copy_opens(folder: Path) -> None:
    assert Gazetteer.open(folder).facts("Kerala") is not None


def test_a_path_may_be_a_string(folder: Path) -> None:
    assert Gazetteer.open(str(folder)).manifests[0].format_version == FORMAT_VERSION


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert "nowhere: does not exist" in failure(tmp_path / "nowhere", GazetteerNotFound, tmp_path / "nowhere")


def test_a_folder_without_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    failure(tmp_path, GazetteerNotFound, tmp_path)


def test_a_file_is_no_gazetteer(tmp_path: Path) -> None:
    path = tmp_path / "region.osm.pbf"
    path.write_bytes(b"")
    failure(path, GazetteerNotFound, path)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, "2b", None])
def test_another_format_names_both_versions(folder: Path, version: object) -> None:
    change_manifest(folder, lambda data: data.update(format_version=version, unheard="of"))
    message = failure(folder, FormatMismatch, folder)
    assert f"has format {version}, this version reads format {FORMAT_VERSION}" in message


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    path = compiled(folder, name)
    path.unlink()
    assert "is missing" in failure(folder, GazetteerCorrupt, path)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_noticed(folder: Path, name: str) -> None:
    path = compiled(folder, name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "is not the file the manifest lists" in failure(folder, GazetteerCorrupt, path)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("length", [0, -1])
def test_a_truncated_file_is_noticed(folder: Path, name: str, length: int) -> None:
    path = compiled(folder, name)
    path.write_bytes(path.read_bytes()[:length])
    failure(folder, GazetteerCorrupt, path)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_folder_in_place_of_a_file_is_named(folder: Path, name: str) -> None:
    path = compiled(folder, name)
    path.unlink()
    path.mkdir()
    assert "cannot be read" in failure(folder, GazetteerCorrupt, path)


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"\xff\xfe\x00", b"{", b"[]", b"{}", b'"format_version"', b"null", b"7", b"[" * 200_000],
    ids=["empty", "text", "bytes", "half", "list", "nothing said", "string", "null", "number", "endless"],
)
def test_a_garbage_manifest_is_named(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    assert "is not a manifest" in failure(folder, GazetteerCorrupt, folder / "manifest.json")


@pytest.mark.parametrize("key", ["sources", "counts", "bounding_box", "matcher", "files"])
@pytest.mark.parametrize("value", [None, 7])
def test_a_manifest_with_a_wrong_entry_is_corrupt(folder: Path, key: str, value: object) -> None:
    refused(folder, key, value)


@pytest.mark.parametrize("key", ["sources", "counts", "matcher", "files"])
def test_a_manifest_with_a_list_of_the_wrong_things_is_corrupt(folder: Path, key: str) -> None:
    refused(folder, key, ["x"])


def refused(folder: Path, key: str, value: object) -> None:
    change_manifest(folder, lambda data: data.update({key: value}))
    with pytest.raises(GazetteerCorrupt) as caught:
        Gazetteer.open(folder)
    assert caught.value.path in (folder / "manifest.json", folder)


@pytest.mark.parametrize("key", ["sources", "counts", "bounding_box", "matcher", "files"])
def test_a_manifest_without_an_entry_is_corrupt(folder: Path, key: str) -> None:
    path = change_manifest(folder, lambda data: data.pop(key))
    assert key in failure(folder, GazetteerCorrupt, path)


def test_a_matcher_that_nobody_knows_is_corrupt(folder: Path) -> None:
    change_manifest(folder, lambda data: data.update(matcher="oracle"))
    with pytest.raises(GazetteerCorrupt, match="oracle"):
        Gazetteer.open(folder)
