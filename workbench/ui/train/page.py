"""The Train page: settings on the left, the run in the middle, the doctor on the right. UI thread only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.history import Columns
from workbench.core.runs import RunRecord, Start
from workbench.core.units import Units
from workbench.ui import readable, theme
from workbench.ui.model.output_looks import loss_words, outputs_told
from workbench.ui.train import figures
from workbench.ui.train.areas import FittedArea, scrolled
from workbench.ui.train.background import Background, read_background, read_ghosts
from workbench.ui.train.begin_with import BeginWith
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.doctor import examine
from workbench.ui.train.doctor_panel import DoctorPanel
from workbench.ui.train.findings import NO_GRAPH, Baseline, Remedy, Watched
from workbench.ui.train.forecast_note import ForecastNote
from workbench.ui.train.live_controls import LiveControls
from workbench.ui.train.middle import RunMiddle
from workbench.ui.train.rates_window import RatesWindow
from workbench.ui.train.remedies import remedies_for
from workbench.ui.train.run_bar import RunBar, buttons_for
from workbench.ui.train.run_graph import RunGraph
from workbench.ui.train.settings_panel import SettingsPanel
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.notice import InlineNotice

if TYPE_CHECKING:
    from workbench.ui.session import Session

FIGURES_MS = 100  # figures change at most ten times a second: faster cannot be read
GHOSTS = 4
SIDE = 272


class TrainPage(QWidget):
    """`output_wanted(id)`: the block of that output is to be shown on the canvas."""

    output_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainPage")
        self.setProperty("role", "page")
        self._session = session
        self._background: dict[str, Background] = {}
        self._ghosts: dict[str, RunCurves] = {}
        self._run_id = ""
        self.settings = SettingsPanel(session.catalog)
        self.settings.edited.connect(self._apply)
        self.settings.output_wanted.connect(self.output_wanted)
        self.bar = RunBar()
        self.bar.wanted.connect(self._do)
        self._cluster = self.settings.further.cluster
        self._cluster.start.connect(session.start_cluster)
        self._cluster.stop.connect(session.stop)
        session.cluster.told.connect(self._cluster.show_state)
        self.live = LiveControls()
        self.live.wanted.connect(lambda changes: session.adjust(**changes))
        self.live.queued.connect(self._queue)
        self.begin = BeginWith()
        self.begin.more.connect(self._train_on)
        self.begin.cleared.connect(session.clear_queue)
        self.forecast = ForecastNote(session)
        self.forecast.edited.connect(self._apply)
        self.rates = QPushButton("Try learning rates…")
        self.rates.setObjectName("tryRates")
        self.rates.setProperty("role", "link")
        self.rates.setToolTip("Draws the loss against the learning rate, in about a hundred steps of a fresh model.")
        self.rates.clicked.connect(lambda _=False: self.try_rates())
        self.failure = InlineNotice()
        self.middle = RunMiddle(RunGraph(session.catalog))
        self.middle.tools.ghosts.toggled.connect(lambda _on: self._show_ghosts())
        self.middle.tools.metric_chosen.connect(lambda _name: self._show_run())
        self.middle.tabs.currentChanged.connect(lambda _i: self._show_graph())
        self.empty = EmptyState("chart-line-up", "Nothing trained yet")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.middle)
        self.doctor = DoctorPanel()
        self.doctor.chosen.connect(self._take)
        self._build()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FIGURES_MS)
        self._timer.timeout.connect(self._show_run)
        session.changed.connect(lambda _change: self._show_settings())
        for signal in (session.facts_changed, session.graph_checked, session.engine_changed, session.resolved_changed):
            signal.connect(self._show_settings)
        session.run_changed.connect(self._run_changed)
        session.runs_changed.connect(self._runs_changed)
        self._show_settings()
        self._runs_changed()
        self._show_run()

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        column.addWidget(_heading("Training"))
        column.addWidget(FittedArea(self.settings))
        column.addWidget(self.live)
        column.addWidget(self.begin)
        column.addWidget(self.forecast)
        column.addWidget(self.rates, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.bar)
        column.addStretch(1)
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
        column.addWidget(_heading("Doctor"))
        column.addWidget(scrolled(self.doctor), 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("trainSplitter")
        splitter.setChildrenCollapsible(False)
        for part, least in ((left, 248), (middle, 420), (right, 232)):
            part.setMinimumWidth(least)
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([SIDE + 28, 700, SIDE - 22])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)

    # ---- settings ----------------------------------------------------------------------------------------------

    def _show_settings(self, *_: object) -> None:
        session = self._session
        facts = session.facts
        self.settings.show_train(
            session.project.train,
            task=facts.target.task if facts and facts.target else "",
            graph=session.graph_facts,
            devices=[(d.name, d.title) for d in session.engine.devices],
            held_out=not facts or facts.rows.get("validation", 1) > 0,
            classes=next((t.classes for t in facts.targets if t.classes), ()) if facts else (),
            rows=facts.rows.get("train", 0) if facts else 0,
            outputs=outputs_told(session.project.graph, facts, session.graph_facts, session.catalog),
        )
        self.forecast.refresh()
        self._cluster.set_project(str(session.folder.path))
        self._show_bar()
        self._show_empty()
        if self._session.run is not None:
            self._show_run()

    def _apply(self, edit: Any, label: str, merge_key: str) -> None:
        self._session.apply(edit, label, merge_key or None)

    def _show_bar(self) -> None:
        session = self._session
        run = session.run
        active = run.state if run is not None and run.active else ""
        resolved = session.resolved
        interrupted = self._interrupted()
        again = any(r.usable for r in session.runs)
        name = interrupted.name if interrupted else ""
        can = resolved.can_train or session.can_wait
        self.bar.show_buttons(buttons_for(active, can, resolved.why_not, name, again, session.train_wanted))

    def _interrupted(self) -> RunRecord | None:
        """The newest run, when it was left in the middle."""
        run = self._session.run
        if run is not None and run.state == "interrupted":
            return run.record
        if run is not None and run.active:
            return None
        records = self._session.runs
        last = records[-1] if records else None
        return last if last is not None and last.interrupted else None

    def _do(self, action: str) -> None:
        session = self._session
        if action == "train":
            self.settings.flush()
            self.begin.flush()
            session.train(start=self._start(), folds=self.begin.folds)
            self._show_bar()
        elif action == "resume_run":
            record = self._interrupted()
            if record is not None:
                session.train(resume=record.id)
        else:
            {"pause": session.pause, "resume": session.resume, "stop": session.stop}[action]()

    def _start(self) -> Start | None:
        """The weights that were chosen to begin with."""
        run, which = self.begin.chosen
        return Start(self._session.folder.runs / run, which) if run else None

    def _queue(self) -> None:
        self.settings.flush()
        self.begin.flush()
        self._session.enqueue(start=self._start(), folds=self.begin.folds)

    def _train_on(self, more: int) -> None:
        last = self._session.runs[-1] if self._session.runs else None
        if last is not None:
            self._session.train(resume=last.id, epochs=last.epochs_done + more)

    def _show_hand(self) -> None:
        """What can be changed of the run that trains, or how the next one begins."""
        session, run = self._session, self._session.run
        trains = run is not None and run.state in ("running", "paused") and run.started is not None
        self.live.setVisible(trains)
        self.rates.setVisible(self._rate() is not None and not (run is not None and run.active))
        if run is not None and run.started is not None and trains:
            rate = run.last("learning_rate")
            rate = rate if math.isfinite(rate) else self._rate() or math.nan
            early = session.project.train.early_stopping
            self.live.show_run(run.id, rate, run.started.batch_size, run.started.epochs, early)
        self.forecast.refresh()
        self.begin.show_runs(session.runs, session.waiting, run is not None and run.active)
        self.begin.show_given(any(n.weights is not None for n in session.project.graph.nodes))
        split = session.document.project.features.split
        self.begin.show_folds(split.folds if split is not None and not split.fold else 0)

    # ---- the run -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_run()
        self.forecast.refresh()

    def _run_changed(self) -> None:
        if not self.isVisible():  # shown as it is then
            return
        run = self._session.run
        if run is None or run.id != self._run_id or not run.active:
            self._show_run()
        elif not self._timer.isActive():
            self._timer.start()

    def _show_run(self) -> None:
        run = self._session.run
        self._show_bar()
        self._show_hand()
        self.stack.setCurrentWidget(self.middle if run is not None else self.empty)
        if run is None:
            self._run_id = ""
            self.failure.clear()
            self._show_empty()
            self.doctor.show_findings(())
            return
        if run.id != self._run_id:
            self._run_id = run.id
            self._read_background()
            self._show_ghosts()
        self._show_failure()
        back = self._background.get(run.id)
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
            ended.seconds if ended is not None else run.record.seconds,
            back.units if back else Units(),
            self.middle.curves.chosen_metric,
            run.record.outputs,
        )
        self.middle.strip.show_tiles(tiles)
        started = run.started
        mode, device = (started.mode, started.device) if started else (run.record.mode, run.record.device)
        self.middle.state.setText(f"{run.name} · " + figures.in_words(run.state, run.text, mode, device))
        steps = started.steps_per_epoch if started else back.steps_per_epoch if back else 0
        self.middle.curves.units = back.units if back else Units()
        named = [n for n in epochs or batches if n not in ("loss", "learning_rate") and not n.startswith("val_")]
        self.middle.curves.outputs = run.record.outputs
        self.middle.tools.show_metrics(named, run.record.outputs)
        happened = tuple(run.history.events)
        history = run.history
        drawn = RunCurves(run.id, steps, history.batches, history.epochs, tuple(history.paces), happened)
        self.middle.curves.set_run(drawn, float(run.epochs))
        self._show_doctor(batches, epochs, steps)
        self._show_graph()

    def _show_doctor(self, batches: dict[str, np.ndarray], epochs: dict[str, np.ndarray], steps: int) -> None:
        run = self._session.run
        assert run is not None
        back = self._background.get(run.id)
        watched = Watched(
            run.state,
            self._session.project.train,
            epochs,
            batches.get("loss", np.empty(0)),
            steps,
            self._rate(),
            back.baseline if back else Baseline(),
            run.text,
            run.probes,
            back.graph if back and back.graph == self._session.project.graph else NO_GRAPH,
            back.classes if back else (),
            self._session.project.features.balance,
            run.record.outputs,
        )
        if run.state == "interrupted":
            self.doctor.show_findings(())
        else:
            self.doctor.show_findings(examine(watched))

    def _rate(self) -> float | None:
        """The learning rate of the settings; None when it follows a schedule."""
        train = self._session.project.train
        value = train.optimizer_params.get("learning_rate")
        if value is None:
            entry = self._session.catalog.optimizers.get(train.optimizer)
            field = entry.field("learning_rate") if entry else None
            value = field.default if field else None
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def _take(self, remedy: Remedy) -> None:
        if remedy.action == "stop":
            self._session.stop()
        elif remedy.action == "try_rates":
            self.try_rates()
        elif remedy.edit is not None:
            self._session.apply(remedy.edit, remedy.title)

    def try_rates(self) -> None:
        """Open the window that finds a learning rate, when one can be looked for."""
        self.settings.flush()
        session = self._session
        if session.run is not None and session.run.active:
            session.tell(f"{session.run.name} is still training: rates can be tried when it has ended.", key="rates")
        elif not session.resolved.can_train:
            session.tell(session.resolved.why_not, key="rates")
        else:
            RatesWindow(session, self).open()

    def _show_failure(self) -> None:
        run = self._session.run
        if run is None or run.error is None or run.active:
            self.failure.clear()
            return
        actions: list[tuple[str, Any]] = []
        if run.state == "interrupted":
            actions.append((f"Resume {run.name}", lambda: self._do("resume_run")))
        for remedy in remedies_for(run.ended, self._session.project.train, self._session.catalog):
            actions.append((remedy.title, lambda remedy=remedy: self._take(remedy)))
        if self._session.resolved.can_train:
            actions.append(("Train again", lambda: self._do("train")))
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
        else:
            train, facts, graph = session.project.train, session.facts, session.graph_facts
            loss = train.loss if train.loss != "auto" else (graph.loss if graph else "")
            words = loss_words(session.catalog, loss)
            if facts is not None and facts.more:
                words = f"sum of the losses of {len(facts.targets)} outputs"
            rows = facts.rows.get("train", 0) if facts else 0
            kind = facts.kind if facts else "table"
            plan = (train.batch_size, train.epochs, train.optimizer, self._rate(), words, kind)
            text = figures.plan_in_words(rows, *plan)
            state = ("play-circle", "Ready to train", text)
            buttons = []  # the one Train button stands at the end of the settings
        if getattr(self, "_empty_shown", None) != (state, len(buttons)):
            self._empty_shown = (state, len(buttons))
            self.empty.set_state(*state, buttons)

    # ---- what is read from disk, in the background ---------------------------------------------------------------

    def _read_background(self) -> None:
        run = self._session.run
        if run is None or not run.id or run.id in self._background:
            return
        folder, run_id = run.folder, run.id

        def done(found: Background) -> None:
            self._background[run_id] = found
            if self._session.run is not None and self._session.run.id == run_id:
                self._show_run()

        # without it the page lacks the baseline and the graph; the run itself reports what is wrong with its folder
        self._session.jobs.run(self, "background", lambda _p, _c: read_background(folder), done, lambda _error: None)

    def _runs_changed(self) -> None:
        self._show_bar()
        wanted = self._ghost_records()
        missing = [r for r in wanted if r.id not in self._ghosts]
        if not missing:
            self._show_ghosts()
            return
        runs = self._session.folder.runs

        def done(found: dict[str, RunCurves]) -> None:
            self._ghosts.update(found)
            self._show_ghosts()

        self._session.jobs.run(self, "ghosts", lambda _p, _c: read_ghosts(runs, missing), done)

    def _ghost_records(self) -> list[RunRecord]:
        run = self._session.run
        live = run.id if run is not None else ""
        return [r for r in self._session.runs if r.epochs_done > 0 and r.id != live][-GHOSTS:]

    def _show_ghosts(self) -> None:
        records = self._ghost_records()
        on = self.middle.tools.ghosts.isChecked()
        self.middle.tools.ghosts.setVisible(bool(records))
        shown = [r for r in records if r.id in self._ghosts] if on else []
        places = {r.id: i for i, r in enumerate(self._session.runs)}
        self.middle.curves.set_ghosts([self._ghosts[r.id] for r in shown], [places[r.id] for r in shown])

    def _show_graph(self) -> None:
        run = self._session.run
        if run is None or self.middle.tabs.currentWidget() is not self.middle.graph:
            return
        session = self._session
        back = self._background.get(run.id)
        graph = back.graph if back else session.project.graph
        same = graph == session.project.graph
        epoch = min(run.epoch + 1, run.epochs) if run.active else len(run.history.epochs)
        loss = run.last("loss")
        note = f"As it was when {run.name} began. Epoch {epoch} of {run.epochs}"
        note += f", loss {readable.figure(loss)}." if math.isfinite(loss) else "."
        if not same:
            note += " The model has been changed since."
        training = run.state == "running"
        facts = session.graph_facts if same else None
        self.middle.graph.show_graph(graph, session.facts, facts, training=training, note=note)


def _arrays(columns: Columns) -> dict[str, np.ndarray]:
    return {name: columns[name] for name in columns.names}


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label
