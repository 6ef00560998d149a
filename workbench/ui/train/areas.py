"""A scrolled column that is as high as its content. UI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget


class FittedArea(QScrollArea):
    """As high as what is in it, so that the button below stands right under the last setting; scrolls when there is
    less room."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.viewport().setAutoFillBackground(False)
        widget.setAutoFillBackground(False)
        self.setWidget(widget)
        widget.installEventFilter(self)

    def sizeHint(self) -> QSize:
        inner = self.widget()
        layout = inner.layout()
        width = self.viewport().width() or super().sizeHint().width()
        folded = layout is not None and layout.hasHeightForWidth()
        height = layout.totalHeightForWidth(width) if folded and layout else inner.minimumSizeHint().height()
        return QSize(super().sizeHint().width(), height + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False
