"""Where a model has several outputs: what each of them learns, and the way to its block. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.project import Node
from workbench.ui import theme
from workbench.ui.data.layouts import clear
from workbench.ui.widgets.elide import ElidedLabel


class OutputsNote(QWidget):
    """`wanted(id)`: the block of that output is to be shown."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outputsNote")
        self._shown: tuple[tuple[str, str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE, 0, theme.SPACE)
        column.setSpacing(4)
        title = QLabel("Outputs")
        title.setProperty("role", "strong")
        note = QLabel("Loss, its weight and the metrics are chosen at each Output of the model.")
        note.setWordWrap(True)
        note.setProperty("role", "caption")
        column.addWidget(title)
        column.addWidget(note)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.SPACE)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self.hide()

    def show_outputs(self, outputs: Sequence[tuple[Node, str, str]]) -> None:
        """(block, its target, what it learns in words) each; none hides it."""
        self.setVisible(bool(outputs))
        shown = tuple((node.id, target or node.name, told) for node, target, told in outputs)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._grid)
        for place, (ident, target, told) in enumerate(shown):
            name, words = ElidedLabel(target), QLabel(told)
            name.setMinimumWidth(60)
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            words.setProperty("role", "caption")
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            change = QPushButton("Change")
            change.setObjectName(f"changeOutput-{target}")
            change.setAccessibleName(f"Change what {target} learns")
            change.setProperty("role", "link")
            change.clicked.connect(lambda _=False, i=ident: self.wanted.emit(i))
            self._grid.addWidget(name, 2 * place, 0)
            self._grid.addWidget(change, 2 * place, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(words, 2 * place + 1, 0, 1, 2)
        self.updateGeometry()
