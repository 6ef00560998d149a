"""The Test page: how to ask on the left, the answer in the middle, the scores on the right. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.link.messages import Failed, Message, Predicted
from workbench.ui import theme
from workbench.ui.test.answer_stack import AnswerStack
from workbench.ui.test.asks import Ask, DrawTab, DropAsk, PictureTab
from workbench.ui.test.batch import BatchAsker
from workbench.ui.test.context import Context, Question, load_context, same_data
from workbench.ui.test.file_tab import AnswersView, FileTab
from workbench.ui.test.rebuilt import Seen, look
from workbench.ui.test.rebuilt_view import RebuiltView
from workbench.ui.test.results_view import ResultsView
from workbench.ui.test.row_tab import RowTab
from workbench.ui.test.run_choice import RunChoice
from workbench.ui.test.sample_tab import PARTS, SampleTab
from workbench.ui.test.scorer import Scorer
from workbench.ui.test.scores import Results
from workbench.ui.widgets.dropping import accepted_files
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.notice import InlineNotice

if TYPE_CHECKING:
    from workbench.ui.session import Session

LIVE_MS = 400  # while a run trains, what is asked is asked again this often at most


class TestPage(QWidget):
    __test__ = False  # not a test, whatever its name

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("testPage")
        self.setProperty("role", "page")
        self._session = session
        self.context: Context | None = None
        self._folder: Path | None = None
        self._question: Question | None = None
        self._number = 0
        self._shown = 0
        self._build()
        self._batch = BatchAsker(session, self.file, self.answers, self)
        self._batch.answered.connect(self._show_middle)
        self._scorer = Scorer(session, self.results, self)
        self._live = QTimer(self)
        self._live.setSingleShot(True)
        self._live.setInterval(LIVE_MS)
        self._live.timeout.connect(self._ask_again)
        session.run_changed.connect(self._runs_changed)
        session.runs_changed.connect(self._runs_changed)
        session.run_batches.connect(self._learned)
        session.cleaned_changed.connect(self._data_changed)
        session.changed.connect(self._data_changed)
        session.dataset_changed.connect(self._data_changed)
        self._data_changed()
        self._runs_changed()

    def _build(self) -> None:
        jobs = self._session.jobs
        self.runs = RunChoice(self._session)
        self.runs.activated.connect(lambda _i: self._choose(self.runs.currentData()))
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE // 2)
        caption = QLabel("Ask")
        caption.setProperty("role", "heading")
        head.setSpacing(theme.SPACE + 4)
        head.addWidget(caption)
        head.addWidget(self.runs, 1)
        self.draw, self.picture = DrawTab(jobs), PictureTab(jobs)
        self.sample, self.row, self.file = SampleTab(jobs), RowTab(jobs), FileTab(jobs)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("askTabs")
        self.tabs.setDocumentMode(True)
        self._asks: dict[str, Ask] = {
            "Draw": self.draw,
            "Picture": self.picture,
            "Sample": self.sample,
            "Row": self.row,
            "File": self.file,
        }
        for title, tab in self._asks.items():
            self.tabs.addTab(tab, title)
            tab.asked.connect(self._ask)
            tab.nothing.connect(self._nothing)
        self.tabs.currentChanged.connect(lambda _i: self._tab_changed())
        self.sample.row_wanted.connect(self._to_form)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.tabs, 1)
        column.addStretch(0)
        self.about = QLabel()
        self.about.setProperty("role", "muted")
        self.about.setWordWrap(True)
        self.problem = InlineNotice()
        self.answer_stack = AnswerStack()
        self.answer = self.answer_stack.first
        self.rebuilt = RebuiltView()
        self.rebuilt.hide()
        self.one = QWidget()
        column = QVBoxLayout(self.one)
        column.setContentsMargins(theme.SPACE * 3, theme.SPACE * 2, theme.SPACE * 3, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.problem)
        column.addWidget(self.about)
        column.addWidget(self.answer_stack, 1)
        column.addWidget(self.rebuilt, 1)
        self.answers = AnswersView()
        self.results = ResultsView()
        self.results.sample_wanted.connect(self._show_sample)
        self.results.judged.connect(self._judged)
        self.results.refresh.clicked.connect(lambda: self._evaluate(force=True))
        self.one.setProperty("role", "surface")
        self.beside = self._split((self.one, 260, 3), (self.results, 320, 4), sizes=(350, 526))
        self.answers.setProperty("role", "surface")
        self.middle = QStackedWidget()
        self.middle.addWidget(self.beside)
        self.middle.addWidget(self.answers)
        splitter = self._split((left, 268, 2), (self.middle, 600, 7), sizes=(316, 876))
        splitter.setObjectName("testSplitter")
        self.empty = EmptyState(
            "flask",
            "Nothing to test yet",
            "Once a run has learned for an epoch it can be asked here: draw, open a picture, fill in a row, or take "
            "a sample of the test data. Its scores stand beside what guessing would score.",
            [("Go to Train", lambda: self._session.show_page("train"))],
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(splitter)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    @staticmethod
    def _split(*parts: tuple[QWidget, int, int], sizes: tuple[int, ...]) -> QSplitter:
        """Side by side: (widget, least width, stretch)."""
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        for i, (part, least, stretch) in enumerate(parts):
            part.setMinimumWidth(least)
            splitter.addWidget(part)
            splitter.setStretchFactor(i, stretch)
        splitter.setSizes(list(sizes))
        return splitter

    # ---- which run ---------------------------------------------------------------------------------------------

    def _runs_changed(self) -> None:
        changed, wanted = self.runs.refill(self._folder)
        if changed and wanted is None:
            self._folder, self.context = None, None
            self.stack.setCurrentWidget(self.empty)
        elif changed:
            self._choose(wanted)
        elif wanted is not None and not self._is_live():
            self._evaluate()

    def _is_live(self) -> bool:
        return self._folder is not None and self.runs.is_live(self._folder)

    def _choose(self, folder: Path | None) -> None:
        if folder is None:
            return
        self.stack.setCurrentIndex(1)
        if folder == self._folder and self.context is not None:
            self._evaluate()
            self._ask_again()
            return
        self._folder = folder
        self.runs.setCurrentIndex(max(0, self.runs.findData(folder)))
        self.context = None
        self.tabs.setEnabled(False)
        self.tabs.setVisible(self._kind is not None)  # which tabs fit is not known before the first run is read
        self.about.hide()
        self._no_answer(f"Opening {self.runs.currentText()}…")
        self.results.show_nothing("")
        self._session.jobs.run(self, "context", lambda _p, _c: load_context(folder), self._entered, self._not_entered)

    def _not_entered(self, error: WorkbenchError) -> None:
        self.problem.show_error(error)
        self._no_answer("This run cannot be asked.")
        self.results.show_nothing("")

    def _entered(self, context: Context) -> None:
        kind_before = self._kind
        self.context = context
        self.tabs.setEnabled(True)
        self.tabs.show()
        self.problem.clear()
        self._data_changed()
        for tab in self._asks.values():
            tab.set_context(context)
        fitting = {"Draw": context.images, "Picture": context.images, "Row": not context.images and not context.series}
        for i in range(self.tabs.count()):
            self.tabs.setTabVisible(i, fitting.get(self.tabs.tabText(i), True))
        if kind_before != context.preprocessor.kind:
            self._kind = context.preprocessor.kind
            self.tabs.setCurrentWidget(self.draw if context.images and self._drawable(context) else self.sample)
        self._scorer.forget()
        self.rebuilt.set_errors(np.empty(0), "")
        self._question = None
        self._tab_changed()
        self._evaluate()

    _kind: str | None = None

    @staticmethod
    def _drawable(context: Context) -> bool:
        """Small grey pictures with plain paper can be drawn; photographs can only be opened."""
        return context.style.centred and max(context.shape[:2]) <= 96

    def _data_changed(self, *_: object) -> None:
        """The open table or pictures show a run's samples only while they are what the run was trained on."""
        session, context = self._session, self.context
        same = context is not None and same_data(context.project, session.project)
        self.sample.frame = getattr(session.cleaned, "frame", None) if same else None
        self.sample.dataset = session.dataset if same else None
        self.row.folder = getattr(session.dataset, "folder", "") if same else ""

    # ---- one question ------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        accepted_files(event)

    def dropEvent(self, event: QDropEvent) -> None:
        tab = self.tabs.currentWidget()
        if (paths := accepted_files(event)) and isinstance(tab, DropAsk):
            tab.take(paths[0])

    def _tab_changed(self) -> None:
        # The whole page takes a file for the tab in front; else it is the window's, which opens it as data.
        self.setAcceptDrops(isinstance(self.tabs.currentWidget(), DropAsk))
        self._question = None
        if not self._show_middle():
            self._ask_again()

    def _show_middle(self) -> bool:
        """One answer with the scores beside it, or the answers of a file over the whole width; whether the latter."""
        many = self.tabs.currentWidget() is self.file and self.answers.model.found is not None
        self.middle.setCurrentWidget(self.answers if many else self.beside)
        return many

    def _ask_again(self) -> None:
        tab = self.tabs.currentWidget()
        if self.context is None or not isinstance(tab, Ask) or not self.isVisible():
            return
        if self._question is not None:
            self._send(self._question)
        elif tab is not self.file:
            tab.again()
        else:
            self._nothing("Open a file to have all of it answered.")

    def _nothing(self, text: str) -> None:
        if self.sender() in (None, self.tabs.currentWidget()):
            self._question = None
            self._shown = self._number = self._number + 1
            self.about.hide()
            self._no_answer(text)

    def _no_answer(self, text: str) -> None:
        self.rebuilt.hide()
        self.results.errors.mark(None)
        self.answer_stack.show()
        self.answer_stack.show_nothing(text)

    def _ask(self, x: Mapping[str, np.ndarray], truth: Any, caption: str) -> None:
        if self.sender() is not self.tabs.currentWidget():
            return
        self._number += 1
        self._question = Question(x, self._number, truth, caption)
        self._send(self._question)

    def _send(self, question: Question) -> None:
        context = self.context
        if context is None:
            return
        self._session.predict(
            question.x, lambda answer: self._answered(context, question, answer), context.folder, newest="test page"
        )

    def _answered(self, context: Context, question: Question, message: Message) -> None:
        if not shiboken6.isValid(self) or context is not self.context or question.number < self._shown:
            return
        self._shown = question.number
        if isinstance(message, Failed):
            if not message.cancelled:
                self.problem.show_error(WorkbenchError(message.what, where=message.where, remedy=message.remedy))
            return
        assert isinstance(message, Predicted)
        try:
            answers = context.preprocessor.answers(message.y)
        except WorkbenchError as error:
            self.problem.show_error(error)
            return
        self.problem.clear()
        if context.rebuilds:
            self._session.jobs.run(
                self,
                "rebuilt",
                lambda _p, _c: look(context.preprocessor, question.x, answers[0]),
                lambda seen: self._show_rebuilt(context, question, seen),
                self.problem.show_error,
            )
            return
        self._tell(question)
        self.rebuilt.hide()
        self.answer_stack.show()
        self.answer_stack.show_answers(answers, question.truth)

    def _tell(self, question: Question) -> None:
        self.about.setText(question.caption)
        self.about.setVisible(bool(question.caption))

    def _show_rebuilt(self, context: Context, question: Question, seen: Seen) -> None:
        """What an autoencoder made of what was asked."""
        if context is not self.context or question.number < self._shown:
            return
        self._tell(question)
        self.answer_stack.hide()
        self.rebuilt.show_seen(seen)
        self.rebuilt.show()
        self.results.errors.mark(seen.error)

    def _judged(self, results: Results) -> None:
        """The scores are there: what is shown is held against the errors of the samples tested."""
        context = self.context
        if results.errors is None or context is None:
            return
        self.rebuilt.set_errors(results.errors, f"{PARTS[context.part]} {context.things}")
        self.results.errors.mark(None if self.rebuilt.isHidden() else self.rebuilt.error)

    def _learned(self, _batches: object) -> None:
        """The live run has moved on: what is asked is asked again, now and then."""
        if self._is_live() and self.isVisible() and not self._live.isActive():
            self._live.start()

    def _to_form(self, cells: Mapping[str, Any]) -> None:
        self.row.set_values(cells)
        self.tabs.setCurrentWidget(self.row)

    def _show_sample(self, position: int) -> None:
        self.tabs.setCurrentWidget(self.sample)
        self.sample.show_number(position)

    # ---- the scores --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._evaluate()
        self._ask_again()

    def _evaluate(self, force: bool = False) -> None:
        if self.context is not None and self.isVisible():
            self._scorer.score(self.context, live=self._is_live(), force=force)
