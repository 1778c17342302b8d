"""How far a job is: a bar that counts rows, with rate and time left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tqdm import tqdm

from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs.locations import InputFile, open_stored, refusals
from lmr_hybrid.jobs.part_writer import Written
from lmr_hybrid.jobs.parts import DoneRows


class RowEstimate:
    """How many rows all files have: counted in Parquet, for others told by the rows in the bytes read so far."""

    def __init__(self, files: Sequence[InputFile], done: Mapping[int, DoneRows]) -> None:
        self._known = 0
        self._bytes = self._seen_rows = self._seen_bytes = 0
        for number, file in enumerate(files):
            before = done.get(number, DoneRows({}))
            if before.complete:
                self._known += before.rows
            elif file.kind == "parquet":
                self._known += _parquet_rows(file)
            else:
                self._bytes += file.size
        self._kinds = [file.kind for file in files]

    def add(self, written: Written) -> None:
        """Take note of a part."""
        if self._kinds[written.file] != "parquet":
            self._seen_rows += written.rows
            self._seen_bytes += written.size

    def total(self) -> int | None:
        """Return the number of rows, None where nothing tells it yet."""
        if not self._bytes:
            return self._known
        if not self._seen_bytes:
            return None
        return self._known + round(self._bytes * self._seen_rows / self._seen_bytes)


def with_progress(
    written: Iterator[Written | InputError],
    files: Sequence[InputFile],
    done: Mapping[int, DoneRows],
    *,
    progress: bool | None,
) -> Iterator[Written | InputError]:
    """Hand on what an engine yields, and show it; by default on a terminal only."""
    estimate = RowEstimate(files, done)
    before = sum(each.rows for each in done.values())
    with tqdm(
        desc="recognizing",
        unit=" messages",
        initial=before,
        total=estimate.total(),
        disable=None if progress is None else not progress,
    ) as bar:
        for each in written:
            if isinstance(each, Written):
                estimate.add(each)
                total = estimate.total()
                bar.total = None if total is None else max(total, bar.n + each.rows)
                bar.update(each.rows)
            yield each


def _parquet_rows(file: InputFile) -> int:
    import pyarrow.parquet

    try:
        with open_stored(file) as stream:
            return int(pyarrow.parquet.read_metadata(stream).num_rows)
    except (refusals(file.url), pyarrow.ArrowException):
        # Whoever reads its rows says what is wrong with it.
        return 0
