"""The `README.md` of a model folder: what it is, what it was trained on, how well it does."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from lmr_hybrid.corpora import Message
from lmr_hybrid.tagging.config import TaggerConfig

_HEAD = """\
---
language: en
tags: [location-mention-recognition, token-classification, flair]
---

# A location mention tagger

Marks the places that short messages name, with one of {type_count} types each. Made by `lmr_hybrid {version}`; load it
with `Recognizer(model="this folder")`.

"""
_LIMITS = """\
## Limits

English messages about disasters, mostly in the register of Twitter. A mention is not proof that something happened
there: people decide, not this model. Streets and buildings are found less often than countries, states and cities; a
gazetteer of the region helps.
"""
_CARD = """\
{head}- **Encoder**: {encoder}, fine-tuned.{teachers}
- **Gazetteer features**: {features}.
- **Trained**: {date}, {seconds:.0f} s, seed {seed}.
- **Hardware**: {hardware}.
- **Versions**: {versions}.

## Data

{data}

The checksums are of the messages and their mentions as they were read, whatever the format of the file.

## Scores

{scores}

## Settings

```json
{settings}
```

{limits}"""
_AVERAGED_CARD = """\
{head}Its weights are the mean of those of {count} models (`average`, {date}), of whose training their own cards tell:

{sources}

## Scores

Not measured: `python -m lmr_hybrid evaluate` does that.

{limits}"""

_PRUNED_CARD = """\
{head}It is the model {source} with {neurons} neurons in each feed-forward layer instead of {before} (`prune`, {date}).

## Scores

Not measured: `python -m lmr_hybrid evaluate` does that.

{limits}"""


@dataclass(frozen=True, slots=True)
class DataSummary:
    """A collection of messages in one line: its name, how much it holds, and the checksum of what it says."""

    name: str
    messages: int
    mentions: int
    checksum: str

    @classmethod
    def of(cls, name: str, messages: Sequence[Message]) -> Self:
        """Sum up messages; the same messages in the same order have the same checksum, whatever they are called."""
        digest = sha256()
        for message in messages:
            digest.update(json.dumps([message.text, [asdict(each) for each in message.mentions]]).encode())
        mentions = sum(len(message.mentions) for message in messages)
        return cls(name, len(messages), mentions, f"sha256:{digest.hexdigest()}")

    def __str__(self) -> str:
        return f"{self.name}: {self.messages} messages with {self.mentions} mentions, {self.checksum}"


def model_card(
    *,
    encoder: str,
    teachers: int = 0,
    data: Mapping[str, Sequence[DataSummary]],
    features: str,
    scores: Mapping[str, float],
    seconds: float,
    hardware: str,
    tagger: TaggerConfig,
    settings: Mapping[str, Any],
) -> str:
    """Return the Markdown of a model card.

    `teachers` says how many models taught it, `data` are the collections by what they were used for, `scores` exact
    span scores of the tagger alone on the dev corpus, `settings` those of the training, in tables.
    """
    shown = {name: value for name, value in asdict(tagger).items() if name != "feature_columns"}
    used = [f"- **{use}**: {each}" for use, summaries in data.items() for each in summaries if each.messages]
    lines = [f"- {name}: {value:.4f}" for name, value in scores.items()]
    return _CARD.format(
        head=_head(tagger),
        encoder=encoder,
        teachers=f"\n- **Taught by**: {teachers} models, by the mean of their probabilities." if teachers else "",
        data="\n".join(used),
        features=features.rstrip("."),
        date=datetime.now(UTC).date().isoformat(),
        seed=settings["training"]["seed"],
        hardware=hardware,
        versions=", ".join(f"{name} {version(name)}" for name in ("torch", "flair", "transformers")),
        seconds=seconds,
        scores="\n".join(lines) or "Not measured: no dev corpus was given.",
        settings=json.dumps({**settings, "tagger": shown}, indent=2),
        limits=_LIMITS,
    )


def averaged_model_card(sources: Sequence[tuple[str, str]], *, tagger: TaggerConfig) -> str:
    """Return the Markdown of the card of a model that is the mean of others: their names, with their checksums."""
    return _AVERAGED_CARD.format(
        head=_head(tagger),
        count=len(sources),
        date=datetime.now(UTC).date().isoformat(),
        sources="\n".join(f"- {name}: {checksum}" for name, checksum in sources),
        limits=_LIMITS,
    )


def pruned_model_card(source: tuple[str, str], *, before: int, neurons: int, tagger: TaggerConfig) -> str:
    """Return the Markdown of the card of a model that another, given by name and checksum, was made narrower to."""
    return _PRUNED_CARD.format(
        head=_head(tagger),
        source=f"{source[0]} ({source[1]})",
        before=before,
        neurons=neurons,
        date=datetime.now(UTC).date().isoformat(),
        limits=_LIMITS,
    )


def _head(tagger: TaggerConfig) -> str:
    return _HEAD.format(type_count=len(tagger.types), version=version("lmr_hybrid"))


def describe_hardware() -> str:
    """Return the GPU's name where one is used, else the processor's, and the number of threads."""
    import flair
    import torch

    if flair.device.type == "cuda":
        return f"{torch.cuda.get_device_name(flair.device)}, {platform.machine()}"
    return f"{_processor()}, {platform.machine()}, {torch.get_num_threads()} threads"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")
