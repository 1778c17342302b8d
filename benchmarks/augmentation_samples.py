"""Write samples of every change that augmentation makes into docs/augmentation.md, to be looked at by eye.

python benchmarks/augmentation_samples.py

The messages are those of `demo_messages.txt` and others written for this page, in `augmentation_messages.jsonl`: no
corpus may be published.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path

import click

from gazetteer import WORLD, Gazetteer, Match, tokenize
from lmr_hybrid.augmentation import NONE, AugmentationConfig, Augmenter, NamePool
from lmr_hybrid.corpora import Message, align, read_plain_jsonl

MESSAGES = Path(__file__).parent / "augmentation_messages.jsonl"
PAGE = Path(__file__).parents[1] / "docs" / "augmentation.md"
_BLOCK = re.compile(r"(<!-- samples: .*? -->\n).*?(\n<!-- /samples -->)", re.DOTALL)
_SAMPLES = 8
#: What is switched on for the samples of each switch of messages, the title first.
_CHANGES: dict[str, dict[str, float]] = {
    "replaced": {"names": 1.0, "replaced": 1.0},
    "invented": {"names": 1.0, "invented": 1.0},
    "hashtag": {"hashtag": 1.0},
    "lower": {"lower": 1.0},
    "upper": {"upper": 1.0},
    "typo": {"typo": 1.0},
    "apostrophe": {"apostrophe": 1.0},
    "retweet": {"retweet": 1.0},
    "truncated": {"truncated": 1.0},
}
#: The same of the hits that the tagger is shown.
_HITS: dict[str, dict[str, float]] = {
    "match_dropout": {"match_dropout": 0.5},
    "region_recall": {"region": 1.0, "region_recall": 1.0},
    "region_noise": {"region": 1.0, "region_noise": 0.1},
}


@click.command()
def main() -> None:
    """Replace the samples of the page."""
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def updated(page: str) -> str:
    """Return the page with samples as augmentation makes them now."""
    samples = all_samples(read_plain_jsonl(MESSAGES), Gazetteer.open(WORLD))
    return _BLOCK.sub(lambda block: block[1] + samples + block[2], page)


def all_samples(messages: Sequence[Message], gazetteer: Gazetteer) -> str:
    """Return a section for each switch."""
    pool = NamePool(gazetteer.all_places())

    def augmenter(switched: dict[str, float]) -> Augmenter:
        return Augmenter(replace(NONE, **switched), gazetteer=gazetteer, pool=pool)

    sections = [_section(name, _texts(messages, augmenter(switched), name)) for name, switched in _CHANGES.items()]
    sections += [_section(name, _hits(messages, gazetteer, augmenter(each), name)) for name, each in _HITS.items()]
    return "\n\n".join(sections)


def _section(switch: str, lines: Sequence[str]) -> str:
    (default,) = (field.default for field in fields(AugmentationConfig) if field.name == switch)
    return "\n".join([f"### `{switch}`, by default {default}", "", "```text", *lines, "```"])


def _texts(messages: Sequence[Message], augmenter: Augmenter, seed: str) -> list[str]:
    """Return some messages that the augmenter changes, before and after."""
    generator = random.Random(seed)
    shuffled = generator.sample(messages, len(messages))
    pairs = ((_bracketed(message), _bracketed(augmenter.change(message, generator))) for message in shuffled)
    return _samples([f"   {before}", f"-> {after}"] for before, after in pairs if before != after)


def _hits(messages: Sequence[Message], gazetteer: Gazetteer, augmenter: Augmenter, seed: str) -> list[str]:
    """Return some messages of which the augmenter shows other hits, with those hits that it withholds or adds."""
    generator = random.Random(seed)

    def differences() -> Iterator[list[str]]:
        for message in generator.sample(messages, len(messages)):
            tokens = tokenize(message.text)
            known = gazetteer.matches(message.text, tokens)
            shown = augmenter.show_hits(tokens, known, align(message, tokens=tokens).spans, generator)
            before, after = _listed(known), _listed(shown)
            withheld = [hit for hit in before if hit not in after]
            added = [hit for hit in after if hit not in before]
            if withheld or added:
                lines = [f"-> {title} {'; '.join(hits)}" for title, hits in (("-", withheld), ("+", added)) if hits]
                yield [f"   {_bracketed(message)}", *lines]

    return _samples(differences())


def _samples(samples: Iterable[list[str]]) -> list[str]:
    """Return the lines of the first samples, with an empty line between two."""
    return "\n\n".join("\n".join(lines) for lines in islice(samples, _SAMPLES)).splitlines()


def _bracketed(message: Message) -> str:
    """Return the text with its mentions in square brackets."""
    text = message.text
    for mention in reversed(message.mentions):
        text = f"{text[: mention.start]}[{mention.text}]{text[mention.end :]}"
    return text


def _listed(matches: Sequence[Match]) -> list[str]:
    return [f"{match.name} ({', '.join(match.facts.kinds)})" for match in matches]


if __name__ == "__main__":
    main()
