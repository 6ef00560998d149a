"""The first training rows exactly as the network gets them, each number with its name and the cell it comes from.
Worked out on a job's thread; nothing here imports Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import WorkbenchError
from workbench.core.reconstruction import rebuilds
from workbench.ui.data import figures

if TYPE_CHECKING:
    import pandas as pd

    from workbench.core.data.preprocess import Preprocessor

ROWS = 100
MOST_NUMBERS = 4_000_000
"""Of the whole preview: a wide array shows fewer rows."""


@dataclass(frozen=True)
class Span:
    """The numbers one column becomes: [start, start + width). short: a name for each within the column."""

    name: str
    start: int
    width: int
    short: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ArrayHead:
    """values: float32 (rows, numbers). rows: number of each row in the source, from 1. answers: the targets' cells,
    several of a row parted by a dot; none where the row itself is learnt. total: training rows in all."""

    values: np.ndarray
    spans: tuple[Span, ...]
    rows: tuple[int, ...]
    target: str
    answers: tuple[str, ...]
    total: int

    @property
    def width(self) -> int:
        return int(self.values.shape[1])


def array_head(frame: pd.DataFrame, preprocessor: Preprocessor, train: np.ndarray) -> ArrayHead | None:
    """None when the cells do not fit what was fitted: the page shows that error from the session itself.

    Args:
        train: positions of the training rows.
    """
    count = min(ROWS, len(train), max(5, MOST_NUMBERS // max(1, preprocessor.width)))
    head = frame.iloc[train[:count]]
    try:
        values = preprocessor.transform(head)
    except WorkbenchError:
        return None
    spans, at = [], 0
    for column in preprocessor.columns:
        if column.image is not None:  # its pixels are an array of their own
            continue
        names = column.number_names
        short = tuple(_short(column.name, name) for name in names)
        spans.append(Span(column.name, at, column.width, short, _texts(head[column.name])))
        at += column.width
    targets = () if rebuilds(preprocessor.target) else preprocessor.targets
    names = [t.name for t in targets if t.name in head.columns]
    answers = [" · ".join(cells) for cells in zip(*(_texts(head[name]) for name in names), strict=True)]
    name = " · ".join(t.name for t in targets)
    rows = tuple(int(i) + 1 if isinstance(i, (int, np.integer)) else k + 1 for k, i in enumerate(head.index))
    return ArrayHead(values, tuple(spans), rows, name, tuple(answers), len(train))


def _texts(cells: Any) -> tuple[str, ...]:
    return tuple(figures.cell(value) for value in cells.tolist())


def _short(column: str, name: str) -> str:
    """The part of a number's name that is not its column's."""
    rest = name[len(column) :] if name.startswith(column) else name
    return rest.strip().removeprefix("=").removeprefix(":").strip()
