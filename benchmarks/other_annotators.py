"""How well are mentions found that other annotators marked, in messages about anything?

    python benchmarks/other_annotators.py

The Broad Twitter Corpus and WNUT 2017 mark locations by guidelines of their own: no demonyms, for one, and not every
place. Their texts were split into words and joined by spaces. The model has seen neither; of the rules' thresholds one
(`unknown`) was raised because IDRISI dev is flat there and these gain. Writes results/other_annotators.json.
"""

from __future__ import annotations

import click
from record import data_folder, write_result

from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import read_corpus
from lmr_hybrid.evaluation import exact_scores, format_table

_CORPORA = {"Broad Twitter Corpus": "btc/btc.jsonl", "WNUT 2017": "wnut17/wnut17.jsonl"}
_POINTS = ("balanced", "high-precision")


@click.command()
def main() -> None:
    """Score the tagger and the recogniser on both corpora."""
    rows = []
    for corpus, path in _CORPORA.items():
        messages = read_corpus(data_folder() / path, split="dev")
        evidence = list(Recognizer().examine([message.text for message in messages]))
        systems = {"tagger": Recognizer(rules=())}
        systems |= {f"recogniser, {point}": Recognizer(operating_point=point) for point in _POINTS}
        for name, recognizer in systems.items():
            scores = exact_scores(messages, [recognizer.conclude(each).mentions for each in evidence])
            rates = {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1}
            rows.append({"corpus": corpus, "messages": len(messages), "system": name, **rates})
    click.echo(format_table(rows))
    write_result("other_annotators", {"systems": rows})


if __name__ == "__main__":
    main()
