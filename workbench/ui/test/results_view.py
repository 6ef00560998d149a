"""Scores beside the baseline, the confusion matrix or scatter, and the samples of a clicked cell. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.test.confusion import ConfusionView
from workbench.ui.test.context import Context
from workbench.ui.test.errors_view import ErrorsView
from workbench.ui.test.pixels import Strip
from workbench.ui.test.scatter import Scatter
from workbench.ui.test.score_sets import TargetBox
from workbench.ui.test.score_table import ScoreTable
from workbench.ui.test.scores import Results, short
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.widgets.scrolled import scrolled

PICTURES = 60  # samples of a cell shown at once
ROWS = 40
LACKING = 4  # classes without rows that are named


class ResultsView(QWidget):
    """`sample_wanted(position)` when a person picks a sample; the button `refresh` asks for scores of this moment."""

    sample_wanted = Signal(int)
    judged = Signal(object)  # the Results that are shown now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("results")
        self.title = QLabel("Test")
        self.title.setProperty("role", "heading")
        self.note = ElidedLabel("")
        self.note.setProperty("role", "muted")
        self.refresh = QPushButton("Score now")
        self.refresh.setObjectName("scoreNow")
        self.refresh.setIcon(theme.icon("arrow-clockwise"))
        self.refresh.setToolTip("Score the best weights so far.")
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addSpacing(theme.SPACE)
        head.addWidget(self.note, 1)
        head.addWidget(self.refresh)
        self.target_box = TargetBox("resultsTarget")
        self.target_box.chosen.connect(self._show_target)
        self.problem = InlineNotice()
        self.table = ScoreTable()
        self.confusion = ConfusionView()
        self.confusion_area = scrolled(self.confusion, sideways=True)
        self.scatter = Scatter()
        self.errors = ErrorsView()
        self.errors.chosen.connect(self.sample_wanted)
        self.cell_title = plain_label(name="cellTitle")
        self.strip = Strip()
        self.rows = QLabel()
        self.rows.setObjectName("cellRows")
        self.rows.setWordWrap(True)
        self.rows.setTextFormat(Qt.TextFormat.RichText)
        self.rows.linkActivated.connect(lambda link: self.sample_wanted.emit(int(link)))
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.strip)
        inner.addWidget(self.rows)
        inner.addStretch(1)
        self.cell_area = scrolled(holder)
        self.cell_area.setFixedHeight(104)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addWidget(self.target_box)
        column.addWidget(self.table)
        column.addWidget(self.confusion_area, 20)
        column.addWidget(self.scatter, 20)
        column.addWidget(self.errors, 20)
        column.addWidget(self.cell_title)
        column.addWidget(self.cell_area)
        column.addStretch(1)
        self.confusion.chosen.connect(self.show_cell)
        self.scatter.chosen.connect(self.sample_wanted)
        self.strip.chosen.connect(self._picked)
        self._results: Results | None = None
        self._every: tuple[Results, ...] = ()
        self._context: Context | None = None
        self._cell: np.ndarray = np.empty(0, np.int64)
        self.show_nothing("")

    @property
    def shown(self) -> bool:
        """Whether there are scores to be seen."""
        return self._results is not None

    def show_nothing(self, text: str) -> None:
        """No scores yet; `text` says why or what is under way."""
        self._results = None
        self.refresh.hide()
        self.note.setText(text)
        hidden = (self.confusion_area, self.scatter, self.errors, self.cell_title, self.cell_area)
        for item in (self.target_box, self.table, *hidden):
            item.hide()

    def show_results(self, results: Results | Sequence[Results], context: Context | None, note: str) -> None:
        """results: of several targets, those of each. context: where the samples of a cell are taken from; None when
        they cannot be shown."""
        self._every = (results,) if isinstance(results, Results) else tuple(results)
        self._context = context
        self.problem.clear()
        self.note.setText(note)
        self._show_target(self.target_box.show_targets([r.answer.target for r in self._every]))
        self.judged.emit(self._results)

    def _show_target(self, place: int) -> None:
        """The scores and the mistakes of one target."""
        other, results = self._results, self._every[place]
        self._results, context = results, self._context
        if other is not None and other.answer.target != results.answer.target:
            self.confusion.selected = None  # a cell of another target
        self.table.show_scores(results.scores, results.constant)
        self.table.show()
        matrix = results.matrix
        self.confusion_area.setVisible(matrix is not None)
        self.errors.setVisible(results.errors is not None)
        self.scatter.setVisible(matrix is None and results.errors is None)
        with_samples = matrix is not None and context is not None
        self.cell_title.setVisible(with_samples)
        if matrix is not None:
            self.confusion.set_matrix(results.classes, matrix)
            self.confusion_area.setMaximumHeight(self.confusion.wanted_height() + 2)
            if with_samples and self.confusion.selected is not None:
                self.show_cell(*self.confusion.selected)
            else:
                self.cell_area.hide()
                self.cell_title.setText(self._worst(results))
        else:
            self.cell_area.hide()
            if results.errors is not None:
                self.errors.show_errors(results, context)
                return
            assert results.answer.values is not None
            self.scatter.set_points(results.answer.target, results.truth, results.answer.values)

    def _worst(self, results: Results) -> str:
        names = [one_line(name) for name in results.classes]
        worst = [f"{n:,} “{names[t]}” taken for “{names[a]}”" for t, a, n in results.confusions(2)]
        said = "Most often confused: " + "; ".join(worst) + ". " if worst else ""
        return said + self._lacking(results) + "Click a cell to see its samples."

    @staticmethod
    def _lacking(results: Results) -> str:
        """The classes the scores say nothing of, as no row held out is of them."""
        assert results.matrix is not None
        none = [one_line(results.classes[i]) for i in np.flatnonzero(results.matrix.sum(1) == 0)]
        if not none or not len(results.matrix):
            return ""
        names = ", ".join(f"“{name}”" for name in none[:LACKING])
        more = f" and {len(none) - LACKING} more" if len(none) > LACKING else ""
        return f"Nothing is said of {names}{more}: no row here is of {'it' if len(none) == 1 else 'them'}. "

    def show_cell(self, true: int, answered: int) -> None:
        """List the samples of one cell."""
        results, context = self._results, self._context
        if results is None or context is None or results.matrix is None:
            return
        self._cell = results.samples(true, answered)
        shown = PICTURES if context.images else ROWS
        more = f", the surest {shown} shown" if len(self._cell) > shown else ""
        self.cell_title.setText(self.confusion.words(true, answered) + more)
        self.cell_area.setVisible(len(self._cell) > 0)
        self.strip.setVisible(context.images)
        self.rows.setVisible(not context.images)
        some = self._cell[:shown]
        if context.images:
            pixels = context.tested().x[context.input_name]
            self.strip.set_pictures([np.asarray(pixels[int(i)]) for i in some], [self._tip(int(i)) for i in some])
        else:
            muted = theme.hex_of("accent")
            links = [f'<a style="color:{muted}" href="{int(i)}">{int(i):,}</a>' for i in some]
            self.rows.setText("Samples " + ", ".join(links))

    def _tip(self, position: int) -> str:
        results = self._results
        assert results is not None
        assert results.answer.probabilities is not None
        answer = results.answer
        sure = float(answer.probabilities[position].max()) * 100  # type: ignore[index]
        return f"sample {position:,}: “{one_line(str(answer.labels[position]))}”, {short(sure)} % sure"

    def _picked(self, index: int) -> None:
        self.sample_wanted.emit(int(self._cell[index]))
