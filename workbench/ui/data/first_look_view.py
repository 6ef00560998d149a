"""The empty state of the column panel: what I would look at first, ranked, with its remedies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data.first_look import Item
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.widgets.label import plain_label

MOST_ITEMS = 8
_ROLES = {"error": "error", "warning": "warning", "info": "muted"}


class FirstLook(QWidget):
    """chosen(Remedy); column_asked(name); aside(key): "" shows again what was put aside."""

    chosen = Signal(object)
    column_asked = Signal(str)
    aside = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("firstLook")
        self.nothing = "Nothing stands out. Choose a column to see it in detail."
        self._shown: tuple[object, ...] = ()
        self._items: Sequence[Item] = ()
        self._every = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2, theme.SPACE * 2)
        column.setSpacing(theme.SPACE)
        column.addWidget(plain_label("What I would look at first", "heading"))
        self.summary = plain_label(role="muted")
        self.summary.setObjectName("firstLookSummary")
        column.addWidget(self.summary)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.SPACE + 4)
        column.addLayout(self._list)
        column.addStretch(1)

    def show_items(self, summary: str, items: Sequence[Item], aside: int = 0, looking: bool = False) -> None:
        """items: the most important first. aside: how many were put aside. looking: more may be found."""
        wanted = (summary, tuple(items), aside, looking, self._every)
        if wanted == self._shown:
            return
        self._shown = wanted
        self._items = items
        self.summary.setText(summary)
        clear(self._list)
        shown = items if self._every else items[:MOST_ITEMS]
        for number, item in enumerate(shown, 1):
            self._list.addLayout(self._line(number, item))
        if not items and not looking:
            self._list.addWidget(plain_label(self.nothing, "muted"))
        if looking:
            self._list.addWidget(plain_label("Looking for leaks, equal rows and the like…", "muted"))
        foot = QWidget()
        links = Flow(foot, theme.SPACE)
        if len(shown) < len(items):
            links.addWidget(self._link(f"Show {len(items) - len(shown)} more", "firstLookMore", self._show_every))
        if aside:
            links.addWidget(
                self._link(f"Show {plural(aside, 'item')} left so", "firstLookAside", lambda: self.aside.emit(""))
            )
        self._list.addWidget(foot)

    def _line(self, number: int, item: Item) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        order = plain_label(f"{number}", _ROLES[item.severity], wrap=False)
        order.setFixedWidth(18)
        grid.addWidget(order, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(plain_label(item.text), 0, 1)
        offered = QWidget()
        links = Flow(offered, theme.SPACE + 4, 0)
        for i, remedy in enumerate(item.remedies):
            name = f"firstLookAccept{number}" + (f"-{i + 1}" if i else "")
            links.addWidget(self._link(remedy.label, name, lambda one=remedy: self.chosen.emit(one)))
        if item.column:
            links.addWidget(
                self._link("Show column", f"firstLookShow{number}", lambda n=item.column: self.column_asked.emit(n))
            )
        grid.addWidget(offered, 1, 1, 1, 2)
        if item.key:
            grid.addWidget(self._close(number, item), 0, 2, Qt.AlignmentFlag.AlignTop)
        return grid

    def _close(self, number: int, item: Item) -> QToolButton:
        close = QToolButton()
        close.setObjectName(f"firstLookAside{number}")
        close.setIcon(theme.icon("x", "muted"))
        close.setIconSize(QSize(12, 12))
        close.setAutoRaise(True)
        close.setFixedSize(20, 20)
        close.setToolTip("Leave it so: do not show this any more")
        close.setAccessibleName(f"Leave it so: {item.text}")
        close.clicked.connect(lambda _=False: self.aside.emit(item.key))
        return close

    def _link(self, title: str, name: str, call: Callable[..., object]) -> QPushButton:
        button = QPushButton(title)
        button.setProperty("role", "link")
        button.setObjectName(name)
        button.setToolTip(title)
        button.clicked.connect(lambda: call())
        return button

    def _show_every(self) -> None:
        self._every = True
        summary, items, aside, looking = self._shown[:4]
        self.show_items(str(summary), tuple(items), int(aside), bool(looking))  # type: ignore[call-overload]
