"""The Features page for tables: the columns and what becomes of them, or the array itself; what many columns at once
are given; steps of the recipe that belong here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.data.fitted import OWN, PICTURE
from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.features.array_head import ArrayHead
from workbench.ui.features.array_view import ArrayView
from workbench.ui.features.columns_model import ENCODER_HELP, ENCODER_TITLES, TUNABLE, Row, encoders_for
from workbench.ui.features.columns_view import ColumnsView
from workbench.ui.features.input_menu import add_input_menu
from workbench.ui.features.side import as_high_as_its_text
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import InlineNotice


class ColumnsPart(QWidget):
    """role_asked(names, role), encoder_asked(names, encoder), settings_asked(names): what the person wants.
    move_asked(): the steps told of in the notice are to be fitted here."""

    role_asked = Signal(list, str)
    encoder_asked = Signal(list, str)
    input_asked = Signal(list, str)
    settings_asked = Signal(list)
    move_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.whole = as_high_as_its_text(InlineNotice())
        self._whole_row = QWidget()
        self._whole_row.setObjectName("wholeColumns")
        holder = QVBoxLayout(self._whole_row)
        holder.setContentsMargins(16, 12, 16, 0)
        holder.addWidget(self.whole)
        self._whole_row.hide()
        column.addWidget(self._whole_row)
        column.addLayout(self._build_bar())
        self._views = QStackedWidget()
        self.table = ColumnsView()
        self.array = ArrayView()
        self._views.addWidget(self.table)
        self._views.addWidget(self.array)
        column.addWidget(self._views, 1)
        self.search.textChanged.connect(self.table.columns.search)
        self.search.textChanged.connect(self.array.array.search)
        self.table.role_asked.connect(self.role_asked)
        self.table.encoder_asked.connect(self.encoder_asked)
        self.table.input_asked.connect(self.input_asked)
        self.table.settings_asked.connect(self.settings_asked)
        self.table.selection_changed.connect(self._on_selection)

    def _build_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 10, 16, 10)
        bar.setSpacing(8)
        self._switch = QButtonGroup(self)
        for i, (name, title, tip) in enumerate(
            (
                ("columns", "Columns", "What each column is for and what becomes of it"),
                ("array", "Numbers", "The first training rows exactly as the network gets them"),
            )
        ):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(not i)
            button.setProperty("role", "quiet")
            button.setObjectName(f"show-{name}")
            button.setToolTip(tip)
            self._switch.addButton(button, i)
            bar.addWidget(button)
        self._switch.idClicked.connect(self.show_view)
        self.search = QLineEdit()
        self.search.setObjectName("columnSearch")
        self.search.setAccessibleName("Search columns")
        self.search.setPlaceholderText("Search columns")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(200)
        bar.addWidget(self.search)
        self.counted = plain_label(role="muted", name="columnCounts")
        self.counted.setWordWrap(False)
        bar.addWidget(self.counted)
        bar.addStretch(1)
        self.many = QWidget()
        many = QHBoxLayout(self.many)
        many.setContentsMargins(0, 0, 0, 0)
        many.setSpacing(6)
        self.chosen = plain_label(role="strong", name="columnsChosen")
        self.chosen.setWordWrap(False)
        many.addWidget(self.chosen)
        for role, title in (("input", "Use as input"), ("ignore", "Ignore")):
            button = QPushButton(title)
            button.setObjectName(f"chosen-{role}")
            button.clicked.connect(lambda _=False, r=role: self.role_asked.emit(self.table.chosen(), r))
            many.addWidget(button)
        self.encode = QPushButton("Encoding ▾")
        self.encode.setObjectName("chosen-encoding")
        self.encode.setToolTip("One encoding for all chosen inputs that it fits, or their settings")
        self.encode.clicked.connect(self._open_encodings)
        many.addWidget(self.encode)
        self.many.hide()
        bar.addWidget(self.many)
        return bar

    # ---- showing

    def show_view(self, place: int) -> None:
        """0: the columns, 1: the numbers."""
        self._switch.button(place).setChecked(True)
        self._views.setCurrentIndex(place)
        self._on_selection(self.table.chosen())
        self._show_counts()

    def show_rows(self, rows: Sequence[Row], width: int) -> None:
        """width: numbers a row, 0 while not known."""
        self.table.columns.set_rows(rows)
        self._counts = (sum(r.role == "input" for r in rows), sum(r.role == "ignore" for r in rows), width)
        self._pictures = sum(r.role == "input" and r.encoder == PICTURE for r in rows)
        self._show_counts()

    def _show_counts(self) -> None:
        inputs, ignored, width = getattr(self, "_counts", (0, 0, 0))
        head = self.array.array.head
        if self._views.currentIndex() == 1:
            if head is None:
                self.counted.setText("Not known yet")
                return
            rows = len(head.values)
            first = f"First {rows:,} of {plural(head.total, 'training row')}"
            text = first if rows < head.total else f"All {plural(head.total, 'training row')}"
            text += f", {plural(head.width, 'number')} each"
        else:
            text = f"{plural(inputs, 'input')}, {figures.count(ignored)} ignored"
            made = [plural(width, "number")] if width else []
            made += [plural(self._pictures, "picture")] if inputs and self._pictures else []
            text += f" → {' and '.join(made)} a row" if made else ""
        self.counted.setText(text)

    def show_array(self, head: ArrayHead | None) -> None:
        """The first training rows as numbers; None while they are not known."""
        self.array.show_head(head)
        self._show_counts()

    def show_whole(self, found: Sequence[Any]) -> None:
        """Steps that take something from whole columns (core.data.moving.Whole); those that can be fitted here."""
        movable = [w for w in found if w.columns]
        self._whole_row.setVisible(bool(movable))
        if not movable:
            self.whole.clear()
            return
        names = list(dict.fromkeys(name for w in movable for name in w.columns))
        shown = ", ".join(f"“{n}”" for n in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        text = f"A cleaning step fills or limits {shown} by figures of the whole column, test rows included: "
        text += "the scores would flatter the model. Here the training rows alone decide."
        self.whole.set_notice(text, "warning", (("Fit it here", self.move_asked.emit),))

    # ---- many columns at once

    def _on_selection(self, names: list[str]) -> None:
        several = len(names) > 1 and self._views.currentIndex() == 0
        self.many.setVisible(several)
        self.counted.setVisible(not several)  # there is room for one of them
        self.chosen.setText(f"{len(names):,} chosen")

    def _open_encodings(self) -> None:
        rows = {r.name: r for r in self.table.columns.rows}
        chosen = [rows[name] for name in self.table.chosen() if rows[name].role == "input"]
        menu = QMenu(self)
        menu.setObjectName("manyEncodings")
        menu.setToolTipsVisible(True)
        for encoder, title in ENCODER_TITLES.items():
            fitting = [r.name for r in chosen if encoder in encoders_for(r.role, r.kind)]
            if not fitting:
                continue
            action = menu.addAction(title if len(fitting) == len(chosen) else f"{title}, for {len(fitting):,} of them")
            action.setToolTip(ENCODER_HELP.get(encoder, ""))
            action.triggered.connect(lambda _=False, n=fitting, e=encoder: self.encoder_asked.emit(n, e))
        kinds = [e for e in dict.fromkeys(r.encoder for r in chosen) if e in TUNABLE]
        if kinds:
            menu.addSeparator()
        for encoder in kinds:
            alike = [r.name for r in chosen if r.encoder == encoder]
            action = menu.addAction(f"Settings of {ENCODER_TITLES[encoder]}, {plural(len(alike), 'column')}…")
            action.triggered.connect(lambda _=False, n=alike: self.settings_asked.emit(n))
        apart = [r for r in chosen if r.encoder not in OWN]
        if apart:
            if not kinds:
                menu.addSeparator()
            known = [r.input for r in self.table.columns.rows]
            names = [r.name for r in apart]
            add_input_menu(menu, [r.input for r in apart], known, lambda name: self.input_asked.emit(names, name))
        if not chosen:
            menu.addAction("None of them is an input").setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.encode.mapToGlobal(self.encode.rect().bottomLeft()))
