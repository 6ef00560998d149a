"""A closer look at one column: cells that do not fit its type, outliers, what it has to do with the target. No Qt.

`look_closer` is called on a job's thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.core.errors import Cancelled
from workbench.ui.data.row_order import Filter

MOST_VALUES = 20_000
MOST_CLASSES = 200
SHOWN_MISFITS = 8
SAMPLE = 200_000
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([ T].*)?")
FENCE = 3.0
"""So many interquartile ranges beyond the quartiles a number is far out (Tukey, Exploratory Data Analysis, 1977)."""


@dataclass(frozen=True)
class Detail:
    """kind: "number" or "date", what most cells are and the others are not; "" when there is nothing to compare.

    fits, filled: cells that are of that kind, and cells that are filled. misfits: values that are not, with their
    counts, the commonest first. more_misfits: further such values. low, high: (fence, rows beyond it), None without
    outliers on that side. target: what `link` is with. link: 0 (nothing) to 1 (one follows from the other); None when
    it cannot be told. measure: the name of the figure. sign: of a correlation of numbers, -1 or 1; 0 otherwise.
    """

    column: str
    kind: str = ""
    fits: int = 0
    filled: int = 0
    misfits: tuple[tuple[str, int], ...] = ()
    more_misfits: int = 0
    low: tuple[float, int] | None = None
    high: tuple[float, int] | None = None
    target: str = ""
    link: float | None = None
    measure: str = ""
    sign: int = 0

    def beyond(self) -> tuple[Filter, ...]:
        """The outliers of each side, to be shown."""
        found = []
        for side, operator, word in ((self.low, "<", "below"), (self.high, ">", "above")):
            if side is not None:
                found.append(Filter(self.column, f"{self.column} {word} {side[0]:.6g}", ((operator, side[0]),)))
        return tuple(found)


def look_closer(frame: Any, name: str, target: str, cancelled: Callable[[], bool]) -> Detail:
    """The detail of a column. target: the column to predict, "" when none is chosen."""
    from workbench.core.data.step_kind import is_date, is_number

    cells = frame[name]
    made: dict[str, Any] = {"column": name}
    if is_number(cells):
        made |= _outliers(cells.to_numpy(dtype=np.float64, na_value=np.nan))
        made |= {"kind": "number", "fits": int(cells.notna().sum()), "filled": int(cells.notna().sum())}
    elif not is_date(cells):
        made |= _misfits(cells)
    if cancelled():
        raise Cancelled
    if target and target != name and target in frame.columns:
        made |= {"target": target, **_link(cells, frame[target])}
    return Detail(**made)


def _outliers(cells: np.ndarray) -> dict[str, Any]:
    cells = cells[np.isfinite(cells)]
    if len(cells) < 8:
        return {}
    first, third = np.percentile(cells, (25, 75))
    reach = FENCE * (third - first)
    if reach <= 0:  # more than half of the cells are one value: every other would be far out
        return {}
    low, high = float(first - reach), float(third + reach)
    below, above = int((cells < low).sum()), int((cells > high).sum())
    return {"low": (low, below) if below else None, "high": (high, above) if above else None}


def _misfits(cells: Any) -> dict[str, Any]:
    """Text that is mostly numbers or mostly dates, and what in it is neither."""
    from workbench.core.data.text_numbers import decimal_mark, number_in

    counts = cells.astype("str").value_counts()
    filled = int(counts.sum())
    words = [str(word) for word in counts.index[:MOST_VALUES]]
    mark = decimal_mark(words[:2000])
    rows = counts.to_numpy()[:MOST_VALUES]
    for kind, good in (
        ("number", [bool(np.isfinite(number_in(word, mark))) for word in words]),
        ("date", [_DATE.fullmatch(word.strip()) is not None for word in words]),
    ):
        fits = int(rows[np.array(good, bool)].sum()) if words else 0
        if 2 * fits > filled:
            odd = [(word, int(n)) for word, n, ok in zip(words, rows, good, strict=True) if not ok]
            return {
                "kind": kind,
                "fits": fits,
                "filled": filled,
                "misfits": tuple(odd[:SHOWN_MISFITS]),
                "more_misfits": max(0, len(odd) - SHOWN_MISFITS),
            }
    return {}


def _link(cells: Any, target: Any) -> dict[str, Any]:
    """How much two columns have to do with each other, over the rows that have both."""
    both = np.flatnonzero((cells.notna() & target.notna()).to_numpy())
    if len(both) < 3:
        return {}
    if len(both) > SAMPLE:
        both = np.sort(np.random.default_rng(0).choice(both, SAMPLE, replace=False))
    one, other = cells.iloc[both], target.iloc[both]
    a, b = _numbers(one), _numbers(other)
    if a is not None and b is not None:
        if a.std() == 0 or b.std() == 0:
            return {}
        r = float(np.corrcoef(a, b)[0, 1])
        return {"link": abs(r), "measure": "correlation (Pearson)", "sign": 1 if r >= 0 else -1}
    if a is not None or b is not None:
        numbers, words = (a, other) if a is not None else (b, one)
        return _ratio(numbers, words)
    return _cramer(one, other)


def _numbers(cells: Any) -> np.ndarray | None:
    from workbench.core.data.step_kind import is_number

    if not is_number(cells):
        return None
    numbers = cells.to_numpy(dtype=np.float64)
    return numbers if np.isfinite(numbers).all() else None


def _codes(cells: Any) -> tuple[np.ndarray, int] | None:
    import pandas as pd

    codes, values = pd.factorize(cells.astype("str"))
    return (codes, len(values)) if 2 <= len(values) <= MOST_CLASSES and len(values) < len(cells) / 2 else None


def _ratio(numbers: np.ndarray | None, words: Any) -> dict[str, Any]:
    """The correlation ratio eta: the share of the spread that lies between the classes, its root."""
    coded = _codes(words)
    if numbers is None or coded is None or numbers.std() == 0:
        return {}
    codes, n = coded
    sizes = np.bincount(codes, minlength=n)
    means = np.bincount(codes, numbers, minlength=n) / np.maximum(1, sizes)
    between = float((sizes * (means - numbers.mean()) ** 2).sum())
    return {"link": float(np.sqrt(between / (len(numbers) * numbers.var()))), "measure": "correlation ratio"}


def _cramer(one: Any, other: Any) -> dict[str, Any]:
    """Cramér's V, corrected for its bias (Bergsma, 2013)."""
    a, b = _codes(one), _codes(other)
    if a is None or b is None:
        return {}
    n = len(a[0])
    table = np.bincount(a[0] * b[1] + b[0], minlength=a[1] * b[1]).reshape(a[1], b[1]).astype(float)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    bias = (a[1] - 1) * (b[1] - 1) / (n - 1)
    width = min(a[1] - (a[1] - 1) ** 2 / (n - 1), b[1] - (b[1] - 1) ** 2 / (n - 1)) - 1
    return {"link": float(np.sqrt(max(0.0, phi - bias) / max(1e-9, width))), "measure": "Cramér's V"}
