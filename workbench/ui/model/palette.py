"""The list of layers to build with: search on top, groups that fold, drag, double-click or Enter to use one."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.catalog import GROUPS, Catalog, LayerEntry
from workbench.ui import theme
from workbench.ui.model.words import entries, find_layers

KIND = Qt.ItemDataRole.UserRole
GROUP = Qt.ItemDataRole.UserRole + 1
NOTE = Qt.ItemDataRole.UserRole + 2
RECENT = 5
# Shown unfolded at first; the others are one click away.
OPEN_GROUPS = ("Data", "Core", "Convolution", "Pooling", "Regularization", "Merging")


class _Delegate(QStyledItemDelegate):
    """A layer's name behind a small bar in its category's colour, with a muted note at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        group = index.data(GROUP)
        if group is None:
            super().paint(painter, option, index)
            return
        painter.save()
        state = option.state
        whole = option.rect.adjusted(-option.rect.left(), 0, 0, 0)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, theme.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(whole, theme.color("hover"))
        # Rows stand a little inside their group, whatever the tree's own indentation is.
        box = option.rect.adjusted(12 - option.rect.left(), 0, -8, 0)
        bar = QRect(box.left(), box.center().y() - 8, 3, 17)
        painter.fillRect(bar, theme.category_color(group))
        usable = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        painter.setPen(theme.color("text" if usable else "muted"))
        words = box.adjusted(11, 0, 0, 0)
        note = index.data(NOTE) or ""
        metrics = option.fontMetrics
        small = theme.font(11)
        taken = QFontMetrics(small).horizontalAdvance(note) + theme.SPACE if note else 0
        # the name comes first: the group is left out where both do not fit, but why one cannot be used is always said
        if note and (not usable or metrics.horizontalAdvance(str(index.data())) <= words.width() - taken):
            painter.save()
            painter.setPen(theme.color("muted"))
            painter.setFont(small)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), note)
            painter.restore()
            words.adjust(0, 0, -taken, 0)
        title = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), 26)


