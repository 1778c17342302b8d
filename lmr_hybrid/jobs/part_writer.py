"""The work on a chunk: its texts recognised, its part and its rejects written. All engines do it with this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lmr_hybrid.jobs.chunks import Chunk, Reject, excerpt
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
        name = self._plan.files[chunk.file].name
        kind = self._plan.settings.to
        if kind == "jsonl":
            content = to_json_lines(chunk, recognitions, name=name)
        else:
            metadata = {"source_file": name, "first_row": str(chunk.first), "end_row": str(chunk.end)}
            attribution = {"attribution": self._recognizer.gazetteer.attribution}
            content = to_parquet(
                chunk, recognitions, name=name, schema=self._plan.schema, metadata={**metadata, **attribution}
            )
        rejects = [described(reject, name) for reject in chunk.rejects]
        part = self._store.write_part(chunk, kind, content, rejects)
        return Written(part, chunk.file, chunk.first, chunk.end - chunk.first, chunk.size)

    def _recognize(self, chunk: Chunk) -> tuple[Chunk, list[Recognition]]:
        """Return recognitions of the rows that can be recognised, and the chunk with those rows."""
        try:
            return chunk, self._together(chunk.texts)
        except Exception as error:
            alone = [self._alone(text) for text in chunk.texts]
            good = [number for number, found in enumerate(alone) if isinstance(found, Recognition)]
            if not good:
                # Not the texts are at fault but the recogniser.
                raise error from None
            failed = [
                Reject(row, f"cannot be recognised ({type(found).__name__}: {found})", content=excerpt(text))
                for row, text, found in zip(chunk.rows, chunk.texts, alone, strict=True)
                if not isinstance(found, Recognition)
            ]
            kept = replace(
                chunk,
                rows=[chunk.rows[number] for number in good],
                texts=[chunk.texts[number] for number in good],
                columns=[chunk.columns[number] for number in good]
                if isinstance(chunk.columns, list)
                else chunk.columns.take(good),
                rejects=sorted([*chunk.rejects, *failed], key=lambda reject: reject.row),
            )
            return kept, [found for found in alone if isinstance(found, Recognition)]

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
