"""The finder (Ctrl+K): every action, page, layer, column, run, sample and word by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from workbench.core.checks import PAGES

from . import theme
from .rail import ICONS, TITLES
from .start.sample_cards import CARDS
from .training_topics import TOPICS
from .words import WORDS

if TYPE_CHECKING:
    from .window import MainWindow

SHOWN = 60
MORE = Qt.ItemDataRole.UserRole
KIND = Qt.ItemDataRole.UserRole + 1
WIDTH = 560


@dataclass(frozen=True)
class Entry:
    """One find. kind: "action", "page", "layer", "column", "run", "sample", "word". more: what stands behind it, in
    grey."""

    title: str
    kind: str
    more: str
    icon: str
    do: Callable[[], object]


def score(query: str, text: str) -> float:
    """How well a text fits what was typed: higher is better, 0 does not fit. Words may be in any order; letters of one
    word must be in order, and count more at the beginnings of words."""
    text = text.lower()
    total = 0.0
    for word in query.lower().split():
        found = text.find(word)
        if found >= 0:
            start = found == 0 or not text[found - 1].isalnum()
            total += 10 + (5 if start else 0) + (3 if found == 0 else 0) + 4 * len(word) / len(text)
            continue
        place, runs = -1, 0
        for char in word:
            after = text.find(char, place + 1)
            if after < 0:
                return 0.0
            runs += after != place + 1
            place = after
        if runs > max(2, len(word) // 2):
            return 0.0
        total += 4 - runs
    return max(total, 0.1)


def entries(window: MainWindow) -> Iterable[Entry]:
    """All that can be found now."""
    session = window.session
    for name in PAGES:
        number = PAGES.index(name) + 1
        yield Entry(TITLES[name], "page", f"Ctrl+{number}", ICONS[name], lambda name=name: window.show_page(name))
    for action in window.action_set.table.values():
        if action.enabled(window) and not action.id.startswith("page_") and action.id != "find":
            parent = action.menu.replace("/", " › ")
            more = "   ".join(t for t in (parent, action.keys) if t)
            title = f"Theme: {action.text}" if action.group == "theme" else window.action_set.actions[action.id].text()
            yield Entry(
                title.split("\t")[0], "action", more, action.icon or "caret-right",
                lambda a=action: window.action_set.run(a.id),
            )  # fmt: skip
    for node in session.project.graph.nodes:
        yield Entry(
            node.name, "in the model", node.kind, "cube", lambda ident=node.id: _show_in(window, "model", ident)
        )
    if session.project.data is not None:
        for name, entry in session.catalog.layers.items():
            if entry.usable:
                yield Entry(
                    f"Add {entry.title or name}", "layer", entry.group, "plus-circle",
                    lambda name=name: _add_layer(window, name),
                )  # fmt: skip
    for column in session.features.columns:
        yield Entry(
            column.name, "column", column.role, "columns",
            lambda name=column.name: _show_in(window, "features", name),
        )  # fmt: skip
    for run in reversed(session.runs):
        yield Entry(run.name, "run", run.state.replace("_", " "), "chart-line", lambda: window.show_page("runs"))
    for card in CARDS:
        yield Entry(card.title, "sample", card.blurb, ICONS["data"], lambda name=card.name: session.open_sample(name))
    for word, meaning in WORDS.items():
        yield Entry(word, "word", meaning, "book-open", lambda word=word: window.show_help("words", word))
    for topic in TOPICS:
        yield Entry(
            topic.title, "training", topic.also, "book-open",
            lambda title=topic.title: window.show_help("training", title),
        )  # fmt: skip


def _show_in(window: MainWindow, name: str, item: str) -> None:
    """Go to a page and select what was found on it."""
    window.show_page(name)
    page: Any = window.page(name)
    if hasattr(page, "show_item"):  # a page that could not be made has none
        page.show_item(item)


def _add_layer(window: MainWindow, kind: str) -> None:
    """After what is selected on the canvas, as a double-click in its list would."""
    window.show_page("model")
    page: Any = window.page("model")
    if hasattr(page, "append"):
        page.append(kind)


class _Lines(QStyledItemDelegate):
    """One line: icon, title, what stands behind it in grey, its kind at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(area, 4, 4)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            icon.paint(painter, int(area.left()) + 8, int(area.center().y()) - 8, 16, 16)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        line = area.adjusted(34, 0, -10, 0)
        painter.setFont(theme.font(11))
        kind = str(index.data(KIND) or "")
        painter.setPen(theme.color("muted"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), kind)
        room = line.width() - painter.fontMetrics().horizontalAdvance(kind) - 16
        painter.setFont(theme.font(13))
        metrics = painter.fontMetrics()
        title = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, int(room))
        painter.setPen(theme.color("text"))
        painter.drawText(line, middle, title)
        used = metrics.horizontalAdvance(title) + 12
        more = metrics.elidedText(str(index.data(MORE) or ""), Qt.TextElideMode.ElideRight, int(room - used))
        if room - used > 40:
            painter.setPen(theme.color("muted"))
            painter.drawText(line.adjusted(used, 0, 0, 0), middle, more)
        painter.restore()


