"""Pretrained weights: where a source leads to, what is said when it leads nowhere, and those kept in our own files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from systems.errors import WeightsUnreachable

if TYPE_CHECKING:
    from flair.data import Sentence
    from flair.embeddings import FlairEmbeddings, WordEmbeddings
    from flair.models import LanguageModel

_WORDS, _VECTORS = "words.txt", "vectors.npy"
_CONFIG, _STATE = "config.json", "weights.safetensors"
_LOCAL = "Give a local folder or file by --encoder, or by --override KEY=FOLDER"


def placed(source: str, folder: str, *, alone: bool) -> str:
    """Return the source that `--encoder` puts in place of a recipe's own.

    Where a recipe has one source, `folder` is it, a folder or a name; where it has several, `folder` holds each under
    the last part of its name.
    """
    return folder if alone else str(Path(folder) / Path(source).name)


@contextmanager
def reaching(source: str, key: str) -> Iterator[None]:
    """Turn whatever a library raises for weights it cannot reach or read into `WeightsUnreachable`, naming `key`."""
    local = Path(source).exists()
    if not local and (Path(source).is_absolute() or source.startswith(("./", "../", "~"))):
        raise WeightsUnreachable(source, f"there is no such folder or file ({key})", _LOCAL)
    try:
        yield
    except WeightsUnreachable:
        raise
    # Hubs, tokenizers and unpicklers raise of their own; what they share is only Exception.
    except Exception as error:
        cause = next(iter(str(error).splitlines()), "") or type(error).__name__
        if local:
            raise WeightsUnreachable(source, f"cannot be loaded ({key}): {cause}", _LOCAL) from error
        problem = f"cannot be fetched ({key}): there is no network, or no such model ({cause.rstrip('.')})"
        raise WeightsUnreachable(source, problem, _LOCAL) from error


def save_words(folder: Path, words: list[str], vectors: numpy.typing.NDArray[numpy.float32]) -> None:
    """Write static word vectors, shape (words, length): one word a line beside a numpy array."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _WORDS).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    numpy.save(folder / _VECTORS, vectors)


def load_words(source: str, *, name: str) -> WordEmbeddings:
    """Return Flair's embedding of a folder made by `save_words`, of a text file in GloVe's format, or of Flair's own.

    GloVe's format is a word and its numbers a line, separated by single spaces.
    """
    import torch
    from flair.embeddings import WordEmbeddings

    path = Path(source)
    if path.is_dir():
        words = (path / _WORDS).read_text(encoding="utf-8").split("\n")[:-1]
        vectors = numpy.load(path / _VECTORS, allow_pickle=False)
    elif path.is_file() and path.suffix == ".txt":
        rows = [line.split(" ") for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        words = [row[0] for row in rows]
        vectors = numpy.array([row[1:] for row in rows], dtype=numpy.float32)
    else:
        return WordEmbeddings(source, name=name)
    vocabulary = {word: index for index, word in enumerate(words)}
    embedding = WordEmbeddings(None, vocab=vocabulary, embedding_length=vectors.shape[1], name=name)
    with torch.no_grad():
        # The last row of the embedding is that of all unknown words.
        embedding.embedding.weight[:-1] = torch.from_numpy(numpy.asarray(vectors, dtype=numpy.float32))
    return embedding


def save_language_model(
    folder: Path, *, characters: list[str], settings: Mapping[str, Any], state: Mapping[str, Any]
) -> None:
    """Write a character language model: its shape and alphabet as JSON, its weights as safetensors, nothing pickled.

    `settings` are the keyword arguments of Flair's `LanguageModel` but the dictionary; the first of `characters` stands
    for all that are not listed.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = {"settings": dict(settings), "characters": characters}
    (folder / _CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / _STATE)


def load_language_model(folder: Path) -> LanguageModel:
    """Return the language model that `save_language_model` wrote."""
    from flair.data import Dictionary
    from flair.models import LanguageModel
    from safetensors.torch import load_file

    config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    dictionary = Dictionary(add_unk=False)
    for character in config["characters"]:
        dictionary.add_item(character)
    dictionary.add_unk = True
    model = LanguageModel(dictionary, **config["settings"])
    model.load_state_dict(load_file(folder / _STATE))
    model.eval()
    return model


def load_characters(source: str, *, name: str) -> FlairEmbeddings:
    """Return Flair's embedding of a folder made by `save_language_model`, or of a file or name that Flair knows."""
    from flair.embeddings import FlairEmbeddings
    from flair.embeddings.base import register_embeddings

    # Flair reads the best epoch's model back by the names of its classes.
    @register_embeddings
    class CharacterEmbeddings(FlairEmbeddings):  # type: ignore[misc]
        """Flair's, with memory of its own for each token: Flair's are views of the states of a batch's characters.

        Kept from epoch to epoch, these would be 16 GB for IDRISI-R instead of 3.
        """

        def _add_embeddings_internal(self, sentences: list[Sentence]) -> list[Sentence]:
            super()._add_embeddings_internal(sentences)
            for token in chain.from_iterable(sentences):
                token.set_embedding(self.name, token.get_embedding([self.name]).clone())
            return sentences

    path = Path(source)
    return CharacterEmbeddings(load_language_model(path) if path.is_dir() else source, name=name)
