"""The tables of docs/corpus-audit.md, from what `audit.py` found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markdown import markdown_table, with_result

_MOST_ROWS = 15
#: What the page says of each split: the words, the section and the count. A count that is not there is none.
_SUMMARY = (
    ("tweets", "locations", "messages"),
    ("mentions", "locations", "mentions"),
    ("tweets that name no place", "locations", "without location"),
    ("mentions only in JSON", "bilou", "only in JSON"),
    ("mentions only in BILOU", "bilou", "only in BILOU"),
    ("mentions said to end past the text", "offsets", "end past the text"),
    ("mentions that cannot be read", "offsets", "unreadable mention"),
    ("overlapping, nested or doubled mentions", "overlaps", None),
    ("malformed sequences of tags", "tags", None),
    ("mentions that begin or end inside a word", "edges", "edge inside a word"),
    ("mentions that begin with punctuation", "edges", "begins with punctuation"),
    ("mentions that end with punctuation", "edges", "ends with punctuation"),
    ("the same text again", "duplicates", "same text"),
    ("near-duplicates", "duplicates", "near-duplicate"),
    ("of these annotated differently", "duplicates", "near-duplicate annotated differently"),
    ("frequent forms (annotated 20 times or more)", "unannotated", "forms"),
    ("their mentions", "unannotated", "annotated"),
    ("un-annotated occurrences, whole tokens", "unannotated", "un-annotated"),
    ("of these in a usual spelling", "unannotated", "usual spelling"),
    ("of these a whole hashtag", "unannotated", "as a hashtag"),
    ("besides: within a longer hashtag", "unannotated", "in a hashtag"),
    ("besides: within a handle", "unannotated", "in a handle"),
    ("forms", "form_types", "forms"),
    ("forms of several types", "form_types", "forms of several types"),
    ("mentions not of their form's commonest type", "form_types", "mentions of another type"),
    ("forms of several tokens", "boundaries", "forms of several tokens"),
    ("of these cut in several ways", "boundaries", "cut in several ways"),
    ("occurrences cut in the rarer way", "boundaries", "rarer way"),
)


def updated_audit(document: str, record: Mapping[str, Any]) -> str:
    """Return the document with the tables of this result of `audit.py`."""
    return with_result(document, "audit", record, _TABLES)


def _near_duplicates(record: Mapping[str, Any]) -> str:
    rows = record["near_duplicates_of_dev"]
    return markdown_table(
        list(rows[0]), [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row.values()] for row in rows]
    )


def _summary(record: Mapping[str, Any]) -> str:
    rows = []
    for words, section, name in _SUMMARY:
        parts = [record["reports"][split]["sections"][section] for split in ("train", "dev", "all")]
        counts = (part["findings"] if name is None else part["counts"].get(name, 0) for part in parts)
        rows.append([words, *(f"{count:,}" for count in counts)])
    return markdown_table(["", "train", "dev", "both"], rows)


def _events(record: Mapping[str, Any]) -> str:
    """Return a row for each event, of train and dev together."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in record["reports"]["all"]["sections"]["locations"]["rows"]:
        for index, name in enumerate(("messages", "mentions", "without location")):
            sums[row["event"]][index] += row[name]
    rows = [
        [event.replace("_", " "), f"{tweets:,}", f"{mentions:,}", f"{without:,}", f"{without / tweets:.0%}"]
        for event, (tweets, mentions, without) in sorted(sums.items(), key=lambda item: -item[1][2] / item[1][0])
    ]
    return markdown_table(["event", "tweets", "mentions", "tweets without a place", "share"], rows)


def _first_rows(section: str, columns: Sequence[str]) -> Callable[[Mapping[str, Any]], str]:
    def table(record: Mapping[str, Any]) -> str:
        rows = record["reports"]["train"]["sections"][section]["rows"][:_MOST_ROWS]
        return markdown_table(columns, [[str(row[column]).replace("|", "\\|") for column in columns] for row in rows])

    return table


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "near_duplicates": _near_duplicates,
    "summary": _summary,
    "events": _events,
    "unannotated": _first_rows(
        "unannotated",
        ("form", "annotated", "un-annotated", "usual spelling", "as a hashtag", "in a hashtag", "in a handle"),
    ),
    "form_types": _first_rows("form_types", ("form", "annotated", "other type", "types")),
    "boundaries": _first_rows(
        "boundaries", ("form", "one mention", "only a part", "as several mentions", "across an edge")
    ),
}
