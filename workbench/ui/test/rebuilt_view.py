"""What went into an autoencoder, what came out, and how far off it is: pictures side by side, or the columns of a row.
UI thread only."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.one_line import one_line
from workbench.ui import theme
from workbench.ui.data.charts import soft
from workbench.ui.test.answer_view import COMPACT, BigLabel
from workbench.ui.test.pixels import PixelView
from workbench.ui.test.rebuilt import Seen, verdict
from workbench.ui.test.scores import short
from workbench.ui.widgets.bars import percent

STRONGEST = 0.5
"""A difference of half the range has the full colour: autoencoders are seldom further off."""
WIDE = 760
LINE = 24
CAPTION = 18
GIVEN, REBUILT, DIFFERENCE = range(3)
_SHARE = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def tinted(difference: np.ndarray) -> np.ndarray:
    """A difference (h, w) of -1 to 1 as uint8 (h, w, 3): brighter and darker in two colours, none as the page."""
    ground, above, below = (np.array(theme.color(n).getRgb()[:3], float) for n in ("surface", "positive", "negative"))
    share = np.clip(np.abs(difference) / STRONGEST, 0, 1)[..., None]
    ink = np.where(difference[..., None] > 0, above, below)
    return np.rint(ground + (ink - ground) * share).astype(np.uint8)


class Trio(QWidget):
    """Given, rebuilt and difference: side by side where there is room, else the difference below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rebuiltPictures")
        self._difference: np.ndarray | None = None
        self.views: list[PixelView] = []
        self._captions: list[QLabel] = []
        for name, title in (("given", "Went in"), ("rebuilt", "Came out"), ("difference", "Difference")):
            view = PixelView(self, name=title, side=40)
            view.setObjectName(f"picture-{name}")
            caption = QLabel(title, self)
            caption.setProperty("role", "muted")
            self.views.append(view)
            self._captions.append(caption)
        self.legend = QLabel(self)
        self.legend.setObjectName("differenceLegend")
        self.legend.setWordWrap(True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setProperty("role", "caption")
        self.legend.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._ratio = 1.0
        theme.notifier.changed.connect(self._tint)

    def show_seen(self, seen: Seen) -> None:
        assert seen.given is not None
        self.views[GIVEN].set_pixels(seen.given)
        self.views[REBUILT].set_pixels(seen.rebuilt)
        self._difference = seen.difference
        height, width = seen.given.shape[:2]
        if self._ratio != height / width:
            self._ratio = height / width
        self._tint()
        self._lay_out()

    def _tint(self) -> None:
        if self._difference is not None:
            self.views[DIFFERENCE].set_pixels(tinted(self._difference))
        above, below = theme.hex_of("positive"), theme.hex_of("negative")
        self.legend.setText(
            f'<span style="color:{above}">■</span> came out brighter<br>'
            f'<span style="color:{below}">■</span> came out darker'
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        gap, wide = theme.SPACE + 4, self.width()
        across = 3 if wide >= WIDE else 2
        side = (wide - gap * (across - 1)) // across
        high = round(side * self._ratio)
        most = 420 if across == 3 else 280
        if high > most:  # an upright picture: no higher than that
            side, high = round(side * most / high), most
        line = CAPTION + high + gap
        for place, (view, caption) in enumerate(zip(self.views, self._captions, strict=True)):
            row, column = divmod(place, across)
            caption.setGeometry(column * (side + gap), row * line, side, CAPTION)
            view.setGeometry(column * (side + gap), row * line + CAPTION, side, high)
        if across == 3:
            self.legend.setGeometry(2 * (side + gap), line - gap + 4, side, 36)
            self.setFixedHeight(line + 36)
        else:
            self.legend.setGeometry(side + gap, line + CAPTION, side, high)
            self.setFixedHeight(2 * line)


class _ShareBar(QStyledItemDelegate):
    """Behind a column's name, how much of the row's error comes from it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share = float(index.data(_SHARE) or 0.0)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        if share > 0:
            bar = QRectF(area.x(), area.y() + 2, max(2.0, area.width() * share), area.height() - 4)
            painter.fillRect(bar, soft("accent", 0.22))
        super().paint(painter, option, index)


class RebuiltView(QWidget):
    """Shows one `Seen`, and how odd it is among the errors of the samples tested."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rebuilt")
        self.caption = QLabel("Error: mean squared difference")
        self.caption.setProperty("role", "muted")
        self.caption.setToolTip("Of the numbers as the model sees them, scaled. 0 is rebuilt exactly.")
        self.big = BigLabel()
        self.big.setObjectName("rebuiltError")
        self.big.largest = COMPACT
        self.rank = QLabel()
        self.rank.setObjectName("rebuiltRank")
        self.rank.setWordWrap(True)
        self.pictures = Trio()
        self.table = QTreeWidget()
        self.table.setObjectName("rebuiltColumns")
        self.table.setAccessibleName("Columns given and rebuilt, the worst first")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.table.setHeaderLabels(["Column", "Given", "Rebuilt", "Off by"])
        self.table.setItemDelegateForColumn(0, _ShareBar(self.table))
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(48)
        for column in range(3):  # names and words share the width; how far off it is stays whole
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        for column in (1, 2, 3):
            self.table.headerItem().setTextAlignment(column, _RIGHT)
        self.more = QLabel()
        self.more.setProperty("role", "caption")
        self.more.setWordWrap(True)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(theme.SPACE // 2)
        for item in (self.caption, self.big, self.rank):
            column_.addWidget(item)
        column_.addSpacing(theme.SPACE)
        column_.addWidget(self.pictures)
        column_.addWidget(self.table, 1)
        column_.addWidget(self.more)
        column_.addStretch(0)
        self._errors = np.empty(0)
        self._things = "rows"
        self._seen: Seen | None = None

    @property
    def error(self) -> float | None:
        """Of what is shown; None for nothing."""
        return self._seen.error if self._seen is not None else None

    def set_errors(self, errors: np.ndarray, things: str) -> None:
        """Errors of the samples tested, float (n,), that the one shown is held against; things: "test pictures"."""
        self._errors, self._things = errors, things
        self._tell()

    def show_seen(self, seen: Seen) -> None:
        self._seen = seen
        pictures = seen.given is not None
        self.pictures.setVisible(pictures)
        self.table.setVisible(not pictures)
        self.more.setVisible(not pictures)
        if pictures:
            self.pictures.show_seen(seen)
        else:
            self._show_lines(seen)
        self._tell()

    def _show_lines(self, seen: Seen) -> None:
        place = self.table.verticalScrollBar().value()
        items = []
        for line in seen.lines:
            item = QTreeWidgetItem([one_line(line.column), line.given, line.rebuilt, line.off])
            item.setData(0, _SHARE, line.share)
            item.setSizeHint(0, QSize(0, LINE))
            item.setToolTip(0, f"{line.column}: {percent(line.share)} of this row's error")
            for column in (1, 2, 3):
                item.setTextAlignment(column, _RIGHT)
                item.setFont(column, theme.font(13, tabular=True))
                item.setToolTip(column, item.text(column))
            items.append(item)
        self.table.clear()
        self.table.addTopLevelItems(items)
        self.table.verticalScrollBar().setValue(place)
        more = f" {seen.more:,} more columns are not listed." if seen.more else ""
        self.more.setText("The worst first; the bar is a column's share of the error." + more)

    def _tell(self) -> None:
        if self._seen is None:
            return
        error = self._seen.error
        self.big.setText(short(error))
        said, odd = verdict(error, self._errors, self._things)
        if not np.isfinite(error):
            said, odd = "The model answers with something that is not a number: its weights are broken.", True
        self.rank.setText(said)
        self.rank.setVisible(bool(said))
        theme.set_role(self.rank, "warning" if odd else "muted")
        self.rank.setFont(theme.font(13, 600 if odd else 400))
        text = f"Error {short(error)}. {said}".strip()
        if text != self.accessibleName():
            self.setAccessibleName(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
