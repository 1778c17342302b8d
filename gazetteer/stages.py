"""What a long piece of work is at, shown on the standard error."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from tqdm import tqdm


class Stages:
    """One line that names the current stage and the time so far: call it with each stage; use it as a context manager.

    `progress` None shows it only where the standard error is a terminal.
    """

    def __init__(self, title: str, *, progress: bool | None) -> None:
        self._title = title
        # `disable=None` is tqdm's way to say: only where stderr is a terminal.
        disable = None if progress is None else not progress
        self._bar: tqdm[Any] = tqdm(bar_format="{desc} [{elapsed}]", leave=False, disable=disable)

    def __call__(self, stage: str) -> None:
        """Say that a stage begins."""
        self._bar.set_description_str(f"{self._title}: {stage}")
        self._bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
