"""The cleaning step for outliers: values beyond bounds are put onto them, made missing, or their rows dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import Params, StepKind, as_number, chosen, columns_of, is_number, listed, replaced, some_rows

LIMITS = ("numbers", "quartiles", "percentiles")
ACTIONS = ("put onto the limit", "make missing", "drop the row")
_TITLE = "Limit outliers"


def _bounds(frame: pd.DataFrame, params: Params) -> dict[str, tuple[float, float]]:
    """The lowest and highest value that stays, for each column; infinite when open."""
    names = columns_of(params, frame, _TITLE)
    odd = [name for name in names if not is_number(frame[name])]
    if odd:
        raise StepError(f"{listed(odd)} holds no numbers.", where=_TITLE, remedy="Parse its numbers in a step before.")
    known = params.get("bounds")
    if isinstance(known, dict):
        return {name: (float(known[name][0]), float(known[name][1])) for name in names if name in known}
    way = str(params.get("limits", "numbers"))
    if way == "quartiles":
        factor = _given(params, "factor", 1.5)
        return {name: _by_quartiles(frame[name], factor) for name in names}
    if way == "percentiles":
        low, high = _given(params, "lowest", 1.0), _given(params, "highest", 99.0)
        if not 0 <= low < high <= 100:
            raise StepError(f"{low:g} and {high:g} are no percentiles.", where=_TITLE, remedy="Type 1 and 99, say.")
        return {name: _percentiles(frame[name], low, high) for name in names}
    low_, high_ = as_number(params.get("low")), as_number(params.get("high"))
    if low_ is None and high_ is None:
        raise StepError("There is no limit.", where=_TITLE, remedy="Type the lowest or the highest value that stays.")
    low, high = -np.inf if low_ is None else float(low_), np.inf if high_ is None else float(high_)
    if low > high:
        raise StepError(f"The lowest value {low:g} is above the highest {high:g}.", where=_TITLE, remedy="Swap them.")
    return dict.fromkeys(names, (low, high))


def _given(params: Params, name: str, usual: float) -> float:
    value = params.get(name, usual)
    number = as_number(usual if value is None else value)
    if number is None or number < 0:
        raise StepError(f"{value!r} is no number from 0 on.", where=_TITLE, remedy=f"Type one, such as {usual:g}.")
    return float(number)


def _plain(params: Params, name: str, usual: float) -> float:
    """As `_given`, of parameters that need not be right."""
    number = as_number(params.get(name))
    return usual if number is None else float(number)


def _by_quartiles(values: pd.Series, factor: float) -> tuple[float, float]:
    low, high = _percentiles(values, 25, 75)
    return low - factor * (high - low), high + factor * (high - low)


def _percentiles(values: pd.Series, low: float, high: float) -> tuple[float, float]:
    if not values.notna().any():
        return -np.inf, np.inf
    return float(values.quantile(low / 100)), float(values.quantile(high / 100))


def _limit(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    bounds = _bounds(frame, params)
    action = str(params.get("action", ACTIONS[0]))
    if action not in ACTIONS:
        raise StepError(f"{action!r} is not known.", where=_TITLE, remedy=f"Choose one of {', '.join(ACTIONS)}.")
    if action == ACTIONS[2]:
        beyond = pd.Series(False, index=frame.index)
        for name, (low, high) in bounds.items():
            beyond |= (frame[name] < low) | (frame[name] > high)
        return some_rows(frame[~beyond], _TITLE)
    if action == ACTIONS[1]:
        return replaced(
            frame, {n: frame[n].where(~((frame[n] < low) | (frame[n] > high))) for n, (low, high) in bounds.items()}
        )
    return replaced(frame, {name: frame[name].clip(low, high) for name, (low, high) in bounds.items()})


def _code(params: Params) -> str:
    way, action = str(params.get("limits", "numbers")), str(params.get("action", ACTIONS[0]))
    lines = [f"names = {chosen(params)!r}"]
    if way == "quartiles":
        lines.append("low, high = df[names].quantile(0.25), df[names].quantile(0.75)")
        factor = _plain(params, "factor", 1.5)
        lines.append(f"low, high = low - {factor!r} * (high - low), high + {factor!r} * (high - low)")
    elif way == "percentiles":
        low, high = _plain(params, "lowest", 1.0), _plain(params, "highest", 99.0)
        lines.append(f"low, high = df[names].quantile({low!r} / 100), df[names].quantile({high!r} / 100)")
    else:
        low_, high_ = as_number(params.get("low")), as_number(params.get("high"))
        open_ = (
            "float('-inf')" if low_ is None else repr(float(low_)),
            "float('inf')" if high_ is None else repr(float(high_)),
        )
        lines.append(f"low, high = pd.Series({open_[0]}, index=names), pd.Series({open_[1]}, index=names)")
    if action == ACTIONS[2]:
        lines.append("df = df[~((df[names] < low) | (df[names] > high)).any(axis=1)]")
        return "\n".join(lines)
    lines.append("for name in names:")
    if action == ACTIONS[1]:
        lines.append("    df[name] = df[name].where(~((df[name] < low[name]) | (df[name] > high[name])))")
    else:
        lines.append("    df[name] = df[name].clip(low[name], high[name])")
    return "\n".join(lines)


def _summary(params: Params) -> str:
    way, names = str(params.get("limits", "numbers")), listed(chosen(params))
    low, high = params.get("low"), params.get("high")
    factor = params.get("factor", 1.5)
    typed = [f"{word} {value}" for word, value in (("below", low), ("above", high)) if value is not None]
    span = {
        "quartiles": f"beyond {factor} times the middle half",
        "percentiles": f"beyond the percentiles {params.get('lowest', 1)} and {params.get('highest', 99)}",
    }.get(way, " or ".join(typed))
    verb = {ACTIONS[1]: "Make missing", ACTIONS[2]: "Drop rows with"}.get(str(params.get("action")), "Limit")
    return f"{verb} values of {names} {span or '…'}"


def _pin(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    bounds = {name: list(pair) for name, pair in _bounds(frame, params).items()}
    return {**params, "bounds": bounds}


LIMIT_OUTLIERS = StepKind(
    "limit_outliers",
    _TITLE,
    "Puts values that are too small or too large onto a limit, makes them missing, or drops their rows.",
    (
        Field("columns", "columns", "Columns", [], required=True),
        Field(
            "limits",
            "choice",
            "Limits by",
            "numbers",
            choices=LIMITS,
            help="Quartiles and percentiles look at the whole column, test rows included. For limits that a model is "
            "trained with, use the robust scale on the features page, which looks at the training rows alone.",
        ),
        Field("low", "float", "Lowest", None, optional=True, help="Only for limits by numbers; empty is open."),
        Field("high", "float", "Highest", None, optional=True, help="Only for limits by numbers; empty is open."),
        Field("factor", "float", "Times the middle half", 1.5, minimum=0, help="Only by quartiles: 1.5 is usual."),
        Field("lowest", "float", "Lowest percentile", 1.0, minimum=0, maximum=100, unit="%"),
        Field("highest", "float", "Highest percentile", 99.0, minimum=0, maximum=100, unit="%"),
        Field("action", "choice", "What lies beyond", ACTIONS[0], choices=ACTIONS),
    ),
    _summary,
    _limit,
    _code,
    lambda params, names: chosen(params) if params.get("action") != ACTIONS[2] else (),
    rows=lambda params: "drops" if params.get("action") == ACTIONS[2] else "",
    pin=_pin,
)
