"""`python -m lmr_hybrid explain`: why a text is recognised as it is."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence

import click

from lmr_hybrid.cli.options import check_context, context_options, recognizer_options
from lmr_hybrid.cli.printing import echo
from lmr_hybrid.errors import InputError
from lmr_hybrid.jobs import RecognizerChoice
from lmr_hybrid.output.plain_text import without_surrogates

_LOG = logging.getLogger(__name__)


@click.command(short_help="Show why a place is found, or is not.")
@click.argument("text")
@recognizer_options
@context_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for reading.")
def explain(
    text: str,
    choice: RecognizerChoice,
    near: tuple[float, float] | None,
    countries: Sequence[str],
    region: tuple[float, float, float, float] | None,
    as_json: bool,
) -> None:
    """Show how the places in TEXT are found, or why one is not; "-" takes all of standard input as one text.

    \b
    Examples:
      python -m lmr_hybrid explain "Flooding in Freeport, power out near Lucayan Harbour"
      python -m lmr_hybrid explain "Help on Main St" --gazetteer region.gazetteer
      python -m lmr_hybrid explain "Freeport is cut off" --country US
      python -m lmr_hybrid explain - --json < message.txt

    \b
    Printed are, in the order in which it happens:
      Tokens           what the tagger thinks of each, with probabilities
      Gazetteer        which names stand in the text, and what is known of them
      Fuzzy hits       which names are like words that no name equals
      Tagger           the spans that it marks
      Rules            what each adds, drops, moves or types anew
      Operating point  what it leaves out for its score
      Mentions         what `recognize` returns, with candidate places and the reasons for them

    A place is missing? If the gazetteer does not know it, give one of the region by --gazetteer; if a rule dropped it
    or the tagger all but saw it, try --operating-point high-recall. docs/explain.md walks through an example.
    """
    check_context(near, countries, region)
    if text == "-":
        if sys.stdin is None:
            raise InputError("standard input", "is closed", "Give the text itself, or a file by < message.txt")
        with click.open_file("-", "rb") as stream:
            # As it is: a stream of text would make every CR LF a LF, and offsets would be into another text.
            text = stream.read().decode("utf-8", errors="replace").rstrip("\r\n")
    recognizer = choice.open()
    explanation = recognizer.explain(text, near=near, countries=countries, region=region)
    _LOG.info("%d mentions", len(explanation.mentions))
    if as_json:
        shown = without_surrogates(json.dumps(explanation.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        shown = str(explanation)
    echo(shown)
