"""The `README.md` of a model folder: what it is, what it was trained on, how well it does."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig

_CARD = """\
---
language: en
tags: [location-mention-recognition, token-classification, flair]
---

# A location mention tagger

Marks the places that short messages name, with one of {type_count} types each. Made by `lmr_hybrid {version}`; load it
with `Recognizer(model="this folder")`.

- **Encoder**: {encoder}, fine-tuned.
- **Trained on**: {corpus}.
- **Gazetteer features**: {features}.
- **Trained**: {date} on {machine}, {seconds:.0f} s.

## Scores

{scores}

## Settings

```json
{settings}
```

## Limits

English messages about disasters, mostly in the register of Twitter. A mention is not proof that something happened
there: people decide, not this model. Streets and buildings are rare in the training data and are found less often than
countries, states and cities; a gazetteer of the region helps.
"""


def model_card(
    *,
    encoder: str,
    corpus: str,
    features: str,
    scores: Mapping[str, float],
    seconds: float,
    tagger: TaggerConfig,
    training: TrainingConfig,
) -> str:
    """Return the Markdown of a model card; `scores` are exact span scores of the tagger alone on the dev corpus."""
    tagger_settings = {name: value for name, value in asdict(tagger).items() if name != "feature_columns"}
    lines = [f"- {name}: {value:.4f}" for name, value in scores.items()]
    return _CARD.format(
        type_count=len(tagger.types),
        version=version("lmr_hybrid"),
        encoder=encoder,
        corpus=corpus,
        features=features.rstrip("."),
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.machine()}, torch {version('torch')}, flair {version('flair')}",
        seconds=seconds,
        scores="\n".join(lines) or "Not measured: no dev corpus was given.",
        settings=json.dumps({"tagger": tagger_settings, "training": asdict(training)}, indent=2),
    )
