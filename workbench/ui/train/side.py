"""The left of the Train page: the settings, what can be changed of the run that trains, and the buttons. UI thread
only."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.class_weights import weighed_target
from workbench.core.crossval import rows_to_train_on
from workbench.core.project import TrainSpec
from workbench.core.runs import RunRecord, Start
from workbench.ui import theme
from workbench.ui.choice import planned_folds
from workbench.ui.model.output_looks import outputs_told
from workbench.ui.train.areas import FittedArea
from workbench.ui.train.begin_with import BeginWith, short_name
from workbench.ui.train.device_words import choices, precision_advice, thread_advice
from workbench.ui.train.findings import plain_rate
from workbench.ui.train.forecast_note import ForecastNote
from workbench.ui.train.live_controls import LiveControls
from workbench.ui.train.rates_window import RatesWindow
from workbench.ui.train.run_bar import SILENT, SLOW, RunBar, buttons_for
from workbench.ui.train.settings_panel import SettingsPanel

if TYPE_CHECKING:
    from workbench.ui.session import Session

STUCK_MS = 4000  # after a stop: what it still saves and scores is done long before


class TrainSide(QWidget):
    """`output_wanted(id)`: the block of that output is to be shown on the canvas. `folds_typed()`: another number."""

    output_wanted = Signal(str)
    folds_typed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._settings_shown: tuple[object, ...] = ()
        self._stopping_since = 0.0
        self.settings = SettingsPanel(session.catalog)
        self.settings.edited.connect(self._apply)
        self.settings.output_wanted.connect(self.output_wanted)
        self.bar = RunBar()
        self.bar.wanted.connect(self.do)
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
        self.begin.wanted.connect(session.go_on_with_queue)
        self.begin.form.edited.connect(lambda *_: self._folds_typed())
        self.begin.weights.currentIndexChanged.connect(lambda _i: self._choose())
        session.choice.asked.connect(self._flush)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)
        session.choice.forgotten.connect(self.begin.reset)
        session.choice.changed.connect(lambda: self._cluster.set_start(session.choice.argument))
        self.forecast = ForecastNote(session)
        self.forecast.edited.connect(self._apply)
        self.rates = QPushButton("Try learning rates…")
        self.rates.setObjectName("tryRates")
        self.rates.setProperty("role", "link")
        self.rates.setToolTip(
            "The loss against the learning rate: about a hundred steps from the weights that the run begins with."
        )
        self.rates.clicked.connect(lambda _=False: self.try_rates())
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        self.title = heading("Training")
        self.title.setObjectName("trainTitle")
        column.addWidget(self.title)
        column.addWidget(FittedArea(self.settings))
        column.addWidget(self.live)
        column.addWidget(self.begin)
        column.addWidget(self.forecast)
        column.addWidget(self.rates, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.bar)
        column.addStretch(1)

    def show_settings(self) -> None:
        """The settings of the project as they are now, with what is known of its data and model."""
        session = self._session
        facts = session.facts
        devices = choices(session.engine.devices)
        train, macs = session.project.train, session.graph_facts.macs if session.graph_facts else None
        advice = precision_advice(train, session.engine.devices) or thread_advice(train, session.engine.devices, macs)
        rows = self.rows()
        known = (train, session.project.graph, facts, session.graph_facts, devices, advice, rows)
        if known != self._settings_shown:
            self._settings_shown = known
            weighed = weighed_target(facts.targets) if facts else None
            self.settings.show_train(
                train,
                task=facts.target.task if facts and facts.target else "",
                graph=session.graph_facts,
                devices=devices,
                held_out=not facts or facts.rows.get("validation", 1) > 0,
                classes=weighed.classes if weighed else (),
                by_class=weighed.class_weights if weighed else (),
                advice=advice,
                rows=rows,
                outputs=outputs_told(session.project.graph, facts, session.graph_facts, session.catalog),
            )
        self.forecast.refresh()
        self._cluster.set_project(str(session.folder.path))
        self._cluster.set_start(session.choice.argument)
        self.show_bar()

    def _focus_moved(self, _left: QWidget | None, _entered: QWidget | None) -> None:
        """What is typed into a field is one step, until the field is left."""
        self._session.document.end_merge()

    def _apply(self, edit: Any, label: str, merge_key: str) -> None:
        self._session.apply(edit, label, merge_key or None)

    def show_bar(self) -> None:
        session = self._session
        run = session.run
        active = run.state if run is not None and run.active else ""
        resolved = session.resolved
        interrupted = self.interrupted()
        again = any(r.usable for r in session.runs)
        name = interrupted.name if interrupted else ""
        if not active:  # while a run trains, what it was begun with stays
            self._cluster.set_interrupted(name)
        can = resolved.can_train or session.can_wait
        waits, said = session.train_wanted, run.text if run is not None else ""
        stuck, folds = self._stuck(active), self.begin.folds
        short = short_name(interrupted) if interrupted else ""
        shown = buttons_for(active, can, resolved.why_not, short, again, waits, stuck, said, folds)
        self.bar.show_buttons(shown)

    def _stuck(self, state: str) -> str:
        """Said where the engine does not answer, or has not ended a run for a while after it was told to; else ""."""
        run = self._session.run
        if run is not None and run.elsewhere:  # no engine of this window trains it
            return ""
        silent = SILENT if self._session.engine.silent and state else ""
        if state != "stopping":
            self._stopping_since = 0.0
            return silent
        if not self._stopping_since:
            self._stopping_since = time.monotonic()
            QTimer.singleShot(STUCK_MS, self, self.show_bar)
        waited = time.monotonic() - self._stopping_since >= 0.9e-3 * STUCK_MS
        return silent or (SLOW if waited else "")

    def interrupted(self) -> RunRecord | None:
        """The newest run, when it was left in the middle."""
        run = self._session.run
        if run is not None and run.state == "interrupted":
            return run.record
        if run is not None and run.active:
            return None
        records = self._session.runs
        last = records[-1] if records else None
        return last if last is not None and last.interrupted else None

    def do(self, action: str) -> None:
        session = self._session
        if action == "train":
            session.train_chosen()
            self.show_bar()
        elif action == "resume_run":
            record, run = self.interrupted(), session.run
            if record is not None:  # as it was to go on, where that was refused before it began
                asked = run.asked_batch if run is not None and run.id == record.id and run.started is None else 0
                session.train(resume=record.id, batch_size=asked)
        else:
            verbs = {
                "pause": session.pause,
                "resume": session.resume,
                "stop": session.stop,
                "abort": session.abort,
                "kill": session.kill_engine,
            }
            verbs[action]()

    def resume_with(self, batch_size: int) -> None:
        """Go on with the run that was left in the middle, in batches of another size. The settings stay as they are."""
        record = self.interrupted()
        if record is not None:
            self._session.train(resume=record.id, batch_size=batch_size)

    def start(self) -> Start | None:
        """The weights that were chosen to begin with."""
        return self._session.choice.start(self._session.folder.runs)

    def _choose(self) -> None:
        """What is chosen here holds for every button and key that trains."""
        self._session.choice.choose(self.begin.chosen, self.begin.planned, self.begin.folds)

    def _flush(self) -> None:
        """Take what is typed."""
        self.settings.flush()
        self.begin.flush()

    def _queue(self) -> None:
        self._flush()
        self._session.enqueue(start=self.start(), folds=self.begin.folds)

    def _train_on(self, more: int) -> None:
        last = self._session.runs[-1] if self._session.runs else None
        if last is not None:
            self._session.train(resume=last.id, epochs=last.epochs_done + more)

    def _folds_typed(self) -> None:
        """The button says how many there are, and the page how often it will train."""
        self._choose()
        self.show_settings()
        self.folds_typed.emit()

    def show_hand(self, begun: TrainSpec | None = None) -> None:
        """What can be changed of the run that trains, or how the next one begins. begun: the settings that run began
        with; None while they are not read."""
        session, run = self._session, self._session.run
        trains = run is not None and run.state in ("running", "paused", "tracing") and run.started is not None
        self.live.setVisible(trains)
        # while one trains there are two learning rates, batch sizes and numbers of epochs on the page
        self.title.setText("The next run" if trains else "Training")
        self.rates.setVisible(self.rate() is not None and not (run is not None and run.active))
        if run is not None and run.started is not None and trains:
            begun = begun or session.project.train
            rate = run.learning_rate if math.isfinite(run.learning_rate) else plain_rate(begun) or math.nan
            told = [text for _, text in run.history.events]
            early, started = run.early or begun.early_stopping, run.started
            self.live.show_run(
                run.id, rate, started.batch_size, started.epochs, early, told, paused=run.state == "paused"
            )
        self.forecast.refresh()
        waiting = session.waiting
        ahead = session.time_ahead if waiting else ""
        self.begin.show_runs(session.runs, waiting, run is not None and run.active, ahead)
        self.begin.show_given(any(n.weights is not None for n in session.project.graph.nodes))
        self.begin.show_folds(planned_folds(session.document.project))

    def rows(self) -> int:
        """That the next run, or each of its folds, learns from; 0 while that is not known."""
        session = self._session
        rows, folds = session.facts.rows if session.facts else {}, session.choice.folds(session.project)
        return rows_to_train_on(rows, folds, session.features.split)

    def rate(self) -> float | None:
        """The learning rate of the settings; None when it follows a schedule."""
        return plain_rate(self._session.project.train)

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


def heading(text: str) -> QLabel:
    """The name of a column of the page."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label
