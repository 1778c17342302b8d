"""The embedding stack and the sequence tagger: built, asked, saved and loaded (safetensors and JSON, never pickle)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy

from gazetteer import Match, Token
from lmr_hybrid.errors import ModelCorrupt, RuntimeNotFound
from lmr_hybrid.tagging.config import TaggerConfig
from lmr_hybrid.tagging.decoding import TagProbabilities, summarize
from lmr_hybrid.tagging.depth import keep_layers
from lmr_hybrid.tagging.features import feature_rows
from lmr_hybrid.tagging.model_folder import (
    ENCODER_FOLDER,
    REMEDY,
    WEIGHTS_FILE,
    is_model_folder,
    read_model,
    write_config,
)
from lmr_hybrid.tagging.preprocessing import View, show

if TYPE_CHECKING:
    import torch
    from flair.data import Sentence
    from flair.models import SequenceTagger

TAG_TYPE = "location"
#: Settings that a training may change about a model that it begins with.
_NO_SHAPE = ("kept_layers", "dropout", "preprocessing")


class Tagger:
    """A Flair `SequenceTagger` over an encoder stacked with `GazetteerEmbeddings`."""

    def __init__(self, network: SequenceTagger, config: TaggerConfig) -> None:
        self.network = network
        self.config = config

    @classmethod
    def create(cls, encoder: str | Path, config: TaggerConfig) -> Self:
        """Build a tagger to be trained: on a pretrained encoder, a Hugging Face name or a folder in its format, whose
        head knows nothing yet, or with all that a model folder has learnt.

        Raises `ValueError` where `config` wants layers that there are not, or another shape than the model's.
        """
        if is_model_folder(Path(encoder)):
            network = _learnt_network(Path(encoder), config)
        else:
            network = _build_network(str(encoder), config, pretrained=True, training=True)
        tagger = cls(network, config)
        if config.kept_layers:
            keep_layers(tagger.encoder.model, config.kept_layers)
        return tagger

    def prepare(self, tokens: Sequence[Token], matches: Sequence[Match]) -> tuple[Sentence, View]:
        """Return the Flair sentence of a tokenised text and all its matches, and what it shows of the text."""
        from lmr_hybrid.tagging.embeddings import prepare_sentence

        view = show(tokens, matches, self.config.preprocessing)
        return prepare_sentence(view.shown, feature_rows(tokens, matches)[list(view.origins)]), view

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        """Return what the tagger thinks of each token of each text; one batch, so mind the memory."""
        return self.begin(texts)()

    def begin(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> Callable[[], list[TagProbabilities]]:
        """Begin `predict`, which a GPU computes meanwhile, and return what waits for the end of it."""
        import torch

        self.network.eval()
        asked = [number for number, (tokens, _) in enumerate(texts) if tokens]
        prepared = [self.prepare(*texts[number]) for number in asked]
        results = [self._summarize(numpy.zeros((0, len(self.tags)), numpy.float32))] * len(texts)
        if not prepared:
            return lambda: results
        device = next(self.network.parameters()).device

        def compute() -> tuple[torch.Tensor, torch.Tensor]:
            with torch.no_grad(), fastest_precision(device):
                tensor, lengths = self.network._prepare_tensors([sentence for sentence, _ in prepared])
                return self.network.forward(tensor, lengths).float().softmax(dim=-1), lengths

        # A CPU would not compute it beside anything, only before its turn.
        begun = None if device.type == "cpu" else compute()

        def finish() -> list[TagProbabilities]:
            scores, lengths = begun or compute()
            shown = numpy.split(scores.cpu().numpy(), numpy.cumsum(lengths.numpy())[:-1])
            for number, (_, view), probabilities in zip(asked, prepared, shown, strict=True):
                results[number] = view.restore(self._summarize(probabilities), self.config.types)
            return results

        return finish

    @property
    def tags(self) -> list[str]:
        """The tags in the order of the network's scores."""
        tags: list[str] = self.network.label_dictionary.get_items()
        return tags

    @property
    def encoder(self) -> Any:
        """Flair's `TransformerWordEmbeddings`; its `model` is the encoder of Hugging Face."""
        return self.network.embeddings.embeddings[0]

    def _summarize(self, probabilities: Any) -> TagProbabilities:
        return summarize(probabilities, self.tags, self.config.types)

    def save(self, folder: Path, *, half: bool = True, thresholds: Mapping[str, float] | None = None) -> None:
        """Write the model folder; `half` stores float16, in half the space; `thresholds` are the reconciler's."""
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        encoder = self.encoder
        encoder.model.config.save_pretrained(folder / ENCODER_FOLDER)
        encoder.tokenizer.save_pretrained(folder / ENCODER_FOLDER)
        weights = {
            name: value.contiguous().to(torch.float16 if half and value.is_floating_point() else value.dtype)
            for name, value in self.network.state_dict().items()
        }
        save_file(weights, folder / WEIGHTS_FILE)
        files = [folder / WEIGHTS_FILE, *sorted((folder / ENCODER_FOLDER).iterdir())]
        write_config(folder, self.config, files, thresholds=thresholds)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a model folder. Raises `ModelNotFound`, `ModelFormatMismatch`, `ModelCorrupt` or `RuntimeNotFound`."""
        folder = Path(folder)
        model = read_model(folder)
        config = model.tagger
        if model.exported is not None:
            remedy = 'Give the folder that it was exported from, or open it with the runtime "onnx"'
            raise RuntimeNotFound(folder, "is an exported model, which does not run on Flair", remedy)
        try:
            network = _build_network(str(folder / ENCODER_FOLDER), config, pretrained=False, training=False)
            network.load_state_dict(_read_weights(folder))
        # What the tokenizer's and the weights' readers raise for garbled files shares no base class below Exception.
        except Exception as error:
            raise ModelCorrupt(folder, f"cannot be loaded ({error})", REMEDY) from error
        network.eval()
        return cls(network, config)


def fastest_precision(device: torch.device) -> torch.autocast:
    """Return bfloat16 autocast where the device multiplies bfloat16 matrices natively, else one that changes nothing.

    CPUs with AVX512-BF16 multiply bfloat16 matrices several times as fast as float32.
    """
    import torch

    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported()
    else:
        native = device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
    return torch.autocast(device.type, torch.bfloat16, enabled=native)


def _read_weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return {name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()}


def _learnt_network(folder: Path, config: TaggerConfig) -> SequenceTagger:
    """Return the network of a model, ready to be trained further."""
    earlier = read_model(folder)
    if earlier.exported is not None:
        raise ValueError("an exported model learns no more; begin with the one that it was exported from")
    for field in fields(TaggerConfig):
        wanted, found = getattr(config, field.name), getattr(earlier.tagger, field.name)
        added = field.name == "injection" and wanted
        if wanted != found and field.name not in _NO_SHAPE and not added:
            raise ValueError(
                f"the model has {field.name} = {found!r} and not {wanted!r}; set [tagger] {field.name} to that"
            )
    network = _build_network(str(folder / ENCODER_FOLDER), config, pretrained=False, training=True)
    weights = _read_weights(folder)
    if config.injection and not earlier.tagger.injection:
        # It starts at zero, with which the model still answers as it did.
        weights |= {name: value for name, value in network.state_dict().items() if name.endswith("injection.weight")}
    network.load_state_dict(weights)
    return network


def _build_network(encoder: str, config: TaggerConfig, *, pretrained: bool, training: bool) -> SequenceTagger:
    """Build the stack on an encoder with its weights, or only of its shape; the rest knows nothing."""
    from flair.data import Dictionary
    from flair.embeddings import StackedEmbeddings, TransformerWordEmbeddings
    from transformers import AutoConfig

    from lmr_hybrid.tagging.embeddings import GazetteerEmbeddings
    from lmr_hybrid.tagging.network import BatchedSequenceTagger

    words = TransformerWordEmbeddings(
        encoder,
        saved_config=None if pretrained else AutoConfig.from_pretrained(encoder, output_hidden_states=True),
        layers=config.layers,
        subtoken_pooling=config.subtoken_pooling,
        fine_tune=True,
        allow_long_sentences=True,
        use_context_separator=False,
        # Some tokenizers are saved with the short limit of the sentences that their encoder was last trained on.
        transformers_tokenizer_kwargs={"model_max_length": 512},
        # Without dropout inside it, attention may take its fused path; the dropout between layers stays.
        transformers_config_kwargs={
            "attention_probs_dropout_prob": 0.0,
            "attn_implementation": _attention(training=training),
        },
        name="encoder",
    )
    embeddings: list[Any] = [words]
    if config.gazetteer_features:
        embeddings.append(
            GazetteerEmbeddings(
                size=config.feature_size,
                columns=config.feature_columns,
                gated_with=words.embedding_length if config.gate else 0,
                injected_into=words.model.config.hidden_size if config.injection else 0,
            )
        )
    dictionary = Dictionary(add_unk=False)
    dictionary.span_labels = True
    for type_ in config.types:
        dictionary.add_item(type_)
    with _without_announcements():
        return BatchedSequenceTagger(
            StackedEmbeddings(embeddings),
            tag_dictionary=dictionary,
            tag_type=TAG_TYPE,
            tag_format="BIOES",
            use_rnn=False,
            use_crf=False,
            reproject_embeddings=False,
            dropout=config.dropout,
            word_dropout=0.0,
            locked_dropout=0.0,
        )


def _attention(*, training: bool) -> str:
    """Return the fused attention but for training on a CPU, where its backward pass takes as long as all the rest."""
    import flair

    return "eager" if training and flair.device.type != "cuda" else "sdpa"


@contextmanager
def _without_announcements() -> Iterator[None]:
    """Keep Flair from announcing a tagger on standard output, where the command line prints its results."""
    logger = logging.getLogger("flair")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
