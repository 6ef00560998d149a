"""How series become windows: what is predicted, channels, length and stride, filling, scale; a few to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.one_line import short_name
from workbench.core.project import SequenceFeature
from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.editors import Combo
from workbench.ui.features.sequence_preview import SequencePreview
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.number import NumberEdit

PADS = (
    ("repeat", "Pad in front, repeating the first step", "The window then still ends with what is known last."),
    ("mean", "Pad in front with the mean", "The training mean of each channel."),
    ("drop", "Leave them out", "Series shorter than a window are not used for training or testing."),
)
FILLS = (
    (
        "linear",
        "Straight lines between the known",
        "Looks ahead, so it is not offered where a later value is predicted.",
    ),
    ("forward", "The last known value", "What a device knows at that moment."),
    ("mean", "The training mean", "Each gap becomes the channel's mean."),
)
SCALES = (
    ("standard", "Mean 0, deviation 1", "Each channel by its mean and deviation over the training part."),
    ("minmax", "0 to 1", "Each channel by its least and largest value in the training part."),
    ("robust", "Median 0, middle half 1", "As the first, but a few wild values do not matter."),
    ("none", "As they are", "For values that are small already."),
)
MOST_BOXES = 40


class SequenceSettings(QScrollArea):
    """changed(SequenceFeature, which setting)."""

    changed = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sequenceSettings")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._set_by_person = SequenceFeature()
        self._shown = SequenceFeature()
        self._made_of: Any = None
        inner = QWidget()
        self.setWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(plain_label("How a series becomes windows", "heading"))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.predict = self._combo("sequencePredict", "What is predicted")
        self.predict.activated.connect(lambda _: self._on_predict())
        form.addRow("Predict", self.predict)
        self.horizon = self._number("sequenceHorizon", "Steps ahead", "horizon", 0, 100_000)
        self._ahead = self._with_words(self.horizon, "steps after the window's last one")
        self._ahead_label = QLabel("Ahead")
        form.addRow(self._ahead_label, self._ahead)
        self._channels = QWidget()
        self._channels.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._flow = Flow(self._channels, 12)
        self.boxes: dict[str, QCheckBox] = {}
        form.addRow("Channels", self._channels)
        self.length = self._number("sequenceLength", "Steps of a window", "length", 1, 100_000)
        self.stride = self._number("sequenceStride", "Steps from one window to the next", "stride", 1, 100_000)
        self.span = plain_label(role="muted", wrap=False)
        row = self._with_words(self.length, "steps, one every")
        row.layout().addWidget(self.stride)  # type: ignore[union-attr]
        row.layout().addWidget(QLabel("steps"))  # type: ignore[union-attr]
        row.layout().addWidget(self.span)  # type: ignore[union-attr]
        form.addRow("Windows", row)
        self.pad = self._combo("sequencePad", "Series shorter than a window", PADS, "pad")
        form.addRow("Short series", self.pad)
        self.missing = self._combo("sequenceMissing", "Missing values", FILLS, "missing")
        form.addRow("Missing values", self.missing)
        self.scale = self._combo("sequenceScale", "Scale of the channels", SCALES, "scale")
        form.addRow("Scale", self.scale)
        self.rate_kind = self._combo("sequenceRate", "Rate", (("-1", "As recorded", ""), ("1", "Bring all to", "")), "")
        self.rate_kind.setMinimumWidth(140)
        self.rate_kind.activated.connect(lambda _: self._on_rate())
        self.rate = self._number("sequenceRateValue", "Steps a second", "rate", 1e-9, 1e9, whole=False)
        self._rate_words = QLabel("steps a second")
        rates = QWidget()
        beside = QHBoxLayout(rates)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        for widget in (self.rate_kind, self.rate, self._rate_words):
            beside.addWidget(widget)
        beside.addStretch(1)
        self._rates, self._rates_label = rates, QLabel("Rate")
        form.addRow(self._rates_label, rates)
        column.addLayout(form)
        self.numbers = plain_label(role="muted")
        self.numbers.setObjectName("sequenceNumbers")
        column.addWidget(self.numbers)
        self.preview = SequencePreview()
        column.addWidget(self.preview)
        column.addStretch(1)

    # ---- building

    def _combo(self, name: str, title: str, choices: Sequence[tuple[str, str, str]] = (), what: str = "") -> QComboBox:
        box = Combo()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setMinimumWidth(280)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for value, text, tip in choices:
            box.addItem(text, value)
            box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        if what:
            box.activated.connect(lambda _: self._set(what, **{what: box.currentData()}))
        return box

    def _number(self, name: str, title: str, what: str, low: float, high: float, *, whole: bool = True) -> NumberEdit:
        box = NumberEdit(integer=whole, minimum=low, maximum=high)
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setFixedWidth(72)
        box.edited.connect(lambda value: self._set(what, **{what: int(value) if whole else float(value)}))
        return box

    def _with_words(self, box: NumberEdit, words: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(box)
        row.addWidget(QLabel(words))
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return holder

    # ---- showing

    def show_sequence(self, mine: SequenceFeature, shown: SequenceFeature, data: Any, rate: float) -> None:
        """Args: mine: as the person set it. shown: with the proposal filled in. rate: of the data, 0 unknown."""
        self._set_by_person, self._shown = mine, shown
        made_of = (data, shown.target, shown.predict)
        if self._made_of is None or data is not self._made_of[0]:
            self._fill(data)
        self._made_of = made_of
        self.predict.setCurrentIndex(max(0, self.predict.findData(_aim(shown))))
        column = shown.predict == "column"
        self._ahead.setVisible(column)
        self._ahead_label.setVisible(column)
        self.horizon.minimum = 0 if shown.target in data.marks or shown.target not in shown.channels else 1
        self.horizon.set_value(shown.horizon)
        for name, box in self.boxes.items():
            box.setChecked(name in shown.channels)
            box.setEnabled(not (column and shown.horizon == 0 and name == shown.target))
        self.length.set_value(shown.length or None)
        self.stride.set_value(shown.stride or None)
        for combo, value in ((self.pad, shown.pad), (self.missing, shown.missing), (self.scale, shown.scale)):
            combo.setCurrentIndex(combo.findData(value))
        ahead = self.missing.model().item(0)  # type: ignore[attr-defined]
        ahead.setEnabled(not column)
        now = shown.rate if shown.rate > 0 else rate
        self.span.setText(f"= {figures.figure(shown.length / now)} s" if 1e-3 < now < 1e6 and shown.length else "")
        known = data.times is not None or data.rate > 0
        self._rates.setVisible(known)
        self._rates_label.setVisible(known)
        self.rate_kind.setCurrentIndex(1 if shown.rate > 0 else 0)
        self.rate.setVisible(shown.rate > 0)
        self._rate_words.setVisible(shown.rate > 0)
        self.rate.set_value(shown.rate if shown.rate > 0 else None)
        n = len(shown.channels)
        self.numbers.setText(
            f"{shown.length:,} steps × {plural(n, 'channel')} = {shown.length * n:,} numbers a window. "
            "A window never reaches from one series into another."
        )

    def _fill(self, data: Any) -> None:
        self.predict.clear()
        if data.classes:
            self.predict.addItem(f"The class of the whole series ({len(data.classes)})", "class:")
        for name, marks in data.marks.items():
            self.predict.addItem(f"{name}, a class step by step ({len(marks.classes)})", f"column:{name}")
        for name in data.channels:
            self.predict.addItem(f"{name}, a number", f"column:{name}")
        clear(self._flow)
        self.boxes = {}
        for name in data.channels[:MOST_BOXES]:
            box = QCheckBox(short_name(name, 28))
            box.setObjectName(f"channel-{name}")
            box.setToolTip(name)
            box.clicked.connect(lambda _=False: self._on_channels())
            self.boxes[name] = box
            self._flow.addWidget(box)
        if len(data.channels) > MOST_BOXES:
            self._flow.addWidget(QLabel(f"and {len(data.channels) - MOST_BOXES} more"))
        self._channels.updateGeometry()

    # ---- what the person wants

    def _set(self, what: str, **changes: Any) -> None:
        """A change to what the person has set; the rest stays as it is proposed."""
        made = replace(self._set_by_person, **changes)
        if made != self._set_by_person:
            self._set_by_person = made
            self.changed.emit(made, what)

    def _on_predict(self) -> None:
        aim = self.predict.currentData()
        if aim is None or aim == _aim(self._shown):
            return
        predict, _, target = str(aim).partition(":")
        number = predict == "column" and target in self.boxes
        self._set("target", predict=predict, target=target, horizon=1 if number else 0, channels=(), length=0, stride=0)

    def _on_channels(self) -> None:
        chosen = tuple(name for name, box in self.boxes.items() if box.isChecked())
        hidden = tuple(c for c in self._shown.channels if c not in self.boxes)
        if not chosen and not hidden:  # one at least
            for name, box in self.boxes.items():
                box.setChecked(name in self._shown.channels)
            return
        self._set("channels", channels=(*chosen, *hidden))

    def _on_rate(self) -> None:
        wanted = self.rate_kind.currentData() == "1"
        if wanted and self._shown.rate <= 0:
            data = self._made_of[0]
            self._set("rate", rate=_usual_rate(data), length=0, stride=0)
        elif not wanted and self._shown.rate > 0:
            self._set("rate", rate=-1.0, length=0, stride=0)


def _aim(sequence: SequenceFeature) -> str:
    """As the box keeps it: Qt finds texts again, not tuples."""
    return f"{sequence.predict}:{sequence.target}"


def _usual_rate(data: Any) -> float:
    """Steps a second of the first series that tells, to three figures."""
    for i in range(len(data)):
        clock = data.clock(i)
        if clock is not None and len(clock) > 1 and clock[-1] > clock[0]:
            return float(f"{(len(clock) - 1) / (clock[-1] - clock[0]):.3g}")
    return float(data.rate) or 1.0
