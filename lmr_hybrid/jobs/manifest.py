"""What says which job a folder of results belongs to, so that it goes on with the same input and settings only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
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
        "columns": [f"{field.name}: {field.type}" for field in plan.schema],
        "files": {
            file.name: {"kind": file.kind, "size": file.size, "version": file.version, "checksum": file.checksum}
            for file in plan.files
        },
    }


def refuse_foreign(store: PartStore) -> None:
    """Raise `OutputError` where a folder holds something else than the results of a job; nothing is touched."""
    names = store.names()
    foreign = sorted(name for name in names if not name.startswith((".", "_")))
    if foreign and MANIFEST not in names:
        problem = f"holds files of something else, such as {foreign[0]}"
        raise OutputError(store.location, problem, "Name a new or an empty folder")


def enter(store: PartStore, manifest: Mapping[str, Any], *, restart: bool) -> dict[str, Any] | None:
    """Make a folder that of the job, or see that it already is; return the report of the job if that has finished.

    A file that has changed before it was read to its end, such as a broken one that was mended, is begun anew; so is
    one that had no rows, of which there is no part.

    Raises `JobMismatch` where it holds another job.
    """
    # By way of JSON, as what is read back has come: tuples are lists.
    wanted = json.loads(json.dumps(manifest))
    written = store.read(MANIFEST)
    if written is not None and not restart:
        try:
            found = json.loads(written)
        except ValueError:
            found = {}
        begun_anew = _changed_before_their_end(found, wanted, store)
        if differing := list(_differences(_with_files_of(found, wanted, begun_anew.values()), wanted)):
            more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
            problem = f"holds the results of another job: {'; '.join(differing[:_NAMED])}{more}"
            raise JobMismatch(store.location, problem, _REMEDY)
        store.make()
        if begun_anew:
            store.remove_parts(begun_anew)
            store.write(MANIFEST, _as_bytes(wanted))
        store.remove_remains()
        store.remove_orphans()
        finished = store.read(FINISHED)
        return json.loads(finished) if finished else None
    if written is not None:
        # In a folder that is no job's yet they would be those of others, who may be writing.
        store.remove_remains()
    store.clear()
    store.make()
    store.write(MANIFEST, _as_bytes(wanted))
    return None


def _changed_before_their_end(found: Mapping[str, Any], wanted: Mapping[str, Any], store: PartStore) -> dict[int, str]:
    """Return, by their numbers, the files that are others than they were and had not been read to their end."""
    before = found.get("files", {})
    changed = {
        number: name
        for number, (name, file) in enumerate(wanted["files"].items())
        if name in before and before[name] != file
    }
    # The folder is not listed for a job that merely goes on.
    done = store.done() if changed else {}
    return {number: name for number, name in changed.items() if not (number in done and done[number].complete)}


def _with_files_of(found: Mapping[str, Any], wanted: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a manifest with what another says of some files."""
    return {**found, "files": {**found.get("files", {}), **{name: wanted["files"][name] for name in names}}}


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
        elif key == "columns":
            yield "other columns"
        elif key in ("model", "gazetteers"):
            yield f"another {key.removesuffix('s')}"
        else:
            yield f"{name} was {found.get(key)!r} and is now {wanted.get(key)!r}"


def _change(before: bool, now: bool) -> str:
    if before and now:
        return "changed since"
    return "new" if now else "gone"
