"""The right of the Data page for series: what to look at first, class balance, lengths, channels."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.charts import Histogram, ValueBars
from workbench.ui.data.first_look_view import FirstLook
from workbench.ui.data.layouts import clear
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label

MOST_CHANNELS = 40


class SeriesSide(QScrollArea):
    """class_asked(index). `look` is the list of findings."""

    class_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seriesSide")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._data: Any = None
        self._profile: Any = None
        inner = QWidget()
        self.setWidget(inner)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 0, 16)
        whole.setSpacing(0)
        self.look = FirstLook()
        self.look.nothing = "Nothing stands out."
        whole.addWidget(self.look)
        rest = QWidget()
        column = QVBoxLayout(rest)
        column.setContentsMargins(16, 0, 16, 0)
        column.setSpacing(8)
        whole.addWidget(rest)
        whole.addStretch(1)
        self._balance_title = plain_label("Class balance", "strong")
        self.balance = ValueBars()
        self.balance.setObjectName("seriesBalance")
        self.balance.setAccessibleName("Series of each class")
        self.balance.picked.connect(self._on_picked)
        self._lengths_title = plain_label("Steps of a series", "strong")
        self.lengths = Histogram()
        self.lengths.setObjectName("seriesLengths")
        self.lengths.setAccessibleName("Distribution of the lengths")
        self._channels_title = plain_label("Channels", "strong")
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(10)
        self._table.setVerticalSpacing(2)
        self._table.setColumnStretch(0, 1)
        for widget in (self._balance_title, self.balance, self._lengths_title, self.lengths, self._channels_title):
            column.addWidget(widget)
        column.addLayout(self._table)

    def show_profile(self, data: Any, profile: Any) -> None:
        """A SeriesData and its SeriesProfile (None: still being made)."""
        if profile is None or (data is self._data and profile is self._profile):
            return
        self._data, self._profile = data, profile
        classes = len(profile.classes) > 0
        self._balance_title.setVisible(classes)
        self.balance.setVisible(classes)
        tints = [theme.class_color(i) for i in range(len(profile.classes))]
        pairs = list(zip(profile.classes, profile.class_counts, strict=True))
        self.balance.set_data(pairs, max(1, profile.count), tints)
        several = profile.count > 1
        self._lengths_title.setVisible(several)
        self.lengths.setVisible(several)
        if several:
            self.lengths.set_data(*profile.histogram, (("median", float(profile.lengths[2])),))
        self._show_channels(profile)

    def _show_channels(self, profile: Any) -> None:
        clear(self._table)
        for i, title in enumerate(("", "least", "mean", "largest")):
            head = plain_label(title, "caption", wrap=False)
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._table.addWidget(head, 0, i)
        for row, channel in enumerate(profile.channels[:MOST_CHANNELS], 1):
            name = ElidedLabel(channel.name)
            name.setToolTip(f"{channel.name}: {figures.count(channel.missing)} steps without a value")
            self._table.addWidget(name, row, 0)
            for i, value in enumerate((channel.minimum, channel.mean, channel.maximum), 1):
                cell = QLabel(figures.figure(value))
                cell.setFont(theme.font(13, tabular=True))
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._table.addWidget(cell, row, i)
        over = len(profile.channels) - MOST_CHANNELS
        if over > 0:
            self._table.addWidget(plain_label(f"and {over} more", "muted"), MOST_CHANNELS + 1, 0)

    def _on_picked(self, name: Any) -> None:
        self.class_asked.emit(list(self._profile.classes).index(name))


def summary(profile: Any) -> str:
    """A sentence about the set."""
    low, _, middle, _, high = profile.lengths
    parts = [plural(profile.count, "series", "series")]
    if profile.classes:
        parts.append(plural(len(profile.classes), "class", "classes"))
    if profile.groups:
        parts.append(plural(len(profile.groups), "group"))
    parts.append(plural(len(profile.channels), "channel"))
    text = ", ".join(parts)
    rate = profile.rates[1]
    if rate >= 1e-3:
        text += f", {figures.figure(rate)} steps a second"
    if profile.count > 1:
        text += f". {figures.count(low)} to {figures.count(high)} steps each, the median {figures.count(middle)}"
    return text + "."
