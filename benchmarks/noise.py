"""Where do IDRISI-R's annotations contradict what is learnt from the others, and does it help to correct them?

    python benchmarks/noise.py --encoder path/to/all-MiniLM-L6-v2 [--seed 3] [--epochs 3] [--limit 4500]

Cross-validated: each message of train is read by the recogniser of unseen_events.py that never saw its group of events.
Two contradictions are looked at, as in confident learning (Northcutt, Jiang and Chuang 2021): a place that the
recogniser is all but sure of where none is annotated, and an annotated one no word of which it takes for a part of one.
Then taggers are trained on the sample of ablation.py as it is, without the messages that hold a contradiction, and with
the contradictions corrected. Dev is left as it is. Writes results/noise.json: counts and surface forms, no texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from ablation import Found, find, recipe_of, split
from experiment import idrisi, train_once
from record import write_result
from unseen_events import left_out

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.evaluation import exact_scores, f1_difference, format_table
from lmr_hybrid.reconcile import Evidence
from lmr_hybrid.tagging.config import TrainingConfig

_SURE, _UNLIKELY = 0.95, 0.05
_MOST_FORMS = 12
_AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What a message lacks, and which of its mentions nobody finds, as told by a model that never saw its event."""

    unmarked: tuple[GoldMention, ...]
    doubted: tuple[GoldMention, ...]

    def __bool__(self) -> bool:
        return bool(self.unmarked or self.doubted)


@click.command()
@click.option("--encoder", required=True, help="As unseen_events.py was told.")
@click.option("--seed", default=1, show_default=True, help="The seed of the models of unseen_events.py.")
@click.option("--epochs", default=TrainingConfig().epochs, show_default=True, help="As unseen_events.py was told.")
@click.option("--limit", type=int, help="As unseen_events.py was told.")
@click.option("--train", "train_size", default=3_000, show_default=True, help="Messages to train on.")
@click.option("--unseen-work", type=click.Path(path_type=Path), default=Path("unseen_events.work"), show_default=True)
@click.option("--work", type=click.Path(path_type=Path), default=Path("ablation.work"), show_default=True)
def main(
    encoder: str, seed: int, epochs: int, limit: int | None, train_size: int, unseen_work: Path, work: Path
) -> None:
    """Find the contradictions, and train with and without them."""
    found = _contradictions(encoder, seed, epochs, limit, unseen_work)
    seen, dev, _ = split("dev", train_size, 0)
    variants = {
        _AS_IT_IS: seen,
        "without messages that hold a contradiction": [message for message in seen if not found[message.id]],
        "contradictions corrected": [_corrected(message, found[message.id]) for message in seen],
    }
    experiment = recipe_of(encoder, seed=1, epochs=2)
    # A model's folder is named after its messages' identifiers, which corrected ones share.
    read = {name: find(experiment, each, dev, _folder(work, name)) for name, each in variants.items()}
    rows = [_row(name, len(variants[name]), dev, mentions, read[_AS_IT_IS]) for name, mentions in read.items()]
    click.echo(format_table(rows))
    write_result(
        "noise",
        {
            "corpus": "IDRISI-R EN, random split, train",
            "settings": {"encoder": Path(encoder).name, "seed": seed, "epochs": epochs, "limit": limit},
            "contradictions": _counts(found.values()),
            "forms": {part: _forms(found.values(), part) for part in ("unmarked", "doubted")},
            "train": train_size,
            "training": rows,
        },
    )


def _contradictions(
    encoder: str, seed: int, epochs: int, limit: int | None, work: Path
) -> Mapping[str, Contradictions]:
    """Return the contradictions of each message of train by its identifier."""
    train = {message.id for message in idrisi("train")}
    found = {}
    for _, experiment, seen, unseen in left_out(encoder, seed=seed, epochs=epochs, limit=limit):
        recognizer = Recognizer(model=train_once(experiment, seen, work))
        own = [message for message in unseen if message.id in train]
        for message, evidence in zip(own, recognizer.examine([message.text for message in own]), strict=True):
            mentions = recognizer.conclude(evidence).mentions
            sure = [GoldMention(m.text, m.start, m.end, m.type) for m in mentions if m.score >= _SURE]
            found[message.id] = contradictions(message, sure, evidence)
    return found


def contradictions(message: Message, sure: Sequence[GoldMention], evidence: Evidence) -> Contradictions:
    """Return what contradicts the annotations of a message, given what another reader is sure of and its evidence."""
    return Contradictions(
        tuple(mention for mention in sure if not any(_overlap(mention, other) for other in message.mentions)),
        tuple(
            mention
            for mention in message.mentions
            if all(
                probability <= _UNLIKELY
                for token, probability in zip(evidence.tokens, evidence.location.tolist(), strict=True)
                if token.start < mention.end and mention.start < token.end
            )
        ),
    )


def _overlap(one: GoldMention, other: GoldMention) -> bool:
    return one.start < other.end and other.start < one.end


def _corrected(message: Message, found: Contradictions) -> Message:
    kept = [mention for mention in message.mentions if mention not in found.doubted]
    return replace(message, mentions=tuple(sorted([*kept, *found.unmarked], key=lambda mention: mention.start)))


def _folder(work: Path, variant: str) -> Path:
    return work if variant == _AS_IT_IS else work / variant.replace(" ", "-")


def _counts(found: Iterable[Contradictions]) -> dict[str, int]:
    every = list(found)
    return {
        "messages": len(every),
        "messages with a contradiction": sum(map(bool, every)),
        "unmarked": sum(len(each.unmarked) for each in every),
        "doubted": sum(len(each.doubted) for each in every),
    }


def _forms(found: Iterable[Contradictions], part: str) -> dict[str, int]:
    """Return how often the most frequent surface forms contradict, in lower case."""
    forms = Counter(mention.text.casefold() for each in found for mention in getattr(each, part))
    return dict(sorted(forms.items(), key=lambda form: (-form[1], form[0]))[:_MOST_FORMS])


def _row(name: str, messages: int, dev: Sequence[Message], found: Found, as_it_is: Found) -> dict[str, object]:
    scores, difference = exact_scores(dev, found), f1_difference(dev, found, as_it_is)
    return {
        "trained on": name,
        "messages": messages,
        "precision": round(scores.precision, 4),
        "recall": round(scores.recall, 4),
        "F1": round(scores.f1, 4),
        "minus as it is": round(difference.f1, 4),
        "low": round(difference.low, 4),
        "high": round(difference.high, 4),
    }


if __name__ == "__main__":
    main()
