"""The tables of docs/accuracy.md, from the results of the benchmarks they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markdown import markdown_table, with_figures
from rules_tables import rule_totals, rules_kept, rules_tried

_RATES = ("precision", "recall", "F1")


def updated_accuracy(document: str, records: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the document with the tables of these results, by the names of their files."""
    return with_figures(document, lambda result, name: _TABLES[name](records[result]))


def _types(record: Mapping[str, Any]) -> str:
    """Return a row a type of what the recogniser finds in dev."""
    report = record["reports"]["tagger + reconciler (Recognizer)"]
    rows = [
        [
            type_,
            str(scores["true_positives"] + scores["false_negatives"]),
            f"{report['recall_by_type'].get(type_, 0.0):.2f}",
            f"{scores['f1']:.3f}",
        ]
        for type_, scores in report["by_type"].items()
    ]
    return markdown_table(("type", "mentions", "recall of the span", "typed F1"), rows)


def _unseen(record: Mapping[str, Any]) -> str:
    """Return a row a group of events and system, and one for all groups together."""
    rows = []
    for row in [*record["groups"], *record["all"]]:
        seed = str(row.get("seed", "all"))
        rows.append([row["group"], seed, row["system"], *(f"{row[column]:.3f}" for column in _RATES)])
    return markdown_table(("left out", "seed", "system", *_RATES), rows)


def _pupils(record: Mapping[str, Any]) -> str:
    return _unseen({**record, "all": []})


def _points(row: Mapping[str, Any], difference: str) -> tuple[str, str]:
    """Return a difference in F1, which `row` holds under that name, and its interval, in points."""
    return f"{100 * row[difference]:+.1f}", f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}"


def _differences(record: Mapping[str, Any]) -> str:
    rows = [[each["of"], str(each["seed"]), *_points(each, "f1")] for each in record["differences"]]
    return markdown_table(("", "seed", "F1 points", "95 % interval"), rows)


def _recipes(record: Mapping[str, Any]) -> str:
    """Return a row a recipe of the field's systems, the best first."""
    rows = [
        [
            f"`{each['recipe']}`: {each['summary']}",
            f"{each['messages']['train']:,}",
            str(each["settings"]["training"]["epochs"]),
            *(f"{each['row'][column]:.3f}" for column in (*_RATES, "typed F1")),
        ]
        for each in sorted(record["recipes"], key=lambda each: -each["row"]["F1"])
    ]
    return markdown_table(("recipe", "trained on", "epochs", *_RATES, "typed F1"), rows)


def _regions(record: Mapping[str, Any]) -> str:
    rows = [
        [
            each["event"],
            each["region"],
            str(each["messages"]),
            f"{each['world F1']:.3f}",
            f"{each['world and region F1']:.3f}",
            f"{100 * each['low']:+.1f} to {100 * each['high']:+.1f}",
        ]
        for each in record["with a gazetteer of the region"]
    ]
    return markdown_table(
        ("event", "gazetteer of", "messages", "world", "world and region", "95 % interval of the points"), rows
    )


def _streets(record: Mapping[str, Any]) -> str:
    rows = [
        [row["system"], *(f"{row[column]:.3f}" for column in _RATES), row["95 %"], f"{row['typed F1']:.3f}"]
        for row in record["systems"]
    ]
    return markdown_table(("system", *_RATES, "95 % interval of F1", "typed F1"), rows)


def _extracts(record: Mapping[str, Any]) -> str:
    """Return a row an extract and type: what is found with the gazetteer of the world, and with the region's."""
    rows = [
        [
            row["extract"],
            row["type"],
            str(row["mentions"]),
            *(f"{row[f'recognizer, {gazetteers}']:.3f}" for gazetteers in ("world", "world and region")),
        ]
        for row in record["recall_by_extract"]
    ]
    return markdown_table(("extract", "type", "mentions", "world", "world and region"), rows)


def _other_annotators(record: Mapping[str, Any]) -> str:
    rows = [
        [row["corpus"], str(row["messages"]), row["system"], *(f"{row[column]:.3f}" for column in _RATES)]
        for row in record["systems"]
    ]
    return markdown_table(("corpus", "messages", "system", *_RATES), rows)


def _teaching(record: Mapping[str, Any]) -> str:
    """Return a row a model: exact F1 of the tagger alone and with the rules, on each corpus."""
    corpora = dict.fromkeys(row["corpus"] for row in record["rows"])
    models = dict.fromkeys(row["model"] for row in record["rows"])
    scores = {(row["model"], row["corpus"]): f"{row['tagger F1']:.3f}, {row['F1']:.3f}" for row in record["rows"]}
    rows = [[model, *(scores[model, corpus] for corpus in corpora)] for model in models]
    return markdown_table(("tagger alone, with rules", *corpora), rows)


