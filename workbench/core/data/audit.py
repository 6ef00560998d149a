"""What is worth knowing before training: leaks, ids, rows on both sides of the split, rare classes, imbalance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import edits
from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature, Features, Project
from workbench.core.reconstruction import TASK

from .audit_classes import FEWEST, class_findings, part_findings, rare_findings
from .audit_pictures import alike_pictures
from .audit_rule import class_rule, number_rule
from .audit_split import drift, duplicates, order
from .features import is_id, named_id
from .finding import Finding
from .values import Floats, Whole, class_numbers, codes, numbers, shown

if TYPE_CHECKING:
    import pandas as pd

    from .dataset import ImageData

__all__ = ["Finding", "audit", "audit_images"]

MOST = 50_000
"""Columns are compared with the target on at most this many rows, evenly spaced."""


def audit(
    frame: pd.DataFrame,
    features: Features,
    profile: Any,
    rows: Mapping[str, np.ndarray[Any, Any]] | None = None,
    parts: np.ndarray[Any, Any] | None = None,
) -> tuple[Finding, ...]:
    """Findings about a cleaned table, the gravest first.

    Args:
        features: as `propose` gives it. profile: TableProfile of `frame`.
        rows: positions of each part, when the plan is at hand; else the split is made here from `parts`.

    Never raises for data that does not fit the features: what cannot be judged is left out.
    """
    columns = {c.name: c for c in features.columns if c.name in frame.columns}
    rebuilt = features.task == TASK
    targets = [c for c in columns.values() if c.role == "target" and not rebuilt]
    target = targets[0] if targets else None
    inputs = [c for c in columns.values() if c.role == "input"]
    known = {c.name: c for c in profile.columns} if profile is not None else {}
    found: list[Finding] = []
    for column in inputs:
        if column.name in known:
            found += _input_findings(column, known[column.name], profile.rows)
    found += _mostly_missing([c for c in inputs if c.name in known], known, profile.rows if known else 0)
    answers = _answers(frame, target, features.task) if target is not None else None
    if rebuilt:
        answers = np.zeros(len(frame))  # of no row is the answer missing
    if answers is None:
        return _sorted(found)
    if target is not None:
        found += _leaks(frame, inputs, target, answers)
    if isinstance(answers, Classes):
        found += class_findings(answers.numbers, answers.names, features.balance)
    given = parts is not None and bool((np.asarray(parts) == 1).any())
    rows = rows if rows is not None else _split(frame, features, answers, parts)
    if rows is not None:
        if isinstance(answers, Classes) and target is not None:
            spelled = _one_spelling(answers, frame[target.name], rows)
            if spelled is not answers:
                answers = spelled
                frame = frame.assign(**{target.name: np.asarray([*answers.names, None], object)[answers.numbers]})
            found += part_findings(answers.numbers, answers.names, rows, features.split, target.name)
        ids = {n for n, c in known.items() if is_id(c, profile.rows) and (c.type == "integer" or named_id(n))}
        found += duplicates(frame, [n for n in frame.columns if n not in ids], rows, features)
        found += drift(frame, features, rows, given)
    if isinstance(answers, Classes) and target is not None:
        found += rare_findings(answers.numbers, answers.names, rows, features.balance, target.name)
    for other in targets[1:]:
        found += _of_another(frame, inputs, other, rows, features)
    if rebuilt:
        return _sorted(found)
    classes = isinstance(answers, Classes)
    found += order(frame, features, answers.numbers if isinstance(answers, Classes) else answers, classes)
    return _sorted(found)


def _of_another(
    frame: pd.DataFrame,
    inputs: list[ColumnFeature],
    target: ColumnFeature,
    rows: Mapping[str, np.ndarray[Any, Any]] | None,
    features: Features,
) -> list[Finding]:
    """What concerns one of several targets beside the first, which decides the split."""
    answers = _answers(frame, target, "classification" if target.encoder == "class" else "regression")
    if answers is None:
        return []
    found = _leaks(frame, inputs, target, answers)
    if isinstance(answers, Classes):
        common = class_findings(answers.numbers, answers.names, features.balance)
        found += [replace(f, text=f'Of "{target.name}", {f.text}', column=target.name) for f in common]
        if rows is not None:
            found += part_findings(answers.numbers, answers.names, rows, features.split, target.name)
        found += rare_findings(answers.numbers, answers.names, rows, features.balance, target.name)
    return found


def audit_images(
    labels: np.ndarray[Any, Any],
    classes: Sequence[str],
    rows: Mapping[str, np.ndarray[Any, Any]] | None = None,
    pictures: ImageData | None = None,
    balance: str = "none",
) -> tuple[Finding, ...]:
    """Findings about labelled pictures: balance, classes that a part lacks, and, when the pictures are given, those
    that are nearly the same on both sides of the split. balance: as Features has it."""
    numbered = np.asarray(labels, np.int64)
    found = class_findings(numbered, classes, balance)
    found += rare_findings(numbered, classes, rows, balance)
    if rows is not None:
        found += part_findings(numbered, classes, rows)
        if pictures is not None:
            found += alike_pictures(pictures, rows)
    return _sorted(found)


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda f: ("error", "warning", "info").index(f.severity)))


# ---- the target ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Classes:
    """numbers: int64 (n,), -1 where missing."""

    numbers: Whole
    names: Sequence[str]


def _answers(frame: pd.DataFrame, target: ColumnFeature, task: str) -> Classes | Floats | None:
    if task == "classification":
        return Classes(*codes(frame[target.name]))
    try:
        return numbers(frame[target.name], target.name)
    except FeatureError:
        return None  # the plan says so, at the target


def _one_spelling(answers: Classes, cells: pd.Series[Any], rows: Mapping[str, np.ndarray[Any, Any]]) -> Classes:
    """Without the classes of other parts that are taken for one of the training part."""
    trained = np.unique(answers.numbers[rows["train"]])
    _, respelled = class_numbers(cells, [answers.names[i] for i in trained[trained >= 0]])
    if not respelled:
        return answers
    names = [n for n in answers.names if n not in respelled]
    place = {name: i for i, name in enumerate(names)}
    table = np.asarray([*(place[respelled.get(name, name)] for name in answers.names), -1], np.int64)
    return Classes(table[answers.numbers], names)


def _split(
    frame: pd.DataFrame, features: Features, answers: Classes | Floats, parts: np.ndarray[Any, Any] | None
) -> Mapping[str, np.ndarray[Any, Any]] | None:
    if features.split is None:
        return None
    from .split_table import split_table

    try:
        if isinstance(answers, Classes):
            return split_table(frame, parts, features.split, answers.numbers).rows
        return split_table(frame, parts, features.split, usable=~np.isnan(answers)).rows
    except FeatureError:
        return None  # the plan says so, at the split


# ---- inputs ----------------------------------------------------------------------------------------------------


def _ignore(column: ColumnFeature) -> tuple[str, Callable[[Project], Project]]:
    return f'Ignore "{shown(column.name, 24)}"', edits.set_columns(
        (ColumnFeature(column.name, "ignore", column.encoder),)
    )


def _input_findings(column: ColumnFeature, known: Any, rows: int) -> list[Finding]:
    if known.missing >= rows or known.distinct <= 1:
        what = "is empty" if known.missing >= rows else "has one value in every row that has any"
        text = f'"{column.name}" {what}: there is nothing in it to learn from.'
        return [Finding("warning", "A constant input", text, column.name, *_ignore(column))]
    if column.encoder not in ("bag", "tfidf", "tokens", "multihot", "dates", "picture") and is_id(known, rows):
        text = f'"{column.name}" has another value in every row: it can only be learned by heart.'
        return [Finding("warning", "An id among the inputs", text, column.name, *_ignore(column))]
    return []


def _mostly_missing(inputs: list[ColumnFeature], known: Mapping[str, Any], rows: int) -> list[Finding]:
    """One finding for all of them."""
    empty = [c for c in inputs if rows / 2 < known[c.name].missing < rows and known[c.name].distinct > 1]
    if not empty:
        return []
    if len(empty) == 1:
        (column,) = empty
        text = f'{100 * known[column.name].missing / rows:.0f} % of "{column.name}" is missing.'
        return [Finding("info", "Mostly missing", text, column.name, *_ignore(column))]
    names = ", ".join(f'"{c.name}"' for c in empty[:5]) + (" and others" if len(empty) > 5 else "")
    text = f"More than half of the cells of {len(empty)} inputs are missing: {names}."
    remedy = edits.set_columns(tuple(ColumnFeature(c.name, "ignore", c.encoder) for c in empty))
    return [Finding("info", "Mostly missing", text, "", f"Ignore these {len(empty)} columns", remedy)]


def _leaks(
    frame: pd.DataFrame, inputs: list[ColumnFeature], target: ColumnFeature, answers: Classes | Floats
) -> list[Finding]:
    step = max(1, -(-len(frame) // MOST))
    every = slice(None, None, step)
    if len(frame) < FEWEST or len(inputs) < 2:
        return []  # with one input, that input is what the person wants to predict from
    found = []
    for column in inputs:
        cells = frame[column.name].iloc[every]
        if isinstance(answers, Classes):
            # Of two coordinates one may well part the classes: that is the data, not a leak.
            truth = answers.numbers[every]
            if len(inputs) > 2 or column.encoder == "onehot":
                gives = _gives_class(cells, column.encoder, truth) or class_rule(cells, column.encoder, truth)
            else:
                gives = ""
        else:
            gives = _gives_number(cells, answers[every]) or number_rule(cells, column.encoder, answers[every])
        if gives:
            text = f'{gives} If "{column.name}" is known only when "{target.name}" is, the model will fail on new rows.'
            found.append(Finding("warning", "May give the answer away", text, column.name, *_ignore(column)))
    return found


def _gives_class(cells: pd.Series[Any], encoder: str, truth: Whole) -> str:
    """A sentence when the column alone tells every class; "" when not."""
    name = cells.name
    if encoder == "onehot":
        groups, names = codes(cells)
        known = (truth >= 0) & (groups >= 0)
        groups, classes = groups[known], truth[known]
        # Each value must come back often enough to be a rule and not a name for its row.
        if len(groups) < FEWEST or len(names) * 4 > len(groups) or len(np.unique(classes)) < 2:
            return ""
        lowest = np.full(len(names), np.iinfo(np.int64).max)
        highest = np.full(len(names), -1)
        np.minimum.at(lowest, groups, classes)
        np.maximum.at(highest, groups, classes)
        seen = highest >= 0
        return f'Every value of "{name}" goes with one class only.' if (lowest == highest)[seen].all() else ""
    try:
        values = numbers(cells)
    except FeatureError:
        return ""
    known = (truth >= 0) & ~np.isnan(values)
    values, classes = values[known], truth[known]
    if len(values) < FEWEST or np.bincount(classes, minlength=2).max() > len(classes) - 5:
        return ""
    order = np.argsort(values, kind="stable")
    values, classes = values[order], classes[order]
    changes = np.flatnonzero(classes[1:] != classes[:-1])
    separated = len(changes) == len(np.unique(classes)) - 1 and bool(np.all(values[changes] < values[changes + 1]))
    return f'"{name}" alone separates the classes without a mistake.' if separated else ""


def _gives_number(cells: pd.Series[Any], truth: Floats) -> str:
    try:
        values = numbers(cells)
    except FeatureError:
        return ""
    known = ~np.isnan(values) & ~np.isnan(truth)
    values, truth = values[known], truth[known]
    if len(values) < FEWEST or values.min() == values.max() or truth.min() == truth.max():
        return ""
    with np.errstate(all="ignore"):
        correlation = float(np.corrcoef(values, truth)[0, 1])
    return (
        f'"{cells.name}" and the target go together almost perfectly (r = {correlation:.4f}).'
        if (abs(correlation) > 0.999)
        else ""
    )
