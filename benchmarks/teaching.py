"""What does the embedded model owe to its rounds of teaching? It beside its teachers, alone and together.

    python benchmarks/teaching.py [--teachers teachers]

The folder holds the models `pupil`, `base`, `small` and `base-again`, made as docs/training.md says: the first is what
the embedded one began with, the second taught it once more ("small"), and these two taught what the embedded model is
the mean of. Scores the taggers alone, and with the rules of the embedded model, on IDRISI-R dev, the street messages,
the Broad Twitter Corpus, of which all but the first two have learnt a part, WNUT 2017 and the messages of
`worldwide.py`, of which none has seen anything. Writes results/teaching.json.
"""

from __future__ import annotations

import os
from pathlib import Path

import click
from record import data_folder, write_result
from street_messages import street_messages
from worldwide import CORPORA, read_messages

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message, read_corpus, read_idrisi
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import exact_scores, format_table
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.distillation import Ensemble
from lmr_hybrid.tagging.opening import AnyTagger, open_tagger

_TEACHERS = Path(os.environ.get("LMR_TEACHERS", "teachers"))


@click.command()
@click.option(
    "--teachers",
    type=click.Path(path_type=Path),
    default=_TEACHERS,
    help="Their folder; by default that in LMR_TEACHERS.",
)
def main(teachers: Path) -> None:
    """Score the models on every corpus."""
    try:
        pupil, base, small, again = (open_tagger(teachers / name) for name in ("pupil", "base", "small", "base-again"))
        taggers: dict[str, AnyTagger] = {
            "pupil": pupil,
            "base": base,
            "pupil and base together": Ensemble([base, pupil]),
            "small, taught by these": small,
            "base, taught again": again,
            "small and base again together": Ensemble([again, small]),
            "embedded": open_tagger(DEFAULT_MODEL),
        }
    except LmrError as error:
        raise click.ClickException(str(error)) from error
    rows = [
        {"corpus": corpus, "messages": len(messages), "model": name, **_scores(tagger, messages)}
        for corpus, messages in corpora().items()
        for name, tagger in taggers.items()
    ]
    click.echo(format_table(rows))
    write_result("teaching", {"seed": 1, "rows": rows})


def corpora() -> dict[str, list[Message]]:
    """Return the messages of each corpus."""
    data = data_folder()
    return {
        "IDRISI-R dev": read_idrisi(data / "idrisi-r/EN/gold-random-json", "dev"),
        "street messages": street_messages(data / "osm", seed=0),
        "Broad Twitter Corpus": read_corpus(data / "btc/btc.jsonl", split="dev"),
        "WNUT 2017": read_corpus(data / "wnut17/wnut17.jsonl", split="dev"),
        **{name: [each.message for each in read_messages(path)] for name, path in CORPORA.items()},
    }


def _scores(tagger: AnyTagger, messages: list[Message]) -> dict[str, float]:
    recognizer = Recognizer()
    recognizer._tagger = tagger
    evidence = list(recognizer.examine(message.text for message in messages))
    rules, recognizer.rules = recognizer.rules, ()
    alone = exact_scores(messages, [recognizer.conclude(each).mentions for each in evidence])
    recognizer.rules = rules
    whole = exact_scores(messages, [recognizer.conclude(each).mentions for each in evidence])
    return {"tagger F1": alone.f1, "precision": whole.precision, "recall": whole.recall, "F1": whole.f1}


if __name__ == "__main__":
    main()
