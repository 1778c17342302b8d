"""What does each rule of the reconciler add, on IDRISI dev, on events never seen, and where others annotated?

    python benchmarks/rules.py [--encoder path/to/all-MiniLM-L6-v2 --work folder --seeds 3 --epochs 3 --limit 4500]

Each rule is switched off, and on alone; each rule that was tried and not kept (tried_rules.py) is switched on. The tags
and the names of each text are found once, so that only the rules run again. With `--encoder`, the events of
event_groups.json are left out in turn with the models of unseen_events.py, whose options these are; those that the work
folder does not hold are trained. Writes results/rules.json; results/rules_unseen.json is what an earlier run, with the
rules of its day, wrote of the events never seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import md5
from pathlib import Path
from typing import Self

import click
from experiment import idrisi, train_once
from marked_messages import read_messages
from record import data_folder, write_result
from street_messages import street_messages
from streets import region_gazetteers
from tried_rules import TRIED
from unseen_events import left_out
from worldwide import CORPORA

from gazetteer import Match
from lmr_hybrid import Recognizer
from lmr_hybrid.corpora import Message, read_corpus
from lmr_hybrid.evaluation import exact_scores, f1_difference, format_table
from lmr_hybrid.reconcile import RULES, Draft, Evidence, Thresholds
from lmr_hybrid.tagging.config import TrainingConfig
from lmr_hybrid.tagging.decoding import decode

_DEV = "IDRISI-R dev"
_OTHERS = {"Broad Twitter Corpus": "btc/btc.jsonl", "WNUT 2017": "wnut17/wnut17.jsonl"}
_SAMPLES = 2_000
#: No rule of its own, but what the rules take for the name of a span: `Evidence.name_of`.
NEARLY_EXACT = "(names but for hash sign, article, closing symbols, possessive)"
_Rule = Callable[[Evidence, Sequence[Draft], Thresholds], list[Draft]]


@dataclass(frozen=True, slots=True)
class Span:
    """What the scorer asks of a mention."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages of a corpus, or of a group of events, with what is known of each before the rules decide."""

    corpus: str
    group: str
    messages: Sequence[Message]
    evidence: Sequence[Evidence]
    tagged: Sequence[Sequence[Draft]]
    thresholds: Thresholds


