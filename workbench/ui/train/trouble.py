"""What is wrong with a setting that has no row of its own, and the button that mends it. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from workbench.core.facts import Problem, Repair
from workbench.ui import theme
from workbench.ui.widgets.label import plain_label


class Trouble(QWidget):
    """Hidden where nothing is wrong. `accepted(repair)` asks for what the button says."""

    accepted = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._repair: Repair | None = None
        self.text = plain_label(name=f"problem-{name}")
        self.button = QPushButton()
        self.button.setObjectName(f"repair-{name}")
        self.button.clicked.connect(lambda _=False: self.accepted.emit(self._repair))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(self.text)
        column.addWidget(self.button)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """Say it, with its first repair; None: nothing is wrong."""
        self.setVisible(problem is not None)
        if problem is None:
            return
        self._repair = problem.repairs[0] if problem.repairs else None
        theme.set_role(self.text, "error" if problem.severity == "error" else "warning")
        self.text.setText(problem.message)
        self.button.setVisible(self._repair is not None)
        self.button.setText(self._repair.title if self._repair is not None else "")
        self.button.setAccessibleName(self.button.text())
