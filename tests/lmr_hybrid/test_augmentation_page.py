"""docs/augmentation.md: its table is that of the configuration, its samples are what augmentation makes now."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from lmr_hybrid.augmentation import AugmentationConfig

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "augmentation.md"


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import augmentation_samples

    yield augmentation_samples
    sys.modules.pop("augmentation_samples")


def test_the_table_lists_every_switch_with_its_default() -> None:
    table = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert table == [(field.name, str(field.default)) for field in fields(AugmentationConfig)]


@pytest.mark.slow
def test_the_samples_are_those_of_the_script(samples) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == samples.updated(page)
    assert page.count("\n-> ") >= 80


def test_the_messages_hold_those_of_the_demo(samples) -> None:
    texts = [message.text for message in samples.read_plain_jsonl(samples.MESSAGES)]
    demo = (ROOT / "benchmarks" / "demo_messages.txt").read_text(encoding="utf-8").splitlines()
    assert texts[: len(demo)] == demo
    assert len(set(texts)) == len(texts)
