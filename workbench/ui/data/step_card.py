"""One cleaning step as a card: tick box, what it does, rows before and after, its form, its error in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.core.project import Step
from workbench.ui import theme
from workbench.ui.forms import FieldForm


class Grip(QWidget):
    """The handle a card is dragged by. Positions are global."""

    started = Signal()
    moved = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stepGrip")
        self.setAccessibleName("Drag to move this step")
        self.setToolTip("Drag to move this step")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFixedSize(14, 22)
        self._pressed: QPoint | None = None
        self._dragging = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.icon("dots-six-vertical", "muted").paint(painter, self.rect().adjusted(-2, 2, 2, -2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        place = event.globalPosition().toPoint()
        if not self._dragging and (place - self._pressed).manhattanLength() >= 6:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.started.emit()
        if self._dragging:
            self.moved.emit(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._pressed, self._dragging = self._dragging, None, False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if dragged:
            self.dropped.emit(event.globalPosition().toPoint())


class StepCard(QFrame):
    """Shows a step and signals what the person wants; holds no truth."""

    toggled = Signal(str, bool)
    edited = Signal(str, str, object)
    moved = Signal(str, int)
    deleted = Signal(str)
    selected = Signal(str)
    opened = Signal(str, bool)

    def __init__(self, step: Step, kind: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = step
        self._kind = kind
        self._form: FieldForm | None = None
        self._columns: tuple[str, ...] = ()
        self._chosen = False
        self._typed: dict[str, Any] = {}
        self.setProperty("role", "card")
        self.setObjectName("stepCard")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 4)
        column.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(4)
        self.grip = Grip()
        self.tick = QCheckBox()
        self.tick.setObjectName("stepEnabled")
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setObjectName("stepSummary")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        top.addWidget(self.grip, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.title, 1)
        column.addLayout(top)
        self.error = QLabel()
        self.error.setObjectName("stepError")
        self.error.setProperty("role", "error")
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setWordWrap(True)
        self.error.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.error.setContentsMargins(18, 0, 4, 0)
        column.addWidget(self.error)
        bottom = QHBoxLayout()
        bottom.setSpacing(0)
        bottom.setContentsMargins(18, 0, 0, 0)
        self.outcome = QLabel()
        self.outcome.setObjectName("stepOutcome")
        self.outcome.setProperty("role", "caption")
        self.outcome.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        bottom.addWidget(self.outcome, 1)
        self.up = self._button("arrow-up", "stepUp", "Move up")
        self.down = self._button("arrow-down", "stepDown", "Move down")
        self.edit = self._button("pencil-simple", "stepEdit", "Edit")
        self.edit.setCheckable(True)
        self.remove = self._button("trash", "stepDelete", "Delete")
        for button in (self.up, self.down, self.edit, self.remove):
            bottom.addWidget(button)
        column.addLayout(bottom)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._body)
        self.tick.clicked.connect(lambda on: self.toggled.emit(self.step.id, on))
        self.up.clicked.connect(lambda: self.moved.emit(self.step.id, -1))
        self.down.clicked.connect(lambda: self.moved.emit(self.step.id, 1))
        self.remove.clicked.connect(lambda: self.deleted.emit(self.step.id))
        self.edit.clicked.connect(self.set_open)
        self.set_step(step, None, 0, 1)

    def _button(self, icon: str, name: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setIcon(theme.icon(icon, "muted"))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(title)
        button.setAccessibleName(f"{title} this step")
        button.setAutoRaise(True)
        button.setFixedSize(24, 24)
        return button

    def set_step(self, step: Step, outcome: Any, place: int, total: int) -> None:
        """The step as it is now, and how it went (quick.Outcome; None: not known yet)."""
        self.step = step
        summary = self._kind.summary(step.params) if self._kind is not None else f"Unknown step “{step.kind}”"
        self.title.setText(summary)
        self.title.setToolTip(self._kind.blurb if self._kind is not None else "")
        theme.set_role(self.title, "" if step.enabled else "muted")
        self.tick.setChecked(step.enabled)
        self.tick.setAccessibleName(f"{summary}: switched {'on' if step.enabled else 'off'}")
        self.setAccessibleName(summary)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place < total - 1)
        wrong = outcome.error if outcome is not None and step.enabled else ""
        if self._kind is None:
            wrong = "This kind of step is not known to this version; it is skipped."
        self.error.setText(wrong)
        self.error.setVisible(bool(wrong))
        self.outcome.setText("" if wrong else "switched off" if not step.enabled else outcome.text if outcome else "…")
        self.outcome.setToolTip(self.outcome.text())
        if self._form is not None and dict(step.params) != self._typed:
            self._form.set_values(dict(step.params))  # changed elsewhere: undone, or by the program
        self._typed = dict(step.params)

    def set_columns(self, columns: Sequence[str]) -> None:
        """Names the form offers; an open form is made again when they differ and nobody is typing in it."""
        if tuple(columns) == self._columns:
            return
        self._columns = tuple(columns)
        if self._form is not None and not self._form.isAncestorOf(self.focusWidget() or self):
            self.set_open(False)
            self.set_open(True)

    def set_chosen(self, chosen: bool) -> None:
        self._chosen = chosen
        self.update()

    def set_open(self, open_: bool) -> None:
        """Show or hide the form of the step's parameters."""
        self.edit.setChecked(open_)
        if open_ and self._form is None and self._kind is not None:
            self._form = FieldForm(self._kind.fields, self, columns=self._columns)
            self._form.setObjectName("stepForm")
            self._form.set_values(dict(self.step.params))
            self._form.edited.connect(self._on_edited)
            self._body.addWidget(self._form)
            self._body.setContentsMargins(2, 4, 2, 6)
            self.selected.emit(self.step.id)
        elif not open_ and self._form is not None:
            self._form.flush()
            self._body.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
            self._body.setContentsMargins(0, 0, 0, 0)
        self.opened.emit(self.step.id, open_)

    @property
    def form(self) -> FieldForm | None:
        return self._form

    def _on_edited(self, name: str, value: Any) -> None:
        self._typed = dict(self.step.params) | {name: value}
        self.edited.emit(self.step.id, name, value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.selected.emit(self.step.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_open(self._form is None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deleted.emit(self.step.id)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_open(self._form is None)
        elif event.key() == Qt.Key.Key_Space:
            self.toggled.emit(self.step.id, not self.step.enabled)
        elif event.key() == Qt.Key.Key_Escape:
            self.set_open(False)
            self.selected.emit("")
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._chosen or self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
