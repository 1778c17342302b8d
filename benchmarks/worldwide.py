"""Messages from all over the world: are their places found, and put into the right country?

    python benchmarks/worldwide.py

Both corpora were written by hand for this benchmark by others than who wrote the recogniser. worldwide_messages.txt has
386 messages about disasters in the voices of people, officials, responders and newsrooms. The rules that split mentions
and add postal codes, and the linker's doubts about namesakes outside the message's country, were thought of when their
lack was seen there. little_known_messages.txt has 120 about disasters in places that are not famous, 90 about streets
and buildings, 50 about anything, and 40 that name no place but people, teams and bands that are called so. Whoever
wrote it had seen neither code nor other messages; it confirmed that names rare in English are worth adding.

`[Houston|T|US.TX]` is a mention, its type and the country, in the United States also the state, that its place lies in;
a type of `-` is a mention that may be found or not, a place of `-` one that is not judged. Of places only those of the
mentions that were found are judged; one that is in or near what the message names counts. Writes
results/worldwide.json.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from record import write_result

from lmr_hybrid import Mention, Recognition, Recognizer
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.evaluation import evaluate, format_table

CORPORA = {
    "messages from around the world": Path(__file__).with_name("worldwide_messages.txt"),
    "messages about little-known places": Path(__file__).with_name("little_known_messages.txt"),
}
_MENTION = re.compile(r"\[([^\]|]+)\|([^|\]]*)\|([^\]]*)\]")
_NOT_JUDGED = "-"
_TYPES = {
    "C": "Country",
    "S": "State",
    "Y": "County",
    "T": "City/town",
    "D": "District",
    "N": "Neighborhood",
    "R": "Road/street",
    "H": "Human-made Point-of-Interest",
    "P": "Natural Point-of-Interest",
    "I": "Island",
    "O": "Other locations",
}


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """A message, the region that each of its mentions lies in, by start and end, and the spans that are not judged."""

    message: Message
    regions: dict[tuple[int, int], str]
    not_judged: frozenset[tuple[int, int]]


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


def read_messages(path: Path) -> Iterator[PlacedMessage]:
    """Yield the messages of a file, one a line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text, mentions, regions, not_judged = "", [], {}, set()
        rest = 0
        for found in _MENTION.finditer(line):
            name, type_, region = found.groups()
            text += line[rest : found.start()]
            span = len(text), len(text) + len(name)
            text, rest = text + name, found.end()
            if type_ == _NOT_JUDGED:
                not_judged.add(span)
                continue
            mentions.append(GoldMention(name, *span, _TYPES[type_]))
            if region != _NOT_JUDGED:
                regions[span] = region
        message = Message(str(number), path.stem, text + line[rest:], tuple(mentions))
        yield PlacedMessage(message, regions, frozenset(not_judged))


def _scores(given: Sequence[PlacedMessage], recognizer: Recognizer) -> dict[str, float]:
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
        "in the right country or state": sum(judged) / len(judged),
    }


def _judged(recognition: Recognition, given: PlacedMessage) -> Recognition:
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
