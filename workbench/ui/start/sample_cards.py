"""The samples as the start page offers them, known without loading any data.

core.data.samples is the truth about them (tests compare); it needs pandas and so is not imported before the window
shows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from .. import theme

Draw = Callable[[QPainter, QRectF], None]


@dataclass(frozen=True)
class Card:
    """name: as core.data.samples has it. task: in the person's words. seconds: training time of the proposed model."""

    name: str
    title: str
    blurb: str
    task: str
    seconds: int
    draw: Draw


def _ink(name: str, alpha: float = 1.0) -> QColor:
    made = theme.color(name)
    made.setAlphaF(alpha)
    return made


def _dots(painter: QPainter, points: list[tuple[float, float, int]], area: QRectF, radius: float = 2.2) -> None:
    """Points in the unit square (y upwards) in the colours of their classes."""
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y, label in points:
        painter.setBrush(theme.class_color(label))
        painter.drawEllipse(QPointF(area.left() + x * area.width(), area.bottom() - y * area.height()), radius, radius)


def _clip(value: float) -> float:
    return min(0.97, max(0.03, value))


def _line(painter: QPainter, area: QRectF) -> None:
    painter.setPen(QPen(_ink("edge"), 1))
    painter.drawLine(QPointF(area.left(), area.bottom()), QPointF(area.right(), area.bottom()))
    painter.drawLine(QPointF(area.left(), area.top()), QPointF(area.left(), area.bottom()))
    painter.setPen(QPen(_ink("accent"), 2))
    painter.drawLine(QPointF(area.left() + 6, area.bottom() - 6), QPointF(area.right() - 6, area.top() + 6))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_ink("text"))
    for i in range(6):
        share = (i + 0.5) / 6
        x = area.left() + 6 + share * (area.width() - 12)
        y = area.bottom() - 6 - share * (area.height() - 12)
        painter.drawEllipse(QPointF(x, y), 2.8, 2.8)


DIGITS = (
    "00111100 01100110 00000110 00011100 00000110 01100110 00111100",
    "00011000 00111000 01111000 00011000 00011000 00011000 01111110",
    "00111100 01100110 00000110 00001100 00110000 01100000 01111110",
)


