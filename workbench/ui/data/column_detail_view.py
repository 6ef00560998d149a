"""The closer look at a column, as a part of its panel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures, row_order
from workbench.ui.data.charts import ValueBars
from workbench.ui.data.column_detail import Detail
from workbench.ui.data.layouts import clear
from workbench.ui.widgets.label import plain_label

KIND_WORDS = {"number": "a number", "date": "a date"}
STRENGTHS = ((0.1, "nothing to do"), (0.3, "little to do"), (0.5, "something to do"), (0.8, "much to do"))


def strength(link: float) -> str:
    """A figure from 0 to 1 in words."""
    return next((words for limit, words in STRENGTHS if link < limit), "nearly everything to do")


class DetailView(QWidget):
    """filter_asked(Filter): the person wants to see these rows."""

    filter_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columnDetail")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_nothing(self) -> None:
        clear(self._column)

    def show_detail(self, detail: Detail) -> None:
        clear(self._column)
        if detail.kind and detail.filled:
            self._show_type(detail)
        self._show_outliers(detail)
        self._show_link(detail)
        self.updateGeometry()

    def _show_type(self, detail: Detail) -> None:
        self._head("Agrees with its type")
        share = figures.percent(detail.fits, detail.filled)
        what = KIND_WORDS[detail.kind]
        if detail.fits == detail.filled:
            self._text(f"Every filled cell is {what}.", "detailType")
            return
        rest = plural(detail.filled - detail.fits, "cell is not", "cells are not")
        self._text(f"{share} of the filled cells read as {what}; {rest}:", "detailType")
        bars = ValueBars()
        bars.setObjectName("detailMisfits")
        bars.setAccessibleName("Values that do not fit")
        bars.setToolTip("A click shows only the rows that hold this value")
        bars.set_data(detail.misfits, detail.filled, [theme.color("warn")] * len(detail.misfits))
        bars.picked.connect(lambda value: self.filter_asked.emit(row_order.of_value(detail.column, value)))
        self._column.addWidget(bars)
        if detail.more_misfits:
            self._text(f"and {plural(detail.more_misfits, 'other value')}", role="caption")

    def _show_outliers(self, detail: Detail) -> None:
        sides = [side for side in (detail.low, detail.high) if side is not None]
        if not sides:
            return
        self._head("Far out")
        for one, (_fence, rows) in zip(detail.beyond(), sides, strict=True):
            place = one.text.removeprefix(detail.column + " ")
            link = QPushButton(f"{plural(rows, 'row')} {place}")
            link.setProperty("role", "link")
            link.setObjectName("detailOutliers")
            link.setToolTip("Show only these rows. Farther from the middle half than three times its width.")
            link.clicked.connect(lambda _=False, one=one: self.filter_asked.emit(one))
            self._column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_link(self, detail: Detail) -> None:
        if not detail.target:
            return
        self._head(f"With the target “{detail.target}”")
        if detail.link is None:
            self._text("Cannot be told: too many or too few different values.", "detailLink")
            return
        figure = f"{-detail.link if detail.sign < 0 else detail.link:.2f}"
        way = ""
        if detail.sign and detail.link >= STRENGTHS[0][0]:
            way = ": one grows as the other does" if detail.sign > 0 else ": one falls as the other grows"
        self._text(f"Has {strength(detail.link)} with it{way}.", "detailLink")
        self._text(f"{detail.measure} {figure}", role="caption")

    def _head(self, text: str) -> None:
        label = self._text(text, role="strong")
        label.setContentsMargins(0, theme.SPACE, 0, 0)

    def _text(self, text: Any, name: str = "", role: str = "") -> QLabel:
        label = plain_label(text, role, name)
        self._column.addWidget(label)
        return label
