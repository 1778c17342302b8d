"""What does the embedded model owe to its second teaching? It beside its teachers, alone and together.

    python benchmarks/teaching.py --pupil teachers/pupil --base teachers/base

The pupil is what the embedded model was before, the base model the larger of its teachers (docs/training.md says how
they are trained). Scores the taggers alone, and with the rules of the embedded model, on IDRISI-R dev, the street
messages, the Broad Twitter Corpus, of which the embedded model has learnt a part, and WNUT 2017, of which none has
seen anything.
Writes results/teaching.json.
"""

from __future__ import annotations

from pathlib import Path

import click
from record import data_folder, write_result
from street_messages import street_messages

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message, read_corpus, read_idrisi
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import exact_scores, format_table
from lmr_hybrid.recognizer import DEFAULT_MODEL
from lmr_hybrid.tagging.distillation import Ensemble
from lmr_hybrid.tagging.opening import AnyTagger, open_tagger

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--pupil", type=_PATH, required=True, help="The model that the embedded one began with.")
@click.option("--base", type=_PATH, required=True, help="The larger teacher.")
def main(pupil: Path, base: Path) -> None:
    """Score the models on every corpus."""
    try:
        first, larger = open_tagger(pupil), open_tagger(base)
        taggers: dict[str, AnyTagger] = {
            "pupil": first,
            "base": larger,
            "pupil and base together": Ensemble([larger, first]),
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
