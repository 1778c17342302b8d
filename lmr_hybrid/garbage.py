"""When Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Put off looking for cycles of dead objects, unless whoever calls has put it off already.

    What a batch is made of is alive until it is done, and what of it dies, dies without cycles, yet the collector would
    walk through all of it, and through all else in the process, time and again: it comes by as objects are made. None
    of a caller's own code may run meanwhile.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
