"""A recipe's embeddings, as Flair's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from systems.config import Embedding, Recipe
from systems.weights import load_characters, load_words, reaching

if TYPE_CHECKING:
    from flair.embeddings import TokenEmbeddings


def build_embeddings(recipe: Recipe) -> TokenEmbeddings:
    """Return the stack of a recipe's embeddings, or the only one of them.

    Raises:
        WeightsUnreachable: weights are neither here nor to be fetched.
    """
    from flair.embeddings import StackedEmbeddings

    built = []
    for name, embedding in recipe.embeddings.items():
        with reaching(embedding.source, f"embeddings.{name}.source"):
            built.append(_build(name, embedding))
    return built[0] if len(built) == 1 else StackedEmbeddings(built)


def _build(name: str, embedding: Embedding) -> Any:
    from flair.embeddings import TransformerWordEmbeddings

    if embedding.kind == "words":
        return load_words(embedding.source, name=name)
    if embedding.kind == "characters":
        return load_characters(embedding.source, name=name)
    return TransformerWordEmbeddings(
        embedding.source,
        layers=embedding.layers,
        subtoken_pooling=embedding.subtoken_pooling,
        use_context=embedding.context,
        fine_tune=True,
        allow_long_sentences=True,
        # Some tokenizers are saved with the short limit of the sentences that their encoder was last trained on.
        transformers_tokenizer_kwargs={"model_max_length": 512},
        name=name,
    )
