"""The rows of the palette: a layer each, dragged, double-clicked, starred or asked about."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QCursor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from workbench.ui import theme

KIND = Qt.ItemDataRole.UserRole
GROUP = Qt.ItemDataRole.UserRole + 1
NOTE = Qt.ItemDataRole.UserRole + 2
STAR = Qt.ItemDataRole.UserRole + 3
FITS = Qt.ItemDataRole.UserRole + 4  # False: greyed, though it can be dragged to where it does fit


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
        painter.setPen(
            theme.color("text" if usable and index.data(FITS) is not False else "faint" if usable else "muted")
        )
        words = box.adjusted(11, 0, 0, 0)
        if index.data(STAR):
            theme.icon("star-fill", "accent").paint(painter, words.right() - 13, box.center().y() - 6, 13, 13)
            words.adjust(0, 0, -18, 0)
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


def _name(item: QTreeWidgetItem) -> tuple[str, str]:
    """The same row after the list was made anew: its group and what it is."""
    head = item.parent()
    return (head.text(0) if head is not None else "", str(item.data(0, KIND) or item.text(0)))


class LayerList(QTreeWidget):
    """The rows. A drag is the program's own: the canvas shows what would happen while it goes on.

    Signals: picked(kind) by Enter or double-click; drag_moved(kind, global position), drag_dropped(kind, global
    position), drag_ended(); help_wanted(kind, global position) by F1; menu_wanted(kind, global position) by a right
    click or the menu key.
    """

    picked = Signal(str)
    drag_moved = Signal(str, QPoint)
    drag_dropped = Signal(str, QPoint)
    drag_ended = Signal()
    left_upwards = Signal()
    help_wanted = Signal(str, QPoint)
    menu_wanted = Signal(str, QPoint)

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

    def place(self) -> tuple[str, str, int] | None:
        """What must stay where it is when the rows are made anew: the row under the pointer, else the first in sight
        of a list that was scrolled; as its group, its name and its y in pixels."""
        view = self.viewport()
        at = view.mapFromGlobal(QCursor.pos())
        over = self.underMouse() and view.rect().contains(at)
        item = self.itemAt(at) if over else self.itemAt(0, 0) if self.verticalScrollBar().value() else None
        return (*_name(item), self.visualItemRect(item).top()) if item is not None else None

    def put_back(self, place: tuple[str, str, int] | None) -> None:
        """Scroll so that the row of `place` stands where it stood, as far as there are rows enough."""
        if place is None:
            return
        heads = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        rows = [*heads, *(head.child(row) for head in heads for row in range(head.childCount()))]
        item = next((row for row in rows if _name(row) == place[:2]), None)
        if item is None or (item.parent() is not None and not item.parent().isExpanded()):
            return
        box = self.visualItemRect(item)  # lays the rows out
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round((box.top() - place[2]) / max(1, box.height())))

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
        if event.key() == Qt.Key.Key_F1:
            self.ask_help()
            return
        super().keyPressEvent(event)

    def ask_help(self) -> None:
        """About the current row."""
        item = self.currentItem()
        kind = str(item.data(0, KIND) or "") if item is not None else ""
        if kind:
            self.help_wanted.emit(kind, self.viewport().mapToGlobal(self.visualItemRect(item).topRight()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        item = self.itemAt(event.pos()) if by_mouse else self.currentItem()
        kind = str(item.data(0, KIND) or "") if item is not None else ""
        if item is not None and kind:
            self.setCurrentItem(item)
            place = self.visualItemRect(item).center()
            self.menu_wanted.emit(kind, event.globalPos() if by_mouse else self.viewport().mapToGlobal(place))
        event.accept()

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
