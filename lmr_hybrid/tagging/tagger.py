"""The embedding stack and the sequence tagger: built, asked, saved and loaded (safetensors and JSON, never pickle)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy

from gazetteer import Match, Token
from lmr_hybrid.errors import ModelCorrupt, ModelFormatMismatch, ModelNotFound
from lmr_hybrid.tagging.config import FORMAT_VERSION, TaggerConfig
from lmr_hybrid.tagging.decoding import TagProbabilities, summarize
from lmr_hybrid.tagging.features import COLUMNS, feature_rows
from lmr_hybrid.tagging.preprocessing import Preprocessing, View, show

if TYPE_CHECKING:
    import torch
    from flair.data import Sentence
    from flair.models import SequenceTagger

TAG_TYPE = "location"
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
ENCODER_FOLDER = "encoder"
_REMEDY = "Copy the model folder again, or train a model with python -m lmr_hybrid train"


class Tagger:
    """A Flair `SequenceTagger` over an encoder stacked with `GazetteerEmbeddings`."""

    def __init__(self, network: SequenceTagger, config: TaggerConfig) -> None:
        self.network = network
        self.config = config

    @classmethod
    def create(cls, encoder: str | Path, config: TaggerConfig) -> Self:
        """Build an untrained tagger on a pretrained encoder: a Hugging Face name, or a folder in its format."""
        return cls(_build_network(str(encoder), config, trained=False), config)

    def prepare(self, tokens: Sequence[Token], matches: Sequence[Match]) -> tuple[Sentence, View]:
        """Return the Flair sentence of a tokenised text and all its matches, and what it shows of the text."""
        from lmr_hybrid.tagging.embeddings import prepare_sentence

        view = show(tokens, matches, self.config.preprocessing)
        return prepare_sentence(view.shown, feature_rows(tokens, matches)[list(view.origins)]), view

    def predict(self, texts: Sequence[tuple[Sequence[Token], Sequence[Match]]]) -> list[TagProbabilities]:
        """Return what the tagger thinks of each token of each text; one batch, so mind the memory."""
        import torch

        self.network.eval()
        asked = [number for number, (tokens, _) in enumerate(texts) if tokens]
        prepared = [self.prepare(*texts[number]) for number in asked]
        results = [self._summarize(numpy.zeros((0, len(self.tags)), numpy.float32))] * len(texts)
        if not prepared:
            return results
        with torch.no_grad(), _fastest_precision(next(self.network.parameters()).device):
            tensor, lengths = self.network._prepare_tensors([sentence for sentence, _ in prepared])
            scores = self.network.forward(tensor, lengths).float().softmax(dim=-1).cpu().numpy()
        shown = numpy.split(scores, numpy.cumsum(lengths.numpy())[:-1])
        for number, (_, view), probabilities in zip(asked, prepared, shown, strict=True):
            results[number] = view.restore(self._summarize(probabilities), self.config.types)
        return results

    @property
    def tags(self) -> list[str]:
        """The tags in the order of the network's scores."""
        tags: list[str] = self.network.label_dictionary.get_items()
        return tags

    def _summarize(self, probabilities: Any) -> TagProbabilities:
        return summarize(probabilities, self.tags, self.config.types)

    def save(self, folder: Path, *, half: bool = True) -> None:
        """Write the model folder; `half` stores float16, in half the space."""
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        encoder = _encoder(self.network)
        encoder.model.config.save_pretrained(folder / ENCODER_FOLDER)
        encoder.tokenizer.save_pretrained(folder / ENCODER_FOLDER)
        weights = {
            name: value.contiguous().to(torch.float16 if half and value.is_floating_point() else value.dtype)
            for name, value in self.network.state_dict().items()
        }
        save_file(weights, folder / WEIGHTS_FILE)
        config = {"format_version": FORMAT_VERSION, "tagger": asdict(self.config), "files": _checksums(folder)}
        (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a model folder. Raises `ModelNotFound`, `ModelFormatMismatch` or `ModelCorrupt`."""
        from safetensors.torch import load_file

        folder = Path(folder)
        config = read_config(folder)
        try:
            network = _build_network(str(folder / ENCODER_FOLDER), config, trained=True)
            weights = {name: value.float() for name, value in load_file(folder / WEIGHTS_FILE).items()}
            network.load_state_dict(weights)
        # What the tokenizer's and the weights' readers raise for garbled files shares no base class below Exception.
        except Exception as error:
            raise ModelCorrupt(folder, f"cannot be loaded ({error})", _REMEDY) from error
        network.eval()
        return cls(network, config)


def read_config(folder: Path) -> TaggerConfig:
    """Read a model's `config.json` and check that the files it lists are there and unchanged."""
    path = folder / CONFIG_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        version = data["format_version"]
    except (FileNotFoundError, NotADirectoryError):
        raise ModelNotFound(folder, "is not a model folder", _REMEDY) from None
    except OSError as error:
        raise ModelCorrupt(path, f"cannot be read ({error.strerror})", _REMEDY) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(path, f"is not a model's configuration ({error})", _REMEDY) from None
    if version != FORMAT_VERSION:
        problem = f"has format {version}, this version reads format {FORMAT_VERSION}"
        raise ModelFormatMismatch(folder, problem, _REMEDY)
    try:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["tagger"].items()
        }
        # Models from before there was any preprocessing do not name it.
        values["preprocessing"] = Preprocessing(**values.get("preprocessing", {}))
        config = TaggerConfig(**values)
        files = dict(data["files"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelCorrupt(path, f"is not a model's configuration ({error})", _REMEDY) from None
    if unknown := set(config.feature_columns) - set(COLUMNS):
        problem = f"was trained on gazetteer features that this version lacks: {', '.join(sorted(unknown))}"
        raise ModelFormatMismatch(folder, problem, _REMEDY)
    for name, expected in files.items():
        try:
            found = _checksum(folder / name)
        except FileNotFoundError:
            raise ModelCorrupt(folder / name, "is missing", _REMEDY) from None
        except OSError as error:
            raise ModelCorrupt(folder / name, f"cannot be read ({error.strerror})", _REMEDY) from None
        if found != expected:
            raise ModelCorrupt(folder / name, "is not the file the configuration lists", _REMEDY)
    return config


def _fastest_precision(device: torch.device) -> torch.autocast:
    """Return bfloat16 autocast where the device multiplies bfloat16 matrices natively, else one that changes nothing.

    CPUs with AVX512-BF16 multiply bfloat16 matrices several times as fast as float32.
    """
    import torch

    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported()
    else:
        native = device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
    return torch.autocast(device.type, torch.bfloat16, enabled=native)


def _checksums(folder: Path) -> dict[str, str]:
    files = [folder / WEIGHTS_FILE, *sorted((folder / ENCODER_FOLDER).iterdir())]
    return {file.relative_to(folder).as_posix(): _checksum(file) for file in files}


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return f"sha256:{file_digest(stream, 'sha256').hexdigest()}"


def _build_network(encoder: str, config: TaggerConfig, *, trained: bool) -> SequenceTagger:
    from flair.data import Dictionary
    from flair.embeddings import StackedEmbeddings, TransformerWordEmbeddings
    from transformers import AutoConfig

    from lmr_hybrid.tagging.embeddings import GazetteerEmbeddings
    from lmr_hybrid.tagging.network import BatchedSequenceTagger

    words = TransformerWordEmbeddings(
        encoder,
        saved_config=AutoConfig.from_pretrained(encoder, output_hidden_states=True) if trained else None,
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
            "attn_implementation": _attention(trained=trained),
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


def _attention(*, trained: bool) -> str:
    """Return the fused attention but for training on a CPU, where its backward pass takes as long as all the rest."""
    import flair

    return "sdpa" if trained or flair.device.type == "cuda" else "eager"


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


def _encoder(network: SequenceTagger) -> Any:
    return network.embeddings.embeddings[0]