def _halfway(record: Mapping[str, Any]) -> str:
    """Return a row a corpus: exact F1 of each model, and what the last gains on each of the others."""
    models = list(dict.fromkeys(row["model"] for row in record["rows"]))
    corpora = dict.fromkeys(row["corpus"] for row in record["rows"])
    scores = {(row["corpus"], row["model"]): row for row in record["rows"]}
    rows = [
        [
            corpus,
            *(f"{scores[corpus, model]['F1']:.3f}" for model in models),
            *(_gain(scores[corpus, model]) for model in models[:-1]),
        ]
        for corpus in corpora
    ]
    return markdown_table(("", *models, "points on the first", "on the second"), rows)


def _gain(row: Mapping[str, Any]) -> str:
    points, low, high = (100 * row[name] for name in ("gained", "low", "high"))
    return f"{points:+.1f} ({low:+.1f} to {high:+.1f})"


def _seeds(record: Mapping[str, Any]) -> str:
    """Return a row a seed, and one of the mean: exact F1 on each corpus, typed F1 on the first."""
    names = [mean["corpus"] for mean in record["means"]]
    scores = {(row["seed"], row["corpus"]): row for row in record["rows"]}
    scores |= {("mean", mean["corpus"]): mean for mean in record["means"]}
    rows = [
        [str(seed), *(f"{scores[seed, name]['F1']:.4f}" for name in names), f"{scores[seed, names[0]]['typed F1']:.4f}"]
        for seed in [*record["seeds"], "mean"]
    ]
    return markdown_table(("seed", *names, f"{names[0]}, typed"), rows)


def _worldwide(record: Mapping[str, Any]) -> str:
    """Return a row a corpus and system: what it finds, and how much of that it places rightly."""
    names, rates = ("corpus", "messages", "system"), (*_RATES, "typed F1", "in the right country or state")
    rows = [
        [*(str(row[name]) for name in names), *("" if row[rate] is None else f"{row[rate]:.3f}" for rate in rates)]
        for row in record["systems"]
    ]
    return markdown_table((*names, *rates), rows)


def _ablation(record: Mapping[str, Any]) -> str:
    rows = []
    for row in record["summary"]:
        cells = [row["variant"]]
        for place in ("dev", "unseen"):
            runs = row.get(f"{place} runs", 0)
            cells += [f"{row[f'{place} F1']:.3f}", f"{100 * row[f'{place} minus recipe']:+.1f}"] if runs else ["", ""]
            cells.append(str(runs))
        rows.append(cells)
    return markdown_table(("variant", "dev F1", "points", "runs", "unseen F1", "points", "runs"), rows)


def _variants(record: Mapping[str, Any]) -> str:
    """Return a row a training: its F1 and how far it is from that of the recipe on the same seed and messages."""
    rows = [
        [row["variant"], str(row["seed"]), *(f"{row[rate]:.3f}" for rate in _RATES), *_points(row, "minus recipe")]
        for row in record["runs"]
    ]
    return markdown_table(("variant", "seed", *_RATES, "F1 points", "95 % interval"), rows)


def _heads(record: Mapping[str, Any]) -> str:
    """Return a row a training of what sits on the encoder."""
    rows = [
        [row["variant"], str(row["seed"]), *(f"{row[rate]:.3f}" for rate in (*_RATES, "typed F1"))]
        for row in record["heads"]
    ]
    return markdown_table(("variant", "seed", *_RATES, "typed F1"), rows)


def _suspicions(record: Mapping[str, Any]) -> str:
    """Return a row for each kind of suspicious annotation: how many, and of which surface forms most."""
    names = {"missed": "found, but not annotated", "spurious": "annotated, but not found"}
    rows = [
        [
            name,
            str(record["suspicions"][kind]),
            ", ".join(f"{form} {count}" for form, count in record["forms"][kind].items()),
        ]
        for kind, name in names.items()
    ]
    return markdown_table(("", "mentions", "most often"), rows)


def _relabelled(record: Mapping[str, Any]) -> str:
    """Return a row a training with and without the suspicious annotations."""
    rows = [
        [
            row["trained on"],
            str(row["messages"]),
            *(f"{row[rate]:.3f}" for rate in _RATES),
            *_points(row, "minus as it is"),
        ]
        for row in record["training"]
    ]
    return markdown_table(("trained on the sample", "messages", *_RATES, "F1 points", "95 % interval"), rows)


_TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "types": _types,
    "groups": _unseen,
    "differences": _differences,
    "systems": _streets,
    "corpora": _other_annotators,
    "recipes": _recipes,
    "regions": _regions,
    "extracts": _extracts,
    "summary": _ablation,
    "runs": _variants,
    "totals": rule_totals,
    "pupils": _pupils,
    "rows": _teaching,
    "halfway": _halfway,
    "seeds": _seeds,
    "worldwide": _worldwide,
    "rules": rules_kept,
    "tried": rules_tried,
    "heads": _heads,
    "suspicions": _suspicions,
    "training": _relabelled,
}
