"""The other tabs beside the form: problems with their repairs, the summary table, the Keras script."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QResizeEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.catalog import Catalog
from workbench.core.edits_graph import snake_case
from workbench.core.facts import GraphFacts, Problem
from workbench.core.project import Graph
from workbench.core.structure import topological_order
from workbench.ui import theme
from workbench.ui.model.looks import count_text, ordered_problems, shape_text
from workbench.ui.widgets.elide import broken
from workbench.ui.words import size_text

SHOWN = 60  # problems listed; more than that is one problem
_ICONS = {"error": ("warning-octagon", "bad"), "warning": ("warning", "warn")}


class ProblemCard(QFrame):
    """One problem: click to go there, a button for each repair."""

    clicked = Signal(str)
    repaired = Signal(object)

    def __init__(self, problem: Problem, number: int, node_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = problem
        self.setProperty("role", "card")
        self.setObjectName(f"problem-{number}")
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
        where = QLabel(node_name or (problem.setting.replace("_", " ") if problem.setting else "the whole model"))
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setProperty("role", "caption")
        text = QLabel(problem.message)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        column.addWidget(where)
        column.addWidget(text)
        for place, repair in enumerate(problem.repairs):
            button = QPushButton(repair.title)
            button.setObjectName(f"problem-{number}-repair-{place}")
            button.setAccessibleName(repair.title)
            button.setMinimumWidth(40)
            self._buttons.append((button, repair.title))
            button.clicked.connect(lambda _=False, repair=repair: self.repaired.emit(repair))
            line = QHBoxLayout()
            line.addWidget(button)
            line.addStretch(1)
            column.addLayout(line)
        row.addLayout(column, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - 6 * theme.SPACE
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
    """Signals: node_wanted(id), repair_wanted(Repair)."""

    node_wanted = Signal(str)
    repair_wanted = Signal(object)

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
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self.setWidget(body)
        self._shown: tuple[Problem, ...] | None = None
        self.cards: list[ProblemCard] = []
        self._named: dict[str, str] = {}
        self.show_problems(Graph(), (), known=False)

    def show_problems(self, graph: Graph, problems: Sequence[Problem], *, known: bool) -> None:
        """List these, errors first. known: whether the engine has spoken; else nothing can be said yet."""
        listed = tuple(ordered_problems(graph, problems))
        names = {node.id: node.name for node in graph.nodes}
        if not graph.nodes:
            text = "An empty model has no problems yet."
        elif known:
            text = "No problems: this model can be trained."
        else:
            text = "The model is checked as soon as the engine is ready."
        self._nothing.setText(text)
        self._nothing.setVisible(not listed)
        if listed == self._shown and all(self._named.get(one.node) == names.get(one.node) for one in listed):
            return
        self._shown = listed
        self._named = names
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for number, problem in enumerate(listed[:SHOWN]):
            card = ProblemCard(problem, number, names.get(problem.node, ""))
            card.clicked.connect(self._clicked)
            card.repaired.connect(self.repair_wanted)
            self._column.insertWidget(1 + number, card)
            self.cards.append(card)

    def _clicked(self, ident: str) -> None:
        if ident:
            self.node_wanted.emit(ident)


class SummaryPanel(QWidget):
    """Every layer with its shape and parameters, in the order the data takes. node_wanted(id) on a click."""

    node_wanted = Signal(str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(0)
        self.table = QTreeWidget()
        self.table.setObjectName("summary")
        self.table.setAccessibleName("Summary of the model")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHeaderLabels(["Layer", "Gives", "Parameters"])
        self.table.setStyleSheet("#summary { background: transparent; } #summary::item { padding: 3px 8px; }")
        head = self.table.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.table.headerItem().setTextAlignment(2, right)
        self.table.itemClicked.connect(self._clicked)
        self.table.itemActivated.connect(self._clicked)
        column.addWidget(self.table, 1)
        self.total = QLabel()
        self.total.setObjectName("summary-total")
        self.total.setWordWrap(True)
        self.total.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE * 2, theme.SPACE)
        column.addWidget(self.total)

    def show_graph(self, graph: Graph, facts: GraphFacts | None) -> None:
        """List the layers of `graph` with what is known of them."""
        order = topological_order(graph) or [node.id for node in graph.nodes]
        nodes = {node.id: node for node in graph.nodes}
        figures = theme.font(11, tabular=True)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.table.clear()
        rows = []
        for ident in order:
            node = nodes[ident]
            entry = self._catalog.layer(node.kind)
            found = facts.nodes.get(ident) if facts else None
            shape = shape_text(found.shape) if found else ""
            count = count_text(found.parameters) if found and found.parameters else ""
            title = entry.title if entry else node.kind
            told = node.name.startswith(snake_case(node.kind))
            row = QTreeWidgetItem([node.name if told else f"{node.name} · {title}", shape, count])
            row.setData(0, Qt.ItemDataRole.UserRole, ident)
            row.setToolTip(0, f"{title} “{node.name}”")
            row.setTextAlignment(2, right)
            row.setFont(1, figures)
            row.setFont(2, figures)
            rows.append(row)
        self.table.addTopLevelItems(rows)
        self.total.setText(totals_text(facts, long=True))

    def _clicked(self, row: QTreeWidgetItem) -> None:
        self.node_wanted.emit(str(row.data(0, Qt.ItemDataRole.UserRole)))


def totals_text(facts: GraphFacts | None, *, long: bool = False) -> str:
    """ "101,770 parameters · 0.41 MB"; how many are trained where that differs (or always when `long`)."""
    if facts is None or not facts.nodes:
        return ""
    parts = [f"{count_text(facts.parameters)} parameters"]
    if long or facts.trainable != facts.parameters:
        parts.append(f"{count_text(facts.trainable)} trainable")
    parts.append(size_text(facts.parameters * 4))
    # Behind an error the engine cannot look: what follows it is not counted.
    return " · ".join(parts) + ("" if facts.ready else " so far")


class _Python(QSyntaxHighlighter):
    """Just enough colour to read the script by: words of the language, texts, numbers, remarks."""

    _RULES = (
        (re.compile(r"\b(?:import|from|as|def|return|for|in|if|else|elif|with|class|None|True|False|and|or|not|raise)\b"),
         "accent"),
        (re.compile(r"\b\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?\b"), "positive"),
        (re.compile(r"\"[^\"\n]*\"|'[^'\n]*'"), "good"),
        (re.compile(r"#[^\n]*"), "muted"),
    )  # fmt: skip
    _INSIDE = 1  # block state: within a text of several lines

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme.notifier.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        for pattern, name in self._RULES:
            look = QTextCharFormat()
            look.setForeground(theme.color(name))
            for found in pattern.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), look)
        self._long_texts(text)

    def _long_texts(self, text: str) -> None:
        """Texts between three quotes, over several lines."""
        look = QTextCharFormat()
        look.setForeground(theme.color("good"))
        inside = self.previousBlockState() == self._INSIDE
        start = 0 if inside else text.find('"""')
        while start >= 0:
            end = text.find('"""', start if inside else start + 3)
            stop = len(text) if end < 0 else end + 3
            self.setFormat(start, stop - start, look)
            inside = end < 0
            start = -1 if inside else text.find('"""', stop)
        self.setCurrentBlockState(self._INSIDE if inside else 0)


class CodePanel(QWidget):
    """The Keras script, read-only, with a button that copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE, theme.SPACE)
        self.caption = QLabel("Keras script, always current")
        self.caption.setProperty("role", "caption")
        self.copy = QPushButton("Copy")
        self.copy.setObjectName("code-copy")
        self.copy.setAccessibleName("Copy the script")
        self.copy.setIcon(theme.icon("copy"))
        self.copy.clicked.connect(self._copy)
        row.addWidget(self.caption, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.text = QPlainTextEdit()
        self.text.setObjectName("code")
        self.text.setAccessibleName("Keras script")
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.mono(11))
        self.text.setStyleSheet("#code { border: none; border-radius: 0; padding: 8px; }")
        self._colours = _Python(self.text.document())
        column.addWidget(self.text, 1)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(1500)
        self._said.timeout.connect(lambda: self.copy.setText("Copy"))
        self.show_code("")

    def show_code(self, code: str) -> None:
        """Another script; the place one is reading stays."""
        if code == self.text.toPlainText():
            return
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self.text.setPlainText(code)
        bar.setValue(min(place, bar.maximum()))
        self.copy.setEnabled(bool(code))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")
        self._said.start()
