"""What recognition returns: mentions, their candidate places, and the two-way road to JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a mention may refer to.

    `score` is the probability that it is the place meant, 0..1; `reason` says in words what speaks for it. `parents`
    are the names of what it lies in, from the smallest unit to the largest. `bbox` is the box about it where its
    outline is known: west, south, east, north in degrees, west > east across the antimeridian (RFC 7946, section 5).

    `approximate` tells that the place meant is likelier to be in no gazetteer, and that this is what it lies in, or
    within 161 km of: `score` is the probability of that.
    """

    id: str
    name: str
    kind: str
    latitude: float
    longitude: float
    country: str
    admin1: str
    score: float
    reason: str = ""
    parents: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    approximate: bool = False

    @property
    def label(self) -> str:
        """The name to show: "Harare", or "in or near Harare"."""
        return f"in or near {self.name}" if self.approximate else self.name


@dataclass(frozen=True, slots=True)
class Mention:
    """A place name in a text: always `text == recognition.text[start:end]`.

    `type` is one of IDRISI's twelve. `score` is the probability that the mention starts and ends where an annotator
    would say, 0..1, if the model is calibrated, else how sure its tagger is. `sources` names what supports the mention
    ("neural", "gazetteer", "fuzzy"), `rules` the reconciliation rules that changed it, `candidates` are ranked best
    first.
    """

    text: str
    start: int
    end: int
    type: str
    score: float
    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    def with_candidates(self, candidates: tuple[Candidate, ...]) -> Mention:
        """Return the same mention with these candidates."""
        return Mention(
            self.text, self.start, self.end, self.type, self.score, self.sources, self.rules, candidates=candidates
        )


@dataclass(frozen=True, slots=True)
class Recognition:
    """A text and the mentions in it, in order of `start`, never overlapping."""

    text: str
    mentions: tuple[Mention, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts, strings and numbers: the object the command line prints, one a line."""
        mentions = [
            {
                **asdict(mention),
                "sources": list(mention.sources),
                "rules": list(mention.rules),
                "candidates": [_candidate_to_dict(candidate) for candidate in mention.candidates],
            }
            for mention in self.mentions
        ]
        return {"text": self.text, "mentions": mentions}

    def to_geojson(self, *, attribution: str = "") -> dict[str, Any]:
        """Return one GeoJSON Feature a mention; `lmr_hybrid.output.to_geojson` does it for many recognitions."""
        from lmr_hybrid.output.geojson import to_geojson

        return to_geojson([self], attribution=attribution)

    def to_html(self, *, title: str = "Location mentions", attribution: str = "") -> str:
        """Return a self-contained page; `lmr_hybrid.output.to_html` does it for many recognitions."""
        from lmr_hybrid.output.html import to_html

        return to_html([self], title=title, attribution=attribution)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Recognition:
        """Rebuild what `to_dict` returned, also after a way through JSON."""
        mentions = (
            Mention(
                **{
                    **mention,
                    "sources": tuple(mention["sources"]),
                    "rules": tuple(mention["rules"]),
                    "candidates": tuple(map(_candidate_from_dict, mention["candidates"])),
                }
            )
            for mention in data["mentions"]
        )
        return cls(text=data["text"], mentions=tuple(mentions))


def _candidate_to_dict(candidate: Candidate) -> dict[str, Any]:
    box = None if candidate.bbox is None else list(candidate.bbox)
    return {**asdict(candidate), "parents": list(candidate.parents), "bbox": box}


def _candidate_from_dict(data: dict[str, Any]) -> Candidate:
    box = data.get("bbox")
    return Candidate(**{**data, "parents": tuple(data.get("parents", ())), "bbox": None if box is None else tuple(box)})
