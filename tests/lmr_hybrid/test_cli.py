"""The command line: what it prints and writes, and how it fails."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from jobs_toys import start, wait_until
from osm_map import node, way, write_changes, write_extract

from gazetteer import Gazetteer
from lmr_hybrid.build_gazetteer import default_output
from lmr_hybrid.build_gazetteer import main as build
from lmr_hybrid.cli import main
from lmr_hybrid.corpora import Message
from lmr_hybrid.mention import Recognition
from lmr_hybrid.output.atomic import open_atomically

MONACO = Path(__file__).resolve().parents[2] / "gazetteer" / "data" / "monaco.osm.pbf"
MESSAGES = [
    "Flooding in Freeport, power out near Lucayan Harbour",
    "",
    "Praying for everyone tonight",
    "So hot in Houston",
]


def python(*arguments: str | Path, cwd: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=300,
        check=False,
    )


def run(*arguments: str | Path, command: click.Command = main, given: str | None = None) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)), input=given)


def check_failure(result: Result, *words: str) -> None:
    """One line that names what is wrong, exit status 2, no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("Error: ")
    assert all(word in lines[0] for word in words), lines[0]


@pytest.fixture(scope="module")
def options(toy_model: Path, toy_gazetteer_folder: Path) -> list[str | Path]:
    return ["--model", toy_model, "--gazetteer", toy_gazetteer_folder, "--no-world"]


@pytest.fixture(scope="module")
def monaco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("monaco") / "monaco.gazetteer"
    result = run(MONACO, "-o", folder, command=build)
    assert result.exit_code == 0, result.output
    assert "OpenStreetMap contributors" in result.stdout
    return folder


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages.txt"
    path.write_text("\n".join(MESSAGES) + "\n", encoding="utf-8")
    return path


def recognitions(output: str) -> list[Recognition]:
    return [Recognition.from_dict(json.loads(line)) for line in output.splitlines()]


