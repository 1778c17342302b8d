"""What `gazetteer` exports, what importing it costs, and its tree of errors."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys

import pytest

import gazetteer
from gazetteer import errors

ERRORS = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


def test_the_exported_names() -> None:
    assert gazetteer.__all__ == [
        "WORLD",
        "BuildError",
        "FormatMismatch",
        "FuzzyMatch",
        "Gazetteer",
        "GazetteerCorrupt",
        "GazetteerError",
        "GazetteerNotFound",
        "GazetteerUnreadable",
        "Match",
        "NameFacts",
        "NameKind",
        "NoNamedPlaces",
        "ParentBasis",
        "Place",
        "PlaceKind",
        "PlaceName",
        "Selection",
        "SelectionError",
        "SourceError",
        "SourceNotFound",
        "SourceUnreadable",
        "Token",
        "Update",
        "UpdateError",
        "build_gazetteer",
        "leftmost_longest",
        "normalize_name",
        "tokenize",
        "unite_labels",
        "update_gazetteer",
    ]


def test_every_exported_name_exists_and_is_documented() -> None:
    for name in gazetteer.__all__:
        assert getattr(gazetteer, name).__doc__, name


def test_every_error_is_exported() -> None:
    assert {error.__name__ for error in ERRORS} <= set(gazetteer.__all__)


def test_importing_the_gazetteer_imports_nothing_heavy() -> None:
    program = "import sys, gazetteer; print(*sorted(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(result.stdout.split())
    assert "gazetteer.gazetteer" in modules
    assert modules & {"torch", "flair", "transformers", "duckdb", "_duckdb", "pyarrow", "osmium", "lmr_hybrid"} == set()


def drawn_tree() -> dict[str, str | None]:
    """Return each error drawn in the module's docstring with the one it hangs from."""
    parents: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"(?P<indent>(?:[│ ]   )*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?: {2,}|$)", line)
        if found:
            depth = len(found["indent"]) // 4
            path[depth:] = [found["name"]]
            parents[found["name"]] = path[depth - 1] if depth else None
    return parents


def test_the_tree_of_errors_is_the_one_drawn() -> None:
    classes = {error.__name__: error.__base__.__name__ if error.__base__ else "" for error in ERRORS}
    drawn = drawn_tree()
    assert drawn.pop("GazetteerError") is None
    assert classes.pop("GazetteerError") == "Exception"
    assert drawn == classes


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_error_says_what_is_wrong_with_what_and_what_to_do(error: type[errors.GazetteerError]) -> None:
    raised = error("a/b", "is broken", "Mend it")
    assert str(raised) == "a/b: is broken. Mend it"
    copy = pickle.loads(pickle.dumps(raised))  # as from a worker process
    assert (type(copy), str(copy), copy.path, copy.problem, copy.remedy) == (
        error,
        str(raised),
        raised.path,
        "is broken",
        "Mend it",
    )
