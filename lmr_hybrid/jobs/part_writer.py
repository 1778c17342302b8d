"""The work on a chunk: its texts recognised, its part and its rejects written. All engines do it with this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lmr_hybrid.jobs.chunks import Chunk, rejecting
from lmr_hybrid.jobs.encoding import to_json_lines, to_parquet
from lmr_hybrid.jobs.parts import PartStore, described
from lmr_hybrid.jobs.plan import Plan
from lmr_hybrid.mention import Recognition

if TYPE_CHECKING:
    from lmr_hybrid.recognizer import Recognizer


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a chunk: its part, its file and first row, how many rows it covers, and how many stored bytes."""

    part: str
    file: int
    first: int
    rows: int
    size: int


class PartWriter:
    """Holds what every chunk needs: the recogniser, opened once, and the folder of results."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._store = PartStore(plan.output)
        self._recognizer: Recognizer = plan.choice.open()

    def write(self, chunk: Chunk) -> Written:
        """Recognise the texts of a chunk and write its part. Raises `OutputError`."""
        chunk, recognitions = self._recognize(chunk)
        chunk, content = self._encode(chunk, recognitions)
        rejects = [described(reject, self._plan.files[chunk.file].name) for reject in chunk.rejects]
        part = self._store.write_part(chunk, self._plan.settings.to, content, rejects)
        return Written(part, chunk.file, chunk.first, chunk.end - chunk.first, chunk.size)

    def _recognize(self, chunk: Chunk) -> tuple[Chunk, list[Recognition]]:
        """Return recognitions of the rows that can be recognised, and the chunk with those rows."""
        try:
            return chunk, self._together(chunk.texts)
        except Exception as error:
            alone = [self._alone(text) for text in chunk.texts]
            good = [found for found in alone if isinstance(found, Recognition)]
            if not good:
                # Not the texts are at fault but the recogniser.
                raise error from None
            failed = {at: found for at, found in enumerate(alone) if not isinstance(found, Recognition)}
            return rejecting(chunk, _reasons("recognised", failed)), good

    def _encode(self, chunk: Chunk, recognitions: Sequence[Recognition]) -> tuple[Chunk, bytes]:
        """Return the rows that can be written as the bytes of a part, and the chunk with those rows."""
        try:
            return chunk, self._encoded(chunk, recognitions)
        except Exception:
            failed = dict(self._unwritable(chunk, recognitions))
            if not failed:
                raise
            good = [found for at, found in enumerate(recognitions) if at not in failed]
            return self._encode(rejecting(chunk, _reasons("written", failed)), good)

    def _unwritable(
        self, chunk: Chunk, recognitions: Sequence[Recognition], first: int = 0
    ) -> Iterator[tuple[int, Exception]]:
        """Yield the positions, counted from `first`, of the rows that cannot be written even alone, and why."""
        try:
            self._encoded(chunk, recognitions)
        except Exception as error:
            if len(chunk.rows) == 1:
                yield first, error
                return
            middle = len(chunk.rows) // 2
            for half in (slice(middle), slice(middle, None)) if middle else ():
                rows = replace(chunk, rows=chunk.rows[half], texts=chunk.texts[half], columns=chunk.columns[half])
                yield from self._unwritable(rows, recognitions[half], first + (half.start or 0))

    def _encoded(self, chunk: Chunk, recognitions: Sequence[Recognition]) -> bytes:
        name = self._plan.files[chunk.file].name
        if self._plan.settings.to == "jsonl":
            return to_json_lines(chunk, recognitions, name=name)
        metadata = {"source_file": name, "first_row": str(chunk.first), "end_row": str(chunk.end)}
        attribution = {"attribution": self._recognizer.gazetteer.attribution}
        schema = self._plan.schema
        return to_parquet(chunk, recognitions, name=name, schema=schema, metadata={**metadata, **attribution})

    def _together(self, texts: Sequence[str]) -> list[Recognition]:
        settings = self._plan.settings
        return list(
            self._recognizer.recognize_many(
                texts,
                batch_size=settings.batch_size,
                near=settings.near,
                countries=settings.countries,
                region=settings.region,
            )
        )

    def _alone(self, text: str) -> Recognition | Exception:
        try:
            return self._together([text])[0]
        except Exception as error:
            return error


def _reasons(done: str, failed: Mapping[int, object]) -> dict[int, str]:
    """Return what a reject says of each error: that the row cannot be recognised, or cannot be written."""
    return {at: f"cannot be {done} ({type(error).__name__}: {error})" for at, error in failed.items()}
