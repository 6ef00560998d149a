"""The tab of problems with their repairs, and of advice that can be waved away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.facts import Problem
from workbench.core.project import Graph
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.model.looks import ordered_problems
from workbench.ui.widgets.elide import broken
from workbench.ui.widgets.label import plain_label

SHOWN = 60  # problems listed; more than that is one problem
_ICONS = {
    "error": ("warning-octagon", "bad"),
    "warning": ("warning", "warn"),
    "advice": ("lightbulb", "muted"),
}


class ProblemCard(QFrame):
    """One problem: click to go there, a button for each repair; advice can be waved away."""

    clicked = Signal(str)
    repaired = Signal(object)
    hushed = Signal(str)

    def __init__(self, problem: Problem, number: int, node_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setProperty("role", "card")
        advice = problem.severity == "advice"
        stem = "advice" if advice else "problem"
        self.setObjectName(f"{stem}-{number}")
        self.setAccessibleName(f"{problem.severity}: {problem.message}")
        if problem.node:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip("Show this layer")
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons: list[tuple[QPushButton, str]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE + 4, theme.SPACE, theme.SPACE, theme.SPACE)
        row.setSpacing(theme.SPACE)
        icon = QLabel()
        name, colour = _ICONS.get(problem.severity, _ICONS["warning"])
        icon.setPixmap(theme.icon(name, colour).pixmap(16, 16))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        about = node_name or problem.setting.replace("_", " ") or "the whole model"
        where = plain_label(about, "caption", wrap=False)
        text = plain_label(problem.message)
        column.addWidget(where)
        column.addWidget(text)
        for place, repair in enumerate(problem.repairs):
            button = QPushButton(repair.title)
            button.setObjectName(f"{stem}-{number}-repair-{place}")
            button.setAccessibleName(repair.title)
            button.setMinimumWidth(40)
            self._buttons.append((button, repair.title))
            button.clicked.connect(lambda _=False, repair=repair: self.repaired.emit(repair))
            line = QHBoxLayout()
            line.addWidget(button)
            line.addStretch(1)
            column.addLayout(line)
        row.addLayout(column, 1)
        if advice:
            text.setProperty("role", "muted")
            away = QToolButton()
            away.setObjectName(f"advice-{number}-hide")
            away.setAccessibleName("Hide this advice")
            away.setToolTip("Hide this advice")
            away.setIcon(theme.icon("x", "muted"))
            away.setAutoRaise(True)
            away.clicked.connect(lambda: self.hushed.emit(problem.key))
            row.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - (10 if self.problem.severity == "advice" else 6) * theme.SPACE
        for button, title in self._buttons:
            button.setText(broken(title, button.fontMetrics(), room - 4 * theme.SPACE))
            button.setMaximumWidth(room)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self.problem.node)
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.clicked.emit(self.problem.node)
            return
        super().keyPressEvent(event)


class ProblemsPanel(QScrollArea):
    """Cards for what is wrong, below them those for what might be better.

    Signals: node_wanted(id), repair_wanted(Repair), hush_wanted(key), all_wanted: hidden advice is to be shown again.
    """

    node_wanted = Signal(str)
    repair_wanted = Signal(object)
    hush_wanted = Signal(str)
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self.setAccessibleName("Problems")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2)
        self._column.setSpacing(theme.SPACE)
        self._nothing = QLabel()
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        self._better = QLabel("Might be better")
        self._better.setProperty("role", "caption")
        self._better.hide()
        self._hidden = QPushButton()
        self._hidden.setObjectName("advice-show")
        self._hidden.setProperty("role", "link")
        self._hidden.clicked.connect(lambda: self.all_wanted.emit())
        self._hidden.hide()
        for widget in (self._nothing, self._better, self._hidden):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.setWidget(body)
        self._shown: tuple[Problem, ...] | None = None
        self.cards: list[ProblemCard] = []
        self.advice: list[ProblemCard] = []
        self._named: dict[str, str] = {}
        self.show_problems(Graph(), (), known=False)

    def show_problems(
        self, graph: Graph, problems: Sequence[Problem], *, known: bool, advice: Sequence[Problem] = ()
    ) -> None:
        """List these, errors first. known: whether the engine has spoken; else nothing can be said yet."""
        heard = [one for one in advice if one.key not in graph.hushed]
        hidden = len(advice) - len(heard)
        listed = (*ordered_problems(graph, problems)[:SHOWN], *heard)
        names = {node.id: node.name for node in graph.nodes}
        if not graph.nodes:
            text = "An empty model has no problems yet."
        elif known:
            text = "No problems: this model can be trained."
        else:
            text = "The model is checked as soon as the engine is ready."
        self._nothing.setText(text)
        self._nothing.setVisible(not problems)
        self._better.setVisible(bool(heard))
        self._hidden.setText(f"Show {plural(hidden, 'hidden piece')} of advice")
        self._hidden.setVisible(hidden > 0)
        if listed == self._shown and all(self._named.get(one.node) == names.get(one.node) for one in listed):
            return
        self._shown = listed
        self._named = names
        if (focused := self.focusWidget()) is not None and focused.hasFocus() and self.isAncestorOf(focused):
            self.setFocus()  # else Qt gives it to the next control of the window, where Space would press Undo
        for card in (*self.cards, *self.advice):
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards, self.advice = [], []
        for problem in listed:
            quiet = problem.severity == "advice"
            cards, below = (self.advice, self._better) if quiet else (self.cards, self._nothing)
            card = ProblemCard(problem, len(cards), names.get(problem.node, ""))
            card.clicked.connect(self._clicked)
            card.repaired.connect(self.repair_wanted)
            card.hushed.connect(self.hush_wanted)
            self._column.insertWidget(self._column.indexOf(below) + 1 + len(cards), card)
            cards.append(card)

    def _clicked(self, ident: str) -> None:
        if ident:
            self.node_wanted.emit(ident)