def _digits(painter: QPainter, area: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    cell = min(area.width() / 29, area.height() / 8)
    left = area.center().x() - 14 * cell
    top = area.center().y() - 3.5 * cell
    for number, digit in enumerate(DIGITS):
        painter.setBrush(_ink("grid"))
        painter.drawRect(QRectF(left + number * 9.6 * cell, top - cell * 0.5, 8.6 * cell, 8 * cell))
        for y, row in enumerate(digit.split()):
            for x, bit in enumerate(row):
                if bit == "1":
                    painter.setBrush(_ink("text", 0.9 if (x + y) % 3 else 0.65))
                    painter.drawRect(
                        QRectF(left + (number * 9.6 + x + 0.3) * cell, top + y * cell, cell + 0.4, cell + 0.4)
                    )


def _petals(painter: QPainter, area: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for number, (x, size, petals) in enumerate(((0.2, 0.62, 5), (0.5, 0.8, 6), (0.8, 0.96, 6))):
        center = QPointF(area.left() + x * area.width(), area.center().y())
        radius = size * area.height() / 2
        tint = theme.class_color(number)
        for k in range(petals):
            painter.save()
            painter.translate(center)
            painter.rotate(360 / petals * k)
            tint.setAlphaF(0.75)
            painter.setBrush(tint)
            painter.drawEllipse(QRectF(-radius * 0.2, -radius, radius * 0.4, radius * 0.8))
            painter.restore()
        painter.setBrush(_ink("surface"))
        painter.drawEllipse(center, radius * 0.16, radius * 0.16)


def _glasses(painter: QPainter, area: QRectF) -> None:
    for number, fill in enumerate((0.45, 0.7, 0.58)):
        x = area.left() + (0.2 + 0.3 * number) * area.width()
        wide, top, mid, low = 13.0, area.top() + 2, area.center().y() + 5, area.bottom() - 2
        bowl = QPolygonF([QPointF(x - wide, top), QPointF(x + wide, top), QPointF(x + 5, mid), QPointF(x - 5, mid)])
        level = mid - fill * (mid - top)
        half = 5 + (wide - 5) * fill
        wine = QPolygonF([QPointF(x - half, level), QPointF(x + half, level), QPointF(x + 5, mid), QPointF(x - 5, mid)])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.class_color((2, 1, 4)[number]))
        painter.drawPolygon(wine)
        painter.setPen(QPen(_ink("muted"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(bowl)
        painter.drawLine(QPointF(x, mid), QPointF(x, low))
        painter.drawLine(QPointF(x - 8, low), QPointF(x + 8, low))


def _cells(painter: QPainter, area: QRectF) -> None:
    rng = random.Random(4)
    for k in range(34):
        sick = k % 3 == 0
        x = area.left() + rng.uniform(0.05, 0.95) * area.width()
        y = area.top() + rng.uniform(0.1, 0.9) * area.height()
        size = rng.uniform(5, 8) if sick else rng.uniform(3, 4.5)
        tint = theme.class_color(2 if sick else 0)
        painter.setPen(QPen(tint, 1.2))
        soft = QColor(tint)
        soft.setAlphaF(0.25)
        painter.setBrush(soft)
        painter.drawEllipse(QPointF(x, y), size, size * rng.uniform(0.75, 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawEllipse(QPointF(x, y), size * 0.3, size * 0.3)


def _year(painter: QPainter, area: QRectF) -> None:
    rng = random.Random(2)
    points = []
    for k in range(40):
        x = (k + 0.5) / 40
        points.append((x, _clip(0.2 + 0.55 * x + rng.gauss(0, 0.13)), 0))
    _dots(painter, points, area, 2.0)
    painter.setPen(QPen(_ink("accent"), 2))
    painter.drawLine(
        QPointF(area.left(), area.bottom() - 0.2 * area.height()),
        QPointF(area.right(), area.bottom() - 0.75 * area.height()),
    )


def _clouds(painter: QPainter, area: QRectF) -> None:
    rng = random.Random(1)
    points = [(_clip(rng.gauss(0.32, 0.1)), _clip(rng.gauss(0.35, 0.13)), 0) for _ in range(45)]
    points += [(_clip(rng.gauss(0.68, 0.1)), _clip(rng.gauss(0.65, 0.13)), 1) for _ in range(45)]
    _dots(painter, points, area)


def _ring(painter: QPainter, area: QRectF) -> None:
    rng = random.Random(3)
    points = []
    for k in range(100):
        angle = rng.uniform(0, 2 * math.pi)
        radius = math.sqrt(rng.random()) * 0.2 if k % 2 else rng.uniform(0.34, 0.47)
        points.append((0.5 + radius * math.cos(angle) * 0.62, 0.5 + radius * math.sin(angle), k % 2))
    _dots(painter, points, area)


def _quarters(painter: QPainter, area: QRectF) -> None:
    rng = random.Random(5)
    points = []
    for _ in range(100):
        x, y = rng.uniform(-1, 1), rng.uniform(-1, 1)
        x, y = x + math.copysign(0.08, x), y + math.copysign(0.08, y)
        points.append((0.5 + 0.27 * x, 0.5 + 0.44 * y, int(x * y < 0)))
    _dots(painter, points, area)


def _arms(painter: QPainter, area: QRectF) -> None:
    points = []
    for k in range(45):
        turn = 0.25 + 1.55 * k / 44
        for arm in (0, 1):
            angle = turn * 2 * math.pi + arm * math.pi
            points.append((0.5 + 0.16 * turn * math.cos(angle), 0.5 + 0.26 * turn * math.sin(angle), arm))
    _dots(painter, points, area, 2.0)


CARDS: tuple[Card, ...] = (
    Card("digits", "Handwritten digits", "1,797 small pictures, ten classes.", "Pictures", 5, _digits),
    Card("line", "y = 2x - 1", "Six pairs of numbers. One neuron finds the rule.", "A number", 1, _line),
    Card("iris", "Iris flowers", "150 flowers, four measures, three species.", "A class", 3, _petals),
    Card("wine", "Wines", "178 wines of three growers, 13 measures.", "A class", 2, _glasses),
    Card("breast_cancer", "Breast cancer", "569 tumours, 30 measures, two kinds.", "A class", 3, _cells),
    Card("diabetes", "Diabetes", "442 patients; how far it advances in a year.", "A number", 2, _year),
    Card("gauss", "Two clouds", "Points in the plane. A line parts them.", "A class", 3, _clouds),
    Card("circle", "Circle", "A disc within a ring. No line parts them.", "A class", 3, _ring),
    Card("xor", "Checkerboard", "Opposite quarters share a class.", "A class", 3, _quarters),
    Card("spiral", "Two spirals", "The hard one: two arms wound together.", "A class", 3, _arms),
)
