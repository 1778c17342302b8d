"""A job on Ray Data: tasks that read files into chunks, actors that hold a recogniser and write the parts.

A chunk is a block of one row. What a lost worker had in hand is done again: the same rows give a part of the same
name, which replaces the one that may be there, so that no row is lost and none comes out twice.
"""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gazetteer import GazetteerError
from lmr_hybrid.errors import EngineError, InputError, LmrError
from lmr_hybrid.jobs.chunks import Done
from lmr_hybrid.jobs.part_writer import PartWriter, Written
from lmr_hybrid.jobs.parts import DoneRows, PartStore
from lmr_hybrid.jobs.plan import Plan

if TYPE_CHECKING:
    import numpy

    Batch = dict[str, numpy.ndarray[Any, Any]]

#: How often a job begins again with what is left when Ray gave up and something had been done since.
_FRUITLESS_ATTEMPTS = 3


class RayEngine:
    """Connects to Ray at once: to the cluster that is connected or RAY_ADDRESS names, else one on this machine.

    Raises `EngineError` where Ray is not installed or has no room for a worker.
    """

    def __init__(self, plan: Plan, *, workers: int | None = None, gpus_per_worker: float = 0.0) -> None:
        # It would tell its makers of each start; nothing leaves this machine unasked.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise EngineError("Ray", f"is not installed ({error})", "pip install 'lmr_hybrid[ray]'") from error
        for url in (plan.output, *(file.url for file in plan.files)):
            if url.startswith("memory:"):
                problem = "is in this process's memory, which workers cannot see"
                raise InputError(url, problem, "Use a disk or store that all can reach")
        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
        self._plan = plan
        self._wanted, self._gpus = workers, gpus_per_worker

    def run(self, done: Mapping[int, DoneRows]) -> Iterator[Written | InputError]:
        """Yield each part as it is known to be written, and the error of each file that cannot be read to its end.

        Raises `EngineError` where Ray gives up again and again without anything done in between.
        """
        from ray.exceptions import RayError

        store = PartStore(self._plan.output)
        attempts = 0
        seen = {(file, first) for file, each in done.items() for first in each.parts}
        while True:
            try:
                for found in self._pass(done):
                    if isinstance(found, InputError):
                        yield found
                    elif (found.file, found.first) not in seen:
                        seen.add((found.file, found.first))
                        yield found
            except RayError as error:
                if own := _own_error(error):
                    raise own from error
                before, done = sum(each.rows for each in done.values()), store.done()
                attempts = 0 if sum(each.rows for each in done.values()) > before else attempts + 1
                if attempts >= _FRUITLESS_ATTEMPTS:
                    problem = f"gave up ({_first_line(error)})"
                    raise EngineError("Ray", problem, "See to its workers and start the same job again") from error
            else:
                return

    def _pass(self, done: Mapping[int, DoneRows]) -> Iterator[Written | InputError]:
        """Run all that has not been done through Ray Data once."""
        import ray.data

        open_files = [number for number in range(len(self._plan.files)) if not _complete(done, number)]
        if not open_files:
            return
        workers = self._workers()
        parts = {number: each.parts for number, each in done.items()}
        data = ray.data.from_items([{"file": number} for number in open_files], override_num_blocks=len(open_files))
        # Readers take no processor, so that they run beside workers that have them all; that they differ in this from
        # the workers also keeps Ray from making one step of the two, in which each file would have a single worker.
        chunks = data.map_batches(
            _read,
            fn_args=(self._plan, parts),
            batch_size=1,
            num_cpus=0,
            compute=ray.data.TaskPoolStrategy(size=min(len(open_files), workers)),
        )
        written = chunks.map_batches(
            _Worker,
            fn_constructor_args=(self._plan,),
            batch_size=1,
            num_cpus=0 if self._gpus else 1,
            num_gpus=self._gpus or None,
            # It begins with one and has more as soon as there is room: a lost machine need not come back.
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
        )
        _one_chunk_a_block(written)
        for row in written.iter_rows():
            yield pickle.loads(row["written"])  # noqa: S301 - made by _Worker

    def _workers(self) -> int:
        """Return how many workers there are to be: those wanted, or as many as there is room for."""
        import ray

        resource, share = ("GPU", self._gpus) if self._gpus else ("CPU", 1.0)
        room = int(ray.cluster_resources().get(resource, 0) / share)
        if room < 1:
            problem = f"has no room for a worker, which takes {share:g} {resource}"
            raise EngineError("Ray", problem, "Add a node that has, or ask for less")
        return min(self._wanted or room, room)


class _Worker:
    """An actor: opens the recogniser once, then writes the part of each chunk it is given."""

    def __init__(self, plan: Plan) -> None:
        self._writer = PartWriter(plan)

    def __call__(self, batch: Batch) -> dict[str, list[bytes]]:
        return {"written": [pickle.dumps(self._work(pickle.loads(each))) for each in batch["chunk"]]}  # noqa: S301

    def _work(self, chunk: Any) -> Written | InputError:
        return chunk if isinstance(chunk, InputError) else self._writer.write(chunk)


def _read(batch: Batch, plan: Plan, parts: Mapping[int, Done]) -> Iterator[dict[str, list[bytes]]]:
    """Yield the chunks of a file; for one that breaks off, the error in place of the chunk that was cut.

    What was cut may be whole when the file is read again after a worker was lost, and would then be there twice.
    """
    for number in map(int, batch["file"]):
        try:
            for chunk in plan.chunks(number, parts.get(number, {})):
                if not chunk.cut:
                    yield {"chunk": [pickle.dumps(chunk)]}
        except InputError as error:
            yield {"chunk": [pickle.dumps(error)]}


def _complete(done: Mapping[int, DoneRows], number: int) -> bool:
    return number in done and done[number].complete


def _one_chunk_a_block(data: Any) -> None:
    """Have Ray Data hand on each chunk by itself, and draw no bars of its own."""
    # A block is closed once it is larger than this; larger rows are left whole.
    data.context.target_max_block_size = 1
    data.context.enable_progress_bars = False
    data.context.print_on_execution_start = False


def _own_error(error: BaseException | None) -> BaseException | None:
    """Return the error of this package that an error of Ray's has come from, None where there is none."""
    while error is not None:
        if isinstance(error, LmrError | GazetteerError):
            return error
        error = getattr(error, "cause", None) or error.__cause__
    return None


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
