"""What is to be done: the files, the settings, the columns. Enough for any engine, on any machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs.chunks import Chunk, Done
from lmr_hybrid.jobs.kinds import KINDS, PART_KINDS, Kind, PartKind, compression_of
from lmr_hybrid.jobs.locations import InputFile, briefly, list_files, open_plain, open_stored, refusals
from lmr_hybrid.jobs.parquet_chunks import parquet_chunks
from lmr_hybrid.jobs.recognizer_choice import RecognizerChoice
from lmr_hybrid.jobs.row_chunks import row_chunks
from lmr_hybrid.jobs.row_formats import DELIMITERS, read_header, row_format
from lmr_hybrid.jobs.schema import RESERVED, carried_schema, part_schema
from lmr_hybrid.linking import Context
from lmr_hybrid.lookahead import BATCH_SIZE

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How a job reads and writes.

    `text_column` holds the messages; `kind` is what all files are, by default what their names say; `to` is the form
    of the parts, and `part_rows` the most rows of the input in one: what is held in memory, and lost when a job is
    killed. `batch_size` texts are tagged together. `near`, `countries` and `region` are those of
    `Recognizer.recognize`. Raises `ValueError` for a number that is not whole or is below 1, an unknown kind, or a
    place off the globe.
    """

    text_column: str = "text"
    kind: Kind | None = None
    to: PartKind = "parquet"
    part_rows: int = 10_000
    batch_size: int = BATCH_SIZE
    near: tuple[float, float] | None = None
    countries: tuple[str, ...] = ()
    region: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        for name in ("part_rows", "batch_size"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}; it must be a whole number of at least 1")
        for name, allowed in (("to", PART_KINDS), ("kind", (None, *KINDS))):
            if getattr(self, name) not in allowed:
                names = ", ".join(map(repr, allowed))
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be one of {names}")
        context = Context.of(near=self.near, countries=self.countries, region=self.region)
        # As plain values, since the manifest keeps them, whatever sequences they came in.
        for name in ("near", "countries", "region"):
            object.__setattr__(self, name, getattr(context, name))


@dataclass(frozen=True, slots=True)
class Plan:
    """A job before its first row: what to read, how, with what, and where the results go."""

    files: Sequence[InputFile]
    output: str
    choice: RecognizerChoice
    settings: JobSettings
    schema: pyarrow.Schema = field(repr=False)

    def chunks(self, number: int, done: Done) -> Iterator[Chunk]:
        """Yield the chunks of the file of this number that have not been done.

        Raises `InputError` where the file cannot be read to its end, after the chunks before that.
        """
        import pyarrow

        file = self.files[number]
        try:
            yield from self._chunks(number, file, done)
        except InputError:
            raise
        except (refusals(file.url), EOFError, ValueError, pyarrow.ArrowException) as error:
            problem = f"cannot be read to its end ({briefly(error)})"
            raise InputError(file.name, problem, "Mend the file, and start the same job again") from error

    def _chunks(self, number: int, file: InputFile, done: Done) -> Iterator[Chunk]:
        settings = self.settings
        if file.kind == "parquet":
            with open_stored(file) as stored:
                yield from parquet_chunks(
                    number,
                    stored,
                    text_column=settings.text_column,
                    size=file.size,
                    part_rows=settings.part_rows,
                    done=done,
                )
            return
        header: list[str] = []
        if file.kind in DELIMITERS:
            with open_plain(file) as (stream, _):
                header = read_header(stream, DELIMITERS[file.kind], source=file.url)
        form = row_format(file.kind, text_column=settings.text_column, header=header, reserved=RESERVED)
        with open_plain(file) as (stream, stored):
            tell = stored.tell if compression_of(file.name) else None
            yield from row_chunks(number, stream, tell, form, part_rows=settings.part_rows, done=done)


def make_plan(messages: str, output: str, *, choice: RecognizerChoice, settings: JobSettings) -> Plan:
    """Look at all files and return the plan. Raises `InputError` where one cannot be used."""
    files = list_files(messages, settings.kind)
    carried = carried_schema(files, settings.text_column, merged=settings.to == "parquet")
    schema = part_schema(carried, others=any(file.kind == "jsonl" for file in files))
    return Plan(files, output, choice, settings, schema)
