"""`Recognizer.explain`: the story ends where `recognize` does, leaves nothing out, and is fit to be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from gazetteer import FuzzyMatch, Gazetteer, Match, NameFacts, NameKind, PlaceKind, normalize_name, tokenize
from lmr_hybrid import NotText, Recognition, Recognizer
from lmr_hybrid.calibration import OperatingPoint
from lmr_hybrid.cli import main
from lmr_hybrid.explanation import DraftExplanation, Explanation, compare, make_explanation
from lmr_hybrid.output.terminal import printable
from lmr_hybrid.reconcile import RULES, Evidence, Thresholds, reconcile, reconcile_steps
from lmr_hybrid.tagging.decoding import POSITIONS, TagProbabilities

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Flooding in Freeport, power out near Lucayan Harbour"
HOSTILE = (
    "\x1b[2J\x1b]0;title\x07 Flooding in Houston\r\n\t\x00\x9b31m",
    "\u202eFlooding in Paris\u202c \u2066x \u2028 y \u2029",
    "שיטפון in Houston العربية Paris",
    "So h" + "\u0301" * 40 + "ot in Houston \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1fa\U0001f1f8",
    "\ud83c in Paris \ufdd0 \\n \\x1b",
    "洪水" * 200 + " Paris",
    "A" * 5_000,
    "\u0301\u0301\u0301",
)
#: The marks of an isolate, which `printable` itself puts around right-to-left text.
ISOLATES = "\u2068\u2069"
#: Longer lines wrap in the terminal; no text makes them much longer than this.
WIDEST = 130
pieces = st.sampled_from(
    ["Paris", "New York", "Flooding in ", "#Kerala", "Guayaqil", "🌊", "\x1b[1m", "\u202e", "\n", ", "]
)
texts = st.text(max_size=60) | st.lists(pieces, max_size=8).map("".join)
slow_settings = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def evidence(text: str, tags: str, sureness: float = 0.9, *, names: dict[str, PlaceKind] | None = None) -> Evidence:
    """Return evidence in which token i has the tag `tags[i]`, with a probability of `sureness`, as a city's."""
    tokens = tokenize(text)
    assert len(tags) == len(tokens)
    positions = numpy.full((len(tokens), len(POSITIONS)), (1 - sureness) / 4, numpy.float32)
    positions[range(len(tokens)), [POSITIONS.index(tag) for tag in tags]] = sureness
    types = numpy.tile(numpy.array([0.8, 0.15, 0.05], numpy.float32), (len(tokens), 1))
    matches = [_match(text, name, kind) for name, kind in (names or {}).items()]
    return Evidence(text, tokens, matches, TagProbabilities(positions, types), ("City/town", "Country", "Island"))


def _match(text: str, name: str, kind: PlaceKind) -> Match:
    start = text.index(name)
    inside = [number for number, token in enumerate(tokenize(text)) if start <= token.start < start + len(name)]
    name_kind = NameKind.ABBREVIATION if len(name) < 4 else NameKind.NAME
    facts = NameFacts((kind,), (name_kind,), 1, 0.5, 2.0)
    return Match(start, start + len(name), inside[0], inside[-1], normalize_name(name), facts)


def _of_a_people(given_: Evidence) -> Evidence:
    """Return the evidence with all names being demonyms alone."""
    matches = [replace(match, facts=replace(match.facts, name_kinds=(NameKind.DEMONYM,))) for match in given_.matches]
    return replace(given_, matches=matches)


def story(
    given_: Evidence,
    *,
    thresholds: Thresholds | None = None,
    least_score: float = 0.0,
    gazetteer: Gazetteer | None = None,
) -> Explanation:
    """Return the story of evidence without a recogniser, and without its mentions."""
    fuzzy = gazetteer.fuzzy if gazetteer else lambda _name: []
    thresholds = thresholds or Thresholds()
    steps = list(reconcile_steps(given_, thresholds=thresholds))
    scored = [(draft, draft.span.score) for draft in steps[-1][1]]
    recognition = Recognition(given_.text)
    return make_explanation(
        given_, steps, scored, recognition, fuzzy=fuzzy, thresholds=thresholds, least_score=least_score
    )


