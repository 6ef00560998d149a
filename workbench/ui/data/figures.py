"""How values and counts are written for people. Pure; no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from workbench.core.one_line import one_line, shortened

MISSING = "—"
_LONGEST = 300


def count(n: int) -> str:
    """A whole number with its thousands marked, as everywhere in the window: 1,000,000."""
    return f"{n:,}"


def figure(value: float | int | None) -> str:
    """A statistic, rounded to four figures that mean something."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if float(value).is_integer() and size < 1e12:
        return count(int(value))
    if size >= 1e7 or size < 1e-4:
        return f"{value:.3g}"
    if size >= 1000:
        return count(round(value))
    return f"{value:.4g}"


def percent(part: float, whole: float) -> str:
    """A share; small but real shares never read as 0 %, large but incomplete ones never as 100 %."""
    if whole <= 0 or part <= 0:
        return "0 %"
    share = 100 * part / whole
    if share < 1:
        return "< 1 %"
    if share > 99 and part < whole:
        return "> 99 %"
    return f"{share:.0f} %"


def shape(sizes: Sequence[int]) -> str:
    """ "28 × 28 × 1"."""
    return " × ".join(count(n) for n in sizes)


def cell(value: Any, digits: int = 10) -> str:
    """One cell in one line; long text is cut, line breaks are shown as a mark."""
    if isinstance(value, float):
        if value != value:
            return MISSING
        return f"{value:.{digits}g}"
    if value is None:
        return MISSING
    text = str(value)
    if hasattr(value, "isoformat"):
        text = text.removesuffix(" 00:00:00")
    return one_line(shortened(text, _LONGEST))
