"""Scores a run when it is looked at: asked of the engine, worked out by a job, shown. UI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shiboken6
from PySide6.QtCore import QObject

from workbench.core.errors import WorkbenchError
from workbench.link.messages import Evaluated, Failed, Message, Predicted
from workbench.ui.test.column_figures import judge_columns, looked_at
from workbench.ui.test.context import Context
from workbench.ui.test.rebuilt import judge_errors, plain_errors
from workbench.ui.test.results_view import ResultsView
from workbench.ui.test.sample_tab import PARTS
from workbench.ui.test.scores import Results, judge_each

if TYPE_CHECKING:
    from workbench.ui.session import Session


class Scorer(QObject):
    """Keeps the results view at what is known of the run that is asked."""

    def __init__(self, session: Session, view: ResultsView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._view = session, view
        self._context: Context | None = None
        self._live = False
        self._known: tuple[Any, ...] = ()

    def forget(self) -> None:
        """Another run is asked: its scores are not those that are shown."""
        self._known = ()

    def score(self, context: Context, *, live: bool, force: bool = False) -> None:
        """Score the run unless that was done for these weights. live: it trains, and is scored again when `force`d."""
        self._context, self._live = context, live
        view = self._view
        if not context.part:
            view.show_nothing("")
            view.problem.set_notice(context.missing or "No rows are held out for testing.", "warning")
            return
        run = self._session.run
        if live and run is not None and len(run.history.epochs) == 0:
            view.show_nothing("Scores come with the first whole epoch.")
            return
        view.refresh.setVisible(live)
        if live and not force and self._known[:2] == (context.folder, "live"):
            return
        record = next((r for r in self._session.runs if r.id == context.record.id), context.record)
        key = (context.folder, "live" if live else record.state, record.best_epoch, record.epochs_done)
        if key == self._known and not force:
            return
        self._known = key
        view.title.setText(f"{PARTS[context.part].capitalize()} scores")
        if not view.shown:
            view.show_nothing("Scoring…")
            view.refresh.setVisible(live)
        self._session.evaluate(context.folder, lambda answer: self._evaluated(context, answer), context.part)

    def _evaluated(self, context: Context, message: Message) -> None:
        if not shiboken6.isValid(self) or context is not self._context:
            return
        if isinstance(message, Failed):
            self._known = ()
            if not message.cancelled:
                error = WorkbenchError(message.what, where=message.where, remedy=message.remedy)
                again = ("Try again", lambda: self.score(context, live=self._live, force=True))
                self._view.show_nothing("")
                self._view.problem.show_error(error, [again])
            return
        assert isinstance(message, Evaluated)
        y = message.y
        if not self._live and context.part == "test":
            self._session.keep_scores(context.folder, {f"test.{k}": float(v) for k, v in message.metrics.items()})

        def work(_progress: object, _cancelled: object) -> tuple[Results, ...]:
            part = context.tested()
            assert context.prepared is not None
            if context.rebuilds:
                plain = plain_errors(context.preprocessor, context.prepared.part("train").x, part.x)
                return (judge_errors(context.preprocessor, y, np.asarray(part.rows), plain),)
            train = np.asarray(context.prepared.part("train").y)
            every = judge_each(context.preprocessor, y, np.asarray(part.y), np.asarray(part.rows), train)
            if not context.series:
                return every
            from workbench.core.data.sequence_answers import last_value_error

            naive = last_value_error(context.preprocessor, part.x[context.input_name], part.y)
            more = "" if naive is None else f"; the last known value again: off by {naive:.4g}"
            return (replace(every[0], constant=every[0].constant + more),)

        def done(every: tuple[Results, ...]) -> None:
            if context is self._context:
                what = context.things
                note = f"{len(every[0].truth):,} {what}, best weights"
                self._view.show_results(every, context, note + (" so far" if self._live else ""))
                if context.rebuilds and context.preprocessor.kind == "table":
                    self._ask_columns(context)

        self._session.jobs.run(self, "score", work, done, self._view.problem.show_error)

    def _ask_columns(self, context: Context) -> None:
        """The engine told each row's error alone; how well each column is rebuilt follows from what came out."""
        part = context.tested()
        some = looked_at(len(part.rows))
        x = {name: np.asarray(array[some]) for name, array in part.x.items()}

        def answered(message: Message) -> None:
            if not shiboken6.isValid(self) or context is not self._context:
                return
            if isinstance(message, Failed):
                if not message.cancelled:
                    self._view.problem.show_error(
                        WorkbenchError(message.what, where=message.where, remedy=message.remedy)
                    )
                return
            assert isinstance(message, Predicted)
            y = message.y

            def work(_progress: object, _cancelled: object) -> Any:
                assert context.prepared is not None
                return judge_columns(context.preprocessor, context.prepared.part("train").x, x, y)

            def done(columns: Any) -> None:
                if context is self._context:
                    self._view.errors.show_columns(columns)

            self._session.jobs.run(self, "columns", work, done, self._view.problem.show_error)

        self._session.predict(x, answered, context.folder)
