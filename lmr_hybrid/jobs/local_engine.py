"""A job in this process: one chunk after the other, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs.part_writer import PartWriter, Written
from lmr_hybrid.jobs.parts import DoneRows
from lmr_hybrid.jobs.plan import Plan


class LocalEngine:
    """Holds the recogniser, which it opens at once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._writer = PartWriter(plan)

    def run(self, done: Mapping[int, DoneRows]) -> Iterator[Written | InputError]:
        """Yield each part as it is written, and the error of each file that cannot be read to its end."""
        for number in range(len(self._plan.files)):
            before = done.get(number, DoneRows({}))
            if not before.complete:
                yield from self._run_file(number, before)

    def _run_file(self, number: int, before: DoneRows) -> Iterator[Written | InputError]:
        try:
            for chunk in self._plan.chunks(number, before.parts):
                yield self._writer.write(chunk)
        except InputError as error:
            yield error
