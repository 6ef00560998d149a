"""The way of a wire: a plain curve where nothing stands between its ends, else straight down a lane beside the blocks.

In a lane a wire bends only in the gaps behind its source and before its target, as the layout thinks of it; so wires
that the layout keeps apart do not cross on the canvas.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from workbench.core.layout import NODE_HEIGHT

LANE = 18.0  # distance of a lane from the blocks it passes
SIDE = 6.0  # a lane is taken where no block is nearer than this
TURN = 44.0  # height in which a wire gets from its end to its lane
SHORT = NODE_HEIGHT + 24.0  # between nearer ends there is no room for a block
_TRIES = 24
_CROWD = 300  # blocks between the ends; past more a wire is drawn straight over them

Boxes = Callable[[QRectF], Iterable[QRectF]]
"""The blocks within a rectangle, those at the ends of the wire left out."""


def band(start: QPointF, end: QPointF) -> QRectF:
    """Where a block would lie in the way of a plain curve."""
    low, high = sorted((start.x(), end.x()))
    return QRectF(low - SIDE, start.y() + 8, high - low + 2 * SIDE, end.y() - start.y() - 16)


def lane_of(start: QPointF, end: QPointF, boxes: Boxes, *, late: bool) -> float | None:
    """The x at which a wire passes what stands between its ends; None where nothing does.

    Of all free lanes that with the shortest way; of those alike below the source where `late` (it turns late, at its
    target), else above the target.
    """
    if end.y() - start.y() < SHORT:
        return None
    if not 0 < sum(1 for _ in boxes(band(start, end))) <= _CROWD:
        return None
    liked = start.x() if late else end.x()

    def rated(x: float) -> tuple[float, float, float]:
        return abs(x - start.x()) + abs(x - end.x()), abs(x - liked), x

    tried: set[float] = set()
    waiting = [rated(start.x()), rated(end.x())]
    heapq.heapify(waiting)
    x = start.x()
    for _ in range(_TRIES):
        if not waiting:
            break
        x = heapq.heappop(waiting)[2]
        if x in tried:
            continue
        tried.add(x)
        inside = list(boxes(QRectF(x - SIDE, start.y() + 8, 2 * SIDE, end.y() - start.y() - 16)))
        if not inside:
            return x
        away = LANE + 4.0 * min(8, len(inside) - 1)
        for box in inside:
            for edge in (box.left() - LANE, box.right() + LANE):
                heapq.heappush(waiting, rated(edge))
        heapq.heappush(waiting, rated(min(box.left() for box in inside) - away))
        heapq.heappush(waiting, rated(max(box.right() for box in inside) + away))
    return x


def curve(start: QPointF, end: QPointF, lane: float | None = None) -> QPainterPath:
    """The line from an output port to an input port, down a lane where there is one."""
    path = QPainterPath(start)
    if lane is not None:
        top, bottom = start.y() + TURN, end.y() - TURN
        if abs(lane - start.x()) > 0.5:
            path.cubicTo(QPointF(start.x(), start.y() + 28), QPointF(lane, start.y() + 10), QPointF(lane, top))
        path.lineTo(QPointF(lane, bottom))
        if abs(lane - end.x()) > 0.5:
            path.cubicTo(QPointF(lane, end.y() - 10), QPointF(end.x(), end.y() - 28), end)
        else:
            path.lineTo(end)
        return path
    down = end.y() - start.y()
    bend = max(20.0, down / 2) if down > 0 else min(160.0, 60.0 - down / 3)
    path.cubicTo(start + QPointF(0, bend), end - QPointF(0, bend), end)
    return path


def distance(path: QPainterPath, point: QPointF) -> float:
    """Pixels from a point to the nearest of a line."""
    nearest = float("inf")
    for polygon in path.toSubpathPolygons(QTransform()):
        for a, b in pairwise(polygon.toList()):
            along = b - a
            length = QPointF.dotProduct(along, along)
            share = max(0.0, min(1.0, QPointF.dotProduct(point - a, along) / length)) if length else 0.0
            away = point - (a + along * share)
            nearest = min(nearest, math.hypot(away.x(), away.y()))
    return nearest