def effects_of(explanation: Explanation, rule: str) -> list[tuple[tuple[str, ...], list[str], list[str]]]:
    """Return the changes of a rule and the texts before and after each."""
    (step,) = (step for step in explanation.steps if step.rule == rule)
    return [
        (effect.changes, [draft.text for draft in effect.before], [draft.text for draft in effect.after])
        for effect in step.effects
    ]


def check_replay(explanation: Explanation) -> None:
    """Each step's effects turn the drafts before it into those after it, from the spans to the last."""
    drafts = set(explanation.spans)
    for step in explanation.steps:
        for effect in step.effects:
            assert drafts.issuperset(effect.before)
            drafts = drafts.difference(effect.before).union(effect.after)
        assert drafts == set(step.drafts)


def check_readable(shown: str) -> None:
    shown.encode("utf-8")
    for line in shown.split("\n"):
        assert all(character.isprintable() or character in ISOLATES for character in line), ascii(line)
        assert 0 <= wcswidth(line) <= WIDEST
        assert line.count(ISOLATES[0]) >= line.count(ISOLATES[1]) - 1


@slow_settings
@given(texts)
@example(TEXT)
def test_the_story_ends_where_recognition_does(recognizer: Recognizer, text: str) -> None:
    explanation = recognizer.explain(text)
    assert explanation.recognition == recognizer.recognize(text)
    assert [token.text for token in explanation.tokens] == [token.text for token in tokenize(text)]
    for each in (*explanation.tokens, *explanation.matches, *explanation.fuzzy, *explanation.spans):
        assert text[each.start : each.end] == each.text
    check_replay(explanation)
    last = {draft.start: draft for draft in explanation.steps[-1].drafts}
    assert [mention.start for mention in explanation.mentions] == sorted(last)
    for mention in explanation.mentions:
        draft = last[mention.start]
        assert (mention.end, mention.type, mention.rules) == (draft.end, draft.type, draft.rules)
    check_readable(str(explanation))


def test_the_caller_s_context_is_part_of_the_story(recognizer: Recognizer) -> None:
    texts = ["Flooding in Freeport", "Help in Freeport, the Bahamas"]
    for context in ({"countries": ["US"]}, {"near": (26.5, -78.7)}, {"region": (-96.0, 28.0, -95.0, 30.0)}):
        for text in texts:
            assert recognizer.explain(text, **context).recognition == recognizer.recognize(text, **context)
    with pytest.raises(ValueError, match="the latitude of near"):
        recognizer.explain(texts[0], near=(91.0, 0.0))


def test_a_context_on_the_command_line_ranks_the_places(options: list[str | Path]) -> None:
    done = run("Flooding in Freeport", *options, "--country", "US", "--json")
    assert (done.exit_code, done.exception) == (0, None)
    [mention] = [each for each in json.loads(done.output)["mentions"] if each["text"] == "Freeport"]
    assert mention["candidates"][0]["country"] == "US"
    refused = run("Flooding in Freeport", *options, "--near", "91", "0")
    assert refused.exit_code == 2
    assert "the latitude of near" in refused.output


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_the_terminal(recognizer: Recognizer, text: str) -> None:
    check_readable(str(recognizer.explain(text)))


def test_every_section_says_what_there_is(recognizer: Recognizer) -> None:
    explanation = recognizer.explain(TEXT)
    shown = str(explanation)
    sections = {section.split(":")[0].split(",")[0]: section for section in shown.split("\n\n")}
    found = ["Gazetteer", "Fuzzy hits", "Tagger"]
    assert list(sections) == ["Text", "Tokens", *found, "Rules", "Operating point", "Mentions"]
    town = next(line for line in sections["Tokens"].splitlines() if "Freeport" in line)
    token = next(token for token in explanation.tokens if token.text == "Freeport")
    assert town.split()[:3] == ["12:20", "Freeport", token.tags[0].label] == ["12:20", "Freeport", "S"]
    assert f"{token.tags[0].probability:.2f}" in town
    assert "City/town" in town
    (harbour,) = (line for line in sections["Gazetteer"].splitlines() if "Harbour" in line)
    assert harbour.split()[:2] == ["*", "37:52"]
    assert "human-made" in harbour
    assert "Lucayan Harbour" in sections["Tagger"]
    assert all(rule in sections["Rules"] for rule in RULES)
    best = explanation.mentions[0].candidates[0]
    for words in (best.name, best.id, f"{best.latitude:.4f}", best.reason.split(";")[0], "neural, gazetteer"):
        assert words in sections["Mentions"]


