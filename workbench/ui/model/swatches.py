"""A row of colours to choose one from, as groups and notes have them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from workbench.core.edits_groups import COLOURS
from workbench.ui import theme

CAPTION = 116  # pixels, as in the forms of layers


class Swatches(QWidget):
    """chosen(number). name: before the number in each button's object name."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = -1
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        caption = QLabel("Colour")
        caption.setFixedWidth(CAPTION)
        row.addWidget(caption)
        self._buttons: list[QToolButton] = []
        for number in range(COLOURS):
            button = QToolButton()
            button.setObjectName(f"{name}-{number}")
            button.setAccessibleName(f"Colour {number + 1}")
            button.setFixedSize(QSize(20, 20))
            button.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            self._buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        theme.notifier.changed.connect(self._paint)
        self._paint()

    def show_colour(self, number: int) -> None:
        """The one there is now; -1 for none."""
        self._now = number
        self._paint()

    def _paint(self) -> None:
        edge = theme.hex_of("text")
        for number, button in enumerate(self._buttons):
            ring = f"2px solid {edge}" if number == self._now else "1px solid transparent"
            button.setStyleSheet(
                f"QToolButton {{ background: {theme.class_color(number).name()}; border: {ring}; border-radius: 4px; }}"
            )
