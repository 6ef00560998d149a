"""Cleaning steps that put rows into another order or take some of them: sort, shuffle, sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .step_kind import Params, StepKind, as_number, chosen, columns_of, listed

_SEED = Field("seed", "int", "Seed", 0, minimum=0, maximum=2**31 - 1, help="The same seed gives the same rows.")


def _seed(params: Params, title: str) -> int:
    seed = as_number(params.get("seed", 0))
    if not isinstance(seed, int) or not 0 <= seed < 2**31:
        raise StepError("The seed is no whole number from 0 on.", where=title, remedy="Type one, such as 0.")
    return seed


def _seed_code(params: Params) -> str:
    return repr(as_number(params.get("seed", 0)))


# ---- sort ------------------------------------------------------------------------------------------------------


def _sort(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = columns_of(params, frame, SORT.title)
    return frame.sort_values(names, ascending=not params.get("descending"), kind="stable", na_position="last")


SORT = StepKind(
    "sort_rows",
    "Sort rows",
    "Puts rows in the order of one or more columns; missing ones come last.",
    (
        Field("columns", "columns", "By", [], required=True),
        Field("descending", "bool", "Largest first", False),
    ),
    lambda params: f"Sort by {listed(chosen(params))}{', largest first' if params.get('descending') else ''}",
    _sort,
    lambda params: (
        f"df = df.sort_values({chosen(params)!r}, ascending={not params.get('descending')}, "
        "kind='stable', na_position='last')"
    ),
    rows=lambda params: "orders",
)

# ---- shuffle ---------------------------------------------------------------------------------------------------


def _shuffle(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    return frame.iloc[np.random.default_rng(_seed(params, SHUFFLE.title)).permutation(len(frame))]


SHUFFLE = StepKind(
    "shuffle_rows",
    "Shuffle rows",
    "Puts rows in a random order. The split shuffles by itself; this is for files to be taken elsewhere.",
    (_SEED,),
    lambda params: f"Shuffle rows (seed {params.get('seed', 0)})",
    _shuffle,
    lambda params: f"df = df.iloc[np.random.default_rng({_seed_code(params)}).permutation(len(df))]",
    rows=lambda params: "orders",
)

# ---- sample ----------------------------------------------------------------------------------------------------


def _sample(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    count, seed = _count(params, len(frame)), _seed(params, SAMPLE.title)
    if count >= len(frame):
        return frame
    places = np.random.default_rng(seed).choice(len(frame), count, replace=False)
    return frame.iloc[np.sort(places)]


def _count(params: Params, rows: int) -> int:
    wanted, share = as_number(params.get("rows")), as_number(params.get("share"))
    if wanted is None and share is None:
        raise StepError("No number of rows is given.", where=SAMPLE.title, remedy="Type how many, or a share of them.")
    if wanted is not None:
        if wanted < 1 or wanted != int(wanted):
            raise StepError("At least one row is needed.", where=SAMPLE.title, remedy="Type a whole number from 1 on.")
        return int(wanted)
    if share is None or not 0 < share <= 100:
        raise StepError("The share is not between 0 and 100 %.", where=SAMPLE.title, remedy="Type one, such as 10.")
    return max(1, round(rows * share / 100))


def _sample_code(params: Params) -> str:
    wanted, share = as_number(params.get("rows")), as_number(params.get("share"))
    count = repr(int(wanted)) if wanted is not None else f"max(1, round(len(df) * {share!r} / 100))"
    return "\n".join(
        [
            f"count = min(len(df), {count})",
            f"places = np.random.default_rng({_seed_code(params)}).choice(len(df), count, replace=False)",
            "df = df.iloc[np.sort(places)]",
        ]
    )


def _sample_summary(params: Params) -> str:
    wanted, share = as_number(params.get("rows")), as_number(params.get("share"))
    what = f"{wanted:,} rows" if wanted is not None else f"{share} % of the rows" if share is not None else "some rows"
    return f"Take {what} at random"


SAMPLE = StepKind(
    "sample_rows",
    "Take a sample of rows",
    "Keeps some rows, drawn at random, in their order: to try things out on less.",
    (
        Field("rows", "int", "Rows", None, optional=True, minimum=1),
        Field("share", "float", "Or share", None, optional=True, minimum=0, maximum=100, unit="%"),
        _SEED,
    ),
    _sample_summary,
    _sample,
    _sample_code,
    rows=lambda params: "orders",
)
