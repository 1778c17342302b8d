"""`python -m lmr_hybrid audit-corpus`: what in an annotated corpus contradicts itself or breaks its format."""

from __future__ import annotations

import json
from pathlib import Path

import click
from tqdm import tqdm

from lmr_hybrid.cli.options import check_outputs
from lmr_hybrid.cli.printing import echo
from lmr_hybrid.corpora.audit import CHECKS, LEAST, SPLITS, audit, read_subject, subject_files
from lmr_hybrid.errors import CorpusError
from lmr_hybrid.output.atomic import open_atomically, write_text_atomically

_new_file = click.Path(path_type=Path, dir_okay=False)


@click.command("audit-corpus", short_help="Say what in a corpus contradicts itself.")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option(
    "--bilou",
    type=click.Path(path_type=Path),
    help="Of an IDRISI folder: the folder with the same tweets as BILOU, to compare with.",
)
@click.option(
    "--split",
    type=click.Choice([*SPLITS, "all"]),
    default="all",
    show_default=True,
    help="Of an IDRISI folder: which split.",
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=LEAST,
    show_default=True,
    help="Look for un-annotated occurrences of forms annotated at least so often.",
)
@click.option("--findings", type=_new_file, help="Write every single finding here, one JSON object a line.")
@click.option("--json", "json_file", type=_new_file, help="Also write all counts and tables here.")
def audit_corpus(
    corpus: Path, bilou: Path | None, split: str, least: int, findings: Path | None, json_file: Path | None
) -> None:
    """Say what in CORPUS contradicts itself or breaks its format; nothing in it is changed.

    CORPUS is an IDRISI folder (one folder an event), a .jsonl file (IDRISI's or `text` with `mentions`), or a file of
    CoNLL columns.

    \b
    Looked for are:
      messages without a location, by event; types; texts that stand twice
      offsets that do not give the text; mentions over each other
      mentions that begin or end inside a word, with punctuation or white space
      in columns: malformed sequences of tags; with --bilou: JSON against BILOU
      forms annotated often that also stand un-annotated ("Florence")
      forms of several types ("Bahamas", country or island?)
      forms with several boundaries ("Northern California" or "California"?)

    \b
    Examples:
      python -m lmr_hybrid audit-corpus idrisi-r/EN/gold-random-json \\
          --bilou idrisi-r/EN/gold-random-bilou --findings findings.jsonl
      python -m lmr_hybrid audit-corpus mine.conll --least 5

    The screen shows the first rows of each table. A line of the file of findings has the keys kind, split, event,
    message (its id), start, end, text and detail; not every finding is an error, but every one deserves a look.
    """
    from lmr_hybrid.output.audit_text import audit_lines

    read = subject_files(corpus, split=split, bilou=bilou)
    check_outputs({"--findings": findings, "--json": json_file}, read=read)
    with tqdm(total=len(CHECKS), unit=" checks", disable=None, leave=False) as bar:

        def progress(name: str) -> None:
            bar.set_postfix_str(name)
            bar.update()

        bar.set_postfix_str("reading")
        subject = read_subject(corpus, split=split, bilou=bilou)
        if not (subject.entries or subject.faults):
            raise CorpusError(corpus, "holds no message to audit", "Give an annotated corpus")
        report = audit(subject, least=least, progress=progress)
    for line in audit_lines(report):
        echo(line)
    if findings:
        with open_atomically(findings) as stream:
            for finding in report.findings():
                stream.write(json.dumps(finding.to_dict()) + "\n")
    if json_file:
        write_text_atomically(json_file, json.dumps(report.to_dict(), indent=2) + "\n")
