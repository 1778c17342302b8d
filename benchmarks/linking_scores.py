"""How right ranked candidates are, by the measures of the field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from linking_data import CLOSE, FOUND, distance, distance_to_area, gold_country, is_country, lies_in

from gazetteer import PlaceKind
from lmr_hybrid.corpora.idrisi_d import GoldPlace
from lmr_hybrid.mention import Candidate


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system says of a mention: ranked candidates, the gold place, and the mention's type."""

    type: str
    gold: GoldPlace
    candidates: Sequence[Candidate]


def without_approximate(answer: Answer) -> Answer:
    """Return the answer without what only tells where the place lies."""
    return replace(answer, candidates=[each for each in answer.candidates if not each.approximate])


def scores_of(answers: Sequence[Answer]) -> dict[str, float | int]:
    """Return all measures of the first candidates; a mention without one counts as wrong."""
    first = [answer.candidates[0] if answer.candidates else None for answer in answers]
    errors = [
        distance(best, answer.gold) if best else float("inf") for best, answer in zip(first, answers, strict=True)
    ]
    known = [(best, gold_country(answer.gold)) for best, answer in zip(first, answers, strict=True)]
    countries = [best is not None and best.country == code for best, code in known if code]
    answered = [error for error, best in zip(errors, first, strict=True) if best]
    to_area = [
        distance_to_area(best, answer.gold) if best else float("inf")
        for best, answer in zip(first, answers, strict=True)
    ]
    return {
        "mentions": len(answers),
        "accuracy within 161 km": mean(error <= FOUND for error in errors),
        "accuracy within 20 km": mean(error <= CLOSE for error in errors),
        "country": mean(countries) if countries else 0.0,
        "mean reciprocal rank": mean(_reciprocal_rank(answer) for answer in answers),
        "answered": len(answered) / len(answers),
        "median error of the answered, km": median(answered) if answered else 0.0,
        "within 161 km of the area": mean(error <= FOUND for error in to_area),
        "within 20 km of the area": mean(error <= CLOSE for error in to_area),
        "within the area": mean(error == 0 for error in to_area),
        **_precision(answers),
    }


def _precision(answers: Sequence[Answer]) -> dict[str, float]:
    """Return how often what is answered is right: a place itself, or that which a mention's place lies in or near."""
    judged = [
        (answer.candidates[0].approximate, is_right(answer.candidates[0], answer.gold))
        for answer in answers
        if answer.candidates
    ]
    places = [right for approximate, right in judged if not approximate]
    areas = [right for approximate, right in judged if approximate]
    return {
        "answered within 161 km or the country itself": mean(places) if places else 0.0,
        "approximate": len(areas) / len(answers),
        "approximate and in or near it": mean(areas) if areas else 0.0,
    }


def is_right(candidate: Candidate, gold: GoldPlace) -> bool:
    """Tell whether a candidate lies within 161 km, is the country itself or, if approximate, holds the gold place."""
    if candidate.approximate:
        return lies_in(candidate, gold)
    whole = is_country(gold) and candidate.kind == PlaceKind.COUNTRY
    return distance(candidate, gold) <= FOUND or (whole and candidate.country == gold_country(gold))


def _reciprocal_rank(answer: Answer) -> float:
    ranked = enumerate(answer.candidates, start=1)
    ranks = (rank for rank, each in ranked if is_right(each, answer.gold) and not each.approximate)
    return next((1 / rank for rank in ranks), 0.0)


def reliability(answers: Sequence[Answer], *, bins: int = 10) -> dict[str, object]:
    """Return the expected calibration error of the best candidates' scores over bins of equal width."""
    pairs = [(each.candidates[0].score, is_right(each.candidates[0], each.gold)) for each in answers if each.candidates]
    binned: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, right in pairs:
        binned[min(bins - 1, int(score * bins))].append((score, right))
    gaps = [abs(sum(score for score, _ in each) - sum(right for _, right in each)) for each in binned.values()]
    return {"mentions": len(pairs), "expected calibration error": sum(gaps) / len(pairs)}


def scores_by_type(answers: Sequence[Answer]) -> dict[str, dict[str, float | int]]:
    """Return the measures for the mentions of each type."""
    return {
        type_: scores_of([answer for answer in answers if answer.type == type_])
        for type_ in sorted({answer.type for answer in answers})
    }
