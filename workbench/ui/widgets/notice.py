"""A message in the page it belongs to, with its remedy as a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.ui.widgets.label import plain_label

from .. import theme
from .elide import broken
from .flow import Flow

Action = tuple[str, Callable[[], object]]
ICONS = {"info": "info", "good": "check-circle", "warning": "warning", "error": "warning-octagon"}
COLORS = {"info": "accent", "good": "good", "warning": "warn", "error": "bad"}
GROUNDS = {"info": "info_ground", "good": "good_ground", "warning": "warn_ground", "error": "bad_ground"}

ICON = 18
BUTTON_EDGES = 28
"""Pixels of a button that are no title: padding and frame."""


class InlineNotice(QFrame):
    """One message: icon, text, actions. Hidden while it has no text.

    severity: "info" | "good" | "warning" | "error". actions: (title, callable) pairs, shown as buttons.
    """

    closed = Signal()

    def __init__(
        self,
        text: str = "",
        severity: str = "info",
        actions: Sequence[Action] = (),
        parent: QWidget | None = None,
        *,
        closable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.severity = severity
        self._icon = QLabel()
        self._text = plain_label(name="notice_text")
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._actions = QWidget()
        self._buttons = Flow(self._actions, theme.SPACE)
        self._close = QToolButton()
        self._close.setObjectName("notice_close")
        self._close.setAccessibleName("Dismiss this message")
        self._close.setIcon(theme.icon("x", "muted"))
        self._close.setVisible(closable)
        self._close.clicked.connect(self.dismiss)

        middle = QVBoxLayout()
        middle.setSpacing(theme.SPACE // 2)
        middle.addWidget(self._text)
        middle.addWidget(self._actions)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE + 4, theme.SPACE, theme.SPACE, theme.SPACE)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(middle, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        theme.notifier.changed.connect(self._restyle)
        self.set_notice(text, severity, actions)

    @property
    def text(self) -> str:
        return self._text.text()

    def set_notice(self, text: str, severity: str = "info", actions: Sequence[Action] = ()) -> None:
        """Show another message; an empty text hides the notice."""
        self.severity = severity
        self._text.setText(text)
        self.setAccessibleName(f"{severity}: {text}" if text else "")
        self._buttons.clear()
        for number, (title, call) in enumerate(actions):
            button = QPushButton(title)
            button.setObjectName(f"notice_action_{number}")
            button.setAccessibleName(title)
            button.clicked.connect(lambda _=False, call=call: call())
            self._buttons.addWidget(button)
        self._actions.setVisible(bool(actions))
        self._break_titles()
        self._restyle()
        if text and self.parentWidget() is None:  # not yet in a layout: shown with it, never as a window of its own
            self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        else:
            self.setVisible(bool(text))

    def show_error(self, error: WorkbenchError, actions: Sequence[Action] = ()) -> None:
        """What happened, where, and what to try."""
        lines = [error.what if not error.where else f"{error.where}: {error.what}"]
        if error.remedy:
            lines.append(error.remedy)
        self.set_notice("\n".join(lines), "error", actions)

    def clear(self) -> None:
        """Hide it; the page has nothing to say."""
        self.set_notice("")

    def dismiss(self) -> None:
        """The person closes it."""
        self.clear()
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._break_titles()

    def _break_titles(self) -> None:
        """Titles of buttons that are wider than the notice go over several lines; nothing of them is cut off."""
        beside = ICON + 3 * theme.SPACE + 4 + (self._close.sizeHint().width() if not self._close.isHidden() else 0)
        room = self.width() - beside - BUTTON_EDGES
        for button in self._buttons.widgets():
            if isinstance(button, QPushButton):
                title = button.accessibleName()
                metrics = button.fontMetrics()
                fits = room <= 0 or metrics.horizontalAdvance(title) <= room
                button.setText(title if fits else broken(title, metrics, room))
        self._actions.updateGeometry()

    def _restyle(self) -> None:
        self._icon.setPixmap(theme.icon(ICONS[self.severity], COLORS[self.severity]).pixmap(ICON, ICON))
        ground, edge = theme.hex_of(GROUNDS[self.severity]), theme.hex_of(COLORS[self.severity])
        self.setStyleSheet(
            f"#notice {{ background: {ground}; border: none; border-left: 3px solid {edge}; border-radius: 4px; }}"
        )
