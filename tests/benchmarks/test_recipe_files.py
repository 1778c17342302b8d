"""Recipes as files: what is read, what is refused and how, what another value on the command line does."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from systems.config import LOC, parse_override, read_recipe
from systems.errors import RecipeError

RECIPES = Path(__file__).resolve().parents[2] / "benchmarks" / "recipes"
ZERO_SHOT = """
summary = "s"
locations_only = true
[zero_shot]
library = "flair"
source = "x"
labels = {LOC = "LOC"}
"""
TRAINED = """
summary = "s"
[embeddings.encoder]
kind = "transformer"
source = "x"
[layers]
rnn = false
crf = false
reproject_embeddings = false
[training]
method = "fine_tune"
learning_rate = 1
batch_size = 4
epochs = 2
optimizer = "AdamW"
schedule = "linear"
"""


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {prefix: value}
    return {key: each for name, inner in value.items() for key, each in flat(inner, f"{prefix}.{name}").items()}


def test_every_system_of_the_field_has_its_recipe() -> None:
    recipes = {path.stem: read_recipe(path) for path in RECIPES.glob("*.toml")}
    assert len(recipes) == 9
    sources = {source for recipe in recipes.values() for source in recipe.sources().values()}
    assert sources >= {
        "glove",
        "tner/deberta-v3-large-ontonotes5",
        "adambuttrick/ner-test-bert-base-uncased-finetuned-500K-AdamW-3-epoch-locations",
        "dslim/bert-base-NER",
        "flair/ner-english",
        "flair/ner-english-large",
    }
    winner = recipes["itu-winner"]
    assert winner.training is not None
    assert (winner.training.learning_rate, winner.training.schedule, winner.locations_only) == (5e-6, "one-cycle", True)
    assert winner.embeddings["encoder"].context
    assert all(set(each.zero_shot.labels.values()) == {LOC} for each in recipes.values() if each.zero_shot)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("flair-stack-no-reprojection", ".layers.reproject_embeddings"),
        ("flair-stack-only-with-places", ".corpus.only_messages_with_places"),
    ],
)
def test_a_variant_differs_in_one_value(name: str, key: str) -> None:
    plain, variant = (flat(asdict(read_recipe(RECIPES / f"{each}.toml"))) for each in ("flair-stack", name))
    assert {each for each in plain.keys() | variant.keys() if plain.get(each) != variant.get(each)} == {".summary", key}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("summary = ", ["not TOML"]),
        ("sumary = 's'", ["sumary: unknown key", "summary, locations_only"]),
        (ZERO_SHOT.replace('summary = "s"', ""), ["summary: missing", "a string"]),
        (ZERO_SHOT.replace('"flair"', '"spacy"'), ["zero_shot.library: is 'spacy'", "flair, transformers"]),
        (ZERO_SHOT.replace('"x"', "7"), ["zero_shot.source: is 7", "a string"]),
        (ZERO_SHOT.replace('= "LOC"', '= "City/town"'), ["zero_shot.labels.LOC: is 'City/town'", "one of LOC"]),
        (ZERO_SHOT.replace("true", "false"), ["zero_shot.labels.LOC", "Country"]),
        (ZERO_SHOT.replace('{LOC = "LOC"}', "{}"), ["zero_shot.labels: is empty"]),
        (ZERO_SHOT.replace("true", "1"), ["locations_only: is 1", "true or false"]),
        (TRAINED.replace("batch_size = 4", "batch_size = 0"), ["training.batch_size: is 0", "at least 1"]),
        (TRAINED.replace("rate = 1", "rate = 0"), ["training.learning_rate: is 0.0", "more than 0"]),
        (TRAINED.replace("rate = 1", "rate = nan"), ["training.learning_rate: is nan"]),
        (TRAINED.replace("epochs = 2", "epochs = 2.5"), ["training.epochs: is 2.5", "whole number"]),
        (TRAINED.replace('"linear"', '"anneal"'), ["training.selection_share", "anneal"]),
        (TRAINED.replace("epochs = 2", "epochs = 2\nselection_share = 0.9"), ["selection_share", "at most 0.5"]),
        (TRAINED.replace("[layers]", "[layer]"), ["layer: unknown key", "layers"]),
        (TRAINED.replace('kind = "transformer"', ""), ["embeddings.encoder.kind: missing", "words, characters"]),
        (TRAINED + "[corpus]\nauxiliary = ['a.jsonl']", ["corpus.auxiliary", "locations_only = true"]),
        (TRAINED + "[corpus]\nauxiliary = ['a.jsonl', 3]", ["corpus.auxiliary[1]: is 3", "a string"]),
        (TRAINED + '[zero_shot]\nlibrary = "flair"\nsource = "x"\nlabels = {}', ["embeddings", "zero_shot"]),
        (TRAINED.split("[training]")[0], ["training: missing"]),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(text: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert all(word in str(caught.value) for word in ["mine.toml", *words]), str(caught.value)


def test_a_recipe_that_is_not_there_tells_which_are() -> None:
    with pytest.raises(RecipeError, match="flair-stack-no-reprojection, flair-stack-only-with-places, itu-winner"):
        read_recipe(RECIPES / "flare-stack.toml")


def test_other_values_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TRAINED, encoding="utf-8")
    given_ = dict(
        parse_override(each)
        for each in (
            "training.epochs=7",
            "embeddings.encoder.source=/some where/x",
            "layers.crf=true",
            "corpus.only_messages_with_places=true",
        )
    )
    recipe = read_recipe(path, given_)
    assert recipe.training is not None
    assert recipe.layers is not None
    assert (recipe.training.epochs, recipe.layers.crf, recipe.corpus.only_messages_with_places) == (7, True, True)
    assert recipe.sources() == {"embeddings.encoder.source": "/some where/x"}
    for key, words in {"training.epoch": "unknown key", "summary.x": "is a value"}.items():
        with pytest.raises(RecipeError, match=words):
            read_recipe(path, {key: 1})


@given(st.from_regex(r"[a-z_]+(\.[a-z_]+)*", fullmatch=True), st.text())
def test_an_override_keeps_its_key_and_never_breaks(key: str, value: str) -> None:
    found, parsed = parse_override(f"{key}={value}")
    assert found == key
    if value.isascii() and value.isalpha() and value not in ("true", "false", "inf", "nan"):
        assert parsed == value


@given(st.integers(-(10**12), 10**12) | st.booleans())
def test_an_override_is_read_as_toml(value: int) -> None:
    parsed = parse_override(f"a.b={str(value).lower()}")[1]
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize("text", ["training.epochs", "=3", ""])
def test_an_override_without_key_or_value_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="key=value"):
        parse_override(text)
