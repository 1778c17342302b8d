"""The collector is put off while a batch is worked on, never while a caller's own code runs."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lmr_hybrid import Recognizer
from lmr_hybrid.garbage import collector_paused

#: Prints how many mentions texts have, and how many objects they leave to the collector.
LEFT_BEHIND = """
import gc, json
from lmr_hybrid import Recognizer
recognizer = Recognizer(runtime="onnx")
texts = [f"The road from Houston to Freeport {number} is closed." for number in range(50)]
# What is imported when it is first needed leaves some.
list(recognizer.recognize_many(texts))
gc.collect()
gc.disable()
mentions = sum(len(recognition.mentions) for recognition in recognizer.recognize_many(texts))
print(json.dumps([mentions, gc.collect()]))
"""


@pytest.fixture(params=[True, False], ids=["on", "off"])
def enabled(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether the caller has the collector on; on again afterwards."""
    if not request.param:
        gc.disable()
    yield request.param
    gc.enable()


def test_it_is_off_within_and_as_before_afterwards(enabled: bool) -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() == enabled


def test_an_error_leaves_it_as_before(enabled: bool) -> None:
    with pytest.raises(OSError, match="no more"), collector_paused():
        raise OSError("no more")
    assert gc.isenabled() == enabled


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_whoever_gives_texts_and_takes_answers_has_it_as_before(
    recognizer: Recognizer, enabled: bool, batch_size: int, together: bool
) -> None:
    seen = []

    def texts() -> Iterator[str]:
        for number in range(7):
            seen.append(gc.isenabled())
            yield f"Flooding in Freeport, {number} rescued"

    answers = recognizer.recognize_many(texts(), batch_size=batch_size, together=together)
    seen.extend(gc.isenabled() for _ in answers)
    assert seen == [enabled] * 14


def test_the_exported_form_leaves_no_cycles_behind() -> None:
    # In a process of its own: here, training has left some of others that come up for collection at any time.
    left = subprocess.run([sys.executable, "-c", LEFT_BEHIND], capture_output=True, text=True, check=True)
    assert json.loads(left.stdout) == [100, 0]
