"""The form of a selected group: its name, what it comes to, what is in it, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import Group
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.model.swatches import Swatches

_TALLEST = 320  # pixels of the list; more layers scroll


@dataclass(frozen=True)
class GroupView:
    """told: what it sums up to. rows: (id, title, name, number) of each layer in it. problem: the worst inside."""

    group: Group
    told: str
    rows: tuple[tuple[str, str, str, str], ...]
    problem: str = ""
    wrong: bool = False


class GroupCard(QWidget):
    """Signals: renamed(id, name), fold_wanted(id, folded), ungroup_wanted(), repeat_wanted(id), keep_wanted(id),
    coloured(id, number), layer_wanted(id of a layer)."""

    renamed = Signal(str, str)
    fold_wanted = Signal(str, bool)
    ungroup_wanted = Signal()
    repeat_wanted = Signal(str)
    keep_wanted = Signal(str)
    coloured = Signal(str, int)
    layer_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("group-card")
        self._view: GroupView | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        row = QHBoxLayout()
        caption = QLabel("Name")
        caption.setFixedWidth(116)
        self.name = QLineEdit()
        self.name.setObjectName("group-name")
        self.name.setAccessibleName("Name of the group")
        self.name.editingFinished.connect(self._name_done)
        caption.setBuddy(self.name)
        row.addWidget(caption)
        row.addWidget(self.name, 1)
        row.addSpacing(24)
        column.addLayout(row)
        self.colours = Swatches("group-colour")
        self.colours.chosen.connect(lambda number: self._with(lambda v: self.coloured.emit(v.group.id, number)))
        column.addWidget(self.colours)
        column.addLayout(self._buttons())
        self.count = QLabel()
        self.count.setProperty("role", "caption")
        column.addWidget(self.count)
        self.list = QTreeWidget()
        self.list.setObjectName("group-layers")
        self.list.setAccessibleName("Layers of the group")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformRowHeights(True)
        self.list.setRootIsDecorated(False)
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        head = self.list.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place in (1, 2):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setToolTip("Click a layer to go to it")
        self.list.setStyleSheet("#group-layers { background: transparent; } #group-layers::item { padding: 3px 2px; }")
        self.list.itemClicked.connect(self._row_clicked)
        self.list.itemActivated.connect(self._row_clicked)
        column.addWidget(self.list)
        self.hide()

    def _buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.SPACE)
        self.fold = self._button("Fold", "group-fold", "arrows-in-line-vertical", "Draw it as one block")
        self.fold.clicked.connect(lambda: self._with(lambda v: self.fold_wanted.emit(v.group.id, not v.group.folded)))
        ungroup = self._button("Ungroup", "group-ungroup", "selection-slash", "Take the name away; the layers stay")
        ungroup.clicked.connect(self.ungroup_wanted)
        tip = "Copies of it behind each other, with weights of their own"
        repeat = self._button("Repeat…", "group-repeat", "repeat", tip)
        repeat.clicked.connect(lambda: self._with(lambda v: self.repeat_wanted.emit(v.group.id)))
        keep = self._button("Keep as a block…", "group-keep", "bookmark-simple", "For other places and other projects")
        keep.clicked.connect(lambda: self._with(lambda v: self.keep_wanted.emit(v.group.id)))
        for place, button in enumerate((self.fold, ungroup, repeat, keep)):
            grid.addWidget(button, place // 2, place % 2)
        return grid

    @staticmethod
    def _button(title: str, name: str, icon: str, tip: str) -> QPushButton:
        button = QPushButton(title)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setIcon(theme.icon(icon))
        return button

    def show_group(self, view: GroupView) -> None:
        """Show this group."""
        before, self._view = self._view, view
        if before is None or before.group.id != view.group.id or not self.name.isModified():
            self.name.setText(view.group.name)
            self.name.setCursorPosition(0)
            self.name.setModified(False)
        self.fold.setText("Open" if view.group.folded else "Fold")
        self.fold.setIcon(theme.icon("arrows-out-line-vertical" if view.group.folded else "arrows-in-line-vertical"))
        self.fold.setToolTip("Show the layers in it" if view.group.folded else "Draw it as one block")
        self.count.setText(f"{plural(len(view.rows), 'layer')} in it")
        if before is None or before.rows != view.rows:
            self._fill(view.rows)
        self.colours.show_colour(view.group.colour)
        self.show()

    def _fill(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        self.list.clear()
        made = []
        for ident, title, name, number in rows:
            item = QTreeWidgetItem([name, title, number])
            item.setData(0, Qt.ItemDataRole.UserRole, ident)
            item.setToolTip(0, f"{title} “{name}”")
            item.setForeground(1, theme.color("muted"))
            item.setFont(2, theme.font(11, tabular=True))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            made.append(item)
        self.list.addTopLevelItems(made)
        tall = self.list.sizeHintForRow(0) * len(rows) + 4 if rows else 0
        self.list.setFixedHeight(min(_TALLEST, tall))

    def flush(self) -> None:
        """Take a name that is typed and not yet taken."""
        self._name_done()

    def _name_done(self) -> None:
        if self._view is None or not self.name.isModified():
            return
        self.name.setModified(False)
        if self.name.text().strip() != self._view.group.name:
            self.renamed.emit(self._view.group.id, self.name.text())

    def restore_name(self) -> None:
        """The name was refused."""
        self._with(lambda v: self.name.setText(v.group.name))

    def _row_clicked(self, item: QTreeWidgetItem) -> None:
        self.layer_wanted.emit(str(item.data(0, Qt.ItemDataRole.UserRole)))

    def _with(self, call: Callable[[GroupView], object]) -> None:
        if self._view is not None:
            call(self._view)
