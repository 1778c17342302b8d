"""Examples and what is made small of them: epochs are decided by their number, the loss is Flair's where both speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from gazetteer import Gazetteer, tokenize
from lmr_hybrid.augmentation import NONE, AugmentationConfig, Augmenter, NamePool
from lmr_hybrid.corpora import GoldMention, Message, spans_to_bioes
from lmr_hybrid.tagging.examples import AugmentedEpochs, Example, make_examples
from lmr_hybrid.tagging.loss import tagging_loss
from lmr_hybrid.tagging.tagger import TAG_TYPE, Tagger


@pytest.fixture(scope="module")
def tagger(toy_model: Path) -> Tagger:
    tagger = Tagger.load(toy_model)
    tagger.network.eval()
    return tagger


@pytest.fixture(scope="module")
def examples(toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> list[Example]:
    return make_examples(toy_corpus[:12], toy_gazetteer, progress=False)


def augmented(corpus: Sequence[Message], gazetteer: Gazetteer, config: AugmentationConfig, *, seed: int = 1):
    augmenter = Augmenter(config, gazetteer=gazetteer, pool=NamePool(gazetteer.all_places()))
    return AugmentedEpochs(corpus, gazetteer, augmenter, seed=seed, epochs=5)


def test_an_epoch_is_decided_by_its_number_and_the_seed(toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    epochs = augmented(toy_corpus, toy_gazetteer, AugmentationConfig())
    first, second = epochs(1), epochs(2)
    assert epochs(1) == first != second
    assert augmented(toy_corpus, toy_gazetteer, AugmentationConfig())(2) == second
    assert augmented(toy_corpus, toy_gazetteer, AugmentationConfig(), seed=2)(1) != first
    assert len(first) == len(second) == len(epochs) == len(toy_corpus)


def test_an_epoch_without_augmentation_is_the_corpus(toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    corpus = [*toy_corpus[:9], Message("empty", "toy", " \n"), Message("joiner", "toy", "\u200d")]
    epochs = augmented(corpus, toy_gazetteer, NONE)
    assert len(epochs) == 9
    assert epochs(1) == epochs(5) == make_examples(toy_corpus[:9], toy_gazetteer, progress=False)


def test_spans_hold_the_tokens_of_changed_mentions(toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    config = replace(NONE, names=1.0, invented=1.0, retweet=1.0)
    before = make_examples(toy_corpus, toy_gazetteer, progress=False)
    after = augmented(toy_corpus, toy_gazetteer, config)(1)
    changed = 0
    for old, new in zip(before, after, strict=True):
        assert [type_ for _, _, type_ in old.spans] == [type_ for _, _, type_ in new.spans]
        for (old_first, *_), (first, _, _) in zip(old.spans, new.spans, strict=True):
            assert new.tokens[first].text[0].isupper()
            changed += old.tokens[old_first].text != new.tokens[first].text
    assert changed > 50


def test_mentions_that_overlap_are_changed_as_one(toy_gazetteer: Gazetteer) -> None:
    city, state = GoldMention("New York City", 0, 13, "City/town"), GoldMention("New York", 0, 8, "State")
    nested = Message("1", "toy", "New York City is wet", (city, state))
    twice = Message("2", "toy", "Paris is wet", (GoldMention("Paris", 0, 5, "City/town"),) * 2)
    epochs = augmented([nested, twice], toy_gazetteer, replace(NONE, names=1.0, invented=1.0, hashtag=1.0))
    for epoch in range(1, 4):
        assert [[type_ for *_, type_ in example.spans] for example in epochs(epoch)] == [["State"], ["City/town"]]


def test_long_texts_are_cut(toy_gazetteer: Gazetteer) -> None:
    [example] = make_examples([Message("1", "toy", "Paris " * 300)], toy_gazetteer, progress=False)
    assert len(example.tokens) == 160
    assert max(match.last_token for match in example.matches) == 159


def test_the_loss_of_plain_examples_is_that_of_flair(tagger: Tagger, examples: list[Example]) -> None:
    import torch

    sentences = []
    for example in examples:
        sentence, _ = tagger.prepare(example.tokens, example.matches)
        for first, last, type_ in example.spans:
            sentence[first : last + 1].add_label(TAG_TYPE, type_)
        sentences.append(sentence)
    with torch.no_grad():
        total, count = tagger.network.forward_loss(sentences)
        own = tagging_loss(tagger, examples)
    assert count == sum(len(example.tokens) for example in examples)
    assert own.item() == pytest.approx(total.item() / count, rel=1e-4)
    assert own.item() > 0


def loss_of(tagger: Tagger, examples: Sequence[Example]) -> float:
    import torch

    with torch.no_grad():
        return tagging_loss(tagger, examples).item()


def misled(example: Example) -> Example:
    """Return the example with another first tag, at which a trained tagger must be surprised."""
    others = tuple(span for span in example.spans if span[0] > 0)
    first = () if len(others) < len(example.spans) else ((0, 0, "Island"),)
    return replace(example, spans=(*first, *others))


def test_tokens_without_weight_do_not_count(tagger: Tagger, examples: list[Example]) -> None:
    example = examples[0]
    weights = numpy.ones(len(example.tokens), numpy.float32)
    assert loss_of(tagger, [replace(example, weights=weights)]) == pytest.approx(loss_of(tagger, [example]))
    weights[0] = 0
    ignoring = loss_of(tagger, [replace(example, weights=weights)])
    wrong = misled(example)
    assert loss_of(tagger, [wrong]) > 2 * loss_of(tagger, [example])
    # Other tags of the mention's other tokens change too where it has more than one.
    if all(first == last for first, last, _ in example.spans if first == 0):
        assert loss_of(tagger, [replace(wrong, weights=weights)]) == pytest.approx(ignoring, rel=1e-4)


def test_a_batch_without_any_weight_has_no_loss(tagger: Tagger, examples: list[Example]) -> None:
    silent = [replace(each, weights=numpy.zeros(len(each.tokens), numpy.float32)) for each in examples]
    assert loss_of(tagger, silent) == 0


def taught(tagger: Tagger, example: Example, *, kind: type[numpy.floating] = numpy.float32) -> Example:
    """Return the example with a teacher that is sure of the annotated tags."""
    tags = [tagger.tags.index(tag) for tag in spans_to_bioes(example.spans, len(example.tokens))]
    return replace(example, targets=numpy.eye(len(tagger.tags), dtype=kind)[tags])


@pytest.mark.parametrize("kind", [numpy.float32, numpy.float16])
def test_a_teacher_who_says_what_is_annotated_changes_nothing(
    tagger: Tagger, examples: list[Example], kind: type[numpy.floating]
) -> None:
    plain = loss_of(tagger, examples)
    assert loss_of(tagger, [taught(tagger, each, kind=kind) for each in examples]) == pytest.approx(plain, rel=1e-4)
    mixed = [taught(tagger, each, kind=kind) if number % 2 else each for number, each in enumerate(examples)]
    assert loss_of(tagger, mixed) == pytest.approx(plain, rel=1e-4)


def test_a_teacher_of_another_mind_counts_seven_tenths(tagger: Tagger, examples: list[Example]) -> None:
    right = examples[0]
    wrong = misled(right)
    contradicted = replace(right, targets=taught(tagger, wrong).targets)
    expected = 0.3 * loss_of(tagger, [right]) + 0.7 * loss_of(tagger, [wrong])
    assert loss_of(tagger, [contradicted]) == pytest.approx(expected, rel=1e-4)


def test_examples_of_one_text_have_its_tokens(toy_corpus: list[Message], examples: list[Example]) -> None:
    assert [list(example.tokens) for example in examples] == [tokenize(message.text) for message in toy_corpus[:12]]
