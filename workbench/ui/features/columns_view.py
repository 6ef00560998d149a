"""The table of columns: the role is a switch in its cell, the encoding a menu; both act on all selected lines."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QStyledItemDelegate, QTableView, QWidget

from workbench.core.data.fitted import OWN
from workbench.ui import theme
from workbench.ui.editors import tooltip
from workbench.ui.features.columns_model import (
    ALSO,
    BECOMES,
    ENCODER,
    ENCODER_HELP,
    ENCODER_TITLES,
    NAME,
    NUMERIC,
    ONLY,
    ROLE,
    ROLE_TITLES,
    ROLES,
    TUNABLE,
    TYPE,
    WHY,
    ColumnsModel,
    Row,
    encoders_for,
)
from workbench.ui.features.input_menu import add_input_menu

LINE = 38
_MARGIN = 8
WIDTHS = {NAME: 160, TYPE: 118, ROLE: 186, ENCODER: 132, BECOMES: 142}
KEYS = {Qt.Key.Key_I: "input", Qt.Key.Key_T: "target", Qt.Key.Key_X: "ignore", Qt.Key.Key_W: "weight"}
KEYS[Qt.Key.Key_Delete] = "ignore"
ROLE_COLOURS = {"input": "accent", "target": "good", "weight": "warn", "ignore": "muted"}


def _has_menu(row: Row) -> bool:
    """An input has one even with a single encoding: where it goes is told there too."""
    return row.role == "input" or len(encoders_for(row.role, row.kind)) > 1


class ColumnDelegate(QStyledItemDelegate):
    """Paints the cells; the switch and the menu are drawn, so that a thousand lines need no widgets."""

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        model: ColumnsModel = index.model()
        row, column = model.row(index.row()), index.column()
        rect: QRect = option.rect
        painter.save()
        if option.state & option.state.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        inner = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        if column == ROLE:
            self._paint_switch(painter, switch_rect(rect), row.role)
        elif column == ENCODER:
            self._paint_encoder(painter, inner, row)
        elif column == WHY:
            self._paint_reason(painter, inner, str(index.data() or ""))
        else:
            ink = "muted" if column == TYPE or row.role == "ignore" else "text"
            if column == NAME and row.role == "target":
                ink = "accent"
            weight = 600 if column == NAME and row.role != "ignore" else 400
            painter.setFont(theme.font(13, weight=weight, tabular=column == BECOMES))
            painter.setPen(theme.color(ink))
            mode = Qt.TextElideMode.ElideMiddle if column == NAME else Qt.TextElideMode.ElideRight
            text = painter.fontMetrics().elidedText(str(index.data() or ""), mode, inner.width())
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    def _paint_reason(self, painter: QPainter, inner: QRect, text: str) -> None:
        """Two small lines; the tooltip has the whole."""
        painter.setFont(theme.font(11))
        painter.setPen(theme.color("muted"))
        metrics = painter.fontMetrics()
        first = text
        while metrics.elidedText(first, Qt.TextElideMode.ElideRight, inner.width()) != first and " " in first:
            first = first.rpartition(" ")[0]
        rest = text[len(first) :].strip()
        first = metrics.elidedText(first, Qt.TextElideMode.ElideRight, inner.width())
        second = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, inner.width())
        shown = f"{first}\n{second}" if second else first
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)

    def _paint_switch(self, painter: QPainter, area: QRect, role: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        part = area.width() / len(ROLES)
        for i, name in enumerate(ROLES):
            cell = QRectF(area.x() + i * part, area.y(), part, area.height())
            if name == "ignore" and role == "weight":  # it stands at the end, where a click leaves the column out
                name = role
            chosen = name == role
            ink = "muted"
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(ROLE_COLOURS[name]))
                painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 4, 4)
                ink = "surface"
            painter.setFont(theme.font(11, weight=600 if chosen else 400))
            painter.setPen(theme.color(ink))
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignCenter), ROLE_TITLES[name])

    def _paint_encoder(self, painter: QPainter, inner: QRect, row: Any) -> None:
        if row.role in ("ignore", "weight"):
            return
        painter.setFont(theme.font(13, weight=600 if row.mine else 400))
        painter.setPen(theme.color("text"))
        text = ENCODER_TITLES.get(row.encoder, row.encoder)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        if _has_menu(row):
            place = QRect(inner.right() - 12, inner.center().y() - 6, 12, 12)
            theme.icon("caret-down", "muted").paint(painter, place)

    def sizeHint(self, option: Any, index: Any) -> QSize:
        return QSize(100, LINE)


def switch_rect(cell: QRect) -> QRect:
    """Where the role switch is inside its cell."""
    return QRect(cell.x() + 4, cell.y() + 6, min(174, cell.width() - 8), cell.height() - 12)


class ColumnsView(QTableView):
    """role_asked(names, role), where a role may be ALSO or ONLY too, encoder_asked(names, encoder): what the person
    wants for these columns."""

    role_asked = Signal(list, str)
    encoder_asked = Signal(list, str)
    input_asked = Signal(list, str)
    settings_asked = Signal(list)
    selection_changed = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columnsTable")
        self.setAccessibleName("Columns and what becomes of them")
        self.columns = ColumnsModel(self)
        self.setModel(self.columns)
        self.setItemDelegate(ColumnDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(LINE)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setStretchLastSection(True)
        self._becomes_width = WIDTHS[BECOMES]
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit(self.chosen()))
        self.columns.modelReset.connect(self._on_reset)
        theme.notifier.changed.connect(self.viewport().update)

    def _on_reset(self) -> None:
        metrics = QFontMetrics(theme.font(13, weight=600))
        wide = max((metrics.horizontalAdvance(r.name) for r in self.columns.rows[:300]), default=0)
        self.setColumnWidth(NAME, min(230, max(110, wide + 3 * _MARGIN)))
        self._share_room()
        self.selection_changed.emit([])

    def _share_room(self) -> None:
        """What the fixed columns leave is parted between "what becomes of it" and "why", until one is dragged."""
        if self.columnWidth(BECOMES) != self._becomes_width:
            return
        rest = self.viewport().width() - sum(self.columnWidth(c) for c in (NAME, TYPE, ROLE, ENCODER))
        self._becomes_width = max(150, min(320, round(rest * 0.45)))
        self.setColumnWidth(BECOMES, self._becomes_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def chosen(self) -> list[str]:
        """Names of the selected columns, from above to below."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.columns.row(place).name for place in places]

    def _meant(self, name: str) -> list[str]:
        """The selection when the line belongs to it, else the line alone."""
        chosen = self.chosen()
        return chosen if name in chosen and len(chosen) > 1 else [name]

    def cell(self, name: str, column: int) -> QRect:
        """Where a cell is in the viewport."""
        return self.visualRect(self.columns.index(self.columns.place_of(name), column))

    def role_at(self, point: QPoint) -> str:
        """Which part of a role switch is at this point of the viewport, "" for none."""
        index = self.indexAt(point)
        if not index.isValid() or index.column() != ROLE:
            return ""
        area = switch_rect(self.visualRect(index))
        if not area.contains(point):
            return ""
        return ROLES[min(len(ROLES) - 1, int((point.x() - area.x()) * len(ROLES) / area.width()))]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and not event.modifiers():
            row = self.columns.row(index.row())
            role = self.role_at(point)
            if role:
                names = self._meant(row.name)
                self.role_asked.emit([row.name] if role == "target" else names, role)
                return
            if index.column() == ENCODER and _has_menu(row):
                self.open_encoders(row.name)
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        index = self.indexAt(point)
        hot = bool(self.role_at(point)) or (index.isValid() and index.column() == ENCODER)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hot else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def open_encoders(self, name: str) -> None:
        """The menu of encodings below the cell of a column."""
        row = self.columns.row(self.columns.place_of(name))
        names = self._meant(name)
        menu = QMenu(self)
        menu.setObjectName("encoderMenu")
        menu.setToolTipsVisible(True)
        for encoder in encoders_for(row.role, row.kind):
            action = menu.addAction(ENCODER_TITLES[encoder])
            action.setToolTip(ENCODER_HELP[encoder])
            action.setCheckable(True)
            action.setChecked(encoder == row.encoder)
            action.triggered.connect(lambda _=False, e=encoder: self.encoder_asked.emit(names, e))
        if row.role == "input" and row.encoder in TUNABLE:
            menu.addSeparator()
            more = menu.addAction("Settings…")
            more.setObjectName("encoderSettings")
            first = [row.name, *(n for n in names if n != row.name)]
            more.triggered.connect(lambda: self.settings_asked.emit(first))
        if row.role == "input" and row.encoder not in OWN:
            if row.encoder not in TUNABLE:
                menu.addSeparator()
            rows = [self.columns.row(self.columns.place_of(n)) for n in names]
            add_input_menu(
                menu,
                [r.input for r in rows],
                [r.input for r in self.columns.rows],
                lambda name: self.input_asked.emit(names, name),
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(self.cell(name, ENCODER).bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What the columns can be for, a target more among it: by keyboard for what is selected."""
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            chosen = self.chosen()
            name = chosen[0] if chosen else ""
        else:
            name = self.columns.row(index.row()).name if index.isValid() else ""
        if name:
            self.open_roles(name, event.globalPos())

    def open_roles(self, name: str, place: QPoint) -> None:
        """The menu of roles of a column, or of the selection it belongs to."""
        rows = [self.columns.row(self.columns.place_of(n)) for n in self._meant(name)]
        names = [r.name for r in rows]
        targets = [r.name for r in self.columns.rows if r.role == "target"]
        fresh = [n for n in names if n not in targets]
        menu = QMenu(self)
        menu.setObjectName("roleMenu")
        menu.setToolTipsVisible(True)

        def add(title: str, role: str, tip: str = "") -> None:
            action = menu.addAction(title)
            action.setObjectName(f"role-{role}")
            action.setToolTip(tooltip(tip or title))  # with names of the person's
            action.triggered.connect(lambda: self.role_asked.emit(names, role))

        these = "this column" if len(names) == 1 else f"these {len(names):,} columns"
        if len(names) == 1 and (fresh or len(targets) > 1):
            others = [f"“{t}”" for t in targets if t != names[0]]
            instead = f"Instead of {', '.join(others[:4])}{' …' * (len(others) > 4)}" if others else ""
            add("Predict this column alone" if others else "Predict this column", ONLY, instead)
        if fresh and targets:
            tip = "One network that answers several questions at once, with an output for each."
            add(f"Also predict {these}", ALSO, tip)
        if any(r.role != "input" for r in rows):
            add(f"Use {these} as input", "input")
        if any(r.role != "ignore" for r in rows):
            add(f"Ignore {these}", "ignore")
        if len(rows) == 1 and rows[0].role != "weight" and rows[0].kind in NUMERIC:
            add("Use this column as the weights of rows", "weight", "What each row counts in the loss; it is no input.")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        role = KEYS.get(Qt.Key(event.key()))
        chosen = self.chosen()
        if role == "target" and event.modifiers() == Qt.KeyboardModifier.ShiftModifier and chosen:
            self.role_asked.emit(chosen, ALSO)
        elif event.modifiers() or not chosen:
            super().keyPressEvent(event)
        elif role in ("target", "weight"):
            self.role_asked.emit(chosen[:1], role)
        elif role is not None:
            self.role_asked.emit(chosen, role)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_F2):
            self.open_encoders(chosen[0])
        else:
            super().keyPressEvent(event)
