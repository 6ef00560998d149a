"""Fitting a Preprocessor: everything it knows comes from the training rows alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.facts import InputFacts, TargetFacts
from workbench.core.project import ColumnFeature, Features

from .encode import magnitude, within
from .fit_missing import category_fill, check_number_params, clip_bounds, fill_value
from .fitted import INPUT_ENCODERS, NUMBERS, PICTURE, TOKENS, FittedColumn
from .input_groups import input_names
from .preprocess import Preprocessor
from .values import MISSING, Floats, codes, in_order, numbers, shown

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 1000
"""One-hot columns with more categories are refused: each one costs a number in every row."""


def fit(frame: pd.DataFrame, features: Features, train_rows: np.ndarray[Any, Any], folder: str = "") -> Preprocessor:
    """Means, fill values, vocabularies and classes of the rows at positions `train_rows`; no other row is looked at.

    Args:
        features: filled in by `propose` (no "auto" left).
        folder: where the table lies, from which the paths of pictures count.

    Raises:
        FeatureError: a column does not fit its encoder, or there is no input or no target.
    """
    inputs = [c for c in features.columns if c.role == "input"]
    targets = [c for c in features.columns if c.role == "target"]
    if features.task == "reconstruction":
        return _rebuilt(frame.iloc[train_rows], inputs, folder)
    if not targets:
        raise FeatureError("No target is chosen.", where="features", remedy="Choose the column to predict.")
    if not inputs:
        raise FeatureError(
            f"No column is an input, so there is nothing to predict {quoted(c.name for c in targets)} from.",
            where="features",
            remedy="Make at least one column an input.",
        )
    train = frame.iloc[train_rows]
    names = input_names(inputs)
    columns = tuple(replace(_fit_input(train[c.name], c, folder), input=names[c.name]) for c in inputs)
    first, *more = [_fit_target(train[c.name], c, target_task(features, c)) for c in targets]
    return Preprocessor("table", columns, None, first, more=tuple(more))


def _rebuilt(train: pd.DataFrame, inputs: list[ColumnFeature], folder: str) -> Preprocessor:
    """Fitted for rebuilding the table: its one input is the target too. Raises FeatureError as `fit`."""
    if not inputs:
        raise FeatureError(
            "No column is an input, so there is nothing to rebuild.",
            where="features",
            remedy="Make at least one column an input.",
        )
    for column in inputs:
        if column.encoder == TOKENS:
            raise FeatureError(
                "A text that is read word by word cannot be rebuilt: its numbers only name words.",
                where=f'column "{column.name}"',
                remedy='Encode it by "tfidf" or "bag", or leave the column out.',
            )
        if column.encoder == PICTURE:
            raise FeatureError(
                "Pictures named in a table cannot be rebuilt with it.",
                where=f'column "{column.name}"',
                remedy="Leave the column out, or open the folder of the pictures by itself to rebuild them.",
            )
    apart = sorted({name or "the table" for name in input_names(inputs).values()})
    if len(apart) > 1:
        raise FeatureError(
            f"The columns make {len(apart):,} inputs ({', '.join(apart)}), and only one can be rebuilt.",
            where="features",
            remedy="Put all columns into the same input, or leave out those of the others.",
        )
    names = input_names(inputs)
    columns = tuple(replace(_fit_input(train[c.name], c, folder), input=names[c.name]) for c in inputs)
    made = Preprocessor("table", columns)
    low, high = (f(b[i] for b in map(bounds_of, columns)) for i, f in enumerate((min, max)))
    return replace(made, target=rebuilt_target(made.inputs[0], (low, high)))


def rebuilt_target(info: InputFacts, bounds: tuple[float, float]) -> TargetFacts:
    """The input as what is to be learnt."""
    return TargetFacts(info.name, "reconstruction", shape=info.shape, bounds=bounds)


def bounds_of(column: FittedColumn) -> tuple[float, float]:
    """The lowest and the highest number that the training rows have in a column, as the model sees them."""
    if column.encoder == "dates":
        return -1.0, 1.0  # of sines and cosines; years and days are centred, and reach beyond
    if column.encoder not in NUMBERS:
        low, high = min((0.0, *column.weights)), max((1.0, *column.weights))
        return (low, high) if column.encoder in ("ordinal", "frequency") else (0.0, 1.0)
    ends = within(replace(column, beyond="limit"), np.array([column.minimum, column.maximum]))
    seen = (magnitude(column, np.array([*ends, column.fill])) - column.offset) / column.scale
    seen = np.append(seen, (0.0, 1.0)) if column.flag else seen
    return float(seen.min()), float(seen.max())


def target_task(features: Features, column: ColumnFeature) -> str:
    """ "classification" or "regression": of a single target the features' own, of several what each is encoded as."""
    if sum(c.role == "target" for c in features.columns) < 2:
        return features.task
    return "classification" if column.encoder == "class" else "regression"


def quoted(names: Iterable[str]) -> str:
    """Names as a person reads them: "a", "b" or "c"."""
    *most, last = [f'"{name}"' for name in names]
    return f"{', '.join(most)} or {last}" if most else last


def _fit_input(cells: pd.Series[Any], column: ColumnFeature, folder: str) -> FittedColumn:
    if column.encoder in NUMBERS:
        return _fit_numbers(cells, column)
    if column.encoder == "onehot":
        return _fit_categories(cells, column)
    if column.encoder == PICTURE:
        from .picture_column import fit_picture

        return fit_picture(cells, column, folder)
    if column.encoder in INPUT_ENCODERS:
        from .fit_words import fit_words

        return fit_words(cells, column)
    raise FeatureError(
        f'There is no encoder "{column.encoder}" for an input.',
        where=f'column "{column.name}"',
        remedy=f"Choose one of: {', '.join(INPUT_ENCODERS)}.",
    )


