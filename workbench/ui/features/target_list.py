"""What is predicted: one line a target where there are several, and the menu that adds one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.data.layouts import clear
from workbench.ui.editors import tooltip
from workbench.ui.widgets.elide import ElidedLabel

OFFERED = 40
"""Columns in the menu; of a wider table the others are found in the table of columns."""


class TargetList(QWidget):
    """added(name): this column is to be predicted as well. dropped(name): it is to be an input again. chosen(name):
    whose classes are looked at."""

    added = Signal(str)
    dropped = Signal(str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("targetList")
        self._shown: tuple[object, ...] = ()
        self._others: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        column.addLayout(self._lines)
        self.more = QPushButton("Also predict another column…")
        self.more.setObjectName("alsoPredict")
        self.more.setProperty("role", "link")
        self.more.setToolTip("One network that answers several questions at once, with an output for each.")
        self.more.clicked.connect(self._open)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def show_targets(self, targets: Sequence[tuple[str, str]], looked_at: str, others: Sequence[str]) -> None:
        """targets: (name, what it is in words); with one alone there are no lines, it is told above. looked_at: the one
        whose classes are shown. others: columns that could be predicted as well."""
        self._others = tuple(others)
        self.more.setVisible(bool(targets) and bool(others))
        shown = (tuple(targets), looked_at)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._lines)
        for name, words in targets if len(targets) > 1 else ():
            self._lines.addWidget(self._line(name, words, name == looked_at))
        self.updateGeometry()

    def _line(self, name: str, words: str, looked_at: bool) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        dot = QToolButton()
        dot.setObjectName(f"lookAt-{name}")
        dot.setCheckable(True)
        dot.setChecked(looked_at)
        dot.setAutoRaise(True)
        dot.setIcon(theme.icon("target", "accent" if looked_at else "muted"))
        _say(dot, f"Show the classes of “{name}” below")
        dot.clicked.connect(lambda: self.chosen.emit(name))
        title = ElidedLabel(name)
        title.setProperty("role", "strong")
        title.setMinimumWidth(60)
        title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        told = ElidedLabel(words, mode=Qt.TextElideMode.ElideRight)
        told.setProperty("role", "muted")
        gone = QToolButton()
        gone.setObjectName(f"dropTarget-{name}")
        gone.setAutoRaise(True)
        gone.setIcon(theme.icon("x", "muted"))
        _say(gone, f"Do not predict “{name}”: it becomes an input again")
        gone.clicked.connect(lambda: self.dropped.emit(name))
        row.addWidget(dot)
        row.addWidget(title)
        row.addWidget(told, 1)
        row.addWidget(gone)
        return line

    def _open(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("alsoPredictMenu")
        for name in self._others[:OFFERED]:
            action = menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, n=name: self.added.emit(n))
        if len(self._others) > OFFERED:
            more = menu.addAction(f"{len(self._others) - OFFERED:,} more: right-click their line in the table")
            more.setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


def _say(button: QToolButton, text: str) -> None:
    """What a button does; names in it are the person's and never read as markup."""
    button.setToolTip(tooltip(text))
    button.setAccessibleName(text)
