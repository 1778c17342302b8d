"""Compiled gazetteers made of places, without a source or a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow
import pytest

from gazetteer.compiled import CompiledGazetteer
from gazetteer.compiling import compile_gazetteer
from gazetteer.places import KINDS, NAME_KINDS, PARENT_BASES, NameKind, Place
from gazetteer.sources.entries import EDGES
from gazetteer.text import normalize_name

#: A place with its names: normalised, the kind of each, and the name it derives from ("" where a source gives it).
Entry = tuple[Place, Sequence[tuple[str, NameKind, str]]]
Compile = Callable[..., CompiledGazetteer]


def place_table(places: Sequence[Place]) -> pyarrow.Table:
    rows = {place.id: row for row, place in enumerate(places)}
    return pyarrow.table(
        {
            **{
                column: pyarrow.array([getattr(place, column) for place in places], type_)
                for column, type_ in (
                    *((column, pyarrow.string()) for column in ("id", "name", "country", "admin1", "wikidata")),
                    *((column, pyarrow.float64()) for column in ("latitude", "longitude")),
                    ("population", pyarrow.uint64()),
                    ("importance", pyarrow.float32()),
                )
            },
            "kind": pyarrow.array([KINDS.index(place.kind) for place in places], pyarrow.uint8()),
            "parent": pyarrow.array([rows.get(place.parent) for place in places], pyarrow.uint32()),
            "parent_basis": pyarrow.array(
                [1 + PARENT_BASES.index(place.parent_basis) if place.parent_basis else 0 for place in places],
                pyarrow.uint8(),
            ),
            **{
                edge: pyarrow.array([place.bounds and place.bounds[number] for place in places], pyarrow.float64())
                for number, edge in enumerate(EDGES)
            },
        }
    )


def name_table(entries: Sequence[Entry]) -> pyarrow.Table:
    bearers: dict[str, list[tuple[int, NameKind, str]]] = {}
    for row, (_, names) in enumerate(entries):
        for name, kind, origin in names:
            bearers.setdefault(name, []).append((row, kind, origin))
    names = sorted(bearers)
    rows = [sorted({row for row, _, _ in bearers[name]}, key=lambda row: -entries[row][0].importance) for name in names]
    columns = {
        "places": rows,
        "kinds": [sorted({KINDS.index(entries[row][0].kind) for row in each}) for each in rows],
        "name_kinds": [sorted({NAME_KINDS.index(kind) for _, kind, _ in bearers[name]}) for name in names],
    }
    types = {"places": pyarrow.uint32(), "kinds": pyarrow.uint8(), "name_kinds": pyarrow.uint8()}
    importance = [max(entries[row][0].importance for row in each) for each in rows]
    origins = [[origin for _, _, origin in bearers[name]] for name in names]
    return pyarrow.table(
        {
            "name": pyarrow.array(names, pyarrow.string()),
            **{column: pyarrow.array(values, pyarrow.list_(types[column])) for column, values in columns.items()},
            "importance": pyarrow.array(importance, pyarrow.float32()),
            "derived_from": pyarrow.array([each[0] if all(each) else "" for each in origins], pyarrow.string()),
        }
    )


@pytest.fixture(scope="session")
def compile_places() -> Compile:
    """A function that compiles entries, or places under their own names, into a folder and opens that."""

    def compile_(folder: Path, entries: Sequence[Entry | Place], *, matcher: str = "trie") -> CompiledGazetteer:
        whole = [
            (entry, [(normalize_name(entry.name), NameKind.NAME, "")]) if isinstance(entry, Place) else entry
            for entry in entries
        ]
        folder.mkdir(exist_ok=True)
        compile_gazetteer(place_table([place for place, _ in whole]), name_table(whole), folder, matcher=matcher)
        return CompiledGazetteer(folder, matcher=matcher)

    return compile_