def test_a_misspelt_name_is_told_to_be_one(recognizer: Recognizer) -> None:
    shown = str(recognizer.explain("Flooding in Guayaqil")).split("\n\n")[-1]
    assert "supported by neural, fuzzy" in shown
    assert "toy:guayaquil" in shown


def fuzzy_of(explanation: Explanation) -> dict[str, list[str]]:
    return {each.text: [match.name for match in each.names] for each in explanation.fuzzy}


def fuzzy_lines(explanation: Explanation) -> list[list[str]]:
    (section,) = (each for each in str(explanation).split("\n\n") if each.startswith("Fuzzy hits"))
    return [line.split() for line in section.splitlines()[2:]]


def test_the_names_like_a_misspelt_one_are_told(recognizer: Recognizer) -> None:
    explanation = recognizer.explain("Flooding in Guayaqil")
    (hit,) = explanation.fuzzy
    (likest,) = recognizer.gazetteer.fuzzy("guayaqil")
    assert (hit.text, hit.start, hit.end) == ("Guayaqil", 12, 20)
    assert hit.names == (FuzzyMatch("guayaquil", pytest.approx(likest.score, abs=1e-4)),)
    (told,) = explanation.to_dict()["fuzzy"]
    assert told == {
        "text": "Guayaqil",
        "start": 12,
        "end": 20,
        "names": [{"name": "guayaquil", "score": hit.names[0].score}],
    }
    _, line = fuzzy_lines(explanation)
    assert line == ["*", "12:20", "Guayaqil", "guayaquil", f"{likest.score:.1f}"]


@pytest.mark.parametrize(
    ("given_", "thresholds", "told"),
    [
        (evidence("In Guayaqil", "OS"), Thresholds(), {"Guayaqil": ["guayaquil"]}),
        (evidence("In Guayaqil", "OS", 0.4), Thresholds(), {"Guayaqil": ["guayaquil"]}),
        (evidence("In Guayaqil", "OO", 0.85), Thresholds(), {"Guayaqil": ["guayaquil"]}),
        (evidence("In Guayaqil", "OO", 0.95), Thresholds(), {}),
        (evidence("In guayaqil", "OO", 0.85), Thresholds(), {}),
        (evidence("in guayaqil", "OO", 0.7), Thresholds(outside_bias=-5), {"in guayaqil": []}),
        (evidence("In Grand Bahaam", "OBE"), Thresholds(), {"Grand Bahaam": ["grand bahama"]}),
        (evidence("In Zzyzx", "OS"), Thresholds(), {"Zzyzx": []}),
        (evidence("In Houston", "OS", names={"Houston": PlaceKind.CITY}), Thresholds(), {}),
        (evidence("In Houston", "OO", 0.85, names={"Houston": PlaceKind.CITY}), Thresholds(), {}),
        (evidence("In #Houston", "OBE", names={"Houston": PlaceKind.CITY}), Thresholds(), {}),
        (evidence("In 🌊", "OS"), Thresholds(), {}),
    ],
    ids=[
        *("marked", "dropped", "thought of", "not thought of", "a small letter", "added by a rule", "two words"),
        *("like none", "a name", "a name not marked", "a name and a hash sign", "no word"),
    ],
)
def test_which_words_are_looked_for_among_misspelt_names(
    toy_gazetteer: Gazetteer, given_: Evidence, thresholds: Thresholds, told: dict[str, list[str]]
) -> None:
    found = fuzzy_of(story(given_, thresholds=thresholds, gazetteer=toy_gazetteer))
    found.pop("In", None)
    assert found == told


def test_a_span_that_a_rule_moves_is_looked_for_once(toy_gazetteer: Gazetteer) -> None:
    explanation = story(evidence("In P.R. now", "OBIEOO"), gazetteer=toy_gazetteer)
    assert effects_of(explanation, "close_abbreviation")
    assert len([hit for hit in explanation.fuzzy if hit.start == 3]) == 1


