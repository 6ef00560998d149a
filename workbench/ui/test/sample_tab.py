"""Asking with a sample of the test part: its picture or row, its label and the answer. UI thread only."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.ui import theme
from workbench.ui.data.series_plot import SeriesPlot
from workbench.ui.jobs import Jobs
from workbench.ui.test.asks import Ask, pairs_grid
from workbench.ui.test.context import Context
from workbench.ui.test.pixels import PixelView
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.widgets.number import NumberEdit
from workbench.ui.widgets.scrolled import scrolled

PARTS = {"test": "test", "validation": "validation", "train": "training"}


class SampleTab(Ask):
    """Number N of the part the run is tested on: its picture or row, its label and the answer."""

    row_wanted = Signal(object)  # the cells of the sample, to be changed in the form

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setObjectName("sampleTab")
        self.frame: Any = None  # the cleaned table the run was trained on, while it is open; the page keeps it current
        self.dataset: Any = None
        self._rng = np.random.default_rng()
        self.caption = QLabel()
        self.caption.setProperty("role", "muted")
        self.caption.setWordWrap(True)
        self.number = NumberEdit(0, minimum=0, integer=True)
        self.number.setObjectName("sampleNumber")
        self.number.setAccessibleName("Number of the sample")
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.previous = self._button("previousSample", "caret-left", "Previous sample")
        self.next = self._button("nextSample", "caret-right", "Next sample")
        self.random = QPushButton("Random")
        self.random.setObjectName("randomSample")
        self.random.setIcon(theme.icon("shuffle"))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE // 2)
        for item in (self.previous, self.number, self.next, self.random):
            row.addWidget(item, 1 if item is self.number else 0)
        self.problem = InlineNotice()
        self.name = ElidedLabel("")
        self.name.setProperty("role", "muted")
        self.picture = PixelView(name="The sample", side=160)
        self.window = SeriesPlot()
        self.window.setObjectName("sampleWindow")
        self.window.setMaximumHeight(300)
        self.window.setAccessibleName("The sample")
        self.cells = QGridLayout()
        self.cells.setColumnStretch(1, 1)
        self.cells.setHorizontalSpacing(theme.SPACE * 2)
        self.cells.setVerticalSpacing(3)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self.cells)
        inner.addStretch(1)
        self.table: QScrollArea = scrolled(holder)
        self.change = QPushButton("Change it in the form")
        self.change.setObjectName("changeSample")
        self.change.setToolTip("Take this row to the form and see how the answer changes with each value.")
        self.column.addWidget(self.caption)
        self.column.addLayout(row)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.name)
        self.column.addWidget(self.picture, 1)
        self.column.addWidget(self.window, 1)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.change)
        self.column.addStretch(0)
        self.number.edited.connect(lambda _value: self.again())
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.random.clicked.connect(self._random)
        self.change.clicked.connect(self._to_form)
        self.change.setEnabled(False)
        self._row: dict[str, Any] = {}

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setIcon(theme.icon(icon))
        return button

    @property
    def count(self) -> int:
        context = self.context
        return context.prepared.facts.rows.get(context.part, 0) if context and context.prepared and context.part else 0

    def set_context(self, context: Context | None) -> None:
        super().set_context(context)
        count = self.count
        for item in (self.number, self.previous, self.next, self.random):
            item.setEnabled(count > 0)
        images = context is not None and context.images
        series = context is not None and context.series
        beside = context is not None and bool(context.pictures)
        self.picture.setVisible(images or beside)
        self.window.setVisible(series)
        self.table.setVisible(not images and not series)
        self.change.setVisible(not images and not series)
        self.change.setEnabled(False)  # until its row is known
        self._row = {}
        if context is None:
            return
        if context.missing:
            self.problem.set_notice(context.missing, "warning")
        else:
            self.problem.clear()
        self.number.maximum = max(0, count - 1)
        if int(self.number.value() or 0) >= max(count, 1):
            self.number.set_value(0)
        part = PARTS.get(context.part, "")
        what = context.things
        seen = " the run has not learned from" if context.part != "train" else ""
        self.caption.setText(f"{count:,} {part} {what}{seen}, numbered from 0." if count else "")

    def show_number(self, number: int) -> None:
        """Show sample `number` and ask."""
        self.number.set_value(min(max(number, 0), max(self.count - 1, 0)))
        self.again()

    def step(self, by: int) -> None:
        """The next or the previous one; past the end it begins again."""
        if self.count:
            self.show_number((int(self.number.value() or 0) + by) % self.count)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        if event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _random(self) -> None:
        if self.count:
            self.show_number(int(self._rng.integers(self.count)))

    def again(self) -> None:
        context = self.context
        if context is None or not self.count:
            self.nothing.emit("There are no samples to take: the arrays of this run are gone.")
            return
        number = int(self.number.value() or 0)
        frame, dataset = self.frame, self.dataset
        self.jobs.run(
            self, "sample", lambda _p, _c: _sample(context, number, frame, dataset), self._found, self._failed
        )

    def _failed(self, error: WorkbenchError) -> None:
        self.problem.show_error(error)

    def _found(self, found: tuple[int, dict[str, np.ndarray], str | float, str, dict[str, Any]]) -> None:
        number, x, truth, name, cells = found
        self.name.setText(name)
        self._row = cells
        self.change.setEnabled(bool(cells))
        if self.context is not None and self.context.images:
            self.picture.set_pixels(x[self.context.input_name][0])
        elif self.context is not None and self.context.series:
            fitted = self.context.preprocessor.sequence
            assert fitted is not None
            values = x[self.context.input_name][0] * np.asarray(fitted.scale) + np.asarray(fitted.offset)
            self.window.show_series(values, fitted.channels)  # in their own units
        else:
            if self.context is not None and self.context.pictures:
                self.picture.set_pixels(x[self.context.pictures[0]][0])
            pairs_grid(cells, self.cells)
            if not cells:
                self.problem.set_notice(
                    "The data or its cleaning has changed since this run, so the cells of its rows cannot be shown.",
                    "info",
                )
        part = PARTS.get(self.context.part, "") if self.context else ""
        self.asked.emit(x, truth, f"{part} sample {number:,}")

    def _to_form(self) -> None:
        if self._row:
            self.row_wanted.emit(dict(self._row))


def _sample(
    context: Context, number: int, frame: Any, dataset: Any
) -> tuple[int, dict[str, np.ndarray], str | float, str, dict[str, Any]]:
    """On a pool thread: the arrays of one sample, its truth, what it is called, its cells."""
    part = context.tested()
    x = {name: np.asarray(array[number : number + 1]) for name, array in part.x.items()}
    row = int(part.rows[number])
    cells: dict[str, Any] = {}
    name = f"row {row + 1:,} of the data"
    if context.series:
        name = _window_name(context, row, dataset)
    elif context.images:
        name = dataset.name(row) if dataset is not None and row < len(dataset) else f"picture {row:,} of the data"
    elif frame is not None and row in frame.index:
        values = frame.loc[row]
        inputs = [c.name for c in context.preprocessor.columns]
        names = [*inputs, *(c for c in frame.columns if c not in inputs)]
        cells = {c: _cell(values[c]) for c in names}
    return number, x, context.truth(part.y[number]), name, cells


def _window_name(context: Context, row: int, dataset: Any) -> str:
    """Which steps of which series, while the data that was trained on is open."""
    if dataset is None or dataset.kind != "sequences" or context.preprocessor.sequence is None:
        return f"window {row:,} of the data"
    from workbench.core.data.sequence_answers import window_names
    from workbench.core.data.sequence_windows import cut

    feature = context.preprocessor.sequence.feature
    cuts = cut(dataset, feature)
    return window_names(dataset, cuts, [row], feature.length)[0] if row < len(cuts) else f"window {row:,} of the data"


def _cell(value: Any) -> Any:
    """A cell as a person would write it: nothing for missing, no ".0" behind whole numbers."""
    if value is None or value != value:
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