class Finder(QFrame):
    """A panel over the window: type, arrow keys, Enter; Esc or a click elsewhere closes it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self._window = window
        self.setObjectName("finder")
        self.setAccessibleName("Find anything")
        theme.set_role(self, "card")
        self.line = QLineEdit()
        self.line.setObjectName("finder_line")
        self.line.setPlaceholderText("Find an action, page, layer, column, run or word")
        self.line.setAccessibleName("What to find")
        self.line.setClearButtonEnabled(True)
        self.line.setMinimumHeight(36)
        self.list = QListWidget()
        self.list.setObjectName("finder_list")
        self.list.setAccessibleName("Found")
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Lines(self.list))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.line.textChanged.connect(self._search)
        self.line.installEventFilter(self)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self._all: list[Entry] = []
        self._found: list[Entry] = []

    def open(self) -> None:
        """Show it below the top of the window with everything that can be found now."""
        self._all = list(entries(self._window))
        self.line.clear()
        self._search("")
        wide = min(WIDTH, self._window.width() - 40)
        self.move(self._window.mapToGlobal(QPoint((self._window.width() - wide) // 2, 44)))
        self.show()
        self.line.setFocus()

    def _search(self, text: str) -> None:
        query = text.strip()
        if query:
            scored = [(max(score(query, e.title), 0.4 * score(query, f"{e.kind} {e.more}")), e) for e in self._all]
            scored.sort(key=lambda pair: -pair[0])
            least = 8.0 if scored and scored[0][0] >= 10 else 0.0  # guesses only where nothing is called that
            self._found = [e for s, e in scored if s > least][:SHOWN]
        else:
            self._found = [e for e in self._all if e.kind in ("page", "action")][:SHOWN]
        self.list.clear()
        for entry in self._found:
            item = QListWidgetItem(theme.icon(entry.icon, "muted"), entry.title)
            item.setData(MORE, entry.more)
            item.setData(KIND, entry.kind)
            item.setSizeHint(QSize(0, theme.px(13) + 17))
            item.setToolTip(f"{entry.kind}: {entry.title}\n{entry.more}" if entry.kind == "word" else "")
            self.list.addItem(item)
        if self._found:
            self.list.setCurrentRow(0)
        else:
            item = QListWidgetItem("Nothing is called that here.")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setSizeHint(QSize(0, theme.px(13) + 17))
            self.list.addItem(item)
        tall = self.list.count() * (theme.px(13) + 17) + 4 * theme.SPACE + self.line.minimumHeight()
        self.resize(min(WIDTH, self._window.width() - 40), min(tall, 440, self._window.height() - 80))

    def found(self) -> list[Entry]:
        """What is listed now."""
        return self._found

    def _choose(self, item: QListWidgetItem) -> None:
        row = self.list.row(item)
        if 0 <= row < len(self._found):
            entry = self._found[row]
            self.hide()
            entry.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            row, last = self.list.currentRow(), len(self._found) - 1
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in moves and last >= 0:
                self.list.setCurrentRow(max(0, min(last, row + moves[Qt.Key(event.key())])))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if (item := self.list.currentItem()) is not None:
                    self._choose(item)
                return True
        return False
