"""What one plot of the curves shows: which lines, how bold, their labels and read-outs. Decided anew when something
else is to be shown; while only rows come, the picture before goes on at its end. UI thread only."""

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
FEW = 200  # points of a bold line up to which Qt strokes it quickly
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

    @property
    def bold(self) -> bool:
        """Qt strokes lines of more than a pixel twenty times slower than hairlines (12 ms for 1,200 points): a bold one
        of many points is three hairlines around its place."""
        return self.width > 1 and len(self.x) > FEW


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
        self._by_epoch: list[tuple[str, int, int, int]] = []  # part, and places of its stroke, read-out and label
        self._batched = False
        self._name, self._many, self._done = "", False, 0
        self._wanted = Wanted(0.0, 0.0, 0)
        self._picture = Picture()

    def make(self, name: str, run: RunCurves, ghosts: Sequence[tuple[RunCurves, QColor]], wanted: Wanted) -> Picture:
        """The curves of one quantity. ghosts: earlier runs with their colours, drawn faintly behind."""
        self._strokes: list[Stroke] = []
        self._labels: list[EndLabel] = []
        self._read: list[tuple[str, QColor, Lookup]] = []
        self._ranged: list[tuple[str, np.ndarray]] = []
        self._growing, self._wanted, self._by_epoch = None, wanted, []
        self._name, self._many, self._done = name, len(run.epochs) > MANY_EPOCHS, len(run.epochs)
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

    def go_on(self, run: RunCurves, span: tuple[float, float], *, epochs: bool = True) -> Picture | None:
        """The picture before with the rows that have come since; None where more of it is to be another.

        The same must be wanted as then. epochs: also those, and not only the batches. span: the values that are shown;
        what is drawn below them, or a smoothed line or an epoch beyond them, asks for others: then it does not fit.
        """
        if self._batched != bool(len(run.batches) and self._name in run.batches):
            return None
        old = self._picture
        self._strokes, self._labels, self._read = list(old.strokes), list(old.labels), list(old.read)
        self._since, self._fits = math.inf, True
        if epochs and self._done != len(run.epochs) and not self._epochs_go_on(run, span):
            return None
        if self._batched and not self._batches_go_on(run, span):
            return None
        strokes, labels, reads = tuple(self._strokes), tuple(self._labels), tuple(self._read)
        self._picture = Picture(strokes, labels, reads, old.span, self._since, self._fits)
        return self._picture

    def _epochs_go_on(self, run: RunCurves, span: tuple[float, float]) -> bool:
        lines = curves.lines_of(run, self._name, "epoch")
        many = len(run.epochs) > MANY_EPOCHS
        if many != self._many or [line.part for line in lines] != [part for part, *_ in self._by_epoch]:
            return False
        self._done = len(run.epochs)
        for line, (_, at, read, label) in zip(lines, self._by_epoch, strict=True):
            old, new = self._strokes[at], self._of_epochs(run, line, self._wanted)
            if (new.points, new.bold) != (old.points, old.bold):
                return False
            count = min(len(old.x), len(new.x))
            other = (old.x[:count] != new.x[:count]) | (old.y[:count] != new.y[:count])
            stay = int(other.argmax()) if other.any() else count
            self._since = min(self._since, _before(new.x, stay))
            self._fits = self._fits and _within(new.y[stay:], span)
            self._strokes[at], self._read[read] = new, (line.part, new.color, line.value_at)
            self._say(label, line.name, line.end_before(self._wanted.high))
        return True

    def _batches_go_on(self, run: RunCurves, span: tuple[float, float]) -> bool:
        held, wanted = self._growing, self._wanted
        if held is None or held.columns is not run.batches or held.cuts != run.batches.cuts:
            return False
        line = replace(held.line, y=run.batches[held.line.name], clock=run.clock)
        if (len(line) <= curves.POINTS) != held.thin:
            return False
        view = (wanted.low, wanted.high, 2 * wanted.columns, wanted.smoothing)
        drawn = growth.gone_on(held.drawn, line, *view)
        if drawn is None:
            return False
        self._growing = replace(held, drawn=drawn)
        stay, kept = drawn.kept
        fresh = logged(drawn.raw[1][stay:], wanted.log)
        self._strokes[held.raw] = _longer(self._strokes[held.raw], drawn.raw, stay, fresh)
        self._since = min(self._since, _before(drawn.raw[0], stay))
        self._fits = self._fits and not np.fmin.reduce(fresh, initial=math.inf) < span[0]
        look: Lookup
        if wanted.smoothing > 0:
            trend = drawn.trend if drawn.weight > 0 else drawn.raw
            stay = max(0, kept - drawn.skip) if drawn.weight > 0 else stay
            fresh = logged(trend[1][stay:], wanted.log)
            self._strokes[held.raw + 1] = _longer(self._strokes[held.raw + 1], trend, stay, fresh)
            self._since = min(self._since, _before(trend[0], stay))
            self._fits = self._fits and _within(fresh, span)
            look, end = functools.partial(curves.between, trend), _last(trend[1])
        else:
            look, end = line.value_at, line.end_before(wanted.high)
        text, color, _ = self._read[held.read]
        self._read[held.read] = (text, color, look)
        self._say(held.label, line.name, end)
        return True

    def _say(self, label: int, name: str, value: float | None) -> None:
        """At the end of its line; label: its place, -1 for none."""
        place = logged_value(value, self._wanted.log)
        if label >= 0 and place is not None:
            self._labels[label] = replace(self._labels[label], value=readable.figure(value, name), y=place)

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
        stroke, labels = self._of_epochs(run, line, wanted), len(self._labels)
        self._ranged.append(("epoch", stroke.y))
        self._label(line.part, line.name, stroke.color, line.end_before(wanted.high), wanted.log)
        label = labels if len(self._labels) > labels else -1
        self._by_epoch.append((line.part, len(self._strokes), len(self._read), label))
        self._strokes.append(stroke)
        self._read.append((line.part, stroke.color, line.value_at))

    def _of_epochs(self, run: RunCurves, line: Line, wanted: Wanted) -> Stroke:
        # a bold line covers two columns of pixels: half the points
        x, y = self._seen((line.part,), run, line, wanted, wanted.columns // 2)
        return Stroke(x, y, part_color(line.part), 2, points=len(x) <= POINTS_SHOWN)

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
        asked = (line.pyramid, run.epochs.cuts, len(line), wanted.low, wanted.high, columns, wanted.log)
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


def _within(y: np.ndarray, span: tuple[float, float]) -> bool:
    """Whether all that is finite lies between these values."""
    good = y[np.isfinite(y)]
    return not len(good) or bool(span[0] <= good.min() and good.max() <= span[1])


def _last(y: np.ndarray) -> float | None:
    """The last finite value of a drawn line."""
    good = np.flatnonzero(np.isfinite(y))
    return float(y[good[-1]]) if len(good) else None
