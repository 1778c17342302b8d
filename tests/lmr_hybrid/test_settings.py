"""Settings as TOML: written, they are read again as they were."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmr_hybrid.errors import SettingsError
from lmr_hybrid.settings import Limits, read_settings, read_toml, toml_text

# Surrogates cannot stand in a file of UTF-8.
texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
plain = st.recursive(texts | st.booleans() | numbers, lambda inner: st.lists(inner, max_size=3))
tables = st.recursive(
    st.dictionaries(texts, plain, max_size=4),
    lambda inner: st.dictionaries(texts, plain | inner, max_size=3),
    max_leaves=4,
)


@given(tables)
def test_what_is_written_is_read(settings: dict) -> None:
    assert tomllib.loads(toml_text(settings)) == settings


@dataclass(frozen=True, slots=True)
class Inner:
    share: float = 0.5
    width: Annotated[float, Limits()] = 1.0


@dataclass(frozen=True, slots=True)
class Outer:
    name: str
    count: Annotated[int, Limits(1, 5)] = 1
    rate: float | None = None
    size: Annotated[int, Limits(minimum=1)] = 1
    names: tuple[str, ...] = ()
    kind: Literal["a", "b"] = "a"
    inner: Inner = field(default_factory=Inner)


def read(**table: object) -> Outer:
    return read_settings(Outer, table, source=Path("x.toml"), section="outer", limits=Limits(0, 1))


def test_values_become_what_the_fields_say() -> None:
    found = read(name="n", rate=1, names=["x", "y"], inner={"share": 0})
    assert found == Outer("n", rate=1.0, names=("x", "y"), inner=Inner(0.0))
    assert isinstance(found.rate, float)
    assert read(name="n", names="x").names == ("x",)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "[outer] lacks name"),
        ({"name": "n", "cuont": 1}, "Did you mean count?"),
        ({"name": "n", "count": True}, "a whole number, between 1 and 5"),
        ({"name": "n", "count": 6}, "between 1 and 5"),
        ({"name": "n", "size": 10**400}, "size must be a whole number"),
        ({"name": "n", "inner": {"width": 10**400}}, "width must be a number"),
        ({"name": "n", "rate": float("nan")}, "between 0 and 1"),
        ({"name": "n", "rate": 1.5}, "between 0 and 1"),
        ({"name": "n", "names": [1]}, "a list of texts"),
        ({"name": "n", "kind": "c"}, "one of a, b"),
        ({"name": 3}, "a text"),
        ({"name": "n", "inner": {"shares": 1}}, "[outer.inner] has no setting 'shares'"),
        ({"name": "n", "inner": 1}, "[outer.inner] is not a table"),
    ],
)
def test_wrong_values_are_refused_by_name(table: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**table)
    assert words in str(caught.value)
    assert caught.value.subject == Path("x.toml")


@pytest.mark.parametrize(
    "content", [b"\xff", b"a = ", b"[a\n", b"a = " + b"[" * 20_000], ids=["bytes", "no value", "no end", "too deep"]
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="is not TOML"):
        read_toml(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_toml(tmp_path)
