"""Where do IDRISI-R's annotations contradict what is learnt from the others, and does it help to correct them?

    python benchmarks/noise.py --encoder path/to/all-MiniLM-L6-v2 [--seed 3] [--epochs 3] [--limit 4500]

Cross-validated (`lmr_hybrid.corpora.disagreement`): each message of train is read by the tagger of unseen_events.py
that never saw its group of events. Then taggers are trained on the sample of ablation.py as it is, without the messages
of which an annotation is suspicious, and with the suspicious annotations corrected. Dev is left as it is. Writes
results/noise.json: counts and surface forms, no texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from ablation import compared, find, recipe_of, split
from experiment import idrisi, train_once
from record import write_result
from unseen_events import left_out

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message
from lmr_hybrid.corpora.disagreement import Disagreement, HeldOutPrediction, Suspicion, find_disagreement
from lmr_hybrid.evaluation import format_table
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.decoding import decode

_MOST_FORMS = 12
_AS_IT_IS = "as it is"


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
    """Find the suspicious annotations, and train with and without them."""
    train = idrisi("train")
    found = find_disagreement(train, _predictions(train, encoder, seed, epochs, limit, unseen_work))
    click.echo(format_table([_counts(found)]))
    seen, dev, _ = split("dev", train_size, 0)
    relabelled = {message.id: message for message in found.relabelled}
    suspected = {train[each.index].id for each in found.suspicions}
    variants = {
        _AS_IT_IS: seen,
        "without messages under suspicion": [message for message in seen if message.id not in suspected],
        "relabelled": [relabelled[message.id] for message in seen],
    }
    experiment = recipe_of(encoder, seed=1, epochs=2)
    # A model's folder is named after its messages' identifiers, which relabelled ones share.
    read = {name: find(experiment, each, dev, _folder(work, name)) for name, each in variants.items()}
    rows = [
        {"trained on": name, "messages": len(variants[name])}
        | compared(dev, mentions, read[_AS_IT_IS], named=_AS_IT_IS)
        for name, mentions in read.items()
    ]
    click.echo(format_table(rows))
    write_result(
        "noise",
        {
            "corpus": "IDRISI-R EN, random split, train",
            "settings": {"encoder": Path(encoder).name, "seed": seed, "epochs": epochs, "limit": limit},
            "suspicions": _counts(found),
            "forms": {kind: _forms(found.suspicions, kind) for kind in ("missed", "spurious")},
            "training": rows,
        },
    )


def _predictions(
    train: Sequence[Message], encoder: str, seed: int, epochs: int, limit: int | None, work: Path
) -> list[HeldOutPrediction]:
    """Return what the tagger that never saw its group of events says of each message."""
    predictions: dict[str, HeldOutPrediction] = {}
    known = {message.id for message in train}
    for _, experiment, seen, unseen in left_out(encoder, seed=seed, epochs=epochs, limit=limit):
        recognizer = Recognizer(model=train_once(experiment, seen, work))
        own = [message for message in unseen if message.id in known]
        for message, evidence in zip(own, recognizer.examine([message.text for message in own]), strict=True):
            spans = decode(evidence.probabilities, evidence.types)
            predictions[message.id] = HeldOutPrediction(
                [(span.first_token, span.last_token, span.score) for span in spans], evidence.location.tolist()
            )
    return [predictions[message.id] for message in train]


def _folder(work: Path, variant: str) -> Path:
    return work if variant == _AS_IT_IS else work / variant.replace(" ", "-")


def _counts(found: Disagreement) -> dict[str, int]:
    kinds = Counter(each.kind for each in found.suspicions)
    return {
        "messages": len(found.relabelled),
        "under suspicion": len({each.index for each in found.suspicions}),
        "missed": kinds["missed"],
        "spurious": kinds["spurious"],
    }


def _forms(suspicions: Iterable[Suspicion], kind: str) -> dict[str, int]:
    """Return how often the most frequent surface forms are suspicious, in lower case."""
    forms = Counter(each.text.casefold() for each in suspicions if each.kind == kind)
    return dict(sorted(forms.items(), key=lambda form: (-form[1], form[0]))[:_MOST_FORMS])


if __name__ == "__main__":
    main()
