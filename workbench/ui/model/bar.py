"""The row over the canvas: ready-made models, layout, what the blocks tell, a picture, and what the whole costs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from workbench.ui import theme
from workbench.ui.model.looks import MEASURES
from workbench.ui.model.stage import tool
from workbench.ui.widgets.elide import ElidedLabel


class CanvasBar(QWidget):
    """measure_chosen(one of looks.MEASURES); the page connects the buttons."""

    measure_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        row.setSpacing(theme.SPACE // 2)
        self.start_from = QPushButton("Start from…")
        self.start_from.setObjectName("start-from")
        self.start_from.setToolTip("Ready-made models that fit the data")
        self.start_from.setIcon(theme.icon("squares-four"))
        self.arrange = tool("tree-structure", "Arrange the layers", "arrange")
        self.numbers = tool("hash", "Which number each layer shows", "numbers")
        self.numbers.setMenu(self._measures())
        self.numbers.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.picture = tool("image", "A picture of the model", "picture")
        # The small triangle of a menu would lie over the icon; the hover text and the menu itself tell enough.
        for button in (self.numbers, self.picture):
            button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.totals = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.totals.setObjectName("totals")
        self.totals.setFont(theme.font(11, tabular=True))
        self.totals.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.totals.setProperty("role", "caption")
        for widget in (self.start_from, self.arrange, self.numbers, self.picture):
            row.addWidget(widget)
        row.addWidget(self.totals, 1)

    def set_filled(self, filled: bool) -> None:
        """Whether there is anything to arrange or to draw."""
        for button in (self.arrange, self.numbers, self.picture):
            button.setEnabled(filled)

    def _measures(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for measure in MEASURES:
            action = menu.addAction(measure.capitalize())
            action.setObjectName(f"numbers-{measure}")
            action.setCheckable(True)
            action.setChecked(measure == MEASURES[0])
            action.triggered.connect(lambda _=False, measure=measure: self.measure_chosen.emit(measure))
            group.addAction(action)
        return menu