@pytest.mark.slow
def test_messages_from_standard_input_in_a_real_process(options: list[str | Path], tmp_path: Path) -> None:
    done = python("-m", "lmr_hybrid", "recognize", *options, cwd=tmp_path, given="\n".join([*MESSAGES, "Überall 🌊"]))
    assert (done.returncode, done.stderr) == (0, "")
    found = recognitions(done.stdout)
    assert [recognition.text for recognition in found] == [*MESSAGES, "Überall 🌊"]
    assert [mention.text for mention in found[0].mentions] == ["Freeport", "Lucayan Harbour"]
    assert found[0].mentions[0].candidates[0].id == "toy:freeport-bs"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_gazetteer_built_in_a_real_process(tmp_path: Path) -> None:
    done = python("-m", "lmr_hybrid.build_gazetteer", MONACO, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["monaco.gazetteer"]
    bad = python("-m", "lmr_hybrid.build_gazetteer", tmp_path / "no.osm.pbf", cwd=tmp_path)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert len(bad.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["monaco.gazetteer"]


def test_what_is_opened_and_how_much_came_of_it_is_logged(
    options: list[str | Path], messages: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for arguments, told in (
        (["recognize", messages], "4 messages, "),
        (["recognize", messages, "--to", "jsonl", "-o", tmp_path / "out"], f"{tmp_path / 'out'}: 4 rows"),
        (["explain", "So hot in Houston"], "1 mentions"),
    ):
        caplog.clear()
        with caplog.at_level("INFO"):
            assert run(*arguments, *options).exit_code == 0
        for words in (f"{options[3]}: ", " places, opened in ", f"{options[1]}: model opened in ", told):
            assert words in caplog.text


@pytest.mark.slow
def test_verbose_shows_what_is_logged(monaco: Path, tmp_path: Path) -> None:
    command = ("gazetteer", "lookup", monaco, "Monaco", "--limit", "1")
    said = python("-m", "lmr_hybrid", "-v", *command, cwd=tmp_path)
    for words in (f"{monaco}: ", " places, opened in ", "1 places bear the name 'Monaco'"):
        assert words in said.stderr
    quiet = python("-m", "lmr_hybrid", *command, cwd=tmp_path)
    assert (quiet.stdout, quiet.stderr) == (said.stdout, "")


def test_messages_from_a_file_in_every_format(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("mentions.jsonl", "page.html", "map.geojson")}
    result = run(
        "recognize",
        messages,
        *options,
        *("-o", files["mentions.jsonl"], "--html", files["page.html"], "--geojson", files["map.geojson"]),
    )
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert [each.text for each in recognitions(files["mentions.jsonl"].read_text(encoding="utf-8"))] == MESSAGES
    assert "Lucayan Harbour" in files["page.html"].read_text(encoding="utf-8")
    assert "toy data" in files["page.html"].read_text(encoding="utf-8")
    features = json.loads(files["map.geojson"].read_text(encoding="utf-8"))["features"]
    assert [-78.77, 26.52] in [feature["geometry"]["coordinates"] for feature in features]
    assert {path.name for path in tmp_path.iterdir()} == {"messages.txt", *files}


def test_a_context_ranks_the_places(options: list[str | Path], tmp_path: Path) -> None:
    messages = tmp_path / "one.txt"
    messages.write_text("Flooding in Freeport\n", encoding="utf-8")
    found = {}
    for name, context in (
        ("alone", []),
        ("texas", ["--country", "us", "--together"]),
        ("near", ["--near", "29", "-95"]),
    ):
        output = tmp_path / f"{name}.jsonl"
        run("recognize", messages, *options, *context, "-o", output)
        (mention,) = json.loads(output.read_text(encoding="utf-8"))["mentions"]
        found[name] = mention["candidates"][0]["id"]
    assert found == {"alone": "toy:freeport-bs", "texas": "toy:freeport-tx", "near": "toy:freeport-tx"}


@pytest.mark.parametrize(
    ("context", "problem"),
    [
        (["--near", "95", "0"], "the latitude of near"),
        (["--country", "Bahamas"], "no ISO 3166-1 alpha-2 code"),
        (["--country", "QZ"], "'QZ' is no ISO 3166-1 alpha-2 code"),
        (["--region", "0", "10", "5", "0"], "the south of region"),
    ],
)
def test_a_context_off_the_globe_is_one_line(
    options: list[str | Path], messages: Path, context: list[str], problem: str
) -> None:
    result = run("recognize", messages, *options, *context)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert "Traceback" not in result.stderr


def test_a_table_is_for_reading(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    result = run("recognize", messages, *options, "--table", "-o", tmp_path / "mentions.jsonl")
    assert result.exit_code == 0, result.output
    assert "Lucayan Harbour" in result.stdout
    assert "no place is named" in result.stdout
    assert len(recognitions((tmp_path / "mentions.jsonl").read_text(encoding="utf-8"))) == len(MESSAGES)
    alone = run("recognize", messages, *options, "--table")
    assert alone.stdout == result.stdout


def test_no_messages_give_an_empty_file(options: list[str | Path], tmp_path: Path) -> None:
    result = run("recognize", *options, "-o", tmp_path / "mentions.jsonl", given="")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "mentions.jsonl").read_text(encoding="utf-8") == ""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_standard_output_without_room_is_one_line(options: list[str | Path], messages: Path) -> None:
    for more in ([], ["--table"]):
        with Path("/dev/full").open("w") as full:
            command = [sys.executable, "-m", "lmr_hybrid", "recognize", *map(str, [messages, *options, *more])]
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=300)
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            "Error: standard output: cannot be written (No space left on device). Send it where there is room"
        ]


def test_options_of_a_job_are_not_ignored(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    for option in (
        ["--workers", "2"],
        ["--restart"],
        ["--engine", "ray"],
        ["--gpus-per-worker", "1"],
        ["--text-column", "text"],
        ["--part-rows", "1"],
    ):
        result = run("recognize", messages, *options, *option, "-o", tmp_path / "out")
        assert result.exit_code == 2
        assert f"{option[0]}: only for folders" in result.stderr
        assert "--to jsonl" in result.stderr
        result = run("recognize", "-", *options, *option, "-o", tmp_path / "out", given="Houston")
        assert result.exit_code == 2
        assert f"{option[0]}: only for files" in result.stderr
    assert not (tmp_path / "out").exists()
    assert run("recognize", messages, *options, "--format", "text", "-o", tmp_path / "out").exit_code == 0


def test_a_folder_is_no_place_for_one_file(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    check_failure(run("recognize", messages, *options, "-o", f"{tmp_path}/mentions/"), "mentions/", "Name a file")
    assert {path.name for path in tmp_path.iterdir()} == {"messages.txt"}


def test_an_empty_path_is_no_place_for_results(
    options: list[str | Path], messages: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for arguments in (
        ["recognize", messages, *options, "-o"],
        ["recognize", messages, *options, "--html"],
        ["recognize", messages, *options, "--to", "jsonl", "-o"],
        ["evaluate", corpus, *options, "--json"],
        ["audit-corpus", corpus, "--findings"],
    ):
        check_failure(run(*arguments, ""), f"Error: {arguments[-1]}: names no", "Name ")
    check_failure(run("recognize", messages, *options, "-o", "."), "names no file")
    assert not list(folder.iterdir())


def test_plain_text_is_advised_only_where_that_would_help(messages: Path, tmp_path: Path) -> None:
    for name in ("one.csv", "one.txt.gz"):
        (tmp_path / name).write_bytes(b"")
    advice = "say --format text"
    check_failure(run("recognize", tmp_path / "one.csv"), "Name that folder with -o", advice)
    for arguments in (
        [tmp_path / "one.csv", "--format", "csv"],
        [tmp_path / "one.txt.gz"],
        [tmp_path / "one.txt.gz", "--format", "text"],
        [tmp_path, "--format", "text"],
        [messages, "--to", "jsonl"],
    ):
        result = run("recognize", *arguments)
        check_failure(result, str(arguments[0]), "Name that folder with -o")
        assert advice not in result.stderr


def test_a_look_up_that_finds_nothing_says_so(monaco: Path) -> None:
    none = run("gazetteer", "lookup", monaco, "Zzyzx")
    assert (none.exit_code, none.stdout) == (0, "")
    assert none.stderr == "No place bears the name 'Zzyzx'.\n"
    like = run("gazetteer", "lookup", monaco, "Monaca")
    assert "names like it" in like.stderr
    assert "monaco" in [json.loads(line)["name"] for line in like.stdout.splitlines()]
    assert run("gazetteer", "match", monaco, "Zzyzx").stderr == "No name of it stands in the text.\n"


def test_a_folder_that_does_not_exist_is_said_not_to(tmp_path: Path) -> None:
    for option in ("--model", "--gazetteer"):
        check_failure(run("recognize", option, tmp_path / "none", given="x"), "none: does not exist")


@pytest.mark.parametrize(
    "arguments", [["recognize"], ["evaluate"], ["audit-corpus"], ["explain", "x", "--no-world", "--model"]]
)
def test_what_is_too_long_for_a_path_is_one_line(arguments: list[str]) -> None:
    check_failure(run(*arguments, "Flooding in Freeport. " * 20), "Flooding in Freeport. F", "too long", "explain")


def test_a_build_from_what_is_too_long_for_a_path_is_one_line() -> None:
    check_failure(run("a" * 300, command=build), "too long")


def test_a_text_from_closed_standard_input_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lmr_hybrid", "explain", "-"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert "standard input: is closed" in done.stderr


def test_bytes_that_are_no_text_do_not_stop_the_rest(options: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "messages.txt").write_bytes(b"Flooding in Houston \xff\xfe\nSo hot in Houston\n")
    result = run("recognize", tmp_path / "messages.txt", *options)
    assert [each.text for each in recognitions(result.stdout)] == [
        "Flooding in Houston \ufffd\ufffd",
        "So hot in Houston",
    ]


def test_an_older_result_survives_a_failure(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    kept = tmp_path / "mentions.jsonl"
    kept.write_text("from yesterday")
    check_failure(run("recognize", messages, "--model", tmp_path / "none", "--no-world", "-o", kept), "none")
    assert kept.read_text() == "from yesterday"
    check_failure(
        run("recognize", messages, *options, "-o", kept, "--html", tmp_path / "no" / "page.html"), "page.html"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"messages.txt", "mentions.jsonl"}


def test_what_is_half_written_does_not_take_the_place_of_a_result(tmp_path: Path) -> None:
    kept = tmp_path / "mentions.jsonl"
    kept.write_text("from yesterday")

    def write_half() -> None:
        with open_atomically(kept) as stream:
            stream.write("half of today's")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert kept.read_text() == "from yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["mentions.jsonl"]


@pytest.mark.slow
def test_a_command_that_is_told_to_end_leaves_nothing_half_written(options: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "messages")
    kept = tmp_path / "out" / "mentions.jsonl"
    kept.write_text("from yesterday")
    process = start(["-m", "lmr_hybrid", "recognize", tmp_path / "messages", *options, "-o", kept])
    with (tmp_path / "messages").open("wb") as stream:
        stream.write(b"Flooding in Freeport\n")
        stream.flush()
        assert wait_until(lambda: len(list(kept.parent.iterdir())) == 2, alive=process), process.communicate()
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=300) == ("", "")
    assert process.returncode == 128 + signal.SIGTERM
    assert list(kept.parent.iterdir()) == [kept]
    assert kept.read_text() == "from yesterday"


def test_an_unwritable_result_is_one_line(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    check_failure(run("recognize", messages, *options, "-o", tmp_path / "no" / "mentions.jsonl"), "mentions.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["messages.txt"]


@pytest.mark.parametrize("option", ["-o", "--html", "--geojson"])
def test_an_unwritable_result_is_noticed_before_any_work(
    options: list[str | Path], messages: Path, tmp_path: Path, option: str
) -> None:
    target = tmp_path / "no" / "result"
    check_failure(run("recognize", messages, *options, option, target), str(target), "Choose a folder")
    # Not even the model is opened.
    check_failure(run("recognize", messages, "--model", tmp_path / "none", option, target), str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["messages.txt"]


def test_two_results_do_not_go_into_one_file(options: list[str | Path], messages: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "page")
    both = ("--html", tmp_path / "page", "--geojson", tmp_path / "link")
    check_failure(run("recognize", messages, *options, *both), "--html", "--geojson", "Name another file")
    check_failure(run("recognize", messages, *options, "-o", messages), "is asked for by -o and is read")
    assert messages.read_text(encoding="utf-8").splitlines() == MESSAGES
    assert {path.name for path in tmp_path.iterdir()} == {"messages.txt", "link"}


def test_no_result_goes_into_a_model_or_gazetteer(
    toy_model: Path, toy_gazetteer_folder: Path, messages: Path, corpus: Path, tmp_path: Path
) -> None:
    model, gazetteer = (Path(shutil.copytree(each, tmp_path / each.name)) for each in (toy_model, toy_gazetteer_folder))
    (tmp_path / "link").symlink_to(gazetteer)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    used = ["--model", model, "--gazetteer", gazetteer, "--no-world"]
    for arguments in (
        ["recognize", messages, "-o", tmp_path / "link" / "manifest.json"],
        ["recognize", messages, "--html", model / "config.json"],
        ["recognize", messages, "--to", "jsonl", "-o", gazetteer / "mentions"],
        ["evaluate", corpus, "--json", model / "scores.json"],
    ):
        check_failure(run(*arguments, *used), str(arguments[-1]), "lies in the model or gazetteer", "Name a")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert run("evaluate", corpus, *used, "--json", tmp_path / "scores.json").exit_code == 0


def test_no_result_replaces_a_file_of_an_annotated_folder(options: list[str | Path], tmp_path: Path) -> None:
    for folder, name in (("json", "train.jsonl"), ("json", "dev.jsonl"), ("bilou", "train.txt"), ("bilou", "dev.txt")):
        (tmp_path / folder / "flood").mkdir(parents=True, exist_ok=True)
        tweet = "Help O\n\n" if folder == "bilou" else '{"tweet_id": "1", "text": "Help", "location_mentions": []}\n'
        (tmp_path / folder / "flood" / name).write_text(tweet, encoding="utf-8")
    idrisi, bilou = tmp_path / "json", tmp_path / "bilou"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for arguments in (
        ["evaluate", idrisi, *options, "--json", idrisi / "flood" / "dev.jsonl"],
        ["evaluate", idrisi, *options, "--split", "train", "--submission", idrisi / "flood" / "train.jsonl"],
        ["audit-corpus", idrisi, "--split", "train", "--findings", idrisi / "flood" / "train.jsonl"],
        ["audit-corpus", idrisi, "--json", idrisi / "flood" / "dev.jsonl"],
        ["audit-corpus", idrisi, "--bilou", bilou, "--json", bilou / "flood" / "dev.txt"],
    ):
        check_failure(run(*arguments), f"is asked for by {arguments[-2]} and is read")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    # What is only searched for files of a corpus has room for others.
    result = run("audit-corpus", idrisi, "--bilou", bilou, "--json", idrisi / "report.json")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["none.txt", ""], ids=["missing", "a folder"])
def test_unreadable_messages_are_one_line(options: list[str | Path], tmp_path: Path, name: str) -> None:
    check_failure(run("recognize", tmp_path / name, *options), str(tmp_path / name))


def test_a_built_gazetteer_can_be_looked_into(monaco: Path) -> None:
    info = json.loads(run("gazetteer", "info", monaco).stdout)
    assert info["sources"][0]["name"] == "monaco.osm.pbf"
    assert info["counts"]["places"] > 1_000
    west, south, east, north = info["bounding_box"]
    assert west < 7.42 < east
    assert south < 43.73 < north

    text = "Fire on Boulevard des Moulins, Monaco"
    found = [json.loads(line) for line in run("gazetteer", "match", monaco, text).stdout.splitlines()]
    assert [text[match["start"] : match["end"]] for match in found] == ["Boulevard des Moulins", "Monaco"]

    places = run("gazetteer", "lookup", monaco, "boulevard des moulins", "--limit", "1").stdout.splitlines()
    assert [json.loads(place)["kind"] for place in places] == ["road"]
    like = run("gazetteer", "lookup", monaco, "boulevard des moulinz").stdout.splitlines()
    assert json.loads(like[0])["name"] == "boulevard des moulins"
    assert run("gazetteer", "lookup", monaco, "zzyzx").stdout == ""


def test_the_extract_is_asked_for_only_where_it_would_help(tmp_path: Path) -> None:
    cut = way(12, [98, 99], highway="residential", name="Border Road")
    unnamed = way(11, [1, 2], highway="residential")
    town = node(3, (1, 1), place="town", name="Anchor")
    extract = write_extract(tmp_path / "r.osm", [node(1, (1, 1)), node(2, (1, 2)), town, unnamed, cut])
    folder = tmp_path / "r.gazetteer"
    assert run(extract, "-o", folder, command=build).exit_code == 0
    named = write_changes(tmp_path / "1.osc", [way(11, [1, 2], 2, highway="residential", name="High Street")])
    done = run("gazetteer", "update", folder, named, "--extract", extract)
    assert (done.exit_code, done.stderr) == (0, "")
    extract.unlink()
    lost = write_changes(tmp_path / "2.osc", [way(13, [4, 5], highway="residential", name="Low Street")])
    done = run("gazetteer", "update", folder, lost)
    assert done.stderr.startswith("1 named objects cannot be put on the map")
    assert "--extract" in done.stderr


def test_a_quiet_build_prints_nothing_and_replaces(monaco: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(monaco, tmp_path / "monaco.gazetteer"))
    os.utime(folder / "manifest.json", (0, 0))
    result = run(MONACO, "-o", folder, "--quiet", command=build)
    assert (result.exit_code, result.output) == (0, "")
    assert (folder / "manifest.json").stat().st_mtime > 0
    assert [path.name for path in tmp_path.iterdir()] == ["monaco.gazetteer"]


@pytest.mark.parametrize(
    ("extract", "folder"),
    [
        ("/maps/region.osm.pbf", "region.gazetteer"),
        ("my.town.osm", "my.town.gazetteer"),
        ("a.osm.bz2", "a.gazetteer"),
        ("b.pbf", "b.gazetteer"),
        ("/maps/BS.zip", "BS.gazetteer"),
        ("shelters.csv.gz", "shelters.gazetteer"),
        ("Shelters.GeoJSON", "Shelters.gazetteer"),
    ],
)
def test_default_name_of_a_gazetteer(extract: str, folder: str) -> None:
    assert default_output(Path(extract)) == Path(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.osm.pbf", b"this is no map\n"),
        ("truncated.osm.pbf", MONACO.read_bytes()[:200_000]),
        ("empty.osm.pbf", b""),
        ("nameless.osm", b'<osm version="0.6"><node id="1" version="1" lat="1" lon="1"/></osm>'),
        ("cut.osm", b'<osm version="0.6"><node id="1" version="1" lat="1" lon="1"><tag k="name"'),
        ("region.docx", b"PK"),
    ],
)
def test_a_bad_extract_is_one_line_and_leaves_nothing(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    check_failure(run(tmp_path / name, "-o", tmp_path / "out.gazetteer", command=build), name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def geonames_row(number: int, name: str, feature: str, longitude: float) -> str:
    feature_class, code = feature.split(".")
    fields = [
        number,
        name,
        name,
        "",
        26.5,
        longitude,
        feature_class,
        code,
        "BS",
        "",
        "00",
        "",
        "",
        "",
        0,
        "",
        "",
        "",
        "",
    ]
    return "\t".join(map(str, fields)) + "\n"


@pytest.fixture
def bahamas(tmp_path: Path) -> Path:
    rows = [(1, "Bahamas", "A.PCLI", -76.0), (2, "Freeport", "P.PPL", -78.7), (3, "Eight Mile Rock", "P.PPL", -78.8)]
    (tmp_path / "BS.txt").write_text("".join(geonames_row(*row) for row in rows), encoding="utf-8")
    alternates = ["1\t2\tde\tFreihafen\t\t\t\t\t\t\n", "2\t2\tfr\tPort-Franc\t\t\t\t\t\t\n"]
    (tmp_path / "alternates.txt").write_text("".join(alternates), encoding="utf-8")
    shelters = "Shelter;Kind;y;x\nHugh Campbell School;school;26.5;-78.7\nFar Away Road;road;10;10\n"
    (tmp_path / "shelters.csv").write_text(shelters, encoding="utf-8")
    (tmp_path / "table.txt").write_text("name,lat,lon\nHawksbill Creek,26.5,-78.7\n", encoding="utf-8")
    return tmp_path


def found_in(folder: Path, *names: str) -> list[str]:
    gazetteer = Gazetteer.open(folder)
    return [name for name in names if gazetteer.places(name)]


def test_inputs_of_every_sort_make_one_gazetteer(bahamas: Path, tmp_path: Path) -> None:
    inputs = [MONACO, *(bahamas / name for name in ("BS.txt", "shelters.csv", "table.txt"))]
    folder = tmp_path / "all.gazetteer"
    result = run(*inputs, "-o", folder, "--name-column", "Shelter", command=build)
    check_failure(result, "table.txt", "'Shelter'", "'name'")
    (bahamas / "table.txt").write_text("Shelter,lat,lon\nHawksbill Creek,26.5,-78.7\n", encoding="utf-8")
    result = run(*inputs, "-o", folder, "--name-column", "Shelter", command=build)
    assert result.exit_code == 0, result.output
    assert "OpenStreetMap contributors" in result.stdout
    assert "GeoNames" in result.stdout
    names = ("Boulevard des Moulins", "Freeport", "Hugh Campbell School", "Hawksbill Creek")
    assert found_in(folder, *names) == list(names)


def test_a_part_of_the_inputs(bahamas: Path, tmp_path: Path) -> None:
    folder = tmp_path / "part.gazetteer"
    shelters = (bahamas / "shelters.csv", "--name-column", "Shelter")
    options = ("--alternate-names", bahamas / "alternates.txt", "--languages", "fr", "--kinds", "town,school,road")
    box = ("--bbox=-78.75,26,-78,27", "-o", folder, "--matcher", "trie", "--quiet")
    result = run(bahamas / "BS.txt", *shelters, *options, *box, command=build)
    assert (result.exit_code, result.output) == (0, "")
    names = (
        "Bahamas",
        "Freeport",
        "Freihafen",
        "Port-Franc",
        "Eight Mile Rock",
        "Hugh Campbell School",
        "Far Away Road",
    )
    assert found_in(folder, *names) == ["Freeport", "Port-Franc", "Hugh Campbell School"]
    assert Gazetteer.open(folder).manifests[0].matcher == "trie"
    assert (folder / "places.duckdb").exists()
    assert run(bahamas / "BS.txt", "-o", folder, "--compact", command=build).exit_code == 0
    assert found_in(folder, *names) == ["Bahamas", "Freeport", "Eight Mile Rock"]
    assert not (folder / "places.duckdb").exists()

    (tmp_path / "west.poly").write_text(
        "west\n1\n -80 26\n -78.75 26\n -78.75 27\n -80 27\nEND\nEND\n", encoding="utf-8"
    )
    result = run(bahamas / "BS.txt", "--polygon", tmp_path / "west.poly", "-o", folder, command=build)
    assert result.exit_code == 0, result.output
    assert found_in(folder, *names) == ["Eight Mile Rock"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kinds", "dragon"], ["dragon", "continent"]),
        (["--languages", "en;fr"], ["en;fr"]),
        (["--bbox", "1,2,3"], ["1,2,3", "west,south,east,north"]),
        (["--bbox=0,0,1,1", "--polygon", "x.poly"], ["x.poly", "only one"]),
        (["--polygon", "none.poly"], ["none.poly"]),
        (["--polygon", "alternates.txt"], ["alternates.txt", "outline"]),
        (["--alternate-names", "none.txt"], ["none.txt"]),
        (["--admin-codes", "shelters.csv"], ["shelters.csv"]),
        (["--name-column", "Shelter"], ["--name-column", "no input is of the format table"]),
        (["--bbox=0,0,1,1"], ["BS.txt", "to be kept"]),
        (["shelters.csv"], ["shelters.csv", "'Shelter'"]),
        (["--format", "table"], ["BS.txt"]),
        (["none.zip"], ["none.zip"]),
        (["garbled.zip"], ["garbled.zip", "unpack"]),
    ],
)
def test_a_part_that_cannot_be_taken_is_one_line(
    arguments: list[str], words: list[str], bahamas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bahamas / "garbled.zip").write_bytes(b"PK\x03\x04")
    monkeypatch.chdir(bahamas)
    check_failure(run("BS.txt", *arguments, command=build), *words)
    assert not (bahamas / "BS.gazetteer").exists()


def test_an_option_of_geonames_without_geonames_is_one_line(bahamas: Path) -> None:
    arguments = (bahamas / "table.txt", "--alternate-names", bahamas / "alternates.txt")
    check_failure(run(*arguments, command=build), "--alternate-names", "geonames")


def test_rows_that_are_left_out_are_told_unless_quiet(bahamas: Path, tmp_path: Path) -> None:
    (bahamas / "table.txt").write_text("name,lat,lon\nHawksbill Creek,26.5,-78.7\nNowhere,,\n", encoding="utf-8")
    command = ("-m", "lmr_hybrid.build_gazetteer", bahamas / "table.txt")
    told = python(*command, cwd=tmp_path)
    assert told.returncode == 0
    assert "coordinates in range: 1" in told.stderr
    assert python(*command, "--quiet", cwd=tmp_path).stderr == ""


def test_the_help_of_building_shows_every_input_and_a_way_to_start() -> None:
    shown = run("--help", command=build).stdout
    assert all(
        word in shown for word in (".osm.pbf", "allCountries", ".csv", ".geojson", "--bbox", "--longitude-column")
    )
    assert "python -m lmr_hybrid.build_gazetteer region.osm.pbf" in shown


def test_a_gazetteer_is_not_written_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    check_failure(run(MONACO, "-o", tmp_path, command=build), "not a gazetteer")
    check_failure(run(MONACO, "-o", tmp_path / "kept", command=build), "not a gazetteer")
    check_failure(run(MONACO, "-o", tmp_path / "kept" / "x.gazetteer", command=build), "cannot be written")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_build_that_failed_leaves_an_empty_folder_to_the_next(tmp_path: Path) -> None:
    output = tmp_path / "region.gazetteer"
    output.mkdir()
    (tmp_path / "garbled.osm.pbf").write_bytes(b"no extract")
    check_failure(run(tmp_path / "garbled.osm.pbf", "-o", output, command=build), "garbled.osm.pbf")
    result = run(MONACO, "-o", output, "--quiet", command=build)
    assert result.exit_code == 0, result.output
    assert Gazetteer.open(output).places("Monaco")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_letters_that_standard_output_lacks_are_printed_in_utf_8(
    options: list[str | Path], tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "messages.txt").write_text("So hot in Houston, says Łódź\n", encoding="utf-8")
    for arguments in (
        ["recognize", "messages.txt", *options, "--table"],
        ["gazetteer", "lookup", "world", "Łódź"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "lmr_hybrid", *map(str, arguments)],
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            timeout=300,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
        assert "Łódź" in done.stdout.decode("utf-8")


def of_another_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shutil.rmtree, ["does not exist"]),
        (of_another_version, ["format 99"]),
        (lambda folder: next(folder.glob("compiled-*/names.npy")).unlink(), ["names.npy", "missing"]),
        (lambda folder: next(folder.glob("compiled-*/names.npy")).write_bytes(b"nothing"), ["names.npy"]),
        (lambda folder: (folder / "manifest.json").write_text("{"), ["manifest.json"]),
    ],
    ids=["missing", "another version", "file missing", "file garbled", "manifest garbled"],
)
def test_an_unusable_gazetteer_is_one_line(
    toy_gazetteer_folder: Path, toy_model: Path, tmp_path: Path, spoil: Callable[[Path], object], words: list[str]
) -> None:
    folder = Path(shutil.copytree(toy_gazetteer_folder, tmp_path / "spoilt.gazetteer"))
    spoil(folder)
    check_failure(run("gazetteer", "info", folder), "spoilt.gazetteer", *words)
    check_failure(run("recognize", "--model", toy_model, "--no-world", "--gazetteer", folder, given="x"), *words)


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "encoder/tokenizer.json"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"?")], ids=["missing", "garbled"])
def test_an_unusable_model_is_one_line(
    toy_model: Path, tmp_path: Path, name: str, spoil: Callable[[Path], object]
) -> None:
    folder = Path(shutil.copytree(toy_model, tmp_path / "spoilt-model"))
    spoil(folder / name)
    check_failure(run("recognize", "--model", folder, "--no-world", given="x"), "spoilt-model")


@pytest.fixture
def corpus(toy_corpus: list[Message], tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    lines = (
        {"id": message.id, "text": message.text, "mentions": [asdict(mention) for mention in message.mentions]}
        for message in toy_corpus[:20]
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_evaluation_prints_scores_and_writes_them(options: list[str | Path], corpus: Path, tmp_path: Path) -> None:
    result = run("evaluate", corpus, *options, "--json", tmp_path / "scores.json")
    assert result.exit_code == 0, result.output
    assert "exact" in result.stdout.lower()
    assert json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    check_failure(
        run("evaluate", tmp_path / "none.jsonl", *options),
        "none.jsonl",
    )


def test_a_corpus_without_messages_is_one_line(options: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    check_failure(run("evaluate", tmp_path / "empty.jsonl", *options), "empty.jsonl", "no message")


def test_an_operating_point_that_the_model_lacks_is_one_line(options: list[str | Path], corpus: Path) -> None:
    balanced = run("evaluate", corpus, *options, "--operating-point", "balanced")
    assert balanced.exit_code == 0, balanced.output
    assert balanced.stdout == run("evaluate", corpus, *options).stdout
    for arguments in (["evaluate", corpus], ["recognize"]):
        result = run(*arguments, *options, "--operating-point", "high-recall", given="x")
        check_failure(result, "'high-recall'", "balanced")


def test_evaluation_writes_the_answers_of_the_challenge(
    options: list[str | Path], corpus: Path, toy_corpus: list[Message], tmp_path: Path
) -> None:
    result = run("evaluate", corpus, *options, "--submission", tmp_path / "answers.csv")
    assert result.exit_code == 0, result.output
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        rows = dict(csv.reader(stream))
    assert rows.pop("tweet_id") == "location"
    wanted = {each.id: " ".join(sorted({mention.text for mention in each.mentions})) for each in toy_corpus[:20]}
    assert rows.keys() == wanted.keys()
    different = [identifier for identifier in rows if rows[identifier] != wanted[identifier]]
    edits = int(re.search(r"word error rate [\d.]+ \((\d+) edits", result.stdout)[1])
    # The toy model knows this corpus by heart, all but a few of its messages.
    assert len(different) < 10
    assert (edits > 0) == bool(different)


def test_answers_of_the_challenge_that_cannot_be_are_noticed_before_any_work(
    options: list[str | Path], corpus: Path, tmp_path: Path
) -> None:
    with corpus.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "3", "text": "Help", "mentions": []}\n')
    scores, answers = ("--json", tmp_path / "scores.json"), ("--submission", tmp_path / "answers.csv")
    # Not even the model is opened.
    check_failure(run("evaluate", corpus, "--model", tmp_path / "none", *answers, *scores), "tweet 3", "two rows")
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]
    assert run("evaluate", corpus, *options, *scores).exit_code == 0


@pytest.mark.parametrize("option", ["--json", "--submission"])
def test_scores_that_cannot_be_written_are_noticed_before_any_work(
    options: list[str | Path], corpus: Path, tmp_path: Path, option: str
) -> None:
    annotated = corpus.read_text(encoding="utf-8")
    target = tmp_path / "no" / "scores"
    # Not even the model is opened.
    check_failure(run("evaluate", corpus, "--model", tmp_path / "none", option, target), str(target), "Choose a folder")
    check_failure(run("evaluate", corpus, *options, option, corpus), f"is asked for by {option} and is read")
    assert corpus.read_text(encoding="utf-8") == annotated


def test_training_writes_a_model_that_recognizes(
    corpus: Path, toy_encoder: Path, toy_gazetteer_folder: Path, tmp_path: Path
) -> None:
    options = ["--gazetteer", toy_gazetteer_folder, "--no-world"]
    model = tmp_path / "models" / "mine"
    result = run("train", corpus, "-o", model, "--encoder", toy_encoder, "--epochs", "1", *options)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("epoch 1/1")
    assert [path.name for path in model.parent.iterdir()] == ["mine"]
    found = recognitions(run("recognize", *options, "--model", model, given="Flooding in Houston").stdout)
    assert [each.text for each in found] == ["Flooding in Houston"]


def test_training_with_preprocessing_writes_its_switches(corpus: Path, toy_encoder: Path, tmp_path: Path) -> None:
    switches = ["--preprocess", "remove_urls", "--preprocess", "lower_case"]
    options = ["--encoder", toy_encoder, "--epochs", "1", "--no-world", "--no-features"]
    result = run("train", corpus, "-o", tmp_path / "model", *options, *switches)
    assert result.exit_code == 0, result.output
    config = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert [name for name, on in config["tagger"]["preprocessing"].items() if on] == ["lower_case", "remove_urls"]
    refused = run("train", corpus, "-o", tmp_path / "other", *options, "--preprocess", "yes")
    assert refused.exit_code == 2
    assert "'remove_urls'" in refused.stderr


def test_training_that_cannot_start_is_one_line(corpus: Path, toy_encoder: Path, tmp_path: Path) -> None:
    output = ["-o", tmp_path / "model"]
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.jsonl").write_text('{"text": 3}\n')
    check_failure(
        run("train", tmp_path / "none.jsonl", *output, "--encoder", toy_encoder, "--no-world"),
        "none.jsonl",
    )
    check_failure(run("train", tmp_path / "bad.jsonl", *output, "--encoder", toy_encoder, "--no-world"), "line 1")
    check_failure(run("train", corpus, *output, "--encoder", tmp_path / "empty", "--no-world"), "empty")
    deep = ["-o", tmp_path / "models" / "new" / "mine"]
    check_failure(run("train", corpus, *deep, "--encoder", tmp_path / "empty", "--no-world"), "empty")
    below = ["-o", corpus / "models" / "mine"]
    check_failure(run("train", corpus, *below, "--encoder", toy_encoder, "--no-world"), "mine: cannot be written")
    check_failure(run("train", corpus, "-o", corpus, "--encoder", toy_encoder, "--no-world"), "exists")
    check_failure(run("train", corpus, *output), "names no encoder", "--encoder")
    assert {path.name for path in tmp_path.iterdir()} == {"empty", "bad.jsonl", "corpus.jsonl"}


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["recognize"],
        ["train"],
        ["evaluate"],
        ["audit-corpus"],
        ["gazetteer"],
        ["gazetteer", "info"],
        ["gazetteer", "match"],
        ["gazetteer", "lookup"],
    ],
    ids=" ".join,
)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    assert run(*command, "--no-such-option").exit_code == 2


def test_the_build_command_explains_itself() -> None:
    result = run("-h", command=build)
    assert result.exit_code == 0
    assert "region.osm.pbf" in result.stdout
    assert run(command=build).exit_code == 2


def test_the_version_is_told() -> None:
    assert "version" in run("--version").stdout


@pytest.mark.slow
def test_the_first_try_of_the_readme(tmp_path: Path) -> None:
    text = "Flooding in Freeport, power out near Lucayan Harbour"
    done = python("-m", "lmr_hybrid", "recognize", cwd=tmp_path, given=text + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    (recognition,) = recognitions(done.stdout)
    assert "Freeport" in [mention.text for mention in recognition.mentions]
