"""The doctor: findings as plain cards, the pressing ones first, each with its remedies as buttons. UI thread only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.ui import theme
from workbench.ui.train.findings import Finding
from workbench.ui.widgets.elide import breakable, broken

ICONS = {
    "fact": ("info", "muted"),
    "good": ("check-circle", "good"),
    "warn": ("warning", "warn"),
    "bad": ("warning-octagon", "bad"),
}


class FindingCard(QFrame):
    """One finding: icon, title, text, buttons."""

    chosen = Signal(object)

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setObjectName(f"finding-{finding.key}")
        self.setAccessibleName(f"{finding.title} {finding.text}".strip())
        self._buttons: list[tuple[QPushButton, str]] = []
        icon, tint = ICONS[finding.severity]
        picture = QLabel()
        picture.setPixmap(theme.icon(icon, tint).pixmap(18, 18))
        self.title = QLabel(breakable(finding.title))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setProperty("role", "strong")
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.title)
        self.text = QLabel(breakable(finding.text))
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setProperty("role", "muted")
        self.text.setVisible(bool(finding.text))
        column.addWidget(self.text)
        for number, remedy in enumerate(finding.remedies):
            button = QPushButton(remedy.title)
            button.setObjectName(f"remedy-{finding.key}-{number}")
            button.setAccessibleName(remedy.title)
            button.setMinimumWidth(40)  # its words break before the panel is too narrow for them
            self._buttons.append((button, remedy.title))
            if remedy.done:
                button.setEnabled(False)
                button.setIcon(theme.icon("check-circle", "muted"))
                button.setToolTip("The settings are so already: the next run trains with it.")
            elif remedy.edit is not None:
                button.setToolTip(f"{remedy.title}\nFor the next run. Undo takes it back.")
            button.clicked.connect(lambda _=False, n=number: self.chosen.emit(self.finding.remedies[n]))
            if number == 0:
                column.addSpacing(theme.SPACE // 2)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.SPACE // 2, 0, theme.SPACE)
        row.setSpacing(theme.SPACE)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.title.width()
        for button, title in self._buttons:
            button.setText(broken(title, button.fontMetrics(), room - 4 * theme.SPACE))

    def say(self, finding: Finding) -> None:
        """Other words for the same finding; icon and buttons stay."""
        self.finding = finding
        self.setAccessibleName(f"{finding.title} {finding.text}".strip())
        for label, words in ((self.title, breakable(finding.title)), (self.text, breakable(finding.text))):
            if label.text() != words:
                label.setText(words)
        self.text.setVisible(bool(finding.text))


class DoctorPanel(QWidget):
    """Shows findings; `chosen(Remedy)` when a person takes one."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("doctor")
        self._shown: tuple[Finding, ...] = ()
        self._dark = theme.is_dark()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.nothing = QLabel("What there is to know about a run, and what to try, stands here once one begins.")
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("role", "muted")
        self._column.addWidget(self.nothing)
        self._column.addStretch(1)
        theme.notifier.changed.connect(self._restyle)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._shown

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Cards that stay the same are kept, so that a button does not move away under the pointer."""
        wanted = tuple(findings)
        self.nothing.setVisible(not wanted)
        if [_text(f) for f in wanted] == [_text(f) for f in self._shown] and self._dark == theme.is_dark():
            return
        kept: dict[tuple[object, ...], FindingCard] = {}
        while self._column.count() > 2:
            item = self._column.takeAt(1)
            card = item.widget() if item is not None else None
            if isinstance(card, FindingCard):
                kept[_frame(card.finding)] = card
        same_look = self._dark == theme.is_dark()
        for place, finding in enumerate(wanted):
            card = kept.pop(_frame(finding), None) if same_look else None
            if card is None:
                card = FindingCard(finding)
                card.chosen.connect(self.chosen)
            else:
                card.say(finding)
            self._column.insertWidget(place + 1, card)
        for card in kept.values():
            card.hide()
            card.deleteLater()
        self._shown, self._dark = wanted, theme.is_dark()

    def _restyle(self) -> None:
        self.show_findings(self._shown)


def _frame(finding: Finding) -> tuple[object, ...]:
    """What of a card cannot be changed by other words."""
    return (finding.key, finding.severity, tuple((r.title, r.done) for r in finding.remedies))


def _text(finding: Finding) -> tuple[object, ...]:
    """What of a finding is seen; edits are functions and never compare equal."""
    return (*_frame(finding), finding.title, finding.text)
