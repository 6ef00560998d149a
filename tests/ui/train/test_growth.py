"""Curves that go on at their end are, point for point and pixel for pixel, those that are drawn anew."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRect
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.core.history import Columns, History
from workbench.ui import theme
from workbench.ui.train import curves, growth
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.curves_view import CurvesView
from workbench.ui.train.rate_strip import stretches

STEPS = 60
HOUR = 3600.0


def noisy(count: int, seed: int = 0, holes: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = (2 * np.exp(-np.arange(count) / 900) + 0.3 + 0.1 * rng.standard_normal(count)).astype(np.float32)
    if holes:
        y[rng.integers(0, count, count // 20)] = np.nan
        y[count // 3] = np.inf
    return y


def line_of(columns: Columns) -> curves.Line:
    clock = curves.Clock(((0.0, 0.0, float(STEPS)),))
    return curves.Line("loss", "train", "batch", columns["loss"], columns.pyramid("loss"), clock)


@pytest.mark.parametrize(
    ("view", "weight", "holes"),
    [((0.0, 1e6), 0.9, True), ((0.0, 1e6), 0.0, False), ((2.0, 9.0), 0.9, False), ((0.0, 12.0), 0.9, True)],
)
def test_a_line_that_goes_on_is_the_line_made_anew(view: tuple[float, float], weight: float, holes: bool) -> None:
    y, columns, gone_on = noisy(2000, holes=holes), Columns(), 0
    columns.append({"loss": y[:150]})
    asked = (*view, 300, weight)
    held = growth.drawn(line_of(columns), *asked)
    rng = np.random.default_rng(1)
    while len(columns) < 1900:
        columns.append({"loss": y[len(columns) : len(columns) + int(rng.integers(1, 60))]})
        line = line_of(columns)
        anew = growth.drawn(line, *asked)
        grown = growth.gone_on(held, line, *asked)
        if grown is not None:
            gone_on += 1
            for one, other in ((grown.raw, anew.raw), (grown.trend, anew.trend)):
                np.testing.assert_array_equal(one[0], other[0])
                np.testing.assert_allclose(one[1], other[1], rtol=1e-9)
            stay, kept = grown.kept
            np.testing.assert_array_equal(grown.raw[1][:stay], held.raw[1][:stay])
            np.testing.assert_array_equal(grown.smooth[1][:kept], held.smooth[1][:kept])
        np.testing.assert_array_equal(anew.raw[1], line.seen(*view, 300)[1])
        if weight:
            np.testing.assert_array_equal(anew.trend[1], line.trend(weight, *view)[1])
        held = grown or anew
    assert gone_on > 25


def test_a_line_is_made_anew_when_its_rows_were_taken_back() -> None:
    columns = Columns.from_arrays({"loss": noisy(500)})
    held = growth.drawn(line_of(columns), 0.0, 99.0, 300, 0.8)
    columns.truncate(400)
    assert columns.cuts == 1
    assert growth.gone_on(held, line_of(columns), 0.0, 99.0, 300, 0.8) is None


class Growing:
    """A run in a view of its own, batch by batch."""

    def __init__(self, qtbot: QtBot) -> None:
        self.view = CurvesView()
        qtbot.addWidget(self.view)
        self.view.resize(420, 320)
        self.view.show()
        self.history, self.y = History(), noisy(9500)
        self.grown = 0
        self.come(11 * STEPS)
        self.view.set_run(RunCurves("run 1", STEPS, self.history.batches, self.history.epochs), 1000.0)
        self.anew()

    def come(self, count: int) -> None:
        begin = len(self.history.batches)
        rows = self.y[begin : begin + count]
        self.history.batches.append({"loss": rows, "accuracy": 1 - 0.3 * rows})
        for at, loss in enumerate(rows, begin + 1):
            if at % STEPS == 0:
                logs = {"loss": loss, "accuracy": 1 - 0.3 * loss}
                self.history.epochs.append({**logs, **{f"val_{k}": v + 0.05 for k, v in logs.items()}})

    def anew(self) -> None:
        """Until all is laid out, painted and standing."""
        for _ in range(10):
            self.view.redraw()
            QCoreApplication.processEvents()
            if self.view._standing == self.view._seen():
                return
        raise AssertionError("it never stands")

    def frame(self, count: int) -> None:
        """Some batches more, drawn as they are while a run gets on, with figures; what may wait is put off."""
        self.come(count)
        self.view._written = 0.0
        self.view.frames.due = time.monotonic() + HOUR
        self.view._frame()
        self.view.frames.timer.stop()
        if self.view._standing:
            self.grown += 1
        else:
            self.anew()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
        QCoreApplication.processEvents()

    def on_screen(self) -> QImage:
        return self.view.screen().grabWindow(self.view.winId()).toImage()

    def painted_anew(self) -> QImage:
        return self.view.grab().toImage().convertToFormat(self.on_screen().format())

    def same(self) -> bool:
        return self.on_screen() == self.painted_anew()


@pytest.fixture
def growing(qtbot: QtBot) -> Growing:
    return Growing(qtbot)


def test_what_is_painted_bit_by_bit_is_what_is_painted_at_once(growing: Growing) -> None:
    for _ in range(9):
        growing.frame(23)
        assert growing.same()
    assert growing.grown > 6


def test_so_are_many_epochs(growing: Growing) -> None:
    growing.come(130 * STEPS)
    growing.anew()
    growing.grown = 0
    for count in (STEPS, 7, STEPS, 3 * STEPS, STEPS):
        growing.frame(count)
        assert growing.same()
    assert growing.grown > 2


def test_so_it_is_after_all_that_a_person_does_meanwhile(growing: Growing) -> None:
    view = growing.view
    back = RunCurves("run 0", STEPS, Columns(), Columns.from_arrays({"loss": noisy(9, 5)}))

    def zoom() -> None:
        view.upper.box.setXRange(8.0, 14.0, padding=0)
        view._moved_by_hand()

    def look(name: str) -> None:
        theme.apply(QApplication.instance(), name)

    changes = (
        lambda: view.set_log(True),
        zoom,
        lambda: look("dark"),
        lambda: view.set_smoothing(0.0),
        lambda: view.resize(380, 300),
        lambda: view.set_ghosts([back], [1]),
        view.reset,
        lambda: view.set_smoothing(0.9),
        lambda: view.pointer.hover(view.upper.box.mapViewToScene(QPointF(2.0, 0.0))),
        view.pointer.leave,
        lambda: look("light"),
        lambda: view.set_unit("steps"),
    )
    for change in changes:
        change()
        growing.anew()
        growing.frame(11)
        assert growing.same(), changes.index(change)
    assert growing.grown > 8


def test_what_another_widget_uncovers_is_painted_as_it_was(growing: Growing) -> None:
    plots, ink = growing.view.plots, growing.view.upper.ink
    assert ink.marks.best is not None
    assert ink.marks.best_value is not None
    ring = plots.mapFromScene(growing.view.upper.box.mapViewToScene(QPointF(ink.marks.best, ink.marks.best_value)))
    whole = growing.painted_anew()
    for left, top, width, height in ((0, 0, 3, 9), (-6, -2, 5, 40), (2, -9, 60, 12), (-3, 3, 1, 1), (-90, -9, 95, 8)):
        plots.viewport().update(QRect(ring.x() + left, ring.y() + top, width, height))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
        assert growing.on_screen() == whole


class Painted(QObject):
    """How wide each picture was that was painted."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.widths.append(event.region().boundingRect().width())
        return False


