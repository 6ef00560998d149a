"""The curves of a run: loss above, a metric below, one time axis. Redrawn at most 30 times a second. UI thread only."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.monitors import kept_epoch
from workbench.core.units import Units
from workbench.ui import readable, theme
from workbench.ui.telling import FIGURES_S, REST_MS
from workbench.ui.train import scales
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.doctor_overfitting import turned
from workbench.ui.train.frames import Frames
from workbench.ui.train.ink import Marks
from workbench.ui.train.picture import Lookup, Pictures, Wanted, logged_value
from workbench.ui.train.plot import AXIS_WIDTH, Plot, Plots
from workbench.ui.train.plot_parts import EndLabel, EndLabels
from workbench.ui.train.pointer import Pointer
from workbench.ui.train.rate_strip import RateStrip

LEAST_STEPS = 4  # that can be looked at


class CurvesView(QWidget):
    """Shows `RunCurves`; `zoomed(bool)` tells whether the person looks at a part only."""

    zoomed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self.run = RunCurves()
        self.ghosts: tuple[RunCurves, ...] = ()
        self.ghost_colors: tuple[int, ...] = ()
        self.total = 0.0
        self.smoothing = 0.8
        self.log = False
        self.unit = "epochs"
        self.chosen_metric = ""  # to be drawn below the loss; "": the first
        self.units = Units()  # of the errors of a regression
        self.outputs: Mapping[str, str] = readable.NONE  # of several, the target of each
        self._is_zoomed = False
        self._look: tuple[object, ...] = ()
        self._judged: tuple[object, ...] = ()
        self._best: int | None = None
        self._turn: int | None = None
        self._read: dict[str, tuple[tuple[str, QColor, Lookup], ...]] = {}
        self.plots = Plots(self)
        self.plots.setObjectName("curvePlots")
        self.plots.setAccessibleName("Curves of the run")
        self.plots.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plots.ci.layout.setContentsMargins(8, 8, 8, 4)
        self.plots.ci.layout.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plots)
        self.upper = Plot(self.plots, 0)
        self.lower = Plot(self.plots, 1)
        self.upper.name = "loss"
        self.lower.item.setXLink(self.upper.item)
        self._spans: dict[Plot, tuple[tuple[str, bool], tuple[float, float]]] = {}
        self._pictures = {plot: Pictures() for plot in (self.upper, self.lower)}
        self.strip = RateStrip(self.plots, 2, AXIS_WIDTH)
        self.strip.item.setXLink(self.upper.item)
        self.plots.ci.layout.setColumnFixedWidth(1, EndLabels.WIDTH)
        self.upper.bottom.setStyle(showValues=False)
        self.upper.bottom.setHeight(6)
        self.lower.bottom.setHeight(38)
        self.frames = Frames(self, self._frame)
        self._standing: tuple[object, ...] = ()  # what the picture was drawn of, but for the rows
        self._epochs = (0, 0.0)  # how many there were then, and the learning rate of the last
        self._waits = False  # all is to be drawn anew when it is time for that
        self._told: dict[Plot, tuple[EndLabel, ...]] = {}  # labels that are to be written
        self._words_soon = QTimer(self)
        self._words_soon.setSingleShot(True)
        self._words_soon.setInterval(REST_MS)
        self._written = 0.0  # when the labels were
        self._words_soon.timeout.connect(self._frame)
        self.pointer = Pointer(self)
        self.plots.scene().sigMouseClicked.connect(self._clicked)
        self.plots.pressed.connect(self._key)
        for plot in (self.upper, self.lower):
            plot.box.sigRangeChangedManually.connect(self._moved_by_hand)
            plot.box.sigXRangeChanged.connect(self.refresh)
            plot.box.sigResized.connect(lambda _box: self.pointer.again())
        theme.notifier.changed.connect(self._restyle)
        self._restyle()

    # ---- what is shown -----------------------------------------------------------------------------------------

    def set_run(self, run: RunCurves, total: float) -> None:
        """Show a run that is to last `total` epochs. The arrays may grow afterwards: call again, it is cheap."""
        if run.name != self.run.name and self._is_zoomed:
            self.reset()
        self.run, self.total = run, total
        self.refresh()

    def set_ghosts(self, ghosts: Sequence[RunCurves], colors: Sequence[int] = ()) -> None:
        """Earlier runs, drawn faintly behind; empty for none. colors: their numbers for theme.run_color."""
        self.ghosts, self.ghost_colors = tuple(ghosts), tuple(colors)
        self.refresh()

    def set_smoothing(self, weight: float) -> None:
        self.smoothing = weight
        self.touched()

    def set_log(self, log: bool) -> None:
        """The loss on a logarithmic axis."""
        self.log = log
        self.touched()

    def set_metric(self, name: str) -> None:
        """Draw this one below the loss."""
        self.chosen_metric = name
        self.touched()

    def set_unit(self, unit: str) -> None:
        """ "epochs" or "steps" along the time axis."""
        self.unit = unit
        self.touched()

    def touched(self) -> None:
        """A hand is on the curves: redraw as quickly as can be for a while."""
        self.frames.touched()

    def refresh(self, *_: object) -> None:
        """Redraw soon; many calls make one frame, and none while nobody looks."""
        self.frames.soon()

    def follow(self) -> None:
        """Rows have come: draw them now, where it is time for it."""
        self.frames.follow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def reset(self) -> None:
        """Show the whole run again."""
        self._is_zoomed = False
        self.zoomed.emit(False)
        self.touched()

    # ---- drawing -----------------------------------------------------------------------------------------------

    def _frame(self) -> None:
        """Draw what has come: the ends of the lines, or all of it where that is to be another picture."""
        due = time.monotonic() >= self.frames.due
        if self._standing == self._seen() and not (self._waits and due) and self._go_on():
            if self._waits:
                self.frames.later()
        elif due:
            self.redraw()
        else:
            self.frames.later()

    def redraw(self) -> None:
        """Draw all of it now."""
        started = time.thread_time()
        self._draw()
        self.frames.drawn(time.thread_time() - started + self.plots.painted)

    def _end(self) -> float:
        """Where the time axis is to end, in epochs."""
        own = scales.axis_end(self.run.end, self.total)
        earlier = max((g.end for g in self.ghosts), default=0.0)
        # a longer run of before does not press this one together
        most = self.total or (0.0 if self.run.end else earlier)
        return max(own, min(earlier, most))

    def _border(self) -> float:
        """And where what is seen of it ends: a mark on the last point is to be whole."""
        return self._end() * 1.02

    def _empty(self) -> bool:
        """Whether there is no line to draw yet."""
        return not (len(self.run.batches) or len(self.run.epochs) or self.ghosts)

    def _seen(self) -> tuple[object, ...]:
        """What the picture depends on, but for the rows that come one after another."""
        run = self.run
        places = [(plot.name, plot.box.rect(), plot.box.viewRange()) for plot in (self.upper, self.lower)]
        asked = (self._end(), self._empty(), self._is_zoomed, self.smoothing, self.log, self.unit, self.chosen_metric)
        of_run = (run.name, run.clock, run.batches.names, run.epochs.names, run.epochs.cuts, run.events)
        return (of_run, asked, places, self.ghosts, self.ghost_colors, self.units, self.outputs)

    def _go_on(self) -> bool:
        """Draw the new ends of the lines. False where a line is to be drawn anew."""
        started = time.thread_time()
        told = time.monotonic() - self._written >= FIGURES_S  # also epochs that come faster than they can be read
        self._waits = self._waits or (told and self._turned())
        grown = []
        for _, plot in self.named():
            span = self._spans.get(plot)
            picture = self._pictures[plot].go_on(self.run, span[1], epochs=told) if span else None
            if picture is None:
                self._standing = ()  # the other one may have gone on, and is not painted
                return False
            grown.append((plot, picture))
        for plot, picture in grown:
            self._waits = self._waits or not picture.fits
            if picture.since < math.inf:
                plot.ink.go_on(picture.strokes, picture.since)
            self._read[plot.name] = picture.read
            if self._told.get(plot, plot.labels.labels) != picture.labels:
                self._told[plot] = picture.labels
        if told:
            self._write()
        elif not self._words_soon.isActive():
            self._words_soon.start()
        self.pointer.again()
        self.frames.gone_on(time.thread_time() - started + self.plots.painted_end)
        return True

    def _turned(self) -> bool:
        """Whether the epochs that have come ask for more than longer lines: for other marks or rates, or to see
        whether the axes still suit, once they are a tenth more."""
        best, turn, (before, drawn_rate) = self._best, self._turn, self._epochs
        self._judge()
        done, rate = self._so_far()
        return (best, turn) != (self._best, self._turn) or done > 1.1 * before or rate != drawn_rate

    def _so_far(self) -> tuple[int, float]:
        rates = self.run.epochs.get("learning_rate")
        return len(self.run.epochs), 0.0 if rates is None or not len(rates) else float(rates[-1])

    def _write(self) -> None:
        """The figures beside the ends of the lines."""
        self._written = time.monotonic()
        self._words_soon.stop()
        for plot, labels in self._told.items():
            plot.labels.set_labels(labels)
        self._told = {}
        self._describe()

    def _draw(self) -> None:
        if not self._is_zoomed:
            end = self._border()
            if self.upper.box.viewRange()[0] != [0, end]:  # asking for the same costs a fifth of a frame
                self.upper.box.setXRange(0, end, padding=0)
        self._judge()
        names = self.run.epochs.names or self.run.batches.names
        metric = self.chosen_metric if self.chosen_metric in names else readable.metric_shown(names)
        title = readable.with_unit(metric, self.units, self.outputs)
        look = (metric, title, self.unit, self.log, self.run.steps, self._empty())
        if look != self._look:
            self._look = look
            self._lay_out(metric, title)
        for _, plot in self.named():
            self._draw_plot(plot, log=self.log and plot is self.upper)
        self.strip.draw(self.run.epochs.get("learning_rate"), self.events())
        self._write()
        self._standing, self._epochs, self._waits = self._seen(), self._so_far(), False
        self.pointer.again()

    def _lay_out(self, metric: str, title: str) -> None:
        """Name the axes and say how they count. metric: below the loss, "" for none; title: as people read it."""
        self.lower.name = metric
        self.lower.item.setVisible(bool(metric))
        self.lower.labels.setVisible(bool(metric))
        self.upper.left.setStyle(showValues=not self._empty())  # figures from 0 to 1 would be of nothing
        self.upper.bottom.setStyle(showValues=not metric and not self._empty())
        self.upper.bottom.setHeight(6 if metric else 38)
        self.upper.left.log = self.log
        self.lower.left.share = readable.is_share(metric)
        for plot, name in ((self.upper, "loss"), (self.lower, title)):
            plot.bottom.factor = 1.0 if self.unit == "epochs" else float(self.run.steps)
            plot.set_label("left", name)
            plot.left.setWidth(AXIS_WIDTH)
            for axis in (plot.left, plot.bottom):
                axis.picture = None
                axis.update()
        lowest = self.lower if metric else self.upper
        self.upper.set_label("bottom", "" if metric else self.unit)
        lowest.set_label("bottom", self.unit)
        self.upper.item.showLabel("bottom", not metric)

    def _draw_plot(self, plot: Plot, log: bool) -> None:
        (low, high), _ = plot.box.viewRange()
        wanted = Wanted(low, high, max(200, round(plot.box.width())), self.smoothing, log)
        colors = [*self.ghost_colors, *range(len(self.ghost_colors), len(self.ghosts))]
        ghosts = [(g, QColor(theme.run_color(c))) for g, c in zip(self.ghosts, colors, strict=False)]
        picture = self._pictures[plot].make(plot.name, self.run, ghosts, wanted)
        self._told[plot] = picture.labels
        if picture.span is not None:
            held = self._spans.get(plot, (("", False), picture.span))
            same = held[0] == (plot.name, log)
            span = scales.steady_range(held[1], picture.span) if same else picture.span
            self._spans[plot] = ((plot.name, log), span)
            if plot.box.viewRange()[1] != list(span):
                plot.box.setYRange(*span, padding=0)
        self._read[plot.name] = picture.read
        plot.ink.show_strokes(picture.strokes, self._marks(plot, log))

    def events(self) -> list[tuple[float, str]]:
        """What happened on the way: (epoch, text)."""
        steps = np.array([step for step, _ in self.run.events], float)
        return [(float(x), text) for x, (_, text) in zip(self.run.epoch_of(steps), self.run.events, strict=True)]

    def _judge(self) -> None:
        """Find the best epoch and the turning point, when an epoch has come."""
        judged = (self.run.name, len(self.run.epochs), self.run.early, self.run.least_rise)
        if judged != self._judged:
            self._judged = judged
            logs = {n: np.asarray(self.run.epochs[n], float) for n in self.run.epochs.names}
            self._best, _ = kept_epoch(logs, self.run.early)
            none = np.empty(0)
            self._turn = turned(logs.get("loss", none), logs.get("val_loss", none), self.run.least_rise)

    def _marks(self, plot: Plot, log: bool) -> Marks:
        """The best epoch, where it began to learn by heart, and what happened on the way."""
        events = tuple(x for x, _ in self.events())
        upper = plot is self.upper
        turn = None if self._turn is None else self._turn + 1.0
        said = f"overfitting from epoch {self._turn + 2}" if self._turn is not None and upper else ""
        if self._best is None:
            return Marks(turn=turn, turn_word=said, events=events)
        column = self.run.epochs.get(f"val_{plot.name}")
        if column is None:
            column = self.run.epochs.get(plot.name)
        value = float(column[self._best]) if column is not None and len(column) > self._best else math.nan
        place = logged_value(value, log)
        word = f"best epoch {self._best + 1:,}" if upper else ""
        there = place is not None and math.isfinite(place)
        return Marks(self._best + 1.0, place if there else None, word, turn, said, events)

    def _words(self, name: str) -> str:
        return readable.pretty(name, self.outputs)

    def _describe(self) -> None:
        said = [f"{self._words(n)}: {at.text} {at.value}" for n, plot in self.named() for at in plot.labels.labels]
        self.plots.setAccessibleDescription("; ".join(said))

    def read_at(self, name: str) -> tuple[tuple[str, QColor, Lookup], ...]:
        """(name, colour, what it is at a time) of each curve of a quantity."""
        return self._read.get(name, ())

    def named(self) -> list[tuple[str, Plot]]:
        """The plots that are shown, by what they show."""
        return [(p.name, p) for p in (self.upper, self.lower) if p.name]

    def _restyle(self) -> None:
        self.plots.setBackground(theme.color("surface"))
        for plot in (self.upper, self.lower, self.strip):
            plot.restyle()
        self._look = self._standing = ()
        self.refresh()

    # ---- the hand ----------------------------------------------------------------------------------------------

    def look_at(self, low: float, high: float) -> None:
        """Show the curves between two times, in epochs: a few steps at least, and no more than there is of the run."""
        border = self._border()
        width = max(high - low, LEAST_STEPS / self.run.steps)
        if width >= border:
            self.reset()
            return
        if not self._is_zoomed:
            self._is_zoomed = True
            self.zoomed.emit(True)
        low = min(max(0.0, low), border - width)
        if self.upper.box.viewRange()[0] != [low, low + width]:
            self.upper.box.setXRange(low, low + width, padding=0)
        self.touched()

    def _moved_by_hand(self, *_: object) -> None:
        self.look_at(*self.upper.box.viewRange()[0])

    def _clicked(self, event: object) -> None:
        if getattr(event, "double", lambda: False)():
            self.reset()

    def _key(self, key: int) -> None:
        (low, high), _ = self.upper.box.viewRange()
        width = high - low
        if key == Qt.Key.Key_Home:
            self.reset()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            shift = width * (0.1 if key == Qt.Key.Key_Right else -0.1)
            self.look_at(low + shift, high + shift)
        else:
            scale = 0.4 if key == Qt.Key.Key_Plus else 0.625
            middle = (low + high) / 2
            self.look_at(middle - width * scale, middle + width * scale)
