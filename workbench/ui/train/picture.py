"""What one plot of the curves shows: which lines, how bold, their labels and read-outs. Decided anew when something
else is to be shown; while only batches come, the picture before goes on at its end. UI thread only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtGui import QColor

from workbench.core.history import Columns
from workbench.ui import readable, theme
from workbench.ui.train import curves, growth, scales
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
    since: float = math.inf
    """The time up to which it is the picture before, point for point."""
    fits: bool = True
    """Whether what is to be seen lies within the values shown."""


@dataclass(frozen=True, eq=False)
class _Growing:
    """What goes on with every batch: strokes number `raw` and, where smoothed, the next; `read` and `label` by their
    places in the picture, label -1 for none. thin: few enough rows to be drawn a little stronger."""

    columns: Columns
    cuts: int
    line: Line
    drawn: growth.Drawn
    raw: int
    read: int
    label: int
    thin: bool


class Pictures:
    """Makes the pictures of one plot, frame by frame."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[tuple[object, ...], Points]] = {}
        self._growing: _Growing | None = None
        self._batched = False
        self._wanted = Wanted(0.0, 0.0, 0)
        self._picture = Picture()

    def make(self, name: str, run: RunCurves, ghosts: Sequence[tuple[RunCurves, QColor]], wanted: Wanted) -> Picture:
        """The curves of one quantity. ghosts: earlier runs with their colours, drawn faintly behind."""
        self._strokes: list[Stroke] = []
        self._labels: list[EndLabel] = []
        self._read: list[tuple[str, QColor, Lookup]] = []
        self._ranged: list[tuple[str, np.ndarray]] = []
        self._growing, self._wanted = None, wanted
        for number, (ghost, color) in enumerate(ghosts):
            self._ghost(number, ghost, color, name, wanted)
        lines = curves.lines_of(run, name)
        self._batched = any(line.grain == "batch" for line in lines)
        epochs = any(line.grain == "epoch" for line in lines)
        for line in lines:
            if line.grain == "epoch":
                self._epochs(run, line, wanted)
            else:
                self._batches(run, line, wanted, labelled=not epochs)
        span = scales.value_range(self._ranged)
        self._picture = Picture(tuple(self._strokes), tuple(self._labels), tuple(self._read), span)
        return self._picture

    def go_on(self, run: RunCurves, span: tuple[float, float]) -> Picture | None:
        """The picture before with the batches that have come since; None where more of it is to be another.

        The same must be wanted as then. span: the values that are shown; what is drawn below them, or a smoothed line
        beyond them, asks for others: then it does not fit.
        """
        held, wanted = self._growing, self._wanted
        if held is None and not self._batched:
            return self._picture
        if held is None or held.columns is not run.batches or held.cuts != run.batches.cuts:
            return None
        line = replace(held.line, y=run.batches[held.line.name], clock=run.clock)
        if (len(line) <= curves.POINTS) != held.thin:
            return None
        view = (wanted.low, wanted.high, 2 * wanted.columns, wanted.smoothing)
        drawn = growth.gone_on(held.drawn, line, *view)
        if drawn is None:
            return None
        self._growing = replace(held, drawn=drawn)
        old, (stay, kept) = self._picture, drawn.kept
        strokes, reads, labels = list(old.strokes), list(old.read), list(old.labels)
        fresh = logged(drawn.raw[1][stay:], wanted.log)
        strokes[held.raw] = _longer(strokes[held.raw], drawn.raw, stay, fresh)
        since = _before(drawn.raw[0], stay)
        fits = not np.fmin.reduce(fresh, initial=math.inf) < span[0]
        text, color, _ = reads[held.read]
        if wanted.smoothing > 0:
            trend = drawn.trend if drawn.weight > 0 else drawn.raw
            stay = max(0, kept - drawn.skip) if drawn.weight > 0 else stay
            fresh = logged(trend[1][stay:], wanted.log)
            strokes[held.raw + 1] = _longer(strokes[held.raw + 1], trend, stay, fresh)
            since = min(since, _before(trend[0], stay))
            good = fresh[np.isfinite(fresh)]
            fits = fits and (not len(good) or (span[0] <= good.min() and good.max() <= span[1]))
            reads[held.read] = (text, color, functools.partial(curves.between, trend))
            end = _last(trend[1])
        else:
            reads[held.read] = (text, color, line.value_at)
            end = line.end_before(wanted.high)
        place = logged_value(end, wanted.log)
        if held.label >= 0 and place is not None:
            labels[held.label] = replace(labels[held.label], value=readable.figure(end, line.name), y=place)
        self._picture = Picture(tuple(strokes), tuple(labels), tuple(reads), old.span, since, fits)
        return self._picture

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
        thin = len(line) <= curves.POINTS
        drawn = growth.drawn(line, wanted.low, wanted.high, 2 * wanted.columns, wanted.smoothing)
        places = (len(self._strokes), len(self._read), len(self._labels) if labelled else -1)
        x, raw = drawn.raw
        y = logged(raw, wanted.log)
        self._ranged.append(("batch", y))
        if wanted.smoothing <= 0:
            self._strokes.append(Stroke(x, y, tinted(color, 0.6), 1))
            self._read.append(("each batch", color, line.value_at))
            end = line.end_before(wanted.high)
        else:
            faint = 0.14 if many or not thin else 0.22
            self._strokes.append(Stroke(x, y, tinted(color, faint), 1))
            trend = drawn.trend if drawn.weight > 0 else drawn.raw
            smooth = logged(trend[1], wanted.log)
            self._strokes.append(Stroke(trend[0], smooth, tinted(color, 0.45 if many else 0.85), 1))
            self._ranged.append(("batch", smooth))
            self._read.append(("each batch", color, functools.partial(curves.between, trend)))
            end = _last(trend[1])
        if labelled:
            self._label("train", line.name, color, end, wanted.log)
        if not labelled or len(self._labels) > places[2]:
            self._growing = _Growing(run.batches, run.batches.cuts, line, drawn, *places, thin)

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


def _longer(stroke: Stroke, points: Points, stay: int, fresh: np.ndarray) -> Stroke:
    """The stroke with what is new behind the points that stay."""
    return replace(stroke, x=points[0], y=np.concatenate([stroke.y[:stay], fresh]))


def _before(x: np.ndarray, stay: int) -> float:
    """The time of the last point that stays: the line from there on is new."""
    return float(x[stay - 1]) if stay else -math.inf


def _last(y: np.ndarray) -> float | None:
    """The last finite value of a drawn line."""
    good = np.flatnonzero(np.isfinite(y))
    return float(y[good[-1]]) if len(good) else None