def test_the_end_of_a_line_is_all_that_is_painted(growing: Growing) -> None:
    growing.frame(5)
    painted, plots = Painted(), growing.view.plots
    plots.viewport().installEventFilter(painted)
    growing.frame(5)
    assert painted.widths
    assert max(painted.widths) < 0.1 * plots.width()


def test_the_ends_and_their_figures_are_painted_without_the_scene(growing: Growing) -> None:
    growing.frame(5)
    asked: list[int] = []
    growing.view.plots.scene().sigPrepareForPaint.connect(lambda: asked.append(1))
    before = growing.view.upper.labels.labels
    growing.frame(7)
    growing.view._write()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
    assert not asked
    assert growing.view.upper.labels.labels == before  # epochs tell the story: the label is theirs
    growing.view.upper.labels.set_labels([replace(label, value="1.234") for label in before])
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
    assert not asked
    assert growing.same()


def test_epochs_go_on_with_the_figures_and_marks_wait_for_the_whole_picture(growing: Growing) -> None:
    view = growing.view
    view.frames.due = time.monotonic() + HOUR
    growing.y[12 * STEPS - 1] = 0.1  # the best of all so far
    growing.come(STEPS)
    view._frame()
    assert view.upper.ink.strokes[0].x[-1] == pytest.approx(12.0)
    assert len(view.upper.ink.strokes[2].x) == 11  # faster than they can be read
    view._written = 0.0
    view._frame()
    assert len(view.upper.ink.strokes[2].x) == 12
    assert view.upper.ink.marks.best == 9.0
    assert view.frames.timer.isActive()
    view.frames.due = 0.0
    view._frame()
    assert view.upper.ink.marks.best == 12.0


def test_rows_told_again_are_drawn_again(growing: Growing) -> None:
    growing.history.truncate(100, 1)
    growing.y = replace_from(growing.y, 100)
    growing.come(200)
    growing.view.frames.due = 0.0
    growing.view._frame()
    strokes = growing.view.upper.ink.strokes
    line = curves.lines_of(growing.view.run, "loss")[0]
    np.testing.assert_array_equal(strokes[0].y, line.seen(0.0, 1e6, 2 * round(growing.view.upper.box.width()))[1])


def replace_from(y: np.ndarray, at: int) -> np.ndarray:
    return np.concatenate([y[:at], y[at:] + np.float32(0.5)])


def test_axes_have_no_figures_before_there_is_a_line(qtbot: QtBot) -> None:
    view, history = CurvesView(), History()
    qtbot.addWidget(view)
    run = RunCurves("run 1", STEPS, history.batches, history.epochs)
    for there in (False, True):
        view.set_run(run, 10.0)
        view.redraw()
        assert [axis.style["showValues"] for axis in (view.upper.left, view.upper.bottom)] == [there, there]
        history.batches.append({"loss": noisy(3)})


def test_a_rate_that_was_changed_within_an_epoch_changes_there() -> None:
    told = [(0.25, "Learning rate 0.1 → 0.05"), (0.5, "Batch size 32 → 64"), (0.75, "Learning rate 0.05 → 1e-05")]
    after = [(1.0, "Learning rate 1e-05 → 0.02: no better for 2 epochs"), (2.5, "Learning rate 0.02 → 0.3")]
    edges, rates = stretches(np.array([1e-5, 0.02]), [*told, *after])
    assert edges.tolist() == [0.0, 0.25, 0.75, 1.0, 2.0]
    assert rates.tolist() == [0.1, 0.05, 1e-5, 0.02]
