"""What a tagger learns from others, and encoders made shallower."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer import Gazetteer
from lmr_hybrid.augmentation import NONE
from lmr_hybrid.corpora import TYPES, Message
from lmr_hybrid.errors import SettingsError, TrainingError
from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
from lmr_hybrid.tagging.decoding import TagProbabilities, summarize
from lmr_hybrid.tagging.distillation import Ensemble, TaughtEpochs, annotate, tag_targets
from lmr_hybrid.tagging.examples import Example, make_examples
from lmr_hybrid.tagging.tagger import Tagger
from lmr_hybrid.tagging.train_model import score, train_model
from lmr_hybrid.training_run import run_training
from lmr_hybrid.training_settings import as_tables, make_settings

_TYPES = ("City/town", "Road/street")
_TAGS = ("O", *(f"{position}-{type_}" for type_ in _TYPES for position in "SBEI"))


@given(st.lists(st.lists(st.floats(0.001, 1), min_size=9, max_size=9), min_size=1, max_size=5))
def test_targets_are_probabilities_that_agree_with_the_teachers_of_each_position(weights: list[list[float]]) -> None:
    probabilities = numpy.array(weights, numpy.float32)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    known = summarize(probabilities, _TAGS, _TYPES)
    targets = tag_targets(known, _TAGS, _TYPES)
    assert (targets >= 0).all()
    assert numpy.allclose(targets.sum(axis=1), 1, atol=1e-5)
    assert numpy.allclose(summarize(targets, _TAGS, _TYPES).positions, known.positions, atol=1e-5)


@pytest.mark.parametrize("tag", range(len(_TAGS)))
def test_a_teacher_that_is_sure_teaches_the_one_tag(tag: int) -> None:
    sure = numpy.eye(len(_TAGS), dtype=numpy.float32)[[tag]]
    assert numpy.allclose(tag_targets(summarize(sure, _TAGS, _TYPES), _TAGS, _TYPES), sure, atol=1e-5)


class _Constant:
    """A tagger that thinks the same of every token."""

    def __init__(self, outside: float, types: tuple[str, ...] = _TYPES) -> None:
        self.config = TaggerConfig(types=types)
        self._outside = outside

    def predict(self, texts: Sequence) -> list[TagProbabilities]:
        row = [self._outside, 0, 0, 0, 1 - self._outside]
        return [
            TagProbabilities(
                numpy.tile(numpy.array(row, numpy.float32), (len(tokens), 1)),
                numpy.full((len(tokens), len(self.config.types)), (1 - self._outside) / 2, numpy.float32),
            )
            for tokens, _ in texts
        ]

    def begin(self, texts: Sequence) -> Callable[[], list[TagProbabilities]]:
        return lambda: self.predict(texts)


def test_several_teachers_answer_by_their_mean(toy_corpus: list[Message], toy_gazetteer: Gazetteer) -> None:
    texts = [(example.tokens, example.matches) for example in make_examples(toy_corpus[:3], toy_gazetteer)]
    answers = Ensemble([_Constant(0.2), _Constant(0.6)]).predict(texts)
    assert [len(answer.positions) for answer in answers] == [len(tokens) for tokens, _ in texts]
    assert all(numpy.allclose(answer.positions[:, 0], 0.4) for answer in answers)
    assert all(numpy.allclose(answer.types, 0.3) for answer in answers)


def test_teachers_of_different_types_are_refused() -> None:
    with pytest.raises(TrainingError, match="teacher 2") as caught:
        Ensemble([_Constant(0.2), _Constant(0.2, ("Island",))])
    assert "Island" in str(caught.value)


def test_a_teacher_of_other_types_than_the_pupils_is_refused() -> None:
    with pytest.raises(TrainingError, match="City/town"):
        TaughtEpochs(_Once([]), _Constant(0.2), ("O", "S-Road/street"))


class _Once:
    def __init__(self, examples: list[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __call__(self, _epoch: int) -> list[Example]:
        return self._examples


def test_a_teacher_annotates_texts_as_it_finds_them(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer
) -> None:
    misled = [replace(message, mentions=()) for message in toy_corpus[:30]]
    annotated = annotate([*misled, Message("31", "toy", "  ")], Tagger.load(toy_model), toy_gazetteer)
    assert annotated == toy_corpus[:30]


@pytest.mark.slow
def test_a_shallow_pupil_learns_of_its_teacher_from_texts_that_nobody_annotated(
    toy_model: Path, toy_encoder: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    scores = {}
    for name, given_ in (("taught", {"teachers": [toy_model], "unlabelled": toy_corpus[2:100]}), ("alone", {})):
        train_model(
            toy_corpus[:2],
            tmp_path / name,
            encoder=str(toy_encoder),
            gazetteer=toy_gazetteer,
            tagger_config=TaggerConfig(types=TYPES, feature_size=32, kept_layers="1"),
            training_config=TrainingConfig(
                epochs=15,
                batch_size=16,
                encoder_learning_rate=2e-3,
                head_learning_rate=5e-3,
                average_decay=0.9,
                teachers_share=1.0,
            ),
            augmentation=NONE,
            **given_,
        )
        pupil = Tagger.load(tmp_path / name)
        assert pupil.network.embeddings.embeddings[0].model.config.num_hidden_layers == 1
        card = (tmp_path / name / "README.md").read_text(encoding="utf-8")
        assert "its layers 1" in card
        assert ("Taught by" in card) == (name == "taught")
        scores[name] = score(pupil, make_examples(toy_corpus[100:], toy_gazetteer)).f1
    assert scores["taught"] > max(0.9, scores["alone"] + 0.1)


def test_kept_layers_are_the_pretrained_ones(toy_encoder: Path) -> None:
    whole, upper = (
        Tagger.create(toy_encoder, TaggerConfig(types=_TYPES, kept_layers=kept)).network.embeddings.embeddings[0].model
        for kept in ("", "1")
    )
    assert (len(whole.encoder.layer), len(upper.encoder.layer)) == (2, 1)
    for name, value in upper.encoder.layer[0].state_dict().items():
        assert value.equal(whole.encoder.layer[1].state_dict()[name])


@pytest.mark.parametrize("kept", ["2", "1,0", "0,0", "-1", "first", "0,"])
def test_layers_that_there_are_not_are_refused(
    kept: str, toy_encoder: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="kept_layers"):
        train_model(
            toy_corpus[:8],
            tmp_path / "model",
            encoder=str(toy_encoder),
            gazetteer=toy_gazetteer,
            tagger_config=TaggerConfig(types=TYPES, kept_layers=kept),
            training_config=TrainingConfig(epochs=1),
        )


@pytest.mark.parametrize("use", ["unlabelled", "other_guidelines", "as_annotated"])
def test_texts_for_teachers_want_a_teacher(tmp_path: Path, toy_encoder: Path, use: str) -> None:
    corpus = tmp_path / "train.jsonl"
    corpus.write_text(
        '{"id": "1", "text": "Rain in Paris", '
        '"mentions": [{"start": 8, "end": 13, "type": "City/town", "text": "Paris"}]}\n',
        encoding="utf-8",
    )
    tables = {
        "data": {"train": [str(corpus)]},
        "tagger": {"encoder": str(toy_encoder)},
        "distillation": {use: [str(corpus)]},
    }
    settings = make_settings(tables, output=tmp_path / "model", source="here")
    assert as_tables(settings)["distillation"][use] == (str(corpus),)
    with pytest.raises(TrainingError, match="no teachers"):
        run_training(settings, restart=False, report=lambda _line: None)
    with pytest.raises(SettingsError, match="teachers must be a list of texts"):
        make_settings({**tables, "distillation": {"teachers": 3}}, output=tmp_path / "model", source="here")


def test_a_training_may_begin_with_what_a_model_has_learnt(
    toy_model: Path, toy_corpus: list[Message], toy_gazetteer: Gazetteer
) -> None:
    config = Tagger.load(toy_model).config
    begun = Tagger.create(toy_model, config)
    begun.network.eval()
    assert score(begun, make_examples(toy_corpus, toy_gazetteer)).f1 == 1
    shallow = Tagger.create(toy_model, replace(config, kept_layers="0", dropout=0.3))
    assert len(shallow.network.embeddings.embeddings[0].model.encoder.layer) == 1
    injected = Tagger.create(toy_model, replace(config, injection=True))
    injected.network.eval()
    assert score(injected, make_examples(toy_corpus, toy_gazetteer)).f1 == 1, "nothing is added yet"
    with pytest.raises(ValueError, match="feature_size = 32"):
        Tagger.create(toy_model, replace(config, feature_size=16))


def test_an_exported_model_learns_no_more(toy_model: Path, tmp_path: Path) -> None:
    from lmr_hybrid.tagging.exporting import export_model

    export_model(toy_model, tmp_path / "exported")
    with pytest.raises(ValueError, match="exported"):
        Tagger.create(tmp_path / "exported", Tagger.load(toy_model).config)
