"""Groups of alike spellings as a tree: what each group becomes can be edited, what merges is ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.ui.data import alike, figures
from workbench.ui.data.alike import Group

SPELLING, ROWS, DIFFERENCE = range(3)
ON, OFF, SOME = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked
_VALUE = Qt.ItemDataRole.UserRole
_LINE = 24


def _with_blanks(value: str) -> str:
    """A spelling with the blanks at its ends made visible."""
    text = figures.cell(value)
    inner = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    return "␣" * before + inner + "␣" * (len(text) - len(inner) - before) if inner else "␣" * len(text)


class GroupTree(QTreeWidget):
    """changed(): a tick or a kept value. Return or F2 edits the kept value, the space bar ticks."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups: tuple[Group, ...] = ()
        self.setObjectName("alikeGroups")
        self.setAccessibleName("Groups of alike spellings")
        self.setHeaderLabels(["Becomes", "Rows", "Differ in"])
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(SPELLING, QHeaderView.ResizeMode.Stretch)
        for part, width in ((ROWS, 90), (DIFFERENCE, 190)):
            head.setSectionResizeMode(part, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(part, width)
        self.itemChanged.connect(self._on_changed)
        self.itemDoubleClicked.connect(self._on_double)

    def show_groups(self, groups: Sequence[Group], merged: Mapping[str, str] | None = None) -> None:
        """Show these groups. merged: what is merged now, which alone is ticked then; None: everything is ticked."""
        self.groups = tuple(groups)
        self.blockSignals(True)
        self.clear()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for group in self.groups:
            rows = sum(count for _, count in group.spellings)
            kept = group.kept if merged is None else alike.kept_of(group, merged)
            top = QTreeWidgetItem([kept, figures.count(rows), group.difference])
            top.setFlags(top.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
            top.setToolTip(SPELLING, "What all ticked spellings become. A double click edits it.")
            top.setTextAlignment(ROWS, right)
            top.setSizeHint(SPELLING, QSize(0, _LINE))
            bold = top.font(SPELLING)
            bold.setBold(True)
            top.setFont(SPELLING, bold)
            for value, count in group.spellings:
                child = QTreeWidgetItem([_with_blanks(value), figures.count(count), ""])
                child.setData(SPELLING, _VALUE, value)
                child.setFlags((child.flags() | Qt.ItemFlag.ItemIsUserCheckable) & ~Qt.ItemFlag.ItemIsEditable)
                child.setToolTip(SPELLING, f"“{value}”. A double click keeps this spelling.")
                child.setTextAlignment(ROWS, right)
                child.setSizeHint(SPELLING, QSize(0, _LINE))
                top.addChild(child)
            self.addTopLevelItem(top)
            if merged is None:
                self._set_ticks(top, ON)
            else:
                self._tick_merged(top, kept, merged)
            top.setExpanded(True)
        if self.groups:
            self.setCurrentItem(self.topLevelItem(0))
        self.blockSignals(False)
        self.changed.emit()

    # ---- ticks and kept values

    def tick(self, numbers: Sequence[int], state: Qt.CheckState) -> None:
        """Tick or untick whole groups."""
        self.blockSignals(True)
        for number in numbers:
            self._set_ticks(self.topLevelItem(number), state)
        self.blockSignals(False)
        self.viewport().update()
        self.changed.emit()

    def tick_like_this(self) -> None:
        """Tick every group whose spellings differ as those of the chosen one do."""
        number = self.chosen()
        if number >= 0:
            wanted = self.groups[number].difference
            self.tick([i for i, group in enumerate(self.groups) if group.difference == wanted], ON)

    def _set_ticks(self, top: QTreeWidgetItem, state: Qt.CheckState) -> None:
        top.setCheckState(SPELLING, state)
        for i in range(top.childCount()):
            top.child(i).setCheckState(SPELLING, state)

    def _tick_merged(self, top: QTreeWidgetItem, kept: str, merged: Mapping[str, str]) -> None:
        """Tick what is merged, and the kept value beside it."""
        children = [top.child(i) for i in range(top.childCount())]
        values = [str(child.data(SPELLING, _VALUE)) for child in children]
        any_merged = any(value in merged for value in values)
        for child, value in zip(children, values, strict=True):
            child.setCheckState(SPELLING, ON if value in merged or (any_merged and value == kept) else OFF)
        self._sum_up(top)

    def _sum_up(self, top: QTreeWidgetItem) -> None:
        states = {top.child(i).checkState(SPELLING) for i in range(top.childCount())}
        top.setCheckState(SPELLING, states.pop() if len(states) == 1 else SOME)

    def _on_changed(self, item: QTreeWidgetItem, part: int) -> None:
        if part != SPELLING:
            return
        self.blockSignals(True)
        top = item.parent()
        if top is None:
            if item.checkState(SPELLING) != SOME:
                self._set_ticks(item, item.checkState(SPELLING))
            if not item.text(SPELLING).strip():
                item.setText(SPELLING, self.groups[self.indexOfTopLevelItem(item)].kept)
        else:
            self._sum_up(top)
        self.blockSignals(False)
        self.viewport().update()
        self.changed.emit()

    def _on_double(self, item: QTreeWidgetItem, part: int) -> None:
        if item.parent() is None:
            self.editItem(item, SPELLING)
        else:
            item.parent().setText(SPELLING, str(item.data(SPELLING, _VALUE)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.state() == QAbstractItemView.State.EditingState:
            event.accept()  # it ends the edit; nothing begins anew
        elif enter and item is not None and item.parent() is None:
            self.editItem(item, SPELLING)
        else:
            super().keyPressEvent(event)

    # ---- what is chosen

    def chosen(self) -> int:
        """The number of the group looked at, -1 when there is none."""
        item = self.currentItem()
        return -1 if item is None else self.indexOfTopLevelItem(item.parent() or item)

    def mapping_of(self, number: int) -> dict[str, str]:
        """{spelling: what it becomes} of one group."""
        top = self.topLevelItem(number)
        children = [top.child(i) for i in range(top.childCount())]
        ticked = [str(c.data(SPELLING, _VALUE)) for c in children if c.checkState(SPELLING) == ON]
        return alike.mapping_of(self.groups[number], top.text(SPELLING), ticked)

    def mapping(self) -> dict[str, str]:
        """{spelling: what it becomes} over all groups."""
        made: dict[str, str] = {}
        for number in range(len(self.groups)):
            made |= self.mapping_of(number)
        return made
