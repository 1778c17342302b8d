"""Tiny stand-ins for the pretrained weights that recipes ask for, and a corpus in IDRISI's folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
from systems.weights import save_language_model, save_words

from gazetteer import tokenize
from lmr_hybrid.corpora import Message

_CHARACTERS = ["<unk>", *" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ#@.,!"]


def as_idrisi(message: Message) -> dict[str, object]:
    mentions = [
        {"text": each.text, "start_offset": each.start, "end_offset": each.end, "type": each.type}
        for each in message.mentions
    ]
    return {"tweet_id": message.id, "text": message.text, "location_mentions": mentions}


def write_lines(path: Path, objects: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, toy_corpus: list[Message]) -> Path:
    """The folder LMR_DATA: two events of IDRISI, and two auxiliary texts, one a tweet of dev written otherwise."""
    folder = tmp_path_factory.mktemp("data")
    corpus = folder / "idrisi-r" / "EN" / "gold-random-json"
    for number, event in enumerate(("flood", "quake")):
        mine = [as_idrisi(message) for message in toy_corpus[number::2]]
        write_lines(corpus / event / "train.jsonl", mine[:60])
        write_lines(corpus / event / "dev.jsonl", mine[60:])
    known = toy_corpus[140].text
    auxiliary: list[dict[str, object]] = [
        {"id": "1", "text": f"@you {known.upper()} https://t.co/9", "mentions": []},
        {
            "id": "2",
            "text": "Storm over Lima .",
            "mentions": [{"start": 11, "end": 15, "type": "geo-loc", "text": "Lima"}],
        },
    ]
    write_lines(folder / "wnut16" / "wnut16.jsonl", auxiliary)
    return folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, toy_corpus: list[Message]) -> Path:
    """A folder with word vectors and two untrained character language models, as convert_weights.py writes it."""
    import torch
    from flair.data import Dictionary
    from flair.models import LanguageModel

    folder = tmp_path_factory.mktemp("weights")
    words = sorted({token.text.lower() for message in toy_corpus for token in tokenize(message.text)})
    vectors = numpy.random.default_rng(1).normal(size=(len(words), 6)).astype(numpy.float32)
    save_words(folder / "glove", words, vectors)
    torch.manual_seed(1)
    for name in ("news-forward", "news-backward"):
        settings = {
            "is_forward_lm": name == "news-forward",
            "hidden_size": 8,
            "nlayers": 1,
            "embedding_size": 5,
            "dropout": 0.0,
        }
        dictionary = Dictionary(add_unk=False)
        for character in _CHARACTERS:
            dictionary.add_item(character)
        model = LanguageModel(dictionary, **settings)
        save_language_model(
            folder / name, characters=_CHARACTERS, settings=settings, state=dict(model.named_parameters())
        )
    return folder


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory, toy_encoder: Path) -> Path:
    """A BERT with an untrained head that tells places and persons apart, in the format of the hub."""
    import torch
    from transformers import AutoConfig, AutoTokenizer, BertForTokenClassification

    folder = tmp_path_factory.mktemp("classifier")
    labels = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    config = AutoConfig.from_pretrained(toy_encoder)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: number for number, label in enumerate(labels)}
    torch.manual_seed(3)
    BertForTokenClassification(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(toy_encoder).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def flair_tagger(tmp_path_factory: pytest.TempPathFactory, stack: Path) -> Path:
    """An untrained tagger of places and persons, saved as Flair saves it."""
    import flair
    from flair.data import Dictionary
    from flair.models import SequenceTagger
    from systems.weights import load_words

    flair.set_seed(2)
    dictionary = Dictionary(add_unk=False)
    dictionary.span_labels = True
    for label in ("LOC", "PER"):
        dictionary.add_item(label)
    path = tmp_path_factory.mktemp("tagger") / "tagger.pt"
    words = load_words(str(stack / "glove"), name="words")
    SequenceTagger(words, dictionary, "ner", hidden_size=4).save(path)
    return path