def test_only_what_reaches_the_threshold_is_starred(toy_gazetteer: Gazetteer) -> None:
    given_ = evidence("Guayaqil or Zzyzx", "SOS")
    for alike, star in ((94, ["*"]), (95, [])):
        explanation = story(given_, thresholds=Thresholds(alike=alike), gazetteer=toy_gazetteer)
        assert f"reaches alike, {alike}," in str(explanation)
        _, misspelt, unknown = fuzzy_lines(explanation)
        assert misspelt[:-1] == [*star, "0:8", "Guayaqil", "guayaquil"]
        assert unknown == ["12:17", "Zzyzx", "none"]


@pytest.mark.parametrize("text", ["", " \t\n"])
def test_a_text_without_words_has_a_short_story(recognizer: Recognizer, text: str) -> None:
    explanation = recognizer.explain(text)
    assert (explanation.tokens, explanation.matches, explanation.spans, explanation.mentions) == ((), (), (), ())
    assert str(explanation).count("\n  none") == 5


def test_only_a_text_has_a_story(recognizer: Recognizer) -> None:
    with pytest.raises(NotText, match="is bytes, not str"):
        recognizer.explain(b"Paris")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [TEXT, "", HOSTILE[0], HOSTILE[2]])
def test_the_story_survives_json(recognizer: Recognizer, text: str) -> None:
    explanation = recognizer.explain(text)
    story_ = explanation.to_dict()
    assert json.loads(json.dumps(story_, allow_nan=False)) == story_
    assert {"text": story_["text"], "mentions": story_["mentions"]} == recognizer.recognize(text).to_dict()
    assert [token["text"] for token in story_["tokens"]] == [token.text for token in explanation.tokens]
    assert [step["rule"] for step in story_["steps"]] == [*RULES, "note_gazetteer"]


def test_rules_left_out_are_not_in_the_story(toy_model: Path, toy_gazetteer_folder: Path) -> None:
    some = Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder], rules=["drop_symbols", "type_by_kind"])
    assert [step.rule for step in some.explain(TEXT).steps] == ["drop_symbols", "type_by_kind", "note_gazetteer"]


def test_what_the_operating_point_cuts_is_told(toy_model: Path, toy_gazetteer_folder: Path) -> None:
    strict = Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder])
    scores = {mention.text: mention.score for mention in strict.recognize(TEXT).mentions}
    strict.operating_point = OperatingPoint(least_score=max(scores.values()))
    explanation = strict.explain(TEXT)
    assert explanation.mentions == strict.recognize(TEXT).mentions
    below = {text: score for text, score in scores.items() if score < max(scores.values())}
    assert {cut.draft.text: cut.score for cut in explanation.cut} == below
    strict.operating_point = OperatingPoint(least_score=1.0)
    explanation = strict.explain(TEXT)
    assert [cut.draft.text for cut in explanation.cut] == ["Freeport", "Lucayan Harbour"]
    shown = str(explanation)
    assert "a score below 1" in shown
    assert all(f"{cut.draft.text} (" in shown.partition("Operating point")[2] for cut in explanation.cut)


