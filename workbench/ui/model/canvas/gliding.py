"""Blocks on their way to new places, so that one sees where each went."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QPointF, QVariantAnimation

from workbench.ui.model.canvas.node_item import NodeItem

ARRANGE_MS = 140


class Glide(QVariantAnimation):
    """Moves items from where they are to where they belong. far: {item: (from, to)}."""

    def __init__(self, far: Mapping[NodeItem, tuple[QPointF, QPointF]], parent: QObject) -> None:
        super().__init__(parent)
        self._far = far
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.setDuration(ARRANGE_MS)
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._move)

    def _move(self, share: float) -> None:
        for item, (start, end) in self._far.items():
            item.setPos(start + (end - start) * share)

    def end(self) -> None:
        """At once where they belong; the animation is done with."""
        if self.state() == QAbstractAnimation.State.Running:
            self.setCurrentTime(ARRANGE_MS)
            self.stop()
        self.deleteLater()
