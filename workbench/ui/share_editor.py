"""The editor of a share or probability, 0 to 1: a slider for the feel of it, a line for the exact number."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from workbench.core.fields import Field
from workbench.ui.typed_editors import NumberEditor

STEPS = 100  # of the slider; the line takes any number between


def is_share(field: Field) -> bool:
    """Whether a field is a number from 0 to 1."""
    return field.kind == "float" and (field.minimum, field.maximum) == (0, 1)


class _Slider(QSlider):
    """One that lets the form be scrolled over it."""

    def wheelEvent(self, event: Any) -> None:
        event.ignore()


class ShareEditor(NumberEditor):
    """`edited` while the slider is dragged, too: what follows merges into one undo step, as for typing."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"field-{field.name}-slider")
        self.slider.setAccessibleName(f"{field.label}, from 0 to 1")
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(1)
        self.slider.setPageStep(10)
        self.line.setFixedWidth(72)
        self._row.insertWidget(0, self.slider, 1)
        self.slider.valueChanged.connect(self._slid)

    def set_value(self, value: Any) -> None:
        super().set_value(value)
        self._place(value)

    def set_several(self) -> None:
        super().set_several()
        self._place(None)

    def _place(self, value: Any) -> None:
        known = isinstance(value, (int, float)) and not isinstance(value, bool)
        self.slider.blockSignals(True)
        self.slider.setValue(round(value * STEPS) if known else 0)
        self.slider.blockSignals(False)

    def _take(self) -> None:
        super()._take()
        try:
            self._place(self._value())
        except ValueError:  # what is typed is no number yet; the slider waits where it is
            return

    def _slid(self, place: int) -> None:
        text = self.show_text(place / STEPS)
        if text != self.line.text():
            self.line.setText(text)
            self._take()
