"""The right side of the Features page: the target and its classes, class shares in each part, the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from workbench.core.one_line import one_line, short_name
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.layouts import Flow, clear
from workbench.ui.features.split_bar import PARTS, TITLES
from workbench.ui.widgets.notice import InlineNotice

MOST_CHIPS = 12
_HEIGHT = 14


class ClassShares(QWidget):
    """One thin stacked bar a part, the same class in the same colour, so that a part that differs is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classShares")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts: list[tuple[str, np.ndarray]] = []
        self._classes: tuple[str, ...] = ()
        theme.notifier.changed.connect(self.update)

    def show_shares(self, shares: Mapping[str, np.ndarray], classes: Sequence[str]) -> None:
        """shares: {part: count of each class}."""
        self._parts = [(part, shares[part]) for part in PARTS if part in shares and shares[part].sum()]
        self._classes = classes = tuple(map(one_line, classes))
        self.setVisible(bool(self._parts))
        self.setFixedHeight(max(1, len(self._parts)) * (_HEIGHT + 8))
        words = []
        for part, counts in self._parts:
            named = [f"{c} {figures.percent(int(n), int(counts.sum()))}" for c, n in zip(classes, counts, strict=True)]
            words.append(f"{TITLES[part]}: " + ", ".join(named[:10]))
        self.setAccessibleName("Class shares in each part")
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._parts)) * (_HEIGHT + 8))

    def _bars(self, line: int) -> tuple[QRectF, np.ndarray]:
        label = 76
        area = QRectF(label, line * (_HEIGHT + 8) + 4, self.width() - label, _HEIGHT)
        counts = self._parts[line][1]
        edges = area.x() + area.width() * np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
        return area, edges

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        for line, (part, counts) in enumerate(self._parts):
            area, edges = self._bars(line)
            painter.setPen(theme.color("muted"))
            place = QRectF(0, area.y() - 2, area.x(), area.height() + 4)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), TITLES[part])
            for k, n in enumerate(counts):
                if n:
                    piece = QRectF(edges[k], area.y(), max(1.0, edges[k + 1] - edges[k] - 1), area.height())
                    painter.fillRect(piece, theme.class_color(k))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = event.pos().y() // (_HEIGHT + 8)
            if 0 <= line < len(self._parts):
                _, edges = self._bars(line)
                k = int(np.searchsorted(edges, event.pos().x(), side="right")) - 1
                counts = self._parts[line][1]
                if 0 <= k < len(counts):
                    n = int(counts[k])
                    share = figures.percent(n, int(counts.sum()))
                    text = f"{TITLES[self._parts[line][0]]}: {self._classes[k]}, {plural(n, 'row')} ({share})"
                    QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


class ClassChips(QWidget):
    """The classes of the target with their counts, each in its colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("classChips")
        self._flow = Flow(self, 6)
        self._shown: tuple[Sequence[str], Sequence[int]] = ((), ())
        theme.notifier.changed.connect(self._restyle)  # the colours stand in the text
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_classes(self, classes: Sequence[str], counts: Sequence[int]) -> None:
        """The first classes by name, and how many more there are."""
        self._shown = (classes, counts)
        clear(self._flow)
        for k, name in enumerate(map(one_line, classes[:MOST_CHIPS])):
            number = f" <span style='color:{theme.hex_of('muted')}'>{figures.count(int(counts[k]))}</span>"
            dot = f"<span style='color:{theme.class_color(k).name()}'>●</span> "
            label = QLabel(dot + _escaped(short_name(name, 24)) + number)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setToolTip(plural(int(counts[k]), "row"))
            self._flow.addWidget(label)
        if len(classes) > MOST_CHIPS:
            more = QLabel(f"and {figures.count(len(classes) - MOST_CHIPS)} more")
            more.setProperty("role", "muted")
            self._flow.addWidget(more)
        self.setVisible(bool(classes))
        self.updateGeometry()

    def _restyle(self) -> None:
        self.show_classes(*self._shown)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_high_as_its_text(notice: InlineNotice) -> InlineNotice:
    """For a layout that has room to give: its usual policy ends at the height of its hint, which knows no width."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    notice.setSizePolicy(policy)
    return notice


class AuditList(QWidget):
    """Findings before training, each with its remedy as a button; says so when there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("auditList")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_findings(
        self, findings: Sequence[tuple[str, str, Sequence[tuple[str, Callable[[], object]]]]], known: bool
    ) -> None:
        """findings: (severity, text, actions). known: False while the audit is still running."""
        clear(self._column)
        for severity, text, actions in findings:
            self._column.addWidget(as_high_as_its_text(InlineNotice(text, severity, actions)))
        if not findings:
            calm = QLabel("Nothing found that speaks against training." if known else "Looking…")
            calm.setProperty("role", "muted")
            calm.setWordWrap(True)
            self._column.addWidget(calm)