class LayerList(QTreeWidget):
    """The rows. A drag is the program's own: the canvas shows what would happen while it goes on.

    Signals: picked(kind) by Enter or double-click; drag_moved(kind, global position), drag_dropped(kind, global
    position), drag_ended().
    """

    picked = Signal(str)
    drag_moved = Signal(str, QPoint)
    drag_dropped = Signal(str, QPoint)
    drag_ended = Signal()
    left_upwards = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layer-list")
        self.setAccessibleName("Layers")
        self.setHeaderHidden(True)
        self.setRootIsDecorated(True)
        self.setIndentation(12)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Delegate(self))
        self.setExpandsOnDoubleClick(False)
        # On the panel itself: a white box in a grey panel would be one frame too many.
        self.setStyleSheet("#layer-list { background: transparent; } #layer-list::item { border: none; }")
        self.viewport().setAutoFillBackground(False)
        self._pressed: tuple[str, QPoint] | None = None
        self._dragging = ""
        self.itemActivated.connect(self._activated)

    def kind_of(self, item: QTreeWidgetItem | None) -> str:
        """The layer a row stands for; "" for a group or one that cannot be used."""
        if item is None or item.isDisabled():
            return ""
        return str(item.data(0, KIND) or "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        item = self.itemAt(event.position().toPoint())
        kind = self.kind_of(item)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (kind, event.globalPosition().toPoint()) if kind else None
            if item is not None and item.data(0, KIND) is None and event.position().x() > self.indentation():
                item.setExpanded(not item.isExpanded())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.globalPosition().toPoint()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            kind, begun = self._pressed
            if self._dragging or (place - begun).manhattanLength() >= QApplication.startDragDistance():
                if not self._dragging:
                    self._dragging = kind
                    self.setFocus()
                    self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
                self.drag_moved.emit(kind, place)
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        kind, self._pressed = self._dragging, None
        if kind and event.button() == Qt.MouseButton.LeftButton:
            self._end_drag()
            self.drag_dropped.emit(kind, event.globalPosition().toPoint())
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._pressed = None
            self._end_drag()
            return
        if event.key() == Qt.Key.Key_Up and self.currentItem() is self.topLevelItem(0):
            self.left_upwards.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activated(self.currentItem())
            return
        super().keyPressEvent(event)

    def _end_drag(self) -> None:
        self._dragging = ""
        self.viewport().unsetCursor()
        self.drag_ended.emit()

    def _activated(self, item: QTreeWidgetItem | None, _column: int = 0) -> None:
        kind = self.kind_of(item)
        if kind:
            self.picked.emit(kind)
        elif item is not None and item.childCount():
            item.setExpanded(not item.isExpanded())


class Palette(QWidget):
    """Search and list. `picked(kind)`: the person wants one of these; `closed`: Escape with nothing typed."""

    picked = Signal(str)
    closed = Signal()

    def __init__(self, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self.recent: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.search = QLineEdit()
        self.search.setObjectName("layer-search")
        self.search.setAccessibleName("Search layers")
        self.search.setPlaceholderText("Search layers   /")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("magnifying-glass", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self.refill)
        self.search.returnPressed.connect(self._take_first)
        self.search.installEventFilter(self)
        self.list = LayerList()
        self.list.picked.connect(self._picked)
        self.list.left_upwards.connect(self.search.setFocus)
        self._nothing = QLabel()
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.hide()
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        theme.notifier.changed.connect(self.list.viewport().update)
        self._folded: set[str] | None = None
        self.refill()

    def begin_search(self, text: str = "") -> None:
        """Put the focus into the search, with `text` typed."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.setText(text)

    def remember(self, kind: str) -> None:
        """Put a layer on top of the recent ones."""
        self.recent = [kind, *(one for one in self.recent if one != kind)][:RECENT]
        if not self.search.text():
            self.refill()

    def shown(self) -> list[str]:
        """The kinds in the list, in order, folded ones included."""
        found = []
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item.childCount():
                found += [str(item.child(at).data(0, KIND)) for at in range(item.childCount())]
            elif item.data(0, KIND):
                found.append(str(item.data(0, KIND)))
        return found

    # ---- filling ---------------------------------------------------------------------------------------------

    def refill(self) -> None:
        """List what answers to the search, or everything by groups."""
        self._note_folds()
        text = self.search.text()
        self.list.clear()
        if text.strip():
            found = find_layers(self._catalog, text, self.recent)
            for entry in found[:60]:
                self.list.addTopLevelItem(self._row(entry, note=entry.group if entry.usable else "not yet"))
            self._nothing.setText(f"No layer answers to “{text.strip()}”.")
            self._nothing.setVisible(not found)
            first = next((i for i in range(len(found[:60])) if found[i].usable), None)
            if first is not None:
                self.list.setCurrentItem(self.list.topLevelItem(first))
            return
        self._nothing.hide()
        groups: dict[str, list[LayerEntry]] = {}
        known = {entry.name: entry for entry in entries(self._catalog)}
        if self.recent:
            groups["Recent"] = [known[kind] for kind in self.recent if kind in known]
        groups["Data"] = []
        groups.update({title: [] for title in GROUPS})
        for entry in known.values():
            if entry.usable:
                groups.setdefault("Data" if entry.name in ("Input", "Output") else entry.group, []).append(entry)
        for title, members in groups.items():
            if members:
                self._add_group(title, members)

    def _add_group(self, title: str, members: Sequence[LayerEntry]) -> None:
        head = QTreeWidgetItem([title])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        head.setFont(0, theme.font(11, 600))
        head.setToolTip(0, f"{len(members)} layers")
        self.list.addTopLevelItem(head)
        for entry in members:
            head.addChild(self._row(entry))
        folded = self._folded is not None and title in self._folded
        head.setExpanded(title == "Recent" or (not folded if self._folded is not None else title in OPEN_GROUPS))

    def _row(self, entry: LayerEntry, note: str = "") -> QTreeWidgetItem:
        row = QTreeWidgetItem([entry.title])
        row.setData(0, KIND, entry.name)
        row.setData(0, GROUP, "data" if entry.name in ("Input", "Output") else entry.group)
        row.setData(0, NOTE, note)
        help_text = entry.help if entry.usable else f"Not on the canvas: {entry.reason}"
        row.setToolTip(
            0, f"<p style='white-space:normal'><b>{html.escape(entry.title)}</b><br>{html.escape(help_text)}</p>"
        )
        row.setDisabled(not entry.usable)
        return row

    def _note_folds(self) -> None:
        heads = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        heads = [head for head in heads if head.childCount()]
        if heads:
            self._folded = {head.text(0) for head in heads if not head.isExpanded()}

    # ---- choosing --------------------------------------------------------------------------------------------

    def _take_first(self) -> None:
        kind = self.list.kind_of(self.list.currentItem())
        if kind and self.search.text().strip():
            self._picked(kind)

    def _picked(self, kind: str) -> None:
        self.picked.emit(kind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                if self.list.currentItem() is None and self.list.topLevelItemCount():
                    self.list.setCurrentItem(self.list.topLevelItem(0))
                elif key != Qt.Key.Key_Up or self.list.currentItem() is not self.list.topLevelItem(0):
                    self.list.keyPressEvent(event)
                return True
            if key == Qt.Key.Key_Escape:
                if self.search.text():
                    self.search.clear()
                else:
                    self.closed.emit()
                return True
        return super().eventFilter(watched, event)
