"""Drawing series: lines reduced to what the pixels can show, one colour a channel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workbench.ui import theme

MOST_CHANNELS = 12  # drawn; more lines are one blot
LOOKED_AT = 20_000  # steps of a small plot that are looked at: longer series are thinned out first

Floats = np.ndarray[Any, Any]


def reduced(column: Floats, pixels: int) -> tuple[Floats, Floats]:
    """(places, values) of least and largest value within each of about `pixels` stretches; short ones as they are."""
    count = len(column)
    if count <= 2 * pixels:
        places = np.arange(count)
        return places, column
    edges = np.linspace(0, count, pixels + 1).astype(np.int64)[:-1]
    low, high = np.fmin.reduceat(column, edges), np.fmax.reduceat(column, edges)
    middle = edges + 0.5 * count / pixels
    places = np.repeat(middle, 2)
    values = np.empty(2 * len(edges))
    rising = np.arange(len(edges)) % 2 == 0  # up and down by turns, so that the line does not jump back
    values[0::2], values[1::2] = np.where(rising, low, high), np.where(rising, high, low)
    return places, values


def span(values: Floats) -> tuple[float, float]:
    """Least and largest value, apart from each other even when all are equal or missing."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def paint_lines(
    painter: QPainter,
    area: QRectF,
    values: Floats,
    limits: tuple[float, float],
    colors: Sequence[QColor],
    width: float = 1.0,
) -> None:
    """values: (steps, channels) from left to right over `area`; a missing value breaks its line."""
    steps = len(values)
    if not steps or area.width() < 2:
        return
    low, high = limits
    scale = area.height() / (high - low)
    across = area.width() / max(1, steps - 1)
    for i in range(min(values.shape[1], MOST_CHANNELS)):
        places, column = reduced(values[:, i], max(1, int(area.width())))
        painter.setPen(QPen(colors[i % len(colors)], width))
        x = area.x() + places * across
        y = area.bottom() - (column - low) * scale
        known = np.isfinite(y)
        for start, stop in _runs(known):
            if stop - start == 1:
                painter.drawPoint(QPointF(float(x[start]), float(y[start])))
                continue
            points = [QPointF(float(a), float(b)) for a, b in zip(x[start:stop], y[start:stop], strict=True)]
            painter.drawPolyline(QPolygonF(points))


def _runs(known: Floats) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def thinned(values: Floats) -> Floats:
    """Every so many steps of a long series, for a plot of a few pixels."""
    return values[:: max(1, len(values) // LOOKED_AT)]


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers between the two."""
    raw = (high - low) / max(1, most)
    if not raw > 0 or not math.isfinite(raw):
        return [low]
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw)
    first = math.ceil(low / step)
    return [i * step for i in range(first, math.floor(high / step) + 1)]


def colors(count: int) -> list[QColor]:
    """One a channel."""
    return [theme.class_color(i) for i in range(max(1, count))]
