"""The strip at the bottom of every page: the engine and the run, with pause and stop at hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QAbstractAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QWidget

from workbench.core.wording import time_left
from workbench.link.messages import Device

from . import theme
from .bridge import EngineStatus
from .readable import figure
from .session import Session
from .widgets.elide import ElidedLabel
from .widgets.in_place import FigureLabel, show_in_place

STATE_WORDS = {
    "starting": "engine starting",
    "ready": "engine ready",
    "dead": "engine stopped",
    "stopped": "engine off",
}
STATE_COLORS = {"starting": "warn", "ready": "good", "dead": "bad", "stopped": "faint"}


def size(count: float) -> str:
    """Bytes as people say them: "640 MB", "1.1 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _named(device: Device) -> str:
    """A graphics card with its memory; that of the machine is in the tooltip."""
    card = device.name.startswith("gpu") and device.memory
    return f"{device.title}, {size(device.memory)}" if card else device.title


def _loads(status: EngineStatus) -> list[str]:
    """How busy the processor and the graphics card are with the engine."""
    found = [f"CPU {100 * status.load:.0f} %"] if status.load >= 0 else []
    if status.card_load >= 0:
        found.append(f"GPU {100 * status.card_load:.0f} %, {size(max(0, status.card_memory))}")
    return found