def _fit_numbers(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    every = numbers(cells, column.name)
    known = every[~np.isnan(every)]
    check_number_params(column)
    flag = column.params.get("flag") is True
    if not len(known):
        return FittedColumn(column.name, column.encoder, fill_value(known, column), flag=flag)
    clip, beyond = clip_bounds(known, column), str(column.params.get("beyond", "limit"))
    blank = FittedColumn(column.name, column.encoder, clip=clip, beyond=beyond)
    every = within(blank, every)
    values = every[~np.isnan(every)]
    fill = fill_value(values, column)
    filled = np.where(np.isnan(every), fill, every)
    low, high = float(filled.min()), float(filled.max())
    filled = magnitude(blank, filled)
    offset, scale = 0.0, 1.0
    if column.encoder in ("standard", "log"):
        offset, scale = spread(filled)
    elif column.encoder == "robust":
        offset, scale = middle_half(filled)
    elif column.encoder == "minmax" and high > low:
        offset, scale = low, high - low
    elif column.encoder == "minmax":
        offset = low
    return replace(
        blank,
        fill=fill,
        offset=offset,
        scale=scale,
        minimum=float(known.min()),
        maximum=float(known.max()),
        median=float(np.median(known)),
        whole=bool(np.all(known == np.floor(known))),
        flag=flag,
    )


def middle_half(values: Floats) -> tuple[float, float]:
    """Median and the distance between the quartiles (as sklearn's RobustScaler); where half of the cells are equal,
    the standard deviation takes its place, so that the other half does not become huge."""
    low, middle, high = (float(q) for q in np.percentile(values, (25.0, 50.0, 75.0)))
    return middle, (high - low) if high > low else spread(values)[1]


def _fit_categories(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    fill = category_fill(column)
    categories, counts = counted(cells, column.name, "one-hot", missing_too=fill == "category")
    common = max(categories, key=lambda c: counts[c])
    missing = "" if fill == "category" else common
    if fill == "constant":
        missing = str(column.params["value"])
        categories = categories if missing in categories else in_order([*categories, missing])
    return FittedColumn(column.name, "onehot", categories=categories, common=common, missing=missing)


def counted(
    cells: pd.Series[Any], name: str, encoding: str, most: int = MOST_CATEGORIES, missing_too: bool = True
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The different values in order and how often each occurs; never none.

    missing_too: missing cells, where there are some, are a value of their own.

    Raises:
        FeatureError: there are more than `most`.
    """
    found, names = codes(cells)
    if len(names) > most:
        raise FeatureError(
            f"{len(names):,} different values are too many for {encoding} (at most {most:,}).",
            where=f'column "{name}"',
            remedy='Encode it by "hash", ignore the column, or merge rare values in a cleaning step.',
        )
    categories = in_order(names)
    counts = dict(zip(names, np.bincount(found[found >= 0], minlength=len(names)).tolist(), strict=True))
    missing = int((found < 0).sum())
    if missing and missing_too and MISSING not in counts:
        categories = (*categories, MISSING)
        counts[MISSING] = missing
    if not categories:
        categories, counts = (MISSING,), {MISSING: missing}
    return categories, counts


def _fit_target(cells: pd.Series[Any], column: ColumnFeature, task: str) -> TargetFacts:
    if task == "classification":
        _, names = codes(cells)
        if len(names) == 1:
            raise one_value(column.name, names[0])
        return TargetFacts(column.name, "classification", in_order(names))
    values = target_numbers(cells, column.name)
    values = values[~np.isnan(values)]
    if len(values) and values.min() == values.max():
        raise one_value(column.name, f"{values[0]:g}")
    offset, scale = spread(values) if column.encoder == "standard" else (0.0, 1.0)
    return TargetFacts(column.name, "regression", (), scale, offset)


def one_value(name: str, value: str) -> FeatureError:
    return FeatureError(
        f'The target has only one value: "{shown(value)}".',
        where=f'column "{name}"',
        remedy="A model has nothing to tell apart; choose another target, or check the cleaning steps.",
    )


def target_numbers(cells: pd.Series[Any], name: str) -> Floats:
    """The target as numbers. Raises FeatureError naming the cell that is not one."""
    try:
        return numbers(cells, name)
    except FeatureError as error:
        raise FeatureError(
            f"The target cannot be predicted as a number: {error.what[:1].lower() + error.what[1:]}",
            where=error.where,
            remedy="Choose classification as the task, or another target.",
        ) from error


def spread(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation (population, as sklearn's StandardScaler), the latter 1 for a constant column.

    Values are divided by the largest magnitude first, so that squares of very large ones do not overflow.
    """
    largest = float(np.abs(values).max()) if len(values) else 0.0
    if largest == 0.0:
        return 0.0, 1.0
    if 1e-100 < largest < 1e100:
        largest = 1.0
    mean = float((values / largest).mean())
    deviation = float((values / largest).std())
    # The mean of equal values differs from them by a few roundings: that is no spread.
    if deviation <= 1e-13 * float(np.abs(values / largest).max()):
        return mean * largest, 1.0
    return mean * largest, deviation * largest
