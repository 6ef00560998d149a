"""What one plot of the curves shows: which lines, how bold, their labels and read-outs. Decided anew each frame; a line
that has not changed keeps its points, so that it need not be handed to the plot again. UI thread only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor

from workbench.ui import readable, theme
from workbench.ui.train import curves, scales
from workbench.ui.train.curves import Line, Points, RunCurves
from workbench.ui.train.plot_parts import EndLabel

MANY_EPOCHS = 15  # from here on the epochs tell the story, and the batches stand behind
POINTS_SHOWN = 60  # epochs in view up to which each has its point
Lookup = Callable[[float], tuple[float, float] | None]  # the point of a curve at a time


@dataclass(frozen=True)
class Wanted:
    """What a person wants to see. low, high: in epochs; columns: of pixels between them."""

    low: float
    high: float
    columns: int
    smoothing: float = 0.0
    log: bool = False


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line as it is drawn: x in epochs, y as the axis counts (logarithms to base 10 on a logarithmic one)."""

    x: np.ndarray
    y: np.ndarray
    color: QColor
    width: float
    points: bool = False
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """read: (name, color, what it is at a time) of each curve. span: the values to show; None when there are none."""

    strokes: tuple[Stroke, ...] = ()
    labels: tuple[EndLabel, ...] = ()
    read: tuple[tuple[str, QColor, Lookup], ...] = ()
    span: tuple[float, float] | None = None


class Pictures:
    """Makes the pictures of one plot, frame by frame."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[tuple[object, ...], Points]] = {}

    def make(self, name: str, run: RunCurves, ghosts: Sequence[tuple[RunCurves, QColor]], wanted: Wanted) -> Picture:
        """The curves of one quantity. ghosts: earlier runs with their colours, drawn faintly behind."""
        self._strokes: list[Stroke] = []
        self._labels: list[EndLabel] = []
        self._read: list[tuple[str, QColor, Lookup]] = []
        self._ranged: list[tuple[str, np.ndarray]] = []
        for number, (ghost, color) in enumerate(ghosts):
            self._ghost(number, ghost, color, name, wanted)
        lines = curves.lines_of(run, name)
        epochs = any(line.grain == "epoch" for line in lines)
        for line in lines:
            if line.grain == "epoch":
                self._epochs(run, line, wanted)
            else:
                self._batches(run, line, wanted, labelled=not epochs)
        span = scales.value_range(self._ranged, wanted.log)
        return Picture(tuple(self._strokes), tuple(self._labels), tuple(self._read), span)

    def _ghost(self, number: int, ghost: RunCurves, color: QColor, name: str, wanted: Wanted) -> None:
        lines = [line for line in curves.lines_of(ghost, name) if line.grain == "epoch"]
        if not lines:
            return
        line = lines[-1]
        x, y = self._seen(("ghost", number), ghost, line, wanted, wanted.columns)
        self._strokes.append(Stroke(x, y, tinted(color, 0.55), 1, dashed=True))
        self._ranged.append(("epoch", y))
        self._read.append((ghost.name, color, line.value_at))
        end = logged_value(line.end_before(wanted.high), wanted.log)
        if end is not None:
            self._labels.append(EndLabel(ghost.name, "", color, end, strong=False))

    def _epochs(self, run: RunCurves, line: Line, wanted: Wanted) -> None:
        color = part_color(line.part)
        # a bold line covers two columns of pixels: half the points
        x, y = self._seen((line.part,), run, line, wanted, wanted.columns // 2)
        self._strokes.append(Stroke(x, y, color, 2, points=len(x) <= POINTS_SHOWN))
        self._ranged.append(("epoch", y))
        self._read.append((line.part, color, line.value_at))
        self._label(line.part, line.name, color, line.end_before(wanted.high), wanted.log)

    def _batches(self, run: RunCurves, line: Line, wanted: Wanted, *, labelled: bool) -> None:
        """Raw and faint, and smoothed."""
        color = part_color(line.part)
        many = len(run.epochs) > MANY_EPOCHS
        x, raw = line.seen(wanted.low, wanted.high, 2 * wanted.columns)
        y = logged(raw, wanted.log)
        self._ranged.append(("batch", y))
        if wanted.smoothing <= 0:
            self._strokes.append(Stroke(x, y, tinted(color, 0.6), 1))
            self._read.append(("each batch", color, line.value_at))
            end = line.end_before(wanted.high)
        else:
            faint = 0.14 if many or len(line) > curves.POINTS else 0.22
            self._strokes.append(Stroke(x, y, tinted(color, faint), 1))
            trend = line.trend(wanted.smoothing, wanted.low, wanted.high)
            smooth = logged(trend[1], wanted.log)
            self._strokes.append(Stroke(trend[0], smooth, tinted(color, 0.45 if many else 0.85), 1))
            self._ranged.append(("batch", smooth))
            self._read.append(("each batch", color, functools.partial(curves.between, trend)))
            end = _last(trend[1])
        if labelled:
            self._label("train", line.name, color, end, wanted.log)

    def _label(self, text: str, name: str, color: QColor, value: float | None, log: bool) -> None:
        place = logged_value(value, log)
        if place is not None:
            self._labels.append(EndLabel(text, readable.figure(value, name), color, place))

    def _seen(self, key: tuple[object, ...], run: RunCurves, line: Line, wanted: Wanted, columns: int) -> Points:
        """As much of a line as can be seen: the very same arrays while they would be equal."""
        asked = (run.name, line.name, len(line), wanted.low, wanted.high, columns, wanted.log)
        held = self._kept.get(key)
        if held is None or held[0] != asked:
            x, y = line.seen(wanted.low, wanted.high, 2 * columns)
            held = self._kept[key] = (asked, (x, logged(y, wanted.log)))
        return held[1]


def part_color(part: str) -> QColor:
    """ "train" or "validation"."""
    return theme.color("accent" if part == "train" else "negative")


def tinted(color: QColor, alpha: float) -> QColor:
    """The colour, more or less transparent."""
    made = QColor(color)
    made.setAlphaF(alpha)
    return made


def logged(y: np.ndarray, log: bool) -> np.ndarray:
    """Logarithms to base 10 where there are some, holes elsewhere."""
    if not log:
        return y
    out = np.full(len(y), np.nan)
    above = np.asarray(y) > 0
    out[above] = np.log10(y[above])
    return out


def logged_value(value: float | None, log: bool) -> float | None:
    """The same of one value; None where there is none."""
    if value is None or not log:
        return value
    return math.log10(value) if value > 0 else None


def _last(y: np.ndarray) -> float | None:
    """The last finite value of a drawn line."""
    good = np.flatnonzero(np.isfinite(y))
    return float(y[good[-1]]) if len(good) else None
