"""Flair's sequence tagger over stacked embeddings, computed a batch at a time.

Flair hands every token its own embedding and collects them again; with hundreds of small tensors a batch, that
takes much of the time of training. The stack, the layers and what is saved are Flair's own.
"""

from __future__ import annotations

from collections.abc import Iterable
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
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            tensor = _embed_stack(self.embeddings.embeddings, sentences)
        return tensor, torch.tensor([len(sentence) for sentence in sentences])

    @staticmethod
    def _get_scores_from_features(features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        positions = torch.arange(features.shape[1])
        return features[(positions[None, :] < lengths[:, None]).to(features.device)]


def _embed_stack(embeddings: Iterable[Any], sentences: list[Sentence]) -> torch.Tensor:
    """Return the stacked embeddings of all tokens, shape (sentences, longest, length of the stack)."""
    encoder, gazetteer = _the_parts(embeddings)
    if gazetteer is None:
        return _encode(encoder, sentences, None)
    rows = gazetteer.batch_rows(sentences)
    encoded = _encode(encoder, sentences, None if gazetteer.injection is None else gazetteer.injection(rows))
    featured = gazetteer.embed_rows(rows)
    longest = min(encoded.shape[1], featured.shape[1])
    stack = torch.cat([encoded[:, :longest], featured[:, :longest]], dim=-1)
    if gazetteer.gate is None:
        return stack
    share = torch.sigmoid(gazetteer.gate(stack))
    size = encoded.shape[2]
    return torch.cat([stack[:, :, :size], share * stack[:, :, size:]], dim=-1)


def _the_parts(embeddings: Iterable[Any]) -> tuple[Any, GazetteerEmbeddings | None]:
    encoder = gazetteer = None
    for embedding in embeddings:
        if isinstance(embedding, TransformerBaseEmbeddings) and encoder is None:
            encoder = embedding
        elif isinstance(embedding, GazetteerEmbeddings) and gazetteer is None:
            gazetteer = embedding
        else:
            raise TypeError(f"{type(embedding).__name__} cannot be embedded a batch at a time")
    return encoder, gazetteer


def _encode(encoder: Any, sentences: list[Sentence], added: torch.Tensor | None) -> torch.Tensor:
    """Return the encoder's embeddings of all tokens; `added`, shape (sentences, longest, hidden), joins its input."""
    tensors = encoder.prepare_tensors(sentences, device=encoder.force_device)
    if _one_row_each(encoder, tensors, len(sentences)):
        return _first_pieces(encoder, tensors, added)
    # A text of more pieces than the encoder takes, hardly ever met: it does without what would be added.
    embedded: torch.Tensor = encoder._forward_tensors(tensors)["token_embeddings"]
    return embedded


def _one_row_each(embedding: Any, tensors: dict[str, torch.Tensor], sentences: int) -> bool:
    """Tell whether no sentence had to be split for the encoder and its words are pooled by their first pieces."""
    return len(tensors["input_ids"]) == sentences and embedding.subtoken_pooling == "first" and embedding.layer_mean


def _first_pieces(embedding: Any, tensors: dict[str, torch.Tensor], added: torch.Tensor | None) -> torch.Tensor:
    """Return what Flair's own forward pass would, taking all first pieces in one step; zeros where a word has none."""
    output = embedding.model(**_model_input(embedding, tensors, added), attention_mask=tensors.get("attention_mask"))
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


def _model_input(
    embedding: Any, tensors: dict[str, torch.Tensor], added: torch.Tensor | None
) -> dict[str, torch.Tensor]:
    """Return the pieces' numbers or, where something is added to each word, the embeddings of its pieces with that."""
    if added is None:
        return {"input_ids": tensors["input_ids"]}
    pieces = embedding.model.get_input_embeddings()(tensors["input_ids"])
    words = tensors["word_ids"].to(added.device)
    of_pieces = added.gather(1, words.clamp(0, added.shape[1] - 1)[:, :, None].expand(-1, -1, added.shape[2]))
    return {"inputs_embeds": pieces + of_pieces * (words >= 0)[:, :, None]}
