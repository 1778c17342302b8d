"""Write the street test set: messages full of streets and buildings, with their mentions.

    python benchmarks/street_messages.py -o streets.jsonl [--seed 0]

The messages of street_templates.toml, written by hand, are filled with names out of the OpenStreetMap extracts of
Columbus, Baltimore and the Bahamas, found through `LMR_DATA`. Equal seeds give equal messages. What counts as a mention
is said in docs/street-guideline.md. The names are © OpenStreetMap contributors, ODbL: the set is made anew where it is
needed and not kept beside the code. Those three regions must not be used in training.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from record import data_folder
from street_names import Spot, near, read_spots, written

from gazetteer import GazetteerError
from lmr_hybrid.corpora import GoldMention, Message

TEMPLATES = Path(__file__).parent / "street_templates.toml"
#: How often a template with slots is filled.
USES = 2
#: What an event is called whose messages hold no slot, with and without mentions.
ELSEWHERE, NO_PLACE = "elsewhere", "no place"
_MARK = re.compile(r"\{(?P<slot>[a-z]+)(?P<variants>(?:\.[a-z]+)*)\}|\[(?P<text>[^|\[\]]+)\|(?P<type>[a-z]+)\]")
_ZIP = "zip"


@dataclass(frozen=True, slots=True)
class Template:
    """A message as it was written: its voice, the regions whose names may fill it, and "upper", "lower" or no case."""

    text: str
    voice: str
    regions: tuple[str, ...] = ()
    case: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots to fill, in order."""
        return tuple(mark["slot"] for mark in _MARK.finditer(self.text) if mark["slot"])


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """Everything in street_templates.toml; `types` gives IDRISI's types by their short names."""

    types: Mapping[str, str]
    slots: Mapping[str, Any]
    regions: Mapping[str, Any]
    templates: tuple[Template, ...]


@dataclass(slots=True)
class Names:
    """The names of one region, given out so that all are used before one is used again."""

    spots: Mapping[str, Sequence[Spot]]
    generator: random.Random
    uses: Counter[str] = field(default_factory=Counter)

    def anchor(self) -> tuple[float, float]:
        """Return where the next message plays: at one of the region's streets."""
        places = [spot.where for spot in self.spots["street"] if spot.where is not None]
        return self.generator.choice(places)

    def take(self, slot: str, where: tuple[float, float], taken: set[str]) -> str:
        """Return a name for `slot` near `where` that is not in `taken`; raises ValueError where there is none left."""
        spots = [spot for spot in near(self.spots[slot], where) if spot.name not in taken]
        if not spots:
            raise ValueError(f"no name is left for the slot {slot!r}; list one in {TEMPLATES.name}")
        fewest = min(self.uses[spot.name] for spot in spots)
        name = self.generator.choice([spot.name for spot in spots if self.uses[spot.name] == fewest])
        self.uses[name] += 1
        return name


def read_templates(path: Path = TEMPLATES) -> TemplateFile:
    """Return the templates in the order of the file, one a line."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    templates = tuple(
        Template(line.replace("\\n", "\n"), group["voice"], tuple(group.get("regions", ())), group.get("case", ""))
        for group in data["groups"]
        for line in group["templates"].splitlines()
        if line.strip()
    )
    return TemplateFile(data["types"], data["slots"], data["regions"], templates)


def street_messages(folder: Path, *, seed: int = 0) -> list[Message]:
    """Return the messages of the test set; `folder` is that of the extracts, and an event is a region.

    Raises `gazetteer.SourceError` where an extract is missing or cannot be read.
    """
    file = read_templates()
    generator = random.Random(seed)
    names = {
        region: Names(read_spots(folder / rules["extract"], rules, file.slots), generator)
        for region, rules in file.regions.items()
    }
    return list(make(file, names, generator))


def make(file: TemplateFile, names: Mapping[str, Names], generator: random.Random) -> Iterator[Message]:
    """Yield a message for each template without slots, and `USES` for each with them, in the order of the file."""
    numbers: Counter[str] = Counter()
    for template in file.templates:
        regions: Sequence[str] = ("",)
        if template.slots:
            start = generator.randrange(len(template.regions))
            regions = [template.regions[(start + use) % len(template.regions)] for use in range(USES)]
        for region in regions:
            numbers[template.voice] += 1
            text, mentions = fill(template, file, region, names.get(region), generator)
            event = region or (ELSEWHERE if mentions else NO_PLACE)
            identifier = f"{template.voice.replace(' ', '-')}-{numbers[template.voice]:03d}"
            yield Message(identifier, event, text, mentions)


def fill(
    template: Template, file: TemplateFile, region: str, names: Names | None, generator: random.Random
) -> tuple[str, tuple[GoldMention, ...]]:
    """Return the text of a template with its mentions; a template without slots needs neither region nor names.

    Raises `ValueError` where a slot, a variant or a type is unknown, or the region has no name for a slot.
    """
    where = names.anchor() if names else (0.0, 0.0)
    text, mentions, taken, last = "", [], set[str](), 0
    for mark in _MARK.finditer(template.text):
        text += template.text[last : mark.start()]
        last = mark.end()
        if mark["slot"] == _ZIP:
            text += generator.choice(file.regions[region]["zip"])
            continue
        if mark["slot"]:
            if mark["slot"] not in file.slots or names is None:
                raise ValueError(f"the slot {mark['slot']!r} cannot be filled in {template.text!r}")
            type_ = file.slots[mark["slot"]]["type"]
            taken.add(name := names.take(mark["slot"], where, taken))
            variants = [*mark["variants"].split(".")[1:], *([template.case] if template.case else [])]
            surface = written(name, variants, generator, spoken=type_ == "poi" and "hashtag" not in variants)
        else:
            surface, type_ = mark["text"], mark["type"]
        if type_ not in file.types:
            raise ValueError(f"no such type: {type_!r} in {template.text!r}; there are {', '.join(file.types)}")
        mentions.append(GoldMention(surface, len(text), len(text) + len(surface), file.types[type_]))
        text += surface
    return text + template.text[last:], tuple(mentions)


def write_messages(messages: Sequence[Message], path: Path) -> None:
    """Write messages as the project's JSON Lines, which `lmr_hybrid.corpora.read_corpus` reads."""
    lines = [
        {
            "id": message.id,
            "event": message.event,
            "text": message.text,
            "mentions": [
                {"start": each.start, "end": each.end, "type": each.type, "text": each.text}
                for each in message.mentions
            ],
        }
        for message in messages
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The JSON Lines file to write.")
@click.option("--seed", default=0, show_default=True, help="Another seed fills in other names.")
def main(output: Path, seed: int) -> None:
    """Write the street test set as JSON Lines."""
    try:
        messages = street_messages(data_folder() / "osm", seed=seed)
    except GazetteerError as error:
        raise click.ClickException(f"{error} (the extracts are looked for in LMR_DATA)") from error
    write_messages(messages, output)
    types = Counter(mention.type for message in messages for mention in message.mentions)
    empty = sum(not message.mentions for message in messages)
    click.echo(f"{len(messages)} messages, {empty} without a place, {types.total()} mentions: {dict(types)}")


if __name__ == "__main__":
    main()
