"""`GazetteerEmbeddings`: gazetteer features as a Flair token embedding, to be stacked with any other."""

from __future__ import annotations

from collections.abc import Sequence

import flair
import numpy
import torch
from flair.data import Sentence
from flair.embeddings import TokenEmbeddings
from numpy.typing import NDArray

from gazetteer import Gazetteer, Match, Token, tokenize
from lmr_hybrid.tagging.features import COLUMNS, WIDTH, feature_rows
from lmr_hybrid.tagging.preprocessing import printable

_ROWS = "gazetteer feature rows"


def prepare_sentence(tokens: Sequence[Token], rows: NDArray[numpy.float32]) -> Sentence:
    """Return a Flair sentence of these tokens that carries its feature rows, shape (tokens, `WIDTH`)."""
    sentence = Sentence([printable(token.text) for token in tokens])
    sentence.add_metadata(_ROWS, rows)
    return sentence


class GazetteerEmbeddings(TokenEmbeddings):  # type: ignore[misc]
    """A small trained layer over the feature rows of each token and its two neighbours.

    Sentences made by `prepare_sentence` bring their rows; for any other the rows are computed from `gazetteer`. Of
    these, `columns` are used. The first layer starts at zero, so that a column which training never saw (streets, where
    only a world gazetteer was used) changes nothing at inference.

    `gated_with` is the length of the embeddings beside it, 0 for none: if given, how much of its own embedding a token
    gets is decided by both together (the gate of GEMNET; Meng et al., NAACL 2021). `injected_into` is the size of
    the encoder's input, 0 for none: if given, `injection` turns the rows into what is added there, so that every layer
    of the encoder knows of the names (as in Lexicon Enhanced BERT; Liu et al., ACL 2021).
    """

    def __init__(
        self,
        gazetteer: Gazetteer | None = None,
        *,
        size: int = 96,
        columns: Sequence[str] = COLUMNS,
        gated_with: int = 0,
        injected_into: int = 0,
    ) -> None:
        self.name = "gazetteer"
        self.static_embeddings = False
        super().__init__()
        self.gazetteer = gazetteer
        self.size = size
        self._chosen = [COLUMNS.index(column) for column in columns]
        self.window = torch.nn.Conv1d(len(self._chosen), size, kernel_size=3, padding=1)
        torch.nn.init.zeros_(self.window.weight)
        torch.nn.init.normal_(self.window.bias, std=0.1)  # type: ignore[arg-type]
        self.activation = torch.nn.GELU()
        self.gate = torch.nn.Linear(gated_with + size, 1) if gated_with else None
        self.injection = torch.nn.Linear(len(self._chosen), injected_into, bias=False) if injected_into else None
        if self.injection is not None:
            torch.nn.init.zeros_(self.injection.weight)
        self.to(flair.device)

    @property
    def embedding_length(self) -> int:
        """The numbers that each token gets."""
        return self.size

    def embed_batch(self, sentences: list[Sentence]) -> torch.Tensor:
        """Return the embeddings of all tokens, shape (sentences, longest, `embedding_length`), padded at the end."""
        return self.embed_rows(self.batch_rows(sentences))

    def batch_rows(self, sentences: list[Sentence]) -> torch.Tensor:
        """Return the chosen columns of all tokens, shape (sentences, longest, columns), padded at the end."""
        batch = numpy.zeros((len(sentences), max(len(sentence) for sentence in sentences), WIDTH), numpy.float32)
        for number, sentence in enumerate(sentences):
            batch[number, : len(sentence)] = self._rows(sentence)
        if len(self._chosen) < WIDTH:
            batch = batch[:, :, self._chosen]
        return torch.from_numpy(batch).to(self.window.weight.device)

    def embed_rows(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the embeddings of tokens with these rows, shape (sentences, longest, `embedding_length`)."""
        embedded: torch.Tensor = self.activation(self.window(rows.transpose(1, 2))).transpose(1, 2)
        return embedded

    def _add_embeddings_internal(self, sentences: list[Sentence]) -> None:
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            embedded = self.embed_batch(sentences)
        for sentence, vectors in zip(sentences, embedded, strict=True):
            for token, vector in zip(sentence, vectors, strict=False):
                token.set_embedding(self.name, vector)

    def _rows(self, sentence: Sentence) -> NDArray[numpy.float32]:
        if sentence.has_metadata(_ROWS):
            rows: NDArray[numpy.float32] = sentence.get_metadata(_ROWS)
            return rows
        text = " ".join(token.text for token in sentence)
        return _rows_of_foreign_tokens(sentence, self._matches(text), text)

    def _matches(self, text: str) -> list[Match]:
        return self.gazetteer.matches(text) if self.gazetteer else []

    def __str__(self) -> str:
        return f"GazetteerEmbeddings(size={self.size})"


def _rows_of_foreign_tokens(sentence: Sentence, matches: list[Match], text: str) -> NDArray[numpy.float32]:
    """Give each token of a sentence that another tokeniser split the row of its first own token."""
    tokens = tokenize(text)
    own = feature_rows(tokens, matches)
    rows = numpy.zeros((len(sentence), WIDTH), numpy.float32)
    position = index = 0
    for number, token in enumerate(sentence):
        while index < len(tokens) and tokens[index].end <= position:
            index += 1
        if index < len(tokens):
            rows[number] = own[index]
        position += len(token.text) + 1
    return rows