class Dot(QWidget):
    """A small disc in a colour of the palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = "faint"
        theme.notifier.changed.connect(self.update)

    def set_color(self, name: str) -> None:
        if name != self._color:
            self._color = name
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._color))
        painter.drawEllipse(QRectF(self.width() / 2 - 4, self.height() / 2 - 4, 8, 8))


class Strip(QWidget):
    """Shows the engine and the run of the session; a run that only goes on is told twice a second."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAccessibleName("Engine and run")
        self._session = session
        self._shown = ""  # id of the run whose figures stand there
        self._paused: bool | None = None  # what the pause button shows
        self._dot = Dot()
        self.engine = QLabel()
        self.engine.setObjectName("strip_engine")
        self._restart = QPushButton("Start the engine")
        self._restart.setObjectName("strip_restart")
        theme.set_role(self._restart, "link")
        self._restart.clicked.connect(session.start_engine)
        self._end = QPushButton("End it")
        self._end.setObjectName("strip_end")
        self._end.setAccessibleName("End the engine")
        self._end.setToolTip(
            "Ends the engine at once and starts it again. A run can be resumed from its last checkpoint."
        )
        theme.set_role(self._end, "link")
        self._end.clicked.connect(session.kill_engine)
        self.device = FigureLabel("panel")
        self.device.setObjectName("strip_device")
        self.device.setFont(theme.font(13, tabular=True))
        theme.set_role(self.device, "muted")
        self._device_told: tuple[object, ...] = ()  # which figures stand there
        self.run = ElidedLabel()
        self.run.setObjectName("strip_run")
        self.run.setMaximumWidth(220)
        self.bar = QProgressBar()
        self.bar.setObjectName("strip_bar")
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(160)
        self.figures = FigureLabel("panel")
        self.figures.setObjectName("strip_figures")
        self.figures.setFont(theme.font(13, tabular=True))
        self.pause = self._button("strip_pause", "pause-fill", "Pause (Space)")
        self.pause.clicked.connect(self._toggle_pause)
        self.stop = self._button("strip_stop", "stop-fill", "Stop and keep the best (Shift+F5)")
        self.stop.clicked.connect(session.stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.SPACE, 2, theme.SPACE, 2)
        row.setSpacing(theme.SPACE)
        for widget in (self._dot, self.engine, self._restart, self._end, self.device):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.run, self.bar, self.figures, self.pause, self.stop):
            row.addWidget(widget)
        self.setFixedHeight(theme.px(13) + 21)
        session.engine_changed.connect(self._show_engine)
        session.telling.told.connect(self._show_run)
        session.project_opened.connect(self._show_run)
        self._show_engine()
        self._show_run()

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setObjectName(name)
        made.setIcon(theme.icon(icon))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        return made

    def _toggle_pause(self) -> None:
        if self._session.run is not None and self._session.run.state == "paused":
            self._session.resume()
        else:
            self._session.pause()

    def _show_engine(self) -> None:
        status = self._session.engine
        self._dot.set_color("warn" if status.silent else STATE_COLORS.get(status.state, "faint"))
        words = STATE_WORDS.get(status.state, status.state)
        self.engine.setText("engine does not answer" if status.silent else words)
        self._end.setVisible(status.silent)
        self.engine.setToolTip(status.text)
        self._restart.setVisible(status.state == "dead" and not status.restarting)
        parts = [_named(d) for d in status.devices[:2]] if status.state == "ready" else []
        if status.memory:
            parts.append(size(status.memory))
        run = self._session.run
        if run is not None and run.active:  # otherwise it rests, and says nothing
            parts += _loads(status)
        told = (status.state, len(parts))
        show_in_place(self.device, "  ·  ".join(parts), grows=told == self._device_told)
        self._device_told = told
        self.device.setToolTip(
            "\n".join(
                [*(f"{d.title}{f', {size(d.memory)}' if d.memory else ''}" for d in status.devices)]
                + [f"{k} {v}" for k, v in status.versions.items()]
            )
        )

    def _show_run(self) -> None:
        run = self._session.run
        for widget in (self.run, self.bar, self.figures):
            widget.setVisible(run is not None)
        controllable = run is not None and run.active
        self.pause.setVisible(controllable and run is not None and run.state in ("running", "paused", "tracing"))
        self.stop.setVisible(controllable)
        if run is None:
            return
        self.run.setText(run.name)
        self.bar.setVisible(run.active)
        if run.state == "preparing" and run.preparing:
            self._to_and_fro(False)
            self.bar.setValue(int(1000 * run.preparing))
        elif run.state in ("preparing", "tracing") and run.started is None:
            self._to_and_fro(True)
        else:
            self._to_and_fro(False)
            self.bar.setValue(int(1000 * run.share))
        # The figures change all the time: their place only grows, so that nothing beside them moves or is cut.
        show_in_place(self.figures, "   ".join(self._parts()), grows=run.active and run.id == self._shown)
        self._shown = run.id
        paused = run.state == "paused"
        if paused == self._paused:
            return
        self._paused = paused
        self.pause.setIcon(theme.icon("play-fill" if paused else "pause-fill"))
        words = "Go on (Space)" if paused else "Pause (Space)"
        self.pause.setToolTip(words)
        self.pause.setAccessibleName(words)

    def _to_and_fro(self, on: bool) -> None:
        """Whether the bar only shows that something goes on. Qt's own animation of that would never end by itself where
        a style sheet draws the bar, and paint it thirty times a second as long as the run trains."""
        if on == (self.bar.maximum() == 0):
            return
        self.bar.setRange(0, 0 if on else 1000)
        if not on:
            for animation in self.bar.findChildren(QAbstractAnimation):
                animation.stop()

    def _parts(self) -> list[str]:
        run = self._session.run
        assert run is not None
        if not run.active:
            words = {
                "finished": "trained",
                "early_stopped": "stopped early",
                "stopped": "stopped",
                "interrupted": "interrupted",
                "aborted": "ended",
                "failed": "failed",
            }
            parts = [words.get(run.state, run.state)]
        elif run.state == "paused":
            parts = [run.state]
        elif run.state == "stopping":  # also at its own end, while it is saved: nobody has stopped it then
            parts = [run.text.rstrip(".").lower() or run.state]
        elif run.started is None or run.state == "tracing":
            return [run.text or "compiling the model"]
        else:
            parts = []
        if run.started is not None:
            parts.append(f"epoch {run.shown_epoch:,}/{run.epochs:,}")
        loss = run.loss()
        if math.isfinite(loss):
            parts.append(f"loss {figure(loss)}")
        left = time_left(run.seconds_left)
        if run.state == "running" and math.isfinite(run.seconds_left):
            parts.append(f"{left} left{' of this fold' if run.record.group else ''}")
        return parts
