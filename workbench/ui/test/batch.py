"""Answering a whole file: read and prepared by a job, asked of the engine piece by piece, put together by a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, Signal

from workbench.core.errors import WorkbenchError
from workbench.link.messages import Failed, Message, Predicted
from workbench.ui.test.context import Context
from workbench.ui.test.file_tab import AnswersView, FileTab
from workbench.ui.test.predictions import (
    Batch,
    Predictions,
    predictions,
    read_batch,
    rebuilt_predictions,
    write_csv,
)
from workbench.ui.test.rebuilt import plain_errors, told_of

if TYPE_CHECKING:
    from workbench.ui.session import Session


class BatchAsker(QObject):
    """Wires the file tab, the session and the table of answers. `answered()` when a file is done. UI thread."""

    answered = Signal()

    def __init__(self, session: Session, tab: FileTab, view: AnswersView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._tab, self._view = session, tab, view
        self._turn = 0
        tab.file_wanted.connect(self.ask)
        view.save_wanted.connect(self._save)

    def ask(self, path: Path) -> None:
        """Answer a file or folder; a newer one takes its place."""
        context = self._tab.context
        if context is None:
            return
        self._turn += 1
        turn = self._turn
        self._tab.problem.clear()
        self._tab.scores.hide()
        self._tab.show_progress(0.0, f"Reading {path.name}")
        self._session.jobs.run(
            self,
            "batch",
            lambda progress, cancelled: read_batch(path, context.project, context.preprocessor, progress, cancelled),
            lambda batch: self._next(context, batch, [], turn),
            self._failed,
            lambda share, text: self._tab.show_progress(share / 2, text or f"Reading {path.name}"),
        )

    def _failed(self, error: WorkbenchError) -> None:
        self._tab.show_progress(1.0, "")
        self._tab.problem.show_error(error)

    def _next(self, context: Context, batch: Batch, answers: list[Any], turn: int) -> None:
        """Ask for the next piece, or put the answers together. answers: arrays, or what is told of rebuilt rows."""
        if turn != self._turn:
            return
        done = min(len(batch), len(answers) * batch.step)
        if not len(batch):
            self._failed(WorkbenchError("There are no rows to answer in it.", where=str(batch.path)))
            return
        if done < len(batch):
            self._tab.show_progress(0.5 + done / len(batch) / 2, f"{done:,} of {len(batch):,} answered")

            def answered(message: Message) -> None:
                if not shiboken6.isValid(self) or turn != self._turn:
                    return
                if isinstance(message, Failed):
                    self._failed(WorkbenchError(message.what, where=message.where, remedy=message.remedy))
                    return
                assert isinstance(message, Predicted)
                y = message.y
                if not context.rebuilds:
                    self._next(context, batch, [*answers, y], turn)
                    return
                self._session.jobs.run(
                    self,
                    "told",
                    lambda _p, _c: told_of(context.preprocessor, piece, y),
                    lambda told: self._next(context, batch, [*answers, told], turn),
                    self._failed,
                )

            piece = batch.piece(done)
            self._session.predict(piece, answered, context.folder)
            return

        def put_together(_progress: object, _cancelled: object) -> Predictions:
            if context.rebuilds:
                x = context.prepared.part("train").x if context.prepared is not None else None
                plain = plain_errors(context.preprocessor, x, batch.x) if x is not None else None
                return rebuilt_predictions(context.preprocessor, batch, answers, plain)
            train = np.asarray(context.prepared.part("train").y) if context.prepared is not None else None
            return predictions(context.preprocessor, batch, np.concatenate(answers), train)

        self._session.jobs.run(self, "together", put_together, self._show, self._failed)

    def _show(self, found: Predictions) -> None:
        count = len(found.batch)
        results = [one.results for one in found.every if one.results is not None]
        lacking = [one.answer.target for one in found.every if one.results is None]
        what = "it" if results else "nothing"
        known = f" The true {' and '.join(lacking)} is not in it, so {what} is {'not ' * bool(results)}scored."
        known = known if lacking else ""
        if found.every[0].answer.target == "error" and self._tab.context is not None and self._tab.context.rebuilds:
            known = " The worst rebuilt are first."
        self._tab.show_progress(1.0, f"{count:,} answered.{known}")
        self._tab.scores.setVisible(bool(results))
        if results:
            self._tab.scores.show_results(results)
        self._view.show_predictions(found)
        self.answered.emit()

    def _save(self, place: Path) -> None:
        found: Any = self._view.model.found

        def done(_nothing: object) -> None:
            self._view.notice.set_notice(f"Saved {len(found.batch):,} answers to {place}.", "good")

        self._session.jobs.run(
            self,
            "save",
            lambda _p, _c: write_csv(found, place),
            done,
            lambda error: self._view.notice.show_error(error),
        )
