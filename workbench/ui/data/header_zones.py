"""Where a column's header answers to a click, and what a click on a bar or on the gaps shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF

from workbench.ui.data import row_order

ARROW = 18
BARS = 8  # of the commonest values, when there is no histogram
NAME_LINE, SHAPE_LINE, GAPS_LINE = (6, 18), (28, 22), (53, 16)  # top and height of the three lines


@dataclass(frozen=True)
class Zone:
    """A part of a header that answers to a click: part is "sort", "bar" or "gaps"; bar: which one."""

    logical: int
    part: str
    bar: int = -1


def bars_of(column: Any) -> int:
    """How many bars the header draws for a ColumnProfile."""
    if column.histogram is not None:
        return len(column.histogram[0])
    return min(BARS, len(column.top)) if column.type in ("category", "boolean") else 0


def bar_rect(area: QRectF, column: Any, bar: int) -> QRectF:
    """The place of one bar, as high as the area."""
    n = bars_of(column)
    width = area.width() if column.histogram is not None else min(area.width(), 22.0 * n)
    return QRectF(area.x() + bar * width / n, area.y(), width / n, area.height())


def filter_of(zone: Zone, column: Any) -> tuple[row_order.Filter, int]:
    """What a click on a bar or on the gaps shows, and how many rows that are."""
    if zone.part == "gaps":
        return row_order.missing(column.name), column.missing
    if column.histogram is not None:
        counts, edges = column.histogram
        return row_order.of_bar(column.name, edges, zone.bar), counts[zone.bar]
    value, count = column.top[zone.bar]
    return row_order.of_value(column.name, value), count
