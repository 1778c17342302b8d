"""Small stand-ins that are real in kind: a gazetteer, an encoder, a corpus and a model, each made once a session."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from gazetteer import Gazetteer, NameKind, Place, PlaceKind, PlaceName, build_gazetteer
from gazetteer.importance import importance
from gazetteer.sources import SourceDescription
from lmr_hybrid.corpora import GoldMention, Message

# On a machine that others use, how long an example takes says nothing of the code.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

#: id, name, kind, latitude, longitude, country, first-level unit, population, further names.
_PLACES: tuple[tuple[str, str, PlaceKind, float, float, str, str, int, tuple[tuple[str, NameKind], ...]], ...] = (
    ("europe", "Europe", PlaceKind.CONTINENT, 54.0, 15.0, "", "", 0, (("European", NameKind.DEMONYM),)),
    ("france", "France", PlaceKind.COUNTRY, 46.0, 2.0, "FR", "", 68_000_000, (("French", NameKind.DEMONYM),)),
    ("italy", "Italy", PlaceKind.COUNTRY, 42.8, 12.8, "IT", "", 59_000_000, (("Italian", NameKind.DEMONYM),)),
    ("ecuador", "Ecuador", PlaceKind.COUNTRY, -2.0, -77.5, "EC", "", 18_000_000, (("Ecuadorian", NameKind.DEMONYM),)),
    ("bahamas", "Bahamas", PlaceKind.COUNTRY, 24.2, -76.0, "BS", "", 400_000, (("Bahamian", NameKind.DEMONYM),)),
    ("india", "India", PlaceKind.COUNTRY, 22.0, 79.0, "IN", "", 1_400_000_000, ()),
    ("usa", "United States", PlaceKind.COUNTRY, 39.8, -98.5, "US", "", 335_000_000, (("USA", NameKind.ABBREVIATION),)),
    ("texas", "Texas", PlaceKind.STATE, 31.3, -99.3, "US", "TX", 30_000_000, (("Texan", NameKind.DEMONYM),)),
    ("new-york-state", "New York", PlaceKind.STATE, 43.0, -75.5, "US", "NY", 19_500_000, ()),
    ("kerala", "Kerala", PlaceKind.STATE, 10.5, 76.5, "IN", "KL", 35_000_000, ()),
    ("harris", "Harris County", PlaceKind.COUNTY, 29.86, -95.39, "US", "TX", 4_700_000, ()),
    ("manhattan", "Manhattan", PlaceKind.DISTRICT, 40.79, -73.96, "US", "NY", 1_600_000, ()),
    ("paris-fr", "Paris", PlaceKind.CITY, 48.857, 2.352, "FR", "IDF", 2_100_000, ()),
    ("paris-tx", "Paris", PlaceKind.CITY, 33.661, -95.556, "US", "TX", 25_000, ()),
    ("new-york-city", "New York", PlaceKind.CITY, 40.713, -74.006, "US", "NY", 8_300_000, (("NYC", NameKind.SHORT),)),
    ("houston", "Houston", PlaceKind.CITY, 29.763, -95.363, "US", "TX", 2_300_000, ()),
    ("freeport-bs", "Freeport", PlaceKind.CITY, 26.533, -78.7, "BS", "FP", 45_000, ()),
    ("freeport-tx", "Freeport", PlaceKind.CITY, 28.954, -95.36, "US", "TX", 10_700, ()),
    ("saint-louis", "Saint Louis", PlaceKind.CITY, 38.627, -90.199, "US", "MO", 300_000, ()),
    ("guayaquil", "Guayaquil", PlaceKind.CITY, -2.19, -79.887, "EC", "G", 2_700_000, ()),
    ("kochi", "Kochi", PlaceKind.CITY, 9.94, 76.26, "IN", "KL", 600_000, (("Cochin", NameKind.OLD),)),
    ("estates", "Lucayan Estates", PlaceKind.NEIGHBOURHOOD, 26.51, -78.65, "BS", "FP", 0, ()),
    ("grand-bahama", "Grand Bahama", PlaceKind.ISLAND, 26.63, -78.38, "BS", "FP", 51_000, ()),
    ("main-street", "Main Street", PlaceKind.ROAD, 29.75, -95.36, "US", "TX", 0, ()),
    ("harbour", "Lucayan Harbour", PlaceKind.HUMAN_POI, 26.52, -78.77, "BS", "FP", 0, ()),
    ("conroe", "Lake Conroe", PlaceKind.NATURAL_POI, 30.43, -95.6, "US", "TX", 0, ()),
    ("gulf", "Gulf Coast", PlaceKind.OTHER, 29.0, -92.0, "US", "", 0, ()),
)
#: What annotators would call the places above, one misspelt, and one that no gazetteer here knows.
_MENTIONED = {
    "Europe": "Continent",
    "France": "Country",
    "Italy": "Country",
    "Ecuador": "Country",
    "Bahamas": "Country",
    "India": "Country",
    "USA": "Country",
    "Texas": "State",
    "Kerala": "State",
    "Harris County": "County",
    "Manhattan": "District",
    "Paris": "City/town",
    "New York": "City/town",
    "Houston": "City/town",
    "Freeport": "City/town",
    "Saint Louis": "City/town",
    "Guayaquil": "City/town",
    "Guayaqil": "City/town",
    "Kochi": "City/town",
    "Lucayan Estates": "Neighborhood",
    "Grand Bahama": "Island",
    "Main Street": "Road/street",
    "Lucayan Harbour": "Human-made Point-of-Interest",
    "Lake Conroe": "Natural Point-of-Interest",
    "Gulf Coast": "Other locations",
    "Marsh Town": "City/town",
}
_TEMPLATES = (
    "Flooding in {}",
    "Flooding in {}, power out near {}",
    "Power is out near {} since last night!",
    "{} needs water and food now.",
    "Please help the people of {} #flood",
    "#{} shelters are open, @user says https://t.co/x1",
    "The road from {} to {} is closed.",
    "Praying for everyone tonight",
    "So much water. We are safe now, thank you all!",
    "@user please call me back",
)


class ToySource:
    """Places given as they are, with their own name and further names."""

    def __init__(self, places: Sequence[tuple[Place, tuple[PlaceName, ...]]], name: str = "toy") -> None:
        self._places, self._name = places, name

    def describe(self) -> SourceDescription:
        return SourceDescription(self._name, "sha256:0", "2024-01-01", "CC0-1.0", f"{self._name} data")

    def read(self) -> Iterator[tuple[Place, tuple[PlaceName, ...]]]:
        yield from self._places


def named_place(
    identifier: str,
    name: str,
    kind: PlaceKind,
    latitude: float = 0.0,
    longitude: float = 0.0,
    country: str = "",
    admin1: str = "",
    population: int = 0,
    others: Sequence[tuple[str, NameKind]] = (),
) -> tuple[Place, tuple[PlaceName, ...]]:
    place = Place(
        f"toy:{identifier}",
        name,
        kind,
        latitude,
        longitude,
        country,
        admin1,
        population,
        importance(kind, population),
    )
    return place, tuple(PlaceName(place.id, text, name_kind) for text, name_kind in ((name, NameKind.NAME), *others))


@pytest.fixture(scope="session")
def make_gazetteer(tmp_path_factory: pytest.TempPathFactory):
    """Build the gazetteer of a few places, each given as the arguments of `named_place`; return its folder."""

    def make(*places, name: str = "toy") -> Path:
        folder = tmp_path_factory.mktemp("gazetteer") / f"{name}.gazetteer"
        build_gazetteer([ToySource([named_place(*place) for place in places], name)], folder)
        return folder

    return make


@pytest.fixture(scope="session")
def toy_gazetteer_folder(make_gazetteer) -> Path:
    return make_gazetteer(*_PLACES)


@pytest.fixture(scope="session")
def toy_gazetteer(toy_gazetteer_folder: Path) -> Gazetteer:
    return Gazetteer.open(toy_gazetteer_folder)


@pytest.fixture(scope="session")
def toy_corpus() -> list[Message]:
    """150 messages, each from one of a few templates."""
    generator = random.Random(7)
    messages = []
    for number in range(150):
        pieces = generator.choice(_TEMPLATES).split("{}")
        text, mentions = pieces[0], []
        for piece in pieces[1:]:
            name = generator.choice(list(_MENTIONED))
            mentions.append(GoldMention(name, len(text), len(text) + len(name), _MENTIONED[name]))
            text += name + piece
        messages.append(Message(str(number), "toy", text, tuple(mentions)))
    return messages


@pytest.fixture(scope="session")
def toy_encoder(tmp_path_factory: pytest.TempPathFactory, toy_corpus: list[Message]) -> Path:
    """An untrained BERT of two thin layers whose word pieces are the words of the toy corpus and single characters."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    from gazetteer import tokenize

    folder = tmp_path_factory.mktemp("encoder")
    words = sorted({token.text.lower() for message in toy_corpus for token in tokenize(message.text)})
    characters = sorted(set(string.printable.lower()) - set(string.whitespace))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{each}" for each in characters)]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join([*pieces, *(word for word in words if word not in pieces)]), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab_file=str(vocabulary), model_max_length=512)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=512,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def toy_model(
    tmp_path_factory: pytest.TempPathFactory, toy_encoder: Path, toy_gazetteer: Gazetteer, toy_corpus: list[Message]
) -> Path:
    """The folder of a model that knows the toy corpus by heart."""
    import torch

    from lmr_hybrid.augmentation import NONE
    from lmr_hybrid.corpora import TYPES
    from lmr_hybrid.tagging.config import TaggerConfig, TrainingConfig
    from lmr_hybrid.tagging.train_model import train_model

    # Matrices this small are multiplied faster by one thread than shared among several.
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models") / "toy"
    train_model(
        toy_corpus,
        folder,
        encoder=str(toy_encoder),
        gazetteer=toy_gazetteer,
        tagger_config=TaggerConfig(types=TYPES, feature_size=32),
        training_config=TrainingConfig(
            epochs=25, batch_size=16, encoder_learning_rate=2e-3, head_learning_rate=5e-3, average_decay=0.9
        ),
        augmentation=replace(NONE, gazetteer_dropout=0.1, match_dropout=0.1),
    )
    return folder


@pytest.fixture(scope="session")
def recognizer(toy_model: Path, toy_gazetteer_folder: Path):
    from lmr_hybrid import Recognizer

    return Recognizer(model=toy_model, gazetteers=[toy_gazetteer_folder])
