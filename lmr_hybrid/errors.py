"""What can go wrong with recognition.

LmrError
├── CorpusError            a corpus that cannot be read as what it claims to be
│   ├── CorpusNotFound
│   └── CorpusMalformed    a line of it breaks the format or contradicts itself
├── ModelError             a model that cannot be used
│   ├── ModelNotFound      not a model folder
│   ├── ModelFormatMismatch  written by another version of the format
│   ├── ModelCorrupt       a file of it is missing or is not what the configuration says
│   ├── ModelNotExportable  of an architecture, or with a setting, that the exported runtime does not know
│   ├── ModelNotPrunable   there are no neurons to take from it, or it is not known where they are
│   ├── ModelsDiffer       several are not of one make, so that they have no mean
│   ├── RuntimeNotFound    it cannot be run in the way that was asked for
│   └── UnknownOperatingPoint  the model has no such operating point
├── InputError             messages that cannot be read: a file, or a column of a table
│   ├── NotATable
│   └── ColumnNotFound     the table has no such column
├── SettingsError          a file of settings that cannot be read, or one of them is not what is expected
├── TrainingError          a training that cannot start or go on
├── OutputError            results that cannot be written where asked, or read back
│   └── JobMismatch        they are those of a job with another input, model or settings
├── EngineError            what is to run a job is not there, or gave up
└── NotText                something other than `str` where a text is expected
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class LmrError(Exception):
    """Anything expected to go wrong with recognition; `subject` is the file, folder or object it is about."""

    def __init__(self, subject: object, problem: str, remedy: str) -> None:
        super().__init__(f"{subject}: {problem}. {remedy}")
        self.subject = subject
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors of workers come to the caller pickled, which by itself would call __init__ with the message alone.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[LmrError], arguments: tuple[Any, ...], state: dict[str, Any]) -> LmrError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class CorpusError(LmrError):
    """A corpus cannot be read as what it claims to be; `path` is the file or folder."""

    def __init__(self, path: str | Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = Path(path)


class CorpusNotFound(CorpusError):
    """The corpus does not exist, or is not of the kind (file, folder) that was asked for."""


class CorpusMalformed(CorpusError):
    """A line breaks the format or contradicts itself; `line` counts from 1, as editors do."""

    def __init__(self, path: str | Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(path, f"line {line}: {problem}", remedy)
        self.line = line


class ModelError(LmrError):
    """A model cannot be used; the subject is its folder or the file at fault."""


class ModelNotFound(ModelError):
    """The model folder does not exist or holds no configuration."""


class ModelFormatMismatch(ModelError):
    """The model was written by another version of the format."""


class ModelCorrupt(ModelError):
    """A file of the model is missing or is not what the configuration says."""


class ModelNotExportable(ModelError):
    """The model has an architecture or a setting that the exported runtime does not know; it still runs on Flair."""


class ModelNotPrunable(ModelError):
    """The model is of an architecture that is not known, or as narrow already, or there are no messages to go by."""


class ModelsDiffer(ModelError):
    """The model is of another make than those that it is to be averaged with."""


class RuntimeNotFound(ModelError):
    """The model cannot be run in the way that was asked for: that form of it, or the library for it, is not there."""


class UnknownOperatingPoint(ModelError, ValueError):
    """The model has no operating point of that name; it has those of its calibration, and "balanced" in any case."""


class InputError(LmrError):
    """Messages cannot be read; the subject is the path of their file or the column of their table."""


class NotATable(InputError, TypeError):
    """Something other than a table was given where one is expected; the subject is its type."""


class ColumnNotFound(InputError, LookupError):
    """The table has no column of that name; the subject is the column."""


class SettingsError(LmrError):
    """Settings cannot be read, or one of them is unknown or not what is expected; the subject is the file."""


class TrainingError(LmrError):
    """A training cannot start or go on; the subject is the file, folder or setting at fault."""


class NotText(LmrError, TypeError):
    """Something other than `str` was given where a text is expected; the subject is its position in the input."""


class OutputError(LmrError):
    """Results cannot be written where they were asked for, or a line of them cannot be read back."""


class JobMismatch(OutputError):
    """The folder holds the results of a job with another input, model or settings; the subject is the folder."""


class EngineError(LmrError):
    """What is to run a job is not there, or gave up; the subject is its name."""
