"""The right panel of the Data page: one column in detail, its problems first; else what to look at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.one_line import shortened
from workbench.ui import theme
from workbench.ui.data import alike, figures, row_order
from workbench.ui.data.charts import Histogram, ValueBars
from workbench.ui.data.column_detail_view import DetailView
from workbench.ui.data.first_look import Item
from workbench.ui.data.first_look_view import FirstLook
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.data.profile_header import TYPE_WORDS
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice

ACTIONS = (
    ("target", "Make target", "Predict this column from the others, in place of what was predicted before"),
    ("also", "Also a target", "Predict this column too: one network with an output for each target"),
    ("fill", "Fill gaps", "Put a value where it is missing"),
    ("drop_rows", "Drop rows with gaps", "Leave out the rows where this column is missing"),
    ("parse", "Parse numbers", "Read numbers out of this text"),
    ("dates", "Parse dates", "Read dates out of this text"),
    ("tidy", "Tidy text", "Strip blanks, change the case of letters"),
    ("alike", "Alike spellings…", "Find spellings that mean the same, and merge them"),
    ("rare", "Merge rare values", "Make one value of all that are in few rows"),
    ("replace", "Replace", "Put one value in place of another"),
    ("filter", "Filter rows", "Keep only rows that meet a condition on this column"),
    ("rename", "Rename", "Give the column another name"),
    ("drop", "Drop column", "Leave the column out"),
)


def offered(column: Any, targets: Sequence[str]) -> list[str]:
    """Which actions make sense for a column, by their names."""
    text = column.type in ("text", "category")
    skip = set()
    if column.name in targets:
        skip.add("also")
    if column.name in targets[:1] and len(targets) == 1:
        skip.add("target")
    if not targets:
        skip.add("also")
    if not column.missing:
        skip |= {"fill", "drop_rows"}
    if column.type == "empty":
        skip |= {"target", "also", "fill", "drop_rows", "parse", "replace", "filter"}
    if not text or column.distinct < 2 or not alike.available():
        skip |= {"alike", "rare"}
    if not text:
        skip.add("tidy")
    if column.type != "date" or not column.samples or not isinstance(column.samples[0], str):
        skip.add("dates")
    if not text or not column.numeric_share:
        skip.add("parse")
    return [name for name, _, _ in ACTIONS if name not in skip]


class ColumnView(QWidget):
    """Everything known about one column. action(column, action name); chosen(Remedy); aside(key of an item)."""

    action = Signal(str, str)
    chosen = Signal(object)
    aside = Signal(str)
    filter_asked = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self.setObjectName("columnView")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        top = QHBoxLayout()
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.title.setObjectName("columnName")
        top.addWidget(self.title, 1)
        close = QPushButton("Overview")
        close.setProperty("role", "link")
        close.setObjectName("columnOverview")
        close.clicked.connect(self.closed)
        top.addWidget(close)
        column.addLayout(top)
        self.kind = plain_label(role="muted")
        self.kind.setObjectName("columnKind")
        column.addWidget(self.kind)
        self._problems = QVBoxLayout()
        self._problems.setSpacing(6)
        column.addLayout(self._problems)
        self._buttons = QWidget()
        self._flow = Flow(self._buttons, 6)
        column.addWidget(self._buttons)
        self.histogram = Histogram()
        column.addWidget(self.histogram)
        self.histogram.picked.connect(self._pick_bar)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.SPACE)
        self._grid.setVerticalSpacing(3)
        column.addLayout(self._grid)
        self._top_title = plain_label("Commonest values", "strong")
        column.addWidget(self._top_title)
        self.top = ValueBars()
        self.top.setObjectName("columnTop")
        self.top.setAccessibleName("Commonest values")
        self.top.setToolTip("A click shows only the rows that hold this value")
        self.top.picked.connect(lambda value: self.filter_asked.emit(row_order.of_value(self._name, value)))
        column.addWidget(self.top)
        self._samples_title = plain_label("Examples", "strong")
        column.addWidget(self._samples_title)
        self.samples = plain_label(role="muted")
        self.samples.setObjectName("columnSamples")
        column.addWidget(self.samples)
        self.detail = DetailView()
        column.addWidget(self.detail)
        column.addStretch(1)

    def show_column(self, column: Any, rows: int, targets: Sequence[str], problems: Sequence[Item]) -> None:
        """Args: column: ColumnProfile. problems: worst first."""
        self._name = column.name
        self.title.setText(column.name)
        words = TYPE_WORDS.get(column.type, column.type).capitalize()
        self.kind.setText(f"{words}, {'the' if len(targets) == 1 else 'a'} target" if column.name in targets else words)
        clear(self._problems)
        for item in problems:
            actions: list[Any] = [(one.label, lambda one=one: self.chosen.emit(one)) for one in item.remedies]
            if item.key:
                actions.append(("Leave it so", lambda key=item.key: self.aside.emit(key)))
            self._problems.addWidget(InlineNotice(item.text, item.severity, actions))
        clear(self._flow)
        names = offered(column, targets)
        for name, title, tip in ACTIONS:
            if name in names:
                button = QPushButton(title)
                button.setObjectName(f"column-{name}")
                button.setToolTip(tip)
                button.clicked.connect(lambda _=False, name=name: self.action.emit(self._name, name))
                self._flow.addWidget(button)
        self._buttons.updateGeometry()
        self._show_numbers(column, rows)
        self._show_values(column, rows)

    def _pick_bar(self, bar: int) -> None:
        self.filter_asked.emit(row_order.of_bar(self._name, self.histogram.edges, bar))

    def _show_numbers(self, column: Any, rows: int) -> None:
        has = column.histogram is not None
        self.histogram.setVisible(has)
        if has:
            marks = [("mean", column.mean), ("median", column.median)]
            self.histogram.set_data(
                column.histogram[0], column.histogram[1], [(n, v) for n, v in marks if v is not None]
            )
        shown = [
            ("Rows", figures.count(rows)),
            (
                "Missing",
                f"{figures.count(column.missing)} · {figures.percent(column.missing, rows)}"
                if column.missing
                else "none",
            ),
            ("Distinct", figures.count(column.distinct)),
        ]
        for name, value in (
            ("Minimum", column.minimum),
            ("Maximum", column.maximum),
            ("Mean", column.mean),
            ("Median", column.median),
            ("Std deviation", column.deviation),
        ):
            if value is not None:
                shown.append((name, figures.cell(value) if isinstance(value, str) else figures.figure(value)))
        clear(self._grid)
        for i, (name, value) in enumerate(shown):
            self._grid.addWidget(plain_label(name, "muted", wrap=False), i, 0)
            number = plain_label(value, wrap=False)
            number.setFont(theme.font(13, tabular=True))
            self._grid.addWidget(number, i, 1, Qt.AlignmentFlag.AlignRight)

    def _show_values(self, column: Any, rows: int) -> None:
        top = list(column.top)[:10]
        useful = bool(top) and (column.histogram is None or column.distinct <= 20) and top[0][1] > 1
        self._top_title.setVisible(useful)
        self.top.setVisible(useful)
        if useful:
            self.top.set_data(top, max(1, rows))
        told = {value for value, _ in top} if useful else set()
        samples = () if useful and column.distinct <= len(told) else column.samples[:6]
        examples = [figures.cell(value) for value in samples]
        self._samples_title.setVisible(bool(examples))
        self.samples.setVisible(bool(examples))
        self.samples.setText("\n".join(shortened(text, 80) for text in examples))


class ColumnPanel(QScrollArea):
    """Column view or first look, scrolling as one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columnPanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view = ColumnView()
        self.first = FirstLook()
        self._stack = QStackedWidget()
        for part in (self.first, self.view):
            self._stack.addWidget(part)
        self.setWidget(self._stack)

    def show_column(self, column: Any, rows: int, targets: Sequence[str], problems: Sequence[Item]) -> None:
        self.view.show_column(column, rows, targets, problems)
        self._stack.setCurrentWidget(self.view)
        self._fit()

    def show_first(self, summary: str, items: Sequence[Item], aside: int = 0, looking: bool = False) -> None:
        self.first.show_items(summary, items, aside, looking)
        self._stack.setCurrentWidget(self.first)
        self._fit()

    def _fit(self) -> None:
        # A stacked widget is as high as its highest page: the page in sight alone shall decide.
        for part in (self.first, self.view):
            shown = part is self._stack.currentWidget()
            policy = part.sizePolicy().Policy
            part.setSizePolicy(
                policy.Preferred if shown else policy.Ignored, policy.Preferred if shown else policy.Ignored
            )
        self._stack.adjustSize()
        self.verticalScrollBar().setValue(0)
