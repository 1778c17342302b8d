"""A job in a process of its own, with a recogniser that finds place names in a list, at a rate that can be told.

    python job_program.py MESSAGES OUTPUT PART_ROWS TO [SECONDS_A_PART]

It stands for the real one where a test is about what happens around it; a process that is to be killed at many moments
must not take seconds to start.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lmr_hybrid.jobs import JobSettings, RecognizerChoice, run_job
from lmr_hybrid.mention import Mention, Recognition

_NAME = re.compile("Freeport|Houston|Kerala|Lake Conroe|Paris")


class NamesOnly:
    def __init__(self, seconds: float) -> None:
        self.gazetteer, self.attribution, self._seconds = self, "toy data", seconds

    def recognize_many(self, texts: Iterable[str], **_: Any) -> Iterator[Recognition]:
        time.sleep(self._seconds)
        for text in texts:
            found = [Mention(each[0], *each.span(), "City/town", 1.0) for each in _NAME.finditer(text)]
            yield Recognition(text, tuple(found))


class NamesOnlyChoice(RecognizerChoice):
    def open(self) -> Any:
        return NamesOnly(float(self.operating_point))

    def fingerprint(self) -> dict[str, Any]:
        return {"names": _NAME.pattern}


if __name__ == "__main__":
    messages, output, part_rows, to, *seconds = sys.argv[1:]
    settings = JobSettings(part_rows=int(part_rows), to=to)  # type: ignore[arg-type]
    choice = NamesOnlyChoice(operating_point=seconds[0] if seconds else "0")
    report = run_job(messages, output, choice=choice, settings=settings)
    # The peak that getrusage gives begins with that of the process by which this one was started.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])
    sys.stdout.write(f"{report.rows} {report.resumed} {kilobytes}\n")