@pytest.mark.parametrize(
    ("rule", "given_", "thresholds", "changes", "before", "after"),
    [
        ("drop_symbols", evidence("In 🌊", "OS"), Thresholds(), "dropped", ["🌊"], []),
        ("close_abbreviation", evidence("In P.R. now", "OBIEOO"), Thresholds(), "moved", ["P.R"], ["P.R."]),
        (
            "note_misspelling",
            replace(evidence("In Kaikuora", "OS", 0.7), likeness=lambda _name: 95.0),
            Thresholds(),
            "supported",
            ["Kaikuora"],
            ["Kaikuora"],
        ),
        (
            "drop_demonym",
            _of_a_people(evidence("In Greek", "OS", 0.9, names={"Greek": PlaceKind.COUNTRY})),
            Thresholds(),
            "dropped",
            ["Greek"],
            [],
        ),
        (
            "add_important_name",
            evidence("In Kaikoura", "OO", 0.6, names={"Kaikoura": PlaceKind.CITY}),
            Thresholds(important=0.5),
            "added",
            [],
            ["Kaikoura"],
        ),
        (
            "add_rare_name",
            evidence("In Kaikoura", "OO", 0.6, names={"Kaikoura": PlaceKind.CITY}),
            Thresholds(),
            "added",
            [],
            ["Kaikoura"],
        ),
        ("cut_unit", evidence("12 Elm St apt 4", "BIIIE"), Thresholds(), "moved", ["12 Elm St apt 4"], ["12 Elm St"]),
        (
            "split_possessive",
            evidence("Kaikoura's South Bay", "BIIIE", names={"Kaikoura": PlaceKind.CITY}),
            Thresholds(important=0.5),
            "split",
            ["Kaikoura's South Bay"],
            ["Kaikoura", "South Bay"],
        ),
        (
            "split_off_state",
            replace(
                evidence("Kaikoura Aotearoa", "BE", names={"Kaikoura": PlaceKind.CITY, "Aotearoa": PlaceKind.COUNTRY}),
                lies_in=lambda _name, _area: True,
            ),
            Thresholds(),
            "split",
            ["Kaikoura Aotearoa"],
            ["Kaikoura", "Aotearoa"],
        ),
        (
            "add_state_code",
            replace(evidence("Bangor, ME", "SOO"), lies_in=lambda _name, _area: True),
            Thresholds(),
            "added",
            [],
            ["ME"],
        ),
        ("drop_doubtful", evidence("In Nowhere", "OS", 0.6), Thresholds(), "dropped", ["Nowhere"], []),
        ("add_doubtful", evidence("Nowhere", "O", 0.6), Thresholds(outside_bias=-5), "added", [], ["Nowhere"]),
        (
            "type_by_kind",
            evidence("In Kaikoura", "OS", names={"Kaikoura": PlaceKind.ISLAND}),
            Thresholds(),
            "retyped",
            ["Kaikoura"],
            ["Kaikoura"],
        ),
        (
            "note_gazetteer",
            evidence("In Kaikoura", "OS", names={"Kaikoura": PlaceKind.CITY}),
            Thresholds(),
            "supported",
            ["Kaikoura"],
            ["Kaikoura"],
        ),
    ],
)
def test_each_rule_is_shown_with_its_effect(
    rule: str, given_: Evidence, thresholds: Thresholds, changes: str, before: list[str], after: list[str]
) -> None:
    explanation = story(given_, thresholds=thresholds)
    check_replay(explanation)
    assert ((changes,), before, after) in effects_of(explanation, rule)
    shown = str(explanation).partition("Rules, ")[2]
    own = shown[shown.index(f"\n  {rule} ") :].splitlines()
    assert "no effect" not in own[1]
    line = next(line for line in own[2:5] if line.strip().startswith(changes))
    assert (before or after)[0] in line


def test_every_rule_has_an_example_of_its_effect() -> None:
    (marker,) = (mark for mark in test_each_rule_is_shown_with_its_effect.pytestmark if mark.name == "parametrize")
    assert {case[0] for case in marker.args[1]} == {*RULES, "note_gazetteer"}


def test_a_rule_without_effect_says_so() -> None:
    shown = str(story(evidence("Nobody is there", "OOO")))
    assert shown.count("no effect") == len(RULES) + 1


def draft(start: int, end: int, **others: object) -> DraftExplanation:
    plain = DraftExplanation("x" * (end - start), start, end, "City/town", 0.5, ("neural",), ())
    return replace(plain, **others)


def test_drafts_that_overlap_make_one_effect() -> None:
    before = [draft(0, 3), draft(4, 11), draft(20, 40), draft(50, 51), draft(60, 61)]
    after = [draft(0, 11), draft(20, 30), draft(31, 40), draft(50, 51), draft(60, 61, type="Country", score=0.6)]
    assert [(effect.changes, len(effect.before), len(effect.after)) for effect in compare(before, after)] == [
        (("joined",), 2, 1),
        (("split",), 1, 2),
        (("retyped", "rescored"), 1, 1),
    ]
    assert [effect.changes for effect in compare([draft(0, 2), draft(2, 5)], [draft(0, 3), draft(3, 5)])] == [
        ("replaced",)
    ]
    assert [effect.changes for effect in compare([draft(0, 2)], [draft(0, 2, rules=("a",))])] == [("noted",)]
    assert [effect.changes for effect in compare([draft(0, 2)], [draft(2, 4)])] == [("dropped",), ("added",)]


