"""The summary of the model: the table Keras prints, with what each layer costs."""

from __future__ import annotations

import html

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.catalog import Catalog
from workbench.core.facts import GraphFacts
from workbench.core.project import Graph
from workbench.core.summary import summary_rows, summary_table, summary_text
from workbench.ui import theme
from workbench.ui.model.block_words import count_text, macs_text
from workbench.ui.widgets.copying import CopyButton
from workbench.ui.words import size_text

HEAD = ("Layer", "Output shape", "Param #", "Connected to", "Kind", "Multiplications", "Memory")
_NUMBERS = (2, 5, 6)
_PLACES = Qt.ItemDataRole.UserRole + 1
_WIDEST = 168  # pixels of the first column; a long name is elided


class SummaryPanel(QWidget):
    """Every layer in the order the data takes. node_wanted(id) on a click; the button copies the table."""

    node_wanted = Signal(str)

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._graph, self._facts = Graph(), None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE, theme.SPACE)
        caption = QLabel("As Keras prints it")
        caption.setProperty("role", "caption")
        self.copy = CopyButton("summary-copy", "Copy the summary")
        self.copy.setToolTip("As text, and as cells for a spreadsheet")
        self.copy.clicked.connect(self._copy)
        row.addWidget(caption, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.table = QTreeWidget()
        self.table.setObjectName("summary")
        self.table.setAccessibleName("Summary of the model")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHeaderLabels(list(HEAD))
        self.table.setStyleSheet("#summary { background: transparent; } #summary::item { padding: 3px 6px; }")
        head = self.table.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for place in _NUMBERS:
            self.table.headerItem().setTextAlignment(place, _RIGHT)
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
        self._graph, self._facts = graph, facts
        figures = theme.font(11, tabular=True)
        self.table.clear()
        rows = []
        for found in summary_rows(graph, facts):
            entry = self._catalog.layer(found.kind)
            title = entry.title if entry else found.kind
            known = found.facts
            cells = [
                found.name,
                found.shape,
                count_text(known.parameters) if known else "",
                ", ".join(found.fed),
                title,
                macs_text(known.macs) if known else "",
                size_text(known.memory) if known and known.memory else "",
            ]
            if found.kind == "Output":
                cells[2] = cells[5] = ""
            row = QTreeWidgetItem(cells)
            row.setData(0, Qt.ItemDataRole.UserRole, found.node)
            row.setData(0, _PLACES, list(found.places))
            several = f", used at {len(found.places)} places" if len(found.places) > 1 else ""
            row.setToolTip(0, f"{title} “{found.name}”{several}")
            row.setToolTip(3, cells[3])
            row.setToolTip(5, f"{known.macs:,} multiplications for one row" if known and known.macs else "")
            row.setToolTip(6, "What this layer gives for one row" if cells[6] else "")
            for place in range(len(HEAD)):
                row.setFont(place, figures)
            for place in _NUMBERS:
                row.setTextAlignment(place, _RIGHT)
            if not found.used:
                for place in range(len(HEAD)):
                    row.setForeground(place, theme.color("muted"))
            rows.append(row)
        self.table.addTopLevelItems(rows)
        for place in range(len(HEAD)):
            self.table.resizeColumnToContents(place)
            self.table.setColumnWidth(place, min(_WIDEST, self.table.columnWidth(place)))
        self.copy.setEnabled(bool(rows))
        self.total.setText(totals_text(facts, long=True))

    def mark(self, idents: list[str]) -> None:
        """Select the row of a block, or of several that are places of one layer."""
        for place in range(self.table.topLevelItemCount()):
            row = self.table.topLevelItem(place)
            if idents and set(idents) <= set(row.data(0, _PLACES)):
                self.table.setCurrentItem(row)
                return
        self.table.clearSelection()

    def _clicked(self, row: QTreeWidgetItem) -> None:
        self.node_wanted.emit(str(row.data(0, Qt.ItemDataRole.UserRole)))

    def _copy(self) -> None:
        rows = summary_table(self._graph, self._facts)
        cells = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        data = QMimeData()
        data.setText(summary_text(self._graph, self._facts))
        data.setHtml(f"<table>{cells}</table>")
        QGuiApplication.clipboard().setMimeData(data)
        self.copy.say_copied()


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def totals_text(facts: GraphFacts | None, *, long: bool = False) -> str:
    """ "101,770 parameters · 0.41 MB · 101 k multiplications a row"; how many parameters are trained where that
    differs. long: that always, and the memory that training takes."""
    if facts is None or not facts.nodes:
        return ""
    parts = [f"{count_text(facts.parameters)} parameters"]
    if long or facts.trainable != facts.parameters:
        parts.append(f"{count_text(facts.trainable)} trainable")
    parts.append(size_text(facts.parameters * 4))
    if facts.macs:
        parts.append(f"{macs_text(facts.macs)} multiplications a row")
    if long and facts.training_memory:
        parts.append(f"about {size_text(facts.training_memory)} while training")
    # Behind an error the engine cannot look: what follows it is not counted.
    return " · ".join(parts) + ("" if facts.ready else " so far")
