"""One cleaning step as a card: tick box, what it does, rows before and after, its form, its error in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import Step
from workbench.ui import theme
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.data.step_grip import Grip
from workbench.ui.data.step_name import StepName
from workbench.ui.forms import FieldForm
from workbench.ui.widgets.label import plain_label

_DUPLICATE = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_D)


class StepCard(QFrame):
    """Shows a step and signals what the person wants; holds no truth.

    named(id, title): "" gives the step back its own words. review(id): its groups of spellings are to be looked at.
    fit_asked(id): what it takes from whole columns is to be fitted on the training rows, by the features.
    """

    toggled = Signal(str, bool)
    edited = Signal(str, str, object)
    moved = Signal(str, int)
    deleted = Signal(str)
    named = Signal(str, str)
    copied = Signal(str)
    review = Signal(str)
    fit_asked = Signal(str)
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
        self._editor: StepName | None = None
        self.setProperty("role", "card")
        self.setObjectName("stepCard")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 4)
        column.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(4)
        self.grip = Grip()
        self.tick = QCheckBox()
        self.tick.setObjectName("stepEnabled")
        self.title = plain_label(name="stepSummary")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        top.addWidget(self.grip, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.title, 1)
        column.addLayout(top)
        self._top = top
        self.words = self._line("stepWords", "caption")
        self.error = self._line("stepError", "error")
        self.unread = self._line("stepUnread", "warning")
        self.unread.setToolTip("Look at the step: rows with such cells come first")
        self._answers = QWidget()
        self._answers.setContentsMargins(14, 0, 4, 0)
        self._asked = Flow(self._answers, 10, 0)
        for widget in (self.words, self.error, self._answers, self.unread):
            column.addWidget(widget)
        self.whole = self._line("stepWhole", "caption")
        column.addWidget(self.whole)
        self.fit = QPushButton("Take it from the training rows instead")
        self.fit.setObjectName("stepFit")
        self.fit.setProperty("role", "link")
        self.fit.setToolTip("The step goes; the encoding on the Features page does the same, fitted on training rows")
        self.fit.clicked.connect(lambda: self.fit_asked.emit(self.step.id))
        self.fit.hide()
        indented = QHBoxLayout()
        indented.setContentsMargins(14, 0, 0, 0)
        indented.addWidget(self.fit)
        indented.addStretch(1)
        column.addLayout(indented)
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

    def _line(self, name: str, role: str) -> QLabel:
        label = plain_label(role=role, name=name)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setContentsMargins(18, 0, 4, 0)
        label.hide()
        return label

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
        self.title.setText(step.title or summary)
        self.words.setText(summary if step.title else "")
        self.words.setVisible(bool(step.title))
        self.title.setToolTip(self._kind.blurb if self._kind is not None else "")
        theme.set_role(self.title, "" if step.enabled else "muted")
        self.tick.setChecked(step.enabled)
        called = step.title or summary
        self.tick.setAccessibleName(f"{called}: switched {'on' if step.enabled else 'off'}")
        self.setAccessibleName(called)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(place < total - 1)
        wrong = outcome.error if outcome is not None and step.enabled else ""
        if self._kind is None:
            wrong = "This kind of step is not known to this version; it is skipped."
        self.error.setText(wrong)
        self.error.setVisible(bool(wrong))
        self._ask(outcome.asks if wrong and outcome is not None else ())
        unread = outcome.unread if outcome is not None and step.enabled and not wrong else ""
        self.unread.setText(unread)
        self.unread.setVisible(bool(unread))
        self.outcome.setText("" if wrong else "switched off" if not step.enabled else outcome.text if outcome else "…")
        self.outcome.setToolTip(self.outcome.text())
        if self._form is not None and dict(step.params) != self._typed:
            self._form.set_values(dict(step.params))  # changed elsewhere: undone, or by the program
        self._typed = dict(step.params)

    def set_whole(self, why: str, stays: str, can_move: bool) -> None:
        """That the step takes something from whole columns (""; it does not), and whether the features can do it."""
        text = f"{why} {stays}".strip()
        self.whole.setText(text)
        self.whole.setVisible(bool(text))
        self.fit.setVisible(can_move)

    def _ask(self, choices: Sequence[tuple[str, str, Any]]) -> None:
        """Answers to the error, each with one click. choices: (in words, parameter, value)."""
        clear(self._asked)
        for text, name, value in choices:
            button = QPushButton(text[:1].upper() + text[1:])
            button.setObjectName("stepAnswer")
            button.setProperty("role", "link")
            button.clicked.connect(lambda _=False, name=name, value=value: self.edited.emit(self.step.id, name, value))
            self._asked.addWidget(button)
        self._answers.setVisible(bool(choices))
        self._answers.updateGeometry()

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
        """Show or hide the form of the step's parameters; what merges spellings is reviewed instead."""
        if open_ and self.reviewed:
            self.edit.setChecked(False)
            self.review.emit(self.step.id)
            return
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
    def reviewed(self) -> bool:
        """Whether the step is changed by looking at its groups of spellings again, not by a form."""
        return self.step.kind == "merge_values" and bool(self.step.params.get("column"))

    # ---- its name

    def edit_name(self) -> None:
        """Type a name over the title; Return keeps it, Escape does not, an empty one gives back the step's words."""
        if self._editor is not None:
            return
        words = self._kind.summary(self.step.params) if self._kind is not None else ""
        self._editor = StepName(self.title.text(), words)
        self._editor.done.connect(self._named)
        self.title.hide()
        self._top.addWidget(self._editor, 1)
        self._editor.setFocus()

    def _named(self, typed: str, keep: bool) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        had_focus = editor.hasFocus()
        editor.hide()
        self._top.removeWidget(editor)
        editor.deleteLater()
        self.title.show()
        if had_focus:
            self.setFocus()
        if keep and typed != self.title.text():
            self.named.emit(self.step.id, typed)

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
        elif event.key() == Qt.Key.Key_F2:
            self.edit_name()
        elif event.keyCombination() == _DUPLICATE:
            self.copied.emit(self.step.id)
        elif event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            by = -1 if event.key() == Qt.Key.Key_Up else 1
            if (self.up if by < 0 else self.down).isEnabled():
                self.moved.emit(self.step.id, by)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_open(self._form is None)
        elif event.key() == Qt.Key.Key_Space:
            self._toggle()
        elif event.key() == Qt.Key.Key_Escape:
            self.set_open(False)
            self.selected.emit("")
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setObjectName("stepMenu")
        edit = "Look at the groups…" if self.reviewed else "Edit"
        for text, keys, call, able in (
            (edit, "Return", lambda: self.set_open(True), True),
            ("Rename", "F2", self.edit_name, True),
            ("Unname", "", lambda: self.named.emit(self.step.id, ""), bool(self.step.title)),
            ("Switch off" if self.step.enabled else "Switch on", "Space", self._toggle, True),
            ("Duplicate", "Ctrl+D", lambda: self.copied.emit(self.step.id), True),
            ("Move up", "Alt+Up", lambda: self.moved.emit(self.step.id, -1), self.up.isEnabled()),
            ("Move down", "Alt+Down", lambda: self.moved.emit(self.step.id, 1), self.down.isEnabled()),
            ("Delete", "Del", lambda: self.deleted.emit(self.step.id), True),
        ):
            if text == "Unname" and not able:
                continue
            action = menu.addAction(f"{text}\t{keys}" if keys else text)
            action.setEnabled(able)
            action.triggered.connect(lambda _=False, call=call: call())
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _toggle(self) -> None:
        self.toggled.emit(self.step.id, not self.step.enabled)

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
