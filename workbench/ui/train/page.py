"""The Train page: settings on the left, the run in the middle, the doctor on the right. UI thread only."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.history import Columns
from workbench.core.units import Units
from workbench.ui import readable, theme
from workbench.ui.bridge import EngineStatus
from workbench.ui.live_run import LiveRun
from workbench.ui.model.output_looks import loss_words
from workbench.ui.train import figures
from workbench.ui.train.begin_with import short_name
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.doctor import examine
from workbench.ui.train.doctor_overfitting import least_rise
from workbench.ui.train.doctor_panel import DoctorPanel
from workbench.ui.train.findings import NO_GRAPH, Baseline, Finding, Remedy, Watched, begun_with, plain_rate, told_of
from workbench.ui.train.middle import RunMiddle
from workbench.ui.train.remedies import remedies_for, resumed_smaller
from workbench.ui.train.run_files import RunFiles
from workbench.ui.train.run_graph import RunGraph
from workbench.ui.train.side import TrainSide, heading
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from workbench.ui.session import Session

WARM_MS = 300  # after the page is first shown: at once, it would stay half laid out for as long as that takes
DOCTOR_S = 2.0  # between two looks of the doctor while nothing but batches has come
SIDE = 272


class TrainPage(QWidget):
    """`output_wanted(id)`: the block of that output is to be shown on the canvas."""

    output_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainPage")
        self.setProperty("role", "page")
        self._session = session
        self._run_id = ""
        self._warm = False
        self._engine: EngineStatus | None = None  # as the settings show it
        self._failed: LiveRun | None = None  # what the failure above the run is told of
        self._examined: tuple[object, ...] = ()
        self._examined_at = 0.0
        self._drawn = ("", "")  # run and state of which the curves were drawn
        self.files = RunFiles(session, self)
        self.files.background_read.connect(self._background_read)
        self.files.ghosts_read.connect(self._show_ghosts)
        self.side = TrainSide(session)
        self.side.output_wanted.connect(self.output_wanted)
        self.side.folds_typed.connect(self._show_empty)
        self.failure = InlineNotice()
        self.middle = RunMiddle(RunGraph(session.catalog))
        self.middle.tools.ghosts.toggled.connect(lambda _on: self._show_ghosts())
        self.middle.tools.metric_chosen.connect(lambda _name: session.telling.now())
        self.middle.tabs.currentChanged.connect(lambda _i: self._show_graph())
        self.empty = EmptyState("chart-line-up", "Nothing trained yet")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.middle)
        self.doctor = DoctorPanel()
        self.doctor.chosen.connect(self._take)
        self._build()
        session.changed.connect(lambda _change: self._show_settings())
        for signal in (session.facts_changed, session.graph_checked, session.resolved_changed):
            signal.connect(self._show_settings)
        session.engine_changed.connect(self._engine_changed)
        session.telling.told.connect(self._told)
        session.run_changed.connect(self._run_changed)
        session.runs_changed.connect(self._runs_changed)
        self._show_settings()
        self._runs_changed()
        self._show_run()

    def _build(self) -> None:
        middle = QWidget()
        middle.setProperty("role", "surface")
        rows = QVBoxLayout(middle)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.failure)
        rows.addWidget(self.stack, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE, theme.SPACE)
        column.addWidget(heading("Doctor"))
        column.addWidget(scrolled(self.doctor), 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("trainSplitter")
        splitter.setChildrenCollapsible(False)
        for part, least in ((self.side, 248), (middle, 420), (right, 232)):
            part.setMinimumWidth(least)
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([SIDE + 28, 700, SIDE - 22])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)

    # ---- settings ----------------------------------------------------------------------------------------------

    def _show_settings(self, *_: object) -> None:
        self.side.show_settings()
        self._show_empty()
        if self._session.run is not None:
            self._session.telling.now()

    def _engine_changed(self) -> None:
        """It tells its memory and load every two seconds: nothing of that is shown here."""
        status = replace(self._session.engine, memory=0, load=-1.0, card_load=-1.0, card_memory=-1)
        if status != self._engine:
            self._engine = status
            self._show_settings()

    # ---- the run -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._warm:
            self._warm = True
            QTimer.singleShot(WARM_MS, self, self._warm_up)
        self._session.telling.now()
        self.side.forecast.refresh()

    def _warm_up(self) -> None:
        """Lay out and paint what shows a run once, unseen: the first picture of the first run need not wait for it."""
        if self.stack.currentWidget() is not self.middle:
            self.middle.resize(self.stack.size())
            self.middle.grab()

    def _told(self) -> None:
        if self.isVisible():  # shown as it is then
            self._show_run()

    def _run_changed(self) -> None:
        run = self._session.run
        if not self.isVisible() or run is None:
            return
        seen = (run.id, run.state)
        if seen[0] == self._drawn[0] and seen[1] != self._drawn[1]:
            self.middle.curves.frames.at_once()  # as the end, with its marks
        self._drawn = seen
        if run.active:
            self.middle.curves.follow()  # the columns that it draws have grown

    def _show_run(self) -> None:
        run = self._session.run
        self.side.show_bar()
        back = self.files.background(run.id) if run is not None else None
        self.side.show_hand(back.train if back else None)
        self.stack.setCurrentWidget(self.middle if run is not None else self.empty)
        if run is None:
            self._run_id = ""
            self._show_failure()
            self._show_empty()
            self.doctor.show_findings(())
            return
        if run.id != self._run_id:
            self._run_id = run.id
            self.files.read_background(run)
            self._show_ghosts()
        self._show_failure()
        back = self.files.background(run.id)
        batches, epochs = _arrays(run.history.batches), _arrays(run.history.epochs)
        ended = run.ended
        tiles = figures.tiles(
            run.state,
            len(run.history.epochs) if not run.active else run.epoch,
            run.epochs,
            batches,
            epochs,
            run.samples_per_second,
            run.seconds_left,
            ended.seconds if ended is not None else run.record.seconds if run.record.usable else math.nan,
            back.units if back else Units(),
            self.middle.curves.chosen_metric,
            run.record.outputs,
            of_fold=bool(run.record.group),
        )
        self.middle.strip.show_tiles(tiles)
        started = run.started
        mode, device = (started.mode, started.device) if started else (run.record.mode, run.record.device)
        said = run.text if run.error is None or run.active else ""  # the failure above tells it
        self.middle.state.setText(f"{run.name} · " + figures.in_words(run.state, said, mode, device))
        steps = started.steps_per_epoch if started else back.steps_per_epoch if back else 0
        self.middle.curves.units = back.units if back else Units()
        named = [n for n in epochs or batches if n not in ("loss", "learning_rate") and not n.startswith("val_")]
        self.middle.curves.outputs = run.record.outputs
        self.middle.tools.show_metrics(named, run.record.outputs)
        happened = tuple(run.history.events)
        history = run.history
        early = run.early or (back.train.early_stopping if back else self._session.project.train.early_stopping)
        least = least_rise(back.baseline.loss, back.rows) if back else 0.0
        drawn = RunCurves(run.id, steps, history.batches, history.epochs, tuple(history.paces), happened, early, least)
        self.middle.curves.set_run(drawn, float(run.epochs) if run.active else 0.0)  # ended: nothing more comes
        if self._doctor_due():
            self._show_doctor(batches, epochs, steps)
        self._show_graph()

    def _doctor_due(self) -> bool:
        """Whether there is something new to examine: an epoch, a look inside, another state; else every two seconds."""
        session, run = self._session, self._session.run
        assert run is not None
        project = session.project
        broken = run.step > 0 and not math.isfinite(run.last("loss"))
        back, record = self.files.background(run.id), run.record.usable
        more = round(50 * math.log1p(len(run.history.epochs)))  # of many, a fiftieth more
        seen = (run.id, run.state, run.text, more, run.probes, back, broken, record)
        now, looked = time.monotonic(), (seen, project.train, project.graph, project.features.balance)
        if looked == self._examined and run.state == "running" and now - self._examined_at < DOCTOR_S:
            return False
        self._examined, self._examined_at = looked, now
        return True

    def _show_doctor(self, batches: dict[str, np.ndarray], epochs: dict[str, np.ndarray], steps: int) -> None:
        run = self._session.run
        assert run is not None
        back = self.files.background(run.id)
        begun = back.train if back else self._session.project.train
        rate = plain_rate(begun)
        if rate is not None and math.isfinite(run.learning_rate):
            rate = run.learning_rate
        watched = Watched(
            run.state,
            begun,
            epochs,
            batches.get("loss", np.empty(0)),
            steps,
            rate,
            back.baseline if back else Baseline(),
            run.text,
            run.probes,
            back.graph
            if back and replace(back.graph, notes=self._session.project.graph.notes) == self._session.project.graph
            else NO_GRAPH,
            back.classes if back else {},
            back.balance if back else self._session.project.features.balance,
            run.record.outputs,
            run.early,
            kept=run.active or (run.ended.best_epoch >= 0 if run.ended is not None else run.record.usable),
            rows=back.rows if back else 0,
        )
        if run.state == "interrupted":
            done = len(run.history.epochs)
            title = f"Interrupted after {done:,} epoch{'' if done == 1 else 's'}."
            told = Finding("now", "fact", title, "Resumed, it goes on from its last checkpoint as if nothing had been.")
            self.doctor.show_findings((told,))
        else:
            found = (*examine(watched), *begun_with(run.history.events))
            self.doctor.show_findings(told_of(found, self._session.project))

    def _take(self, remedy: Remedy) -> None:
        if remedy.action == "stop":
            self._session.stop()
        elif remedy.action == "try_rates":
            self.side.try_rates()
        elif remedy.action.startswith("show:"):
            self.output_wanted.emit(remedy.action.removeprefix("show:"))
        elif remedy.action.startswith("page:"):
            self._session.show_page(remedy.action.removeprefix("page:"))
        elif remedy.edit is not None:
            self._session.apply(remedy.edit, remedy.title)

    def _show_failure(self) -> None:
        run = self._session.run
        if run is None or run.error is None or run.active:
            if self._failed is not None:
                self._failed = None
                self.failure.clear()
            return
        self._failed = run
        actions: list[tuple[str, Any]] = []
        left = self.side.interrupted()
        if run.state == "interrupted" or (left is not None and left.id == run.id):
            if half := resumed_smaller(run.ended, run.error, run.batch_size):
                text = f"Resume {short_name(run.record)} with batches of {half}"
                actions.append((text, lambda: self.side.resume_with(half)))
            actions.append((f"Resume {short_name(run.record)}", lambda: self.side.do("resume_run")))
        session = self._session
        computed = (run.started.device, run.started.mode) if run.started is not None else ("", "")
        for remedy in remedies_for(
            run.ended, session.project, session.catalog, run.error, session.graph_facts, *computed
        ):
            if remedy.edit is None or remedy.edit(session.project) != session.project:  # not what is so already
                actions.append((remedy.title, lambda remedy=remedy: self._take(remedy)))
        if self._session.resolved.can_train:
            actions.append(("Train again", lambda: self.side.do("train")))
        self.failure.show_error(run.error, actions)

    def _show_empty(self) -> None:
        session = self._session
        if session.run is not None:
            return
        resolved = session.resolved
        if not resolved.can_train and not session.can_wait:
            page = resolved.next_page if resolved.next_page != "train" else "model"
            title = {"data": "Open data", "features": "Choose what to predict", "model": "Look at the model"}
            state = ("path", "Not ready to train yet", resolved.why_not)
            buttons = [(title.get(page, f"Go to {page}"), lambda: session.show_page(page))]
            if resolved.next_page == "train" and session.engine.state == "dead":
                buttons = [("Start the engine", session.start_engine)]
        else:
            train, facts, graph = session.project.train, session.facts, session.graph_facts
            loss = train.loss if train.loss != "auto" else (graph.loss if graph else "")
            words = loss_words(session.catalog, loss)
            if facts is not None and facts.more:
                words = f"sum of the losses of {len(facts.targets)} outputs"
            kind = facts.kind if facts else "table"
            plan = (train.batch_size, train.epochs, train.optimizer, self.side.rate(), words, kind)
            text = figures.plan_in_words(self.side.rows(), *plan)
            if folds := self.side.begin.folds:
                split = session.features.split
                of = "Of each, on average" if split is not None and split.method == "time" else "Of each"
                text = f"{folds} runs, each validated on other rows; then mean and spread of their scores. {of}: {text}"
            state = ("play-circle", "Ready to train", text)
            buttons = []  # the one Train button stands at the end of the settings
        if getattr(self, "_empty_shown", None) != (state, len(buttons)):
            self._empty_shown = (state, len(buttons))
            self.empty.set_state(*state, buttons)

    # ---- what is read from disk, in the background ---------------------------------------------------------------

    def _background_read(self, run_id: str) -> None:
        if self._session.run is not None and self._session.run.id == run_id:
            self._session.telling.now()

    def _runs_changed(self) -> None:
        self.side.show_bar()
        self.files.read_ghosts()
        self._show_ghosts()

    def _show_ghosts(self) -> None:
        shown = self.files.ghosts()
        self.middle.tools.ghosts.setVisible(self.files.any_earlier)
        if not self.middle.tools.ghosts.isChecked():
            shown = []
        self.middle.curves.set_ghosts([ghost for ghost, _ in shown], [place for _, place in shown])

    def _show_graph(self) -> None:
        run = self._session.run
        if run is None or self.middle.tabs.currentWidget() is not self.middle.graph:
            return
        session = self._session
        back = self.files.background(run.id)
        graph = back.graph if back else session.project.graph
        same = replace(graph, notes=()) == replace(session.project.graph, notes=())
        loss = run.loss()
        note = f"As it was when {run.name} began. Epoch {run.shown_epoch:,} of {run.epochs:,}"
        note += f", loss {readable.figure(loss)}." if math.isfinite(loss) else "."
        if not same:
            note += " The model has been changed since."
        training = run.state == "running"
        facts = session.graph_facts if same else None
        self.middle.graph.show_graph(graph, session.facts, facts, training=training, note=note)


def _arrays(columns: Columns) -> dict[str, np.ndarray]:
    return {name: columns[name] for name in columns.names}