@click.command()
@click.option("--encoder", help="As for unseen_events.py; without it, no events are left out.")
@click.option("--seeds", default=1, show_default=True, help="How many seeds, from 1.")
@click.option("--from-seed", "first", default=1, show_default=True, help="Leave out those before it.")
@click.option("--epochs", default=TrainingConfig().epochs, show_default=True)
@click.option("--limit", type=int, help="Train on a sample of so many messages.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("unseen_events.work"), show_default=True)
def main(encoder: str | None, seeds: int, first: int, epochs: int, limit: int | None, work: Path) -> None:
    """Measure every rule."""
    samples = list(_embedded(work))
    for seed in range(first, seeds + 1):
        if encoder is None:
            break
        for group, experiment, seen, unseen in left_out(encoder, seed=seed, epochs=epochs, limit=limit):
            recognizer = Recognizer(model=train_once(experiment, seen, work))
            samples.append(examined(f"events never seen, seed {seed}", group, unseen, recognizer))
    measure(samples)


def _embedded(work: Path) -> Iterator[Sample]:
    """Yield what the embedded model is measured on."""
    recognizer = Recognizer()
    yield examined(_DEV, "", idrisi("dev"), recognizer)
    for corpus, path in _OTHERS.items():
        yield examined(corpus, "", read_corpus(data_folder() / path, split="dev"), recognizer)
    for corpus, path in CORPORA.items():
        yield examined(corpus, "", [each.message for each in read_messages(path)], recognizer)
    streets = street_messages(data_folder() / "osm", seed=0)
    yield examined("street messages, world", "", streets, recognizer)
    regional = Recognizer(gazetteers=(*region_gazetteers(work).values(), "world"))
    yield examined("street messages, world and region", "", streets, regional)


def examined(corpus: str, group: str, messages: Sequence[Message], recognizer: Recognizer) -> Sample:
    """Return the sample of messages as a recogniser sees them."""
    evidence = list(recognizer.examine(message.text for message in messages))
    tagged = [[Draft(span) for span in decode(each.probabilities, each.types)] for each in evidence]
    return Sample(corpus, group, messages, evidence, tagged, recognizer.thresholds)


def measure(samples: Sequence[Sample]) -> None:
    """Measure every rule on every corpus, print the tables and write the result."""
    corpora: dict[str, list[Sample]] = {}
    for sample in samples:
        corpora.setdefault(sample.corpus, []).append(sample)
    totals: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for corpus, parts in corpora.items():
        bench = _Bench(parts)
        totals.append({"corpus": corpus, **bench.total()})
        totals += [{"corpus": corpus, **_Bench([part]).total()} for part in parts if part.group]
        click.echo(format_table(totals[-len(parts) :], digits=2))
        rows += [{"corpus": corpus, **row} for row in bench.rows()]
        click.echo(format_table([row for row in rows if row["corpus"] == corpus], digits=2))
    write_result(
        "rules",
        {
            "seed": {"bootstrap": 0},
            "bootstrap_samples": _SAMPLES,
            "totals": totals,
            "rules": rows,
            "tried": {name: tried.does for name, tried in TRIED.items()},
        },
    )


class _Bench:
    """The samples of one corpus and what the whole set of rules finds in them."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._messages = [message for sample in samples for message in sample.messages]
        self._alone = self._found(())
        self._whole = self._found(RULES.values())
        # One half was looked at to think of rules, the other to see whether they hold.
        halves = [md5(message.id.encode(), usedforsecurity=False).digest()[-1] % 2 for message in self._messages]
        self._halves = [[index for index, own in enumerate(halves) if own == half] for half in (0, 1)]

    def total(self) -> dict[str, object]:
        """Return the scores of the tagger alone and of all rules, in points of F1."""
        difference = f1_difference(self._messages, self._whole, self._alone, samples=_SAMPLES)
        groups = {sample.group for sample in self._samples}
        return {
            "group": groups.pop() if len(groups) == 1 else "",
            "messages": len(self._messages),
            "tagger": 100 * exact_scores(self._messages, self._alone).f1,
            "rules": 100 * exact_scores(self._messages, self._whole).f1,
            **_points(difference.f1, difference.low, difference.high),
        }

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield what each change to the rules does, in points of F1."""
        for name in RULES:
            others = [rule for other, rule in RULES.items() if other != name]
            yield {"rule": name, "how": "without it", **self._compare(self._whole, self._found(others))}
            yield {"rule": name, "how": "alone", **self._compare(self._found([RULES[name]]), self._alone)}
        exact = self._found(RULES.values(), only_exact=True)
        yield {"rule": NEARLY_EXACT, "how": "without it", **self._compare(self._whole, exact)}
        for name, tried in TRIED.items():
            rules: list[_Rule] = []
            for other, rule in RULES.items():
                rules += [tried.rule, rule] if other == tried.before else [rule]
            yield {"rule": name, "how": "tried", **self._compare(self._found(rules), self._whole)}

    def _compare(self, more: Sequence[Sequence[Span]], less: Sequence[Sequence[Span]]) -> dict[str, float]:
        """Return what `more` is better by, with its interval, typed, and on either half of the messages."""
        if more == less:
            return {**_points(0.0, 0.0, 0.0), "typed": 0.0, "half 0": 0.0, "half 1": 0.0}
        difference = f1_difference(self._messages, more, less, samples=_SAMPLES)
        typed = _f1(self._messages, more, typed=True) - _f1(self._messages, less, typed=True)
        halves = {}
        for half, indices in enumerate(self._halves):
            gold = [self._messages[index] for index in indices]
            first, second = ([spans[index] for index in indices] for spans in (more, less))
            halves[f"half {half}"] = round(100 * (_f1(gold, first) - _f1(gold, second)), 3)
        points = _points(difference.f1, difference.low, difference.high)
        return {**points, "typed": round(100 * typed, 3), **halves}

    def _found(self, rules: Iterable[_Rule], *, only_exact: bool = False) -> list[list[Span]]:
        rules, found = list(rules), []
        for sample in self._samples:
            for each, drafts in zip(sample.evidence, sample.tagged, strict=True):
                evidence, left = _OnlyExact.of(each) if only_exact else each, list(drafts)
                for rule in rules:
                    left = rule(evidence, left, sample.thresholds)
                found.append([_span(each, draft) for draft in left])
        return found


class _OnlyExact(Evidence):
    """Evidence in which a span is a name only as it stands."""

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Return the same evidence, so read."""
        return cls(**{field.name: getattr(evidence, field.name) for field in fields(Evidence)})

    def name_of(self, first: int, last: int) -> Match | None:
        """Return the match of a span."""
        return self.match_at.get((first, last))


def _span(evidence: Evidence, draft: Draft) -> Span:
    tokens = evidence.tokens
    return Span(tokens[draft.first].start, tokens[draft.last].end, draft.span.type)


def _f1(gold: Sequence[Message], found: Sequence[Sequence[Span]], *, typed: bool = False) -> float:
    return exact_scores(gold, found, typed=typed).f1


def _points(f1: float, low: float, high: float) -> dict[str, float]:
    return {name: round(100 * value, 3) for name, value in (("points", f1), ("low", low), ("high", high))}


if __name__ == "__main__":
    main()