spans = st.lists(st.integers(0, 40), unique=True).map(sorted).map(lambda ends: list(pairwise(ends))[::2])
drafts = spans.flatmap(
    lambda ends: st.tuples(
        *(st.builds(draft, st.just(a), st.just(b), type=st.sampled_from(["City/town", "Country"])) for a, b in ends)
    )
)


@given(drafts, drafts)
def test_effects_are_the_difference(before: tuple[DraftExplanation, ...], after: tuple[DraftExplanation, ...]) -> None:
    effects = list(compare(before, after))
    gone = [each for effect in effects for each in effect.before]
    come = [each for effect in effects for each in effect.after]
    assert gone == [each for each in before if each not in after]
    assert come == [each for each in after if each not in before]
    assert all(
        max(each.end for each in (*left.before, *left.after))
        <= min(each.start for each in (*right.before, *right.after))
        for left, right in pairwise(effects)
    )


def test_the_steps_end_in_what_is_reconciled() -> None:
    given_ = evidence("In P.R. and Nowhere", "OBIEOOS", 0.6, names={"P.R": PlaceKind.ISLAND})
    for rules in ((), ("drop_doubtful",), tuple(RULES)):
        steps = list(reconcile_steps(given_, rules=rules))
        assert [name for name, _ in steps] == ["tagger", *rules, "note_gazetteer"]
        assert steps[-1][1] == reconcile(given_, rules=rules)


@given(st.text(), st.integers(2, 40))
@example("\u05e9" * 50, 10)
@example("e" + "\u0301" * 50, 10)
@example("000\u093e", 3)
def test_printable_is_one_line_within_its_width(text: str, width: int) -> None:
    shown = printable(text, width=width)
    assert all(character.isprintable() or character in ISOLATES for character in shown)
    assert 0 <= wcswidth(shown) <= width


@given(st.text(max_size=50))
def test_nothing_is_lost_where_there_is_room(text: str) -> None:
    shown = printable(text, width=1_000)
    escaped = "".join(
        each if each.isascii() else each.encode("unicode_escape").decode() for each in shown.strip(ISOLATES)
    )
    assert escaped.encode().decode("unicode_escape") == text


def command(*arguments: str | Path, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "lmr_hybrid", "explain", *map(str, arguments)],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=300,
        check=False,
    )


def run(*arguments: str | Path, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["explain", *map(str, arguments)], input=given)


@pytest.fixture(scope="module")
def options(toy_model: Path, toy_gazetteer_folder: Path) -> list[str | Path]:
    return ["--model", toy_model, "--gazetteer", toy_gazetteer_folder, "--no-world"]


@pytest.mark.slow
def test_a_story_in_a_real_process(options: list[str | Path], recognizer: Recognizer) -> None:
    done = command("Flooding in Houston 🌊", *options)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8") == f"{recognizer.explain('Flooding in Houston 🌊')}\n"
    done = command("-", *options, "--json", given="Flooding in\r\nHouston 🌊\n".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == recognizer.explain("Flooding in\r\nHouston 🌊").to_dict()
    assert done.stdout.count(b"\n") == 1


def test_bytes_that_are_no_text_are_explained_all_the_same(options: list[str | Path]) -> None:
    result = run("-", *options, "--json", given=b"So hot in Houston \xff\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["text"] == "So hot in Houston \ufffd"
    result = run("So hot in Houston \udcff", *options, "--json")
    assert json.loads(result.stdout)["text"] == "So hot in Houston \ufffd"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "nowhere"], ["nowhere"]),
        (["--gazetteer", "nowhere.gazetteer"], ["nowhere.gazetteer"]),
        (["--operating-point", "high-recall"], ["'high-recall'", "balanced"]),
    ],
)
def test_what_cannot_be_used_is_one_line(
    options: list[str | Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(TEXT, *options, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert all(word in line for word in words)


def test_the_help_shows_a_way_to_start() -> None:
    shown = run("--help").stdout
    assert 'python -m lmr_hybrid explain "Flooding in Freeport' in shown
    assert all(
        word in shown for word in ("Tokens", "Fuzzy hits", "Rules", "Mentions", "--gazetteer", "--json", "high-recall")
    )
    assert run().exit_code == 2
