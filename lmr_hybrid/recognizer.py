"""`Recognizer`: text in, places on a map out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gazetteer import WORLD, Gazetteer, Match, Token, tokenize
from lmr_hybrid.articles import without_articles
from lmr_hybrid.calibration import BALANCED, OperatingPoint, read_calibration
from lmr_hybrid.errors import NotText, UnknownOperatingPoint
from lmr_hybrid.explanation import Explanation, make_explanation
from lmr_hybrid.garbage import collector_paused
from lmr_hybrid.linking import NO_CONTEXT, NO_EVENT, Context, EventShares, Linker, Query, queries_of
from lmr_hybrid.lookahead import BATCH_SIZE, one_ahead
from lmr_hybrid.mention import Mention, Recognition
from lmr_hybrid.reconcile import RULES, Draft, Evidence, Thresholds, read_thresholds, reconcile, reconcile_steps
from lmr_hybrid.segments import Segment, join_segments, split_into_segments
from lmr_hybrid.tagging.decoding import TagProbabilities
from lmr_hybrid.tagging.opening import Runtime, model_folder, open_tagger

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from lmr_hybrid.tables import ArrowStream

_LOG = logging.getLogger(__name__)

#: The embedded model.
DEFAULT_MODEL = Path(__file__).parent / "models" / "small"
#: The name by which the embedded gazetteer of the world is asked for among `gazetteers`.
WORLD_NAME = "world"


@dataclass(frozen=True, slots=True)
class _Prepared:
    text: str
    tokens: Sequence[Token]
    matches: Sequence[Match]
    segments: Sequence[Segment]


#: The texts of a batch, and what waits for the tagger's answer.
_Begun = tuple[list[_Prepared], Callable[[], list[TagProbabilities]]]
Answer = TypeVar("Answer")


class Recognizer:
    """Finds which places a message names, exactly where in the text, and where on the map.

    `model` is a model folder; by default the embedded one. `gazetteers` are gazetteer folders in order of preference,
    or "world" for the embedded one; by default that alone. `rules` names the reconciliation rules to run, by default
    all. Nothing is fetched from a network.

    `operating_point` says what matters more: "high-recall" lets more through than "balanced", "high-precision" less;
    docs/scores.md says how much. A model that is not calibrated has "balanced" alone. `thresholds` are where the rules
    draw their lines, by default those in the model's configuration, with the bias of the operating point.

    `runtime` is what runs the tagger: "onnx" the exported form of the model, which starts in a second and is
    several times as fast, "flair" the model as it was trained, "auto" the former where the folder holds it, else the
    latter.

    One recogniser serves any number of threads. Pickled, it is what it was opened with, and opened anew where it is
    loaded.

    Raises `lmr_hybrid.errors.ModelError` or `gazetteer.GazetteerUnreadable` where a folder cannot be used, and
    `lmr_hybrid.errors.UnknownOperatingPoint`, a `ValueError`, where the model has no such operating point.
    """

    def __init__(
        self,
        *,
        model: str | Path | None = None,
        gazetteers: Sequence[str | Path] = (WORLD_NAME,),
        rules: Collection[str] = tuple(RULES),
        thresholds: Thresholds | None = None,
        operating_point: str = BALANCED,
        runtime: Runtime = "auto",
    ) -> None:
        if isinstance(gazetteers, str | Path):
            raise TypeError(f"gazetteers is one path, {str(gazetteers)!r}; give a list of paths")
        if unknown := set(rules) - set(RULES):
            raise ValueError(f"no such rules: {', '.join(sorted(unknown))}; there are {', '.join(RULES)}")
        self._opened_with: dict[str, Any] = {
            "model": model,
            "gazetteers": tuple(gazetteers),
            "operating_point": operating_point,
            "runtime": runtime,
        }
        self.gazetteer = Gazetteer.open(*map(resolve, gazetteers))
        started = time.monotonic()
        model = model_folder(DEFAULT_MODEL if model is None else model)
        self._tagger = open_tagger(model, runtime)
        self._calibration = read_calibration(model)
        _LOG.info("%s: model opened in %.2f s", model, time.monotonic() - started)
        self._linker = Linker(self.gazetteer)
        self.rules = rules
        points = {BALANCED: OperatingPoint()} if self._calibration is None else self._calibration.operating_points
        if operating_point not in points:
            problem = f"has no operating point {operating_point!r}"
            raise UnknownOperatingPoint(model, problem, f"Choose one that it has: {', '.join(points)}")
        self.operating_point = points[operating_point]
        self.thresholds = thresholds or replace(read_thresholds(model), outside_bias=self.operating_point.outside_bias)

    def __reduce__(self) -> tuple[Callable[[], Recognizer], tuple[()]]:
        # Its gazetteers are mapped files and its tagger is compiled: another process opens them anew.
        settings = {**self._opened_with, "rules": tuple(self.rules), "thresholds": self.thresholds}
        return partial(type(self), **settings), ()

    def recognize(
        self,
        text: str,
        *,
        near: tuple[float, float] | None = None,
        countries: Sequence[str] = (),
        region: tuple[float, float, float, float] | None = None,
    ) -> Recognition:
        """Return the mentions in one text of any length.

        `near`, a (latitude, longitude), `countries`, ISO 3166-1 alpha-2 codes such as ["BS"], and `region`, a box
        (west, south, east, north) in degrees, say where the text is about: they rank the candidates and rule none out.

        Raises `NotText` where the text is not a `str`, `ValueError` where a place is off the globe.
        """
        return next(self.recognize_many([text], near=near, countries=countries, region=region))

    def recognize_many(
        self,
        texts: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        together: bool = False,
        near: tuple[float, float] | None = None,
        countries: Sequence[str] = (),
        region: tuple[float, float, float, float] | None = None,
    ) -> Iterator[Recognition]:
        """Yield the recognition of each text, lazily and in order; any iterable will do, of any length.

        `batch_size` texts are tagged together, while the next as many are read and prepared; with 1, each is answered
        before the next is read. What reading a text raises, or `NotText` where it is not a `str`, comes in its turn,
        after the recognitions of the texts before it. `together` tells that the texts are about one event: where most
        of them lie then helps to place each, and for that all of them are read before the first is yielded. `near`,
        `countries` and `region` are as in `recognize`.
        """
        if isinstance(texts, str | bytes):
            raise TypeError("texts is a single text; give a list of texts, or call recognize")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; it must be at least 1")
        context = Context.of(near=near, countries=countries, region=region)
        if together:
            return self._place_together(self._each(texts, batch_size, self._judge), context)
        return self._each(texts, batch_size, lambda evidence: self._place(self._judge(evidence), context))

    def recognize_table(
        self,
        table: pandas.DataFrame | ArrowStream,
        column: Hashable,
        *,
        batch_size: int = BATCH_SIZE,
        progress: bool | None = None,
        together: bool = False,
        near: tuple[float, float] | None = None,
        countries: Sequence[str] = (),
        region: tuple[float, float, float, float] | None = None,
    ) -> pandas.DataFrame | pyarrow.Table:
        """Return the mentions in a column of texts, one row a mention: a DataFrame for one of pandas, else Arrow.

        `table` is a pandas DataFrame, a table or reader of pyarrow, or anything else that speaks Arrow's PyCapsule
        interface, such as a DataFrame of polars or a relation of DuckDB; a stream is read lazily. The result has the
        columns of `lmr_hybrid.output.mention_schema`, which docs/output.md describes: `row` is the position of the
        text, from 0, and a DataFrame besides has the index of the one given, so that `table.join(result)` puts them
        together. Missing texts name nothing. `progress` shows a bar; by default on a terminal only. The other options
        are those of `recognize_many`.

        Raises `lmr_hybrid.errors.ColumnNotFound` or `NotATable`, both an `InputError`, and `NotText` where a value is
        neither a `str` nor missing.
        """
        from lmr_hybrid.tables import recognize_table

        return recognize_table(
            table,
            column,
            recognize=lambda texts: self.recognize_many(
                texts, batch_size=batch_size, together=together, near=near, countries=countries, region=region
            ),
            attribution=self.gazetteer.attribution,
            progress=progress,
        )

    def examine(self, texts: Iterable[str], *, batch_size: int = BATCH_SIZE) -> Iterator[Evidence]:
        """Yield all that is known of each text before the rules decide; for benchmarks and for explaining results."""
        return self._each(texts, batch_size, lambda evidence: evidence)

    def explain(
        self,
        text: str,
        *,
        near: tuple[float, float] | None = None,
        countries: Sequence[str] = (),
        region: tuple[float, float, float, float] | None = None,
    ) -> Explanation:
        """Return the story of how `recognize` comes to its mentions of a text; `print` it to read it.

        `near`, `countries` and `region` are as in `recognize`. Raises `NotText` where the text is not a `str`,
        `ValueError` where a place is off the globe.
        """
        context = Context.of(near=near, countries=countries, region=region)
        evidence = next(self.examine([text]))
        steps = list(reconcile_steps(evidence, thresholds=self.thresholds, rules=self.rules))
        _, drafts = steps[-1]
        scored = self._score_all(evidence, drafts)
        return make_explanation(
            evidence,
            steps,
            scored,
            self._place(self._accept(evidence, scored), context),
            fuzzy=self.gazetteer.fuzzy,
            thresholds=self.thresholds,
            least_score=self.operating_point.least_score,
        )

    def conclude(self, evidence: Evidence) -> Recognition:
        """Return the recognition of a text that `examine` looked at: rules first, then places."""
        return self._place(self._judge(evidence))

    def _each(self, texts: Iterable[str], batch_size: int, answer: Callable[[Evidence], Answer]) -> Iterator[Answer]:
        """Yield the answer to each text, given what is known of it; those of a batch are found one behind another."""
        begun = (self._begin(batch, batch_size) for batch in _batches(texts, batch_size))
        # Whoever asks for batches of one text wants each answered before the next has come.
        for prepared, finish in one_ahead(begun) if batch_size > 1 else begun:
            # Of long texts, most is prepared here, and Flair's sentences are cycles: mind the memory.
            probabilities = finish()
            with collector_paused():
                answers = [answer(self._evidence(*known)) for known in zip(prepared, probabilities, strict=True)]
            yield from answers

    def _evidence(self, entry: _Prepared, probabilities: TagProbabilities) -> Evidence:
        types = self._tagger.config.types
        likeness, lies_in = self._likeness, self._linker.lies_in
        return Evidence(entry.text, entry.tokens, entry.matches, probabilities, types, likeness, lies_in)

    def _judge(self, evidence: Evidence) -> Recognition:
        """Return the mentions that the rules and the operating point leave, not yet placed."""
        drafts = reconcile(evidence, thresholds=self.thresholds, rules=self.rules)
        return self._accept(evidence, self._score_all(evidence, drafts))

    def _score_all(self, evidence: Evidence, drafts: Sequence[Draft]) -> list[tuple[Draft, float]]:
        return [(draft, self._score(evidence, draft)) for draft in drafts]

    def _accept(self, evidence: Evidence, scored: Sequence[tuple[Draft, float]]) -> Recognition:
        """Make mentions of what the operating point lets through."""
        tokens, text = evidence.tokens, evidence.text
        mentions = []
        for draft, score in scored:
            if score >= self.operating_point.least_score:
                start, end = tokens[draft.first].start, tokens[draft.last].end
                surface, type_ = text[start:end], draft.span.type
                sources = self._sources(draft, surface)
                mentions.append(Mention(surface, start, end, type_, score, sources=sources, rules=draft.rules))
        return Recognition(text=text, mentions=tuple(mentions))

    def _place(
        self, recognition: Recognition, context: Context = NO_CONTEXT, event: EventShares = NO_EVENT
    ) -> Recognition:
        """Give each mention the places that it may refer to."""
        if not recognition.mentions:
            return recognition
        links = self._linker.link(_queries(recognition), context=context, event=event)
        mentions = map(Mention.with_candidates, recognition.mentions, links)
        return Recognition(text=recognition.text, mentions=tuple(mentions))

    def _place_together(self, recognitions: Iterator[Recognition], context: Context) -> Iterator[Recognition]:
        """Place the mentions of messages about one event once all of them are known."""
        known = list(recognitions)
        event = self._linker.event_shares(_queries(recognition) for recognition in known)
        for recognition in known:
            yield self._place(recognition, context, event)

    def _score(self, evidence: Evidence, draft: Draft) -> float:
        if self._calibration is None:
            score = min(1.0, draft.span.score)
        else:
            score = self._calibration.calibrator.probability(evidence, draft)
        return round(score, 4)

    def _prepare(self, text: str) -> _Prepared:
        tokens = tokenize(text)
        matches = without_articles(self.gazetteer.matches(text, tokens))
        return _Prepared(text, tokens, matches, list(split_into_segments(tokens, matches)))

    def _begin(self, batch: Sequence[str], batch_size: int) -> _Begun:
        """Prepare texts and begin to tag them: while that runs, there is time for others."""
        with collector_paused():
            return self._begin_prepared(list(map(self._prepare, batch)), batch_size)

    def _begin_prepared(self, prepared: list[_Prepared], batch_size: int) -> _Begun:
        segments = [segment for entry in prepared for segment in entry.segments]
        # Segments of like length lie together. Of long texts, not all are begun at once: mind the memory.
        order = sorted(range(len(segments)), key=lambda index: len(segments[index].tokens))
        parts = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
        begun = one_ahead((part, self._begin_segments([segments[index] for index in part])) for part in parts)
        first = list(islice(begun, 1))

        def finish() -> list[TagProbabilities]:
            results: dict[int, TagProbabilities] = {}
            for part, finish_part in chain(first, begun):
                results.update(zip(part, finish_part(), strict=True))
            numbers = iter(range(len(segments)))
            return [
                join_segments(entry.segments, [results[next(numbers)] for _ in entry.segments]) for entry in prepared
            ]

        return prepared, finish

    def _begin_segments(self, segments: Sequence[Segment]) -> Callable[[], list[TagProbabilities]]:
        return self._tagger.begin([(segment.tokens, segment.matches) for segment in segments])

    def _likeness(self, name: str) -> float:
        return max((match.score for match in self.gazetteer.fuzzy(name, limit=1)), default=0.0)

    def _sources(self, draft: Draft, surface: str) -> tuple[str, ...]:
        sources = set(draft.sources)
        hits = self._linker.hits(surface)
        if hits.fuzzy:
            # Less alike, a name may be the place meant, as its score says, but speaks for no mention.
            sources |= {"fuzzy"} if 100 * hits.likeness[0] >= self.thresholds.alike else set()
        elif hits.places and not hits.partial:
            sources.add("gazetteer")
        return tuple(source for source in ("neural", "gazetteer", "fuzzy") if source in sources)


def resolve(gazetteer: str | Path) -> str | Path:
    """Return the folder of a gazetteer, which may be asked for by the name "world"."""
    return WORLD if gazetteer == WORLD_NAME else gazetteer


def _queries(recognition: Recognition) -> list[Query]:
    spans = [(mention.start, mention.end, mention.type) for mention in recognition.mentions]
    return queries_of(recognition.text, spans)


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the texts so many at a time; what reading one raises comes after all those before it."""
    source = enumerate(texts)
    while True:
        batch: list[str] = []
        try:
            for position, text in islice(source, size):
                if not isinstance(text, str):
                    problem = f"is {type(text).__name__}, not str"
                    raise NotText(
                        f"text number {position}", problem, "Decode bytes first, and leave out missing values"
                    )
                batch.append(text)
        except Exception:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch
