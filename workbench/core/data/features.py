"""What becomes of each column and picture, proposed from the profile; what a person has set always wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core.project import ColumnFeature, Features, ImageFeature, Split

from .fitted import INPUT_ENCODERS
from .inputs import (
    MAIN_TEXT,
    MOST_CLASSES,
    MOST_ONEHOT,
    TINY,
    all_different,
    encoder_for,
    explain_input,
    is_id,
    named_id,
    unfit,
    words_in_cell,
    wordy,
)
from .preprocess import Preprocessor
from .sequence_propose import propose_sequences

__all__ = ["Preprocessor", "encoder_for", "explain", "image_size", "is_id", "named_id", "propose", "task_of"]

LARGEST_SIDE = 64
TASKS = ("classification", "regression")
REBUILT = "reconstruction"
"""The task that only a person chooses: the model rebuilds its input."""
ENOUGH_TO_VALIDATE = 4_000

# Best first: a table with both "target" and "price" means the former.
_TARGETS = [
    *("target", "label", "labels", "class", "classes", "y", "outcome", "survived", "species", "price", "diagnosis"),
    *(
        "variety",
        "category",
        "churn",
        "churned",
        "default",
        "income",
        "salary",
        "medv",
        "median_house_value",
        "quality",
    ),
    *("result", "answer", "mpg", "rating", "score", "fraud", "spam", "sentiment"),
]
_UNIT = re.compile(r"[\s_]*(\([^()]*\)|\[[^\[\]]*\]|[^\w\s]+)$")
_TARGET_ENDINGS = ("target", "label", "class", "price", "outcome")
_TARGET_WORDS = ("_rent", "_cost", "_salary", "_income", "_revenue", "_score")  # "parent" ends with rent too


def propose(
    profile: Any, features: Features, kind: str, suggested_target: str = "", parts: np.ndarray[Any, Any] | None = None
) -> Features:
    """`features` with every column filled in, in the order of the table, and with task, picture size and split decided.

    Args:
        profile: TableProfile or ImageProfile of the cleaned data; None when there is none yet.
        features: what the person has set. Roles and encoders listed there stay ("auto" and encoders that cannot be for
            the role are decided here); columns that no longer exist are dropped.
        kind: "table" | "images" | "sequences".
        suggested_target: a sample's own suggestion.
        parts: as the cleaned data has them (1 marks a given test part), for the proposed split.
    """
    given_test = parts is not None and bool(np.any(np.asarray(parts) == 1))
    if kind == "images":
        return replace(
            features,
            task=REBUILT if features.task == REBUILT else "classification",
            columns=(),
            image=propose_image(profile, features.image),
            split=features.split or _propose_split(getattr(profile, "count", 0), given_test),
        )
    if kind == "sequences":
        return propose_sequences(profile, features, parts)
    if profile is None:
        return features
    columns = {c.name: c for c in profile.columns}
    listed = {c.name: c for c in features.columns if c.name in columns}
    targets = [n for n in columns if n in listed and listed[n].role == "target"]
    divider = _divider(features.split)
    if not targets:
        free = [c for n, c in columns.items() if n not in listed and n != divider]
        named_only = features.task == REBUILT
        targets = [n for n in (_choose_target(free, profile.rows, suggested_target, named_only=named_only),) if n]
    tasks = {n: _task(columns[n], listed.get(n), features, profile.rows, several=len(targets) > 1) for n in targets}
    task = next(iter(tasks.values()), features.task if features.task in TASKS else "auto")
    task = REBUILT if features.task == REBUILT else task
    tiny = profile.rows <= TINY
    plain = tiny and all(c.type in ("number", "integer") for c in columns.values())
    out = []
    for name, column in columns.items():
        mine = listed.get(name)
        if name in tasks:
            out.append(ColumnFeature(name, "target", _target_encoder(column, mine, tasks[name], plain)))
        elif mine is not None and mine.encoder in INPUT_ENCODERS:
            out.append(mine)
        else:
            ignored = unfit(column, profile.rows) or name == divider
            role = mine.role if mine is not None else ("ignore" if ignored else "input")
            encoder = "none" if plain else encoder_for(column)
            out.append(replace(mine or ColumnFeature(name), role=role, encoder=encoder))
    settled = {*listed, divider}
    out = _with_an_input(_with_text(out, settled, columns), settled, columns)
    return replace(
        features, task=task, columns=tuple(out), split=features.split or _propose_split(profile.rows, given_test)
    )


def explain(profile: Any, features: Features) -> dict[str, str]:
    """Why each column became what it is, one short sentence a column; `features` as `propose` gives it."""
    if profile is None or not hasattr(profile, "columns"):
        return {}
    columns = {c.name: c for c in profile.columns}
    reasons = {}
    for feature in features.columns:
        column = columns.get(feature.name)
        if column is None:
            continue
        if feature.role == "target":
            several = sum(c.role == "target" for c in features.columns) > 1
            if features.task == REBUILT:
                reasons[feature.name] = "Left out: what other tasks predict is not rebuilt."
                continue
            own = "classification" if feature.encoder == "class" else "regression"
            reasons[feature.name] = _explain_target(column, own if several else features.task)
        elif feature.role == "ignore":
            divides = "Divides the rows for the split." if feature.name == _divider(features.split) else "Left out."
            reasons[feature.name] = unfit(column, profile.rows) or divides
        elif feature.role == "weight":
            reasons[feature.name] = "What each row counts in the loss."
        else:
            reasons[feature.name] = explain_input(column, feature)
    return reasons


def _divider(split: Split | None) -> str:
    """The column that names a row's part or group: new rows will have another, or none."""
    return split.column if split is not None and split.method in ("group", "column") else ""


# ---- the target ----------------------------------------------------------------------------------------------


def task_of(column: Any, mine: ColumnFeature | None, rows: int) -> str:
    """ "classification" for text, categories, booleans and whole numbers of few, repeated values; else "regression"."""
    if column.type in ("text", "category", "boolean"):
        return "classification"
    if mine is not None and mine.encoder == "class":
        return "classification"
    if mine is not None and mine.encoder in ("none", "standard"):
        return "regression"
    known = rows - column.missing
    if column.type == "integer" and column.distinct <= MOST_CLASSES and column.distinct * 2 <= known:
        return "classification"
    return "regression"


def _task(column: Any, mine: ColumnFeature | None, features: Features, rows: int, *, several: bool) -> str:
    """Of a single target the features' own task, where one is set; of several, what each one's encoder says."""
    if several and mine is not None and mine.encoder in ("class", "none", "standard"):
        return task_of(column, mine, rows)
    if features.task in TASKS and not (several and column.type in ("text", "category", "boolean")):
        return features.task
    return task_of(column, mine, rows)


def _target_encoder(column: Any, mine: ColumnFeature | None, task: str, plain: bool) -> str:
    if task == "classification":
        return "class"
    if mine is not None and mine.encoder in ("none", "standard"):
        return mine.encoder
    if plain:
        return "none"
    mean, deviation = column.mean or 0.0, column.deviation or 0.0
    return "standard" if abs(mean) > 10 or deviation > 10 else "none"


def _choose_target(free: list[Any], rows: int, suggested: str, *, named_only: bool = False) -> str:
    """named_only: a class by its name, nothing that is only guessed by its place."""
    if named_only:
        free = [c for c in free if task_of(c, None, rows) == "classification"]
    by_name = {c.name: c for c in free}
    if suggested in by_name:
        return suggested
    if len(free) < 2:
        return ""
    usable = [c for c in free if not _hopeless_target(c, rows)]
    tests: tuple[Callable[[str], Any], ...] = (
        lambda name: _TARGETS.index(name) if name in _TARGETS else None,
        lambda name: 0 if name.endswith(_TARGET_ENDINGS + _TARGET_WORDS) else None,
    )
    for test in tests:
        ranked = [(rank, i) for i, c in enumerate(usable) if (rank := test(_plain_name(c.name))) is not None]
        if ranked:
            return str(usable[min(ranked)[1]].name)
    if named_only:
        return ""
    if usable and usable[-1] is free[-1]:
        return str(free[-1].name)
    first = usable[0] if usable and usable[0] is free[0] else None
    if first is not None and first.type in ("category", "boolean") and first.distinct <= MOST_CLASSES:
        return str(first.name)
    return ""


def _plain_name(name: str) -> str:
    """In small letters with underlines, without the unit at its end: "Monthly rent (€)" is monthly_rent."""
    plain = _UNIT.sub("", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).strip())
    return re.sub(r"[\s\-.]+", "_", plain.lower())


def _hopeless_target(column: Any, rows: int) -> bool:
    """Nothing anyone would predict: empty, constant, dates, long text, ids."""
    if column.type in ("empty", "date", "text") or column.distinct < 2 or column.pictures:
        return True
    if column.type == "category" and column.distinct > max(MOST_ONEHOT, rows // 10):
        return True
    return named_id(column.name) and all_different(column, rows)


def _explain_target(column: Any, task: str) -> str:
    if task == "classification":
        return f"The target: one of {column.distinct:,} classes."
    return "The target: a number."


# ---- inputs --------------------------------------------------------------------------------------------------


def _with_text(out: list[ColumnFeature], settled: set[str], columns: Mapping[str, Any]) -> list[ColumnFeature]:
    """Free text is read when it is all there is, or when it is long enough to be what the table is about."""
    alone = not any(c.role == "input" for c in out)

    def read(feature: ColumnFeature) -> bool:
        column = columns[feature.name]
        if feature.role != "ignore" or feature.name in settled or column.type != "text" or column.distinct < 2:
            return False
        return wordy(column) and (alone or words_in_cell(column) >= MAIN_TEXT)

    return [replace(c, role="input", encoder="tfidf") if read(c) else c for c in out]


def _with_an_input(out: list[ColumnFeature], settled: set[str], columns: Mapping[str, Any]) -> list[ColumnFeature]:
    """When nothing is left to learn from, running numbers (x = 1, 2, 3 ...) are what the person means by x."""
    if any(c.role == "input" for c in out):
        return out
    return [
        replace(c, role="input")
        if c.role == "ignore"
        and c.name not in settled
        and columns[c.name].type == "integer"
        and columns[c.name].distinct > 1
        else c
        for c in out
    ]


# ---- pictures and split --------------------------------------------------------------------------------------


def image_size(sizes: Any) -> tuple[int, int]:
    """Height and width for pictures of these sizes, ((height, width), count) each.

    The most common size when it is at most 64 pixels a side. Larger ones: 64 for the longer side when nearly all have
    the same aspect, else 64 x 64.
    """
    ranked = sorted(sizes, key=lambda s: (-s[1], s[0]))
    if not ranked:
        return LARGEST_SIDE, LARGEST_SIDE
    (height, width), count = ranked[0]
    longest = max(height, width)
    if longest <= LARGEST_SIDE:
        return int(height), int(width)
    total = sum(c for _, c in ranked)
    if count >= 0.9 * total:
        return max(1, round(height * LARGEST_SIDE / longest)), max(1, round(width * LARGEST_SIDE / longest))
    return LARGEST_SIDE, LARGEST_SIDE


def propose_image(profile: Any, image: ImageFeature) -> ImageFeature:
    if profile is None:
        return image
    height, width = image_size(profile.sizes)
    asked = (image.height, image.width)
    if not all(asked):  # one given side keeps the proposal's aspect
        height, width = (
            (asked[0], max(1, round(asked[0] * width / height)))
            if asked[0]
            else (max(1, round(asked[1] * height / width)), asked[1])
            if asked[1]
            else (height, width)
        )
        image = replace(image, height=height, width=width)
    return image if image.channels in (1, 3) else replace(image, channels=_channels(profile.channels))


def _channels(found: Any) -> int:
    """1 when every picture is grey. `found`: 1 or 3, or pairs (channels, count)."""
    if isinstance(found, (int, np.integer)):
        return 1 if found == 1 else 3
    return 3 if any((c[0] if isinstance(c, tuple) else c) != 1 for c in found) else 1


def _propose_split(rows: int, given_test: bool) -> Split:
    if rows <= TINY:
        return Split(1.0, 0.0, 0.0)
    if not given_test:
        return Split()
    # A few thousand rows tell the epochs apart; of a large source the rest is better learnt from.
    validation = min(0.15, max(0.05, round(ENOUGH_TO_VALIDATE / rows, 2)))
    return Split(1.0 - validation, validation, 0.0)
