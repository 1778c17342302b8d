"""What says which job a folder of results belongs to, so that it goes on with the same input and settings only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from lmr_hybrid.errors import JobMismatch, OutputError
from lmr_hybrid.jobs.parts import FINISHED, MANIFEST, PartStore
from lmr_hybrid.jobs.plan import Plan

FORMAT = 1
_REMEDY = "Start with --restart to do it anew, which removes what is there, or name another folder"
#: How many differences an error names.
_NAMED = 3


def manifest_of(plan: Plan) -> dict[str, Any]:
    """Return all that the results of a plan depend on; neither the engine nor the size of batches is of it."""
    settings = {name: value for name, value in asdict(plan.settings).items() if name != "batch_size"}
    return {
        "format": FORMAT,
        "recognizer": plan.choice.fingerprint(),
        "settings": settings,
        "files": {
            file.name: {"kind": file.kind, "size": file.size, "version": file.version, "checksum": file.checksum}
            for file in plan.files
        },
    }


def enter(store: PartStore, manifest: Mapping[str, Any], *, restart: bool) -> dict[str, Any] | None:
    """Make a folder that of the job, or see that it already is; return the report of the job if that has finished.

    Raises `JobMismatch` where it holds another job, `OutputError` where it holds something else.
    """
    # By way of JSON, as what is read back has come: tuples are lists.
    wanted = json.loads(json.dumps(manifest))
    written = store.read(MANIFEST)
    if written is None:
        if foreign := sorted(name for name in store.names() if not name.startswith((".", "_"))):
            problem = f"holds files of something else, such as {foreign[0]}"
            raise OutputError(store.location, problem, "Name a new or an empty folder")
    elif not restart:
        try:
            found = json.loads(written)
        except ValueError:
            found = {}
        if differing := list(_differences(found, wanted)):
            more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
            problem = f"holds the results of another job: {'; '.join(differing[:_NAMED])}{more}"
            raise JobMismatch(store.location, problem, _REMEDY)
        store.make()
        store.remove_orphans()
        finished = store.read(FINISHED)
        return json.loads(finished) if finished else None
    store.clear()
    store.make()
    store.write(MANIFEST, _as_bytes(wanted))
    return None


def finish(store: PartStore, report: Mapping[str, Any]) -> None:
    """Say that the job is complete, and what came of it."""
    store.write(FINISHED, _as_bytes(report))


def _as_bytes(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any], subject: str = "") -> Iterator[str]:
    """Yield in words what is not in one manifest as it is in the other."""
    for key in {**found, **wanted}:
        name = f"{subject} {key}".strip()
        if found.get(key) == wanted.get(key):
            continue
        if subject == "files":
            yield f"{key} is {_change(key in found, key in wanted)}"
        elif isinstance(found.get(key), dict) and isinstance(wanted.get(key), dict):
            yield from _differences(found[key], wanted[key], key)
        elif key in ("model", "gazetteers"):
            yield f"another {key.removesuffix('s')}"
        else:
            yield f"{name} was {found.get(key)!r} and is now {wanted.get(key)!r}"


def _change(before: bool, now: bool) -> str:
    if before and now:
        return "changed since"
    return "new" if now else "gone"
