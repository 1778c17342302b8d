"""Made-up messages full of streets, buildings and traps, annotated as IDRISI-R is, to train on."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmr_hybrid.augmentation.street_names import TYPE_OF_SLOT, Filling, StreetNames
from lmr_hybrid.corpora import GoldMention, Message
from lmr_hybrid.errors import TrainingError

#: The messages with slots, by hand.
TEMPLATES = Path(__file__).parent / "street_templates.toml"
#: The disaster that a made-up message is about, as `Message.event`.
EVENT = "made up"

_SLOT = re.compile(r"\{(\w+)\}")
#: Punctuation that hurried writers leave out, but for what stands within numbers, as in 15:22 or 4.5.
_PUNCTUATION = re.compile(r"(?<!\d)[.,;:!?()\[\]\"]+|[.,;:!?()\[\]\"]+(?!\d)")
#: What is never respelt: it would no longer work.
_VERBATIM = frozenset({"url", "handle"})
#: How a whole message may be respelt, and how often of a hundred.
_SURFACES = {"as written": 78, "lower": 8, "upper": 4, "bare": 6, "lower bare": 4}
#: What stands before or after a message, and how often of a hundred.
_OPENINGS = {"": 88, "{handle} ": 5, "RT {handle}: ": 7}
_ENDINGS = {
    "": 72,
    " {event_tag}": 9,
    " {event_tag} {event_tag}": 4,
    " {url}": 6,
    " #{trap_hashtag}": 4,
    " {handle}": 5,
}
#: How often two short messages become one of two sentences, and what is short, in characters of the template.
_PAIR_SHARE = 0.08
_SHORT = 70


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a template or a message: `slot` is "" for what the template itself says."""

    text: str
    slot: str = ""

    @property
    def type(self) -> str:
        """The type of the mention that this is, "" where it is none."""
        return TYPE_OF_SLOT.get(self.slot.lower().removesuffix("_hashtag"), "")


@dataclass(frozen=True, slots=True)
class Template:
    """A message with slots; the text of a slot's segment is what the template writes, such as "{street}"."""

    text: str
    register: str
    locale: str
    segments: tuple[Segment, ...]

    @property
    def is_empty(self) -> bool:
        """Whether its messages name no place."""
        return not any(segment.type for segment in self.segments)


def read_templates(path: str | Path = TEMPLATES) -> tuple[Template, ...]:
    """Read groups of templates from TOML. Raises `TrainingError` for braces that are no slot."""
    groups = tomllib.loads(Path(path).read_text(encoding="utf-8"))["group"]
    return tuple(
        parse_template(text, register=group["register"], locale=group["locale"])
        for group in groups
        for text in group["templates"]
    )


def parse_template(text: str, *, register: str = "", locale: str = "any") -> Template:
    """Split a template at its slots. Raises `TrainingError` for braces that are no slot."""
    segments: list[Segment] = []
    position = 0
    for slot in _SLOT.finditer(text):
        segments += [Segment(text[position : slot.start()]), Segment(slot[0], slot[1])]
        position = slot.end()
    segments.append(Segment(text[position:]))
    literals = "".join(segment.text for segment in segments if not segment.slot)
    if "{" in literals or "}" in literals:
        raise TrainingError(text, "has a brace that belongs to no slot", "Write slots as {street}")
    return Template(text, register, locale, tuple(segment for segment in segments if segment.text))


