"""The cleaning step for rows that are nearly equal: the same thing measured or typed twice.

One of each is kept, or each set of such rows gets a number, by which a split keeps it on one side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .step_kind import Params, StepKind, as_number, as_text, chosen, listed, new_name, require, with_columns

ACTIONS = ("keep the first", "number them")
NEAR = 2.0
"""Numbers this close, in percent of their column's standard deviation, count as nearly equal."""
NAME = "Same rows"
_TITLE = "Nearly equal rows"


def near_groups(df: pd.DataFrame, names: list[str], percent: float) -> pd.Series:
    """A number for each row, the same for rows that are nearly equal in these columns, counted from 1 in their order.

    Numbers are rounded to a grid of `percent` of their standard deviation; a second grid, half a step aside, finds what
    the first parts. The case of words and blanks in them do not count, and two missing cells are equal.
    """
    grids: list[dict[str, np.ndarray]] = [{}, {}]
    for name in names:
        cells = df[name]
        number = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        values = cells.to_numpy("float64", na_value=np.nan) if number else np.zeros(0)
        known = values[np.isfinite(values)]
        step = known.std() * percent / 100 if len(known) else 0.0
        if number and step > 0:
            for grid, shift in zip(grids, (0.0, 0.5), strict=True):
                grid[name] = np.where(np.isnan(values), -1e300, np.floor(values / step + shift))
            continue
        places, found = pd.factorize(cells)
        words = [" ".join(str(value).casefold().split()) for value in found]
        plain = np.append(pd.factorize(np.array(words, dtype=object))[0], -1)
        for grid in grids:
            grid[name] = plain[places]
    made = [pd.DataFrame(grid).groupby(list(names), dropna=False, sort=False).ngroup().to_numpy() for grid in grids]
    number_of = made[0]
    while True:  # rows that share a cell of either grid belong together, and so on from row to row
        least = number_of
        for cell in (made[1], made[0]):
            lowest = np.full(cell.max(initial=-1) + 1, len(df))
            np.minimum.at(lowest, cell, least)
            least = lowest[cell]
        if (least == number_of).all():
            break
        number_of = least
    return pd.Series(pd.factorize(number_of)[0] + 1, index=df.index)


def _names(frame: pd.DataFrame, params: Params) -> list[str]:
    names = chosen(params)
    require(names, frame, _TITLE)
    return list(dict.fromkeys(names)) or [str(name) for name in frame.columns]


def _percent(params: Params) -> float:
    percent = as_number(params.get("percent", NEAR))
    if percent is None or not 0 < percent <= 100:
        raise StepError("The distance is not between 0 and 100 %.", where=_TITLE, remedy="Type one, such as 2.")
    return float(percent)


def _alike(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names, percent = _names(frame, params), _percent(params)
    action = str(params.get("action", ACTIONS[0]))
    if action not in ACTIONS:
        raise StepError(f"{action!r} is not known.", where=_TITLE, remedy=f"Choose one of {', '.join(ACTIONS)}.")
    if action == ACTIONS[0]:
        return frame[~near_groups(frame, names, percent).duplicated()]
    new = new_name(params.get("name", NAME), frame, _TITLE)
    return with_columns(frame, {new: near_groups(frame, names, percent)}, "", [])


def _code(params: Params) -> str:
    names = list(dict.fromkeys(chosen(params)))
    percent = as_number(params.get("percent", NEAR))
    groups = f"near_groups(df, {repr(names) if names else 'list(df.columns)'}, {percent!r})"
    if str(params.get("action", ACTIONS[0])) == ACTIONS[0]:
        return f"df = df[~{groups}.duplicated()]"
    return f"df[{' '.join(as_text(params.get('name', NAME)).split())!r}] = {groups}"


def _summary(params: Params) -> str:
    within = f" in {listed(chosen(params))}" if chosen(params) else ""
    if str(params.get("action", ACTIONS[0])) == ACTIONS[0]:
        return f"Keep the first of rows that are nearly equal{within}"
    return f"Number rows that are nearly equal{within}"


NEAR_DUPLICATES = StepKind(
    "near_duplicates",
    _TITLE,
    "Finds rows that differ by next to nothing in their numbers, or in the case and blanks of words.",
    (
        Field(
            "columns", "columns", "Columns", [], help="What has to be nearly equal; none chosen means the whole row."
        ),
        Field(
            "percent",
            "float",
            "Close means",
            NEAR,
            minimum=0,
            maximum=100,
            unit="%",
            help="Of the standard deviation, for numbers. Words have to be the same but for case and blanks.",
        ),
        Field("action", "choice", "Then", ACTIONS[0], choices=ACTIONS, help="A split by group keeps numbers together."),
        Field("name", "text", "New name", NAME, help="Only to number them."),
    ),
    _summary,
    _alike,
    _code,
    helpers=(near_groups,),
    rows=lambda params: "drops" if str(params.get("action", ACTIONS[0])) == ACTIONS[0] else "orders",
)
