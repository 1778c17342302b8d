"""From tweets to places: the recogniser's own mentions against the gold places of IDRISI-D."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from linking_data import CLOSE, FOUND, GoldMessage, distance

from lmr_hybrid import Recognition, Recognizer
from lmr_hybrid.corpora.idrisi_d import GoldPlace
from lmr_hybrid.mention import Candidate

_LIMITS = {"161 km": FOUND, "20 km": CLOSE}


def end_to_end(
    messages: Sequence[GoldMessage],
    *,
    model: Path | None,
    gazetteers: Mapping[str, tuple[Sequence[str | Path], str | None]],
) -> list[dict[str, object]]:
    """Return a row for each name of `gazetteers`, which tells folders and an event: None for all events.

    A mention is linked rightly when its span is the gold one and its first candidate lies within reach of the gold
    point. The messages of an event are recognised together.
    """
    rows: list[dict[str, object]] = []
    for name, (folders, event) in gazetteers.items():
        recognizer = Recognizer(model=model, gazetteers=list(folders))
        chosen = [message for message in messages if event in (None, message.event)]
        recognitions = _recognized(recognizer, chosen)
        rows.append({"event": event or "all", "gazetteer": name, **_scores(chosen, recognitions)})
    return rows


def _recognized(recognizer: Recognizer, messages: Sequence[GoldMessage]) -> list[Recognition]:
    found: dict[int, Recognition] = {}
    for event in {message.event for message in messages}:
        own = [index for index, message in enumerate(messages) if message.event == event]
        texts = [messages[index].text for index in own]
        found.update(zip(own, recognizer.recognize_many(texts, together=True), strict=True))
    return [found[index] for index in range(len(messages))]


def _scores(messages: Sequence[GoldMessage], recognitions: Sequence[Recognition]) -> dict[str, object]:
    gold_types = Counter(type_ for message in messages for _, _, type_ in message.spans)
    marked = sum(len(recognition.mentions) for recognition in recognitions)
    gold = sum(gold_types.values())
    scores: dict[str, object] = {"gold mentions": gold, "mentions": marked}
    spans = list(_found(messages, recognitions))
    scores["spans"] = _figures(len(spans), marked, gold)
    by_type: dict[str, dict[str, float]] = {
        type_: {"mentions": count, "span": sum(type_ == each for each, _ in spans) / count}
        for type_, count in sorted(gold_types.items())
    }
    for name, limit in _LIMITS.items():
        right = Counter(type_ for type_, error in spans if error <= limit)
        scores[name] = _figures(sum(right.values()), marked, gold)
        for type_, count in gold_types.items():
            by_type[type_][name] = right[type_] / count
    scores["recall by type"] = by_type
    return scores


def _found(messages: Sequence[GoldMessage], recognitions: Sequence[Recognition]) -> Iterable[tuple[str, float]]:
    """Yield the type of each gold mention whose span was found, and how far from its place the first candidate lies."""
    for message, recognition in zip(messages, recognitions, strict=True):
        marked = {(mention.start, mention.end): mention for mention in recognition.mentions}
        for (start, end, type_), place in zip(message.spans, message.places, strict=True):
            mention = marked.get((start, end))
            if mention is not None:
                yield type_, _error(mention.candidates[:1], place)


def _error(candidates: Sequence[Candidate], place: GoldPlace) -> float:
    return distance(candidates[0], place) if candidates else float("inf")


def _figures(right: int, marked: int, gold: int) -> dict[str, float]:
    precision, recall = right / max(1, marked), right / max(1, gold)
    return {"precision": precision, "recall": recall, "F1": 2 * right / max(1, marked + gold)}
