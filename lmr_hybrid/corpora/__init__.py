"""Annotated corpora: readers, tag schemes, and the plain data types they hand on."""

from lmr_hybrid.corpora.any_format import corpus_files, read_corpus
from lmr_hybrid.corpora.conll import read_conll
from lmr_hybrid.corpora.idrisi import TYPE_OF_CODE, TYPES, read_idrisi, read_idrisi_bilou, read_idrisi_jsonl
from lmr_hybrid.corpora.message import GoldMention, Message
from lmr_hybrid.corpora.near_duplicates import (
    NearDuplicate,
    Sifted,
    drop_near_duplicates,
    near_duplicates,
    text_key,
)
from lmr_hybrid.corpora.plain_jsonl import read_plain_jsonl
from lmr_hybrid.corpora.tag_scheme import (
    Alignment,
    align,
    bilou_to_bioes,
    bioes_to_spans,
    spans_to_bioes,
    split_tag,
)

__all__ = [
    "TYPES",
    "TYPE_OF_CODE",
    "Alignment",
    "GoldMention",
    "Message",
    "NearDuplicate",
    "Sifted",
    "align",
    "bilou_to_bioes",
    "bioes_to_spans",
    "corpus_files",
    "drop_near_duplicates",
    "near_duplicates",
    "read_conll",
    "read_corpus",
    "read_idrisi",
    "read_idrisi_bilou",
    "read_idrisi_jsonl",
    "read_plain_jsonl",
    "spans_to_bioes",
    "split_tag",
    "text_key",
]
