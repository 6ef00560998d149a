"""What a page or a panel shows while it has nothing to show: a picture, what it is for, the thing to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.ui.widgets.label import plain_label

from .. import theme


class EmptyState(QWidget):
    """Centred icon, title, one or two sentences, buttons (the first is the primary one).

    buttons: (title, callable) pairs.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        buttons: Sequence[tuple[str, Callable[[], object]]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("empty_state")
        self._icon_name = icon
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = plain_label(role="heading")
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = plain_label(role="muted")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SPACE)

        inner = QWidget()
        inner.setMaximumWidth(480)
        column = QVBoxLayout(inner)
        column.setSpacing(theme.SPACE)
        column.addWidget(self._icon)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(theme.SPACE)
        column.addLayout(self._row)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(inner, 8)
        line.addStretch(1)
        outer.addLayout(line)
        outer.addStretch(3)
        theme.notifier.changed.connect(self._restyle)
        self.set_state(icon, title, text, buttons)

    def set_state(
        self, icon: str, title: str, text: str = "", buttons: Sequence[tuple[str, Callable[[], object]]] = ()
    ) -> None:
        """Say something else in the same place."""
        self._icon_name = icon
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(f"{title} {text}".strip())
        while self._row.count():
            item = self._row.takeAt(0)
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._row.addStretch(1)
        for number, (caption, call) in enumerate(buttons):
            button = QPushButton(caption)
            button.setObjectName(f"empty_action_{number}")
            button.setProperty("role", "primary" if number == 0 else "")
            button.clicked.connect(lambda _=False, call=call: call())
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._restyle()

    def _restyle(self) -> None:
        self._icon.setPixmap(theme.icon(self._icon_name, "faint").pixmap(40, 40))
