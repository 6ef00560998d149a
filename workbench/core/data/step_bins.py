"""The cleaning step that makes ranges of numbers: ages into "under 18", "18 – 65", "65 and over"."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import Params, StepKind, as_number, as_text, column_of, is_number, new_name, replaced, with_columns

WAYS = ("equal width", "equal counts", "edges")
NAMES = ("ranges", "numbers")
_TITLE = "Make ranges"
_MOST = 100


def _edges(values: pd.Series, params: Params, name: str) -> list[float]:
    """The inner edges: a value belongs above an edge when it is not below it."""
    known = params.get("inner")
    if isinstance(known, list):
        return [float(edge) for edge in known]
    way = str(params.get("way", WAYS[0]))
    if way == "edges":
        return _typed(params)
    count = as_number(params.get("count", 4))
    if not isinstance(count, int) or not 2 <= count <= _MOST:
        raise StepError(f"Between 2 and {_MOST} ranges can be made.", where=_TITLE, remedy="Type a number.")
    filled = values.dropna().to_numpy(np.float64)
    if not len(filled) or filled.min() == filled.max():
        raise StepError(f"{name!r} has not two different values.", where=_TITLE, remedy="Choose another column.")
    if way == "equal width":
        return [float(edge) for edge in np.linspace(filled.min(), filled.max(), count + 1)[1:-1]]
    if way != "equal counts":
        raise StepError(f"The way {way!r} is not known.", where=_TITLE, remedy=f"Choose one of {', '.join(WAYS)}.")
    quantiles = np.quantile(filled, np.arange(1, count) / count)
    return [float(edge) for edge in np.unique(quantiles) if edge > filled.min()]


def _typed(params: Params) -> list[float]:
    parts = as_text(params.get("edges")).replace(";", ",").split(",")
    numbers = [as_number(part.strip()) for part in parts if part.strip()]
    if not numbers or any(number is None for number in numbers):
        raise StepError(
            "The edges are no numbers.", where=_TITLE, remedy="Type them with commas between, as in 18, 65."
        )
    edges = [float(number) for number in numbers if number is not None]
    if sorted(set(edges)) != edges or len(edges) >= _MOST:
        raise StepError("The edges do not rise.", where=_TITLE, remedy="Type each once, the smallest first.")
    return edges


def _labels(edges: list[float]) -> list[str]:
    shown = [f"{edge:.6g}" for edge in edges]
    if len(set(shown)) < len(shown):
        shown = [repr(edge) for edge in edges]
    middle = [f"{low} – {high}" for low, high in pairwise(shown)]
    return [f"under {shown[0]}", *middle, f"{shown[-1]} and over"]


def _bin(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, _TITLE)
    if not is_number(frame[name]):
        raise StepError(f"{name!r} holds no numbers.", where=_TITLE, remedy="Parse its numbers in a step before.")
    edges = _edges(frame[name], params, name)
    if not edges:
        raise StepError(f"{name!r} has too few different values.", where=_TITLE, remedy="Type the edges instead.")
    cells = frame[name].to_numpy(np.float64)
    places = np.searchsorted(np.array(edges), cells, side="right")
    missing = np.isnan(cells)
    if params.get("label", NAMES[0]) == "numbers":
        numbers = np.where(missing, np.nan, places + 1.0)
        binned = pd.Series(numbers if missing.any() else numbers.astype(np.int64), index=frame.index)
    else:
        labels = np.array(_labels(edges), dtype=object)[places]
        binned = pd.Series(labels, index=frame.index, dtype="str").mask(missing)
    if not as_text(params.get("name")):
        return replaced(frame, {name: binned})
    return with_columns(frame, {new_name(params.get("name"), frame, _TITLE): binned}, name, [])


def _code(params: Params) -> str:
    name, way = str(params.get("column", "")), str(params.get("way", WAYS[0]))
    count = as_number(params.get("count", 4))
    lines = [f"cells = df[{name!r}].to_numpy('float64')", "filled = cells[~np.isnan(cells)]"]
    if isinstance(params.get("inner"), list) or way == "edges":
        lines.append(f"edges = {_edges(pd.Series(dtype='float64'), params, name)!r}")
    elif way == "equal width":
        lines.append(f"edges = np.linspace(filled.min(), filled.max(), {count} + 1)[1:-1].tolist()")
    else:
        lines.append(f"edges = np.unique(np.quantile(filled, np.arange(1, {count}) / {count}))")
        lines.append("edges = edges[edges > filled.min()].tolist()")
    lines.append("places = np.searchsorted(edges, cells, side='right')")
    if params.get("label", NAMES[0]) == "numbers":
        lines.append("numbers = np.where(np.isnan(cells), np.nan, places + 1.0)")
        lines.append("kind = 'float64' if np.isnan(cells).any() else 'int64'")
        lines.append("binned = pd.Series(numbers, index=df.index).astype(kind)")
    else:
        lines.append("shown = [f'{edge:.6g}' for edge in edges]")
        lines.append("if len(set(shown)) < len(shown):")
        lines.append("    shown = [repr(edge) for edge in edges]")
        lines.append("middle = [f'{low} – {high}' for low, high in zip(shown, shown[1:])]")
        lines.append("labels = np.array([f'under {shown[0]}', *middle, f'{shown[-1]} and over'], dtype=object)")
        lines.append("binned = pd.Series(labels[places], index=df.index, dtype='str').mask(np.isnan(cells))")
    new = " ".join(as_text(params.get("name")).split())
    if new:
        lines.append(f"df.insert(df.columns.get_loc({name!r}) + 1, {new!r}, binned)")
    else:
        lines.append(f"df[{name!r}] = binned")
    return "\n".join(lines)


def _pin(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    name = str(params.get("column", ""))
    return {**params, "inner": list(_edges(frame[name], params, name))}


MAKE_RANGES = StepKind(
    "make_ranges",
    _TITLE,
    "Makes ranges of numbers: of equal width, of equally many rows, or between edges that you type.",
    (
        Field("column", "column", "Column", "", required=True),
        Field(
            "way",
            "choice",
            "Ranges of",
            WAYS[0],
            choices=WAYS,
            help="Equal width and equal counts look at the whole column, test rows included.",
        ),
        Field("count", "int", "How many", 4, minimum=2, maximum=_MOST, help="Not for edges."),
        Field("edges", "text", "Edges", "", help="Only for edges: 18, 65 makes three ranges."),
        Field("label", "choice", "Write them as", NAMES[0], choices=NAMES),
        Field("name", "text", "New name", "", help="Empty: in the place of the column."),
    ),
    lambda params: f"Make ranges of {params.get('column') or '…'}",
    _bin,
    _code,
    lambda params, names: [] if as_text(params.get("name")) else [str(params.get("column", ""))],
    pin=_pin,
)
