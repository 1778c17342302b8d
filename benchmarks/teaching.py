"""What does the embedded model owe to its rounds of teaching? What it was made of, alone and together.

    python benchmarks/teaching.py [--teachers teachers]

The folder holds the models `pupil`, `base`, `small`, `base-again`, `small-again` and `written`, made as
docs/training.md says: each of the small ones was taught by the larger one and the small one before it; and
`small-unwritten`, which was trained as `written` but for its `as_annotated`. What became of `written` since,
halfway.py tells. Scores the taggers alone, and with the rules of the embedded model, on IDRISI-R dev, the street
messages, the Broad Twitter Corpus, of which all but the first two have learnt a part, WNUT 2017 and the messages of
`worldwide.py`, of which none has seen anything. Writes results/teaching.json.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from marked_messages import read_messages
from record import data_folder, write_result
from street_messages import street_messages
from worldwide import CORPORA

from gazetteer import Match, Token
from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message, read_corpus, read_idrisi
from lmr_hybrid.errors import LmrError
from lmr_hybrid.evaluation import exact_scores, format_table
from lmr_hybrid.tagging.decoding import TagProbabilities
from lmr_hybrid.tagging.distillation import Ensemble
from lmr_hybrid.tagging.opening import AnyTagger, open_tagger

#: Where the models are that others were made of.
teachers_option = click.option(
    "--teachers",
    type=click.Path(path_type=Path),
    default=Path(os.environ.get("LMR_TEACHERS", "teachers")),
    help="Their folder; by default that in LMR_TEACHERS.",
)


@click.command()
@teachers_option
def main(teachers: Path) -> None:
    """Score the models on every corpus."""
    try:
        pupil, base, small, base_again, small_again, unwritten, written = (
            _Remembering(open_tagger(teachers / name))
            for name in (
                "pupil",
                "base",
                "small",
                "base-again",
                "small-again",
                "small-unwritten",
                "written",
            )
        )
        taggers: dict[str, AnyTagger] = {
            "pupil": pupil,
            "base": base,
            "pupil and base together": Ensemble([base, pupil]),
            "small, taught by these": small,
            "base, taught again": base_again,
            "small and base again together": Ensemble([base_again, small]),
            "small again, taught by these": small_again,
            "small again and base again together": Ensemble([base_again, small_again]),
            "narrow, taught by these": unwritten,
            "narrow, by written messages as well": written,
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


class _Remembering:
    """A tagger that is asked about a text once, for whoever wants to know."""

    def __init__(self, tagger: AnyTagger) -> None:
        self.config = tagger.config
        self._tagger = tagger
        self._answers: dict[tuple[str, ...], TagProbabilities] = {}

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        keys = [tuple(token.text for token in tokens) for tokens, _ in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._answers}
        self._answers.update(zip(new, self._tagger.predict(list(new.values())), strict=True))
        return [self._answers[key] for key in keys]

    def begin(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> Callable[[], list[TagProbabilities]]:
        return partial(self.predict, texts)


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
