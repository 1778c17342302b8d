"""`python -m lmr_hybrid evaluate`: a recogniser's scores on an annotated corpus."""

from __future__ import annotations

import json
from pathlib import Path

import click
from tqdm import tqdm

from lmr_hybrid.cli.options import check_outputs, recognizer_options
from lmr_hybrid.cli.printing import echo
from lmr_hybrid.corpora import corpus_files, read_corpus
from lmr_hybrid.errors import CorpusError
from lmr_hybrid.jobs import RecognizerChoice
from lmr_hybrid.output.atomic import write_text_atomically


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--split", default="dev", show_default=True, help="Of an IDRISI folder: which split.")
@recognizer_options
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Also write all scores here."
)
@click.option(
    "--submission",
    "submission_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the Microsoft Learn challenge's CSV here: tweet_id,location.",
)
def evaluate(
    corpus: Path,
    split: str,
    choice: RecognizerChoice,
    json_file: Path | None,
    submission_file: Path | None,
) -> None:
    """Score the recogniser on CORPUS.

    CORPUS is an IDRISI folder (one folder an event), a .jsonl file (IDRISI's or `text` with `mentions`), or a file of
    CoNLL columns. Prints exact and partial scores, those of each event, macro averages over events and types, IDRISI's
    own protocol and the word error rate of the GeoAI challenges.
    """
    from lmr_hybrid.evaluation import check_ids, format_table, submission
    from lmr_hybrid.evaluation import evaluate as score

    written = {"--json": json_file, "--submission": submission_file}
    check_outputs(written, read=corpus_files(corpus, split=split), choice=choice)
    messages = read_corpus(corpus, split=split)
    if not messages:
        raise CorpusError(corpus, "holds no message to score", "Give an annotated corpus")
    if submission_file:
        check_ids(messages)
    recognizer = choice.open()
    texts = tqdm((message.text for message in messages), total=len(messages), unit=" messages", disable=None)
    recognitions = list(recognizer.recognize_many(texts))
    report = score(messages, recognitions)
    echo(format_table(report.rows()))
    words = report.words
    echo(f"\nword error rate {words.rate:.4f} ({words.edits} edits, {words.words} words in the reference)")
    if submission_file:
        rows = submission(messages, [recognition.mentions for recognition in recognitions])
        write_text_atomically(submission_file, rows)
    if json_file:
        write_text_atomically(json_file, json.dumps(report.to_dict(), indent=2) + "\n")
