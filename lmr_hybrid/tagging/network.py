"""Flair's sequence tagger over stacked embeddings, computed a batch at a time.

Flair hands every token its own embedding and collects them again; with hundreds of small tensors a batch, that
takes much of the time of training. The stack, the layers and what is saved are Flair's own.
"""

from __future__ import annotations

from typing import Any

import torch
from flair.data import Sentence
from flair.embeddings.transformer import TransformerBaseEmbeddings
from flair.models import SequenceTagger

from lmr_hybrid.tagging.embeddings import GazetteerEmbeddings


class BatchedSequenceTagger(SequenceTagger):  # type: ignore[misc]
    """A `SequenceTagger` without RNN and CRF whose embeddings are computed as one padded tensor a batch."""

    def _prepare_tensors(self, data_points: Any) -> tuple[torch.Tensor, torch.Tensor]:
        sentences = data_points if isinstance(data_points, list) else [data_points]
        parts = [_embed(embedding, sentences, training=self.training) for embedding in self.embeddings.embeddings]
        longest = min(part.shape[1] for part in parts)
        lengths = torch.tensor([len(sentence) for sentence in sentences])
        return torch.cat([part[:, :longest] for part in parts], dim=-1), lengths

    @staticmethod
    def _get_scores_from_features(features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        positions = torch.arange(features.shape[1])
        return features[(positions[None, :] < lengths[:, None]).to(features.device)]


def _embed(embedding: Any, sentences: list[Sentence], *, training: bool) -> torch.Tensor:
    """Return the embeddings of all tokens, shape (sentences, longest, length of the embedding)."""
    with torch.set_grad_enabled(training and torch.is_grad_enabled()):
        if isinstance(embedding, TransformerBaseEmbeddings):
            tensors = embedding.prepare_tensors(sentences, device=embedding.force_device)
            if _one_row_each(embedding, tensors, len(sentences)):
                return _first_pieces(embedding, tensors)
            embedded: torch.Tensor = embedding._forward_tensors(tensors)["token_embeddings"]
            return embedded
        if isinstance(embedding, GazetteerEmbeddings):
            return embedding.embed_batch(sentences)
    raise TypeError(f"{type(embedding).__name__} cannot be embedded a batch at a time")


def _one_row_each(embedding: Any, tensors: dict[str, torch.Tensor], sentences: int) -> bool:
    """Tell whether no sentence had to be split for the encoder and its words are pooled by their first pieces."""
    return len(tensors["input_ids"]) == sentences and embedding.subtoken_pooling == "first" and embedding.layer_mean


def _first_pieces(embedding: Any, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return what Flair's own forward pass would, taking all first pieces in one step; zeros where a word has none."""
    output = embedding.model(tensors["input_ids"], attention_mask=tensors.get("attention_mask"))
    layers = [output.hidden_states[index] for index in embedding.layer_indexes]
    hidden = layers[0] if len(layers) == 1 else torch.stack(layers).mean(dim=0)
    word_ids, lengths = tensors["word_ids"].cpu(), tensors["token_lengths"].cpu()
    # Position 0 holds the start symbol, so it can stand for "no piece" until the mask has been made.
    pieces = torch.zeros(len(word_ids), int(lengths.max()), dtype=torch.long)
    positions = torch.arange(word_ids.shape[1]).expand_as(word_ids)
    rows = torch.arange(len(word_ids))[:, None].expand_as(word_ids)
    is_first = (word_ids >= 0) & torch.cat(
        [torch.ones(len(word_ids), 1, dtype=torch.bool), word_ids[:, 1:] != word_ids[:, :-1]], 1
    )
    pieces[rows[is_first], word_ids[is_first]] = positions[is_first]
    pieces = pieces.to(hidden.device)
    pooled: torch.Tensor = hidden.gather(1, pieces[:, :, None].expand(-1, -1, hidden.shape[2]))
    return pooled * (pieces > 0)[:, :, None]