class StreetMessages:
    """Draws messages from templates: of a hundred, `empty_share` times a hundred name no place.

    Raises `TrainingError` for a template with a slot that `names` cannot fill.
    """

    def __init__(
        self, names: StreetNames, *, templates: tuple[Template, ...] | None = None, empty_share: float = 0.2
    ) -> None:
        self._names = names
        self._empty_share = empty_share
        every = read_templates() if templates is None else templates
        for template in every:
            for segment in template.segments:
                if segment.slot and not names.knows(segment.slot.lower()):
                    raise TrainingError(
                        template.text, f"has a slot {segment.slot!r} that nothing fills", "Rename the slot"
                    )
        self._empty = [template for template in every if template.is_empty]
        self._full = [template for template in every if not template.is_empty]
        if not every:
            raise TrainingError("templates", "are none", "Give at least one template")

    def sample(self, generator: random.Random) -> Message:
        """Draw one message; the same state of the generator draws the same one."""
        wants_empty = generator.random() < self._empty_share
        chosen = (self._empty or self._full) if wants_empty else (self._full or self._empty)
        template = generator.choice(chosen)
        filling = self._names.start(generator, template.locale)
        segments = fill_template(self._framed(template, chosen, generator), filling)
        surface = _drawn(_SURFACES, generator)
        return _assemble(_respell(segments, surface), f"street-{generator.getrandbits(48):012x}")

    def _framed(self, template: Template, others: Sequence[Template], generator: random.Random) -> Template:
        """Put an opening and an ending around a template, or another short one of the same locale after it."""
        text = template.text
        if generator.random() < _PAIR_SHARE:
            second = generator.choice(others)
            if (
                second is not template
                and second.locale == template.locale
                and len(text) <= _SHORT
                and len(second.text) <= _SHORT
            ):
                text += (" " if text[-1] in ".!?" else ". ") + second.text
        text = _drawn(_OPENINGS, generator) + text + _drawn(_ENDINGS, generator)
        return parse_template(text, register=template.register, locale=template.locale)


def _drawn(shares: Mapping[str, int], generator: random.Random) -> str:
    return generator.choices(list(shares), list(shares.values()))[0]


def fill_template(template: Template, filling: Filling) -> list[Segment]:
    """Fill the slots of a template; "the" before a name is no part of the mention."""
    segments: list[Segment] = []
    for segment in template.segments:
        if not segment.slot:
            segments.append(segment)
            continue
        text = filling.fill(segment.slot.lower())
        if segment.type and text.startswith("the "):
            text = text.removeprefix("the ")
            if not (segments and segments[-1].text.lower().endswith(("the ", "#"))):
                segments.append(Segment("THE " if segment.slot.isupper() else "the "))
        segments.append(Segment(_vary_case(text, segment, filling.generator), segment.slot))
    return segments


def _vary_case(text: str, segment: Segment, generator: random.Random) -> str:
    """Write a name in capitals where its slot is, and now and then all small or all capital as people do."""
    chance = generator.random()
    if segment.slot.isupper() or (segment.type and chance < 0.02):
        return text.upper()
    return text.lower() if segment.type and chance > 0.97 else text


def _respell(segments: list[Segment], surface: str) -> list[Segment]:
    """Respell a whole message, segment by segment, so that mentions stay whole."""
    respelt = []
    for index, segment in enumerate(segments):
        text = segment.text
        if segment.slot in _VERBATIM:
            respelt.append(segment)
            continue
        if "bare" in surface:
            text = _without_punctuation(segment)
            fused = not text and 0 < index < len(segments) - 1
            text = " " if fused else text
        text = text.lower() if "lower" in surface else text.upper() if surface == "upper" else text
        respelt.append(Segment(text, segment.slot))
    return respelt


def _without_punctuation(segment: Segment) -> str:
    if segment.type:
        return _PUNCTUATION.sub("", segment.text).replace("'", "").strip()
    if segment.slot:
        return segment.text
    return re.sub(r" {2,}", " ", _PUNCTUATION.sub("", segment.text))


def _assemble(segments: list[Segment], identifier: str) -> Message:
    """Join segments into a message; the offsets are those of the joined text."""
    text = ""
    mentions = []
    for segment in segments:
        added = segment.text
        if segment.type:
            mentions.append(GoldMention(added, len(text), len(text) + len(added), segment.type))
        elif text.endswith(".") and added.startswith(".") and not added.startswith(".."):
            added = added[1:]  # "St." at the end of a sentence has one full stop
        elif segment.slot and added.startswith("the ") and (not text or text.endswith(". ")):
            added = "T" + added[1:]
        text += added
    return Message(identifier, EVENT, text, tuple(mentions))
