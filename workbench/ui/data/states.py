"""What the Data page shows while there is nothing to show: the drop zone, and reading under way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.label import plain_label


class LoadingState(QWidget):
    """What is being read, how far it is, and a way out."""

    def __init__(self, on_cancel: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        line = QHBoxLayout()
        line.addStretch(1)
        inner = QVBoxLayout()
        inner.setSpacing(12)
        self.text = plain_label(name="loadingText", wrap=False)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(320)
        self.bar.setAccessibleName("Reading")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("cancelLoading")
        cancel.clicked.connect(lambda: on_cancel())
        inner.addWidget(self.text)
        inner.addWidget(self.bar)
        inner.addWidget(cancel, 0, Qt.AlignmentFlag.AlignCenter)
        line.addLayout(inner)
        line.addStretch(1)
        outer.addLayout(line)
        outer.addStretch(3)

    def show_progress(self, share: float, text: str) -> None:
        self.text.setText(text)
        # A share of 0 that never moves would look stuck: busy until there is a figure.
        self.bar.setRange(0, 1000 if share > 0 else 0)
        self.bar.setValue(int(1000 * share))


class ReadingStrip(QWidget):
    """Above the first rows of a large table: how far the rest is, and a way out."""

    def __init__(self, on_cancel: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readingStrip")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(12)
        self.text = plain_label(name="readingStripText", wrap=False)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(200)
        self.bar.setAccessibleName("Reading")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("cancelReading")
        cancel.clicked.connect(lambda: on_cancel())
        row.addWidget(self.text, 1)
        row.addWidget(self.bar)
        row.addWidget(cancel)
        self.hide()

    def show_progress(self, rows: int, share: float, text: str) -> None:
        """rows: how many first rows are shown."""
        self.text.setText(f"The first {figures.count(rows)} rows. {text}…")
        self.bar.setValue(int(1000 * share))
        self.show()


class DropZone(EmptyState):
    """The page before anything is opened; its dashed frame answers to something being dragged over it."""

    _hot = False

    def set_hot(self, hot: bool) -> None:
        self._hot = hot
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("accent" if self._hot else "edge"), 2 if self._hot else 1.5, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.color("selected" if self._hot else "panel"))
        painter.drawRoundedRect(self.rect().adjusted(24, 24, -24, -24), 8, 8)
