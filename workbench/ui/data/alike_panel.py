"""Alike spellings of a column: groups with their counts, ticked and edited, merged as one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import alike, figures
from workbench.ui.data.alike import Group, Touched
from workbench.ui.data.alike_tree import OFF, ON, GroupTree
from workbench.ui.data.frame_view import FrameView
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label

MOST_GROUPS = 1000
GIVEN = "given"
GIVEN_TIP = "Only these. Other ways to look for alike spellings find more."


class AlikePanel(QWidget):
    """accepted(column, {spelling: kept}); closed()."""

    accepted = Signal(str, object)
    closed = Signal()

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alikePanel")
        self._jobs = jobs
        self._frame: Any = None
        self._column = ""
        self._given: Mapping[str, str] | None = None
        self._editing = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(theme.SPACE)
        top = QHBoxLayout()
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.title.setObjectName("alikeTitle")
        top.addWidget(self.title, 1)
        close = self._button("Cancel", "alikeClose", "")
        close.clicked.connect(self.closed)
        self.accept = self._button("Merge", "alikeAccept", "primary")
        self.accept.clicked.connect(lambda: self.accepted.emit(self._column, self.mapping()))
        top.addWidget(close)
        top.addWidget(self.accept)
        column.addLayout(top)
        column.addLayout(self._build_method())
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "caption")
        column.addWidget(self.hint)
        self.says = plain_label(role="muted", name="alikeSays")
        column.addWidget(self.says)
        column.addLayout(self._build_ticks())
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        self.tree = GroupTree()
        self.tree.changed.connect(self._refresh)
        self.tree.currentItemChanged.connect(lambda *_: self._preview())
        parts.addWidget(self.tree)
        parts.addWidget(self._build_preview())
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        column.addWidget(parts, 1)

    # ---- building

    def _button(self, text: str, name: str, role: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        if role:
            button.setProperty("role", role)
        return button

    def _build_method(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        self.method = Combo()
        self.method.setObjectName("alikeMethod")
        self.method.setAccessibleName("What counts as alike")
        self.method.setMinimumWidth(190)
        for name, title, tip in alike.METHODS:
            self.method.addItem(title, name)
            self.method.setItemData(self.method.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.method.currentIndexChanged.connect(self._on_method)
        label = QLabel("Alike by")
        label.setBuddy(self.method)
        row.addWidget(label)
        row.addWidget(self.method)
        self.likeness = QLabel()
        self.likeness.setFont(theme.font(13, tabular=True))
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setObjectName("alikeThreshold")
        self.threshold.setAccessibleName("How alike two spellings have to be, in percent")
        self.threshold.setRange(50, 99)
        self.threshold.setPageStep(5)
        self.threshold.setFixedWidth(160)
        self.threshold.setValue(round(100 * alike.NEAR))
        self.threshold.valueChanged.connect(self._on_threshold)
        row.addSpacing(theme.SPACE)
        row.addWidget(self.threshold)
        row.addWidget(self.likeness)
        row.addStretch(1)
        return row

    def _build_ticks(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        self.like_this = self._button("Tick all like this", "alikeLikeThis", "link")
        self.like_this.setToolTip("Tick every group whose spellings differ in the same way as those of the chosen one")
        self.like_this.clicked.connect(lambda: self.tree.tick_like_this())
        every = self._button("Tick all", "alikeAll", "link")
        every.clicked.connect(lambda: self.tree.tick(range(len(self.tree.groups)), ON))
        none = self._button("Tick none", "alikeNone", "link")
        none.clicked.connect(lambda: self.tree.tick(range(len(self.tree.groups)), OFF))
        for button in (every, none, self.like_this):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _build_preview(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(4)
        self.touched = QLabel()
        self.touched.setObjectName("alikeTouched")
        self.touched.setProperty("role", "strong")
        column.addWidget(self.touched)
        self.rows = FrameView()
        self.rows.setObjectName("alikePreview")
        self.rows.setAccessibleName("Rows that would change")
        self.rows.header.renaming = self.rows.header.arranging = False
        self.rows.header.setFixedHeight(28)
        column.addWidget(self.rows, 1)
        return box

    # ---- looking

    def open_for(
        self, frame: Any, column: str, given: Mapping[str, str] | None = None, *, editing: bool = False
    ) -> None:
        """Look for alike spellings in a column of this table.

        given: spellings and what they become, shown first: as a suggestion has them, or, `editing`, as a step does.
        """
        self._frame, self._column = frame, column
        self._given, self._editing = (dict(given) if given is not None else None), editing
        self.title.setText(f"Alike spellings in {column}")
        self.method.blockSignals(True)
        place = self.method.findData(GIVEN)
        if place >= 0:
            self.method.removeItem(place)
        if given is not None:
            self.method.insertItem(0, "As merged by this step" if editing else "As suggested", GIVEN)
            self.method.setItemData(0, GIVEN_TIP, Qt.ItemDataRole.ToolTipRole)
            self.method.setCurrentIndex(0)
        self.method.blockSignals(False)
        self.tree.show_groups(())
        self._on_method()
        self._wait.stop()
        self._look()

    def mapping(self) -> dict[str, str]:
        """{spelling: what it becomes} as ticked. While a step is edited, what is not shown stays as it was."""
        made = self.tree.mapping()
        if not self._editing or self._given is None:
            return made
        shown = {value for group in self.tree.groups for value, _ in group.spellings}
        return {old: new for old, new in self._given.items() if old not in shown} | made

    def _on_method(self) -> None:
        near = self.method.currentData() == "nearest"
        self.threshold.setVisible(near)
        self.likeness.setVisible(near)
        self.hint.setText(str(self.method.currentData(Qt.ItemDataRole.ToolTipRole)))
        self._on_threshold()

    def _on_threshold(self) -> None:
        self.likeness.setText(f"{self.threshold.value()} % alike")
        self._wait.start()

    def _look(self) -> None:
        if self._frame is None:
            return
        frame, column, given = self._frame, self._column, self._given
        method, threshold = str(self.method.currentData()), self.threshold.value() / 100
        self._say("Looking for alike spellings…")

        def look(progress: Any, cancelled: Callable[[], bool]) -> tuple[Group, ...]:
            if method == GIVEN and given is not None:
                return alike.given(frame, column, given)
            return alike.groups(frame, column, method, threshold, cancelled)

        self._jobs.run(self, "look", look, self._on_groups, self._on_error)

    def _on_error(self, error: WorkbenchError) -> None:
        self.tree.show_groups(())
        self._say(str(error), "error")

    def _on_groups(self, groups: tuple[Group, ...]) -> None:
        self.tree.show_groups(groups[:MOST_GROUPS], self._given if self._editing else None)
        if len(groups) > MOST_GROUPS:
            self.says.setText(f"{self.says.text()} The {figures.count(MOST_GROUPS)} largest groups are shown.")

    # ---- what would happen

    def _refresh(self) -> None:
        total = merged = changed = 0
        found = self.tree.groups
        for number, group in enumerate(found):
            mapping = self.tree.mapping_of(number)
            total += sum(rows for value, rows in group.spellings if value in mapping)
            merged += len(mapping)
            changed += bool(mapping)
        if not found:
            self._say(f"No spellings of {self._column} are alike in this way.")
        elif not merged:
            self._say(f"{plural(len(found), 'group')}; nothing is ticked.")
        else:
            self._say(
                f"{plural(len(found), 'group')} found. {plural(merged, 'spelling')} in "
                f"{plural(changed, 'group')} would be merged, in {plural(total, 'row')}."
            )
        if self._editing:
            self.accept.setText("Keep the changes")
            self.accept.setEnabled(bool(found))
        else:
            self.accept.setText(f"Merge {plural(merged, 'spelling')}" if merged else "Merge")
            self.accept.setEnabled(bool(merged))
        self.like_this.setEnabled(bool(found))
        self._preview()

    def _preview(self) -> None:
        number = self.tree.chosen()
        mapping = self.tree.mapping_of(number) if 0 <= number < len(self.tree.groups) else {}
        if not mapping:
            self._jobs.cancel(self, "touched")
            self.touched.setText("No row would change in this group" if self.tree.groups else "")
            self.rows.show_frame(None)
            return
        frame, column = self._frame, self._column
        self._jobs.run(self, "touched", lambda p, c: alike.touched(frame, column, mapping), self._on_touched)

    def _on_touched(self, found: Touched) -> None:
        self.touched.setText(f"{plural(found.rows, 'row')} would change in this group")
        self.rows.show_frame(found.frame, found.marked)

    def _say(self, text: str, role: str = "muted") -> None:
        theme.set_role(self.says, role)
        self.says.setText(text)
