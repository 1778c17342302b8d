"""Messages from all over the world: are their places found, and put into the right country?

    python benchmarks/worldwide.py

The corpora were written for this benchmark, one by one, by language models that had not written the recogniser.
worldwide_messages.txt has 386 messages about disasters in the voices of people, officials, responders and newsrooms.
The rules that split mentions and add postal codes, and the linker's doubts about namesakes outside the message's
country, were thought of when their lack was seen there. little_known_messages.txt has 120 about disasters in places
that are not famous, 90 about streets and buildings, 50 about anything, and 40 that name no place but people, teams and
bands that are called so. Its writer had seen neither code nor other messages; it confirmed that names rare in English
are worth adding. posted_messages.txt, as blind, has 321 as near as could be to what is posted: 91 of people in
disasters at street level, 70 of newsrooms and officials, 60 from outside North America, 100 about anything, of which
60 name no place; nothing was chosen by it.

Mentions are marked as marked_messages.py says. Of places only those of the mentions that were found are judged; one
that is in or near what the message names counts. Writes results/worldwide.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from marked_messages import MarkedMessage, read_messages
from record import write_result

from lmr_hybrid import Mention, Recognition, Recognizer
from lmr_hybrid.evaluation import evaluate, format_table

CORPORA = {
    "messages from around the world": Path(__file__).with_name("worldwide_messages.txt"),
    "messages about little-known places": Path(__file__).with_name("little_known_messages.txt"),
    "messages as they are posted": Path(__file__).with_name("posted_messages.txt"),
}


@click.command()
def main() -> None:
    """Score the recogniser as it is embedded, with and without the rules."""
    recognizers = {"tagger": Recognizer(rules=()), "recogniser": Recognizer()}
    rows = [
        {"corpus": corpus, "system": name, **_scores(list(read_messages(path)), recognizer)}
        for corpus, path in CORPORA.items()
        for name, recognizer in recognizers.items()
    ]
    click.echo(format_table(rows))
    write_result("worldwide", {"systems": rows})


def _scores(given: Sequence[MarkedMessage], recognizer: Recognizer) -> dict[str, float | None]:
    recognitions = recognizer.recognize_many(each.message.text for each in given)
    found = [_judged(recognition, each) for each, recognition in zip(given, recognitions, strict=True)]
    scores = evaluate([each.message for each in given], found)
    judged = [
        _is_in(mention, region)
        for each, recognition in zip(given, found, strict=True)
        for mention in recognition.mentions
        if (region := each.regions.get((mention.start, mention.end)))
    ]
    return {
        "messages": len(given),
        "mentions": sum(len(each.message.mentions) for each in given),
        "precision": scores.exact.precision,
        "recall": scores.exact.recall,
        "F1": scores.exact.f1,
        "typed F1": scores.typed.f1,
        "placed": len(judged),
        "in the right country or state": sum(judged) / len(judged) if judged else None,
    }


def _judged(recognition: Recognition, given: MarkedMessage) -> Recognition:
    mentions = (each for each in recognition.mentions if (each.start, each.end) not in given.not_judged)
    return replace(recognition, mentions=tuple(mentions))


def _is_in(mention: Mention, region: str) -> bool:
    """Tell whether the first candidate lies in a country ("TR") or a state ("US.TX"), or is the state's country."""
    country, _, state = region.partition(".")
    if not mention.candidates:
        return False
    first = mention.candidates[0]
    return first.country == country and (not state or first.admin1 in ("", state))


if __name__ == "__main__":
    main()
